//! handle_filecoin_method: messages of native actors and accounts, handed to the contract.

use super::invoke::run_own_code;
use crate::precompiles::{Words, pad_to_word, word_of_u64};
use fevm_runtime::{Abort, Block, ExitCode, Runtime, cid};

/// Selector of `handle_filecoin_method(uint64,uint64,bytes)`.
const SELECTOR: [u8; 4] = [0x86, 0x8e, 0x10, 0xc4];

/// Runs the contract's `handle_filecoin_method` for a method that is not the actor's.
pub(super) fn handle_filecoin_method<R: Runtime>(
    rt: &R,
    method: u64,
) -> Result<Option<Block>, Abort> {
    let params = rt.params()?;
    let data = params.data.as_deref().unwrap_or_default();
    let output = run_own_code(rt, encode(method, params.codec, data), <[u8]>::to_vec)?;
    decode(&output)
}

/// The call data: method, codec and parameters; codec 0 and no bytes if there are none.
fn encode(method: u64, codec: u64, params: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(4 * 32 + params.len() + 32);
    data.extend_from_slice(&word_of_u64(method));
    data.extend_from_slice(&word_of_u64(codec));
    data.extend_from_slice(&word_of_u64(0x60));
    data.extend_from_slice(&word_of_u64(params.len() as u64));
    data.extend_from_slice(params);
    pad_to_word(&mut data);
    [&SELECTOR[..], &data].concat()
}

/// The contract's answer: nothing, or (uint32 exit code, uint64 codec, bytes data).
fn decode(output: &[u8]) -> Result<Option<Block>, Abort> {
    if output.is_empty() {
        return Ok(None);
    }
    let mut words = Words::new(output);
    let exit = words.u32().map_err(|_| wrong("exit code of 32 bits"))?;
    let codec = words.u64().map_err(|_| wrong("codec of 64 bits"))?;
    let offset = words.u32().map_err(|_| wrong("offset of 32 bits"))?;
    words.seek(offset as usize);
    let len = words.u32().map_err(|_| wrong("length of 32 bits"))?;
    let data = words.bytes(len as usize);
    let block = match codec {
        0 if data.is_empty() => None,
        cid::CBOR => Some(Block::cbor(data.into_owned())),
        _ => return Err(wrong("codec 0x51, or 0 without data")),
    };
    if exit == 0 {
        return Ok(block);
    }
    let message = "the contract ended with an exit code of its own";
    Err(Abort::with_data(ExitCode::new(exit), message, block))
}

#[cold]
fn wrong(expected: &'static str) -> Abort {
    Abort::serialization(format!("the contract's answer has no {expected}"))
}
