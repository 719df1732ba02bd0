//! A transaction from its checks to its fees.

use super::account::Code;
use super::authorization::authority;
use super::block::Block;
use super::fees::{AUTHORIZATION_REFUND, Intrinsic, blob_gas, fee, intrinsic};
use super::rejection::Rejection;
use super::rules::Rules;
use super::spare;
use super::state::State;
use super::tracer::Tracer;
use super::transaction::Transaction;
use super::trie::Log;
use super::validity::validate;
use super::world::{Call, World};
use crate::divergence::Switch;
use evm_interpreter::host::{CallKind, CreateRequest};
use evm_interpreter::{Fork, H160, U256};

/// What a transaction that was part of a block came to.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Whether its call or creation succeeded.
    pub success: bool,
    /// Gas paid for.
    pub gas_used: u64,
    /// Gas given back at the end, at most a fifth of what was used (a half before EIP-3529). The
    /// floor of EIP-7623 is not part of it.
    pub refunded: u64,
    /// Return or revert data of a call.
    pub output: Vec<u8>,
    /// The contract that was created.
    pub created: Option<H160>,
    /// Logs.
    pub logs: Vec<Log>,
}

/// Runs a transaction on a state, with `gas_left` gas left in the block. The state is at rest
/// before and after.
///
/// Calls recurse natively: the thread needs room for 1,024 frames of the interpreter.
///
/// # Errors
/// The reason why the transaction cannot be part of the block; the state has not changed.
pub fn execute<T: Tracer>(
    transaction: &Transaction,
    block: &Block,
    state: &mut State,
    gas_left: u64,
    tracer: &mut T,
) -> Result<Receipt, Rejection> {
    execute_by(
        transaction,
        block,
        state,
        gas_left,
        tracer,
        &mut Rules::ethereum(),
    )
}

/// Runs a transaction as [`execute`], by rules that may be partly Filecoin's.
///
/// # Errors
/// As [`execute`].
pub fn execute_by<T: Tracer>(
    transaction: &Transaction,
    block: &Block,
    state: &mut State,
    gas_left: u64,
    tracer: &mut T,
    rules: &mut Rules<'_>,
) -> Result<Receipt, Rejection> {
    let cost = match validate(transaction, block, state, gas_left) {
        Ok(cost) => cost,
        Err(reason) => {
            let lifted = match reason {
                Rejection::InitCodeTooLarge(_) => Switch::InitCode,
                _ => Switch::Admission,
            };
            if !rules.meets(lifted) || !is_lifted(&reason) {
                return Err(reason);
            }
            intrinsic(transaction, block.fork)
        }
    };
    let later;
    let block = if block.fork < Fork::Osaka && rules.meets(Switch::Fork) {
        later = Block {
            fork: Fork::Osaka,
            ..block.clone()
        };
        &later
    } else {
        block
    };
    let price = transaction.effective_price(block.base_fee);
    let sender = state.load(transaction.sender);
    // Covered, as the price is at most the maximum fee that the balance was checked for.
    let blob_fee = fee(blob_gas(transaction), block.blob_base_fee);
    let _ = state.debit(
        sender,
        fee(transaction.gas_limit, price).saturating_add(blob_fee),
    );
    warm_up(transaction, block, state);

    let mut world = World {
        state,
        block,
        origin: transaction.sender,
        gas_price: price,
        blob_hashes: transaction.blob_hashes.clone(),
        tracer,
        rules,
        depth: 0,
        spare: spare::take(),
    };
    let ran = run(
        transaction,
        &mut world,
        transaction.gas_limit.saturating_sub(cost.gas),
    );
    spare::keep(world.spare);
    let (gas_used, refunded) = settle(transaction, cost, block.fork, &ran);

    if !rules.meets(Switch::Fees) {
        state.credit(sender, fee(transaction.gas_limit - gas_used, price));
        let tip = price.saturating_sub(block.base_fee);
        let coinbase = state.load(block.coinbase);
        state.credit(coinbase, fee(gas_used, tip));
    }
    if rules.has(Switch::SelfDestruct) {
        state.bury();
    }
    let clear_empty = block.fork >= Fork::SpuriousDragon && !rules.has(Switch::EmptyAccounts);
    let logs = state.finish_transaction(clear_empty);
    Ok(Receipt {
        success: ran.success,
        gas_used,
        refunded,
        output: ran.output,
        created: ran.created,
        logs,
    })
}

/// Whether Filecoin includes a transaction that Ethereum refuses for this. What is missing for value
/// is missing there, too, but only once the transaction is included; all else that state tests are
/// refused for cannot be said in a message.
const fn is_lifted(reason: &Rejection) -> bool {
    matches!(
        reason,
        Rejection::InitCodeTooLarge(_) | Rejection::InsufficientFunds { .. }
    )
}

/// What the first frame came to.
struct Ran {
    success: bool,
    gas_left: u64,
    refund: i64,
    output: Vec<u8>,
    created: Option<H160>,
}

/// Makes warm what is from the start (EIP-2929, 2930, 3651); precompiles always are.
fn warm_up(transaction: &Transaction, block: &Block, state: &mut State) {
    let mut warm = |address| {
        let id = state.load(address);
        state.warm(id);
        id
    };
    warm(transaction.sender);
    if let Some(to) = transaction.to {
        warm(to);
    }
    if block.fork >= Fork::Shanghai {
        warm(block.coinbase);
    }
    for item in transaction.access_list.iter() {
        let id = state.load(item.address);
        state.warm(id);
        for key in &item.storage_keys {
            state.warm_slot(id, U256::from_big_endian(&key.0));
        }
    }
}

fn run<T: Tracer>(transaction: &Transaction, world: &mut World<'_, '_, T>, gas: u64) -> Ran {
    world.begin();
    let Some(to) = transaction.to else {
        let sender = world.state.load(transaction.sender);
        let empty = transaction.data.is_empty() && world.rules.meets(Switch::EmptyCreation);
        // Ethereum has refused such a value.
        if empty || transaction.value > world.state.balance(sender) {
            let nonce = world.state.nonce(sender);
            world.state.set_nonce(sender, nonce.saturating_add(1));
            return Ran {
                success: false,
                gas_left: gas,
                refund: 0,
                output: Vec::new(),
                created: None,
            };
        }
        if T::ENABLED {
            world.tracer.begin(0);
        }
        let reply = world.create(
            transaction.sender,
            &CreateRequest {
                gas,
                value: transaction.value,
                init_code: &transaction.data,
                salt: None,
            },
        );
        return Ran {
            success: reply.address.is_some(),
            gas_left: reply.gas_left,
            refund: reply.refund,
            output: reply.output,
            created: reply.address,
        };
    };
    let sender = world.state.load(transaction.sender);
    let nonce = world.state.nonce(sender);
    // The checks have refused the largest nonce.
    world.state.set_nonce(sender, nonce.saturating_add(1));
    let refund = delegate(transaction, world.block, world.state);
    let target = world.state.load(to);
    if let Some(delegate) = world.delegate(target) {
        let delegate = world.state.load(delegate);
        world.state.warm(delegate);
    }
    if T::ENABLED {
        world.tracer.begin(refund);
    }
    let reply = world.call(&Call {
        kind: CallKind::Call,
        gas,
        target: to,
        account: to,
        caller: transaction.sender,
        value: transaction.value,
        input: &transaction.data,
        is_static: false,
    });
    Ran {
        success: reply.success,
        gas_left: reply.gas_left,
        refund: refund + reply.refund,
        output: reply.output,
        created: None,
    }
}

/// Sets the delegations that the transaction carries (EIP-7702); gives the refund. Those that are
/// not valid are passed over.
fn delegate(transaction: &Transaction, block: &Block, state: &mut State) -> i64 {
    let mut refund = 0;
    for authorization in transaction.authorizations.iter() {
        let chain = authorization.chain_id;
        if !chain.is_zero() && chain != U256::from(block.chain_id) {
            continue;
        }
        let Some(next_nonce) = authorization.nonce.checked_add(1) else {
            continue;
        };
        let Some(authority) = authority(authorization) else {
            continue;
        };
        let id = state.load(authority);
        state.warm(id);
        let code = state.code(id);
        let free = code.is_empty() || code.delegate().is_some();
        if !free || state.nonce(id) != authorization.nonce {
            continue;
        }
        if state.exists(id) {
            refund += AUTHORIZATION_REFUND;
        }
        state.set_code(
            id,
            if authorization.address.is_zero() {
                Code::EMPTY
            } else {
                Code::delegation(authorization.address)
            },
        );
        state.set_nonce(id, next_nonce);
    }
    refund
}

/// Gas to pay for, and the refund taken off.
fn settle(transaction: &Transaction, cost: Intrinsic, fork: Fork, ran: &Ran) -> (u64, u64) {
    let used = transaction.gas_limit.saturating_sub(ran.gas_left);
    // EIP-3529.
    let quotient = if fork >= Fork::London { 5 } else { 2 };
    let refund = u64::try_from(ran.refund).unwrap_or(0).min(used / quotient);
    (
        (used - refund).max(cost.floor).min(transaction.gas_limit),
        refund,
    )
}
