//! Traces as go-ethereum writes them: a JSON object a line (EIP-3155).

use crate::ethereum::tracer::{Tracer, error_text};
use core::fmt::Write as _;
use evm_interpreter::inspector::Step;
use evm_interpreter::{Halt, Inspector, U256, opcode};
use std::io::Write;

/// What the lines show beside the fixed fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceOptions {
    /// `memory`.
    pub memory: bool,
    /// `stack`.
    pub stack: bool,
    /// `returnData`.
    pub return_data: bool,
}

/// A frame that has begun and not ended.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    /// Refund counter when the frame began.
    refund_before: i64,
    /// Refund counter at its last step.
    refund: i64,
    code_length: usize,
}

/// Writes a line a step, and one at each frame's end.
#[derive(Debug)]
pub struct JsonTracer<W> {
    out: W,
    options: TraceOptions,
    open: Vec<Open>,
    /// Refund counter before the first frame.
    refund_at_start: i64,
    /// The step that runs: what stands before and behind its cost.
    head: String,
    tail: String,
    gas: u64,
    /// Its line is not written yet.
    pending: bool,
    /// It stands behind the end of the code: the STOP that is not there has no line.
    implicit: bool,
    cost: u64,
}

impl<W: Write> JsonTracer<W> {
    /// A tracer that writes to `out`.
    pub const fn new(out: W, options: TraceOptions) -> Self {
        Self {
            out,
            options,
            open: Vec::new(),
            refund_at_start: 0,
            head: String::new(),
            tail: String::new(),
            gas: 0,
            pending: false,
            implicit: false,
            cost: 0,
        }
    }

    /// The writer.
    pub const fn writer(&mut self) -> &mut W {
        &mut self.out
    }

    fn line(&mut self, error: Option<&str>) {
        if self.implicit {
            return;
        }
        // A writer that fails (a closed pipe) leaves nobody to tell.
        let _ = match error {
            None => writeln!(self.out, "{}\"0x{:x}\"{}}}", self.head, self.cost, self.tail),
            Some(error) => writeln!(
                self.out,
                "{}\"0x{:x}\"{},\"error\":\"{error}\"}}",
                self.head, self.cost, self.tail
            ),
        };
    }

    /// Writing to a string cannot fail.
    fn describe(&mut self, step: &Step<'_>) {
        let open = self.open.last().copied().unwrap_or_default();
        let depth = self.open.len();
        self.head.clear();
        let _ = write!(
            self.head,
            "{{\"pc\":{},\"op\":{},\"gas\":\"0x{:x}\",\"gasCost\":",
            step.pc, step.op, step.gas
        );
        let tail = &mut self.tail;
        tail.clear();
        if self.options.memory && !step.memory.is_empty() {
            tail.push_str(",\"memory\":\"0x");
            push_hex(tail, step.memory);
            tail.push('"');
        }
        let _ = write!(tail, ",\"memSize\":{}", step.memory.len());
        if self.options.stack {
            tail.push_str(",\"stack\":[");
            for (at, word) in step.stack.iter().enumerate() {
                if at > 0 {
                    tail.push(',');
                }
                push_word(tail, word);
            }
            tail.push(']');
        } else {
            tail.push_str(",\"stack\":null");
        }
        if self.options.return_data && !step.return_data.is_empty() {
            tail.push_str(",\"returnData\":\"0x");
            push_hex(tail, step.return_data);
            tail.push('"');
        }
        let _ = write!(tail, ",\"depth\":{depth},\"refund\":{},\"opName\":\"", open.refund);
        push_name(tail, step.op);
        tail.push('"');
    }
}

fn push_word(out: &mut String, word: &U256) {
    out.push_str("\"0x");
    let _ = match word.0 {
        [low, 0, 0, 0] => write!(out, "{low:x}"),
        _ => write!(out, "{word:x}"),
    };
    out.push('"');
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// go-ethereum's name of an opcode.
fn push_name(out: &mut String, op: u8) {
    match op {
        opcode::PREVRANDAO => out.push_str("DIFFICULTY"),
        _ => match opcode::instruction(op) {
            Some(instruction) => out.push_str(instruction.name),
            None => {
                let _ = write!(out, "opcode {op:#x} not defined");
            }
        },
    }
}

impl<W: Write> Inspector for JsonTracer<W> {
    const ENABLED: bool = true;

    fn step(&mut self, step: &Step<'_>) {
        if let Some(open) = self.open.last_mut() {
            open.refund = open.refund_before + step.refund;
            self.implicit = step.pc >= open.code_length;
        }
        self.describe(step);
        self.gas = step.gas;
        self.pending = true;
    }

    fn charged(&mut self, gas_left: u64) {
        if self.pending {
            self.pending = false;
            self.cost = self.gas.saturating_sub(gas_left);
            self.line(None);
        }
    }

    fn halted(&mut self, halt: Halt, gas_left: u64) {
        let error = error_text(halt);
        if self.pending {
            self.pending = false;
            self.cost = self.gas.saturating_sub(gas_left);
            // What is charged before it runs has a line of its own before its failure.
            let ran = !matches!(
                halt,
                Halt::OutOfGas | Halt::StackUnderflow | Halt::StackOverflow
            );
            if error.is_some() && ran {
                self.line(None);
            }
            self.line(error);
        } else if error.is_some() {
            self.line(error);
        }
    }
}

impl<W: Write> Tracer for JsonTracer<W> {
    fn begin(&mut self, refund: i64) {
        self.open.clear();
        self.refund_at_start = refund;
    }

    fn enter(&mut self) {
        let refund = self.open.last().map_or(self.refund_at_start, |open| open.refund);
        self.open.push(Open { refund_before: refund, refund, code_length: 0 });
    }

    fn code(&mut self, length: usize) {
        if let Some(open) = self.open.last_mut() {
            open.code_length = length;
        }
    }

    fn exit(&mut self, output: &[u8], gas_used: u64, error: Option<&str>) {
        self.open.pop();
        let mut line = String::with_capacity(48 + 2 * output.len());
        line.push_str("{\"output\":\"");
        push_hex(&mut line, output);
        let _ = write!(line, "\",\"gasUsed\":\"0x{gas_used:x}\"");
        if let Some(error) = error {
            let _ = write!(line, ",\"error\":{}", serde_json::Value::from(error));
        }
        line.push_str("}\n");
        let _ = self.out.write_all(line.as_bytes());
    }
}
