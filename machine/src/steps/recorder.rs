//! Records the shipping run, then follows the tracing run by that record.

use std::cell::RefCell;
use std::rc::Rc;

use alloy_primitives::Address as EthAddress;
use fvm::gas::Gas;
use fvm_shared::error::ExitCode;

use super::Difference;
use super::event::{FrameEnd, FrameKind, StepHalt, StepSink};
use super::frame::{Invocation, Mark, Open, Pending, unwrapped};
use super::ledger::{Charge, FrameLog, Point, Stretch};
use super::operation::Operation;
use super::syscalls::RawStep;

const EXEC: &str = "wasm_exec";
const MEMORY: &str = "wasm_memory_grow";
const SYSCALL: &str = "OnSyscall";

/// Charges to be made, in order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settlement {
    exec: Option<u64>,
    memory: u64,
    syscall: u64,
}

impl Settlement {
    /// The charges by their names in the machine.
    pub(super) fn charges(self) -> impl Iterator<Item = (&'static str, Gas)> {
        let grown = (self.memory > 0).then_some(self.memory);
        let called = (self.syscall > 0).then_some(self.syscall);
        [(EXEC, self.exec), (MEMORY, grown), (SYSCALL, called)]
            .into_iter()
            .filter_map(|(name, gas)| gas.map(|gas| (name, Gas::from_milligas(gas))))
    }
}

/// What the kernel does with the charges that pass through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Writes them down.
    Record,
    /// Makes those that were written down instead.
    Replay,
    /// Takes out what reporting costs, as far as it is known: the record is another actor's.
    Estimate,
}

/// The record of one message.
pub(super) struct Recorder {
    mode: Mode,
    /// One log for each invocation, in the order of their beginnings.
    logs: Vec<FrameLog>,
    begun: usize,
    open: Vec<Open>,
    sink: Option<Rc<RefCell<dyn StepSink>>>,
    difference: Option<Difference>,
    /// A charge has failed in the innermost frame.
    exhausted: bool,
    overhead: i64,
    origin: Option<EthAddress>,
}

impl Recorder {
    fn new(mode: Mode, logs: Vec<FrameLog>, sink: Option<Rc<RefCell<dyn StepSink>>>) -> Self {
        Self {
            mode,
            logs,
            begun: 0,
            open: Vec::new(),
            sink,
            difference: None,
            exhausted: false,
            overhead: Stretch::default().overhead,
            origin: None,
        }
    }

    /// Records a shipping run.
    pub(super) fn recording() -> Self {
        Self::new(Mode::Record, Vec::new(), None)
    }

    /// Follows a tracing run: by the log of the shipping one, or without if its actor was another.
    pub(super) fn following(log: Option<Vec<FrameLog>>, sink: Rc<RefCell<dyn StepSink>>) -> Self {
        let mode = if log.is_some() {
            Mode::Replay
        } else {
            Mode::Estimate
        };
        Self::new(mode, log.unwrap_or_default(), Some(sink))
    }

    /// The log; ends recording.
    pub(super) fn take_log(&mut self) -> Vec<FrameLog> {
        std::mem::take(&mut self.logs)
    }

    pub(super) const fn take_difference(&mut self) -> Option<Difference> {
        self.difference.take()
    }

    pub(super) fn is_recording(&self) -> bool {
        self.mode == Mode::Record
    }

    pub(super) const fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// A charge failed: everything after it in the same frame does.
    pub(super) const fn exhaust(&mut self) {
        self.exhausted = true;
    }

    /// The number of open invocations.
    pub(super) const fn open(&self) -> usize {
        self.open.len()
    }

    fn top(&mut self) -> Option<&mut Open> {
        self.open.last_mut()
    }

    fn differ(&mut self, difference: Difference) {
        self.difference.get_or_insert(difference);
    }

    fn log(&mut self) -> Option<&mut FrameLog> {
        let number = self.open.last()?.number;
        self.logs.get_mut(number)
    }

    /// Recording: a charge was made.
    pub(super) fn record(&mut self, charge: Charge, gas: Gas, exhausted: bool) {
        if let Some(log) = self.log() {
            log.record(charge, gas, exhausted);
        }
    }

    /// Recording: an operation was asked for; following: is it the same?
    pub(super) fn operate(&mut self, operation: Operation) {
        let recording = self.is_recording();
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let (number, cursor) = (open.number, open.cursor);
        let noted = std::mem::replace(&mut open.noted, true);
        let Some(log) = self.logs.get_mut(number) else {
            return;
        };
        if recording {
            if let Some(point) = log.points.last_mut()
                && point.operation == Operation::None
            {
                point.operation = operation;
            }
            return;
        }
        let before = cursor.checked_sub(1).and_then(|at| log.points.get(at));
        if let (Mode::Replay, false, Some(point)) = (self.mode, noted, before)
            && point.operation != operation
        {
            let shipping = point.operation;
            self.differ(Difference::Operation {
                frame: number,
                at: cursor - 1,
                shipping,
                traced: operation,
            });
        }
    }

    /// An invocation begins.
    pub(super) fn enter(&mut self, invocation: &Invocation<'_>) {
        if self.open.last().is_some_and(|open| open.ended) {
            // An actor that the machine itself constructed on the way.
            self.leave(ExitCode::OK, None);
        }
        let number = self.begun;
        self.begun += 1;
        let origin = *self.origin.get_or_insert(invocation.caller);
        let code_frames: Vec<&Open> = self.open.iter().filter(|open| open.runs_code).collect();
        let info = invocation.describe(&code_frames, origin);
        if self.is_recording() {
            self.logs.push(FrameLog::default());
        } else {
            self.flush_before_call();
            self.tell(|sink| sink.enter(&info));
        }
        let mut open = Open::new(info, number, invocation.runs_code());
        open.stretch.overhead = self.overhead;
        self.open.push(open);
    }

    /// The last step of the caller has its cost: what it used up to the call.
    fn flush_before_call(&mut self) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        if let Some(mut step) = open.last.take() {
            step.gas_cost = step.gas.saturating_sub(open.gas_at_call);
            self.tell(|sink| sink.step(&step));
        }
    }

    fn tell(&self, what: impl FnOnce(&mut dyn StepSink)) {
        if let Some(sink) = &self.sink {
            what(&mut *sink.borrow_mut());
        }
    }

    /// Memory that an instance starts with: what the shipping one started with.
    pub(super) fn start(&mut self, name: &str, gas: Gas) -> Gas {
        let recorded = match (self.mode, self.log()) {
            (Mode::Replay, Some(log)) => log.start,
            _ => return gas,
        };
        // Tables and memory are one sum.
        if name == "wasm_memory_init" {
            Gas::from_milligas(recorded)
        } else {
            Gas::from_milligas(0)
        }
    }

    /// The machine announces a charge; gives those to be made at once.
    pub(super) fn pend(&mut self, charge: Charge, gas: Gas) -> Settlement {
        let gas = gas.as_milligas();
        let replays = self.mode == Mode::Replay;
        let Some(open) = self.top() else {
            return Settlement::default();
        };
        let waits = open.may_report();
        match (charge, &mut open.pending) {
            (Charge::Exec, pending) => {
                *pending = Some(Pending {
                    exec: gas,
                    ..Pending::default()
                });
                if waits {
                    Settlement::default()
                } else {
                    self.executed()
                }
            }
            // The record has it in one with the executed code.
            (Charge::Memory, Some(pending)) if pending.executed && !replays => Settlement {
                memory: gas,
                ..Settlement::default()
            },
            (Charge::Memory, Some(pending)) => {
                pending.memory = gas;
                Settlement::default()
            }
            (Charge::Syscall, Some(pending)) => {
                pending.syscall = Some(gas);
                if waits {
                    Settlement::default()
                } else {
                    self.settle()
                }
            }
            _ => Settlement::default(),
        }
    }

    /// The recorded point that comes next in the innermost frame.
    fn point(&self) -> Option<Point> {
        let open = self.open.last()?;
        self.logs.get(open.number)?.points.get(open.cursor).copied()
    }

    /// The charges for executed code, if they have not been made.
    fn executed(&mut self) -> Settlement {
        let point = self.point();
        let replays = self.mode == Mode::Replay;
        let Some(open) = self.open.last_mut() else {
            return Settlement::default();
        };
        let Some(pending) = open.pending.as_mut().filter(|pending| !pending.executed) else {
            return Settlement::default();
        };
        pending.executed = true;
        let raw = pending.exec.saturating_add(pending.memory);
        let (settlement, places) = match point.filter(|_| replays) {
            Some(point) => {
                let places = open.stretch.end(raw, point.computed());
                let settlement = Settlement {
                    exec: Some(point.exec),
                    memory: point.memory,
                    syscall: 0,
                };
                (settlement, places)
            }
            None => {
                let memory = pending.memory;
                let (exec, places) = open.stretch.end_unrecorded(pending.exec);
                (
                    Settlement {
                        exec: Some(exec),
                        memory,
                        syscall: 0,
                    },
                    places,
                )
            }
        };
        self.place(&places);
        settlement
    }

    /// The charges that are announced and not made.
    pub(super) fn settle(&mut self) -> Settlement {
        if self.is_recording() {
            return Settlement::default();
        }
        let mut settlement = self.executed();
        let point = self.point();
        let replays = self.mode == Mode::Replay;
        let Some(open) = self.open.last_mut() else {
            return settlement;
        };
        let Some(pending) = open.pending.take() else {
            return settlement;
        };
        let (number, at) = (open.number, open.cursor);
        open.cursor += 1;
        open.noted = false;
        open.fresh = true;
        settlement.syscall = pending.syscall.unwrap_or_default();
        if replays {
            let recorded = point.map(|point| point.syscall);
            if recorded != Some(settlement.syscall) {
                self.differ(Difference::Syscalls { frame: number, at });
            }
        }
        settlement
    }

    /// The instance goes on with so much gas left.
    pub(super) fn resume(&mut self, left: Gas) {
        if let Some(open) = self.top()
            && std::mem::replace(&mut open.fresh, false)
        {
            open.stretch.begin(left.as_milligas());
        }
    }

    /// What was executed up to a report. The syscall of the report itself costs nothing.
    fn report(&mut self) -> Option<&mut Open> {
        let open = self.open.last_mut()?;
        let pending = open.pending.take().unwrap_or_default();
        open.stretch
            .mark(pending.exec.saturating_add(pending.memory));
        Some(open)
    }

    /// A frame begins to run code of this length.
    pub(super) fn begin(&mut self, code_length: usize) {
        if let Some(open) = self.report() {
            open.code_length = code_length;
            open.marks.push(Mark::Begin);
        }
    }

    /// A step; `false` if the shipping run had no gas left for it.
    pub(super) fn step(&mut self, raw: &RawStep<'_>) -> bool {
        let exhausted =
            self.mode == Mode::Replay && self.point().is_some_and(|point| point.exhausted);
        if let Some(open) = self.open.last_mut().filter(|_| exhausted)
            && let Some(pending) = &mut open.pending
            && open
                .stretch
                .would_exhaust(pending.exec.saturating_add(pending.memory))
        {
            // The report's own syscall is none of the shipping run's.
            pending.syscall = None;
            return false;
        }
        let Some(open) = self.report() else {
            return true;
        };
        let step = open.take(raw);
        open.marks.push(Mark::Step(Box::new(step)));
        if open.stretch.is_full() {
            let places = open.stretch.place_early();
            self.place(&places);
        }
        true
    }

    /// The frame's code ended.
    pub(super) fn halt(&mut self, halt: StepHalt) {
        if let Some(open) = self.report() {
            open.marks.push(Mark::Halt(halt));
            open.halted = true;
        }
    }

    /// Tells the steps whose gas is known now.
    fn place(&mut self, places: &[u64]) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        let marks = std::mem::take(&mut open.marks);
        for (mark, gas) in marks.into_iter().zip(places) {
            // As the machine answers: rounded down.
            let gas = gas / 1_000;
            let Some(open) = self.open.last_mut() else {
                return;
            };
            match mark {
                Mark::Begin => {}
                Mark::Step(mut step) => {
                    step.gas = gas;
                    if let Some(mut before) = open.last.replace(step) {
                        before.gas_cost = before.gas.saturating_sub(gas);
                        self.tell(|sink| sink.step(&before));
                    }
                }
                Mark::Halt(halt) => {
                    if let Some(last) = &mut open.last {
                        last.gas_cost = last.gas.saturating_sub(gas);
                        last.halt = Some(halt);
                        open.last_cost_known = true;
                    }
                }
            }
        }
    }

    /// The innermost frame calls an actor with so much gas left; gives the number of open frames.
    pub(super) fn call(&mut self, left: Gas) -> usize {
        if let Some(open) = self.top() {
            open.gas_at_call = left.round_down();
        }
        self.open.len()
    }

    /// The innermost instance ended with so much gas left.
    pub(super) fn end(&mut self, left: Gas) {
        let replays = self.mode == Mode::Replay;
        let Some(open) = self.open.last_mut() else {
            return;
        };
        open.ended = true;
        open.gas_at_end = left.round_down();
        self.overhead = open.stretch.overhead;
        let (number, at) = (open.number, open.cursor);
        // Behind a charge that failed the shipping run may have tried once more.
        if replays
            && !self.exhausted
            && self
                .logs
                .get(number)
                .is_none_or(|log| log.points.len() != at)
        {
            self.differ(Difference::Syscalls { frame: number, at });
        }
        self.exhausted = false;
    }

    /// The innermost invocation is over.
    pub(super) fn leave(&mut self, exit_code: ExitCode, block: Option<(u64, &[u8])>) {
        let Some(mut open) = self.open.pop() else {
            return;
        };
        if self.is_recording() {
            return;
        }
        if let Some(mut step) = open.last.take() {
            if !open.last_cost_known {
                step.gas_cost = step.gas.saturating_sub(open.gas_at_end);
            }
            if exit_code == ExitCode::SYS_OUT_OF_GAS {
                step.halt = Some(StepHalt::OutOfGas);
            } else if step.halt.is_none() {
                step.halt = Some(StepHalt::Fault);
            }
            self.tell(|sink| sink.step(&step));
        }
        let output = block.map_or(&[][..], |(codec, data)| {
            let bytes = unwrapped(codec, data).filter(|_| open.info.kind != FrameKind::Native);
            bytes.unwrap_or(data)
        });
        let end = FrameEnd {
            exit_code,
            output: output.to_vec(),
            gas_used: open.info.gas.saturating_sub(open.gas_at_end),
        };
        self.tell(|sink| sink.leave(&end));
    }

    /// The message is over.
    pub(super) fn finish(&mut self, exit_code: ExitCode, block: Option<(u64, &[u8])>) {
        while self.open.len() > 1 {
            self.leave(exit_code, None);
        }
        self.leave(exit_code, block);
        if self.mode == Mode::Replay && self.begun != self.logs.len() {
            let (shipping, traced) = (self.logs.len(), self.begun);
            self.differ(Difference::Invocations { shipping, traced });
        }
    }
}
