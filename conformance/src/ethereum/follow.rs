//! Runs that follow what another machine did, where gas decided.

use super::meters::INSTANCE;
use super::script::{ScriptCall, ScriptEnd, ScriptKind};
use super::tracer::Tracer;
use super::world::{Call, Ended, World, error};
use crate::divergence::Switch;
use evm_interpreter::host::CallKind;
use evm_interpreter::{Bytecode, Halt, U256};
use precompiles::registry::FilecoinPrecompile;

/// Blocks of data at most, bytes, and what a return's envelope takes of them.
const MAX_BLOCK: usize = 1 << 20;
const RETURN_HEAD: usize = 5;
/// What the parameters of a delegation have beside the data, and those of a creation: about.
const DELEGATE_HEAD: usize = 90;
const CREATE_HEAD: usize = 16;

impl<'s, T: Tracer> World<'_, 's, T> {
    /// The script's part of a call that is to be made; an error if it ends the call.
    pub(super) fn follow_call(
        &mut self,
        call: &Call<'_>,
    ) -> Result<Option<&'s ScriptCall>, &'static str> {
        let envelope = if call.kind == CallKind::DelegateCall {
            DELEGATE_HEAD
        } else {
            0
        };
        if self.exceeds_block(call.input.len() + envelope, Some(call)) {
            return Err(error::SIZE);
        }
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
    pub(super) fn follow_create(
        &mut self,
        init_code: usize,
    ) -> Result<Option<&'s ScriptCall>, &'static str> {
        if self.exceeds_block(init_code + CREATE_HEAD, None) {
            return Err(error::SIZE);
        }
        if !self.rules.has(Switch::Gas) {
            return Ok(None);
        }
        if self.depth == 0 {
            return self.follow_first();
        }
        self.follow(ScriptKind::Create)
    }

    /// Whether the data of a call of an actor, or of a creation, is more than a block holds. The
    /// actor has asked for gas by then.
    fn exceeds_block(&mut self, size: usize, call: Option<&Call<'_>>) -> bool {
        if size <= MAX_BLOCK || self.depth == 0 {
            return false;
        }
        let sends = call.is_none_or(|call| {
            let target = self.state.load(call.target);
            self.builtin(&call.target).is_none()
                && (call.kind != CallKind::DelegateCall || !self.state.code(target).is_empty())
        });
        let exceeds = sends && self.rules.meets(Switch::BlockSize);
        if exceeds && self.rules.has(Switch::Gas) {
            self.rules.cursor.gas();
        }
        exceeds
    }

    const fn follow_first(&self) -> Result<Option<&'s ScriptCall>, &'static str> {
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
        if let Some(followed) = followed {
            self.rules.cursor.enter(&followed.callee);
        }
        let mut ended = self.run(code, call);
        if followed.is_some() {
            self.rules.cursor.leave();
        }
        if ended.output.len() > MAX_BLOCK - RETURN_HEAD && self.rules.meets(Switch::BlockSize) {
            ended = Ended::nothing(Halt::Fault);
        }
        let Some(followed) = followed else {
            return ended;
        };
        if let ScriptEnd::Ended { success } = followed.end
            && success != ended.halt.is_success()
            // What init code gives may still be no code that can be kept.
            && (success || followed.kind != ScriptKind::Create)
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

/// Runs MODEXP as Filecoin has it, at no price. A modulus that no instance has room for is refused.
pub(super) fn run_modexp(
    run: FilecoinPrecompile,
    call: &Call<'_>,
) -> Result<Ended, (Ended, &'static str)> {
    let mut length = [0; 32];
    let given = call.input.get(64..).unwrap_or_default();
    let given = &given[..given.len().min(32)];
    length[..given.len()].copy_from_slice(given);
    if U256::from_big_endian(&length) > INSTANCE.into() {
        return Err((Ended::nothing(Halt::OutOfGas), "no memory"));
    }
    match run(call.input) {
        Ok(output) => Ok(Ended {
            gas_left: call.gas,
            output,
            ..Ended::nothing(Halt::Return)
        }),
        Err(_) => Err((Ended::nothing(Halt::OutOfGas), "refused by the precompile")),
    }
}
