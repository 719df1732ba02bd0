//! What came of a scene.

use crate::scene::Scene;
use evm_interpreter::inspector::NoInspector;
use evm_interpreter::{H160, H256, U256};
use fevm_conformance::ethereum::{Log, Prestate, State, execute};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An account with what is in it; slots that are not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Final {
    pub(crate) balance: U256,
    pub(crate) nonce: u64,
    pub(crate) code_hash: H256,
    pub(crate) storage: BTreeMap<U256, U256>,
}

/// What a transaction did that was part of the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) success: bool,
    pub(crate) gas_used: u64,
    /// Given back at the end, the floor of EIP-7623 aside.
    pub(crate) refunded: u64,
    pub(crate) output: Vec<u8>,
    pub(crate) created: Option<H160>,
    pub(crate) logs: Vec<Log>,
}

/// What came of a scene; nothing done if the transaction was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) done: Option<Done>,
    pub(crate) state: BTreeMap<H160, Final>,
}

/// What comes of a scene here; the reason too, if the transaction is refused.
pub(crate) fn ours(scene: &Scene) -> (Outcome, String) {
    let prestate = Prestate::new(scene.accounts.iter().cloned());
    let mut state = State::new(Arc::new(prestate));
    let limit = scene.block.gas_limit;
    let ran = execute(
        &scene.transaction,
        &scene.block,
        &mut state,
        limit,
        &mut NoInspector,
    );
    let reason = ran
        .as_ref()
        .err()
        .map(ToString::to_string)
        .unwrap_or_default();
    let done = ran.ok().map(|receipt| Done {
        success: receipt.success,
        gas_used: receipt.gas_used,
        refunded: receipt.refunded,
        output: receipt.output,
        created: receipt.created,
        logs: receipt.logs,
    });
    let state = state
        .accounts()
        .into_iter()
        .map(|(address, account)| {
            let storage = account
                .storage
                .into_iter()
                .filter(|(_, value)| !value.is_zero())
                .collect();
            let (balance, nonce) = (account.balance, account.nonce);
            (
                address,
                Final {
                    balance,
                    nonce,
                    code_hash: account.code.hash,
                    storage,
                },
            )
        })
        .collect();
    (Outcome { done, state }, reason)
}
