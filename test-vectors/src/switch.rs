//! Changing the bundle in the middle of a vector: one suite takes over the
//! state that the other has written.

use cid::Cid;
use fevm_machine::bundle::{self, Bundle};
use fevm_machine::{Network, StateTree, Vm};
use fvm_ipld_blockstore::{Block, Blockstore};
use fvm_ipld_encoding::{CborStore, DAG_CBOR};
use multihash_codetable::Code;

/// How another bundle takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SwitchMode {
    /// The machine runs other code in place of the first; the state stays as
    /// it is and the actors keep their code CIDs.
    Redirect,
    /// Every actor's code CID and the system actor's manifest are rewritten.
    Rewrite,
}

/// A change of bundle before one of the messages.
#[derive(Debug, Clone, Copy)]
pub struct Switch<'b> {
    /// The message, counted from 0, that is the first to meet the new bundle.
    pub at: usize,
    /// How.
    pub mode: SwitchMode,
    /// The bundle that takes over. It must have all actors of the first.
    pub to: &'b Bundle,
}

impl Switch<'_> {
    /// The machine and the state root to go on with.
    pub(crate) fn apply(&self, vm: &Vm, from: &Bundle, root: &Cid) -> anyhow::Result<(Vm, Cid)> {
        bundle::write(self.to, vm.store())?;
        let pairs = pairs(from, self.to)?;
        match self.mode {
            SwitchMode::Redirect => {
                let network = Network {
                    redirect: pairs,
                    ..vm.network()
                };
                Ok((Vm::new(vm.store().clone(), &network)?, *root))
            }
            SwitchMode::Rewrite => Ok((vm.clone(), rewrite(vm, &pairs, self.to, root)?)),
        }
    }
}

/// Old and new code of each actor.
fn pairs(from: &Bundle, to: &Bundle) -> anyhow::Result<Vec<(Cid, Cid)>> {
    let pair = |actor: &bundle::Actor| {
        let target = to
            .actor(actor.name())
            .ok_or_else(|| anyhow::anyhow!("the second bundle has no actor '{}'", actor.name()))?;
        Ok((actor.cid(), target.cid()))
    };
    from.actors().iter().map(pair).collect()
}

fn rewrite(vm: &Vm, pairs: &[(Cid, Cid)], to: &Bundle, root: &Cid) -> anyhow::Result<Cid> {
    let store = vm.store();
    let mut state: StateTree = vm.state(root)?;
    let mut changed = Vec::new();
    state.for_each(|id, actor| {
        let mut actor = actor.clone();
        if let Some((_, new)) = pairs.iter().find(|(old, _)| *old == actor.code) {
            actor.code = *new;
        }
        if id == fevm_machine::state::SYSTEM_ACTOR_ID {
            let (cid, data) = to.manifest_data();
            store.put(Code::Blake2b256, &Block::new(DAG_CBOR, data))?;
            actor.state = store.put_cbor(&(cid,), Code::Blake2b256)?;
        }
        changed.push((id, actor));
        Ok(())
    })?;
    for (id, actor) in changed {
        state.set_actor(id, actor)?;
    }
    Ok(state.flush()?)
}
