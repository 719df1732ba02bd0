//! Traces read back: goevmlab's normal form, with gas cost and refund besides.

use serde::Deserialize;

/// What is compared of a step.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// 1 for the first frame.
    pub depth: u64,
    /// Position in the code.
    pub pc: u64,
    /// Gas left before the step, as the line has it.
    pub gas: String,
    /// Opcode.
    pub op: u8,
    /// Mnemonic.
    pub op_name: String,
    /// Words in hexadecimal, the last on top.
    pub stack: Vec<String>,
    /// Price, as the line has it.
    pub gas_cost: String,
    /// Refund counter.
    pub refund: u64,
    /// Why it failed.
    #[serde(default)]
    error: Option<String>,
}

/// The steps of one transaction, and the state root behind them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// All but STOPs.
    pub steps: Vec<Step>,
    /// State root, as the line has it.
    pub root: String,
}

/// The traces in a stream of lines; the line with the state root ends each. Lines that are no JSON
/// objects are passed over. Of two lines in a row of one place the first counts.
///
/// # Errors
/// If a line is not what a trace has.
pub fn read(stream: &[u8]) -> Result<Vec<Trace>, String> {
    let mut traces = Vec::new();
    let mut trace = Trace::default();
    for line in String::from_utf8_lossy(stream)
        .lines()
        .filter(|line| line.starts_with('{'))
    {
        let bad = |error: serde_json::Error| format!("{line}: {error}");
        let value: serde_json::Value = serde_json::from_str(line).map_err(bad)?;
        if let Some(root) = value["stateRoot"].as_str() {
            root.clone_into(&mut trace.root);
            traces.push(core::mem::take(&mut trace));
        }
        if value["pc"].is_null() || value["op"] == 0 {
            continue;
        }
        let mut step: Step = serde_json::from_value(value).map_err(bad)?;
        let fault = step.error.take().is_some();
        let last = trace.steps.last().map(|last| (last.depth, last.pc));
        if !fault || last != Some((step.depth, step.pc)) {
            trace.steps.push(step);
        }
    }
    Ok(traces)
}

/// The first difference between two traces.
#[must_use]
pub fn difference(ours: &Trace, theirs: &Trace) -> Option<String> {
    let differing = ours
        .steps
        .iter()
        .zip(&theirs.steps)
        .position(|(ours, theirs)| ours != theirs);
    if let Some(at) = differing {
        let (ours, theirs) = (&ours.steps[at], &theirs.steps[at]);
        return Some(format!("step {at}:\nours   {ours:?}\ntheirs {theirs:?}"));
    }
    if ours.steps.len() != theirs.steps.len() {
        return Some(format!(
            "{} steps, theirs {}",
            ours.steps.len(),
            theirs.steps.len()
        ));
    }
    (ours.root != theirs.root).then(|| format!("state root {}, theirs {}", ours.root, theirs.root))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: &str = r#"{"pc":0,"op":96,"gas":"0x64","gasCost":"0x3","memSize":0,"stack":[],"depth":1,"refund":0,"opName":"PUSH1"}"#;

    #[test]
    fn repeated_lines_and_stops_do_not_count() {
        let fault = STEP.replace("\"PUSH1\"}", "\"PUSH1\",\"error\":\"out of gas\"}");
        let stop = STEP.replace("\"op\":96", "\"op\":0");
        let stream = format!(
            "INFO\n{STEP}\n{fault}\n{stop}\n{{\"stateRoot\": \"0x12\"}}\n{fault}\n{{\"stateRoot\": \"0x13\"}}\n"
        );
        let traces = read(stream.as_bytes()).unwrap();
        assert_eq!(traces.len(), 2);
        assert_eq!(
            (traces[0].steps.len(), traces[0].root.as_str()),
            (1, "0x12")
        );
        assert_eq!(
            (traces[1].steps.len(), traces[1].root.as_str()),
            (1, "0x13")
        );
        assert!(difference(&traces[0], &traces[1]).unwrap().contains("0x13"));
        assert_eq!(difference(&traces[0], &traces[0]), None);
    }

    #[test]
    fn what_is_no_step() {
        assert!(read(br#"{"pc":0,"op":"x"}"#).is_err());
        assert!(read(b"{").is_err());
    }
}
