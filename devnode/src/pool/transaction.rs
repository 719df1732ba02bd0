//! A transaction as the node keeps it: its sender known, and the message that it is on chain.

use alloy_consensus::{SignableTransaction, Transaction as _, TxEnvelope, TypedTransaction};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use fevm_machine::message::{DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::amount;
use fevm_machine::transaction::{EthTransaction, TransactionError};
use fvm_shared::econ::TokenAmount;
use fvm_shared::message::Message;

use crate::config::GasUnit;

/// A transaction with its hash, its sender and its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Keccak-256 of the signed encoding.
    pub hash: B256,
    /// Who sent it.
    pub sender: Address,
    /// The transaction and its signature.
    pub envelope: TxEnvelope,
    /// The Filecoin message.
    pub message: Message,
    /// Bytes of the signed message on chain.
    pub on_chain_length: usize,
    /// Whether the node made up the signature for an impersonated sender.
    pub impersonated: bool,
}

impl From<EthTransaction> for Transaction {
    fn from(transaction: EthTransaction) -> Self {
        let EthTransaction {
            envelope,
            hash,
            sender,
            message,
            on_chain_length,
        } = transaction;
        Self {
            hash,
            sender,
            envelope,
            message,
            on_chain_length,
            impersonated: false,
        }
    }
}

impl Transaction {
    /// Decodes a signed transaction and recovers its sender.
    ///
    /// # Errors
    /// The bytes are not canonical, of a type that Filecoin has not, signed for another chain, or
    /// have no valid signature.
    pub fn decode(bytes: &[u8], chain_id: u64) -> Result<Self, TransactionError> {
        EthTransaction::decode(bytes, chain_id).map(Self::from)
    }

    /// A transaction of an impersonated sender. Its signature is made up; it holds the sender, so
    /// that equal transactions of different senders have different hashes.
    pub fn impersonated(sender: Address, transaction: TypedTransaction) -> Self {
        let signature =
            Signature::new(U256::from(1), U256::from_be_slice(sender.as_slice()), false);
        let envelope: TxEnvelope = transaction.into_signed(signature).into();
        let fee_cap = envelope.max_fee_per_gas();
        let call = EthCall {
            from: sender,
            to: to(&envelope),
            input: envelope.input().to_vec(),
            value: envelope.value(),
            nonce: envelope.nonce(),
            gas_limit: envelope.gas_limit(),
            max_fee_per_gas: U256::from(fee_cap),
            max_priority_fee_per_gas: U256::from(
                envelope.max_priority_fee_per_gas().unwrap_or(fee_cap),
            ),
        };
        let message = call.to_message();
        Self {
            hash: *envelope.tx_hash(),
            sender,
            on_chain_length: on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH),
            message,
            envelope,
            impersonated: true,
        }
    }

    /// The same with the gas and the prices of its envelope taken in a unit: the message has them
    /// in the FVM's.
    #[must_use]
    pub fn in_units(mut self, unit: GasUnit) -> Self {
        if unit.is_fvm() {
            return self;
        }
        let signature = self.on_chain_length - on_chain_length(&self.message, 0);
        let price = |price: u128| TokenAmount::from_atto(unit.take_price(price));
        let fee_cap = self.envelope.max_fee_per_gas();
        self.message.gas_limit = unit.take(self.envelope.gas_limit()).min(i64::MAX as u64);
        self.message.gas_fee_cap = price(fee_cap);
        self.message.gas_premium =
            price(self.envelope.max_priority_fee_per_gas().unwrap_or(fee_cap));
        self.on_chain_length = on_chain_length(&self.message, 0) + signature;
        self
    }

    /// The signed encoding.
    pub fn raw(&self) -> Bytes {
        self.envelope.encoded_2718().into()
    }

    /// The sender's transaction count that it must meet.
    pub fn nonce(&self) -> u64 {
        self.envelope.nonce()
    }

    /// Most FVM gas that it may use.
    pub const fn gas_limit(&self) -> u64 {
        self.message.gas_limit
    }

    /// The called address, or none for a creation.
    pub fn to(&self) -> Option<Address> {
        to(&self.envelope)
    }

    /// Most that it pays for FVM gas, in attoFIL.
    pub fn fee_cap(&self) -> u128 {
        amount::to_u128(&self.message.gas_fee_cap).unwrap_or(u128::MAX)
    }

    /// The premium over the base fee that it offers at most, in attoFIL per FVM gas.
    pub fn premium(&self) -> u128 {
        amount::to_u128(&self.message.gas_premium).unwrap_or(u128::MAX)
    }

    /// The premium that is left of the fee cap at that base fee.
    pub fn effective_premium(&self, base_fee: u128) -> u128 {
        self.premium().min(self.fee_cap().saturating_sub(base_fee))
    }

    /// All that it can cost: fee cap times gas limit, plus value.
    pub fn cost(&self) -> U256 {
        self.gas_cost().saturating_add(self.envelope.value())
    }

    /// All that its gas can cost: fee cap times gas limit.
    pub fn gas_cost(&self) -> U256 {
        U256::from(self.fee_cap()).saturating_mul(U256::from(self.gas_limit()))
    }
}

fn to(envelope: &TxEnvelope) -> Option<Address> {
    match envelope.kind() {
        TxKind::Call(to) => Some(to),
        TxKind::Create => None,
    }
}
