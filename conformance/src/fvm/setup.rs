//! A fixture's state and block in the FVM.

use super::expressible::{Inexpressible, is_contract};
use crate::ethereum::hash::keccak;
use crate::ethereum::{Block, Prestate};
use cid::Cid;
use cid::multihash::Multihash;
use evm_interpreter::{H160, U256};
use fevm_bundle::Bundle;
use fevm_machine::genesis::Genesis;
use fevm_machine::state::NewContract;
use fevm_machine::{BlockContext, ChainView, MachineError, Network, StateTree, Store, Vm, amount};
use multihash_codetable::{Code, MultihashDigest};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The actors and the machines that tests run in.
#[derive(Debug)]
pub struct Laboratory {
    store: Store,
    /// A state of the singletons alone.
    root: Cid,
    /// By chain ID.
    machines: Mutex<BTreeMap<u64, Vm>>,
}

/// A test's state in the FVM.
#[derive(Clone, Debug)]
pub struct Ready {
    pub(super) vm: Vm,
    pub(super) root: Cid,
}

impl Laboratory {
    /// A laboratory with the actors of a bundle.
    ///
    /// # Errors
    /// If the bundle lacks an actor that a chain needs.
    pub fn new(bundle: &Bundle) -> Result<Self, MachineError> {
        let store = Store::memory();
        // Without the null account that Filecoin's networks start with: the fixtures' states have
        // all accounts that there are.
        let root = Genesis::minimal("statetest").write(bundle, &store)?.root;
        Ok(Self {
            store,
            root,
            machines: Mutex::default(),
        })
    }

    fn machine(&self, chain_id: u64) -> Result<Vm, MachineError> {
        let mut machines = self.machines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vm) = machines.get(&chain_id) {
            return Ok(vm.clone());
        }
        let network = Network {
            chain_id,
            ..Network::default()
        };
        let vm = Vm::new(self.store.clone(), &network)?;
        machines.insert(chain_id, vm.clone());
        Ok(vm)
    }

    /// Writes a test's state: contracts, and what has storage, as EVM actors, accounts that have sent as
    /// Ethereum accounts, others as placeholders. All blocks of it go to a store of its own.
    ///
    /// # Errors
    /// If the state is none of Filecoin.
    pub fn set_up(&self, state: &Prestate, chain_id: u64) -> Result<Ready, MachineError> {
        let vm = self.machine(chain_id)?;
        let store = self.store.overlay();
        let mut tree = StateTree::open(store.clone(), &self.root)?;
        for account in state.accounts() {
            let address = address(account.address);
            if !is_contract(&account) {
                let balance = amount::from_u256(word(account.balance));
                tree.add_eth_account(address, account.nonce, balance)?;
            } else {
                let storage: Vec<_> = account
                    .storage
                    .iter()
                    .map(|(k, v)| (word(*k), word(*v)))
                    .collect();
                tree.add_contract(
                    address,
                    &NewContract {
                        code: account.code.as_slice(),
                        storage: &storage,
                        nonce: account.nonce,
                        balance: word(account.balance),
                    },
                )?;
            }
        }
        let root = tree.flush()?;
        Ok(Ready {
            vm: vm.with_store(store),
            root,
        })
    }
}

/// The block in which a case's message runs.
///
/// # Errors
/// If it is beyond the FVM's types.
pub fn block(block: &Block, root: Cid) -> Result<BlockContext, Inexpressible> {
    let epoch = i64::try_from(block.number).map_err(|_| Inexpressible::BlockNumber)?;
    let base_fee = amount::from_u256(word(block.base_fee));
    let chain = FixtureChain {
        beacon: block.prev_randao.to_big_endian(),
    };
    Ok(BlockContext::new(
        root,
        epoch,
        block.timestamp,
        base_fee,
        Arc::new(chain),
    ))
}

/// What PREVRANDAO shows in that block (FIP-0054).
#[must_use]
pub fn randomness(block: &Block) -> U256 {
    const TAG: i64 = 10;
    let mut data = Vec::with_capacity(58);
    data.extend_from_slice(&TAG.to_be_bytes());
    data.extend_from_slice(&block.prev_randao.to_big_endian());
    data.extend_from_slice(&block.number.to_be_bytes());
    data.extend_from_slice(b"prevrandao");
    U256::from_big_endian(Code::Blake2b256.digest(&data).digest())
}

/// The chain behind a state test: hashes of blocks as fixtures have them, and the block's randomness
/// as the beacon's.
#[derive(Clone, Debug)]
struct FixtureChain {
    beacon: [u8; 32],
}

impl ChainView for FixtureChain {
    fn tipset_cid(&self, epoch: i64) -> anyhow::Result<Cid> {
        /// Multihash code of BLAKE2b-256 and codec of DAG-CBOR: what CIDs of tipsets have.
        const BLAKE2B_256: u64 = 0xb220;
        const DAG_CBOR: u64 = 0x71;
        let digest = keccak(epoch.to_string().as_bytes());
        Ok(Cid::new_v1(
            DAG_CBOR,
            Multihash::wrap(BLAKE2B_256, &digest.0)?,
        ))
    }

    fn beacon_randomness(&self, _: i64) -> anyhow::Result<[u8; 32]> {
        Ok(self.beacon)
    }

    fn ticket_randomness(&self, _: i64) -> anyhow::Result<[u8; 32]> {
        Ok(self.beacon)
    }
}

/// A word in the machine's type.
pub(super) const fn word(word: U256) -> alloy_primitives::U256 {
    alloy_primitives::U256::from_limbs(word.0)
}

/// A word of the machine.
pub(super) const fn from_word(word: &alloy_primitives::U256) -> U256 {
    U256(*word.as_limbs())
}

/// An address in the machine's type.
pub(super) const fn address(address: H160) -> alloy_primitives::Address {
    alloy_primitives::Address::new(address.0)
}
