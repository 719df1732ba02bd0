//! resolve_address and lookup_delegated_address.

use super::{Refused, Words, word_of_u64};
use fevm_address::Address;
use fevm_runtime::Runtime;

/// 0xfe…01: the actor ID of a binary address as a word, nothing if there is none. A malformed address
/// fails.
pub(super) fn resolve_address<R: Runtime>(rt: &R, input: &[u8]) -> Result<Vec<u8>, Refused> {
    let address = Address::from_bytes(input).map_err(|_| Refused)?;
    let actor = rt.resolve_address(address.as_bytes()).ok().flatten();
    Ok(actor.map_or_else(Vec::new, |actor| word_of_u64(actor).to_vec()))
}

/// 0xfe…02: the f4 address of an actor ID in binary form, nothing if it has none. An ID above 64 bits
/// fails.
pub(super) fn lookup_delegated_address<R: Runtime>(
    rt: &R,
    input: &[u8],
) -> Result<Vec<u8>, Refused> {
    let actor = Words::new(input).u64()?;
    let mut buffer = [0; 65];
    let len = rt.delegated_address(actor, &mut buffer).unwrap_or_default();
    Ok(buffer.get(..len).unwrap_or_default().to_vec())
}
