//! Block 0: the first state, with the prefunded accounts and the contract that Ethereum's tools expect everywhere.

use alloy_primitives::{Address, address, hex};
use fevm_machine::bundle::Bundle;
use fevm_machine::genesis::Genesis;
use fevm_machine::{StateTree, Vm};
use fvm_shared::econ::TokenAmount;

use super::StartError;
use crate::NodeConfig;
use crate::accounts::Accounts;
use crate::chain::Block;
use crate::chain::builder::{Body, Draft, seal};
use crate::node::clock::Clock;

/// The contract through which Ethereum tools deploy at addresses that are the same on every chain.
pub(super) const DETERMINISTIC_DEPLOYER: Address =
    address!("4e59b44847b379578588920ca78fbf26c0b4956c");

/// Its runtime code: CREATE2 with the first word of the call data as salt and the rest as init
/// code; the new address is returned, and a failed creation reverts.
const DETERMINISTIC_DEPLOYER_CODE: [u8; 69] = hex!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// Writes the first state and makes block 0 of it.
pub(super) fn genesis_block(
    config: &NodeConfig,
    accounts: &Accounts,
    bundle: &Bundle,
    vm: &Vm,
) -> Result<Block, StartError> {
    let mut genesis = Genesis::development("fevm");
    for account in accounts.addresses() {
        genesis = genesis.with_eth_account(account, TokenAmount::from_atto(config.balance), 0);
    }
    let store = vm.store();
    let client = accounts.addresses().next();
    let (state, _) = genesis.establish(bundle, vm, client)?;
    let root = state.root;
    let mut state = StateTree::open(store.clone(), &root)?;
    state.set_code(DETERMINISTIC_DEPLOYER, &DETERMINISTIC_DEPLOYER_CODE)?;
    let state_root = state.flush()?;
    let draft = Draft {
        number: 0,
        timestamp: config
            .genesis_timestamp
            .unwrap_or_else(|| Clock::default().now()),
        base_fee: config.base_fee,
        gas_limit: config.block_gas_limit,
    };
    let body = Body {
        included: Vec::new(),
        messages: Vec::new(),
        receipts: Vec::new(),
        state_root,
    };
    let mut block = seal(store, None, draft, body).map_err(StartError::Genesis)?;
    // Block 0 has no transactions, so the configured fee is that of block 1 too.
    block.next_base_fee = config.base_fee;
    Ok(block)
}
