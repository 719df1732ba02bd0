//! A bundle: named actors in order.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use cid::Cid;
use fvm_ipld_encoding::{DAG_CBOR, IPLD_RAW, from_slice, to_vec};

use crate::car::{self, Block, cid_of};
use crate::error::BundleError;
use crate::module::{self, ModuleInfo};
use crate::names;

/// Version of the manifest.
const MANIFEST_VERSION: u64 = 1;

/// An actor of a bundle.
#[derive(Clone, PartialEq, Eq)]
pub struct Actor {
    name: String,
    cid: Cid,
    code: Vec<u8>,
}

impl std::fmt::Debug for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Actor")
            .field("name", &self.name)
            .field("cid", &self.cid.to_string())
            .field("size", &self.code.len())
            .finish()
    }
}

impl Actor {
    /// Name in the manifest.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Code CID: raw codec, blake2b-256.
    #[must_use]
    pub const fn cid(&self) -> Cid {
        self.cid
    }

    /// The WASM module.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        &self.code
    }

    /// What the module asks for.
    ///
    /// # Errors
    /// [`BundleError::Module`] if the code is no actor.
    pub fn inspect(&self) -> Result<ModuleInfo, BundleError> {
        ModuleInfo::read(&self.code).map_err(|reason| BundleError::Module {
            name: self.name.clone(),
            reason,
        })
    }
}

/// Actors in the order of their manifest: position from 1 is the type number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    actors: Vec<Actor>,
}

impl Bundle {
    /// A bundle of these actors, in this order.
    ///
    /// # Errors
    /// If there are none, a name stands twice or is malformed, two names have one code, or a code is
    /// no actor.
    pub fn new(
        actors: impl IntoIterator<Item = (impl Into<String>, Vec<u8>)>,
    ) -> Result<Self, BundleError> {
        let actors = actors
            .into_iter()
            .map(|(name, code)| Actor {
                name: name.into(),
                cid: cid_of(IPLD_RAW, &code),
                code,
            })
            .collect();
        let bundle = Self { actors };
        bundle.check()?;
        Ok(bundle)
    }

    /// A bundle of mainnet's names in mainnet's order; `code` gives the module of each name. Modules
    /// that several names share are marked with each name (see [`module::with_name`]).
    ///
    /// # Errors
    /// Those of `code` and of [`Bundle::new`].
    pub fn pack<E: From<BundleError>>(
        mut code: impl FnMut(&'static str) -> Result<Vec<u8>, E>,
    ) -> Result<Self, E> {
        let mut actors = Vec::with_capacity(names::MAINNET.len());
        let mut uses = HashMap::new();
        for name in names::MAINNET {
            let code = code(name)?;
            *uses.entry(cid_of(IPLD_RAW, &code)).or_insert(0) += 1;
            actors.push((name, code));
        }
        for (name, code) in &mut actors {
            if uses[&cid_of(IPLD_RAW, code)] > 1 {
                *code = module::with_name(code, name);
            }
        }
        Ok(Self::new(actors)?)
    }

    /// Packs the modules `<name>.wasm` of a folder, see [`Bundle::pack`].
    ///
    /// # Errors
    /// [`BundleError::File`] for a module that cannot be read, and those of [`Bundle::pack`].
    pub fn pack_folder(folder: &Path) -> Result<Self, BundleError> {
        Self::pack(|name| {
            let path = folder.join(name).with_extension("wasm");
            std::fs::read(&path).map_err(|cause| BundleError::File { path, cause })
        })
    }

    /// Reads a bundle from a CARv1 file. Blocks that the manifest does not name are passed over.
    ///
    /// # Errors
    /// Whatever is wrong with the file, its manifest or its modules.
    pub fn from_car(file: &[u8]) -> Result<Self, BundleError> {
        let (roots, blocks) = car::read(file)?;
        let [root] = roots[..] else {
            return Err(BundleError::Roots(roots.len()));
        };
        let blocks: HashMap<Cid, &[u8]> = blocks.iter().map(|b| (b.cid, b.data)).collect();
        let find = |what: &str, cid: Cid, codec: u64| {
            if cid != Cid::new_v1(codec, *cid.hash()) || cid.hash().code() != BLAKE2B_256 {
                return Err(BundleError::CidKind {
                    what: what.to_owned(),
                    cid: cid.to_string(),
                    codec,
                });
            }
            blocks
                .get(&cid)
                .copied()
                .ok_or_else(|| BundleError::MissingBlock {
                    what: what.to_owned(),
                    cid: cid.to_string(),
                })
        };
        let undecodable = |what, cid: Cid| {
            move |error: fvm_ipld_encoding::Error| BundleError::Decode {
                what,
                cid: cid.to_string(),
                reason: error.to_string(),
            }
        };

        let manifest = find("manifest", root, DAG_CBOR)?;
        let (version, data_cid): (u64, Cid) =
            from_slice(manifest).map_err(undecodable("manifest", root))?;
        if version != MANIFEST_VERSION {
            return Err(BundleError::ManifestVersion(version));
        }
        let data = find("manifest data", data_cid, DAG_CBOR)?;
        let entries: Vec<(String, Cid)> =
            from_slice(data).map_err(undecodable("manifest data", data_cid))?;

        let mut actors = Vec::with_capacity(entries.len());
        for (name, cid) in entries {
            let code = find(&format!("code of actor {name:?}"), cid, IPLD_RAW)?.to_vec();
            actors.push(Actor { name, cid, code });
        }
        let bundle = Self { actors };
        bundle.check()?;
        Ok(bundle)
    }

    /// The bundle as a CARv1 file: manifest, manifest data, then the modules in order.
    #[must_use]
    pub fn to_car(&self) -> Vec<u8> {
        let (root, manifest) = self.manifest();
        let (data_cid, data) = self.manifest_data();
        let head = [(root, &manifest), (data_cid, &data)];
        let blocks = head
            .into_iter()
            .chain(self.actors.iter().map(|actor| (actor.cid, &actor.code)))
            .map(|(cid, data)| Block { cid, data });
        car::write(&root, blocks)
    }

    /// The manifest block `[1, manifest data]` and its CID, the root of the CAR file.
    #[must_use]
    pub fn manifest(&self) -> (Cid, Vec<u8>) {
        let (data, _) = self.manifest_data();
        encoded(&(MANIFEST_VERSION, data))
    }

    /// The block `[[name, code], …]` and its CID, which the virtual machine takes and the system
    /// actor's state holds.
    #[must_use]
    pub fn manifest_data(&self) -> (Cid, Vec<u8>) {
        let entries: Vec<(&str, Cid)> = self
            .actors
            .iter()
            .map(|actor| (actor.name.as_str(), actor.cid))
            .collect();
        encoded(&entries)
    }

    /// The actors in order; the first has type number 1.
    #[must_use]
    pub fn actors(&self) -> &[Actor] {
        &self.actors
    }

    /// The actor of this name.
    #[must_use]
    pub fn actor(&self, name: &str) -> Option<&Actor> {
        self.actors.iter().find(|actor| actor.name == name)
    }

    /// Whether names and order are mainnet's, so that type numbers mean what actors take them to
    /// mean.
    #[must_use]
    pub fn has_mainnet_order(&self) -> bool {
        self.actors.iter().map(Actor::name).eq(names::MAINNET)
    }

    /// This bundle with the EVM suite ([`names::EVM_SUITE`]) of `ours` in place of its own; order and
    /// so type numbers stay.
    ///
    /// # Errors
    /// If either bundle lacks a name of the suite.
    pub fn with_evm_suite_of(&self, ours: &Self) -> Result<Self, BundleError> {
        let mut actors = self.actors.clone();
        for name in names::EVM_SUITE {
            let missing = |which| BundleError::NoSuchActor {
                which,
                name: name.to_owned(),
            };
            let replacement = ours.actor(name).ok_or_else(|| missing("replacing"))?;
            let place = actors
                .iter_mut()
                .find(|actor| actor.name == name)
                .ok_or_else(|| missing("replaced"))?;
            *place = replacement.clone();
        }
        let bundle = Self { actors };
        bundle.check()?;
        Ok(bundle)
    }

    fn check(&self) -> Result<(), BundleError> {
        if self.actors.is_empty() {
            return Err(BundleError::Empty);
        }
        let mut seen = HashSet::new();
        let mut codes: HashMap<Cid, &str> = HashMap::new();
        for actor in &self.actors {
            let name = actor.name.as_str();
            let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            if name.is_empty() || !name.bytes().all(letters) {
                return Err(BundleError::Name(name.to_owned()));
            }
            if !seen.insert(name) {
                return Err(BundleError::DuplicateName(name.to_owned()));
            }
            if let Some(other) = codes.insert(actor.cid, name) {
                return Err(BundleError::DuplicateCode(
                    other.to_owned(),
                    name.to_owned(),
                ));
            }
            actor.inspect()?;
        }
        Ok(())
    }
}

/// Multihash code of blake2b-256.
const BLAKE2B_256: u64 = 0xb220;

/// A block of DAG-CBOR and its CID.
fn encoded(value: &impl serde::Serialize) -> (Cid, Vec<u8>) {
    let block = to_vec(value).expect("names, numbers and links have an encoding");
    (cid_of(DAG_CBOR, &block), block)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A small actor whose `invoke` gives `n`.
    pub(crate) fn module(n: u8) -> Vec<u8> {
        let mut code = b"\0asm\x01\0\0\0".to_vec();
        code.extend([1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f]); // type: (i32) -> i32
        code.extend([3, 2, 1, 0]); // one function of it
        code.extend([5, 3, 1, 0, 1]); // one page of memory
        code.extend([7, 19, 2, 6]);
        code.extend(b"memory\x02\0\x06invoke\0\0");
        code.extend([10, 6, 1, 4, 0, 0x41, n & 0x3f, 0x0b]); // i32.const n
        code
    }

    fn packed() -> Bundle {
        let code = |name: &str| {
            let shared = ["cron", "reward", "multisig"].contains(&name);
            let n = names::MAINNET.iter().position(|other| *other == name);
            Ok::<_, BundleError>(module(if shared { 63 } else { n.unwrap() as u8 }))
        };
        Bundle::pack(code).unwrap()
    }

    #[test]
    fn a_car_file_comes_back() {
        let bundle = packed();
        assert!(bundle.has_mainnet_order());
        assert_eq!(Bundle::from_car(&bundle.to_car()).unwrap(), bundle);
        assert_eq!(bundle.actors()[13].name(), "evm");
    }

    #[test]
    fn modules_under_several_names_are_told_apart() {
        let bundle = packed();
        let name = |actor| bundle.actor(actor).unwrap().inspect().unwrap().name;
        assert_eq!(name("cron").as_deref(), Some("cron"));
        assert_eq!(name("reward").as_deref(), Some("reward"));
        assert_eq!(name("evm"), None);
    }

    #[test]
    fn manifest_blocks_as_nodes_read_them() {
        let bundle = Bundle::new([("system", module(1)), ("init", module(2))]).unwrap();
        let (data_cid, data) = bundle.manifest_data();
        let link = |cid: Cid| [&[0xd8, 0x2a, 0x58, 39, 0], cid.to_bytes().as_slice()].concat();
        let expected = [
            &[0x82, 0x82, 0x66],
            b"system".as_slice(),
            &link(bundle.actors()[0].cid()),
            &[0x82, 0x64],
            b"init",
            &link(bundle.actors()[1].cid()),
        ];
        assert_eq!(data, expected.concat());
        let (root, manifest) = bundle.manifest();
        assert_eq!(manifest, [&[0x82, 1], link(data_cid).as_slice()].concat());
        let (roots, blocks) = car::read(&bundle.to_car())
            .map(|(r, b)| (r, b.len()))
            .unwrap();
        assert_eq!((roots, blocks), (vec![root], 4));
        assert!(root.to_string().starts_with("bafy2bza"));
        assert!(bundle.actors()[0].cid().to_string().starts_with("bafk2bza"));
    }

    #[test]
    fn malformed_lists_of_actors_are_refused() {
        let error = |actors: Vec<(&str, Vec<u8>)>| Bundle::new(actors).unwrap_err().to_string();
        assert!(error(vec![]).contains("no actors"));
        assert!(error(vec![("evm", module(1)), ("evm", module(2))]).contains("twice"));
        assert!(error(vec![("evm", module(1)), ("eam", module(1))]).contains("same code"));
        assert!(error(vec![("EVM", module(1))]).contains("EVM"));
        assert!(error(vec![("", module(1))]).contains("name"));
        assert!(error(vec![("evm", b"wasm".to_vec())]).contains("no actor"));
    }

    /// A CAR file of these blocks whose root is the first.
    fn car_of(blocks: &[(u64, &[u8])]) -> Vec<u8> {
        let blocks = blocks.iter().map(|(codec, data)| Block {
            cid: cid_of(*codec, data),
            data,
        });
        car::write(&blocks.clone().next().unwrap().cid, blocks)
    }

    #[test]
    fn malformed_manifests_are_refused() {
        let error = |file: &[u8]| Bundle::from_car(file).unwrap_err().to_string();
        let code = module(1);
        let code_cid = cid_of(IPLD_RAW, &code);
        let data = to_vec(&vec![("evm", code_cid)]).unwrap();
        let data_cid = cid_of(DAG_CBOR, &data);
        let manifest = |version: u64| to_vec(&(version, data_cid)).unwrap();

        let good = manifest(1);
        let blocks: [(u64, &[u8]); 3] = [(DAG_CBOR, &good), (DAG_CBOR, &data), (IPLD_RAW, &code)];
        assert!(Bundle::from_car(&car_of(&blocks)).is_ok());
        assert!(error(&car_of(&blocks[..1])).contains(&data_cid.to_string()));
        assert!(error(&car_of(&blocks[..2])).contains("code of actor \"evm\""));
        let newer = manifest(2);
        assert!(error(&car_of(&[(DAG_CBOR, &newer), blocks[1], blocks[2]])).contains("version 2"));
        assert!(error(&car_of(&[(DAG_CBOR, b"\x80")])).contains("does not decode"));
        assert!(error(&car_of(&[(IPLD_RAW, &good)])).contains("0x71"));
        let wrong_codec = to_vec(&vec![("evm", cid_of(DAG_CBOR, &code))]).unwrap();
        let root = to_vec(&(1, cid_of(DAG_CBOR, &wrong_codec))).unwrap();
        let file = car_of(&[
            (DAG_CBOR, &root),
            (DAG_CBOR, &wrong_codec),
            (DAG_CBOR, &code),
        ]);
        assert!(error(&file).contains("0x55"));
    }

    #[test]
    fn damaged_files_are_refused() {
        let error = |file: &[u8]| Bundle::from_car(file).unwrap_err();
        let good = packed().to_car();
        for end in 0..good.len() {
            error(&good[..end]);
        }
        assert!(matches!(error(&good[..20]), BundleError::Truncated { .. }));
        assert!(matches!(
            error(&good[..good.len() - 1]),
            BundleError::Truncated { .. }
        ));
        let mut damaged = good.clone();
        *damaged.last_mut().unwrap() ^= 1;
        assert!(matches!(error(&damaged), BundleError::Digest { .. }));
        let mut long = good;
        long.push(0);
        assert!(matches!(error(&long), BundleError::Invalid { .. }));
        // The header of a CARv2 file.
        assert!(matches!(
            error(b"\x0a\xa1gversion\x02"),
            BundleError::CarVersion(2)
        ));
    }

    #[test]
    fn our_suite_in_another_bundle() {
        let theirs = Bundle::new(
            ["evm", "system", "ethaccount", "eam", "placeholder"]
                .into_iter()
                .zip((20..).map(module)),
        )
        .unwrap();
        let both = theirs.with_evm_suite_of(&packed()).unwrap();
        let names: Vec<_> = both.actors().iter().map(Actor::name).collect();
        assert_eq!(names, ["evm", "system", "ethaccount", "eam", "placeholder"]);
        assert_eq!(both.actor("system"), theirs.actor("system"));
        for name in names::EVM_SUITE {
            assert_eq!(both.actor(name), packed().actor(name));
        }
        let without = Bundle::new([("evm", module(1))]).unwrap();
        assert!(without.with_evm_suite_of(&packed()).is_err());
        assert!(packed().with_evm_suite_of(&without).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(at in 0..600_usize, byte: u8, cut in 0..2000_usize) {
            let mut file = packed().to_car();
            let place = at % file.len();
            file[place] = byte;
            file.truncate(file.len().saturating_sub(cut % 64));
            let _ = Bundle::from_car(&file);
        }
    }
}
