//! Ethereum's precompiles by syscalls, and Filecoin's own.
//!
//! Filecoin's stand at 0xfe00…: resolve_address (01), lookup_delegated_address (02), call_actor (03),
//! call_actor_id (05) and get_randomness (06). Addresses of the reserved ranges without a function
//! answer calls with success and nothing.

mod abi;
mod addresses;
mod call_actor;
mod crypto;
mod randomness;

pub(crate) use abi::{Words, pad_to_word, word_of_u64};

use crate::host::World;
use crypto::Backend;
use evm_interpreter::H160;
use evm_interpreter::host::CallKind;
use fevm_runtime::{Abort, Runtime};

/// How a precompile is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// By which instruction.
    pub(crate) kind: CallKind,
    /// Gas operand.
    pub(crate) gas: u64,
}

/// A precompile refuses its input: the call fails, the frame goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// What a precompile answers; the outer error ends the frame.
pub(crate) type Answer = Result<Result<Vec<u8>, Refused>, Abort>;

/// Number of a native precompile, 0xfe00…00 to 0xfe00…ff.
fn native_number(address: &H160) -> Option<u8> {
    (address.0[0] == 0xfe && fevm_address::ethereum::is_reserved(address)).then_some(address.0[19])
}

/// Number of an address whose first 18 bytes are zero.
fn ethereum_number(address: &H160) -> Option<u16> {
    match address.0 {
        [zeros @ .., high, low] if zeros == [0; 18] => Some(u16::from_be_bytes([high, low])),
        _ => None,
    }
}

/// The function of Ethereum's precompile at an address.
fn ethereum(address: &H160) -> Option<precompiles::registry::FilecoinPrecompile> {
    precompiles::filecoin::<Backend>(ethereum_number(address)?)
}

/// Whether calls of this address are answered here: the reserved ranges but their first addresses,
/// and precompiles outside of them.
#[inline]
pub(crate) fn is_reserved(address: &H160) -> bool {
    // Contracts' addresses are hashes: one look at the middle bytes settles nearly all.
    address.0[1..18] == [0; 17]
        && (fevm_address::ethereum::is_reserved(address) && address.0[19] != 0
            || ethereum(address).is_some())
}

/// Whether the address is a precompile that has a function.
pub(crate) fn exists(address: &H160) -> bool {
    address.0[1..18] == [0; 17]
        && match native_number(address) {
            Some(number) => matches!(number, 1 | 2 | 3 | 5 | 6),
            None => ethereum(address).is_some(),
        }
}

/// Calls a reserved address.
pub(crate) fn call<R: Runtime>(
    world: &mut World<'_, '_, R>,
    address: &H160,
    input: &[u8],
    context: Context,
) -> Answer {
    match native_number(address) {
        Some(1) => Ok(addresses::resolve_address(world.rt(), input)),
        Some(2) => Ok(addresses::lookup_delegated_address(world.rt(), input)),
        Some(3) => call_actor::call_actor(world, input, context),
        Some(5) => call_actor::call_actor_id(world, input, context),
        Some(6) => Ok(randomness::get_randomness(world.rt(), input)),
        Some(_) => Ok(Ok(Vec::new())),
        None => match ethereum(address) {
            Some(run) => run_ethereum(run, input),
            None => Ok(Ok(Vec::new())),
        },
    }
}

fn run_ethereum(run: precompiles::registry::FilecoinPrecompile, input: &[u8]) -> Answer {
    match run(input) {
        Ok(output) => Ok(Ok(output)),
        Err(precompiles::Error::Fatal(reason)) => Err(Abort::assertion_failed(reason)),
        Err(_) => Ok(Err(Refused)),
    }
}
