//! What is executed: always one transaction, written as a state test with one case.

use std::path::{Path, PathBuf};

use alloy_primitives::{Address, hex};
use serde_json::{Map, Value, json};

use crate::compare::design::Parties;
use crate::error::DiffError;

/// Where bytecode from the command line is placed.
const CONTRACT: &str = "0xc0de00000000000000000000000000000000c0de";
/// Who calls it: the account of the key below.
const SENDER: &str = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b";
const SECRET_KEY: &str = "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8";
const COINBASE: &str = "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba";
/// Rules that bytecode runs under unless others are asked for.
pub const DEFAULT_FORK: &str = "Prague";

/// One transaction on one state.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Fork.
    pub fork: String,
    /// The state test: its name and one case.
    pub test: Value,
}

/// Which case of a file.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Name of the test, or a part of it that no other name has.
    pub name: Option<String>,
    /// Fork; the last of the test otherwise.
    pub fork: Option<String>,
    /// Position among the fork's cases.
    pub index: usize,
}

/// Bytecode and how it is called.
#[derive(Debug, Clone, Default)]
pub struct Code {
    /// Runtime code, or init code.
    pub code: Vec<u8>,
    /// The code is init code: the transaction creates.
    pub create: bool,
    /// Call data.
    pub input: Vec<u8>,
    /// Gas limit.
    pub gas: u64,
    /// Wei.
    pub value: String,
    /// Fork.
    pub fork: String,
    /// More accounts: a state test's `pre`.
    pub accounts: Map<String, Value>,
}

fn wrong(text: impl Into<String>) -> DiffError {
    DiffError::Subject(text.into())
}

impl Subject {
    /// A case of a file of state tests.
    ///
    /// # Errors
    /// The file is none, or has no such case.
    pub fn from_file(path: &Path, choice: &Choice) -> Result<Self, DiffError> {
        let shown = path.display();
        let text = std::fs::read(path).map_err(|error| wrong(format!("{shown}: {error}")))?;
        let file: Value =
            serde_json::from_slice(&text).map_err(|error| wrong(format!("{shown}: {error}")))?;
        let tests = file
            .as_object()
            .ok_or_else(|| wrong(format!("{shown}: no file of state tests")))?;
        let wanted = |name: &str| {
            choice
                .name
                .as_deref()
                .is_none_or(|part| name == part || name.contains(part))
        };
        let mut found: Vec<_> = tests.iter().filter(|(name, _)| wanted(name)).collect();
        if let Some(exact) = found
            .iter()
            .position(|(name, _)| Some(name.as_str()) == choice.name.as_deref())
        {
            found = vec![found.swap_remove(exact)];
        }
        let (name, test) = match found[..] {
            [one] => one,
            [] => return Err(wrong(format!("{shown}: no test of that name"))),
            _ => {
                let names: Vec<_> = found
                    .iter()
                    .take(5)
                    .map(|(name, _)| name.as_str())
                    .collect();
                let count = found.len();
                return Err(wrong(format!(
                    "{shown} has {count} such tests; choose one with --name: {} ...",
                    names.join(", ")
                )));
            }
        };
        Self::chosen(name, test, choice)
            .map_err(|error| wrong(format!("{shown}: test {name}: {error}")))
    }

    fn chosen(name: &str, test: &Value, choice: &Choice) -> Result<Self, String> {
        let post = test
            .get("post")
            .and_then(Value::as_object)
            .ok_or("no \"post\": no state test")?;
        let (fork, cases) = match &choice.fork {
            Some(fork) => post.get_key_value(fork).ok_or_else(|| {
                let forks: Vec<_> = post.keys().map(String::as_str).collect();
                format!("no cases of fork {fork}; there are: {}", forks.join(", "))
            })?,
            None => newest(post).ok_or("no cases")?,
        };
        let cases = cases.as_array().ok_or("its cases are no list")?;
        let case = cases
            .get(choice.index)
            .ok_or_else(|| format!("no case {}; fork {fork} has {}", choice.index, cases.len()))?;
        let mut single = test.clone();
        single["post"] = json!({ fork: [case] });
        Ok(Self {
            name: name.to_owned(),
            fork: fork.clone(),
            test: single,
        })
    }

    /// Bytecode at an address, called once, or deployed.
    #[must_use]
    pub fn from_code(code: &Code) -> Self {
        let mut pre = code.accounts.clone();
        pre.insert(SENDER.into(), json!({ "balance": "0xffffffffffffffffffff", "nonce": "0x0", "code": "0x", "storage": {} }));
        let (to, data) = if code.create {
            ("", [&code.code[..], &code.input].concat())
        } else {
            let account = json!({ "balance": "0x0", "nonce": "0x1", "code": hex::encode_prefixed(&code.code), "storage": {} });
            pre.insert(CONTRACT.into(), account);
            (CONTRACT, code.input.clone())
        };
        let transaction = json!({
            "data": [hex::encode_prefixed(data)], "gasLimit": [format!("{:#x}", code.gas)], "gasPrice": "0x0a",
            "nonce": "0x00", "to": to, "value": [code.value], "secretKey": SECRET_KEY, "sender": SENDER,
        });
        Self::made("code", &code.fork, Value::Object(pre), env(), transaction)
    }

    /// A transaction with its state.
    #[must_use]
    pub fn made(name: &str, fork: &str, pre: Value, env: Value, transaction: Value) -> Self {
        let zero = format!("{:#066x}", 0);
        let case = json!({ "hash": zero, "logs": zero, "indexes": { "data": 0, "gas": 0, "value": 0 }, "txbytes": "0x" });
        let test =
            json!({ "env": env, "pre": pre, "transaction": transaction, "post": { fork: [case] } });
        Self {
            name: name.into(),
            fork: fork.into(),
            test,
        }
    }

    /// Who pays and gets fees.
    #[must_use]
    pub fn parties(&self) -> Parties {
        let address = |value: &Value| value.as_str()?.parse::<Address>().ok();
        let transaction = &self.test["transaction"];
        let signer = || {
            let key = hex::decode(transaction["secretKey"].as_str()?).ok()?;
            let key = evm_interpreter::H256(key.try_into().ok()?);
            let signer = fevm_conformance::ethereum::authorization::address_of(&key)?;
            Some(Address::from(signer.0))
        };
        Parties {
            sender: address(&transaction["sender"]).or_else(signer),
            coinbase: address(&self.test["env"]["currentCoinbase"]),
        }
    }

    /// Writes it as a file with nothing else in it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, DiffError> {
        let path = folder.join("subject.json");
        // Names of some collections hold what no client's name filter likes.
        let file = json!({ "subject": self.test });
        std::fs::write(&path, file.to_string()).map_err(|cause| DiffError::Report {
            path: path.display().to_string(),
            cause,
        })?;
        Ok(path)
    }
}

fn env() -> Value {
    json!({
        "currentCoinbase": COINBASE, "currentDifficulty": "0x20000", "currentGasLimit": "0x5f5e100",
        "currentNumber": "0x1", "currentTimestamp": "0x3e8", "currentRandom": format!("{:#066x}", 0x20000),
        "currentBaseFee": "0x0a", "currentExcessBlobGas": "0x0",
    })
}

/// The cases of the newest fork that this suite knows.
fn newest(post: &Map<String, Value>) -> Option<(&String, &Value)> {
    post.iter()
        .filter_map(|(name, cases)| {
            Some((fevm_conformance::fixture::fork_by_name(name)?, name, cases))
        })
        .max_by_key(|(fork, _, _)| *fork)
        .map(|(_, name, cases)| (name, cases))
        .or_else(|| post.iter().next_back())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_senders_key_is_the_senders() {
        let subject = Subject::from_code(&Code {
            fork: DEFAULT_FORK.into(),
            ..Code::default()
        });
        assert_eq!(subject.parties().sender, Some(SENDER.parse().unwrap()));
        let mut unnamed = subject;
        unnamed.test["transaction"]
            .as_object_mut()
            .unwrap()
            .remove("sender");
        assert_eq!(unnamed.parties().sender, Some(SENDER.parse().unwrap()));
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = std::env::temp_dir();
        let path = folder.join(format!("fevm-diff-subject-{}.json", std::process::id()));
        let error = |choice: Choice| Subject::from_file(&path, &choice).unwrap_err().to_string();
        assert!(error(Choice::default()).contains("No such file"));
        std::fs::write(&path, "[1]").unwrap();
        assert!(error(Choice::default()).contains("no file of state tests"));
        let test = json!({ "post": { "Cancun": [{}], "Prague": [{}, {}] } });
        std::fs::write(&path, json!({ "one": test, "two": test }).to_string()).unwrap();
        assert!(error(Choice::default()).contains("has 2 such tests"));
        let of = |fork: Option<&str>, index| Choice {
            name: Some("one".into()),
            fork: fork.map(Into::into),
            index,
        };
        assert!(error(of(Some("Osaka"), 0)).contains("there are: Cancun, Prague"));
        assert!(error(of(Some("Cancun"), 1)).contains("has 1"));
        assert_eq!(
            Subject::from_file(&path, &of(None, 1)).unwrap().fork,
            "Prague"
        );
        std::fs::remove_file(&path).unwrap();
    }
}
