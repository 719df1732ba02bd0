//! The world that the frames of a transaction share, and how calls and creations go on in it.

use super::account::{AccountId, Code};
use super::block::Block;
use super::frame::Frame;
use super::hash::{create_address, create2_address};
use super::state::State;
use super::tracer::{Tracer, error_text};
use evm_interpreter::host::{CallKind, CallReply, CreateReply, CreateRequest};
use evm_interpreter::memory::Memory;
use evm_interpreter::metering::{Ethereum, Metering};
use evm_interpreter::stack::Stack;
use evm_interpreter::{Bytecode, Fork, H160, H256, Halt, Interpreter, U256};
use precompiles::{Native, Precompile, Registry};
use std::sync::Arc;

/// Frames below the first at most.
const MAX_DEPTH: u16 = 1024;
/// Gas of a byte of deployed code.
const CODE_DEPOSIT: u64 = 200;
/// Deployed code at most, bytes (EIP-170).
const MAX_CODE: usize = 24_576;

/// What is the same for all frames of a transaction.
#[derive(Debug)]
pub(super) struct World<'a, T> {
    pub(super) state: &'a mut State,
    pub(super) block: &'a Block,
    pub(super) origin: H160,
    pub(super) gas_price: U256,
    pub(super) blob_hashes: Arc<[H256]>,
    pub(super) tracer: &'a mut T,
    /// Depth of the frame that runs; the first has 0.
    pub(super) depth: u16,
    /// What ended frames have left for reuse.
    pub(super) spare: Vec<(Stack, Memory)>,
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
struct Ended {
    halt: Halt,
    gas_left: u64,
    refund: i64,
    output: Vec<u8>,
}

/// How geth names the ways in which the world itself ends a call or creation.
mod error {
    pub(super) const DEPTH: &str = "max call depth exceeded";
    pub(super) const BALANCE: &str = "insufficient balance for transfer";
    pub(super) const NONCE: &str = "nonce uint64 overflow";
    pub(super) const COLLISION: &str = "contract address collision";
    pub(super) const CODE_PREFIX: &str = "invalid code: must not begin with 0xef";
    pub(super) const CODE_SIZE: &str = "max code size exceeded";
    pub(super) const CODE_GAS: &str = "contract creation code storage out of gas";
}

impl<T: Tracer> World<'_, T> {
    pub(super) fn precompile(&self, address: &H160) -> Option<&'static Precompile> {
        Registry::<Native>::get(address, self.block.fork)
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
        if self.state.is_warm(id) || self.precompile(&address).is_some() {
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
            self.tracer.exit(&reply.output, call.gas.saturating_sub(reply.gas_left), error);
        }
        reply
    }

    fn call_inner(&mut self, call: &Call<'_>) -> (CallReply, Option<&'static str>) {
        let refused = CallReply { gas_left: call.gas, ..CallReply::default() };
        if self.depth > MAX_DEPTH {
            return (refused, Some(error::DEPTH));
        }
        let caller = self.state.load(call.caller);
        let pays = match call.kind {
            CallKind::Call | CallKind::CallCode => call.value,
            CallKind::DelegateCall | CallKind::StaticCall => U256::zero(),
        };
        if pays > self.state.balance(caller) {
            return (refused, Some(error::BALANCE));
        }
        let checkpoint = self.state.checkpoint();
        let precompile = self.precompile(&call.target);
        let target = self.state.load(call.target);
        match call.kind {
            CallKind::Call => {
                if !self.state.exists(target)
                    && precompile.is_none()
                    && self.block.fork >= Fork::SpuriousDragon
                    && call.value.is_zero()
                {
                    return (CallReply { success: true, ..refused }, None);
                }
                self.transfer(caller, target, call.value);
            }
            // Even a static call is a touch (EIP-161).
            CallKind::StaticCall => self.state.touch(target),
            CallKind::CallCode | CallKind::DelegateCall => {}
        }
        let ended = match precompile {
            Some(precompile) => self.run_precompile(precompile, call),
            None => self.run_code(target, call),
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
        let outcome = match &self.block.memo {
            Some(memo) => memo.call(precompile, call.input, call.gas, fork),
            None => precompile.call(call.input, call.gas, fork),
        };
        match outcome {
            Ok(outcome) => Ok(Ended {
                halt: Halt::Return,
                gas_left: call.gas - outcome.gas_used,
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
    ) -> Result<Ended, (Ended, &'static str)> {
        let mut code = self.state.code(target).clone();
        // EIP-7702; a delegate's own delegation is not followed.
        if self.block.fork >= Fork::Prague
            && let Some(delegate) = code.delegate()
        {
            let delegate = self.state.load(delegate);
            code = self.state.code(delegate).clone();
        }
        let Some(code) = code.bytes else {
            return Ok(Ended { gas_left: call.gas, ..Ended::nothing(Halt::Stop) });
        };
        let ended = self.run(&code, call);
        match error_text(ended.halt) {
            Some(error) => Err((ended, error)),
            None => Ok(ended),
        }
    }

    /// Runs code in a frame of its own.
    fn run(&mut self, code: &Bytecode, call: &Call<'_>) -> Ended {
        if T::ENABLED {
            self.tracer.code(code.len());
        }
        let (mut stack, memory) = self.spare.pop().unwrap_or_default();
        let fork = self.block.fork;
        self.depth += 1;
        let mut frame = Frame::new(&mut *self, call);
        let mut interpreter =
            Interpreter::new(&mut frame, code, Ethereum::new(fork, call.gas), &mut stack)
                .with_memory(memory);
        let halt = interpreter.run();
        let output = interpreter.output().to_vec();
        let meter = *interpreter.meter();
        let memory = interpreter.into_memory();
        self.depth -= 1;
        self.spare.push((stack, memory));
        let success = halt.is_success();
        Ended {
            halt,
            gas_left: if success || halt.is_revert() { meter.gas_left() } else { 0 },
            refund: if success { meter.refund() } else { 0 },
            output,
        }
    }

    /// A creation by `creator`, an account that may pay for it.
    pub(super) fn create(&mut self, creator: H160, request: &CreateRequest<'_>) -> CreateReply {
        if T::ENABLED {
            self.tracer.enter();
        }
        let (reply, output, error) = self.create_inner(creator, request);
        if T::ENABLED {
            let used = request.gas.saturating_sub(reply.gas_left);
            self.tracer.exit(output.as_deref().unwrap_or(&reply.output), used, error);
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
        let refused = CreateReply { gas_left: request.gas, ..CreateReply::default() };
        if self.depth > MAX_DEPTH {
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
            Ended { gas_left: request.gas, ..Ended::nothing(Halt::Stop) }
        } else {
            self.run(&init_code, &Call {
                kind: CallKind::Call,
                gas: request.gas,
                target: address,
                account: address,
                caller: creator,
                value: request.value,
                input: &[],
                is_static: false,
            })
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
        let price = CODE_DEPOSIT * code.len() as u64;
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
    const fn nothing(halt: Halt) -> Self {
        Self { halt, gas_left: 0, refund: 0, output: Vec::new() }
    }
}
