//! The command line of fevm. Each subcommand lives in its own file under
//! [`commands`] and does argument parsing and printing only; the work is done
//! by the library crates.

mod commands;
mod input;

use std::process::ExitCode;

use clap::Parser;

/// EVM bytecode on the Filecoin Virtual Machine: run it, test it, serve it.
#[derive(Debug, Parser)]
#[command(name = "fevm", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    match Cli::parse().command.execute() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
