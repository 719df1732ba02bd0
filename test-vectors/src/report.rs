//! Results as text.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::runner::VectorResult;

/// Longest text shown for one side of a difference, in characters.
const LIMIT: usize = 2_000;

/// The steps of a vector that differ, both sides of each difference.
pub fn mismatches(result: &VectorResult) -> String {
    let mut text = String::new();
    if let Some(error) = &result.error {
        let _ = writeln!(text, "{}: {error}", result.name);
    }
    for mismatch in &result.mismatches {
        let _ = writeln!(
            text,
            "{}: message {} ({}) differs",
            result.name, mismatch.index, mismatch.step
        );
        for difference in &mismatch.differences {
            let _ = writeln!(text, "  {}", difference.what);
            side(&mut text, "expected", &difference.expected);
            side(&mut text, "actual", &difference.actual);
        }
        if !mismatch.backtrace.is_empty() {
            side(&mut text, "failed at", &mismatch.backtrace);
        }
    }
    text
}

fn side(text: &mut String, label: &str, content: &str) {
    let mut shown: String = content.chars().take(LIMIT).collect();
    if shown.len() < content.len() {
        let _ = write!(shown, "… ({} characters)", content.len());
    }
    for (n, line) in shown.trim_end().split('\n').enumerate() {
        let label = if n == 0 { label } else { "" };
        let _ = writeln!(text, "    {label:>9}  {line}");
    }
}

/// One line per group: vectors and messages that agree, and the geometric mean
/// of gas relative to the recorded figures.
pub fn summary(results: &[VectorResult]) -> String {
    let mut groups: BTreeMap<&str, Vec<&VectorResult>> = BTreeMap::new();
    for result in results {
        let group = result.name.split('/').next().unwrap_or_default();
        groups.entry(group).or_default().push(result);
    }
    let mut text = format!(
        "{:<14}{:>9}{:>11}{:>10}{:>11}\n",
        "group", "vectors", "messages", "allowed", "gas ratio"
    );
    for (name, group) in &groups {
        line(&mut text, name, group);
    }
    line(&mut text, "all", &results.iter().collect::<Vec<_>>());
    text
}

fn line(text: &mut String, name: &str, results: &[&VectorResult]) {
    let ok = results.iter().filter(|r| r.is_ok()).count();
    let steps: usize = results.iter().map(|r| r.steps).sum();
    let allowed: usize = results.iter().map(|r| r.allowed.len()).sum();
    let ratio = ratio(results.iter().flat_map(|r| &r.gas));
    let _ = writeln!(
        text,
        "{name:<14}{:>9}{steps:>11}{allowed:>10}{:>11}",
        format!("{ok}/{}", results.len()),
        ratio.map_or("-".into(), |r| format!("{r:.3}"))
    );
}

/// Geometric mean of second over first, of messages that used gas in both.
pub fn ratio<'a>(pairs: impl Iterator<Item = &'a (u64, u64)>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0u32);
    for (first, second) in pairs {
        if *first > 0 && *second > 0 {
            sum += (*second as f64 / *first as f64).ln();
            count += 1;
        }
    }
    (count > 0).then(|| (sum / f64::from(count)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_geometric_and_leaves_out_zeros() {
        let pairs = [(100, 50), (100, 200), (0, 7)];
        assert!((ratio(pairs.iter()).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(ratio([].iter()), None);
    }
}
