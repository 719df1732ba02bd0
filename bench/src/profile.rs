//! Flame graphs of gas.

use std::path::Path;

use anyhow::Context;
use fevm_machine::profile::Profile;

/// Draws a profile as an SVG flame graph: calls from the bottom up, classes of charges on top, width
/// for gas.
pub fn flame_graph(profile: &Profile, title: &str) -> anyhow::Result<Vec<u8>> {
    let mut options = inferno::flamegraph::Options::default();
    options.title = title.into();
    options.count_name = "gas".into();
    let lines = profile.folded();
    let mut svg = Vec::new();
    inferno::flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), &mut svg)
        .context("cannot draw the flame graph")?;
    Ok(svg)
}

/// Writes a profile to a file: an SVG, or the folded stacks as text if the name ends in `.folded`.
pub fn write(profile: &Profile, title: &str, path: &Path) -> anyhow::Result<()> {
    let content = if path.extension().is_some_and(|e| e == "folded") {
        (profile.folded().join("\n") + "\n").into_bytes()
    } else {
        flame_graph(profile, title)?
    };
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}
