//! `fevm statetest`.

use std::process::ExitCode;

use anyhow::Context as _;
use fevm_conformance::statetest::cli::StateTestArgs;

pub(crate) type Args = StateTestArgs;

pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    args.execute().context("standard input or output")
}
