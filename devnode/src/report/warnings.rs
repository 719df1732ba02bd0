//! Where Filecoin does something that a user from Ethereum does not expect, found in what a
//! message did.

use alloy_primitives::Address;
use fevm_machine::trace::{CallFrame, CallResult};
use fevm_machine::{MachineError, Outcome, StateTree, address};
use fvm_shared::ActorID;
use fvm_shared::address::Payload;

/// Most bytes of a contract's code (EIP-170).
const MOST_CODE: usize = 24_576;
/// Code of so many bytes has little room left.
const NEARLY_ALL_CODE: usize = 24_000;
/// Exit code with which an EVM actor ends when the FVM does not take its log.
const ASSERTION_FAILED: u32 = 24;

/// One surprise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Value went to an address that nobody had used.
    #[error(
        "value went to {0}, which was unknown: it lies in a placeholder until the key of that address sends"
    )]
    NewAddress(Address),
    /// Value went to an actor by its ID.
    #[error(
        "value went to the masked ID {to}, the actor f0{id}: no code of a contract ran for it, and only that actor can move it"
    )]
    MaskedId {
        /// The address that was paid.
        to: Address,
        /// The ID in it.
        id: ActorID,
    },
    /// A log was too long.
    #[error(
        "a log of {0} was refused: the FVM takes at most 8,192 bytes in one, topics counted in, and the call that emits more fails"
    )]
    LongLog(Address),
    /// A reserved address was called that does nothing.
    #[error(
        "{0} is reserved for a precompile that Filecoin does not have: calls of it succeed and return nothing"
    )]
    ReservedPrecompile(Address),
    /// A contract destroyed itself.
    #[error(
        "{0} destroyed itself: SELFDESTRUCT is deprecated, and on Filecoin it removes the contract whenever it was created (no EIP-6780)"
    )]
    SelfDestruct(Address),
    /// A contract has hardly room for more code.
    #[error("the code of {contract} has {length} bytes of at most {MOST_CODE}")]
    LongCode {
        /// The new contract.
        contract: Address,
        /// Bytes of its code.
        length: usize,
    },
    /// A contract was not created, its code being too long.
    #[error(
        "a contract was not created: its constructor returned {length} bytes of code, and at most {MOST_CODE} are allowed (EIP-170)"
    )]
    CodeTooLong {
        /// Bytes of code.
        length: usize,
    },
}

/// The surprises in a traced message. `before` and `after` are the states around it.
///
/// # Errors
/// A state cannot be read.
pub fn find(
    before: &StateTree,
    after: &StateTree,
    outcome: &Outcome,
    nonce: u64,
) -> Result<Vec<Warning>, MachineError> {
    let Some(root) = outcome.call_tree() else {
        return Ok(Vec::new());
    };
    let mut warnings = Vec::new();
    let mut open = vec![(&root, true)];
    while let Some((frame, is_root)) = open.pop() {
        look(before, after, frame, is_root, nonce, &mut warnings)?;
        open.extend(frame.calls.iter().rev().map(|call| (call, false)));
    }
    if let Some(length) = outcome.failure.as_ref().and_then(|failure| {
        let text = failure.to_string();
        let (_, rest) = text.split_once("EIP-170: contract code has ")?;
        rest.split(' ').next()?.parse().ok()
    }) {
        warnings.push(Warning::CodeTooLong { length });
    }
    let mut seen = Vec::new();
    warnings.retain(|warning| {
        let new = !seen.contains(warning);
        seen.push(warning.clone());
        new
    });
    Ok(warnings)
}

fn look(
    before: &StateTree,
    after: &StateTree,
    frame: &CallFrame,
    is_root: bool,
    nonce: u64,
    warnings: &mut Vec<Warning>,
) -> Result<(), MachineError> {
    if frame.is_success() && !frame.value.is_zero() {
        match frame.to.payload() {
            Payload::Delegated(_) if before.lookup(&frame.to)?.is_none() => {
                let is_placeholder = |code| after.name_of(&code) == Some("placeholder");
                if let Some(to) = address::to_eth(&frame.to)
                    && frame.code.is_none_or(is_placeholder)
                {
                    warnings.push(Warning::NewAddress(to));
                }
            }
            // The actors below 100 are the system's own: what passes through them to a new contract.
            Payload::ID(id) if *id >= 100 => {
                let actor = after.actor(*id)?;
                let named = actor.as_ref().and_then(|actor| after.name_of(&actor.code));
                if !matches!(named, Some("evm" | "ethaccount" | "placeholder")) {
                    warnings.push(Warning::MaskedId {
                        to: address::mask_id(*id),
                        id: *id,
                    });
                }
            }
            _ => {}
        }
    }
    if is_root
        && let Some(to) = address::to_eth(&frame.to)
        && is_reserved_for_nothing(to)
    {
        warnings.push(Warning::ReservedPrecompile(to));
    }
    let runs_evm = frame
        .code
        .is_some_and(|code| after.name_of(&code) == Some("evm"));
    let Some(id) = frame.to_id.filter(|_| runs_evm) else {
        return Ok(());
    };
    if let CallResult::Exit(code, _) = &frame.result
        && code.value() == ASSERTION_FAILED
        && frame.ended_by_event
    {
        warnings.push(Warning::LongLog(after.eth_address_of(id)?));
    }
    let Some(actor) = after.actor(id)? else {
        return Ok(());
    };
    let Some(evm) = after.evm_state(&actor)? else {
        return Ok(());
    };
    let contract = after.eth_address_of(id)?;
    if evm
        .tombstone
        .is_some_and(|tombstone| tombstone.nonce == nonce)
        && before.actor(id)?.is_none_or(|old| old.state != actor.state)
    {
        warnings.push(Warning::SelfDestruct(contract));
    }
    let is_new = before
        .actor(id)?
        .is_none_or(|old| before.name_of(&old.code) != Some("evm"));
    if is_new {
        let length = evm.code(after.store())?.len();
        if length >= NEARLY_ALL_CODE {
            warnings.push(Warning::LongCode { contract, length });
        }
    }
    Ok(())
}

/// Whether an address is in the range of precompiles and has no function on Filecoin.
fn is_reserved_for_nothing(to: Address) -> bool {
    let bytes = to.as_slice();
    let (first, last) = (bytes[0], bytes[19]);
    if bytes[1..19].iter().any(|byte| *byte != 0) {
        return false;
    }
    match first {
        0 => matches!(last, 0x0a | 0x12..=0xff),
        0xfe => matches!(last, 0x00 | 0x04 | 0x07..=0xff),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::address;

    #[test]
    fn addresses_without_a_function() {
        for reserved in [
            address!("000000000000000000000000000000000000000a"),
            address!("00000000000000000000000000000000000000ff"),
            address!("fe00000000000000000000000000000000000004"),
        ] {
            assert!(is_reserved_for_nothing(reserved), "{reserved}");
        }
        for used in [
            address!("0000000000000000000000000000000000000009"),
            address!("0000000000000000000000000000000000000100"),
            address!("fe00000000000000000000000000000000000003"),
            Address::ZERO,
            Address::repeat_byte(0xfe),
        ] {
            assert!(!is_reserved_for_nothing(used), "{used}");
        }
    }
}
