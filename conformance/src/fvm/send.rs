//! A transaction as a message, and the state after it.

use super::expressible::{Inexpressible, MAX_AMOUNT, MESSAGE_GAS};
use super::post::Post;
use super::setup::{self, Ready, address, from_word, word};
use crate::ethereum::{Block, Prestate, Transaction};
use evm_interpreter::{H160, U256};
use fevm_machine::message::{DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::observe::Observed;
use fevm_machine::outcome::Failure;
use fevm_machine::{ApplyKind, MachineError, Outcome, amount};
use std::time::{Duration, Instant};

/// What came of a message.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) outcome: Outcome,
    pub(super) observed: Option<Observed>,
    /// Wall-clock time of its execution.
    pub(super) time: Duration,
    /// The state after it, what the sender got back of its fees taken off.
    pub(super) post: Post,
}

/// Why a message had no outcome.
#[derive(Debug)]
pub(super) enum NotSent {
    Inexpressible(Inexpressible),
    Broken(MachineError),
}

impl From<MachineError> for NotSent {
    fn from(error: MachineError) -> Self {
        Self::Broken(error)
    }
}

impl Done {
    /// Whether the message was refused before it ran.
    pub(super) const fn is_refused(&self) -> bool {
        matches!(self.outcome.failure, Some(Failure::NotIncluded(_)))
    }
}

/// Sends the message. Its sender is funded so that, fee cap times FVM gas taken off, it is left with
/// what Ethereum leaves it with after the price of its gas limit.
pub(super) fn send(
    ready: &Ready,
    state: &Prestate,
    transaction: &Transaction,
    block: &Block,
    timeout: Duration,
) -> Result<Done, NotSent> {
    let funds = funds(state, transaction, block).map_err(NotSent::Inexpressible)?;
    let store = ready.vm.store().overlay();
    let vm = ready.vm.with_store(store);
    let mut tree = vm.state(&ready.root)?;
    tree.set_balance(address(transaction.sender), amount::from_u256(word(funds)))?;
    let context = setup::block(block, tree.flush()?).map_err(NotSent::Inexpressible)?;

    let message = EthCall {
        from: address(transaction.sender),
        to: transaction.to.map(address),
        input: transaction.data.to_vec(),
        value: word(transaction.value),
        nonce: transaction.nonce,
        gas_limit: MESSAGE_GAS,
        max_fee_per_gas: word(transaction.max_fee),
        max_priority_fee_per_gas: word(transaction.max_priority_fee),
    }
    .to_message();
    let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
    let (outcome, observed, time, root) = vm.run(context, move |session| {
        let start = Instant::now();
        let deadline = start.checked_add(timeout);
        let (outcome, observed) =
            session.apply_observed(&message, ApplyKind::Explicit, length, deadline);
        Ok((outcome?, observed, start.elapsed(), session.flush()?))
    })?;
    let mut post = Post::of_machine(&vm.state(&root)?, &outcome)?;
    give_back(&mut post, transaction.sender, &outcome);
    Ok(Done {
        outcome,
        observed,
        time,
        post,
    })
}

fn funds(
    state: &Prestate,
    transaction: &Transaction,
    block: &Block,
) -> Result<U256, Inexpressible> {
    let sender = state
        .accounts()
        .find(|account| account.address == transaction.sender);
    let balance = sender.map_or(U256::zero(), |sender| sender.balance);
    let price = transaction.effective_price(block.base_fee);
    let paid = U256::from(transaction.gas_limit).checked_mul(price);
    let rest = paid
        .and_then(|paid| balance.checked_sub(paid))
        .ok_or(Inexpressible::Refused("INSUFFICIENT_ACCOUNT_FUNDS"))?;
    U256::from(MESSAGE_GAS)
        .checked_mul(transaction.max_fee)
        .and_then(|fees| fees.checked_add(rest))
        .filter(|funds| *funds <= MAX_AMOUNT)
        .ok_or(Inexpressible::Fees)
}

/// Takes the refund of fees off again: Ethereum's is not compared either.
fn give_back(post: &mut Post, sender: H160, outcome: &Outcome) {
    let refund = amount::to_u256(&outcome.gas.refund).unwrap_or_default();
    if let Some(account) = post.accounts.get_mut(&sender) {
        account.balance = account.balance.saturating_sub(from_word(&refund));
    }
}
