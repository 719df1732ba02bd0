//! Traces to files, and counts of opcodes.

use crate::ethereum::Tracer;
use crate::trace::{JsonTracer, TraceOptions, opcode_name};
use evm_interpreter::inspector::Step;
use evm_interpreter::{Fork, H256, Halt, Inspector};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

/// Watches the transactions of a block.
#[derive(Debug)]
pub(super) struct Observer {
    traces: Option<Traces>,
    /// Executions by opcode; the block's own calls count.
    counts: Option<Box<[u64; 256]>>,
    muted: bool,
}

/// A file for each transaction.
#[derive(Debug)]
struct Traces {
    folder: PathBuf,
    options: TraceOptions,
    fork: Fork,
    /// Transactions so far.
    index: usize,
    current: Option<JsonTracer<BufWriter<File>>>,
}

impl Observer {
    /// Writes traces with `options` to a folder, if asked for, and counts opcodes, if asked for.
    pub(super) fn new(
        folder: PathBuf,
        options: Option<TraceOptions>,
        counts: bool,
        fork: Fork,
    ) -> Self {
        Self {
            traces: options.map(|options| Traces {
                folder,
                options,
                fork,
                index: 0,
                current: None,
            }),
            counts: counts.then(|| Box::new([0; 256])),
            muted: false,
        }
    }

    /// Whether there is anything to do.
    pub(super) const fn idle(&self) -> bool {
        self.traces.is_none() && self.counts.is_none()
    }

    /// A transaction begins.
    pub(super) fn begin_transaction(&mut self, hash: H256) -> io::Result<()> {
        let Some(traces) = &mut self.traces else {
            return Ok(());
        };
        let name = format!("trace-{}-{hash:#x}.jsonl", traces.index);
        let file = BufWriter::new(File::create(traces.folder.join(name))?);
        traces.current = Some(JsonTracer::new(file, traces.options, traces.fork));
        Ok(())
    }

    /// It has ended, or was rejected.
    pub(super) fn end_transaction(&mut self) -> io::Result<()> {
        let Some(traces) = &mut self.traces else {
            return Ok(());
        };
        traces.index += 1;
        traces
            .current
            .take()
            .map_or(Ok(()), |mut tracer| tracer.writer().flush())
    }

    /// Executions by go-ethereum's names of the opcodes.
    pub(super) fn counts(&self) -> Option<BTreeMap<String, u64>> {
        let counts = self.counts.as_ref()?;
        let named = (0u8..=255)
            .zip(counts.iter())
            .filter(|(_, count)| **count > 0);
        Some(named.map(|(op, count)| (opcode_name(op), *count)).collect())
    }

    fn current(&mut self) -> Option<&mut JsonTracer<BufWriter<File>>> {
        if self.muted {
            return None;
        }
        self.traces.as_mut()?.current.as_mut()
    }
}

impl Inspector for Observer {
    const ENABLED: bool = true;

    fn step(&mut self, step: &Step<'_>) {
        if let Some(counts) = &mut self.counts {
            counts[usize::from(step.op)] += 1;
        }
        if let Some(tracer) = self.current() {
            tracer.step(step);
        }
    }

    fn charged(&mut self, gas_left: u64, refund: i64) {
        if let Some(tracer) = self.current() {
            tracer.charged(gas_left, refund);
        }
    }

    fn halted(&mut self, halt: Halt, gas_left: u64, refund: i64) {
        if let Some(tracer) = self.current() {
            tracer.halted(halt, gas_left, refund);
        }
    }
}

impl Tracer for Observer {
    const SYSTEM_CALLS: bool = true;

    fn system_call(&mut self, begins: bool) {
        self.muted = begins;
    }

    fn begin(&mut self, refund: i64) {
        if let Some(tracer) = self.current() {
            tracer.begin(refund);
        }
    }

    fn enter(&mut self) {
        if let Some(tracer) = self.current() {
            tracer.enter();
        }
    }

    fn code(&mut self, length: usize) {
        if let Some(tracer) = self.current() {
            tracer.code(length);
        }
    }

    fn exit(&mut self, output: &[u8], gas_used: u64, error: Option<&str>) {
        if let Some(tracer) = self.current() {
            tracer.exit(output, gas_used, error);
        }
    }
}
