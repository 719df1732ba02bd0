//! Traces as lines of JSON (EIP-3155), as go-ethereum writes them.

use std::fmt::Write as _;
use std::io::Write;

use alloy_primitives::hex;
use evm_interpreter::opcode;

use super::event::{FrameEnd, FrameInfo, FrameKind, MemoryView, Step, StepSink};

/// What the lines show beside the fixed fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineOptions {
    /// `memory`, if there is any.
    pub memory: bool,
    /// `returnData`, if there is any.
    pub return_data: bool,
    /// No `stack`.
    pub no_stack: bool,
}

/// Writes a line a step, and one at the end of each frame that runs EVM code. `gas` and `gasCost` are FVM
/// gas; `refund` is 0, since there is none.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
    options: LineOptions,
    /// The open frames: their memory, or nothing if they run no EVM code.
    frames: Vec<Option<MemoryView>>,
    line: String,
    failed: Option<std::io::Error>,
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`.
    pub const fn new(out: W, options: LineOptions) -> Self {
        Self {
            out,
            options,
            frames: Vec::new(),
            line: String::new(),
            failed: None,
        }
    }

    /// The writer.
    ///
    /// # Errors
    /// Writing has failed.
    pub fn finish(mut self) -> std::io::Result<W> {
        self.out.flush()?;
        self.failed.map_or(Ok(self.out), Err)
    }

    fn put(&mut self) {
        if self.failed.is_none()
            && let Err(error) = self.out.write_all(self.line.as_bytes())
        {
            self.failed = Some(error);
        }
    }
}

impl<W: Write + Send + 'static> StepSink for JsonLines<W> {
    fn enter(&mut self, frame: &FrameInfo) {
        let runs_code = !matches!(frame.kind, FrameKind::Native | FrameKind::Method);
        self.frames.push(runs_code.then(MemoryView::default));
    }

    fn step(&mut self, step: &Step) {
        let Some(view) = self.frames.last_mut() else {
            return;
        };
        let view = view.get_or_insert_default();
        view.follow(step);
        if step.implicit {
            return;
        }
        let line = &mut self.line;
        line.clear();
        // Writing to a string cannot fail.
        let _ = write!(
            line,
            "{{\"pc\":{},\"op\":{},\"gas\":\"0x{:x}\",\"gasCost\":\"0x{:x}\"",
            step.pc, step.op, step.gas, step.gas_cost
        );
        if self.options.memory && !view.memory.is_empty() {
            let _ = write!(
                line,
                ",\"memory\":\"{}\"",
                hex::encode_prefixed(&view.memory)
            );
        }
        let _ = write!(line, ",\"memSize\":{},\"stack\":", step.memory_size);
        if self.options.no_stack {
            line.push_str("null");
        } else {
            line.push('[');
            for (at, word) in step.stack.iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                let _ = write!(line, "{comma}\"0x{word:x}\"");
            }
            line.push(']');
        }
        if self.options.return_data && !view.return_data.is_empty() {
            let data = hex::encode_prefixed(&view.return_data);
            let _ = write!(line, ",\"returnData\":\"{data}\"");
        }
        let _ = write!(
            line,
            ",\"depth\":{},\"refund\":0,\"opName\":\"{}\"",
            step.depth,
            op_name(step.op)
        );
        if let Some(error) = step.halt.and_then(super::StepHalt::error) {
            let _ = write!(line, ",\"error\":\"{error}\"");
        }
        line.push_str("}\n");
        self.put();
    }

    fn leave(&mut self, end: &FrameEnd) {
        if self.frames.pop().flatten().is_none() {
            return;
        }
        self.line.clear();
        let output = hex::encode(&end.output);
        let _ = write!(
            self.line,
            "{{\"output\":\"{output}\",\"gasUsed\":\"0x{:x}\"",
            end.gas_used
        );
        if !end.exit_code.is_success() {
            let error = crate::exit::describe(end.exit_code);
            let _ = write!(self.line, ",\"error\":\"{error}\"");
        }
        self.line.push_str("}\n");
        self.put();
    }
}

/// go-ethereum's name of an opcode.
pub fn op_name(op: u8) -> String {
    match op {
        // The name from before the Merge.
        opcode::PREVRANDAO => "DIFFICULTY".into(),
        _ => match opcode::instruction(op) {
            Some(instruction) => instruction.name.into(),
            None => format!("opcode {op:#x} not defined"),
        },
    }
}
