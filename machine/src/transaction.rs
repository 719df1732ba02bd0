//! Signed Ethereum transactions as Filecoin messages.
//!
//! Filecoin takes EIP-1559 transactions with an empty access list, and legacy
//! ones with (EIP-155) and without (Homestead) a chain id. The delegated
//! signature on chain holds what is needed to rebuild the transaction, and its
//! length enters the inclusion gas.

use alloy_consensus::transaction::SignerRecoverable;
use alloy_consensus::{Signed, Transaction as _, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address as EthAddress, B256, Signature, TxKind, U256};
use fvm_shared::message::Message;

use crate::amount::MAX_AMOUNT;
use crate::message::{EthCall, on_chain_length};

/// Why a raw transaction is refused. Nothing has been executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransactionError {
    /// There are no bytes.
    #[error("transaction is empty")]
    Empty,
    /// The bytes are no transaction.
    #[error("transaction does not decode: {0}")]
    Decode(String),
    /// Bytes follow the transaction, or its encoding is not the canonical one.
    #[error("transaction is not encoded canonically: {0} bytes given, {1} needed")]
    NotCanonical(usize, usize),
    /// A type that Filecoin does not take.
    #[error("transaction type {ty} ({name}) is not supported on Filecoin: {hint}")]
    UnsupportedType {
        /// The EIP-2718 type.
        ty: u8,
        /// The EIP that defines it.
        name: &'static str,
        /// What to do instead.
        hint: &'static str,
    },
    /// An EIP-1559 transaction with an access list.
    #[error("access list must be empty on Filecoin, it has {0} entries")]
    AccessList(usize),
    /// Signed for another chain.
    #[error("invalid chain id for signer: have {have} want {want}")]
    WrongChain {
        /// The chain id in the transaction.
        have: u64,
        /// This chain's.
        want: u64,
    },
    /// The signature belongs to no key.
    #[error("invalid signature: {0}")]
    Signature(String),
    /// The priority fee exceeds the fee cap.
    #[error(
        "max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: {tip}, maxFeePerGas: {cap}"
    )]
    TipAboveCap {
        /// maxPriorityFeePerGas.
        tip: u128,
        /// maxFeePerGas.
        cap: u128,
    },
    /// The value does not fit Filecoin's 128 bits.
    #[error("value {0} exceeds 2^128 - 1 attoFIL")]
    ValueTooLarge(U256),
    /// The gas limit is 0 or above 2^63 - 1.
    #[error("gas limit {0} is outside 1 to 2^63 - 1")]
    GasLimit(u64),
}

/// A transaction with its sender, and the message that it is on chain.
#[derive(Debug, Clone)]
pub struct EthTransaction {
    /// The transaction as signed.
    pub envelope: TxEnvelope,
    /// keccak256 of the signed encoding.
    pub hash: B256,
    /// Who signed it.
    pub sender: EthAddress,
    /// The message for the machine.
    pub message: Message,
    /// The signed message's length on chain, in bytes.
    pub on_chain_length: usize,
}

impl EthTransaction {
    /// Decodes a raw transaction, recovers its sender and checks all that can
    /// be checked without a state. Homestead transactions carry no chain id
    /// and are valid on every chain.
    pub fn decode(raw: &[u8], chain_id: u64) -> Result<Self, TransactionError> {
        let envelope = decode_envelope(raw)?;
        Self::new(envelope, chain_id)
    }

    /// The same for a transaction that is decoded already.
    pub fn new(envelope: TxEnvelope, chain_id: u64) -> Result<Self, TransactionError> {
        check_fields(&envelope, chain_id)?;
        let sender = envelope
            .recover_signer()
            .map_err(|e| TransactionError::Signature(e.to_string()))?;
        let message = eth_call(&envelope, sender).to_message();
        let on_chain_length = on_chain_length(&message, delegated_signature(&envelope).len());
        Ok(Self {
            hash: *envelope.hash(),
            sender,
            message,
            on_chain_length,
            envelope,
        })
    }
}

fn decode_envelope(raw: &[u8]) -> Result<TxEnvelope, TransactionError> {
    let first = *raw.first().ok_or(TransactionError::Empty)?;
    refuse_type(first)?;
    let mut rest = raw;
    let envelope =
        TxEnvelope::decode_2718(&mut rest).map_err(|e| TransactionError::Decode(e.to_string()))?;
    let canonical = envelope.encoded_2718();
    if !rest.is_empty() || canonical != raw {
        return Err(TransactionError::NotCanonical(raw.len(), canonical.len()));
    }
    Ok(envelope)
}

const fn refuse_type(first: u8) -> Result<(), TransactionError> {
    let (name, hint) = match first {
        1 => (
            "EIP-2930",
            "send it as EIP-1559 (type 2) or legacy, without an access list",
        ),
        3 => ("EIP-4844", "Filecoin has no blobs"),
        4 => ("EIP-7702", "accounts cannot delegate to code"),
        2 | 0xc0.. => return Ok(()),
        _ => ("unknown", "use EIP-1559 (type 2) or legacy"),
    };
    Err(TransactionError::UnsupportedType {
        ty: first,
        name,
        hint,
    })
}

fn check_fields(envelope: &TxEnvelope, chain_id: u64) -> Result<(), TransactionError> {
    refuse_type(match envelope {
        TxEnvelope::Legacy(_) => 0xc0,
        other => u8::from(other.tx_type()),
    })?;
    if let Some(have) = envelope.chain_id()
        && have != chain_id
    {
        return Err(TransactionError::WrongChain {
            have,
            want: chain_id,
        });
    }
    if let Some(list) = envelope.access_list()
        && !list.is_empty()
    {
        return Err(TransactionError::AccessList(list.len()));
    }
    let cap = envelope.max_fee_per_gas();
    let tip = envelope.max_priority_fee_per_gas().unwrap_or(cap);
    if tip > cap {
        return Err(TransactionError::TipAboveCap { tip, cap });
    }
    if envelope.value() > U256::from(MAX_AMOUNT) {
        return Err(TransactionError::ValueTooLarge(envelope.value()));
    }
    let gas_limit = envelope.gas_limit();
    if gas_limit == 0 || gas_limit > i64::MAX as u64 {
        return Err(TransactionError::GasLimit(gas_limit));
    }
    Ok(())
}

fn eth_call(envelope: &TxEnvelope, sender: EthAddress) -> EthCall {
    let cap = envelope.max_fee_per_gas();
    EthCall {
        from: sender,
        to: match envelope.kind() {
            TxKind::Call(to) => Some(to),
            TxKind::Create => None,
        },
        input: envelope.input().to_vec(),
        value: envelope.value(),
        nonce: envelope.nonce(),
        gas_limit: envelope.gas_limit(),
        max_fee_per_gas: U256::from(cap),
        // A legacy gas price is both.
        max_priority_fee_per_gas: U256::from(envelope.max_priority_fee_per_gas().unwrap_or(cap)),
    }
}

/// The bytes of the delegated signature on chain: r, s, v for EIP-1559; the
/// same after 0x01 for Homestead; after 0x02 and with the chain id in v, as
/// many bytes as it takes, for EIP-155.
pub fn delegated_signature(envelope: &TxEnvelope) -> Vec<u8> {
    match envelope {
        TxEnvelope::Legacy(signed) => legacy_signature(signed),
        other => {
            let mut bytes = r_and_s(other.signature());
            bytes.push(u8::from(other.signature().v()));
            bytes
        }
    }
}

fn legacy_signature(signed: &Signed<TxLegacy>) -> Vec<u8> {
    let signature = signed.signature();
    let parity = u64::from(signature.v());
    let (kind, v) = match signed.tx().chain_id {
        None => (1, 27 + u128::from(parity)),
        Some(chain) => (2, 35 + 2 * u128::from(chain) + u128::from(parity)),
    };
    let mut bytes = vec![kind];
    bytes.extend(r_and_s(signature));
    bytes.extend(v.to_be_bytes().into_iter().skip_while(|b| *b == 0));
    bytes
}

fn r_and_s(signature: &Signature) -> Vec<u8> {
    let mut bytes = signature.r().to_be_bytes::<32>().to_vec();
    bytes.extend(signature.s().to_be_bytes::<32>());
    bytes
}
