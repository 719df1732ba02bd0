//! Traces as go-ethereum writes them: a JSON object a line (EIP-3155).

mod calls;
mod memory;
mod names;
pub mod steps;

use crate::ethereum::tracer::{Tracer, error_text};
use core::fmt::Write as _;
use evm_interpreter::host::CallTarget;
use evm_interpreter::inspector::Step;
use evm_interpreter::metering::{Ethereum, Metering};
use evm_interpreter::{Fork, Halt, Inspector, U256, opcode};
use memory::{memory_use, sizes_memory};
use names::push_name;
use std::io::Write;

/// go-ethereum's name of an opcode.
#[must_use]
pub fn opcode_name(op: u8) -> String {
    let mut name = String::new();
    push_name(&mut name, op);
    name
}

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
    /// The step that runs: what stands before and behind its cost, in the order of the line.
    head: String,
    before_stack: String,
    memory_size: u64,
    stack: Vec<U256>,
    after_stack: String,
    op: u8,
    gas: u64,
    /// What the instruction costs whatever its operands are.
    constant: u64,
    /// Its line is not written yet.
    pending: bool,
    /// It stands behind the end of the code: the STOP that is not there has no line.
    implicit: bool,
    cost: u64,
    /// Of the call that runs.
    target: CallTarget,
    /// The account whose code the instruction asks for is met for the first time.
    cold_code: bool,
    fork: Fork,
    /// Room for a line.
    line: String,
}

impl<W: Write> JsonTracer<W> {
    /// A tracer that writes to `out`, of transactions under the rules of `fork`.
    pub const fn new(out: W, options: TraceOptions, fork: Fork) -> Self {
        Self {
            out,
            options,
            open: Vec::new(),
            refund_at_start: 0,
            head: String::new(),
            before_stack: String::new(),
            memory_size: 0,
            stack: Vec::new(),
            after_stack: String::new(),
            op: 0,
            gas: 0,
            constant: 0,
            pending: false,
            implicit: false,
            cost: 0,
            target: CallTarget {
                cold: false,
                absent: false,
                delegate_cold: None,
            },
            cold_code: false,
            fork,
            line: String::new(),
        }
    }

    /// The writer.
    pub const fn writer(&mut self) -> &mut W {
        &mut self.out
    }

    /// Writes the step's line; a failure, too, with the operands `taken` from the stack.
    fn line(&mut self, error: Option<&str>, taken: usize) {
        if self.implicit {
            return;
        }
        let refund = self.open.last().map_or(0, |open| open.refund);
        let mut line = core::mem::take(&mut self.line);
        line.clear();
        let _ = write!(
            line,
            "{}\"0x{:x}\"{}",
            self.head, self.cost, self.before_stack
        );
        let _ = write!(line, ",\"memSize\":{}", self.memory_size);
        if self.options.stack {
            line.push_str(",\"stack\":[");
            let left = self.stack.len().saturating_sub(taken);
            for (at, word) in self.stack.iter().take(left).enumerate() {
                if at > 0 {
                    line.push(',');
                }
                push_word(&mut line, word);
            }
            line.push(']');
        } else {
            line.push_str(",\"stack\":null");
        }
        let depth = self.open.len();
        let _ = write!(
            line,
            "{},\"depth\":{depth},\"refund\":{refund}",
            self.after_stack
        );
        line.push_str(",\"opName\":\"");
        push_name(&mut line, self.op);
        line.push('"');
        if let Some(error) = error {
            let _ = write!(line, ",\"error\":\"{error}\"");
        }
        line.push_str("}\n");
        // A writer that fails (a closed pipe) leaves nobody to tell.
        let _ = self.out.write_all(line.as_bytes());
        self.line = line;
    }

    /// Writing to a string cannot fail.
    fn describe(&mut self, step: &Step<'_>) {
        self.head.clear();
        let _ = write!(
            self.head,
            "{{\"pc\":{},\"op\":{},\"gas\":\"0x{:x}\",\"gasCost\":",
            step.pc, step.op, step.gas
        );
        let text = &mut self.before_stack;
        text.clear();
        if self.options.memory && !step.memory.is_empty() {
            text.push_str(",\"memory\":\"0x");
            push_hex(text, step.memory);
            text.push('"');
        }
        self.memory_size = step.memory.len() as u64;
        self.stack.clear();
        self.stack.extend_from_slice(step.stack);
        let text = &mut self.after_stack;
        text.clear();
        if self.options.return_data && !step.return_data.is_empty() {
            text.push_str(",\"returnData\":\"0x");
            push_hex(text, step.return_data);
            text.push('"');
        }
    }

    /// How many items the instruction takes from the stack.
    fn operands(&self) -> usize {
        opcode::instruction(self.op).map_or(0, |instruction| usize::from(instruction.inputs))
    }

    /// Whether a SELFDESTRUCT cannot even pay for the first look at its beneficiary (EIP-2929): the
    /// rest of its price and its refund do not come to be known.
    fn beneficiary_unseen(&self) -> bool {
        const COLD: u64 = 2_600;
        const NEW_ACCOUNT: u64 = 25_000;
        let asked = self.cost.saturating_sub(self.constant);
        self.op == opcode::SELFDESTRUCT
            && self.fork >= Fork::Berlin
            && (asked == COLD || asked == COLD + NEW_ACCOUNT)
            && self.gas.saturating_sub(self.constant) < COLD
    }

    /// What an EXTCODECOPY pays for an account that it is the first to meet (EIP-2929), beside the warm price.
    const fn first_code_access(&self) -> u64 {
        const COLD_EXTRA: u64 = 2_500;
        if self.op == opcode::EXTCODECOPY && self.cold_code {
            COLD_EXTRA
        } else {
            0
        }
    }

    /// Whether go-ethereum has no constant part of the price.
    const fn priced_as_a_whole(&self) -> bool {
        self.logs() || self.op == opcode::EXP
    }

    const fn logs(&self) -> bool {
        matches!(self.op, opcode::LOG0..=opcode::LOG4)
    }

    /// Whether the instruction is refused in static calls only after it was paid.
    const fn fails_late(&self) -> bool {
        self.logs() || self.op == opcode::TSTORE
    }

    fn set_refund(&mut self, refund: i64) {
        if let Some(open) = self.open.last_mut() {
            open.refund = open.refund_before + refund;
        }
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

impl<W: Write> Inspector for JsonTracer<W> {
    const ENABLED: bool = true;

    fn step(&mut self, step: &Step<'_>) {
        self.set_refund(step.refund);
        self.implicit = self
            .open
            .last()
            .is_some_and(|open| step.pc >= open.code_length);
        self.describe(step);
        self.op = step.op;
        self.gas = step.gas;
        let mut meter = Ethereum::new(self.fork, u64::MAX - 1);
        self.constant = match meter.instruction(step.op) {
            Ok(()) => u64::MAX - 1 - meter.gas_left(),
            Err(_) => 0,
        };
        self.pending = true;
        self.cold_code = false;
    }

    fn charged(&mut self, gas_left: u64, refund: i64) {
        if self.pending {
            self.pending = false;
            self.cost = self.gas.saturating_sub(gas_left);
            self.set_refund(refund);
            self.line(None, 0);
        }
    }

    fn halted(&mut self, halt: Halt, gas_left: u64, refund: i64) {
        let error = error_text(halt);
        if !self.pending {
            if error.is_some() {
                self.line(error, 0);
            }
            return;
        }
        self.pending = false;
        // What the fork does not know has no operands.
        let memory = match halt {
            Halt::UndefinedInstruction => None,
            _ => memory_use(self.op, &self.stack, self.memory_size, self.fork),
        };
        self.cost = match memory {
            Some(used) => (self.constant + self.first_code_access()).saturating_add(used.gas),
            None => self.gas.wrapping_sub(gas_left),
        };
        match halt {
            Halt::OutOfGas if calls::is_call(self.op) => {
                self.cost = calls::unpaid_cost(
                    self.op,
                    &calls::Unpaid {
                        stack: &self.stack,
                        memory_size: self.memory_size,
                        gas: self.gas,
                        constant: self.constant,
                        target: self.target,
                        fork: self.fork,
                    },
                );
                self.line(error, 0);
            }
            // Not even begun: go-ethereum shows what could not be paid, if it came to know it.
            Halt::OutOfGas
                if (memory.is_some() || !(sizes_memory(self.op) || self.priced_as_a_whole()))
                    && (self.gas >= self.constant || self.priced_as_a_whole()) =>
            {
                if self.beneficiary_unseen() {
                    self.cost = self.constant;
                } else {
                    self.set_refund(refund);
                }
                self.line(error, 0);
            }
            Halt::OutOfGas
            | Halt::StackUnderflow
            | Halt::StackOverflow
            | Halt::InitCodeTooLarge => {
                self.cost = if self.priced_as_a_whole() {
                    0
                } else {
                    self.constant
                };
                self.line(error, 0);
            }
            Halt::ReturnDataOutOfBounds if self.cost > self.gas || memory.is_none() => {
                self.line(Some("out of gas"), 0);
            }
            Halt::StaticViolation if !self.fails_late() => {
                self.cost = self.constant;
                self.line(error, 0);
            }
            // What fails while it runs has a line before that, and one behind.
            _ if error.is_some() => {
                self.line(None, 0);
                if let Some(used) = memory {
                    self.memory_size = used.size;
                }
                let taken = match halt {
                    Halt::StaticViolation
                    | Halt::InvalidInstruction
                    | Halt::UndefinedInstruction => 0,
                    _ => self.operands(),
                };
                self.line(error, taken);
            }
            _ => {
                self.set_refund(refund);
                self.line(None, 0);
                // A frame of its own in go-ethereum's eyes.
                if halt == Halt::SelfDestruct {
                    let _ = self
                        .out
                        .write_all(b"{\"output\":\"\",\"gasUsed\":\"0x0\"}\n");
                }
            }
        }
    }
}

impl<W: Write> Tracer for JsonTracer<W> {
    fn block(&mut self, fork: Fork) {
        self.fork = fork;
    }

    fn begin(&mut self, refund: i64) {
        self.open.clear();
        self.refund_at_start = refund;
    }

    fn call_target(&mut self, target: &CallTarget) {
        self.target = *target;
    }

    fn code_access(&mut self, cold: bool) {
        self.cold_code = cold && self.fork >= Fork::Berlin;
    }

    fn enter(&mut self) {
        let refund = self
            .open
            .last()
            .map_or(self.refund_at_start, |open| open.refund);
        self.open.push(Open {
            refund_before: refund,
            refund,
            code_length: 0,
        });
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
