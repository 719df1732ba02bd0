//! Gas of the shipping run, and its steps' share of it.
//!
//! The shipping run is recorded at every point where the machine charges for executed WebAssembly: before
//! each syscall and at an invocation's end. While the message is run again with the tracing actor these same
//! charges are made in place of that actor's own, so that gas, gas limits and the answers of GAS are to the
//! unit those of the shipping run. Only between two such points, where nothing but computing happens, a
//! step's share is measured on the tracing actor: what reporting costs, the same for each step, is what its
//! sum exceeds the recorded charge by.

use fvm::gas::Gas;

use super::operation::Operation;

/// A point at which executed code was charged for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Point {
    /// Executed code, milligas.
    pub(super) exec: u64,
    /// Memory that was grown, milligas.
    pub(super) memory: u64,
    /// The syscall that followed, milligas; 0 if there was none.
    pub(super) syscall: u64,
    /// What the syscall was.
    pub(super) operation: Operation,
    /// Whether gas ran out in the executed code.
    pub(super) exhausted: bool,
}

impl Point {
    pub(super) const fn computed(&self) -> u64 {
        self.exec.saturating_add(self.memory)
    }
}

/// The charges of one invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FrameLog {
    /// Memory and tables that its instance started with, milligas.
    pub(super) start: u64,
    /// Its points in order.
    pub(super) points: Vec<Point>,
}

impl FrameLog {
    /// Records a charge by its name in the machine.
    pub(super) fn record(&mut self, charge: Charge, gas: Gas, exhausted: bool) {
        let gas = gas.as_milligas();
        match (charge, self.points.last_mut()) {
            (Charge::Start, _) => self.start += gas,
            (Charge::Exec, _) => self.points.push(Point {
                exec: gas,
                exhausted,
                ..Point::default()
            }),
            (Charge::Memory, Some(point)) => point.memory += gas,
            (Charge::Syscall, Some(point)) => point.syscall = gas,
            _ => {}
        }
    }
}

/// The charges that the machine makes through the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charge {
    /// Memory and tables of a new instance.
    Start,
    /// Executed code.
    Exec,
    /// Memory that it has grown.
    Memory,
    /// A syscall.
    Syscall,
    /// Something else.
    Other,
}

impl Charge {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "wasm_memory_init" | "wasm_table_init" => Self::Start,
            "wasm_exec" => Self::Exec,
            "wasm_memory_grow" => Self::Memory,
            "OnSyscall" => Self::Syscall,
            _ => Self::Other,
        }
    }
}

/// What reporting a step costs the tracing actor, milligas, as far as it is known before a stretch of code
/// has been compared with the shipping run.
const USUAL_OVERHEAD: i64 = 300_000;

/// A measure on fewer marks is kept to its own stretch.
const TELLING: u64 = 8;

/// More marks than this are not kept back.
const MARKS: usize = 1 << 14;

/// Code that runs from one charge of the shipping run to the next.
#[derive(Debug)]
pub(super) struct Stretch {
    /// Gas left at its beginning, milligas.
    start: u64,
    /// What the tracing actor has executed so far.
    raw: u64,
    /// `raw` at each mark that is not placed yet.
    marks: Vec<u64>,
    /// Marks placed before the end of the stretch was known.
    placed: u64,
    /// Gas given to them.
    given: u64,
    /// Latest measure of the overhead of a mark, milligas; a frame may take it over from another.
    pub(super) overhead: i64,
}

impl Default for Stretch {
    fn default() -> Self {
        Self {
            start: 0,
            raw: 0,
            marks: Vec::new(),
            placed: 0,
            given: 0,
            overhead: USUAL_OVERHEAD,
        }
    }
}

impl Stretch {
    /// Begins anew with so much gas left.
    pub(super) fn begin(&mut self, start: u64) {
        self.start = start;
        self.raw = 0;
        self.marks.clear();
        self.placed = 0;
        self.given = 0;
    }

    /// The tracing actor executed code up to a mark.
    pub(super) fn mark(&mut self, executed: u64) {
        self.raw = self.raw.saturating_add(executed);
        self.marks.push(self.raw);
    }

    /// Whether the marks should be placed before the end is known.
    pub(super) const fn is_full(&self) -> bool {
        self.marks.len() >= MARKS
    }

    /// Whether so much more executed code uses up the gas, by the measure of the overhead so far.
    pub(super) fn would_exhaust(&self, executed: u64) -> bool {
        let marks = self.placed + self.marks.len() as u64 + 1;
        estimate(self.raw.saturating_add(executed), marks, self.overhead) >= self.start
    }

    /// Ends the stretch with a last piece of code after the last mark and the recorded charge for all of it;
    /// gives the gas left at each mark, milligas.
    pub(super) fn end(&mut self, executed: u64, recorded: u64) -> Vec<u64> {
        let raw = self.raw.saturating_add(executed);
        let marks = self.placed + self.marks.len() as u64;
        let excess = i128::from(raw) - i128::from(recorded);
        let overhead = excess.checked_div(i128::from(marks)).unwrap_or_default();
        let overhead = i64::try_from(overhead).unwrap_or(USUAL_OVERHEAD);
        if marks >= TELLING {
            self.overhead = overhead;
        }
        self.place(recorded, overhead)
    }

    /// As [`end`](Self::end), by the overhead as known: where there is no recorded charge. Gives the charge too.
    pub(super) fn end_unrecorded(&mut self, executed: u64) -> (u64, Vec<u64>) {
        let marks = self.placed + self.marks.len() as u64;
        let all = estimate(self.raw.saturating_add(executed), marks, self.overhead);
        let all = all.max(self.given);
        (all, self.place(all, self.overhead))
    }

    /// Places the marks so far by the overhead as known.
    pub(super) fn place_early(&mut self) -> Vec<u64> {
        self.place(u64::MAX, self.overhead)
    }

    fn place(&mut self, most: u64, overhead: i64) -> Vec<u64> {
        let mut places = Vec::with_capacity(self.marks.len());
        for raw in &self.marks {
            self.placed += 1;
            let used = estimate(*raw, self.placed, overhead);
            self.given = used.clamp(self.given, most.max(self.given));
            places.push(self.start.saturating_sub(self.given));
        }
        self.marks.clear();
        places
    }
}

/// What shipping code would have used where the tracing actor used `raw` and reported so many marks.
fn estimate(raw: u64, marks: u64, overhead: i64) -> u64 {
    let used = i128::from(raw) - i128::from(overhead) * i128::from(marks);
    u64::try_from(used.max(0)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_overhead_is_what_exceeds_the_record() {
        let mut stretch = Stretch::default();
        stretch.begin(10_000);
        // Steps that cost 100, 300 and 200; 50 a mark to report.
        stretch.mark(50);
        stretch.mark(150);
        stretch.mark(350);
        assert_eq!(stretch.end(200, 600), [10_000, 9_900, 9_600]);
        // A measure on many marks is kept for code whose end is not recorded.
        stretch.begin(10_000);
        (0..10).for_each(|_| stretch.mark(70));
        assert_eq!(stretch.end(0, 200).last(), Some(&9_800));
        stretch.begin(1_000);
        stretch.mark(50);
        assert!(!stretch.would_exhaust(900));
        stretch.mark(900);
        assert!(stretch.would_exhaust(200));
        assert_eq!(stretch.end_unrecorded(0), (850, vec![1_000, 150]));
    }

    #[test]
    fn gas_never_rises_and_never_exceeds_the_record() {
        let mut stretch = Stretch::default();
        stretch.begin(5_000);
        for executed in [10, 0, 4_000, 3, 900] {
            stretch.mark(executed);
        }
        let places = stretch.end(7, 1_000);
        assert!(places.is_sorted_by(|a, b| a >= b), "{places:?}");
        assert!(places.iter().all(|gas| (4_000..=5_000).contains(gas)));
        // Early places bind later ones.
        stretch.begin(5_000);
        stretch.mark(100);
        let early = stretch.place_early();
        stretch.mark(100);
        let late = stretch.end(0, 50);
        assert!(early[0] >= late[0] && late[0] >= 4_000);
    }

    #[test]
    fn a_frame_is_logged_by_the_machines_names() {
        let mut log = FrameLog::default();
        for (name, gas) in [
            ("wasm_table_init", 1),
            ("wasm_memory_init", 2),
            ("wasm_exec", 3),
            ("OnSyscall", 4),
        ] {
            log.record(Charge::named(name), Gas::from_milligas(gas), false);
        }
        log.record(Charge::named("wasm_exec"), Gas::from_milligas(5), true);
        log.record(
            Charge::named("wasm_memory_grow"),
            Gas::from_milligas(6),
            true,
        );
        assert_eq!(log.start, 3);
        assert_eq!(
            log.points[0],
            Point {
                exec: 3,
                syscall: 4,
                ..Point::default()
            }
        );
        assert_eq!(
            log.points[1],
            Point {
                exec: 5,
                memory: 6,
                exhausted: true,
                ..Point::default()
            }
        );
        assert_eq!(Charge::named("OnBlockOpen"), Charge::Other);
    }
}
