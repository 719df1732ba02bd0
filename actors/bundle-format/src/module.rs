//! What a WASM module asks for.

use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

/// Facts about a WASM module that matter to the virtual machine and to gas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleInfo {
    /// Name in the module's `name` section.
    pub name: Option<String>,
    /// Imported functions as `module::function`, in order.
    pub imports: Vec<String>,
    /// Exports, in order.
    pub exports: Vec<String>,
    /// Pages of 64 KiB that each instance starts with, and pays for.
    pub memory_pages: u64,
    /// Functions that the module defines.
    pub functions: u32,
}

impl ModuleInfo {
    /// Looks into a module.
    ///
    /// # Errors
    /// Says why the bytes are no module, or no actor: an actor exports `memory` and `invoke`, and
    /// imports nothing but functions.
    pub fn read(code: &[u8]) -> Result<Self, String> {
        let mut info = Self {
            name: None,
            imports: Vec::new(),
            exports: Vec::new(),
            memory_pages: 0,
            functions: 0,
        };
        let mut ended = false;
        for payload in Parser::new(0).parse_all(code) {
            match payload.map_err(|error| error.to_string())? {
                Payload::ImportSection(section) => {
                    for import in section {
                        let import = import.map_err(|error| error.to_string())?;
                        let name = format!("{}::{}", import.module, import.name);
                        if !matches!(import.ty, TypeRef::Func(_)) {
                            return Err(format!("import {name} is no function"));
                        }
                        info.imports.push(name);
                    }
                }
                Payload::FunctionSection(section) => info.functions = section.count(),
                Payload::MemorySection(section) => {
                    for memory in section {
                        info.memory_pages += memory.map_err(|error| error.to_string())?.initial;
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.map_err(|error| error.to_string())?;
                        let needed = match export.name {
                            "memory" => Some(ExternalKind::Memory),
                            "invoke" => Some(ExternalKind::Func),
                            _ => None,
                        };
                        if needed.is_some_and(|kind| kind != export.kind) {
                            return Err(format!("export {:?} is of another kind", export.name));
                        }
                        info.exports.push(export.name.to_owned());
                    }
                }
                Payload::CustomSection(section) => {
                    if let wasmparser::KnownCustom::Name(names) = section.as_known() {
                        // A broken name section is no error to the virtual machine either.
                        info.name = names.into_iter().find_map(|name| match name {
                            Ok(wasmparser::Name::Module { name, .. }) => Some(name.to_owned()),
                            _ => None,
                        });
                    }
                }
                Payload::End(_) => ended = true,
                _ => {}
            }
        }
        if !ended {
            return Err("the module has no end".to_owned());
        }
        for needed in ["memory", "invoke"] {
            if !info.exports.iter().any(|export| export == needed) {
                return Err(format!("it does not export {needed:?}"));
            }
        }
        Ok(info)
    }
}

/// Appends a `name` section that names the module. Modules that are alike but for this name have
/// different CIDs, so the virtual machine can tell their types apart.
#[must_use]
pub fn with_name(code: &[u8], name: &str) -> Vec<u8> {
    const CUSTOM_SECTION: u8 = 0;
    const MODULE_NAME: u8 = 0;
    let named = [&leb128(name.len()), name.as_bytes()].concat();
    let subsection = [&[MODULE_NAME], leb128(named.len()).as_slice(), &named].concat();
    let content = [&leb128(4), b"name".as_slice(), &subsection].concat();
    [code, &[CUSTOM_SECTION], &leb128(content.len()), &content].concat()
}

fn leb128(value: usize) -> Vec<u8> {
    unsigned_varint::encode::usize(value, &mut Default::default()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::tests::module;

    #[test]
    fn a_module_is_described() {
        let info = ModuleInfo::read(&module(0)).unwrap();
        assert_eq!(info.exports, ["memory", "invoke"]);
        assert_eq!(info.memory_pages, 1);
        assert_eq!(info.functions, 1);
        assert_eq!(info.name, None);
        assert!(info.imports.is_empty());
    }

    #[test]
    fn a_module_can_be_named() {
        let name = "x".repeat(200);
        let info = ModuleInfo::read(&with_name(&module(0), &name)).unwrap();
        assert_eq!(info.name, Some(name));
    }

    #[test]
    fn what_is_no_actor_is_refused() {
        let good = module(0);
        assert!(ModuleInfo::read(b"").is_err());
        assert!(ModuleInfo::read(b"no module").is_err());
        assert!(ModuleInfo::read(&good[..8]).unwrap_err().contains("memory"));
        for end in 9..good.len() {
            // Cut between two sections, it is a module still, but lacks its code or exports.
            assert!(
                ModuleInfo::read(&good[..end]).is_err() || end >= good.len() - 6,
                "{end}"
            );
        }
    }
}
