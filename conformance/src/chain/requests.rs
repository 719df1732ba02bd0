//! What the execution layer asks of the consensus layer (EIP-7685): deposits, withdrawals,
//! consolidations.

use super::rejection::{BlockRejection, Reason};
use crate::ethereum::{Block, Log, State, Tracer, system_call};
use alloy_primitives::{Address, B256, hex};
use evm_interpreter::{H160, H256, U256};
use sha2::{Digest as _, Sha256};

/// Mainnet's deposit contract (EIP-6110).
pub const DEPOSIT_CONTRACT: H160 = H160(hex!("00000000219ab540356cbb839cbe05303d7705fa"));
/// Topic of its event (EIP-6110).
pub const DEPOSIT_TOPIC: H256 = H256(hex!(
    "649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5"
));
/// Takes requests to withdraw (EIP-7002).
pub const WITHDRAWAL_QUEUE: H160 = H160(hex!("00000961ef480eb55e80d19ad83579a64c007002"));
/// Takes requests to consolidate (EIP-7251).
pub const CONSOLIDATION_QUEUE: H160 = H160(hex!("0000bbddc7ce488642fb579f8b00f3a590007251"));

const DEPOSIT: u8 = 0;
const WITHDRAWAL: u8 = 1;
const CONSOLIDATION: u8 = 2;

/// Length of a deposit event's data, bytes.
const DEPOSIT_EVENT: usize = 576;
/// A deposit event's items: where their length stands, and what it has to be, bytes.
const DEPOSIT_ITEMS: [(usize, usize); 5] = [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)];

/// The requests of a block, in the order of their types; types without requests are left out.
///
/// # Errors
/// A deposit event that is none, or a system contract that is missing or fails: the block is
/// invalid then.
pub fn collect<'a, T: Tracer>(
    logs: impl Iterator<Item = &'a Log>,
    block: &Block,
    state: &mut State,
    tracer: &mut T,
) -> Result<Vec<Vec<u8>>, BlockRejection> {
    let mut requests = Vec::new();
    let deposits = deposits(logs)?;
    if deposits.len() > 1 {
        requests.push(deposits);
    }
    for (kind, contract, name) in [
        (WITHDRAWAL, WITHDRAWAL_QUEUE, "withdrawal queue"),
        (CONSOLIDATION, CONSOLIDATION_QUEUE, "consolidation queue"),
    ] {
        let id = state.load(contract);
        if state.code(id).is_empty() {
            let address = Address::new(contract.0);
            let text =
                format!("failed to process {name}: empty system contract: no code at {address}");
            return Err(BlockRejection::new(Reason::SystemContractEmpty, text));
        }
        let reply = system_call(contract, &[], block, state, tracer);
        if !reply.success {
            let text = format!("failed to process {name}: system call failed to execute");
            return Err(BlockRejection::new(Reason::SystemCallFailed, text));
        }
        if !reply.output.is_empty() {
            requests.push([&[kind][..], &reply.output].concat());
        }
    }
    Ok(requests)
}

/// Hash of a block's requests (EIP-7685).
#[must_use]
pub fn hash(requests: &[Vec<u8>]) -> B256 {
    let mut whole = Sha256::new();
    for request in requests.iter().filter(|request| request.len() > 1) {
        whole.update(Sha256::digest(request));
    }
    B256::from_slice(&whole.finalize())
}

/// The type's number, and the deposits that the logs tell of (EIP-6110).
fn deposits<'a>(logs: impl Iterator<Item = &'a Log>) -> Result<Vec<u8>, BlockRejection> {
    let mut deposits = vec![DEPOSIT];
    for log in logs {
        if log.address != DEPOSIT_CONTRACT || log.topics.first() != Some(&DEPOSIT_TOPIC) {
            continue;
        }
        deposit(&log.data, &mut deposits).map_err(|text| {
            let text =
                format!("failed to parse deposit logs: unable to parse deposit data: {text}");
            BlockRejection::new(Reason::DepositLayout, text)
        })?;
    }
    Ok(deposits)
}

/// Appends what an event's data has of a deposit: five items, each with its place in the head and
/// its length in front.
fn deposit(data: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    if data.len() != DEPOSIT_EVENT {
        return Err(format!(
            "deposit wrong length: want {DEPOSIT_EVENT}, have {}",
            data.len()
        ));
    }
    for (head, (at, length)) in (0..).step_by(32).zip(DEPOSIT_ITEMS) {
        if number(data, head) != at.into() || number(data, at) != length.into() {
            return Err(format!(
                "deposit event: item at {head} is not {length} bytes at {at}"
            ));
        }
        out.extend_from_slice(data.get(at + 32..at + 32 + length).unwrap_or_default());
    }
    Ok(())
}

fn number(data: &[u8], at: usize) -> U256 {
    data.get(at..at + 32)
        .map_or(U256::MAX, U256::from_big_endian)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Vec<u8> {
        let mut data = vec![0; DEPOSIT_EVENT];
        for (head, (at, length)) in (0..).step_by(32).zip(DEPOSIT_ITEMS) {
            data[head + 30..head + 32].copy_from_slice(&(at as u16).to_be_bytes());
            data[at + 31] = length as u8;
            data[at + 32..at + 32 + length].fill(1 + head as u8 / 32);
        }
        data
    }

    #[test]
    fn deposit_events() {
        let mut out = Vec::new();
        deposit(&event(), &mut out).unwrap();
        let expected = [
            vec![1; 48],
            vec![2; 32],
            vec![3; 8],
            vec![4; 96],
            vec![5; 8],
        ]
        .concat();
        assert_eq!(out, expected);
        for at in [31, 191, 30, 0, 543] {
            let mut wrong = event();
            wrong[at] ^= 1;
            assert!(deposit(&wrong, &mut Vec::new()).is_err(), "{at}");
        }
        assert!(deposit(&event()[1..], &mut Vec::new()).is_err());
    }

    // EIP-7685: no requests hash as no bytes.
    #[test]
    fn hash_of_none() {
        let empty = hex!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hash(&[]).0, empty);
        assert_eq!(hash(&[vec![0], vec![1]]).0, empty);
        assert_ne!(hash(&[vec![0, 1]]).0, empty);
    }
}
