//! InvokeContract and InvokeContractDelegate.

use crate::contract::Contract;
use crate::host::{DelegateParams, Frame, KnownAddresses, World, ethereum_address};
use crate::state::EMPTY_CODE;
use evm_interpreter::bytecode::PADDING;
#[cfg(target_arch = "wasm32")]
use evm_interpreter::memory::Memory;
use evm_interpreter::metering::Unmetered;
use evm_interpreter::stack::Stack;
use evm_interpreter::{Bytecode, Halt, Interpreter};
use fevm_runtime::cbor::byte_string;
use fevm_runtime::{Abort, Block, Cid, ErrorNumber, ExitCode, Runtime, cid};

/// InvokeContract: runs the contract's code on the call data, nothing if there are no parameters.
pub(super) fn invoke_contract<R: Runtime>(rt: &R) -> Result<Option<Block>, Abort> {
    let params = rt.params()?;
    let input = match (&params.data, params.codec) {
        (None, _) => Vec::new(),
        (Some(_), cid::RAW) => params.data.unwrap_or_default(),
        _ => params.bytes()?.into_owned(),
    };
    run_own_code(rt, input, byte_string).map(|output| Some(Block::cbor(output)))
}

/// Runs the contract's own code; gives its output in a form of the caller's choice. A dead contract,
/// or one without code, has none.
pub(super) fn run_own_code<R: Runtime>(
    rt: &R,
    input: Vec<u8>,
    form: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<Vec<u8>, Abort> {
    let Some(mut contract) = Contract::load(rt).map_err(unloadable)? else {
        return Ok(form(&[]));
    };
    let Some((code, _)) = contract.code().copied() else {
        return Ok(form(&[]));
    };
    let message = rt.message();
    // A caller without an Ethereum address may not call. Only accounts can be so, and accounts call
    // nobody but as the origin of a message: for any other caller the address can wait.
    let mut known = KnownAddresses::default();
    if message.caller == message.origin {
        known.caller = Some(ethereum_address(rt, message.caller)?);
    }
    let frame = Frame {
        caller: None,
        value: message.value,
        input,
    };
    run(&mut contract, &code, frame, known, form)
}

/// InvokeContractDelegate: runs another contract's code on this contract's state.
pub(super) fn invoke_contract_delegate<R: Runtime>(rt: &R) -> Result<Option<Block>, Abort> {
    let params = rt.params()?;
    params.required()?;
    // Links are links in DAG-CBOR only, so that messages from outside cannot name code.
    if params.codec != cid::DAG_CBOR {
        return Err(Abort::illegal_argument("parameters are not DAG-CBOR"));
    }
    let params = params.decode(DelegateParams::decode)?;
    rt.require_caller(&[rt.message().receiver])?;
    let frame = Frame {
        caller: Some(params.caller),
        value: params.value,
        input: params.input.into_owned(),
    };
    let output = match Contract::load(rt).map_err(unloadable)? {
        Some(mut contract) => {
            let known = KnownAddresses::default();
            run(&mut contract, &params.code, frame, known, byte_string)?
        }
        None => byte_string(&[]),
    };
    Ok(Some(Block::cbor(output)))
}

/// A contract that cannot be loaded is exit 23 to those who call it.
#[cold]
fn unloadable(abort: Abort) -> Abort {
    Abort::new(ExitCode::UNSPECIFIED, abort.message().to_owned())
}

/// Runs code on a contract and writes what has changed.
fn run<R: Runtime>(
    contract: &mut Contract<'_, R>,
    code: &Cid,
    frame: Frame,
    known: KnownAddresses,
    form: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<Vec<u8>, Abort> {
    if *code == EMPTY_CODE {
        return Ok(form(&[]));
    }
    let code = load_code(contract.rt, code).map_err(|error| {
        Abort::new(
            ExitCode::NOT_FOUND,
            format!("code is not in the store: {error}"),
        )
    })?;
    let mut world = World::new(contract, frame, known);
    let output = execute(&mut world, &code, form)?;
    contract.flush()?;
    Ok(output)
}

/// Reads code straight into a padded buffer.
fn load_code<R: Runtime>(rt: &R, code: &Cid) -> Result<Bytecode, ErrorNumber> {
    let block = rt.open_block(code)?;
    let len = block.size as usize;
    let mut padded = vec![0; len + PADDING];
    if let Some(room) = padded.get_mut(..len) {
        rt.read_block(block.id, 0, room)?;
    }
    Bytecode::from_padded(padded, len).ok_or(ErrorNumber::IllegalArgument)
}

/// Runs a frame to its end; gives its output in a form of the caller's choice.
pub(super) fn execute<R: Runtime>(
    world: &mut World<'_, '_, R>,
    code: &Bytecode,
    form: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<Vec<u8>, Abort> {
    #[cfg(feature = "trace")]
    world.begin(code);
    let mut stack = Stack::new();
    let mut interpreter = Interpreter::new(&mut *world, code, Unmetered, &mut stack);
    #[cfg(target_arch = "wasm32")]
    {
        // SAFETY: an instance has the runtime's allocator.
        let memory = unsafe { Memory::growing_by_zeros(fevm_runtime::allocator::ZEROS_FROM) };
        interpreter = interpreter.with_memory(memory);
    }
    let halt = interpreter.run();
    let exit = match halt {
        Halt::Stop | Halt::Return | Halt::SelfDestruct => return Ok(form(interpreter.output())),
        Halt::Revert => return Err(reverted(interpreter.output())),
        Halt::Fault => return Err(world.take_fault()),
        Halt::InvalidInstruction => ExitCode::EVM_INVALID_INSTRUCTION,
        Halt::UndefinedInstruction => ExitCode::EVM_UNDEFINED_INSTRUCTION,
        Halt::StackUnderflow => ExitCode::EVM_STACK_UNDERFLOW,
        Halt::StackOverflow => ExitCode::EVM_STACK_OVERFLOW,
        Halt::BadJumpDestination => ExitCode::EVM_BAD_JUMPDEST,
        Halt::IllegalMemoryAccess | Halt::ReturnDataOutOfBounds => {
            ExitCode::EVM_ILLEGAL_MEMORY_ACCESS
        }
        Halt::StaticViolation => ExitCode::READ_ONLY,
        // Memory that the machine does not have; gas itself runs out in the machine.
        Halt::OutOfGas | Halt::InitCodeTooLarge => ExitCode::ASSERTION_FAILED,
    };
    Err(Abort::new(exit, halt_name(halt)))
}

const fn halt_name(halt: Halt) -> &'static str {
    match halt {
        Halt::InvalidInstruction => "invalid instruction",
        Halt::UndefinedInstruction => "undefined instruction",
        Halt::StackUnderflow => "stack underflow",
        Halt::StackOverflow => "stack overflow",
        Halt::BadJumpDestination => "bad jump destination",
        Halt::IllegalMemoryAccess => "illegal memory access",
        Halt::ReturnDataOutOfBounds => "return data out of bounds",
        Halt::StaticViolation => "state change in a read-only call",
        Halt::OutOfGas => "out of memory",
        _ => "unexpected end",
    }
}

/// The end of a frame that reverted.
fn reverted(output: &[u8]) -> Abort {
    Abort::with_data(
        ExitCode::EVM_CONTRACT_REVERTED,
        "contract reverted",
        Some(Block::cbor(byte_string(output))),
    )
}
