//! The program under the name `evm`, for tools that drive go-ethereum's.
//!
//! goevmlab and execution-spec-tests know a few clients by their command lines. A link named `evm`
//! to this program (or a copy of it) answers as the one that they know best.

use std::ffi::OsString;
use std::path::Path;

/// What the command line comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Invocation {
    /// Arguments for the usual parser.
    Arguments(Vec<OsString>),
    /// The version line that tools look for.
    Version(String),
}

/// Reads a command line: as it is, unless the program's name is `evm`.
pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Invocation {
    let mut arguments = arguments.into_iter();
    let Some(program) = arguments.next() else {
        return Invocation::Arguments(Vec::new());
    };
    let name = Path::new(&program).file_stem();
    if name.is_none_or(|name| name != "evm") {
        return Invocation::Arguments(std::iter::once(program).chain(arguments).collect());
    }
    let mut out = vec![program];
    let mut subcommand = false;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        match text.as_ref() {
            "-v" | "--version" | "-version" | "version" if !subcommand => {
                let version = env!("CARGO_PKG_VERSION");
                return Invocation::Version(format!("evm version {version}-fevm"));
            }
            // How much go-ethereum logs: nothing here does.
            "--verbosity" | "-verbosity" => {
                arguments.next();
            }
            _ if text.starts_with("--verbosity=") || text.starts_with("-verbosity=") => {}
            _ => {
                subcommand |= !text.starts_with('-');
                out.push(two_dashes(&text).map_or(argument.clone(), OsString::from));
            }
        }
    }
    Invocation::Arguments(out)
}

/// `--flag` for `-flag`: Go takes either. Single letters and numbers stay.
fn two_dashes(text: &str) -> Option<String> {
    let flag = text.strip_prefix('-')?;
    let long = flag.len() > 1 && flag.starts_with(|c: char| c.is_ascii_alphabetic());
    long.then(|| format!("--{flag}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &[&str]) -> Invocation {
        read(arguments.iter().map(OsString::from))
    }

    fn arguments(arguments: &[&str]) -> Invocation {
        Invocation::Arguments(arguments.iter().map(OsString::from).collect())
    }

    #[test]
    fn other_names_change_nothing() {
        let given = ["fevm", "--verbosity", "3", "-version"];
        assert_eq!(of(&given), arguments(&given));
    }

    #[test]
    fn as_goevmlab_calls_it() {
        let given = [
            "/opt/evm",
            "statetest",
            "--trace",
            "--trace.format=json",
            "--trace.nomemory=true",
            "--trace.noreturndata=true",
            "a.json",
        ];
        assert_eq!(of(&given), arguments(&given));
    }

    #[test]
    fn as_execution_spec_tests_call_it() {
        assert_eq!(
            of(&["evm", "--verbosity", "100", "statetest", "-json", "a.json"]),
            arguments(&["evm", "statetest", "--json", "a.json"])
        );
        let Invocation::Version(line) = of(&["evm", "-v"]) else {
            panic!()
        };
        assert!(line.starts_with("evm version "));
    }
}
