//! `fevm node --config FILE`: every flag as a key of a TOML file, and `--print-config`, which writes such a file.
//!
//! A key is a flag without its dashes, and its value is read by the flag's own parser: whatever is a flag is a key too,
//! with the same checks. Flags on the command line win over the file, the file wins over the defaults.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The subcommand that has a configuration file.
const SUBCOMMAND: &str = "node";
/// Flags that are about the file itself and so not in it.
const NOT_IN_FILE: [&str; 4] = ["config", "print_config", "help", "version"];

/// What a command line comes to.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// Arguments, those of the configuration file among them.
    Matches(ArgMatches),
    /// `--print-config`: the configuration to print.
    Print(String),
}

/// Parses a command line, with the configuration file that it names. What clap refuses ends the program as usual.
///
/// # Errors
/// The file cannot be read, or a line of it is wrong.
pub(crate) fn parse(command: Command, arguments: Vec<OsString>) -> anyhow::Result<Parsed> {
    let command = command.mut_subcommand(SUBCOMMAND, switches_take_values);
    let mut matches = command.clone().get_matches_from(&arguments);
    let Some((SUBCOMMAND, given)) = matches.subcommand() else {
        return Ok(Parsed::Matches(matches));
    };
    let mut node = node_command(&command)?;
    if let Some(path) = given.get_one::<std::path::PathBuf>("config") {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("--config {}", path.display()))?;
        let from_file = arguments_from(&text, path, &node, given)?;
        // The file's come first, right behind the subcommand.
        let at = arguments
            .iter()
            .position(|argument| argument == SUBCOMMAND)
            .map_or(1, |at| at + 1);
        let (before, after) = arguments.split_at(at.min(arguments.len()));
        let all = [before, &from_file, after].concat();
        matches = command.clone().get_matches_from(all);
    }
    match matches.subcommand() {
        Some((SUBCOMMAND, given)) if given.get_flag("print_config") => {
            Ok(Parsed::Print(print(&mut node, given)))
        }
        _ => Ok(Parsed::Matches(matches)),
    }
}

fn node_command(command: &Command) -> anyhow::Result<Command> {
    let mut command = command.clone();
    command.build();
    command
        .find_subcommand(SUBCOMMAND)
        .cloned()
        .context("there is no such subcommand")
}

/// Lets a switch be turned off, as `--quiet=false`, which a line of the file may ask for and the command line may need
/// to undo one.
fn switches_take_values(command: Command) -> Command {
    command.mut_args(|argument| {
        if !matches!(argument.get_action(), ArgAction::SetTrue)
            || NOT_IN_FILE.contains(&argument.get_id().as_str())
        {
            return argument;
        }
        argument
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .value_parser(value_parser!(bool))
            .value_name("BOOL")
            .default_value("false")
            .default_missing_value("true")
            .hide_default_value(true)
            .hide_possible_values(true)
    })
}

/// The arguments that a file stands for, without those that the command line overrides.
fn arguments_from(
    text: &str,
    path: &Path,
    command: &Command,
    given: &ArgMatches,
) -> anyhow::Result<Vec<OsString>> {
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        anyhow::anyhow!("{}, line {line}: {}", path.display(), error.message())
    })?;
    let mut arguments = Vec::new();
    for (key, value) in table.get_ref().iter() {
        let place = || {
            format!(
                "{}, line {}",
                path.display(),
                line_of(text, key.span().start)
            )
        };
        let name: &str = key.get_ref();
        let Some(flag) = find(command, name) else {
            bail!(
                "{}: unknown key `{name}`{}",
                place(),
                nearest(command, name)
            );
        };
        let values = values(flag, name, value).with_context(place)?;
        for value in &values {
            check(command, value).map_err(|error| anyhow::anyhow!("{}: {error}", place()))?;
        }
        // A switch that is off is as if it were not there, also for the flags that exclude it.
        let is_off = matches!(value.get_ref(), DeValue::Boolean(false)) && is_switch(flag);
        if !is_off && !is_overridden(command, flag, given) {
            arguments.extend(values.into_iter().map(OsString::from));
        }
    }
    Ok(arguments)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

fn keys(command: &Command) -> impl Iterator<Item = (&Arg, &str)> {
    command
        .get_arguments()
        .filter(|argument| !NOT_IN_FILE.contains(&argument.get_id().as_str()))
        .filter_map(|argument| Some((argument, argument.get_long()?)))
}

fn find<'a>(command: &'a Command, key: &str) -> Option<&'a Arg> {
    keys(command)
        .find(|(_, name)| *name == key)
        .map(|(argument, _)| argument)
}

/// What the writer of an unknown key may have meant.
fn nearest(command: &Command, key: &str) -> String {
    let wanted = key.replace('_', "-").to_lowercase();
    let near = |name: &&str| {
        wanted == **name || (wanted.len() > 2 && (name.contains(&wanted) || wanted.contains(*name)))
    };
    match keys(command).map(|(_, name)| name).find(near) {
        Some(name) => format!(": did you mean `{name}`?"),
        None => ": `fevm node --print-config` lists all keys".to_owned(),
    }
}

/// A key with its value as flags: one, or one for each item of a list where a flag may come many times.
fn values(flag: &Arg, key: &str, value: &Spanned<DeValue<'_>>) -> anyhow::Result<Vec<String>> {
    let text = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        DeValue::Float(number) => Ok(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Ok(flag.to_string()),
        other => bail!(
            "key `{key}` has {}, expected a string, a decimal number, true or false",
            with_article(other)
        ),
    };
    match value.get_ref() {
        DeValue::Array(items) if matches!(flag.get_action(), ArgAction::Append) => items
            .iter()
            .map(|item| Ok(format!("--{key}={}", text(item.get_ref())?)))
            .collect(),
        one => Ok(vec![format!("--{key}={}", text(one)?)]),
    }
}

fn with_article(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(_) => "a number that is not decimal".to_owned(),
        DeValue::Array(_) => "an array".to_owned(),
        other => format!("a {}", other.type_str()),
    }
}

/// Lets the flag's own parser look at a value.
fn check(command: &Command, argument: &str) -> Result<(), String> {
    let command = command.clone().no_binary_name(true);
    match command.try_get_matches_from([argument]) {
        Ok(_) => Ok(()),
        Err(error) => {
            // The first paragraph says what is wrong; the rest is about the command line.
            let text = error.to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            Err(first.trim_start_matches("error: ").replace('\n', " "))
        }
    }
}

/// Whether the command line has the flag, or one that excludes it.
fn is_overridden(command: &Command, flag: &Arg, given: &ArgMatches) -> bool {
    let on_command_line = |argument: &Arg| {
        given.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    let excludes = |other: &Arg| {
        command
            .get_arg_conflicts_with(other)
            .iter()
            .any(|one| one.get_id() == flag.get_id())
    };
    on_command_line(flag)
        || command
            .get_arg_conflicts_with(flag)
            .into_iter()
            .any(on_command_line)
        || command
            .get_arguments()
            .any(|other| on_command_line(other) && excludes(other))
}

/// The configuration as a file: every key with what `--help` says of it, those without a value commented out.
fn print(command: &mut Command, matches: &ArgMatches) -> String {
    command.build();
    let mut text =
        "# Configuration of `fevm node`, for --config. Flags on the command line win over it.\n"
            .to_owned();
    let mut heading = None;
    for (argument, key) in keys(command) {
        if argument.get_help_heading() != heading {
            heading = argument.get_help_heading();
            let _ = write!(text, "\n# --- {} ---\n", heading.unwrap_or("Options"));
        }
        if let Some(help) = argument.get_help() {
            let _ = write!(text, "\n# {}\n", help.to_string().replace('\n', "\n# "));
        }
        let values: Vec<String> = matches
            .get_raw(argument.get_id().as_str())
            .map(|values| {
                values
                    .map(|value| literal(argument, &value.to_string_lossy()))
                    .collect()
            })
            .unwrap_or_default();
        let _ = match (values.as_slice(), argument.get_action()) {
            ([], _) => writeln!(text, "# {key} ="),
            ([one], ArgAction::Set) => writeln!(text, "{key} = {one}"),
            (many, _) => writeln!(text, "{key} = [{}]", many.join(", ")),
        };
    }
    text
}

fn is_switch(argument: &Arg) -> bool {
    argument.get_value_parser().type_id() == value_parser!(bool).type_id()
}

/// A value as TOML: numbers and switches bare, all else a string.
fn literal(argument: &Arg, value: &str) -> String {
    let is_switch = is_switch(argument);
    let number = value
        .parse::<i64>()
        .is_ok_and(|number| number.to_string() == value)
        || (value.contains('.')
            && value
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
            && value
                .parse::<f64>()
                .is_ok_and(|number| number.to_string() == value));
    if is_switch || number {
        value.to_owned()
    } else {
        toml::Value::from(value).to_string()
    }
}

#[cfg(test)]
mod tests;
