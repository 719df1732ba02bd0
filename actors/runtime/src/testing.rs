//! A native stand-in for the machine, strict about syscalls.
//!
//! It has a blockstore, actors with addresses, balances and types, and answers from them. Every
//! host call is recorded in order, so that a test can demand exactly the calls that it expects; sends
//! and creations must be announced beforehand, and blocks must be reachable as in the real machine.

use crate::abort::Abort;
use crate::actor_type::ActorType;
use crate::cid::{BLAKE2B_256, Cid, DAG_CBOR};
use crate::exit_code::ExitCode;
use crate::params::Params;
use crate::runtime::{
    Block, CidBytes, EventEntry, Hash, MessageContext, NetworkContext, OpenBlock, Runtime,
    SendRequest, Sent,
};
use crate::{ActorId, ErrorNumber};
use core::cell::{Cell, RefCell};
use sha3::Digest as _;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An actor of the stand-in's world.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// Built-in type; `None` for an actor that is not built in.
    pub actor_type: Option<ActorType>,
    /// Balance, attoFIL.
    pub balance: u128,
    /// f4 address in binary form.
    pub delegated: Option<Vec<u8>>,
}

/// A send that a test announces, with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedSend {
    /// Receiver: binary address.
    pub to: Vec<u8>,
    /// Method number.
    pub method: u64,
    /// Parameters.
    pub params: Option<Block>,
    /// Value, attoFIL.
    pub value: u128,
    /// Gas limit.
    pub gas_limit: Option<u64>,
    /// Flag of read-only sends.
    pub read_only: bool,
    /// Exit code and return block, or the error of the syscall.
    pub reply: Result<(ExitCode, Option<Block>), ErrorNumber>,
    /// State root of this actor after the send, if the callee came back and changed it.
    pub new_root: Option<Cid>,
}

impl ExpectedSend {
    /// A send of no value with all gas that succeeds and returns nothing.
    #[must_use]
    pub fn new(to: &[u8], method: u64, params: Option<Block>) -> Self {
        Self {
            to: to.to_vec(),
            method,
            params,
            value: 0,
            gas_limit: None,
            read_only: false,
            reply: Ok((ExitCode::OK, None)),
            new_root: None,
        }
    }
}

/// An actor event: keys and values in order.
pub type Event = Vec<(String, Vec<u8>)>;

/// A created actor: ID, code, delegated address.
pub type Created = (ActorId, CidBytes, Option<Vec<u8>>);

/// The stand-in.
#[derive(Debug, Default)]
pub struct TestRuntime {
    /// The message answered.
    pub message: MessageContext,
    /// The network.
    pub network: NetworkContext,
    /// The parameters.
    pub params: Params,
    /// All actors by ID.
    pub actors: BTreeMap<ActorId, Actor>,
    /// IDs by binary address, beside f0 and the delegated ones.
    pub addresses: BTreeMap<Vec<u8>, ActorId>,
    /// Answer to questions for gas.
    pub gas: u64,
    /// Beacon randomness by epoch.
    pub randomness: BTreeMap<i64, [u8; 32]>,
    root: Cell<Option<Cid>>,
    blocks: RefCell<BTreeMap<Cid, Vec<u8>>>,
    reachable: RefCell<BTreeSet<Cid>>,
    open: RefCell<Vec<(u64, Vec<u8>)>>,
    expected_sends: RefCell<VecDeque<ExpectedSend>>,
    created: RefCell<Vec<Created>>,
    events: RefCell<Vec<Event>>,
    calls: RefCell<Vec<&'static str>>,
}

impl TestRuntime {
    /// A world with nothing but this actor, called by f0100.
    #[must_use]
    pub fn new(receiver: ActorId) -> Self {
        let mut runtime = Self {
            gas: 10_000_000_000,
            ..Self::default()
        };
        runtime.message.receiver = receiver;
        runtime.message.caller = 100;
        runtime.message.origin = 100;
        runtime
    }

    /// Puts a block into the store, as another invocation would have.
    pub fn store(&self, codec: u64, data: &[u8]) -> Cid {
        let digest = blake2b_simd::Params::new().hash_length(32).hash(data);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_bytes());
        let cid = Cid::new(codec as u8, bytes);
        self.blocks.borrow_mut().insert(cid, data.to_vec());
        cid
    }

    /// The bytes of a stored block.
    #[must_use]
    pub fn stored(&self, cid: &Cid) -> Option<Vec<u8>> {
        self.blocks.borrow().get(cid).cloned()
    }

    /// Sets the state root, as an earlier invocation would have.
    pub fn set_state(&self, root: Cid) {
        self.root.set(Some(root));
    }

    /// The present state root.
    #[must_use]
    pub const fn state(&self) -> Option<Cid> {
        self.root.get()
    }

    /// Announces a send.
    pub fn expect_send(&self, send: ExpectedSend) {
        self.expected_sends.borrow_mut().push_back(send);
    }

    /// Names of the host calls so far, in order; forgets them.
    pub fn take_calls(&self) -> Vec<&'static str> {
        self.calls.take()
    }

    /// Events emitted so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.events.borrow().clone()
    }

    /// Actors created so far: ID, code, delegated address.
    #[must_use]
    pub fn created(&self) -> Vec<Created> {
        self.created.borrow().clone()
    }

    /// Ends the test: every announced send must have been made.
    ///
    /// # Panics
    /// If one was not.
    pub fn verify(&self) {
        let missing = self.expected_sends.borrow();
        assert!(missing.is_empty(), "sends that were not made: {missing:?}");
    }

    /// A new invocation of the same actor: nothing open, nothing reachable but the root.
    pub fn next_message(&mut self, message: MessageContext, params: Params) {
        self.verify();
        self.message = message;
        self.params = params;
        self.reachable.borrow_mut().clear();
        self.open.borrow_mut().clear();
        self.calls.borrow_mut().clear();
    }

    /// A code CID that stands for a built-in type.
    #[must_use]
    pub fn code(actor_type: ActorType) -> CidBytes {
        CidBytes::from(Cid::new(0x55, [actor_type as u8; 32]))
    }

    fn call(&self, name: &'static str) {
        self.calls.borrow_mut().push(name);
    }

    fn reach_links(&self, codec: u64, data: &[u8]) {
        if codec != DAG_CBOR {
            return;
        }
        let marker = [0xd8, 0x2a, 0x58, 39, 0];
        for (at, window) in data.windows(marker.len()).enumerate() {
            if window == marker
                && let Some(bytes) = data.get(at + 5..at + 5 + Cid::LEN)
                && let Some(cid) = Cid::from_bytes(bytes)
            {
                self.reachable.borrow_mut().insert(cid);
            }
        }
    }

    fn handle(&self, codec: u64, data: Vec<u8>) -> u32 {
        let mut open = self.open.borrow_mut();
        open.push((codec, data));
        open.len() as u32
    }
}

impl Runtime for TestRuntime {
    fn message(&self) -> &MessageContext {
        &self.message
    }

    fn network(&self) -> &NetworkContext {
        &self.network
    }

    fn params(&self) -> Result<Params, Abort> {
        Ok(self.params.clone())
    }

    fn root(&self) -> Result<Cid, ErrorNumber> {
        self.call("root");
        let root = self.root.get().ok_or(ErrorNumber::IllegalOperation)?;
        self.reachable.borrow_mut().insert(root);
        Ok(root)
    }

    fn set_root(&self, root: &Cid) -> Result<(), ErrorNumber> {
        self.call("set_root");
        if self.message.read_only {
            return Err(ErrorNumber::ReadOnly);
        }
        if !self.reachable.borrow().contains(root) {
            return Err(ErrorNumber::NotFound);
        }
        self.root.set(Some(*root));
        Ok(())
    }

    fn open_block(&self, cid: &Cid) -> Result<OpenBlock, ErrorNumber> {
        self.call("block_open");
        if !self.reachable.borrow().contains(cid) {
            return Err(ErrorNumber::NotFound);
        }
        let data = self.stored(cid).ok_or(ErrorNumber::NotFound)?;
        self.reach_links(cid.codec(), &data);
        let size = data.len() as u32;
        Ok(OpenBlock {
            id: self.handle(cid.codec(), data),
            codec: cid.codec(),
            size,
        })
    }

    fn read_block(&self, id: u32, offset: u32, buffer: &mut [u8]) -> Result<usize, ErrorNumber> {
        self.call("block_read");
        let open = self.open.borrow();
        let (_, data) = open
            .get((id as usize).wrapping_sub(1))
            .ok_or(ErrorNumber::InvalidHandle)?;
        let data = data.get(offset as usize..).unwrap_or_default();
        let len = data.len().min(buffer.len());
        buffer[..len].copy_from_slice(&data[..len]);
        Ok(len)
    }

    fn create_block(&self, codec: u64, data: &[u8]) -> Result<u32, ErrorNumber> {
        self.call("block_create");
        if data.len() > 1 << 20 {
            return Err(ErrorNumber::LimitExceeded);
        }
        Ok(self.handle(codec, data.to_vec()))
    }

    fn link_block(&self, id: u32) -> Result<Cid, ErrorNumber> {
        self.call("block_link");
        let (codec, data) = self
            .open
            .borrow()
            .get((id as usize).wrapping_sub(1))
            .cloned()
            .ok_or(ErrorNumber::InvalidHandle)?;
        let cid = self.store(codec, &data);
        debug_assert_eq!(cid.as_bytes()[2..5], [0xa0, 0xe4, 0x02], "{BLAKE2B_256:x}");
        self.reachable.borrow_mut().insert(cid);
        Ok(cid)
    }

    fn send(&self, request: SendRequest<'_>) -> Result<Sent, ErrorNumber> {
        if let Some((codec, data)) = request.params {
            self.create_block(codec, data)?;
        }
        self.call("send");
        let expected = self.expected_sends.borrow_mut().pop_front();
        let expected = expected.unwrap_or_else(|| panic!("unexpected send: {request:02x?}"));
        let made = ExpectedSend {
            to: request.to.to_vec(),
            method: request.method,
            params: request.params.map(|(codec, data)| Block {
                codec,
                data: data.to_vec(),
            }),
            value: request.value,
            gas_limit: request.gas_limit,
            read_only: request.read_only,
            reply: expected.reply.clone(),
            new_root: expected.new_root,
        };
        assert_eq!(made, expected, "another send than announced");
        let (exit_code, block) = expected.reply?;
        if let Some(root) = expected.new_root {
            self.root.set(Some(root));
        }
        let (codec, size, block) = match block {
            Some(block) => {
                self.reach_links(block.codec, &block.data);
                let size = block.data.len() as u32;
                (block.codec, size, self.handle(block.codec, block.data))
            }
            None => (0, 0, 0),
        };
        Ok(Sent {
            exit_code,
            block,
            codec,
            size,
        })
    }

    fn resolve_address(&self, address: &[u8]) -> Result<Option<ActorId>, ErrorNumber> {
        self.call("resolve_address");
        let address =
            fevm_address::Address::from_bytes(address).map_err(|_| ErrorNumber::IllegalArgument)?;
        let bytes = address.as_bytes();
        Ok(match address.as_id() {
            Some(id) => self.actors.contains_key(&id).then_some(id),
            None => self.addresses.get(bytes).copied().or_else(|| {
                self.actors
                    .iter()
                    .find(|(_, actor)| actor.delegated.as_deref() == Some(bytes))
                    .map(|(id, _)| *id)
            }),
        })
    }

    fn delegated_address(
        &self,
        actor: ActorId,
        buffer: &mut [u8; 65],
    ) -> Result<usize, ErrorNumber> {
        self.call("lookup_delegated_address");
        let actor = self.actors.get(&actor).ok_or(ErrorNumber::NotFound)?;
        let address = actor.delegated.as_deref().unwrap_or_default();
        buffer[..address.len()].copy_from_slice(address);
        Ok(address.len())
    }

    fn code_cid(&self, actor: ActorId) -> Result<Option<CidBytes>, ErrorNumber> {
        self.call("get_actor_code_cid");
        Ok(self.actors.get(&actor).map(|actor| match actor.actor_type {
            Some(actor_type) => Self::code(actor_type),
            None => CidBytes::from(Cid::new(0x55, [0xee; 32])),
        }))
    }

    fn type_of_code(&self, code: &CidBytes) -> Result<Option<ActorType>, ErrorNumber> {
        self.call("get_builtin_actor_type");
        Ok(ActorType::ALL
            .into_iter()
            .find(|actor_type| Self::code(*actor_type) == *code))
    }

    fn code_of_type(&self, actor_type: ActorType) -> Result<CidBytes, ErrorNumber> {
        self.call("get_code_cid_for_type");
        Ok(Self::code(actor_type))
    }

    fn next_actor_address(&self) -> Result<Vec<u8>, ErrorNumber> {
        self.call("next_actor_address");
        let count = self.created.borrow().len() as u8;
        Ok([&[2][..], &[count + 1; 20]].concat())
    }

    fn create_actor(
        &self,
        actor: ActorId,
        code: &CidBytes,
        delegated: Option<&[u8]>,
    ) -> Result<(), ErrorNumber> {
        self.call("create_actor");
        let entry = (actor, *code, delegated.map(<[u8]>::to_vec));
        self.created.borrow_mut().push(entry);
        Ok(())
    }

    fn balance_of(&self, actor: ActorId) -> Result<u128, ErrorNumber> {
        self.call("balance_of");
        let actor = self.actors.get(&actor).ok_or(ErrorNumber::NotFound)?;
        Ok(actor.balance)
    }

    fn balance(&self) -> u128 {
        self.call("current_balance");
        let this = self.actors.get(&self.message.receiver);
        this.map_or(0, |actor| actor.balance)
    }

    fn gas_available(&self) -> u64 {
        self.call("gas_available");
        self.gas
    }

    fn hash(&self, hash: Hash, data: &[u8], digest: &mut [u8]) {
        self.call("hash");
        match hash {
            Hash::Keccak256 => digest.copy_from_slice(&sha3::Keccak256::digest(data)),
            Hash::Blake2b256 => {
                let hash = blake2b_simd::Params::new().hash_length(32).hash(data);
                digest.copy_from_slice(hash.as_bytes());
            }
            Hash::Blake2b512 => {
                digest.copy_from_slice(blake2b_simd::blake2b(data).as_bytes());
            }
            Hash::Sha256 => digest.copy_from_slice(&sha2::Sha256::digest(data)),
            Hash::Ripemd160 => {
                panic!("the stand-in has no {hash:?}; test it in the real machine")
            }
        }
    }

    fn recover_secp256k1(
        &self,
        _digest: &[u8; 32],
        _signature: &[u8; 65],
    ) -> Result<[u8; 65], ErrorNumber> {
        panic!("the stand-in recovers no keys; test it in the real machine")
    }

    fn verify_signature(
        &self,
        signature_type: u32,
        signature: &[u8],
        signer: &[u8],
        message: &[u8],
    ) -> Result<bool, ErrorNumber> {
        self.call("verify_signature");
        // A signature of the stand-in is its type, the signer and the message in a row.
        Ok(signature == [&[signature_type as u8], signer, message].concat())
    }

    fn beacon_randomness(&self, epoch: i64) -> Result<[u8; 32], ErrorNumber> {
        self.call("get_beacon_randomness");
        let randomness = self.randomness.get(&epoch).copied();
        randomness.ok_or(ErrorNumber::IllegalArgument)
    }

    fn tipset_cid(&self, epoch: i64) -> Result<CidBytes, ErrorNumber> {
        self.call("tipset_cid");
        let mut digest = [0; 32];
        digest[24..].copy_from_slice(&epoch.to_be_bytes());
        Ok(CidBytes::from(Cid::new(0x71, digest)))
    }

    fn emit_event(&self, entries: &[EventEntry<'_>]) -> Result<(), ErrorNumber> {
        self.call("emit_event");
        if entries.iter().map(|entry| entry.value.len()).sum::<usize>() > 8192 {
            return Err(ErrorNumber::LimitExceeded);
        }
        let event = entries
            .iter()
            .map(|entry| (entry.key.to_owned(), entry.value.to_vec()))
            .collect();
        self.events.borrow_mut().push(event);
        Ok(())
    }
}
