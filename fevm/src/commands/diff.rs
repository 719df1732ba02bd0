//! `fevm diff`.

use std::process::ExitCode;

use fevm_differ::cli::DiffArgs;

pub(crate) type Args = DiffArgs;

pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    Ok(args.execute()?)
}
