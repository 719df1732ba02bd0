//! A contract in one invocation: its state, its slots, its sends.

mod blocks;
mod send;
mod slots;

pub(crate) use slots::Slots;

use crate::state::{EMPTY_CODE_HASH, Lifespan, State};
use fevm_runtime::bytes::equal_words;
use fevm_runtime::{Abort, Cid, Runtime, cid};
use primitive_types::U256;

/// Longest runtime code, bytes (EIP-170).
pub const MAX_CODE_SIZE: usize = 24_576;

/// A contract in one invocation.
///
/// Changes are kept until [`flush`](Self::flush), which the contract does before every send whose
/// receiver might call back, and at its end. Before it touches its state after a send that succeeded
/// it looks whether its root has changed. That is the whole rule of re-entrancy: the callee sees what was written before the
/// send, the contract sees what the callee wrote.
#[derive(Debug)]
pub struct Contract<'r, R> {
    /// The machine.
    pub(crate) rt: &'r R,
    /// Runtime code: its block and hash; `None` while the constructor has set none.
    code: Option<(Cid, [u8; 32])>,
    storage: Slots,
    transient: Slots,
    nonce: u64,
    tombstone: Option<Lifespan>,
    /// The actor's root in the machine.
    root: Option<Cid>,
    /// Whether anything was changed since the root was set. A change that is taken back counts: the
    /// flush that it causes drops transient storage of earlier messages.
    dirty: bool,
    /// Whether a callee may have changed the state since the root was looked at.
    stale: bool,
    /// State blocks that are in the store: the one loaded and the one written last.
    known: [Option<(Cid, State)>; 2],
    /// Own balance, attoFIL, once asked for; forgotten at each send, for only sends move value.
    balance: Option<u128>,
}

impl<'r, R: Runtime> Contract<'r, R> {
    /// A contract without code, storage or history.
    fn fresh(rt: &'r R) -> Self {
        Self {
            rt,
            code: None,
            storage: Slots::empty(),
            transient: Slots::empty(),
            nonce: 1,
            tombstone: None,
            root: None,
            dirty: true,
            stale: false,
            known: [None, None],
            balance: None,
        }
    }

    /// A new contract: the actor must have no state yet, else exit 20.
    pub fn create(rt: &'r R) -> Result<Self, Abort> {
        let root = rt.root().map_err(no_root)?;
        if root != cid::EMPTY_ARRAY {
            return Err(Abort::illegal_state("the contract exists already"));
        }
        Ok(Self::fresh(rt))
    }

    /// A contract in place of a dead one, else exit 18.
    pub fn resurrect(rt: &'r R) -> Result<Self, Abort> {
        let (_, state) = load_state(rt)?;
        if state.is_dead(rt.message()) {
            Ok(Self::fresh(rt))
        } else {
            Err(Abort::forbidden("can only resurrect a dead contract"))
        }
    }

    /// The contract as its state has it; `None` if it is dead.
    pub fn load(rt: &'r R) -> Result<Option<Self>, Abort> {
        let (root, state) = load_state(rt)?;
        if state.is_dead(rt.message()) {
            return Ok(None);
        }
        Ok(Some(Self {
            rt,
            code: Some((state.bytecode, state.bytecode_hash)),
            storage: Slots::at(state.storage),
            transient: transient_of(rt, &state),
            nonce: state.nonce,
            tombstone: state.tombstone,
            root: Some(root),
            dirty: false,
            stale: false,
            known: [Some((root, state)), None],
            balance: None,
        }))
    }

    /// Block and hash of the runtime code; `None` while there is none.
    pub(crate) const fn code(&self) -> Option<&(Cid, [u8; 32])> {
        self.code.as_ref()
    }

    /// Sets the runtime code. Exit 16 if it is too long (EIP-170) or begins with 0xEF (EIP-3541).
    pub fn set_code(&mut self, code: &[u8]) -> Result<(), Abort> {
        self.refresh()?;
        if code.first() == Some(&0xef) {
            return Err(Abort::illegal_argument(
                "EIP-3541: contract code must not begin with 0xEF",
            ));
        }
        if code.len() > MAX_CODE_SIZE {
            return Err(Abort::illegal_argument(format!(
                "EIP-170: contract code has {} bytes, more than {MAX_CODE_SIZE}",
                code.len()
            )));
        }
        let hash = if code.is_empty() {
            EMPTY_CODE_HASH
        } else {
            self.rt.keccak256(code)
        };
        let block = self
            .rt
            .put_block(cid::RAW, code)
            .map_err(|error| Abort::illegal_state(format!("cannot store code: {error}")))?;
        self.code = Some((block, hash));
        self.dirty = true;
        Ok(())
    }

    /// Own balance, attoFIL: one host call, unless it is known.
    pub(crate) fn balance(&mut self) -> u128 {
        *self.balance.get_or_insert_with(|| self.rt.balance())
    }

    /// Value of a storage slot that the frame has touched, if it cannot have changed since.
    #[inline(always)]
    pub(crate) fn known_slot(&self, key: &U256) -> Option<&U256> {
        if self.stale {
            return None;
        }
        self.storage.known_value(key)
    }

    /// Value of a transient slot, likewise.
    #[inline(always)]
    pub(crate) fn known_transient_slot(&self, key: &U256) -> Option<&U256> {
        if self.stale {
            return None;
        }
        self.transient.known_value(key)
    }

    /// Value of a storage slot.
    #[inline(never)]
    pub fn sload(&mut self, key: &U256) -> Result<U256, Abort> {
        self.refresh()?;
        self.storage.get(self.rt, key)
    }

    /// Sets a storage slot; gives the value before.
    #[inline(never)]
    pub fn sstore(&mut self, key: &U256, value: &U256) -> Result<U256, Abort> {
        self.refresh()?;
        let old = self.storage.set(self.rt, key, value)?;
        self.dirty |= !equal_words(&old, value);
        Ok(old)
    }

    /// Sets a storage slot that the frame has touched, if it cannot have changed since; gives the value
    /// before.
    #[inline(always)]
    pub(crate) fn set_known_slot(&mut self, key: &U256, value: &U256) -> Option<U256> {
        if self.stale {
            return None;
        }
        let old = self.storage.set_known(key, value)?;
        self.dirty |= !equal_words(&old, value);
        Some(old)
    }

    /// Sets a transient slot, likewise.
    #[inline(always)]
    pub(crate) fn set_known_transient_slot(&mut self, key: &U256, value: &U256) -> Option<U256> {
        if self.stale {
            return None;
        }
        let old = self.transient.set_known(key, value)?;
        self.dirty |= !equal_words(&old, value);
        Some(old)
    }

    /// Value of a transient slot (EIP-1153).
    #[inline(never)]
    pub fn tload(&mut self, key: &U256) -> Result<U256, Abort> {
        self.refresh()?;
        self.transient.get(self.rt, key)
    }

    /// Sets a transient slot (EIP-1153).
    #[inline(never)]
    pub fn tstore(&mut self, key: &U256, value: &U256) -> Result<(), Abort> {
        self.refresh()?;
        let old = self.transient.set(self.rt, key, value)?;
        self.dirty |= !equal_words(&old, value);
        Ok(())
    }

    /// Takes the nonce for a new contract.
    pub(crate) fn take_nonce(&mut self) -> Result<u64, Abort> {
        self.refresh()?;
        let nonce = self.nonce;
        self.nonce = nonce
            .checked_add(1)
            .ok_or_else(|| Abort::assertion_failed("the nonce overflows"))?;
        self.dirty = true;
        Ok(nonce)
    }

    /// Marks the contract as self-destructed in this message.
    pub(crate) fn bury(&mut self) -> Result<(), Abort> {
        self.refresh()?;
        self.tombstone = Some(Lifespan::of(self.rt.message()));
        self.dirty = true;
        Ok(())
    }

    /// Writes what has changed. Exit 18 in read-only mode if anything has.
    pub fn flush(&mut self) -> Result<(), Abort> {
        if !self.dirty {
            return Ok(());
        }
        if self.rt.message().read_only {
            return Err(Abort::forbidden("cannot store state in read-only mode"));
        }
        let (bytecode, bytecode_hash) = match self.code {
            Some(code) => code,
            None => {
                self.set_code(&[])?;
                *self.code.as_ref().ok_or_else(no_code)?
            }
        };
        let storage = self.storage.flush(self.rt)?;
        let transient = if self.transient.is_empty(self.rt)? {
            None
        } else {
            let root = self.transient.flush(self.rt)?;
            Some((root, Lifespan::of(self.rt.message())))
        };
        let state = State {
            bytecode,
            bytecode_hash,
            storage,
            transient,
            nonce: self.nonce,
            tombstone: self.tombstone,
        };
        let root = self.store(&state)?;
        if self.root != Some(root) {
            self.rt
                .set_root(&root)
                .map_err(|error| Abort::illegal_state(format!("cannot set the root: {error}")))?;
            self.root = Some(root);
        }
        self.dirty = false;
        Ok(())
    }

    /// Writes a state block, unless the same one is known.
    fn store(&mut self, state: &State) -> Result<Cid, Abort> {
        let known = self.known.iter().flatten().find(|(_, old)| old == state);
        if let Some((root, _)) = known {
            return Ok(*root);
        }
        let root = self
            .rt
            .put_block(cid::DAG_CBOR, &state.encode())
            .map_err(|error| Abort::illegal_state(format!("cannot store state: {error}")))?;
        self.known[1] = Some((root, *state));
        Ok(root)
    }

    /// Takes over what a callee may have changed, if one may have.
    #[inline]
    fn refresh(&mut self) -> Result<(), Abort> {
        if self.stale {
            self.stale = false;
            self.reload()?;
        }
        Ok(())
    }

    #[cold]
    fn reload(&mut self) -> Result<(), Abort> {
        let root = self.rt.root().map_err(no_root)?;
        if self.root == Some(root) {
            return Ok(());
        }
        let old = self
            .known
            .iter()
            .flatten()
            .find(|(known, _)| Some(*known) == self.root);
        let old = old.map(|(_, state)| *state);
        let state = read_state(self.rt, &root)?;
        if old.is_none_or(|old| old.storage != state.storage) {
            self.storage = Slots::at(state.storage);
        }
        if old.is_none_or(|old| old.transient != state.transient) {
            self.transient = transient_of(self.rt, &state);
        }
        self.code = Some((state.bytecode, state.bytecode_hash));
        self.nonce = state.nonce;
        self.tombstone = state.tombstone;
        self.root = Some(root);
        self.known[1] = Some((root, state));
        self.dirty = false;
        Ok(())
    }
}

/// Transient slots of this message in a state; those of another message are gone.
fn transient_of<R: Runtime>(rt: &R, state: &State) -> Slots {
    match state.transient {
        Some((root, lifespan)) if lifespan == Lifespan::of(rt.message()) => Slots::at(root),
        _ => Slots::empty(),
    }
}

/// Root and state of this actor.
pub(crate) fn load_state<R: Runtime>(rt: &R) -> Result<(Cid, State), Abort> {
    let root = rt.root().map_err(no_root)?;
    Ok((root, read_state(rt, &root)?))
}

fn read_state<R: Runtime>(rt: &R, root: &Cid) -> Result<State, Abort> {
    let data = rt
        .get_block(root)
        .map_err(|error| Abort::serialization(format!("state is not in the store: {error}")))?;
    Ok(State::decode(&data)?)
}

#[cold]
fn no_root(error: fevm_runtime::ErrorNumber) -> Abort {
    Abort::illegal_state(format!("no state root: {error}"))
}

#[cold]
fn no_code() -> Abort {
    Abort::assertion_failed("no code to store")
}
