//! go-ethereum's `evm`.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;

use serde_json::Value;

use super::Running;
use crate::error::TraceError;
use crate::normal::Steps;
use crate::read::{Lines, Strictness};
use crate::state::from_dump;

/// Names the program if the command line does not.
pub const VARIABLE: &str = "FEVM_GETH";

/// Runs the only case of a file.
///
/// # Errors
/// The program is not there.
pub fn run(program: Option<&Path>, file: &Path) -> Result<Running, TraceError> {
    let program = program
        .map(Path::to_owned)
        .or_else(|| {
            std::env::var_os(VARIABLE)
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
        })
        .unwrap_or_else(|| "evm".into());
    let mut child = Command::new(&program)
        .args(["statetest", "--trace", "--trace.format=json", "--trace.nomemory=false"])
        .args(["--trace.noreturndata=false", "--dump"])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            TraceError::Source(format!(
                "{} cannot be run: {error}. It is go-ethereum's `evm`; scripts/get-geth installs it; name it by \
                 geth:FILE or {VARIABLE}",
                program.display()
            ))
        })?;
    let (Some(out), Some(log)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(TraceError::Source("no pipes to the program".into()));
    };
    let (sender, end) = sync_channel(1);
    let work = move || {
        let mut text = Vec::new();
        let read = BufReader::new(out).read_to_end(&mut text);
        let status = child.wait();
        let told = match (read, status) {
            (Err(error), _) | (_, Err(error)) => Err(TraceError::Source(error.to_string())),
            (Ok(_), Ok(status)) => match serde_json::from_slice::<Value>(&text) {
                Ok(results) => Ok(results
                    .get(0)
                    .and_then(|result| from_dump(result.get("state")?))),
                // It was stopped because nobody read its trace any more.
                Err(_) if status.code().is_none() || text.is_empty() => Ok(None),
                Err(_) => Err(TraceError::Source(format!(
                    "evm ended with {status} and no result"
                ))),
            },
        };
        let _ = sender.send(told);
    };
    std::thread::Builder::new()
        .name("geth".into())
        .spawn(work)
        .map_err(|error| TraceError::Source(error.to_string()))?;
    let lines = Lines::new(BufReader::with_capacity(1 << 16, log), Strictness::Loose);
    Ok(Running {
        steps: Steps::new(Box::new(lines)),
        end: Some(end),
    })
}
