//! Giving accounts tokens (ERC-20) by writing the token's storage.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256, b256, keccak256};
use alloy_sol_types::{SolCall, sol};
use serde_json::Value;

use crate::Node;
use crate::executor::{AccountOverride, CallMessage};
use crate::rpc::catalogue::{Method, required};
use crate::rpc::eth::execution::Scene;
use crate::rpc::request::BlockRef;
use crate::rpc::{RpcError, RpcResult};

sol! {
    function balanceOf(address owner) returns (uint256);
    function allowance(address owner, address spender) returns (uint256);
}

/// Slots of a contract's layout that are tried for the mapping.
const LAYOUT_SLOTS: u64 = 128;

/// Where OpenZeppelin's upgradeable ERC-20 begins its storage (ERC-7201).
const OPENZEPPELIN: B256 =
    b256!("52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00");

/// Seeds of Solady's ERC-20, which hashes packed words.
const SOLADY_BALANCE: [u8; 4] = [0x87, 0xa2, 0x11, 0xa2];
const SOLADY_ALLOWANCE: [u8; 4] = [0x7f, 0x5e, 0x9f, 0x20];

/// The methods of this module.
pub(super) const METHODS: &[Method] = &[
    Method::heavy(
        "anvil_dealERC20",
        &[
            required("address"),
            required("token"),
            required("amount"),
        ],
        "Sets an address's balance of a token (ERC-20), whose storage slot is found by trying the usual layouts.",
        |node, params| {
            let (owner, token, amount) = (params.address(0)?, params.address(1)?, params.number(2)?);
            let call = balanceOfCall { owner }.abi_encode();
            set(node, token, "balanceOf", call, balance_slots(owner), amount)
        },
    )
    .also(&["anvil_dealErc20", "hardhat_dealERC20"]),
    Method::heavy(
        "anvil_setERC20Allowance",
        &[
            required("owner"),
            required("spender"),
            required("token"),
            required("amount"),
        ],
        "Sets what a spender may take of an owner's tokens (ERC-20), found in the same way.",
        |node, params| {
            let (owner, spender) = (params.address(0)?, params.address(1)?);
            let (token, amount) = (params.address(2)?, params.number(3)?);
            let call = allowanceCall { owner, spender }.abi_encode();
            set(node, token, "allowance", call, allowance_slots(owner, spender), amount)
        },
    ),
];

/// Gives each candidate slot a value of its own in a trial call; the answer tells which one the
/// token reads.
fn set(
    node: &Arc<Node>,
    token: Address,
    function: &str,
    call: Vec<u8>,
    slots: Vec<B256>,
    amount: U256,
) -> RpcResult {
    // Unlikely as a balance, and small enough for tokens that keep other things in the slot.
    let mark = |index: usize| U256::from(0x00c0_ffee_0000_0000_u64 + index as u64);
    let trial: Vec<(U256, U256)> = slots
        .iter()
        .enumerate()
        .map(|(index, slot)| ((*slot).into(), mark(index)))
        .collect();
    let differences = AccountOverride {
        state_diff: trial,
        ..AccountOverride::default()
    };
    let scene = Scene::at(node, BlockRef::Latest)?;
    let executor = scene.executor.scratch();
    if executor
        .state(&scene.place.state_root)?
        .eth_code(token)?
        .is_empty()
    {
        return Err(RpcError::server(format!("there is no contract at {token}")));
    }
    let mut place = scene.place;
    place.state_root = executor.override_state(&place.state_root, &[(token, differences)])?;
    let message = CallMessage {
        to: Some(token),
        input: Bytes::from(call),
        gas_limit: node.settings().block_gas_limit,
        ..CallMessage::default()
    };
    let answer = executor.call(place, &message, false)?.result?.output;
    let answer = U256::try_from_be_slice(&answer);
    let found = (0..slots.len()).find(|index| answer == Some(mark(*index)));
    let slot = found
        .and_then(|index| slots.get(index))
        .copied()
        .ok_or_else(|| {
            RpcError::server(format!(
                "no slot of {token} was found that {function} answers with: its storage has an unusual layout, set it by hardhat_setStorageAt"
            ))
        })?;
    node.change_state(|state| state.set_storage(token, &[(slot.into(), amount)]))?;
    Ok(Value::Null)
}

/// Where tokens keep the balance of an owner: Solidity's mappings, Vyper's, OpenZeppelin's
/// upgradeable one, Solady's.
fn balance_slots(owner: Address) -> Vec<B256> {
    let mut slots = Vec::new();
    for slot in layout_slots() {
        slots.push(solidity(owner, slot));
        slots.push(vyper(owner, slot));
    }
    let packed = [owner.as_slice(), &[0; 8], &SOLADY_BALANCE].concat();
    slots.push(keccak256(packed));
    slots
}

fn allowance_slots(owner: Address, spender: Address) -> Vec<B256> {
    let mut slots = Vec::new();
    for slot in layout_slots() {
        slots.push(solidity(spender, solidity(owner, slot)));
        slots.push(vyper(spender, vyper(owner, slot)));
    }
    let packed = [
        owner.as_slice(),
        &[0; 8],
        &SOLADY_ALLOWANCE,
        spender.as_slice(),
    ]
    .concat();
    slots.push(keccak256(packed));
    slots
}

fn layout_slots() -> impl Iterator<Item = B256> {
    let plain = (0..LAYOUT_SLOTS).map(|slot| B256::from(U256::from(slot)));
    let namespaced =
        (0..2).map(|offset| B256::from(U256::from_be_bytes(OPENZEPPELIN.0) + U256::from(offset)));
    plain.chain(namespaced)
}

/// The slot of a key in a Solidity mapping.
fn solidity(key: Address, slot: B256) -> B256 {
    keccak256([key.into_word(), slot].concat())
}

/// The slot of a key in a Vyper mapping, which hashes the other way round.
fn vyper(key: Address, slot: B256) -> B256 {
    keccak256([slot, key.into_word()].concat())
}
