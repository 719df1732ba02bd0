//! Names of contracts, functions and errors, from the artifacts of Solidity's tools.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use alloy_dyn_abi::{DynSolValue, JsonAbiExt};
use alloy_json_abi::{Error, JsonAbi};
use alloy_primitives::{Bytes, Selector, hex};
use serde_json::Value;

/// Folders below this depth are not looked into.
const MOST_DEPTH: usize = 16;
/// Larger files are no artifacts.
const MOST_BYTES: u64 = 64 << 20;

/// Why artifacts cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("artifacts in {}: {reason}", path.display())]
pub struct ArtifactsError {
    path: PathBuf,
    reason: std::io::Error,
}

/// What is known by name.
#[derive(Debug, Default)]
pub struct Artifacts {
    functions: HashMap<Selector, String>,
    errors: HashMap<Selector, Error>,
    /// The contract's name by its init code without constructor arguments.
    contracts: HashMap<Bytes, String>,
}

impl Artifacts {
    /// Reads every JSON file below a directory that has an ABI: what Hardhat writes to
    /// `artifacts`, Foundry to `out` and Truffle to `build/contracts`. Other files are passed over.
    ///
    /// # Errors
    /// The directory cannot be read.
    pub fn add_directory(&mut self, path: &Path) -> Result<(), ArtifactsError> {
        let mut open = vec![(path.to_owned(), 0)];
        while let Some((folder, depth)) = open.pop() {
            let named = |reason| ArtifactsError {
                path: folder.clone(),
                reason,
            };
            for entry in std::fs::read_dir(&folder).map_err(named)? {
                let entry = entry.map_err(named)?;
                let kind = entry.file_type().map_err(named)?;
                let path = entry.path();
                if kind.is_dir() && depth < MOST_DEPTH {
                    open.push((path, depth + 1));
                } else if kind.is_file() && path.extension().is_some_and(|end| end == "json") {
                    self.add_file(&path);
                }
            }
        }
        Ok(())
    }

    /// Takes up the contracts of a compiler's standard JSON output; gives their number.
    pub fn add_output(&mut self, output: &Value) -> usize {
        let files = output.get("contracts").and_then(Value::as_object);
        let contracts = files
            .into_iter()
            .flat_map(|files| files.values())
            .filter_map(Value::as_object)
            .flatten();
        let mut count = 0;
        for (name, contract) in contracts {
            let code = contract.pointer("/evm/bytecode/object");
            count += usize::from(self.add(name, contract.get("abi"), code));
        }
        count
    }

    /// The function with a selector, as `transfer(address,uint256)`.
    pub fn function(&self, input: &[u8]) -> Option<&str> {
        let selector = input.first_chunk::<4>()?;
        self.functions
            .get(&Selector::from(*selector))
            .map(String::as_str)
    }

    /// The contract that an init code creates.
    pub fn contract(&self, init_code: &[u8]) -> Option<&str> {
        self.contracts
            .iter()
            .find(|(code, _)| init_code.starts_with(code))
            .map(|(_, name)| name.as_str())
    }

    /// A custom error with its arguments, as `InsufficientBalance(5, 7)`.
    pub fn error(&self, data: &[u8]) -> Option<String> {
        let (selector, arguments) = data.split_first_chunk::<4>()?;
        let error = self.errors.get(&Selector::from(*selector))?;
        let values = error.abi_decode_input(arguments).ok()?;
        let shown: Vec<String> = values.iter().map(show).collect();
        Some(format!("{}({})", error.name, shown.join(", ")))
    }

    fn add_file(&mut self, path: &Path) {
        let small = std::fs::metadata(path).is_ok_and(|data| data.len() <= MOST_BYTES);
        let Some(artifact) = small
            .then(|| std::fs::read(path).ok())
            .flatten()
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        else {
            return;
        };
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let name = artifact
            .get("contractName")
            .and_then(Value::as_str)
            .or(stem)
            .unwrap_or_default();
        let code = artifact.get("bytecode");
        // Foundry has an object where the others have the code.
        let code = code.and_then(|code| code.get("object")).or(code);
        self.add(name, artifact.get("abi"), code);
    }

    fn add(&mut self, name: &str, abi: Option<&Value>, code: Option<&Value>) -> bool {
        let abi = abi.and_then(|abi| serde_json::from_value::<JsonAbi>(abi.clone()).ok());
        let Some(abi) = abi else {
            return false;
        };
        for function in abi.functions() {
            self.functions
                .insert(function.selector(), function.signature());
        }
        for error in abi.errors() {
            self.errors.insert(error.selector(), error.clone());
        }
        // Code with places for libraries is no hex and is passed over.
        let code = code
            .and_then(Value::as_str)
            .and_then(|code| hex::decode(code).ok());
        if let Some(code) = code.filter(|code| !code.is_empty()) {
            self.contracts.insert(code.into(), name.to_owned());
        }
        true
    }
}

fn show(value: &DynSolValue) -> String {
    match value {
        DynSolValue::String(text) => format!("{text:?}"),
        DynSolValue::Uint(number, _) => number.to_string(),
        DynSolValue::Int(number, _) => number.to_string(),
        DynSolValue::Bool(flag) => flag.to_string(),
        DynSolValue::Address(address) => address.to_string(),
        DynSolValue::Bytes(bytes) => hex::encode_prefixed(bytes),
        DynSolValue::FixedBytes(word, length) => {
            hex::encode_prefixed(word.get(..*length).unwrap_or_default())
        }
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) => {
            let shown: Vec<String> = values.iter().map(show).collect();
            format!("[{}]", shown.join(", "))
        }
        DynSolValue::Tuple(values) => {
            let shown: Vec<String> = values.iter().map(show).collect();
            format!("({})", shown.join(", "))
        }
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U256;
    use serde_json::json;

    fn abi() -> Value {
        json!([
            { "type": "function", "name": "transfer", "stateMutability": "nonpayable",
              "inputs": [{ "name": "to", "type": "address" }, { "name": "value", "type": "uint256" }],
              "outputs": [{ "name": "", "type": "bool" }] },
            { "type": "error", "name": "TooPoor", "inputs": [{ "name": "need", "type": "uint256" }] },
        ])
    }

    fn check(artifacts: &Artifacts) {
        let transfer = [hex!("a9059cbb").as_slice(), &[0; 64]].concat();
        assert_eq!(
            artifacts.function(&transfer),
            Some("transfer(address,uint256)")
        );
        assert_eq!(artifacts.function(&[1, 2, 3]), None);
        let selector = alloy_primitives::keccak256("TooPoor(uint256)");
        let data = [&selector[..4], &U256::from(7).to_be_bytes::<32>()].concat();
        assert_eq!(artifacts.error(&data).as_deref(), Some("TooPoor(7)"));
        assert_eq!(artifacts.error(&data[..20]), None, "cut short");
        assert_eq!(
            artifacts.contract(&hex!("600160020304")),
            Some("Token"),
            "with arguments"
        );
        assert_eq!(artifacts.contract(&hex!("6001")), None);
    }

    #[test]
    fn the_shapes_of_three_tools() {
        let folder = std::env::temp_dir().join(format!("fevm-artifacts-{}", std::process::id()));
        let write = |name: &str, artifact: Value| {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, artifact.to_string()).unwrap();
        };
        write("build-info/x.json", json!({ "output": {} }));
        write("broken.json", json!("abi"));
        write(
            "Token.sol/Token.json",
            json!({ "contractName": "Token", "abi": abi(), "bytecode": "0x60016002" }),
        );
        let mut hardhat = Artifacts::default();
        hardhat.add_directory(&folder).unwrap();
        check(&hardhat);
        write(
            "Token.sol/Token.json",
            json!({ "abi": abi(), "bytecode": { "object": "0x60016002" } }),
        );
        let mut foundry = Artifacts::default();
        foundry.add_directory(&folder).unwrap();
        check(&foundry);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(foundry.add_directory(&folder).is_err());

        let mut output = Artifacts::default();
        let contract = json!({ "abi": abi(), "evm": { "bytecode": { "object": "60016002" } } });
        let count = output.add_output(&json!({ "contracts": { "a.sol": { "Token": contract } } }));
        assert_eq!(count, 1);
        check(&output);
        assert_eq!(output.add_output(&json!([])), 0);
    }
}
