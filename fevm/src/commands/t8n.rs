//! `fevm t8n`. Its status is go-ethereum's: one for each kind of error.

use std::process::ExitCode;

use fevm_conformance::t8n::cli::TransitionArgs;

pub(crate) type Args = TransitionArgs;

pub(crate) fn execute(args: &Args) -> ExitCode {
    match args.execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            error.status()
        }
    }
}
