//! The world that the frames of a transaction share, and how calls and creations go on in it.

use super::account::{AccountId, Code};
use super::block::Block;
use super::builtin::{Builtin, builtin};
use super::follow::run_modexp;
use super::frame::Frame;
use super::hash::{create_address, create2_address};
use super::meters::{Free, Priced};
use super::rules::Rules;
use super::script::ScriptCall;
use super::spare::Spare;
use super::state::State;
use super::tracer::{Tracer, error_text};
use crate::divergence::Switch;
use evm_interpreter::host::{CallKind, CallReply, CreateReply, CreateRequest};
use evm_interpreter::metering::{Ethereum, Metering};
use evm_interpreter::{Bytecode, Fork, H160, H256, Halt, Interpreter, U256};
use precompiles::Precompile;
use std::sync::Arc;

/// Frames below the first at most.
const MAX_DEPTH: u16 = 1024;
/// Gas of a byte of deployed code.
const CODE_DEPOSIT: u64 = 200;
/// Deployed code at most, bytes (EIP-170).
const MAX_CODE: usize = 24_576;

/// What is the same for all frames of a transaction.
#[derive(Debug)]
pub(super) struct World<'a, 's, T> {
    pub(super) state: &'a mut State,
    pub(super) block: &'a Block,
    pub(super) origin: H160,
    pub(super) gas_price: U256,
    pub(super) blob_hashes: Arc<[H256]>,
    pub(super) tracer: &'a mut T,
    pub(super) rules: &'a mut Rules<'s>,
    /// Depth of the frame that runs; the first has 0.
    pub(super) depth: u16,
    /// What ended frames have left for reuse.
    pub(super) spare: Spare,
}

/// A message call, its account and money already decided.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) kind: CallKind,
    pub(super) gas: u64,
    /// Whose code runs.
    pub(super) target: H160,
    /// Whose state it works on.
    pub(super) account: H160,
    pub(super) caller: H160,
    /// What CALLVALUE shows.
    pub(super) value: U256,
    pub(super) input: &'a [u8],
    pub(super) is_static: bool,
}

/// What came of a frame.
pub(super) struct Ended {
    pub(super) halt: Halt,
    pub(super) gas_left: u64,
    pub(super) refund: i64,
    pub(super) output: Vec<u8>,
}

/// How geth names the ways in which the world itself ends a call or creation.
pub(super) mod error {
    pub(in crate::ethereum) const OUT_OF_GAS: &str = "out of gas";
    pub(in crate::ethereum) const SIZE: &str = "data above the size of a block";
    pub(in crate::ethereum) const DEPTH: &str = "max call depth exceeded";
    pub(super) const BALANCE: &str = "insufficient balance for transfer";
    pub(super) const NONCE: &str = "nonce uint64 overflow";
    pub(super) const COLLISION: &str = "contract address collision";
    pub(super) const CODE_PREFIX: &str = "invalid code: must not begin with 0xef";
    pub(super) const CODE_SIZE: &str = "max code size exceeded";
    pub(super) const CODE_GAS: &str = "contract creation code storage out of gas";
}

impl<'s, T: Tracer> World<'_, 's, T> {
    pub(super) fn builtin(&mut self, address: &H160) -> Option<Builtin> {
        // A transaction does not reach the precompiles of Filecoin's EVM.
        let found = builtin(self.rules, address, self.block.fork);
        if found.is_some() && self.depth == 0 && self.rules.meets(Switch::PrecompileTransaction) {
            return None;
        }
        found
    }

    /// The account that a designator delegates to (EIP-7702).
    pub(super) fn delegate(&mut self, id: AccountId) -> Option<H160> {
        let delegate = self.state.code(id).delegate()?;
        (self.block.fork >= Fork::Prague && !self.rules.meets(Switch::Delegations))
            .then_some(delegate)
    }

    /// Before the first call or creation.
    pub(super) fn begin(&mut self) {
        if let Some((_, script)) = self.rules.first
            && self.rules.has(Switch::Gas)
        {
            self.rules.cursor.enter(script);
        }
    }

    /// Whether no account is at `id`: not in the state, or empty where EIP-161 is in force.
    pub(super) fn is_absent(&self, id: AccountId) -> bool {
        if self.block.fork >= Fork::SpuriousDragon {
            self.state.is_empty(id)
        } else {
            !self.state.exists(id)
        }
    }

    /// Loads an account and makes it warm; tells whether it was cold. Precompiles never are.
    pub(super) fn access(&mut self, address: H160) -> (AccountId, bool) {
        let id = self.state.load(address);
        if self.state.is_warm(id) || builtin(self.rules, &address, self.block.fork).is_some() {
            return (id, false);
        }
        (id, self.state.warm(id))
    }

    /// Moves wei; the balance has been checked.
    fn transfer(&mut self, from: AccountId, to: AccountId, value: U256) -> bool {
        if !self.state.debit(from, value) {
            return false;
        }
        self.state.credit(to, value);
        true
    }

    pub(super) fn call(&mut self, call: &Call<'_>) -> CallReply {
        if T::ENABLED {
            self.tracer.enter();
        }
        let (reply, error) = self.call_inner(call);
        if T::ENABLED {
            self.tracer.exit(
                &reply.output,
                call.gas.saturating_sub(reply.gas_left),
                error,
            );
        }
        reply
    }

    fn call_inner(&mut self, call: &Call<'_>) -> (CallReply, Option<&'static str>) {
        let refused = CallReply {
            gas_left: call.gas,
            ..CallReply::default()
        };
        if self.depth > MAX_DEPTH && !self.rules.deeper() {
            return (refused, Some(error::DEPTH));
        }
        let followed = match self.follow_call(call) {
            Ok(followed) => followed,
            Err(error) => return (refused, Some(error)),
        };
        let caller = self.state.load(call.caller);
        let pays = match call.kind {
            CallKind::Call | CallKind::CallCode => call.value,
            CallKind::DelegateCall | CallKind::StaticCall => U256::zero(),
        };
        if pays > self.state.balance(caller) {
            return (refused, Some(error::BALANCE));
        }
        let checkpoint = self.state.checkpoint();
        let builtin = self.builtin(&call.target);
        let target = self.state.load(call.target);
        let exists = self.state.exists(target);
        // A call makes a placeholder actor, but for precompiles and in static calls.
        let makes = self.rules.has(Switch::EmptyAccounts);
        match call.kind {
            CallKind::Call => {
                if !exists
                    && call.value.is_zero()
                    && if makes {
                        builtin.is_some() || call.is_static
                    } else {
                        builtin.is_none() && self.block.fork >= Fork::SpuriousDragon
                    }
                {
                    if builtin.is_none() {
                        return (
                            CallReply {
                                success: true,
                                ..refused
                            },
                            None,
                        );
                    }
                } else {
                    self.transfer(caller, target, call.value);
                }
            }
            // Even a static call is a touch (EIP-161).
            CallKind::StaticCall if exists || !makes => self.state.touch(target),
            CallKind::StaticCall | CallKind::CallCode | CallKind::DelegateCall => {}
        }
        let ended = match builtin {
            Some(Builtin::Ethereum(precompile)) => self.run_precompile(precompile, call),
            Some(Builtin::ModExp(run)) => run_modexp(run, call),
            Some(Builtin::Nothing) => Ok(Ended {
                gas_left: call.gas,
                ..Ended::nothing(Halt::Stop)
            }),
            None => self.run_code(target, call, followed),
        };
        let (ended, error) = match ended {
            Ok(ended) => (ended, None),
            Err((ended, error)) => (ended, Some(error)),
        };
        if !ended.halt.is_success() {
            self.state.revert(checkpoint);
        }
        let reply = CallReply {
            success: ended.halt.is_success(),
            gas_left: ended.gas_left,
            refund: ended.refund,
            output: ended.output,
        };
        (reply, error)
    }

    fn run_precompile(
        &mut self,
        precompile: &Precompile,
        call: &Call<'_>,
    ) -> Result<Ended, (Ended, &'static str)> {
        let fork = self.block.fork;
        let free = self.rules.has(Switch::Gas);
        let gas = if free { u64::MAX } else { call.gas };
        let outcome = match &self.block.memo {
            Some(memo) => memo.call(precompile, call.input, gas, fork),
            None => precompile.call(call.input, gas, fork),
        };
        match outcome {
            Ok(outcome) => Ok(Ended {
                halt: Halt::Return,
                gas_left: if free {
                    call.gas
                } else {
                    call.gas - outcome.gas_used
                },
                refund: 0,
                output: outcome.output,
            }),
            Err(failure) => {
                let reason = match failure {
                    precompiles::Error::OutOfGas => "out of gas",
                    precompiles::Error::Failure(reason) | precompiles::Error::Fatal(reason) => {
                        reason
                    }
                };
                Err((Ended::nothing(Halt::OutOfGas), reason))
            }
        }
    }

    fn run_code(
        &mut self,
        target: AccountId,
        call: &Call<'_>,
        followed: Option<&'s ScriptCall>,
    ) -> Result<Ended, (Ended, &'static str)> {
        let mut code = self.state.code(target).clone();
        // EIP-7702; a delegate's own delegation is not followed.
        if let Some(delegate) = self.delegate(target) {
            let delegate = self.state.load(delegate);
            code = self.state.code(delegate).clone();
        }
        let Some(code) = code.bytes else {
            return Ok(Ended {
                gas_left: call.gas,
                ..Ended::nothing(Halt::Stop)
            });
        };
        let ended = self.run_following(&code, call, followed);
        match error_text(ended.halt) {
            Some(error) => Err((ended, error)),
            None => Ok(ended),
        }
    }

    /// Runs code in a frame of its own.
    pub(super) fn run(&mut self, code: &Bytecode, call: &Call<'_>) -> Ended {
        if T::ENABLED {
            self.tracer.code(code.len());
        }
        let fork = self.block.fork;
        if self.rules.has(Switch::Gas) {
            let (ended, meter) = self.run_by(code, call, Free::new(self.rules, fork));
            self.rules.steps = meter.steps();
            if ended.halt == Halt::OutOfGas {
                self.rules
                    .cursor
                    .lose("more steps or memory than the FVM has");
            }
            ended
        } else if self.rules.switches.other_instructions() {
            self.run_by(code, call, Priced::new(self.rules, fork, call.gas))
                .0
        } else {
            self.run_by(code, call, Ethereum::new(fork, call.gas)).0
        }
    }

    fn run_by<M: Metering>(&mut self, code: &Bytecode, call: &Call<'_>, meter: M) -> (Ended, M) {
        let (mut stack, memory) = self.spare.pop().unwrap_or_default();
        self.depth += 1;
        let mut frame = Frame::new(&mut *self, call);
        let mut interpreter =
            Interpreter::new(&mut frame, code, meter, &mut stack).with_memory(memory);
        let halt = interpreter.run();
        let output = interpreter.output().to_vec();
        let meter = *interpreter.meter();
        let memory = interpreter.into_memory();
        self.depth -= 1;
        self.spare.push((stack, memory));
        self.rules.note(halt);
        let success = halt.is_success();
        let ended = Ended {
            halt,
            gas_left: if success || halt.is_revert() {
                meter.gas_left()
            } else {
                0
            },
            refund: if success { meter.refund() } else { 0 },
            output,
        };
        (ended, meter)
    }

    /// A creation by `creator`, an account that may pay for it.
    pub(super) fn create(&mut self, creator: H160, request: &CreateRequest<'_>) -> CreateReply {
        if T::ENABLED {
            self.tracer.enter();
        }
        let (reply, output, error) = self.create_inner(creator, request);
        if T::ENABLED {
            let used = request.gas.saturating_sub(reply.gas_left);
            self.tracer
                .exit(output.as_deref().unwrap_or(&reply.output), used, error);
        }
        reply
    }

    /// The reply, the output if the reply does not have it, and the error.
    #[allow(clippy::type_complexity)]
    fn create_inner(
        &mut self,
        creator: H160,
        request: &CreateRequest<'_>,
    ) -> (CreateReply, Option<Vec<u8>>, Option<&'static str>) {
        let refused = CreateReply {
            gas_left: request.gas,
            ..CreateReply::default()
        };
        if self.depth > MAX_DEPTH && !self.rules.deeper() {
            return (refused, None, Some(error::DEPTH));
        }
        let creator_id = self.state.load(creator);
        if request.value > self.state.balance(creator_id) {
            return (refused, None, Some(error::BALANCE));
        }
        let nonce = self.state.nonce(creator_id);
        let Some(next_nonce) = nonce.checked_add(1) else {
            return (refused, None, Some(error::NONCE));
        };
        self.state.set_nonce(creator_id, next_nonce);

        let address = match request.salt {
            None => create_address(creator, nonce),
            Some(salt) => create2_address(creator, salt, request.init_code),
        };
        // Stays warm whatever comes of the creation (EIP-2929).
        let (id, _) = self.access(address);
        let followed = match self.follow_create(request.init_code.len()) {
            Ok(followed) => followed,
            Err(error) => return (CreateReply::default(), None, Some(error)),
        };
        if !self.state.is_vacant(id) {
            return (CreateReply::default(), None, Some(error::COLLISION));
        }
        let fork = self.block.fork;
        let checkpoint = self.state.checkpoint();
        self.state.mark_created(id);
        if fork >= Fork::SpuriousDragon {
            self.state.set_nonce(id, 1);
        }
        self.transfer(creator_id, id, request.value);

        let init_code = Bytecode::new(request.init_code.to_vec());
        let ended = if init_code.is_empty() {
            Ended {
                gas_left: request.gas,
                ..Ended::nothing(Halt::Stop)
            }
        } else {
            let call = Call {
                kind: CallKind::Call,
                gas: request.gas,
                target: address,
                account: address,
                caller: creator,
                value: request.value,
                input: &[],
                is_static: false,
            };
            self.run_following(&init_code, &call, followed)
        };
        if !ended.halt.is_success() {
            self.state.revert(checkpoint);
            let reply = CreateReply {
                address: None,
                gas_left: ended.gas_left,
                refund: 0,
                output: ended.output,
            };
            return (reply, None, error_text(ended.halt));
        }
        match self.deposit(id, &ended) {
            Ok(gas_left) => {
                let reply = CreateReply {
                    address: Some(address),
                    gas_left,
                    refund: ended.refund,
                    output: Vec::new(),
                };
                (reply, Some(ended.output), None)
            }
            // Frontier keeps the contract, without code, and its gas.
            Err(error::CODE_GAS) if fork < Fork::Homestead => {
                let reply = CreateReply {
                    address: Some(address),
                    gas_left: ended.gas_left,
                    refund: ended.refund,
                    output: Vec::new(),
                };
                (reply, Some(ended.output), Some(error::CODE_GAS))
            }
            Err(error) => {
                self.state.revert(checkpoint);
                (CreateReply::default(), Some(ended.output), Some(error))
            }
        }
    }

    /// Stores what the init code gave as the contract's code; gives the gas left.
    fn deposit(&mut self, id: AccountId, ended: &Ended) -> Result<u64, &'static str> {
        let fork = self.block.fork;
        let code = &ended.output;
        // EIP-3541.
        if fork >= Fork::London && code.first() == Some(&0xef) {
            return Err(error::CODE_PREFIX);
        }
        let price = if self.rules.has(Switch::Gas) {
            0
        } else {
            CODE_DEPOSIT * code.len() as u64
        };
        let gas_left = ended.gas_left.checked_sub(price).ok_or(error::CODE_GAS)?;
        if fork >= Fork::SpuriousDragon && code.len() > MAX_CODE {
            return Err(error::CODE_SIZE);
        }
        if !code.is_empty() {
            self.state.set_code(id, Code::new(code.clone()));
        }
        Ok(gas_left)
    }
}

impl Ended {
    pub(super) const fn nothing(halt: Halt) -> Self {
        Self {
            halt,
            gas_left: 0,
            refund: 0,
            output: Vec::new(),
        }
    }
}
