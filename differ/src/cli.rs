//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use alloy_primitives::hex;
use clap::Args;
use serde_json::json;

use crate::compare::{Comparator, Verdict};
use crate::error::DiffError;
use crate::run::{Answer, Job};
use crate::side::SideSpec;
use crate::side::node::{self, NodeTransaction, PATIENCE};
use crate::subject::{Choice, Code, DEFAULT_FORK, Subject};
use crate::{minimize, report};

/// Find where and why two executions part.
///
/// A side is one of
///   native        this suite's interpreter, by Ethereum's rules
///   fvm[:FILE]    this suite's actors in the Filecoin VM, or those of a CAR file
///   geth[:FILE]   go-ethereum's `evm` (else FEVM_GETH, else `evm` on the PATH)
///   rpc[:URL]     a node's debug_traceTransaction of --tx
///   FILE          a recorded trace: EIP-3155 lines or struct logs
///
/// Exit status: 0 equal or by design, 1 unexplained, 3 gas only, 2 for bad input.
#[derive(Debug, Clone, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Examples:
  fevm diff native geth --test stRandom/a.json --fork Cancun
  fevm diff fvm geth --code 5a5f5500 --html report.html
  fevm diff rpc:http://127.0.0.1:8545 rpc:http://127.0.0.1:8546 --tx 0x…
  fevm diff ours.jsonl theirs.json"
)]
pub struct DiffArgs {
    /// The first side.
    left: SideSpec,
    /// The second side.
    right: SideSpec,

    #[command(flatten)]
    subject: SubjectArgs,

    /// What counts: by default by-design between Filecoin and Ethereum, else exact.
    #[arg(long, value_enum, value_name = "COMPARATOR")]
    compare: Option<Comparator>,
    /// Steps shown before and behind the parting.
    #[arg(long, value_name = "N", default_value_t = 8)]
    context: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write a page that can be attached to a report.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write a state test that is as small as can be and still parts the sides, if they do without reason.
    #[arg(long, value_name = "FILE")]
    minimize: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Subject")]
struct SubjectArgs {
    /// A file of state tests.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["code", "tx"])]
    test: Option<PathBuf>,
    /// Name of the test, or a part of it.
    #[arg(long, value_name = "NAME", requires = "test")]
    name: Option<String>,
    /// Fork; by default the newest of the test, else Prague.
    #[arg(long, value_name = "FORK")]
    fork: Option<String>,
    /// Position of the case in its fork.
    #[arg(long, value_name = "N", default_value_t = 0)]
    index: usize,

    /// Bytecode: hex digits, or a file with hex digits or a compiler's JSON artifact.
    #[arg(long, value_name = "FILE|HEX", conflicts_with = "tx")]
    code: Option<String>,
    /// The code is init code, with its arguments in --input.
    #[arg(long, requires = "code")]
    create: bool,
    /// Call data, hex.
    #[arg(long, value_name = "HEX", requires = "code", default_value = "")]
    input: String,
    /// Wei sent along.
    #[arg(long, value_name = "WEI", default_value = "0")]
    value: String,
    /// Gas limit, Ethereum's gas.
    #[arg(long, value_name = "N", default_value_t = 16_000_000)]
    gas: u64,

    /// A node.
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,
    /// A transaction of the node.
    #[arg(long, value_name = "HASH")]
    tx: Option<String>,
    /// Seconds without a word after which a node is given up.
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs(), value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
}

impl DiffArgs {
    /// Compares, and tells the verdict.
    ///
    /// # Errors
    /// What is wrong with a side, the subject or a report.
    pub fn execute(&self) -> Result<ExitCode, DiffError> {
        let job = self.job()?;
        let answer = job.run()?;
        if let Some(path) = &self.html {
            write(path, report::html::html(&job, &answer).as_bytes())?;
        }
        if self.json {
            println!("{:#}", report::json::json(&job, &answer));
        } else {
            print!("{}", report::text::text(&job, &answer));
        }
        if let Some(path) = &self.minimize {
            self.shrink(&job, &answer, path)?;
        }
        Ok(match answer.verdict {
            Verdict::Equal | Verdict::ByDesign => ExitCode::SUCCESS,
            Verdict::Unexplained => ExitCode::from(1),
            Verdict::GasOnly => ExitCode::from(3),
        })
    }

    fn job(&self) -> Result<Job, DiffError> {
        let url = [&self.left, &self.right]
            .into_iter()
            .find_map(|side| match side {
                SideSpec::Node(Some(url)) => Some(url.clone()),
                _ => None,
            });
        let url = self.subject.rpc.clone().or(url);
        let transaction = match (&self.subject.tx, url) {
            (Some(hash), Some(url)) => Some(NodeTransaction {
                url,
                hash: hash.clone(),
                patience: Duration::from_secs(self.subject.timeout),
            }),
            (Some(_), None) => {
                return Err(DiffError::Subject(
                    "--tx needs a node: give --rpc URL".into(),
                ));
            }
            (None, _) => None,
        };
        let executes = self.left.executes() || self.right.executes();
        let subject = match &transaction {
            Some(transaction) if executes => {
                let fork = self.subject.fork.as_deref().unwrap_or(DEFAULT_FORK);
                Some(node::subject(transaction, fork, self.subject.gas)?)
            }
            _ => self.subject.made()?,
        };
        Ok(Job {
            left: self.left.clone(),
            right: self.right.clone(),
            subject,
            transaction,
            comparator: self.compare,
            context: self.context.max(1),
        })
    }

    fn shrink(&self, job: &Job, answer: &Answer, path: &std::path::Path) -> Result<(), DiffError> {
        if answer.verdict != Verdict::Unexplained {
            eprintln!("nothing to minimize: the verdict is {}", answer.verdict);
            return Ok(());
        }
        let shrunk = minimize::minimize(job, |tries| {
            if tries % 20 == 0 {
                eprintln!("minimize: {tries} runs");
            }
        })?;
        let Some(subject) = shrunk else {
            return Err(DiffError::Subject(
                "--minimize needs a subject that sides execute".into(),
            ));
        };
        let file = json!({ subject.name: subject.test });
        write(path, format!("{file:#}\n").as_bytes())?;
        eprintln!("minimize: {} written", path.display());
        Ok(())
    }
}

fn write(path: &std::path::Path, content: &[u8]) -> Result<(), DiffError> {
    std::fs::write(path, content).map_err(|cause| DiffError::Report {
        path: path.display().to_string(),
        cause,
    })
}

impl SubjectArgs {
    fn made(&self) -> Result<Option<Subject>, DiffError> {
        if let Some(path) = &self.test {
            let choice = Choice {
                name: self.name.clone(),
                fork: self.fork.clone(),
                index: self.index,
            };
            return Subject::from_file(path, &choice).map(Some);
        }
        let Some(code) = &self.code else {
            return Ok(None);
        };
        let bytes = |what: &str, text: &str| {
            hex::decode(text.trim()).map_err(|error| DiffError::Subject(format!("{what}: {error}")))
        };
        let value: alloy_primitives::U256 = self
            .value
            .parse()
            .map_err(|error| DiffError::Subject(format!("--value: {error}")))?;
        Ok(Some(Subject::from_code(&Code {
            code: bytes("--code", &code_text(code)?)?,
            create: self.create,
            input: bytes("--input", &self.input)?,
            gas: self.gas,
            value: format!("{value:#x}"),
            fork: self.fork.clone().unwrap_or_else(|| DEFAULT_FORK.into()),
            accounts: serde_json::Map::new(),
        })))
    }
}

/// Hex digits as they are, of a file, or of a compiler's artifact.
fn code_text(code: &str) -> Result<String, DiffError> {
    let is_hex = code
        .trim_start_matches("0x")
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit());
    if is_hex {
        return Ok(code.to_owned());
    }
    let text = std::fs::read_to_string(code)
        .map_err(|error| DiffError::Subject(format!("--code {code}: {error}")))?;
    let Ok(artifact) = serde_json::from_str::<serde_json::Value>(&text) else {
        return Ok(text);
    };
    let of = |pointer| {
        artifact
            .pointer(pointer)
            .and_then(serde_json::Value::as_str)
    };
    let found = of("/bytecode")
        .or_else(|| of("/bytecode/object"))
        .or_else(|| of("/evm/bytecode/object"));
    found
        .map(str::to_owned)
        .ok_or_else(|| DiffError::Subject(format!("--code {code}: no bytecode in it")))
}
