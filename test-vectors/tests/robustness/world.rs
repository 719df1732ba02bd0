//! A chain with actors of all kinds, and what a message may and may not do on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_primitives::{Address, U256, address, hex};
use cid::Cid;
use fevm_bundle::Bundle;
use fevm_machine::address::delegated;
use fevm_machine::chain::SyntheticChain;
use fevm_machine::evm_state::{EvmState, Lifespan, Storage, TransientData};
use fevm_machine::genesis::{Genesis, GenesisActor};
use fevm_machine::trace::{CallFrame, CallResult};
use fevm_machine::{ApplyKind, BlockContext, MachineError, Network, Outcome, Store, Vm};
use fvm_ipld_blockstore::Blockstore;
use fvm_ipld_encoding::RawBytes;
use fvm_shared::address::Address as FilAddress;
use fvm_shared::econ::TokenAmount;
use fvm_shared::message::Message;
use fvm_shared::state::ActorState;
use fvm_shared::{ActorID, EMPTY_ARR_CID};

/// Accounts of Ethereum, of Filecoin (f1), and an address that has never sent.
pub(crate) const ACCOUNT: ActorID = 101;
pub(crate) const OTHER_ACCOUNT: ActorID = 102;
pub(crate) const NATIVE_ACCOUNT: ActorID = 103;
pub(crate) const PLACEHOLDER: ActorID = 104;
/// A contract without state: nobody has called its constructor.
pub(crate) const UNBORN: ActorID = 105;

/// Contracts, in the order of their IDs from 106 on.
pub(crate) const CONTRACTS: [Address; 6] = [STORAGE, ECHO, ANSWER, DEAD, EMPTY, FORWARD];

/// Writes slot and transient slot `data[0..32]` if there is a second word, returns both as they were
/// and are.
pub(crate) const STORAGE: Address = address!("c000000000000000000000000000000000000106");
/// Returns its call data behind the selector.
pub(crate) const ECHO: Address = address!("c000000000000000000000000000000000000107");
/// Returns what stands behind the head of `handle_filecoin_method`: the parameters.
pub(crate) const ANSWER: Address = address!("c000000000000000000000000000000000000108");
/// Self-destructed.
pub(crate) const DEAD: Address = address!("c000000000000000000000000000000000000109");
/// Has no code.
pub(crate) const EMPTY: Address = address!("c00000000000000000000000000000000000010a");
/// Delegates everything to [`STORAGE`].
pub(crate) const FORWARD: Address = address!("c00000000000000000000000000000000000010b");

/// Where the code of a case is put.
pub(crate) const PROGRAM: Address = address!("c000000000000000000000000000000000000000");

const STORAGE_CODE: &[u8] =
    &hex!("5f35545f5236603f10156019576020355f35556020355f355d5b5f355c60205260405ff3");
const ECHO_CODE: &[u8] = &hex!("365f5f37600436036004f3");
const ANSWER_CODE: &[u8] = &hex!("365f5f37608436036084f3");
const FORWARD_CODE: &[u8] =
    &hex!("365f5f375f5f365f73c0000000000000000000000000000000000001065af4503d5f5f3e3d5ff3");

/// The message in which the transient storage of [`STORAGE`] holds.
pub(crate) const LIFESPAN: Lifespan = Lifespan {
    origin: ACCOUNT,
    nonce: 7,
};

/// Gas of a message that is compared with nothing.
pub(crate) const GAS_LIMIT: u64 = 60_000_000;

/// A bundle's actors on the chain.
pub(crate) struct World {
    pub(crate) vm: Vm,
    pub(crate) root: Cid,
}

/// One message, and the state that it meets.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) from: ActorID,
    pub(crate) to: ActorID,
    pub(crate) method: u64,
    pub(crate) params: Vec<u8>,
    pub(crate) value: u64,
    pub(crate) nonce: u64,
    pub(crate) gas_limit: u64,
    /// Runtime code at [`PROGRAM`], which `to` stands for if it is 0.
    pub(crate) program: Option<Vec<u8>>,
    /// State roots that are put in the place of those of actors.
    pub(crate) heads: Vec<(ActorID, Cid)>,
    /// Blocks that are added to the store.
    pub(crate) blocks: Vec<(Cid, Vec<u8>)>,
}

impl Case {
    pub(crate) const fn new(from: ActorID, to: ActorID, method: u64, params: Vec<u8>) -> Self {
        Self {
            from,
            to,
            method,
            params,
            value: 0,
            nonce: LIFESPAN.nonce,
            gas_limit: GAS_LIMIT,
            program: None,
            heads: Vec::new(),
            blocks: Vec::new(),
        }
    }
}

/// What a message did.
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    pub(crate) calls: Option<CallFrame>,
    pub(crate) after: BTreeMap<ActorID, ActorState>,
}

impl World {
    pub(crate) fn new(bundle: &Bundle) -> Self {
        let mut genesis = Genesis::development("robustness")
            .with_eth_account(
                address!("a000000000000000000000000000000000000101"),
                TokenAmount::from_whole(1_000),
                7,
            )
            .with_eth_account(
                address!("a000000000000000000000000000000000000102"),
                TokenAmount::from_whole(1_000),
                0,
            );
        let actor = |id, code: &str| GenesisActor {
            balance: TokenAmount::from_whole(10),
            ..GenesisActor::singleton(id, code)
        };
        genesis.actors.push(GenesisActor {
            address: Some(FilAddress::new_secp256k1(&[4; 65]).unwrap()),
            ..actor(NATIVE_ACCOUNT, "account")
        });
        genesis.actors.push(GenesisActor {
            delegated: Some(delegated(address!(
                "b000000000000000000000000000000000000104"
            ))),
            ..actor(PLACEHOLDER, "placeholder")
        });
        genesis.actors.push(GenesisActor {
            delegated: Some(delegated(address!(
                "b000000000000000000000000000000000000105"
            ))),
            ..actor(UNBORN, "evm")
        });
        genesis.next_id = UNBORN + 1;
        let vm = Vm::new(Store::memory(), &Network::default()).unwrap();
        let root = genesis.write(bundle, vm.store()).unwrap().root;
        let mut state = vm.state(&root).unwrap();
        for (contract, code) in CONTRACTS.into_iter().zip([
            STORAGE_CODE,
            ECHO_CODE,
            ANSWER_CODE,
            STORAGE_CODE,
            &[],
            FORWARD_CODE,
        ]) {
            state.set_code(contract, code).unwrap();
            state
                .set_balance(contract, TokenAmount::from_whole(10))
                .unwrap();
        }
        let slots: Vec<_> = (1..24u64)
            .map(|n| (U256::from(n), U256::from(n) << (8 * (n % 31))))
            .chain((0..80u64).map(|n| {
                let key = alloy_primitives::keccak256(n.to_be_bytes());
                (key.into(), U256::from(n + 1))
            }))
            .collect();
        state.set_storage(STORAGE, &slots).unwrap();
        let mut transient = Storage::empty(vm.store());
        for n in 0..5u64 {
            transient.set(U256::from(n), U256::from(n + 1)).unwrap();
        }
        let transient = TransientData {
            state: transient.flush().unwrap(),
            lifespan: LIFESPAN,
        };
        change(&vm, &mut state, STORAGE, |evm| {
            evm.transient_data = Some(transient.clone());
        });
        change(&vm, &mut state, DEAD, |evm| {
            evm.tombstone = Some(Lifespan {
                origin: OTHER_ACCOUNT,
                nonce: 1,
            });
        });
        let root = state.flush().unwrap();
        Self { vm, root }
    }

    fn block(&self, root: Cid) -> BlockContext {
        let fee = TokenAmount::from_atto(100);
        BlockContext::new(root, 1_000, 1_700_000_000, fee, Arc::new(SyntheticChain))
            .with_tracing(true)
    }

    /// Applies a case to the chain's first state.
    pub(crate) fn run(&self, case: &Case) -> Result<Ran, MachineError> {
        let store = self.vm.store().overlay();
        let vm = self.vm.with_store(store);
        let mut root = self.root;
        let mut to = case.to;
        if case.program.is_some() || !case.heads.is_empty() {
            vm.store()
                .put_many_keyed(case.blocks.clone())
                .map_err(MachineError::State)?;
            let mut state = vm.state(&root)?;
            if let Some(code) = &case.program {
                state.set_code(PROGRAM, code)?;
                state.set_balance(PROGRAM, TokenAmount::from_whole(3))?;
                if to == 0 {
                    to = state.lookup(&delegated(PROGRAM))?.unwrap_or_default();
                }
            }
            for (id, head) in &case.heads {
                let mut actor = state.actor(*id)?.expect("an actor of the world");
                actor.state = *head;
                state.set_actor(*id, actor)?;
            }
            root = state.flush()?;
        }
        let message = Message {
            version: 0,
            from: FilAddress::new_id(case.from),
            to: FilAddress::new_id(to),
            sequence: case.nonce,
            value: TokenAmount::from_atto(case.value),
            method_num: case.method,
            params: RawBytes::new(case.params.clone()),
            gas_limit: case.gas_limit,
            gas_fee_cap: TokenAmount::from_atto(0),
            gas_premium: TokenAmount::from_atto(0),
        };
        let (outcome, root) = vm.apply(self.block(root), message, ApplyKind::Implicit, 0)?;
        let mut after = BTreeMap::new();
        vm.state(&root)?.for_each(|id, actor| {
            after.insert(id, actor.clone());
            Ok(())
        })?;
        Ok(Ran {
            calls: outcome.call_tree(),
            outcome,
            after,
        })
    }
}

fn change(
    vm: &Vm,
    state: &mut fevm_machine::StateTree,
    contract: Address,
    edit: impl FnOnce(&mut EvmState),
) {
    let (id, mut actor) = state.eth_actor(contract).unwrap().unwrap();
    let mut evm = state.evm_state(&actor).unwrap().unwrap();
    edit(&mut evm);
    actor.state = evm.store(vm.store()).unwrap();
    state.set_actor(id, actor).unwrap();
    assert_ne!(EMPTY_ARR_CID, state.actor(id).unwrap().unwrap().state);
}

/// What no actor may do, whatever the message: trap, panic, or end with a code that is the
/// machine's.
pub(crate) fn offence(ran: &Ran) -> Option<String> {
    let failure = ran.outcome.failure.as_ref().map(ToString::to_string);
    if let Some(text) = failure
        && text.contains("panicked")
    {
        return Some(text);
    }
    ran.calls.as_ref().and_then(trapped)
}

fn trapped(frame: &CallFrame) -> Option<String> {
    if let CallResult::Exit(code, _) = &frame.result
        && matches!(code.value(), 4 | 8 | 10 | 11..=15)
    {
        return Some(format!(
            "f0{} ended with {} in method {}",
            frame.to_id.unwrap_or_default(),
            code.value(),
            frame.method
        ));
    }
    frame.calls.iter().find_map(trapped)
}

/// Whether a frame ran out of gas or memory: what it did then is not the same on actors that use
/// other amounts.
pub(crate) fn exhausted(ran: &Ran) -> bool {
    ended_with(ran, &[4, 7, 24])
}

/// Whether a frame ended with one of these codes, or did not end.
pub(crate) fn ended_with(ran: &Ran, codes: &[u32]) -> bool {
    fn any(frame: &CallFrame, codes: &[u32]) -> bool {
        let here = match &frame.result {
            CallResult::Exit(code, _) => codes.contains(&code.value()),
            CallResult::Refused(..) => false,
            CallResult::Unfinished => true,
        };
        here || frame.calls.iter().any(|frame| any(frame, codes))
    }
    let calls = ran.calls.as_ref();
    ran.outcome.exit_code.value() == 7 || calls.is_some_and(|frame| any(frame, codes))
}

/// How two runs of a case differ, if they do, in anything but gas.
pub(crate) fn difference(ours: &Ran, theirs: &Ran) -> Option<String> {
    let receipt = |ran: &Ran| {
        let o = &ran.outcome;
        let events: Vec<_> = o
            .events
            .iter()
            .map(|e| (e.emitter, format!("{:?}", e.event)))
            .collect();
        format!(
            "exit {} return {} codec {:?} events {events:?}",
            o.exit_code.value(),
            hex::encode(&o.return_data),
            o.return_codec
        )
    };
    let (a, b) = (receipt(ours), receipt(theirs));
    if a != b {
        return Some(format!("ours {a}\ntheirs {b}"));
    }
    for (id, actor) in &ours.after {
        let Some(other) = theirs.after.get(id) else {
            return Some(format!("only ours has f0{id}"));
        };
        let entry = |a: &ActorState| (a.state, a.sequence, a.balance.clone(), a.delegated_address);
        if *id != 0 && entry(actor) != entry(other) {
            return Some(format!(
                "f0{id}: ours {:?}, theirs {:?}",
                entry(actor),
                entry(other)
            ));
        }
    }
    (ours.after.len() != theirs.after.len()).then(|| "other actors".to_owned())
}
