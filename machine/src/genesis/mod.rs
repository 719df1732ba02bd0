//! A first state, written actor by actor.
//!
//! Where the bundle brings the network's own actors (power, market, datacap, …), as Filecoin's
//! does, their constructors write their parts: see [`network`].

pub mod network;

use std::collections::BTreeSet;

use alloy_primitives::Address as EthAddress;
use cid::Cid;
use fvm_ipld_encoding::CborStore;
use fvm_ipld_hamt::{BytesKey, Hamt};
use fvm_shared::address::Address;
use fvm_shared::econ::TokenAmount;
use fvm_shared::state::ActorState;
use fvm_shared::{ActorID, EMPTY_ARR_CID, HAMT_BIT_WIDTH};
use multihash_codetable::Code;
use num_traits::Zero;

use crate::address::{EAM_ACTOR_ID, delegated};
use crate::amount;
use crate::bundle::{self, Bundle};
use crate::error::MachineError;
use crate::state::StateTree;
use crate::store::Store;

/// The first ID that is not a singleton's.
pub const FIRST_ID: ActorID = 100;

/// ID and code of the singletons that EVM contracts cannot do without.
pub const EVM_SINGLETONS: [(ActorID, &str); 6] = [
    (0, "system"),
    (1, "init"),
    (2, "reward"),
    (3, "cron"),
    (EAM_ACTOR_ID, "eam"),
    (99, "account"),
];

/// An actor of a first state.
#[derive(Debug, Clone)]
pub struct GenesisActor {
    /// Its ID.
    pub id: ActorID,
    /// Its name in the bundle's manifest.
    pub code: String,
    /// attoFIL.
    pub balance: TokenAmount,
    /// Message nonce.
    pub nonce: u64,
    /// Key address (f1, f3), if any.
    pub address: Option<Address>,
    /// Delegated address (f4), if any.
    pub delegated: Option<Address>,
}

impl GenesisActor {
    /// An actor without addresses, balance and nonce.
    pub fn singleton(id: ActorID, code: &str) -> Self {
        Self {
            id,
            code: code.into(),
            balance: TokenAmount::zero(),
            nonce: 0,
            address: None,
            delegated: None,
        }
    }
}

/// A complete first state: every actor of it.
#[derive(Debug, Clone)]
pub struct Genesis {
    /// The network's name, part of the init actor's state.
    pub network_name: String,
    /// The ID that the next new actor gets.
    pub next_id: ActorID,
    /// All actors.
    pub actors: Vec<GenesisActor>,
}

/// What [`Genesis::write`] made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GenesisState {
    /// Root of the state tree.
    pub root: Cid,
    /// The init actor's state.
    pub init_state: Cid,
}

impl Genesis {
    /// The singletons of Filecoin's networks (f00 to f07, the EAM f010, burnt
    /// funds f099) and the null Ethereum account 0x0, which calls without a
    /// sender come from. Add accounts with
    /// [`with_eth_account`](Self::with_eth_account).
    pub fn development(network_name: &str) -> Self {
        let mut genesis = Self::minimal(network_name);
        genesis.actors.extend([
            GenesisActor::singleton(4, "storagepower"),
            GenesisActor::singleton(5, "storagemarket"),
            GenesisActor::singleton(6, "verifiedregistry"),
            GenesisActor::singleton(7, "datacap"),
        ]);
        genesis.with_eth_account(EthAddress::ZERO, TokenAmount::zero(), 0)
    }

    /// [`EVM_SINGLETONS`] alone, without the null account that Filecoin's networks start with.
    pub fn minimal(network_name: &str) -> Self {
        Self {
            network_name: network_name.into(),
            next_id: FIRST_ID,
            actors: EVM_SINGLETONS
                .map(|(id, code)| GenesisActor::singleton(id, code))
                .into(),
        }
    }

    /// Adds an Ethereum account under the next ID.
    #[must_use]
    pub fn with_eth_account(
        mut self,
        address: EthAddress,
        balance: TokenAmount,
        nonce: u64,
    ) -> Self {
        self.actors.push(GenesisActor {
            balance,
            nonce,
            delegated: Some(delegated(address)),
            ..GenesisActor::singleton(self.next_id, "ethaccount")
        });
        self.next_id += 1;
        self
    }

    /// Writes the bundle's blocks and the state into a store.
    ///
    /// The state of an account is its key address (its ID address if it has
    /// none), that of the system actor the bundle's manifest, that of the init
    /// actor the map of all addresses; every other actor has the empty array.
    pub fn write(&self, bundle: &Bundle, store: &Store) -> Result<GenesisState, MachineError> {
        self.check()?;
        bundle::write(bundle, store)?;
        put(store, &[(); 0])?;
        let init_state = self.init_state(store)?;
        let names = bundle.actors().iter();
        let names = names.map(|a| (a.name().to_owned(), a.cid())).collect();
        let mut tree = StateTree::empty(store.clone(), names)?;
        for actor in &self.actors {
            let state = match actor.code.as_str() {
                "init" => init_state,
                "system" => put(store, &(bundle.manifest_data().0,))?,
                "account" => {
                    let id = Address::new_id(actor.id);
                    put(store, &(actor.address.unwrap_or(id),))?
                }
                _ => EMPTY_ARR_CID,
            };
            let entry = ActorState {
                code: tree.code_of(&actor.code)?,
                state,
                sequence: actor.nonce,
                balance: actor.balance.clone(),
                delegated_address: actor.delegated,
            };
            tree.set_actor(actor.id, entry)?;
        }
        Ok(GenesisState {
            root: tree.flush()?,
            init_state,
        })
    }

    fn init_state(&self, store: &Store) -> Result<Cid, MachineError> {
        let mut map: Hamt<_, ActorID> = Hamt::new_with_bit_width(store.clone(), HAMT_BIT_WIDTH);
        for actor in &self.actors {
            for address in [actor.address, actor.delegated].into_iter().flatten() {
                map.set(BytesKey(address.to_bytes()), actor.id)
                    .map_err(|e| MachineError::State(anyhow::anyhow!("address map: {e}")))?;
            }
        }
        let map = map
            .flush()
            .map_err(|e| MachineError::State(anyhow::anyhow!("address map: {e}")))?;
        put(store, &(map, self.next_id, &self.network_name))
    }

    /// Refuses what would give a state that breaks later.
    fn check(&self) -> Result<(), MachineError> {
        let invalid = |text: String| Err(MachineError::InvalidInput(format!("genesis: {text}")));
        let mut ids = BTreeSet::new();
        let mut addresses = BTreeSet::new();
        let mut supply = TokenAmount::zero();
        for actor in &self.actors {
            amount::check_range(
                &format!("genesis: balance of f0{}", actor.id),
                &actor.balance,
            )?;
            supply += &actor.balance;
            if !ids.insert(actor.id) {
                return invalid(format!("two actors have the ID {}", actor.id));
            }
            if actor.id >= self.next_id {
                return invalid(format!(
                    "actor f0{} is not below the next ID, {}",
                    actor.id, self.next_id
                ));
            }
            for address in [actor.address, actor.delegated].into_iter().flatten() {
                if !addresses.insert(address.to_bytes()) {
                    return invalid(format!("two actors have the address {address}"));
                }
            }
        }
        // Any balance may grow to the whole supply, and none may exceed what
        // the machine can hand to an actor.
        amount::check_range("genesis: sum of all balances", &supply)
    }
}

fn put<T: serde::Serialize>(store: &Store, value: &T) -> Result<Cid, MachineError> {
    store
        .put_cbor(value, Code::Blake2b256)
        .map_err(|e| MachineError::State(anyhow::anyhow!("{e}")))
}
