//! `fevm b11r`. Its status is go-ethereum's: one for each kind of error.

use std::process::ExitCode;

use fevm_conformance::t8n::b11r::BuildArgs;

pub(crate) type Args = BuildArgs;

pub(crate) fn execute(args: &Args) -> ExitCode {
    match args.execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            error.status()
        }
    }
}
