//! Reading and writing actors in a state tree, from outside of messages.

use alloy_primitives::{Address as EthAddress, B256, U256, keccak256};
use cid::Cid;
use fvm_ipld_encoding::CborStore;
use fvm_shared::ActorID;
use fvm_shared::address::{Address, Protocol};
use fvm_shared::econ::TokenAmount;
use fvm_shared::state::{ActorState, StateTreeVersion};
use multihash_codetable::Code;

use crate::address::{delegated, from_eth, of_actor};
use crate::amount;
use crate::error::MachineError;
use crate::evm_state::EvmState;
use crate::store::Store;

/// ID of the system actor, whose state names the builtin actors.
pub const SYSTEM_ACTOR_ID: ActorID = 0;

/// A contract to be added to a state.
#[derive(Debug, Clone, Copy)]
pub struct NewContract<'a> {
    /// Runtime code.
    pub code: &'a [u8],
    /// Storage slots.
    pub storage: &'a [(U256, U256)],
    /// EVM nonce.
    pub nonce: u64,
    /// attoFIL.
    pub balance: U256,
}

/// A state tree. Changes are kept in memory until [`flush`](Self::flush).
pub struct StateTree {
    tree: fvm::state_tree::StateTree<Store>,
    names: Vec<(String, Cid)>,
}

impl std::fmt::Debug for StateTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateTree")
            .field("store", self.tree.store())
            .finish_non_exhaustive()
    }
}

impl StateTree {
    /// Opens the state at a root.
    pub fn open(store: Store, root: &Cid) -> Result<Self, MachineError> {
        let tree =
            fvm::state_tree::StateTree::new_from_root(store, root).map_err(MachineError::state)?;
        let mut this = Self {
            tree,
            names: Vec::new(),
        };
        if let Some(system) = this.actor(SYSTEM_ACTOR_ID)? {
            let (manifest,): (Cid,) = this.get_cbor(&system.state)?;
            this.names = this.get_cbor(&manifest)?;
        }
        Ok(this)
    }

    /// An empty state tree; `names` are the builtin actors with their code.
    pub(crate) fn empty(store: Store, names: Vec<(String, Cid)>) -> Result<Self, MachineError> {
        let tree = fvm::state_tree::StateTree::new(store, StateTreeVersion::V5)
            .map_err(MachineError::state)?;
        Ok(Self { tree, names })
    }

    /// The blocks.
    pub fn store(&self) -> &Store {
        self.tree.store()
    }

    /// Writes all changes and gives the new root.
    pub fn flush(&mut self) -> Result<Cid, MachineError> {
        self.tree.flush().map_err(MachineError::state)
    }

    /// Name and code of each builtin actor, in the manifest's order.
    pub fn builtin_actors(&self) -> &[(String, Cid)] {
        &self.names
    }

    /// The name of the builtin actor with this code.
    pub fn name_of(&self, code: &Cid) -> Option<&str> {
        let entry = self.names.iter().find(|(_, c)| c == code);
        entry.map(|(name, _)| name.as_str())
    }

    /// The code of a builtin actor.
    pub fn code_of(&self, name: &str) -> Result<Cid, MachineError> {
        let entry = self.names.iter().find(|(n, _)| n == name);
        entry.map(|(_, code)| *code).ok_or_else(|| {
            MachineError::InvalidInput(format!("the state's manifest has no actor '{name}'"))
        })
    }

    /// An actor by ID.
    pub fn actor(&self, id: ActorID) -> Result<Option<ActorState>, MachineError> {
        self.tree.get_actor(id).map_err(MachineError::state)
    }

    /// The ID that an address stands for; an ID address stands for itself,
    /// whether there is an actor or not.
    pub fn lookup(&self, address: &Address) -> Result<Option<ActorID>, MachineError> {
        self.tree.lookup_id(address).map_err(MachineError::state)
    }

    /// An actor by any address.
    pub fn actor_at(
        &self,
        address: &Address,
    ) -> Result<Option<(ActorID, ActorState)>, MachineError> {
        let Some(id) = self.lookup(address)? else {
            return Ok(None);
        };
        Ok(self.actor(id)?.map(|state| (id, state)))
    }

    /// An actor by Ethereum address, masked IDs included.
    pub fn eth_actor(
        &self,
        address: EthAddress,
    ) -> Result<Option<(ActorID, ActorState)>, MachineError> {
        self.actor_at(&from_eth(address))
    }

    /// The Ethereum address that an actor is seen at; a masked ID if there is
    /// no such actor.
    pub fn eth_address_of(&self, id: ActorID) -> Result<EthAddress, MachineError> {
        let actor = self.actor(id)?;
        Ok(of_actor(
            id,
            actor.and_then(|a| a.delegated_address).as_ref(),
        ))
    }

    /// Balance in attoFIL; 0 where there is no actor.
    pub fn eth_balance(&self, address: EthAddress) -> Result<U256, MachineError> {
        let Some((_, actor)) = self.eth_actor(address)? else {
            return Ok(U256::ZERO);
        };
        amount::to_u256(&actor.balance)
            .ok_or_else(|| MachineError::State(anyhow::anyhow!("balance of {address}")))
    }

    /// The nonce that Ethereum clients see: a contract's EVM nonce (0 if
    /// dead), else the message nonce.
    pub fn eth_nonce(&self, address: EthAddress) -> Result<u64, MachineError> {
        let Some((_, actor)) = self.eth_actor(address)? else {
            return Ok(0);
        };
        Ok(match self.evm_state(&actor)? {
            Some(evm) if evm.is_dead() => 0,
            Some(evm) => evm.nonce,
            None => actor.sequence,
        })
    }

    /// Runtime code; empty for all that is no living contract.
    pub fn eth_code(&self, address: EthAddress) -> Result<Vec<u8>, MachineError> {
        match self.evm_at(address)? {
            Some(evm) => evm.code(self.store()),
            None => Ok(Vec::new()),
        }
    }

    /// keccak256 of the runtime code; `None` for all that is no contract.
    pub fn eth_code_hash(&self, address: EthAddress) -> Result<Option<B256>, MachineError> {
        Ok(self.evm_at(address)?.map(|evm| {
            if evm.is_dead() {
                keccak256([])
            } else {
                B256::from(evm.bytecode_hash)
            }
        }))
    }

    /// A storage slot; 0 for all that is no living contract.
    pub fn eth_storage(&self, address: EthAddress, key: U256) -> Result<U256, MachineError> {
        match self.evm_at(address)? {
            Some(evm) => evm.storage(self.store())?.get(key),
            None => Ok(U256::ZERO),
        }
    }

    /// The EVM state at an Ethereum address; `None` if there is no contract.
    pub fn evm_at(&self, address: EthAddress) -> Result<Option<EvmState>, MachineError> {
        match self.eth_actor(address)? {
            Some((_, actor)) => self.evm_state(&actor),
            None => Ok(None),
        }
    }

    /// The EVM state of an actor; `None` if it is no EVM actor.
    pub fn evm_state(&self, actor: &ActorState) -> Result<Option<EvmState>, MachineError> {
        if self.name_of(&actor.code) != Some("evm") {
            return Ok(None);
        }
        EvmState::load(self.store(), &actor.state).map(Some)
    }

    /// Calls `visit` for each actor, in no particular order, as of the last
    /// flush.
    pub fn for_each(
        &self,
        mut visit: impl FnMut(ActorID, &ActorState) -> anyhow::Result<()>,
    ) -> Result<(), MachineError> {
        self.tree
            .for_each_cacheless(|address, state| visit(address.id()?, state))
            .map_err(MachineError::State)
    }

    /// Replaces an actor's entry, or adds one under a known ID.
    pub fn set_actor(&mut self, id: ActorID, state: ActorState) -> Result<(), MachineError> {
        amount::check_range("balance", &state.balance)?;
        self.tree.set_actor(id, state);
        Ok(())
    }

    /// Adds an actor under a new ID, which `address` will stand for.
    pub fn add_actor(
        &mut self,
        address: &Address,
        state: ActorState,
    ) -> Result<ActorID, MachineError> {
        amount::check_range("balance", &state.balance)?;
        let id = self
            .tree
            .register_new_address(address)
            .map_err(MachineError::state)?;
        self.tree.set_actor(id, state);
        Ok(id)
    }

    /// Adds a contract, which nothing may hold the address of yet.
    pub fn add_contract(
        &mut self,
        address: EthAddress,
        contract: &NewContract<'_>,
    ) -> Result<ActorID, MachineError> {
        let mut evm = EvmState::with_code(self.store(), contract.code)?;
        evm.nonce = contract.nonce;
        if !contract.storage.is_empty() {
            let mut storage = crate::evm_state::Storage::empty(self.store());
            for (key, value) in contract.storage {
                storage.set(*key, *value)?;
            }
            evm.contract_state = storage.flush()?;
        }
        let f410 = delegated(address);
        let mut actor = ActorState::new_empty(self.code_of("evm")?, Some(f410));
        actor.state = evm.store(self.store())?;
        actor.balance = amount::from_u256(contract.balance);
        self.add_actor(&f410, actor)
    }

    /// Adds an account, which nothing may hold the address of yet: a placeholder if it has not
    /// sent, else an Ethereum account.
    pub fn add_eth_account(
        &mut self,
        address: EthAddress,
        nonce: u64,
        balance: TokenAmount,
    ) -> Result<ActorID, MachineError> {
        let name = if nonce == 0 {
            "placeholder"
        } else {
            "ethaccount"
        };
        let f410 = delegated(address);
        let mut actor = ActorState::new_empty(self.code_of(name)?, Some(f410));
        actor.sequence = nonce;
        actor.balance = balance;
        self.add_actor(&f410, actor)
    }

    /// Sets a balance. An unknown address gets a placeholder, as it would by
    /// a transfer.
    pub fn set_balance(
        &mut self,
        address: EthAddress,
        balance: TokenAmount,
    ) -> Result<(), MachineError> {
        amount::check_range("balance", &balance)?;
        let (id, mut actor) = self.ensure(address)?;
        actor.balance = balance;
        self.set_actor(id, actor)
    }

    /// Sets the balance of an actor by any of its Filecoin addresses. An unknown f1 or f3 address
    /// gets an account, an unknown f410 address a placeholder, as they would by a transfer.
    pub fn set_actor_balance(
        &mut self,
        address: &Address,
        balance: TokenAmount,
    ) -> Result<(), MachineError> {
        amount::check_range("balance", &balance)?;
        if let Some(eth) = crate::address::to_eth(address) {
            return self.set_balance(eth, balance);
        }
        let (id, mut actor) = match self.actor_at(address)? {
            Some(found) => found,
            None => self.add_account(address)?,
        };
        actor.balance = balance;
        self.set_actor(id, actor)
    }

    fn add_account(&mut self, address: &Address) -> Result<(ActorID, ActorState), MachineError> {
        if !matches!(address.protocol(), Protocol::Secp256k1 | Protocol::BLS) {
            return Err(MachineError::InvalidInput(format!(
                "no actor has the address {address}"
            )));
        }
        let state = self
            .store()
            .put_cbor(&(address,), Code::Blake2b256)
            .map_err(MachineError::State)?;
        let mut actor = ActorState::new_empty(self.code_of("account")?, None);
        actor.state = state;
        let id = self.add_actor(address, actor.clone())?;
        Ok((id, actor))
    }

    /// Sets the nonce that Ethereum clients see. An account that has one above
    /// 0 has sent, so a placeholder becomes an Ethereum account.
    pub fn set_nonce(&mut self, address: EthAddress, nonce: u64) -> Result<(), MachineError> {
        let (id, mut actor) = self.ensure(address)?;
        if let Some(mut evm) = self.evm_state(&actor)? {
            evm.nonce = nonce;
            actor.state = evm.store(self.store())?;
        } else {
            if nonce > 0 && self.name_of(&actor.code) == Some("placeholder") {
                actor.code = self.code_of("ethaccount")?;
            }
            actor.sequence = nonce;
        }
        self.set_actor(id, actor)
    }

    /// Sets the runtime code. A contract keeps its storage and nonce; anything
    /// else at the address becomes a new contract and keeps its balance.
    pub fn set_code(&mut self, address: EthAddress, code: &[u8]) -> Result<(), MachineError> {
        let (id, mut actor) = self.ensure(address)?;
        let evm = match self.evm_state(&actor)? {
            Some(mut evm) if !evm.is_dead() => {
                evm.set_code(self.store(), code)?;
                evm
            }
            _ => EvmState::with_code(self.store(), code)?,
        };
        self.refuse_builtin(address, &actor)?;
        actor.code = self.code_of("evm")?;
        actor.state = evm.store(self.store())?;
        self.set_actor(id, actor)
    }

    /// Sets storage slots of a contract. What is no contract becomes one
    /// without code.
    pub fn set_storage(
        &mut self,
        address: EthAddress,
        slots: &[(U256, U256)],
    ) -> Result<(), MachineError> {
        self.change_storage(address, false, slots)
    }

    /// The same, and all other slots are cleared.
    pub fn replace_storage(
        &mut self,
        address: EthAddress,
        slots: &[(U256, U256)],
    ) -> Result<(), MachineError> {
        self.change_storage(address, true, slots)
    }

    fn change_storage(
        &mut self,
        address: EthAddress,
        clear: bool,
        slots: &[(U256, U256)],
    ) -> Result<(), MachineError> {
        if self.evm_at(address)?.is_none_or(|evm| evm.is_dead()) {
            self.set_code(address, &[])?;
        }
        let (id, mut actor) = self.ensure(address)?;
        let mut evm = self.evm_state(&actor)?.ok_or_else(|| {
            MachineError::State(anyhow::anyhow!("{address} did not become a contract"))
        })?;
        let mut storage = if clear {
            crate::evm_state::Storage::empty(self.store())
        } else {
            evm.storage(self.store())?
        };
        for (key, value) in slots {
            storage.set(*key, *value)?;
        }
        evm.contract_state = storage.flush()?;
        actor.state = evm.store(self.store())?;
        self.set_actor(id, actor)
    }

    /// The actor at an address, a new placeholder if there is none.
    fn ensure(&mut self, address: EthAddress) -> Result<(ActorID, ActorState), MachineError> {
        if let Some(found) = self.eth_actor(address)? {
            return Ok(found);
        }
        if crate::address::masked_id(address).is_some() {
            return Err(MachineError::InvalidInput(format!(
                "no actor has the ID in {address}"
            )));
        }
        let f410 = delegated(address);
        let actor = ActorState::new_empty(self.code_of("placeholder")?, Some(f410));
        let id = self.add_actor(&f410, actor.clone())?;
        Ok((id, actor))
    }

    fn refuse_builtin(&self, address: EthAddress, actor: &ActorState) -> Result<(), MachineError> {
        match self.name_of(&actor.code) {
            Some("placeholder" | "ethaccount" | "evm") => Ok(()),
            other => Err(MachineError::InvalidInput(format!(
                "{address} is a native actor ({}), its code cannot be replaced",
                other.unwrap_or("unknown code")
            ))),
        }
    }

    fn get_cbor<T: serde::de::DeserializeOwned>(&self, cid: &Cid) -> Result<T, MachineError> {
        self.store()
            .get_cbor(cid)
            .map_err(MachineError::State)?
            .ok_or(MachineError::MissingBlock(*cid))
    }
}
