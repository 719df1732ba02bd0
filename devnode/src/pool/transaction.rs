//! A transaction as the node keeps it: its sender known, and the message that it is on chain.

use alloy_consensus::{
    SignableTransaction, Signed, Transaction as _, TxEip1559, TxEnvelope, TypedTransaction,
};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256};
use alloy_sol_types::{SolCall, sol};
use cid::Cid;
use fevm_machine::message::{
    DELEGATED_SIGNATURE_LENGTH, EthCall, INVOKE_EVM, on_chain_length, unwrap_bytes,
};
use fevm_machine::transaction::{EthTransaction, TransactionError, delegated_signature};
use fevm_machine::{MachineError, amount};
use fvm_ipld_encoding::{CBOR, DAG_CBOR, strict_bytes, to_vec};
use fvm_shared::METHOD_SEND;
use fvm_shared::crypto::signature::Signature as FilecoinSignature;
use fvm_shared::econ::TokenAmount;
use fvm_shared::message::Message;
use multihash_codetable::{Code, MultihashDigest};

use crate::config::GasUnit;

/// Type number of a delegated signature.
const DELEGATED_SIGNATURE: u8 = 3;

sol! {
    /// The entry of contracts for calls of any method (FRC-0042).
    function handle_filecoin_method(uint64 method, uint64 codec, bytes params);
}

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
    /// Type and bytes of the signature of a message that is no Ethereum transaction.
    pub filecoin_signature: Option<Vec<u8>>,
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
            filecoin_signature: None,
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
        Self::from_parts(transaction.into_signed(signature).into(), sender, true)
    }

    /// A transaction that was checked before, with its sender.
    pub(crate) fn from_parts(envelope: TxEnvelope, sender: Address, impersonated: bool) -> Self {
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
        let signature_length = if impersonated {
            DELEGATED_SIGNATURE_LENGTH
        } else {
            delegated_signature(&envelope).len()
        };
        Self {
            hash: *envelope.tx_hash(),
            sender,
            on_chain_length: on_chain_length(&message, signature_length),
            message,
            envelope,
            impersonated,
            filecoin_signature: None,
        }
    }

    /// The same with what its envelope does not tell: message, hash and signature of a native message, or a message
    /// whose gas was given in another unit.
    pub(crate) fn with_message(
        mut self,
        message: Message,
        hash: B256,
        filecoin_signature: Option<Vec<u8>>,
    ) -> Self {
        let signature = match &filecoin_signature {
            Some(signature) => signature.len().saturating_sub(1),
            None => self.on_chain_length - on_chain_length(&self.message, 0),
        };
        if let TxEnvelope::Eip1559(signed) = &self.envelope
            && hash != self.hash
        {
            let (shown, signature) = (signed.tx().clone(), *signed.signature());
            self.envelope = Signed::new_unchecked(shown, signature, hash).into();
        }
        self.on_chain_length = on_chain_length(&message, signature);
        Self {
            hash,
            message,
            filecoin_signature,
            ..self
        }
    }

    /// Whether the envelope tells everything, so that [`from_parts`](Self::from_parts) gives the same.
    pub(crate) fn is_plain(&self) -> bool {
        self.filecoin_signature.is_none()
            && self.gas_limit() == self.envelope.gas_limit()
            && self.fee_cap() == self.envelope.max_fee_per_gas()
    }

    /// A message that is no Ethereum transaction, with the transaction as which Ethereum's clients
    /// see it: a call of `handle_filecoin_method`, unless it invokes a contract, and with the
    /// digest of the signed message's CID as hash.
    ///
    /// # Errors
    /// An amount is negative or above 2^128 - 1.
    pub fn native(
        message: Message,
        signature: &FilecoinSignature,
        sender: Address,
        to: Address,
        chain_id: u64,
    ) -> Result<Self, MachineError> {
        for (name, amount) in [
            ("value", &message.value),
            ("fee cap", &message.gas_fee_cap),
            ("premium", &message.gas_premium),
        ] {
            amount::check_range(name, amount)?;
        }
        let price = |price: &TokenAmount| amount::to_u128(price).unwrap_or_default();
        let shown = TxEip1559 {
            chain_id,
            nonce: message.sequence,
            gas_limit: message.gas_limit,
            max_fee_per_gas: price(&message.gas_fee_cap),
            max_priority_fee_per_gas: price(&message.gas_premium),
            to: TxKind::Call(to),
            value: amount::to_u256(&message.value).unwrap_or_default(),
            access_list: Default::default(),
            input: native_input(&message),
        };
        let signature = [&[signature.sig_type as u8], signature.bytes()].concat();
        let cid = signed_cid(&message, signature.clone())?;
        let hash = B256::try_from(cid.hash().digest()).unwrap_or_default();
        // Ethereum has no such signature.
        let none = Signature::new(U256::ZERO, U256::ZERO, false);
        Ok(Self {
            hash,
            sender,
            envelope: Signed::new_unchecked(shown, none, hash).into(),
            on_chain_length: on_chain_length(&message, signature.len() - 1),
            message,
            impersonated: false,
            filecoin_signature: Some(signature),
        })
    }

    /// CID of the signed message, as a block's message list holds it.
    ///
    /// # Errors
    /// Never in practice: messages always encode.
    pub fn message_cid(&self) -> Result<Cid, MachineError> {
        let signature = match &self.filecoin_signature {
            Some(signature) => signature.clone(),
            None => {
                let bytes = if self.impersonated {
                    vec![0; DELEGATED_SIGNATURE_LENGTH]
                } else {
                    delegated_signature(&self.envelope)
                };
                // On chain a signature is a byte string that begins with its type.
                [&[DELEGATED_SIGNATURE][..], &bytes].concat()
            }
        };
        signed_cid(&self.message, signature)
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

fn signed_cid(message: &Message, signature: Vec<u8>) -> Result<Cid, MachineError> {
    let bytes = to_vec(&(message, strict_bytes::ByteBuf(signature)))
        .map_err(|error| MachineError::State(error.into()))?;
    Ok(Cid::new_v1(DAG_CBOR, Code::Blake2b256.digest(&bytes)))
}

/// The call data as which Ethereum's clients see a message.
fn native_input(message: &Message) -> Bytes {
    let params = message.params.bytes();
    if message.method_num == INVOKE_EVM {
        return Bytes::copy_from_slice(unwrap_bytes(params).unwrap_or(params));
    }
    if message.method_num == METHOD_SEND && params.is_empty() {
        return Bytes::new();
    }
    let codec = if params.is_empty() { 0 } else { CBOR };
    handle_filecoin_methodCall {
        method: message.method_num,
        codec,
        params: Bytes::copy_from_slice(params),
    }
    .abi_encode()
    .into()
}

fn to(envelope: &TxEnvelope) -> Option<Address> {
    match envelope.kind() {
        TxKind::Call(to) => Some(to),
        TxKind::Create => None,
    }
}
