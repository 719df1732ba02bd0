use clap::{CommandFactory, FromArgMatches, Parser};

use super::*;
use crate::commands::node::Args;

#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    Node(Box<Args>),
}

/// Parses `fevm node` with a file of that content and these flags.
fn parse_with(file: &str, flags: &[&str]) -> anyhow::Result<Parsed> {
    // Tests run at the same time, so each has a file of its own.
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path =
        std::env::temp_dir().join(format!("fevm-config-{}-{number}.toml", std::process::id()));
    std::fs::write(&path, file)?;
    let path_text = path.to_string_lossy().into_owned();
    let arguments = ["fevm", "node", "--config", &path_text]
        .into_iter()
        .chain(flags.iter().copied())
        .map(OsString::from);
    let parsed = parse(Cli::command(), arguments.collect());
    std::fs::remove_file(path)?;
    parsed
}

fn args(file: &str, flags: &[&str]) -> Args {
    match parse_with(file, flags).unwrap() {
        Parsed::Matches(matches) => {
            let Sub::Node(args) = Cli::from_arg_matches(&matches).unwrap().command;
            *args
        }
        Parsed::Print(text) => panic!("printed {text}"),
    }
}

fn error(file: &str) -> String {
    format!("{:#}", parse_with(file, &[]).unwrap_err())
}

#[test]
fn flags_win_over_the_file_and_the_file_over_defaults() {
    let file =
        "port = 9000\nchain-id = 7\nquiet = true\nmnemonic = \"legal winner\"\nblock-time = 0.5\n";
    let from_file = args(file, &[]);
    assert_eq!(
        (from_file.port, from_file.chain_id, from_file.quiet),
        (9000, 7, true)
    );
    assert_eq!((from_file.block_time, from_file.accounts), (Some(500), 10));
    assert_eq!(from_file.mnemonic, "legal winner");
    let both = args(file, &["--port", "9001", "--quiet=false"]);
    assert_eq!((both.port, both.chain_id, both.quiet), (9001, 7, false));
    // A flag that excludes a key of the file takes its place.
    let excluded = args(file, &["--no-mining"]);
    assert_eq!((excluded.block_time, excluded.no_mining), (None, true));
}

#[test]
fn faults_are_told_with_their_line() {
    let wrong_key = error("port = 1\n\nprot = 2\n");
    assert!(
        wrong_key.contains("line 3: unknown key `prot`"),
        "{wrong_key}"
    );
    let near = error("chain_id = 2\n");
    assert!(near.contains("did you mean `chain-id`?"), "{near}");
    let value = error("# one\nport = 70000\n");
    assert!(
        value.contains("line 2: ") && value.contains("70000") && value.contains("--port"),
        "{value}"
    );
    let kind = error("port = 1\nmnemonic = [1]\n");
    assert!(
        kind.contains("line 2: key `mnemonic` has an array"),
        "{kind}"
    );
    let syntax = error("port = 1\nquiet = \n");
    assert!(syntax.contains("line 2: "), "{syntax}");
    let twice = error("port = 1\nport = 2\n");
    assert!(
        twice.contains("line 2: ") && twice.contains("duplicate"),
        "{twice}"
    );
}

#[test]
fn a_printed_configuration_reads_back_the_same() {
    let print = |file: &str, flags: &[&str]| match parse_with(file, flags).unwrap() {
        Parsed::Print(text) => text,
        Parsed::Matches(_) => panic!("not printed"),
    };
    let first = print(
        "port = 9000\n",
        &[
            "--print-config",
            "--quiet",
            "--block-time",
            "1.5",
            "--base-fee",
            "18446744073709551615",
        ],
    );
    for line in [
        "port = 9000",
        "quiet = true",
        "json = false",
        "block-time = 1.5",
        "host = \"127.0.0.1\"",
        "# timestamp =",
    ] {
        assert!(
            first.lines().any(|other| other == line),
            "{line} is not in\n{first}"
        );
    }
    assert_eq!(print(&first, &["--print-config"]), first);
}

#[test]
fn every_flag_is_a_key() {
    let command =
        node_command(&Cli::command().mut_subcommand(SUBCOMMAND, switches_take_values)).unwrap();
    let Parsed::Print(text) = parse_with("", &["--print-config"]).unwrap() else {
        panic!("not printed")
    };
    for (_, key) in keys(&command) {
        let lines = text
            .lines()
            .filter(|line| {
                line.trim_start_matches("# ")
                    .starts_with(&format!("{key} ="))
            })
            .count();
        assert_eq!(lines, 1, "{key}");
    }
}
