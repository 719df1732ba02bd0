//! `fevm blocktest`.

use std::process::ExitCode;

use anyhow::Context as _;
use fevm_conformance::blocktest::cli::BlockTestArgs;

pub(crate) type Args = BlockTestArgs;

pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    args.execute().context("standard input or output")
}
