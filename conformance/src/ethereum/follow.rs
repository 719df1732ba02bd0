//! Runs that follow what another machine did, where gas decided.

use super::script::{ScriptCall, ScriptEnd, ScriptKind};
use super::tracer::Tracer;
use super::world::{Call, Ended, World, error};
use crate::divergence::Switch;
use evm_interpreter::host::CallKind;
use evm_interpreter::{Bytecode, Halt};
use precompiles::registry::FilecoinPrecompile;

/// Blocks of data at most, bytes, and what a return's envelope takes of them.
const MAX_BLOCK: usize = 1 << 20;
const RETURN_HEAD: usize = 5;

impl<'s, T: Tracer> World<'_, 's, T> {
    /// The script's part of a call that is to be made; an error if it ends the call.
    pub(super) fn follow_call(
        &mut self,
        call: &Call<'_>,
    ) -> Result<Option<&'s ScriptCall>, &'static str> {
        if !self.rules.has(Switch::Gas) {
            return Ok(None);
        }
        if self.depth == 0 {
            return self.follow_first();
        }
        let kind = match call.kind {
            CallKind::Call | CallKind::StaticCall => {
                if self.builtin(&call.target).is_some() {
                    return Ok(None);
                }
                // More than there can be: the actor asks for gas, and sends nothing.
                if call.value > u128::MAX.into() {
                    self.rules.cursor.gas();
                    return Ok(None);
                }
                ScriptKind::Call(call.target)
            }
            CallKind::DelegateCall | CallKind::CallCode => {
                let target = self.state.load(call.target);
                if self.builtin(&call.target).is_some() || self.state.code(target).is_empty() {
                    return Ok(None);
                }
                ScriptKind::Delegate
            }
        };
        self.follow(kind)
    }

    /// The same of a creation.
    pub(super) fn follow_create(&mut self) -> Result<Option<&'s ScriptCall>, &'static str> {
        if !self.rules.has(Switch::Gas) {
            return Ok(None);
        }
        if self.depth == 0 {
            return self.follow_first();
        }
        self.follow(ScriptKind::Create)
    }

    fn follow_first(&self) -> Result<Option<&'s ScriptCall>, &'static str> {
        match self.rules.first {
            Some((true, _)) => Err(error::OUT_OF_GAS),
            _ => Ok(None),
        }
    }

    fn follow(&mut self, kind: ScriptKind) -> Result<Option<&'s ScriptCall>, &'static str> {
        let Some(call) = self.rules.cursor.call(kind) else {
            return Err(error::OUT_OF_GAS);
        };
        match call.end {
            ScriptEnd::OutOfGas => Err(error::OUT_OF_GAS),
            ScriptEnd::Limit => {
                if !self.rules.meets(Switch::CallDepth) {
                    self.rules.cursor.lose("a call at the FVM's limit of depth");
                }
                Err(error::DEPTH)
            }
            ScriptEnd::Ended { .. } | ScriptEnd::Refused => Ok(Some(call)),
        }
    }

    /// Runs code in a frame of its own, with the script's part for it.
    pub(super) fn run_following(
        &mut self,
        code: &Bytecode,
        call: &Call<'_>,
        followed: Option<&'s ScriptCall>,
    ) -> Ended {
        let Some(followed) = followed else { return self.run(code, call) };
        self.rules.cursor.enter(&followed.callee);
        let mut ended = self.run(code, call);
        self.rules.cursor.leave();
        if ended.output.len() > MAX_BLOCK - RETURN_HEAD && self.rules.meets(Switch::BlockSize) {
            ended = Ended::nothing(Halt::Fault);
        }
        if let ScriptEnd::Ended { success } = followed.end
            && success != ended.halt.is_success()
        {
            let theirs = if success { "succeeded" } else { "failed" };
            self.rules.cursor.lose(&format!(
                "{:?} ended with {:?}, in the FVM it {theirs}",
                followed.kind, ended.halt
            ));
        }
        ended
    }
}

/// Runs a precompile as Filecoin has it, at no price.
pub(super) fn run_filecoin(
    run: FilecoinPrecompile,
    call: &Call<'_>,
) -> Result<Ended, (Ended, &'static str)> {
    match run(call.input) {
        Ok(output) => {
            Ok(Ended { gas_left: call.gas, output, ..Ended::nothing(Halt::Return) })
        }
        Err(_) => Err((Ended::nothing(Halt::OutOfGas), "refused by the precompile")),
    }
}
