//! The account of an f1 (secp256k1) or f3 (BLS) key.
//!
//! State: the tuple `[address]`, the account's key address. Exported methods (FRC-0042) that the
//! actor does not have succeed with nothing, so that tokens can be sent to an account.

use fevm_address::Address;
use fevm_runtime::cbor::{Reader, Writer, byte_string};
use fevm_runtime::interface::{CONSTRUCTOR, account};
use fevm_runtime::params::decode_all;
use fevm_runtime::{Abort, Block, Runtime, cid, frc42, internal_api, singletons};

/// First byte of f1 addresses.
const SECP256K1: u8 = 1;
/// First byte of f3 addresses.
const BLS: u8 = 3;

/// Length of an f1 address: protocol and blake2b-160.
const SECP256K1_LEN: usize = 21;
/// Length of an f3 address: protocol and public key.
const BLS_LEN: usize = 49;

/// CBOR of `true`.
const TRUE: u8 = 0xf5;

/// Answers a message.
///
/// # Errors
/// 22 for methods below 2^24 that the actor does not have (18 to contracts); those of the methods.
pub fn invoke(rt: &impl Runtime) -> Result<Option<Block>, Abort> {
    match rt.message().method {
        CONSTRUCTOR => construct(rt).map(|()| None),
        account::PUBKEY_ADDRESS => pubkey_address(rt).map(Some),
        account::AUTHENTICATE_MESSAGE => authenticate_message(rt).map(Some),
        frc42::FIRST_EXPORTED.. => Ok(None),
        _ => Err(internal_api::unhandled(rt)),
    }
}

/// The constructor, by the system: the parameter is the key address as a byte string.
fn construct(rt: &impl Runtime) -> Result<(), Abort> {
    let params = rt.params()?;
    let address = params.decode(Reader::bytes)?;
    Address::from_bytes(&address)
        .map_err(|error| Abort::serialization(format!("parameters: {error}")))?;
    rt.require_caller(&[singletons::SYSTEM])?;
    signature_type(&address)
        .ok_or_else(|| Abort::illegal_argument("an account has an f1 or f3 address"))?;
    rt.require_no_state()?;
    let mut state = Writer::with_capacity(address.len() + 3);
    state.array(1);
    state.bytes(&address);
    rt.put_block(cid::DAG_CBOR, &state.into_bytes())
        .and_then(|root| rt.set_root(&root))
        .map_err(|error| Abort::illegal_state(format!("cannot write the state: {error}")))
}

/// The key address as a byte string.
fn pubkey_address(rt: &impl Runtime) -> Result<Block, Abort> {
    rt.params()?.none()?;
    Ok(Block::cbor(byte_string(&address(rt)?)))
}

/// Whether a signature is this account's: parameters `[signature without its type, message]`.
///
/// `true`, or exit 16.
fn authenticate_message(rt: &impl Runtime) -> Result<Block, Abort> {
    let params = rt.params()?;
    let (signature, message) = params.decode(|reader| {
        reader.tuple(2)?;
        Ok((reader.bytes()?, reader.bytes()?))
    })?;
    let address = address(rt)?;
    let signature_type = signature_type(&address)
        .ok_or_else(|| Abort::illegal_state("the account has no f1 or f3 address"))?;
    match rt.verify_signature(signature_type, &signature, &address, &message) {
        Ok(true) => Ok(Block::cbor(vec![TRUE])),
        _ => Err(Abort::illegal_argument(
            "the signature is not the account's",
        )),
    }
}

/// The address in the state.
fn address(rt: &impl Runtime) -> Result<Vec<u8>, Abort> {
    let state = rt
        .root()
        .and_then(|root| rt.get_block(&root))
        .map_err(|error| Abort::illegal_argument(format!("cannot read the state: {error}")))?;
    let address = decode_all(&state, |reader| {
        reader.tuple(1)?;
        reader.bytes()
    });
    let address = address.map_err(|error| Abort::illegal_argument(format!("state: {error}")))?;
    Address::from_bytes(&address)
        .map_err(|error| Abort::illegal_argument(format!("state: {error}")))?;
    Ok(address.into_owned())
}

/// Type number of signatures by the key of this address; `None` if it is no key address.
const fn signature_type(address: &[u8]) -> Option<u32> {
    match (address.first(), address.len()) {
        (Some(&SECP256K1), SECP256K1_LEN) => Some(1),
        (Some(&BLS), BLS_LEN) => Some(2),
        _ => None,
    }
}

/// Entry of the WASM module.
#[cfg(target_arch = "wasm32")]
#[unsafe(export_name = "invoke")]
extern "C" fn entry(params: u32) -> u32 {
    fevm_runtime::entry::run(params, |rt| invoke(rt))
}

#[cfg(test)]
mod tests;
