//! Why a transaction cannot be part of a block.

use super::transaction::TransactionKind;
use core::fmt;
use evm_interpreter::{H160, U256};

/// Why a transaction cannot be part of a block: it leaves no trace in the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The fork does not know this kind of transaction.
    TypeNotSupported(TransactionKind),
    /// A field holds what no transaction can; names the field.
    MalformedField(String),
    /// The wire form cannot be decoded.
    MalformedEncoding(String),
    /// No account has signed this.
    InvalidSignature,
    /// Made for another chain (EIP-155).
    WrongChain {
        /// Chain id of the transaction.
        transaction: u64,
        /// Chain id of the block.
        chain: u64,
    },
    /// Account has a smaller nonce.
    NonceTooHigh {
        /// Nonce of the transaction.
        transaction: u64,
        /// Nonce of the account.
        account: u64,
    },
    /// Account has a larger nonce.
    NonceTooLow {
        /// Nonce of the transaction.
        transaction: u64,
        /// Nonce of the account.
        account: u64,
    },
    /// The nonce cannot grow (EIP-2681).
    NonceIsMax,
    /// Gas limit above that of all transactions (EIP-7825).
    GasLimitAboveMaximum(u64),
    /// Gas limit above what is left in the block.
    GasAllowanceExceeded {
        /// Gas limit of the transaction.
        limit: u64,
        /// Gas left in the block.
        left: u64,
    },
    /// Sender has code (EIP-3607).
    SenderNotEoa(H160),
    /// Priority fee above the whole fee (EIP-1559).
    PriorityAboveMaxFee,
    /// Fee below the block's base fee (EIP-1559).
    MaxFeeBelowBaseFee {
        /// The transaction's fee, wei a gas.
        max_fee: U256,
        /// The block's base fee, wei a gas.
        base_fee: U256,
    },
    /// Blob transaction without receiver.
    BlobCreation,
    /// Blob transaction without blobs.
    ZeroBlobs,
    /// More blobs than a transaction may have (EIP-7594), or than the block takes (EIP-4844).
    TooManyBlobs {
        /// Blobs of the transaction.
        blobs: usize,
        /// Most that there may be.
        limit: u64,
    },
    /// Versioned hash of an unknown version.
    BlobHashVersion {
        /// Which of the hashes.
        index: usize,
    },
    /// Blob fee below the block's.
    MaxBlobFeeBelowBaseFee {
        /// The transaction's fee, wei a unit.
        max_fee: U256,
        /// The block's base fee, wei a unit.
        base_fee: U256,
    },
    /// Set-code transaction without receiver (EIP-7702).
    SetCodeCreation,
    /// Set-code transaction without authorizations (EIP-7702).
    EmptyAuthorizationList,
    /// Init code above the limit (EIP-3860), bytes.
    InitCodeTooLarge(usize),
    /// Balance does not cover fees and value.
    InsufficientFunds {
        /// Balance, wei.
        balance: U256,
        /// Needed, wei; `None` if it is beyond a word.
        needed: Option<U256>,
    },
    /// Gas limit below what the transaction costs before it runs.
    IntrinsicGas {
        /// Gas limit.
        limit: u64,
        /// Intrinsic gas.
        needed: u64,
    },
    /// Gas limit below the floor for call data (EIP-7623).
    FloorGas {
        /// Gas limit.
        limit: u64,
        /// The floor.
        needed: u64,
    },
}

impl Rejection {
    /// The reason's name among the `TransactionException`s of execution-spec-tests.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TypeNotSupported(kind) => match kind {
                TransactionKind::Legacy => "TYPE_NOT_SUPPORTED",
                TransactionKind::AccessList => "TYPE_1_TX_PRE_FORK",
                TransactionKind::DynamicFee => "TYPE_2_TX_PRE_FORK",
                TransactionKind::Blob => "TYPE_3_TX_PRE_FORK",
                TransactionKind::SetCode => "TYPE_4_TX_PRE_FORK",
            },
            Self::MalformedField(_) | Self::MalformedEncoding(_) => "RLP_INVALID_VALUE",
            Self::InvalidSignature => "INVALID_SIGNATURE_VRS",
            Self::WrongChain { .. } => "INVALID_CHAINID",
            Self::NonceTooHigh { .. } => "NONCE_MISMATCH_TOO_HIGH",
            Self::NonceTooLow { .. } => "NONCE_MISMATCH_TOO_LOW",
            Self::NonceIsMax => "NONCE_IS_MAX",
            Self::GasLimitAboveMaximum(_) => "GAS_LIMIT_EXCEEDS_MAXIMUM",
            Self::GasAllowanceExceeded { .. } => "GAS_ALLOWANCE_EXCEEDED",
            Self::SenderNotEoa(_) => "SENDER_NOT_EOA",
            Self::PriorityAboveMaxFee => "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS",
            Self::MaxFeeBelowBaseFee { .. } => "INSUFFICIENT_MAX_FEE_PER_GAS",
            Self::BlobCreation => "TYPE_3_TX_CONTRACT_CREATION",
            Self::ZeroBlobs => "TYPE_3_TX_ZERO_BLOBS",
            Self::TooManyBlobs { .. } => "TYPE_3_TX_BLOB_COUNT_EXCEEDED",
            Self::BlobHashVersion { .. } => "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH",
            Self::MaxBlobFeeBelowBaseFee { .. } => "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS",
            Self::SetCodeCreation => "TYPE_4_TX_CONTRACT_CREATION",
            Self::EmptyAuthorizationList => "TYPE_4_EMPTY_AUTHORIZATION_LIST",
            Self::InitCodeTooLarge(_) => "INITCODE_SIZE_EXCEEDED",
            Self::InsufficientFunds { .. } => "INSUFFICIENT_ACCOUNT_FUNDS",
            Self::IntrinsicGas { .. } => "INTRINSIC_GAS_TOO_LOW",
            Self::FloorGas { .. } => "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST",
        }
    }

    /// Whether `expected`, as a fixture writes it, names this reason: alternatives divided by `|`,
    /// in the names of execution-spec-tests or the older ones of retesteth.
    #[must_use]
    pub fn answers(&self, expected: &str) -> bool {
        expected.split('|').any(|name| self.is_named(name.trim()))
    }

    /// Whether a name, without its prefix, stands for certain reasons.
    #[must_use]
    pub fn is_known_name(name: &str) -> bool {
        OWN_NAMES.contains(&name)
            || SYNONYMS
                .iter()
                .any(|(known, names)| *known == name || names.contains(&name))
    }

    fn is_named(&self, name: &str) -> bool {
        let name = name.strip_prefix("TransactionException.").unwrap_or(name);
        let own = self.name();
        own == name
            || SYNONYMS
                .iter()
                .any(|(synonym, names)| *synonym == name && names.contains(&own))
    }
}

/// The names that no synonym stands for.
const OWN_NAMES: &[&str] = &[
    "INVALID_SIGNATURE_VRS",
    "INVALID_CHAINID",
    "GAS_LIMIT_EXCEEDS_MAXIMUM",
    "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS",
    "TYPE_4_TX_CONTRACT_CREATION",
    "TYPE_4_EMPTY_AUTHORIZATION_LIST",
    "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST",
];

/// Names that stand for one or several of ours.
const SYNONYMS: &[(&str, &[&str])] = &[
    // Other names of execution-spec-tests.
    (
        "TYPE_NOT_SUPPORTED",
        &[
            "TYPE_1_TX_PRE_FORK",
            "TYPE_2_TX_PRE_FORK",
            "TYPE_3_TX_PRE_FORK",
            "TYPE_4_TX_PRE_FORK",
        ],
    ),
    (
        "TYPE_3_TX_ZERO_BLOBS_PRE_FORK",
        &["TYPE_3_TX_PRE_FORK", "TYPE_3_TX_ZERO_BLOBS"],
    ),
    (
        "TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED",
        &["TYPE_3_TX_BLOB_COUNT_EXCEEDED"],
    ),
    (
        "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2",
        &["PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS"],
    ),
    (
        "GASLIMIT_PRICE_PRODUCT_OVERFLOW",
        &["INSUFFICIENT_ACCOUNT_FUNDS"],
    ),
    ("NONCE_OVERFLOW", &["NONCE_IS_MAX", "RLP_INVALID_VALUE"]),
    ("NONCE_TOO_BIG", &["NONCE_IS_MAX", "RLP_INVALID_VALUE"]),
    ("GASLIMIT_OVERFLOW", &["RLP_INVALID_VALUE"]),
    ("GASPRICE_OVERFLOW", &["RLP_INVALID_VALUE"]),
    ("PRIORITY_OVERFLOW", &["RLP_INVALID_VALUE"]),
    ("VALUE_OVERFLOW", &["RLP_INVALID_VALUE"]),
    ("ADDRESS_TOO_SHORT", &["RLP_INVALID_VALUE"]),
    ("ADDRESS_TOO_LONG", &["RLP_INVALID_VALUE"]),
    (
        "TYPE_4_INVALID_AUTHORIZATION_FORMAT",
        &["RLP_INVALID_VALUE"],
    ),
    ("TYPE_4_INVALID_AUTHORITY_SIGNATURE", &["RLP_INVALID_VALUE"]),
    (
        "TYPE_4_INVALID_AUTHORITY_SIGNATURE_S_TOO_HIGH",
        &["RLP_INVALID_VALUE"],
    ),
    // retesteth.
    (
        "TR_TypeNotSupported",
        &[
            "TYPE_1_TX_PRE_FORK",
            "TYPE_2_TX_PRE_FORK",
            "TYPE_3_TX_PRE_FORK",
            "TYPE_4_TX_PRE_FORK",
        ],
    ),
    ("TR_NoFunds", &["INSUFFICIENT_ACCOUNT_FUNDS"]),
    ("TR_NoFundsX", &["INSUFFICIENT_ACCOUNT_FUNDS"]),
    (
        "TR_NoFundsOrGas",
        &["INSUFFICIENT_ACCOUNT_FUNDS", "INTRINSIC_GAS_TOO_LOW"],
    ),
    ("TR_IntrinsicGas", &["INTRINSIC_GAS_TOO_LOW"]),
    ("IntrinsicGas", &["INTRINSIC_GAS_TOO_LOW"]),
    ("SenderNotEOA", &["SENDER_NOT_EOA"]),
    ("SenderNotEOAorNoCODE", &["SENDER_NOT_EOA"]),
    ("TR_RLP_WRONGVALUE", &["RLP_INVALID_VALUE"]),
    ("TR_FeeCapLessThanBlocks", &["INSUFFICIENT_MAX_FEE_PER_GAS"]),
    ("TR_TipGtFeeCap", &["PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS"]),
    ("TR_NonceHasMaxValue", &["NONCE_IS_MAX"]),
    ("TR_NonceTooHigh", &["NONCE_MISMATCH_TOO_HIGH"]),
    ("TR_NonceTooLow", &["NONCE_MISMATCH_TOO_LOW"]),
    ("TR_GasLimitReached", &["GAS_ALLOWANCE_EXCEEDED"]),
    ("TR_InitCodeLimitExceeded", &["INITCODE_SIZE_EXCEEDED"]),
    ("TR_EMPTYBLOB", &["TYPE_3_TX_ZERO_BLOBS"]),
    (
        "TR_BLOBVERSION_INVALID",
        &["TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH"],
    ),
    ("TR_BLOBCREATE", &["TYPE_3_TX_CONTRACT_CREATION"]),
    ("TR_BLOBLIST_OVERSIZE", &["TYPE_3_TX_BLOB_COUNT_EXCEEDED"]),
];

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TypeNotSupported(kind) => {
                write!(
                    f,
                    "transaction type {} not supported by the fork",
                    *kind as u8
                )
            }
            Self::MalformedField(what) => write!(f, "malformed field: {what}"),
            Self::MalformedEncoding(what) => write!(f, "malformed encoding: {what}"),
            Self::InvalidSignature => f.write_str("invalid signature"),
            Self::WrongChain { transaction, chain } => {
                write!(f, "invalid chain id: {transaction}, on chain {chain}")
            }
            Self::NonceTooHigh {
                transaction,
                account,
            } => {
                write!(
                    f,
                    "nonce too high: transaction {transaction}, account {account}"
                )
            }
            Self::NonceTooLow {
                transaction,
                account,
            } => {
                write!(
                    f,
                    "nonce too low: transaction {transaction}, account {account}"
                )
            }
            Self::NonceIsMax => f.write_str("nonce has its largest value"),
            Self::GasLimitAboveMaximum(limit) => {
                write!(f, "gas limit {limit} above the maximum of a transaction")
            }
            Self::GasAllowanceExceeded { limit, left } => {
                write!(f, "gas limit {limit} above the {left} left in the block")
            }
            Self::SenderNotEoa(sender) => write!(f, "sender {sender:?} is a contract"),
            Self::PriorityAboveMaxFee => f.write_str("priority fee above the maximum fee"),
            Self::MaxFeeBelowBaseFee { max_fee, base_fee } => {
                write!(f, "maximum fee {max_fee} below the base fee {base_fee}")
            }
            Self::BlobCreation => f.write_str("blob transaction creates a contract"),
            Self::ZeroBlobs => f.write_str("blob transaction without blobs"),
            Self::TooManyBlobs { blobs, limit } => write!(f, "{blobs} blobs, at most {limit}"),
            Self::BlobHashVersion { index } => {
                write!(f, "versioned hash {index} has an unknown version")
            }
            Self::MaxBlobFeeBelowBaseFee { max_fee, base_fee } => {
                write!(
                    f,
                    "maximum blob fee {max_fee} below the blob base fee {base_fee}"
                )
            }
            Self::SetCodeCreation => f.write_str("set-code transaction creates a contract"),
            Self::EmptyAuthorizationList => f.write_str("empty authorization list"),
            Self::InitCodeTooLarge(size) => write!(f, "init code of {size} bytes is too large"),
            Self::InsufficientFunds {
                balance,
                needed: Some(needed),
            } => {
                write!(f, "insufficient funds: balance {balance}, needed {needed}")
            }
            Self::InsufficientFunds {
                balance,
                needed: None,
            } => {
                write!(
                    f,
                    "insufficient funds: balance {balance}, needed more than 256 bits hold"
                )
            }
            Self::IntrinsicGas { limit, needed } => {
                write!(f, "intrinsic gas too low: limit {limit}, needed {needed}")
            }
            Self::FloorGas { limit, needed } => {
                write!(
                    f,
                    "gas limit {limit} below the floor {needed} for call data"
                )
            }
        }
    }
}

impl core::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_and_synonyms() {
        let funds = Rejection::InsufficientFunds {
            balance: U256::zero(),
            needed: None,
        };
        assert!(funds.answers("TransactionException.INSUFFICIENT_ACCOUNT_FUNDS"));
        assert!(funds.answers("TR_NoFunds"));
        assert!(funds.answers(
            "TransactionException.INTRINSIC_GAS_TOO_LOW|TransactionException.INSUFFICIENT_ACCOUNT_FUNDS"
        ));
        assert!(!funds.answers("TR_IntrinsicGas"));
        assert!(!funds.answers(""));
    }

    #[test]
    fn synonyms_stand_for_names_that_exist() {
        let names = [
            Rejection::MalformedField(String::new()).name(),
            Rejection::NonceIsMax.name(),
            Rejection::ZeroBlobs.name(),
        ];
        for name in names {
            assert!(
                SYNONYMS
                    .iter()
                    .any(|(_, stands_for)| stands_for.contains(&name)),
                "{name}"
            );
        }
    }
}
