//! This suite's interpreter natively, by Ethereum's rules.

use std::io::BufWriter;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use fevm_conformance::runner::STACK_SIZE;
use fevm_conformance::statetest::run::{Selection, run_file};
use fevm_conformance::trace::TraceOptions;

use super::Running;
use crate::error::TraceError;
use crate::normal::Steps;
use crate::read::{Lines, Strictness};
use crate::state::from_dump;

/// Runs the only case of a file.
///
/// # Errors
/// The system gives no pipe or thread.
pub fn run(file: &Path) -> Result<Running, TraceError> {
    let system = |error: std::io::Error| TraceError::Source(error.to_string());
    let (reader, writer) = std::io::pipe().map_err(system)?;
    let (sender, end) = sync_channel(1);
    let file = file.to_owned();
    let work = move || {
        let selection = Selection {
            dump: true,
            ..Selection::default()
        };
        let options = TraceOptions {
            memory: true,
            stack: true,
            return_data: true,
        };
        let mut writer = BufWriter::with_capacity(1 << 16, writer);
        let ran = run_file(&file, &selection, Some(options), &mut writer);
        // The pipe is closed before the state is told: whoever reads it comes to its end.
        drop(writer);
        let told = match ran {
            Err(error) => Err(TraceError::Source(error.to_string())),
            Ok(results) => {
                let dump = results.into_iter().find_map(|result| result.dump);
                let dump = dump.and_then(|dump| serde_json::from_str(dump.get()).ok());
                Ok(dump.and_then(|dump| from_dump(&dump)))
            }
        };
        // Nobody may want it any more.
        let _ = sender.send(told);
    };
    std::thread::Builder::new()
        .name("native".into())
        .stack_size(STACK_SIZE)
        .spawn(work)
        .map_err(system)?;
    let lines = Lines::new(
        std::io::BufReader::with_capacity(1 << 16, reader),
        Strictness::Loose,
    );
    Ok(Running {
        steps: Steps::new(Box::new(lines)),
        end: Some(end),
    })
}
