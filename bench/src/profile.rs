//! Flame graphs of gas.

use std::path::Path;

use anyhow::Context;

/// Draws folded stacks as an SVG flame graph: calls from the bottom up, classes of charges on top, width
/// for gas.
pub fn flame_graph(folded: &[String], title: &str) -> anyhow::Result<Vec<u8>> {
    let mut options = inferno::flamegraph::Options::default();
    options.title = title.into();
    options.count_name = "gas".into();
    let mut svg = Vec::new();
    inferno::flamegraph::from_lines(&mut options, folded.iter().map(String::as_str), &mut svg)
        .context("cannot draw the flame graph")?;
    Ok(svg)
}

/// Writes folded stacks ([`Profile::folded`](fevm_machine::profile::Profile::folded)) to a file: as an SVG, or as
/// text if the name ends in `.folded`.
pub fn write(folded: &[String], title: &str, path: &Path) -> anyhow::Result<()> {
    let content = if path.extension().is_some_and(|e| e == "folded") {
        (folded.join("\n") + "\n").into_bytes()
    } else {
        flame_graph(folded, title)?
    };
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}
