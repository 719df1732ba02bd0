//! call_actor and call_actor_id: any method of any actor.

use super::{Answer, Context, Refused, Words, pad_to_word, word_of_u64};
use crate::host::{World, amount};
use evm_interpreter::U256;
use evm_interpreter::host::CallKind;
use fevm_address::Address;
use fevm_runtime::interface::{SEND, evm};
use fevm_runtime::runtime::SendRequest;
use fevm_runtime::{Abort, ErrorNumber, Runtime, cid};

/// Where the returned data stand in the output: after exit code, codec and this word.
const DATA_OFFSET: u64 = 0x60;

/// A message as a contract describes it.
struct Message {
    to: Address,
    method: u64,
    value: U256,
    read_only: bool,
    params: Option<Vec<u8>>,
}

/// 0xfe…03: the last word of the head is the offset of a binary address.
pub(super) fn call_actor<R: Runtime>(
    world: &mut World<'_, '_, R>,
    input: &[u8],
    context: Context,
) -> Answer {
    call(world, input, context, |offset, words| {
        words.seek(usize::try_from(offset).map_err(|_| Refused)?);
        let len = words.u32()?;
        Address::from_bytes(&words.bytes(len as usize)).map_err(|_| Refused)
    })
}

/// 0xfe…05: the last word of the head is an actor ID.
pub(super) fn call_actor_id<R: Runtime>(
    world: &mut World<'_, '_, R>,
    input: &[u8],
    context: Context,
) -> Answer {
    call(world, input, context, |id, _| Ok(Address::id(id)))
}

fn call<R: Runtime>(
    world: &mut World<'_, '_, R>,
    input: &[u8],
    context: Context,
    address: impl FnOnce(u64, &mut Words<'_>) -> Result<Address, Refused>,
) -> Answer {
    // Only the contract's own code may speak for it: not whoever calls or delegates to it.
    if context.kind != CallKind::DelegateCall {
        return Ok(Err(Refused));
    }
    match read(input, address) {
        Ok(message) => send(world, &message, context.gas).map(Ok),
        Err(refused) => Ok(Err(refused)),
    }
}

/// Reads the ABI encoding of (uint64 method, uint256 value, uint64 flags, uint64 codec, bytes
/// params, address).
fn read(
    input: &[u8],
    address: impl FnOnce(u64, &mut Words<'_>) -> Result<Address, Refused>,
) -> Result<Message, Refused> {
    let mut words = Words::new(input);
    let method = words.u64()?;
    let value = words.word();
    let flags = words.u64()?;
    let codec = words.u64()?;
    let params_offset = words.u32()?;
    let last = words.u64()?;
    if method != SEND && method <= evm::LAST_RESERVED {
        return Err(Refused);
    }
    let read_only = match flags {
        0 => false,
        1 => true,
        _ => return Err(Refused),
    };
    words.seek(params_offset as usize);
    let len = words.u32()?;
    let params = words.bytes(len as usize);
    let params = match codec {
        cid::CBOR => Some(params.into_owned()),
        0 if params.is_empty() => None,
        _ => return Err(Refused),
    };
    Ok(Message {
        to: address(last, &mut words)?,
        method,
        value,
        read_only,
        params,
    })
}

/// Sends it; gives the ABI encoding of (int256 exit code, uint64 codec, bytes data). A negative exit
/// code is the error with which the machine refused to send.
fn send<R: Runtime>(
    world: &mut World<'_, '_, R>,
    message: &Message,
    asked: u64,
) -> Result<Vec<u8>, Abort> {
    let gas_limit = world.callee_gas(asked);
    let sent = match amount(&message.value) {
        Some(value) => world.contract().send(SendRequest {
            to: message.to.as_bytes(),
            method: message.method,
            params: message.params.as_deref().map(|data| (cid::CBOR, data)),
            value,
            gas_limit: Some(gas_limit),
            read_only: message.read_only,
        })?,
        None => {
            world.contract().flush()?;
            Err(ErrorNumber::InsufficientFunds)
        }
    };
    let (exit, block) = match sent {
        Ok(sent) => {
            let block = world.rt().read_return(&sent).map_err(|error| {
                Abort::assertion_failed(format!("cannot read the return: {error}"))
            })?;
            (U256::from(sent.exit_code.value()), block)
        }
        Err(error) => (U256::zero().overflowing_sub((error as u32).into()).0, None),
    };
    let block = block.unwrap_or_default();
    let mut output = Vec::with_capacity(4 * 32 + block.data.len() + 32);
    output.extend_from_slice(&exit.to_big_endian());
    output.extend_from_slice(&word_of_u64(block.codec));
    output.extend_from_slice(&word_of_u64(DATA_OFFSET));
    output.extend_from_slice(&word_of_u64(block.data.len() as u64));
    output.extend_from_slice(&block.data);
    pad_to_word(&mut output);
    Ok(output)
}
