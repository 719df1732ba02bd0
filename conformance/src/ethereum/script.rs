//! What frames of another machine saw and how they ended, for a run that follows them.

use evm_interpreter::H160;

/// A frame of another machine.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// What GAS showed, in order.
    pub gas: Vec<u64>,
    /// Calls of contracts and accounts, and creations, in order. Precompiles are not among them.
    pub calls: Vec<ScriptCall>,
}

/// A call or creation of another machine.
#[derive(Clone, Debug)]
pub struct ScriptCall {
    /// What kind.
    pub kind: ScriptKind,
    /// How it ended.
    pub end: ScriptEnd,
    /// What the callee did.
    pub callee: Script,
}

/// Kinds of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptKind {
    /// CALL or STATICCALL of an account.
    Call(H160),
    /// DELEGATECALL.
    Delegate,
    /// CREATE or CREATE2.
    Create,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptEnd {
    /// In success or failure.
    Ended {
        /// Which of them.
        success: bool,
    },
    /// The callee had too little gas.
    OutOfGas,
    /// Refused at a limit of the machine: depth, or size of data.
    Limit,
    /// Refused for another reason, which the caller met before: no balance, nobody there.
    Refused,
}

/// The script of the frames that run, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Cursor<'s> {
    frames: Vec<Position<'s>>,
    /// Where the run has left the script, if it has.
    pub(super) lost: Option<String>,
}

#[derive(Debug)]
struct Position<'s> {
    script: &'s Script,
    gas: usize,
    calls: usize,
}

impl<'s> Cursor<'s> {
    pub(super) const fn new() -> Self {
        Self {
            frames: Vec::new(),
            lost: None,
        }
    }

    pub(super) fn enter(&mut self, script: &'s Script) {
        self.frames.push(Position {
            script,
            gas: 0,
            calls: 0,
        });
    }

    pub(super) fn leave(&mut self) {
        self.frames.pop();
    }

    /// The next answer to GAS.
    pub(super) fn gas(&mut self) -> u64 {
        let next = self.frames.last_mut().and_then(|at| {
            let gas = at.script.gas.get(at.gas).copied();
            at.gas += 1;
            gas
        });
        next.unwrap_or_else(|| {
            self.lose("GAS that the FVM did not execute");
            0
        })
    }

    /// The next call, which must be of this kind.
    pub(super) fn call(&mut self, kind: ScriptKind) -> Option<&'s ScriptCall> {
        let next = self.frames.last_mut().and_then(|at| {
            let call = at.script.calls.get(at.calls);
            at.calls += 1;
            call
        });
        match next {
            Some(call) if call.kind == kind => Some(call),
            Some(other) => {
                self.lose(&format!("{kind:?}, where the FVM made {:?}", other.kind));
                None
            }
            None => {
                self.lose(&format!("{kind:?}, where the FVM made no call"));
                None
            }
        }
    }

    /// Notes the first departure from the script.
    pub(super) fn lose(&mut self, what: &str) {
        let depth = self.frames.len();
        self.lost
            .get_or_insert_with(|| format!("depth {depth}: {what}"));
    }
}
