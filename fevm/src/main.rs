//! The command line of fevm. Each subcommand lives in its own file under
//! [`commands`] and does argument parsing and printing only; the work is done
//! by the library crates.

mod commands;
mod geth;
mod input;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};
use commands::node::config_file::{self, Parsed};

/// EVM bytecode on the Filecoin Virtual Machine: run it, test it, serve it.
#[derive(Debug, Parser)]
#[command(name = "fevm", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    let arguments = match geth::read(std::env::args_os()) {
        geth::Invocation::Arguments(arguments) => arguments,
        geth::Invocation::Version(line) => {
            println!("{line}");
            return ExitCode::SUCCESS;
        }
    };
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Vec<OsString>) -> anyhow::Result<ExitCode> {
    match config_file::parse(Cli::command(), arguments)? {
        Parsed::Print(text) => {
            print!("{text}");
            Ok(ExitCode::SUCCESS)
        }
        Parsed::Matches(matches) => Cli::from_arg_matches(&matches)?.command.execute(),
    }
}
