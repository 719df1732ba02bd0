//! GetBytecode, GetBytecodeHash, GetStorageAt: what others may know of a contract.

use crate::contract::{Contract, load_state};
use crate::state::EMPTY_CODE_HASH;
use fevm_runtime::cbor::{Writer, byte_string};
use fevm_runtime::{Abort, Block, Runtime, cid, singletons};
use primitive_types::U256;

/// GetBytecode: a link to the runtime code, null if the contract is dead. DAG-CBOR, so that the
/// caller may open the block.
pub(super) fn bytecode<R: Runtime>(rt: &R) -> Result<Option<Block>, Abort> {
    rt.params()?.none()?;
    let (_, state) = load_state(rt).map_err(unreadable)?;
    let mut writer = Writer::with_capacity(48);
    if state.is_dead(rt.message()) {
        writer.null();
    } else {
        writer.link(&state.bytecode);
    }
    Ok(Some(Block {
        codec: cid::DAG_CBOR,
        data: writer.into_bytes(),
    }))
}

/// GetBytecodeHash: Keccak-256 of the runtime code, that of nothing if the contract is dead.
pub(super) fn bytecode_hash<R: Runtime>(rt: &R) -> Result<Option<Block>, Abort> {
    rt.params()?.none()?;
    let (_, state) = load_state(rt).map_err(unreadable)?;
    let hash = if state.is_dead(rt.message()) {
        EMPTY_CODE_HASH
    } else {
        state.bytecode_hash
    };
    Ok(Some(Block::cbor(byte_string(&hash))))
}

/// GetStorageAt: a storage slot, for readers off chain.
pub(super) fn storage_at<R: Runtime>(rt: &R) -> Result<Option<Block>, Abort> {
    let key = rt.params()?.decode(|reader| {
        reader.tuple(1)?;
        reader.u256()
    })?;
    rt.require_caller(&[singletons::SYSTEM])?;
    let value = match Contract::load(rt)? {
        Some(mut contract) => contract.sload(&key)?,
        None => U256::zero(),
    };
    let mut writer = Writer::with_capacity(34);
    writer.u256(&value);
    Ok(Some(Block::cbor(writer.into_bytes())))
}

/// A state that cannot be read is exit 16 to those who only look at it.
#[cold]
fn unreadable(abort: Abort) -> Abort {
    Abort::illegal_argument(abort.message().to_owned())
}
