//! The block on the state.

use super::env::Completed;
use super::error::{Error, Kind};
use super::observe::Observer;
use super::result::{Applied, Rejected};
use super::words;
use crate::chain::transition::{Closing, Opening, Transition};
use crate::ethereum::block::GAS_PER_BLOB;
use crate::ethereum::envelope::Envelope;
use crate::ethereum::hash::keccak;
use crate::ethereum::{Prestate, Rejection, State, Tracer, Transaction};
use evm_interpreter::inspector::NoInspector;
use evm_interpreter::{Fork, H256, U256};
use std::sync::Arc;

/// A tracer that is told of transactions.
trait Watch: Tracer {
    fn begin_transaction(&mut self, hash: H256) -> std::io::Result<()>;
    fn end_transaction(&mut self) -> std::io::Result<()>;
}

impl Watch for NoInspector {
    fn begin_transaction(&mut self, _hash: H256) -> std::io::Result<()> {
        Ok(())
    }

    fn end_transaction(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Watch for Observer {
    fn begin_transaction(&mut self, hash: H256) -> std::io::Result<()> {
        self.begin_transaction(hash)
    }

    fn end_transaction(&mut self) -> std::io::Result<()> {
        self.end_transaction()
    }
}

/// Runs the transactions that can be part of the block, and the block's own doings around them;
/// gives the state afterwards, too.
///
/// # Errors
/// If BLOCKHASH asks for what the environment does not have, or the block cannot be ended.
pub(super) fn apply(
    transactions: &[Vec<u8>],
    env: &Completed,
    prestate: Prestate,
    reward: Option<u64>,
    observer: &mut Observer,
) -> Result<(Applied, Prestate), Error> {
    if observer.idle() {
        run(transactions, env, prestate, reward, &mut NoInspector)
    } else {
        run(transactions, env, prestate, reward, observer)
    }
}

fn run<T: Watch>(
    transactions: &[Vec<u8>],
    env: &Completed,
    prestate: Prestate,
    reward: Option<u64>,
    tracer: &mut T,
) -> Result<(Applied, Prestate), Error> {
    let mut state = State::new(Arc::new(prestate));
    let parent = env.block.number.checked_sub(1);
    let opening = Opening {
        drains_dao: env.drains_dao,
        beacon_root: env.beacon_root,
        parent_hash: parent
            .filter(|_| env.has_hashes)
            .map(|parent| env.hashes.known.get(&parent).copied().unwrap_or_default()),
    };
    let mut transition = Transition::open(&env.block, &mut state, opening, tracer);
    let mut included = Vec::new();
    let mut rejected = Vec::new();
    for (index, bytes) in transactions.iter().enumerate() {
        match attempt(bytes, env, &mut transition, tracer)? {
            Ok(()) => included.push(bytes.clone()),
            Err(error) => rejected.push(Rejected { index, error }),
        }
    }
    let closing = Closing {
        reward: reward.map(U256::from),
        ommers: &env.ommers,
        withdrawals: env.withdrawals.as_deref().unwrap_or_default(),
    };
    let requests = transition.close(&closing, tracer).map_err(|rejection| {
        Error::new(
            Kind::Evm,
            format!("failed to process post-execution: {rejection}"),
        )
    })?;
    let Transition {
        receipts,
        gas_used,
        blob_gas_used,
        ..
    } = transition;
    let after = state.at_rest();
    let applied = Applied {
        state_root: after.root(),
        included,
        receipts,
        rejected,
        gas_used,
        blob_gas_used,
        requests,
    };
    Ok((applied, after))
}

/// Runs a transaction; the inner error is why it cannot be part of the block.
fn attempt<T: Watch>(
    bytes: &[u8],
    env: &Completed,
    transition: &mut Transition<'_>,
    tracer: &mut T,
) -> Result<Result<(), String>, Error> {
    let fork = env.block.fork;
    if bytes.first() == Some(&3) && env.excess_blob_gas.is_none() {
        return Ok(Err(
            "blob tx used but field env.ExcessBlobGas missing".into()
        ));
    }
    // The signer is looked for before the kind is: reading is by the newest rules.
    let transaction = Envelope::decode(bytes, Fork::LATEST).and_then(|envelope| {
        if fork < envelope.kind().since() {
            return Err(Rejection::TypeNotSupported(envelope.kind()));
        }
        envelope.recover(fork, env.block.chain_id)
    });
    let transaction = match transaction {
        Ok(transaction) => transaction,
        Err(rejection) => return Ok(Err(words::of_unsigned(&rejection))),
    };
    let blob_gas = transition.blob_gas_with(&transaction);
    let most = env.block.max_blobs.saturating_mul(GAS_PER_BLOB);
    if !transaction.blob_hashes.is_empty() && blob_gas > most {
        let text = format!("blob gas ({blob_gas}) would exceed maximum allowance {most}");
        return Ok(Err(text));
    }
    let io = |error: std::io::Error| Error::new(Kind::Io, format!("trace file: {error}"));
    tracer.begin_transaction(keccak(bytes)).map_err(io)?;
    let outcome = transition.apply(&transaction, bytes, tracer);
    tracer.end_transaction().map_err(io)?;
    if let Err(rejection) = outcome {
        let code = code_size(&transaction, transition.state);
        return Ok(Err(words::of(&rejection, &transaction, code)));
    }
    if let Some(number) = env.hashes.missing() {
        let what = if env.has_hashes {
            "blockhash for that block not provided"
        } else {
            "no blockhashes provided"
        };
        let text = format!("getHash({number}) invoked, {what}");
        return Err(Error::new(Kind::MissingBlockHash, text));
    }
    Ok(Ok(()))
}

fn code_size(transaction: &Transaction, state: &mut State) -> usize {
    let sender = state.load(transaction.sender);
    state.code(sender).as_slice().len()
}
