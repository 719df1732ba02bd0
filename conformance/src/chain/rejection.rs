//! Why a block is invalid.

use crate::ethereum::Rejection;
use core::fmt;

/// What of a block is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The bytes are no block.
    Encoding,
    /// The hash is not the one that the consensus layer gave.
    BlockHash,
    /// The blobs are not those that the consensus layer gave.
    VersionedHashes,
    /// A field is there that the fork does not have, or is missing.
    Format,
    /// Larger than a block may be (EIP-7934).
    TooLarge,
    /// The parent is not known, or is invalid itself.
    UnknownParent,
    /// Height.
    Number,
    /// Not later than its parent.
    Timestamp,
    /// More than 32 bytes of extra data.
    ExtraData,
    /// Extra data does not name the DAO fork where it has to.
    DaoExtraData,
    /// Difficulty of proof of work.
    Difficulty,
    /// Difficulty, nonce or ommers where proof of stake has none.
    NotProofOfStake,
    /// Proof of stake before the total difficulty is reached, or proof of work after.
    WrongProof,
    /// Gas limit too far from the parent's, or too low.
    GasLimit,
    /// Gas limit beyond 63 bits.
    GasLimitTooBig,
    /// Gas used according to the header above the limit.
    GasUsedAboveLimit,
    /// Base fee (EIP-1559).
    BaseFee,
    /// Blob gas used is not what the transactions have.
    BlobGasUsed,
    /// More blob gas than a block may have.
    BlobGasAboveLimit,
    /// Excess blob gas.
    ExcessBlobGas,
    /// Hash of the ommers.
    OmmersHash,
    /// More than two ommers.
    TooManyOmmers,
    /// An ommer that is a block of the chain.
    OmmerIsAncestor,
    /// An ommer that is there already.
    OmmerTwice,
    /// An ommer whose parent is none of the last seven blocks, or the block's own.
    OmmerParent,
    /// Root of the transactions.
    TransactionsRoot,
    /// Root of the withdrawals (EIP-4895).
    WithdrawalsRoot,
    /// A system contract has no code (EIP-7002, 7251).
    SystemContractEmpty,
    /// A system call failed (EIP-7002, 7251).
    SystemCallFailed,
    /// A deposit event does not have the layout of one (EIP-6110).
    DepositLayout,
    /// Hash of the requests (EIP-7685).
    RequestsHash,
    /// Gas used.
    GasUsed,
    /// Bloom filter of the logs.
    LogsBloom,
    /// Root of the receipts.
    ReceiptsRoot,
    /// State root.
    StateRoot,
}

/// Names of the reasons: first those of execution-spec-tests (`BlockException`), the reason's own
/// in front, behind them those of retesteth.
const NAMES: &[(Reason, &[&str])] = &[
    (
        Reason::Encoding,
        &[
            "RLP_STRUCTURES_ENCODING",
            "RLP_INVALID_FIELD_OVERFLOW_64",
            "RLP_INVALID_ADDRESS",
            "RLP_WITHDRAWALS_NOT_READ",
            "INCORRECT_BLOCK_FORMAT",
            "BLOCK_RLP_ERROR",
            "INVALID_RLP",
        ],
    ),
    (
        Reason::Format,
        &[
            "INCORRECT_BLOCK_FORMAT",
            "RLP_STRUCTURES_ENCODING",
            "RLP_WITHDRAWALS_NOT_READ",
            "IMPORT_IMPOSSIBLE_LEGACY",
            "IMPORT_IMPOSSIBLE_LEGACY_WRONG_PARENT",
            "IMPORT_IMPOSSIBLE_LONDON_WRONG_PARENT",
            "IMPORT_IMPOSSIBLE_LONDON_OVER_PARIS",
            "IMPORT_IMPOSSIBLE_PARIS_OVER_SHANGHAI",
            "IMPORT_IMPOSSIBLE_SHANGHAI",
            "1559BlockImportImpossible_HeaderIsLegacy",
            "LegacyBlockImportImpossible",
            "LegacyBlockImportImpossible2",
        ],
    ),
    (Reason::BlockHash, &["INVALID_BLOCK_HASH"]),
    (Reason::VersionedHashes, &["INVALID_VERSIONED_HASHES"]),
    (Reason::TooLarge, &["RLP_BLOCK_LIMIT_EXCEEDED"]),
    (
        Reason::UnknownParent,
        &[
            "UNKNOWN_PARENT",
            "UNKNOWN_PARENT_ZERO",
            "UnknownParent",
            "UnknownParent2",
        ],
    ),
    (Reason::Number, &["INVALID_BLOCK_NUMBER", "InvalidNumber"]),
    (
        Reason::Timestamp,
        &[
            "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT",
            "InvalidTimestampOlderParent",
        ],
    ),
    (
        Reason::ExtraData,
        &["EXTRA_DATA_TOO_BIG", "ExtraDataTooBig"],
    ),
    (
        Reason::DaoExtraData,
        &["EXTRA_DATA_INVALID_DAO", "DAO_ExtraData"],
    ),
    (
        Reason::Difficulty,
        &[
            "INVALID_DIFFICULTY",
            "InvalidDifficulty",
            "InvalidDifficulty2",
        ],
    ),
    (
        Reason::NotProofOfStake,
        &[
            "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS",
            "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS",
            "INVALID_DIFFICULTY",
            "INVALID_UNCLES_HASH",
            "INCORRECT_BLOCK_FORMAT",
            "IMPORT_IMPOSSIBLE_LONDON_OVER_PARIS",
            "IMPORT_IMPOSSIBLE_PARIS_WRONG_POW",
            "PostParisUncleHashIsNotEmpty",
            "PostParisDifficultyIsNot0",
            "3675PoWBlockRejected",
            "3675PreParis1559BlockRejected",
        ],
    ),
    (
        Reason::WrongProof,
        &[
            "IMPORT_IMPOSSIBLE_PARIS_WRONG_POS",
            "IMPORT_IMPOSSIBLE_PARIS_WRONG_POW",
            "IMPORT_IMPOSSIBLE_LONDON_OVER_PARIS",
            "INVALID_DIFFICULTY",
            "3675PoSBlockRejected",
            "3675PoWBlockRejected",
            "3675PreParis1559BlockRejected",
        ],
    ),
    (
        Reason::GasLimit,
        &[
            "INVALID_GASLIMIT",
            "InvalidGasLimit",
            "InvalidGasLimit2",
            "InvalidGasLimit5",
        ],
    ),
    (
        Reason::GasLimitTooBig,
        &["GASLIMIT_TOO_BIG", "INVALID_GASLIMIT", "InvalidGasLimit"],
    ),
    (
        Reason::GasUsedAboveLimit,
        &[
            "INVALID_GAS_USED_ABOVE_LIMIT",
            "GAS_USED_OVERFLOW",
            "INVALID_GAS_USED",
            "TooMuchGasUsed",
        ],
    ),
    (
        Reason::BaseFee,
        &[
            "INVALID_BASEFEE_PER_GAS",
            "1559BlockImportImpossible_BaseFeeWrong",
        ],
    ),
    (Reason::BlobGasUsed, &["INCORRECT_BLOB_GAS_USED"]),
    (
        Reason::BlobGasAboveLimit,
        &["BLOB_GAS_USED_ABOVE_LIMIT", "INCORRECT_BLOB_GAS_USED"],
    ),
    (Reason::ExcessBlobGas, &["INCORRECT_EXCESS_BLOB_GAS"]),
    (
        Reason::OmmersHash,
        &["INVALID_UNCLES_HASH", "InvalidUnclesHash"],
    ),
    (Reason::TooManyOmmers, &["TOO_MANY_UNCLES", "TooManyUncles"]),
    (
        Reason::OmmerIsAncestor,
        &[
            "UNCLE_IS_ANCESTOR",
            "UNCLE_IN_CHAIN",
            "UncleIsAncestor",
            "UncleInChain",
        ],
    ),
    (
        Reason::OmmerTwice,
        &[
            "UNCLE_IS_BROTHER",
            "UNCLE_IN_CHAIN",
            "UncleIsBrother",
            "UncleInChain",
        ],
    ),
    (
        Reason::OmmerParent,
        &[
            "UNCLE_PARENT_INCORRECT",
            "UNCLE_UNKNOWN_PARENT",
            "UNCLE_IS_BROTHER",
            "UncleParentIsNotAncestor",
            "UnknownUncleAncestor",
        ],
    ),
    (
        Reason::TransactionsRoot,
        &["INVALID_TRANSACTIONS_ROOT", "InvalidTransactionsRoot"],
    ),
    (
        Reason::WithdrawalsRoot,
        &["INVALID_WITHDRAWALS_ROOT", "InvalidWithdrawalsRoot"],
    ),
    (Reason::SystemContractEmpty, &["SYSTEM_CONTRACT_EMPTY"]),
    (Reason::SystemCallFailed, &["SYSTEM_CONTRACT_CALL_FAILED"]),
    (Reason::DepositLayout, &["INVALID_DEPOSIT_EVENT_LAYOUT"]),
    (Reason::RequestsHash, &["INVALID_REQUESTS"]),
    (
        Reason::GasUsed,
        &["INVALID_GAS_USED", "GAS_USED_OVERFLOW", "InvalidGasUsed"],
    ),
    (Reason::LogsBloom, &["INVALID_LOG_BLOOM", "InvalidLogBloom"]),
    (
        Reason::ReceiptsRoot,
        &["INVALID_RECEIPTS_ROOT", "InvalidReceiptsStateRoot"],
    ),
    (
        Reason::StateRoot,
        &["INVALID_STATE_ROOT", "InvalidStateRoot"],
    ),
];

/// Names of reasons of transactions that stand for more, where a block is refused.
const OF_TRANSACTIONS: &[(&str, &[&str])] = &[
    ("GAS_USED_OVERFLOW", &["GAS_ALLOWANCE_EXCEEDED"]),
    ("TooMuchGasUsed", &["GAS_ALLOWANCE_EXCEEDED"]),
    (
        "BLOB_GAS_USED_ABOVE_LIMIT",
        &["TYPE_3_TX_BLOB_COUNT_EXCEEDED"],
    ),
    (
        "INCORRECT_BLOB_GAS_USED",
        &["TYPE_3_TX_BLOB_COUNT_EXCEEDED"],
    ),
    ("RLP_STRUCTURES_ENCODING", &["RLP_INVALID_VALUE"]),
    ("RLP_INVALID_FIELD_OVERFLOW_64", &["RLP_INVALID_VALUE"]),
    ("TYPE_3_TX_WITH_FULL_BLOBS", &["RLP_INVALID_VALUE"]),
    ("EC_RECOVERY_FAIL", &["INVALID_SIGNATURE_VRS"]),
];

/// A block that is refused, with why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockRejection {
    /// Something of the block itself; with the values, where there are some.
    Block(Reason, String),
    /// A transaction that cannot be part of it.
    Transaction {
        /// Position in the block.
        index: usize,
        /// Why.
        rejection: Rejection,
    },
}

impl BlockRejection {
    /// A reason with its values.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self::Block(reason, detail.into())
    }

    /// A header field that is not what it has to be.
    pub fn mismatch(
        reason: Reason,
        name: &str,
        have: impl fmt::Display,
        want: impl fmt::Display,
    ) -> Self {
        Self::Block(reason, format!("{name}: have {have}, want {want}"))
    }

    /// The reason's name, in the form of execution-spec-tests.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Block(reason, _) => {
                format!(
                    "BlockException.{}",
                    names(*reason).first().copied().unwrap_or_default()
                )
            }
            Self::Transaction { rejection, .. } => {
                format!("TransactionException.{}", rejection.name())
            }
        }
    }

    /// Whether `expected`, as a fixture writes it, names this reason: alternatives divided by `|`.
    /// Names of which nothing is known stand for any reason.
    #[must_use]
    pub fn answers(&self, expected: &str) -> bool {
        let mut alternatives = expected.split('|').map(str::trim).peekable();
        alternatives.peek().is_none() || alternatives.any(|name| self.is_named(name))
    }

    fn is_named(&self, name: &str) -> bool {
        let bare = name
            .strip_prefix("BlockException.")
            .or_else(|| name.strip_prefix("TransactionException."))
            .unwrap_or(name);
        let named = match self {
            Self::Block(reason, _) => {
                names(*reason).contains(&bare)
                    // Of a transaction that cannot be read the block cannot be, either.
                    || *reason == Reason::Encoding && bare.starts_with("RLP_")
            }
            Self::Transaction { rejection, .. } => {
                rejection.answers(bare)
                    || bare.starts_with("RLP_") && rejection.name().starts_with("RLP_")
                    || OF_TRANSACTIONS
                        .iter()
                        .any(|(known, own)| *known == bare && own.contains(&rejection.name()))
            }
        };
        named || !is_known(bare)
    }
}

fn names(reason: Reason) -> &'static [&'static str] {
    NAMES
        .iter()
        .find(|(known, _)| *known == reason)
        .map_or(&[], |(_, names)| names)
}

/// Whether a name stands for certain reasons.
fn is_known(name: &str) -> bool {
    NAMES.iter().any(|(_, names)| names.contains(&name))
        || OF_TRANSACTIONS.iter().any(|(known, _)| *known == name)
        || name.starts_with("RLP_")
        || Rejection::is_known_name(name)
}

impl fmt::Display for BlockRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block(reason, detail) if detail.is_empty() => write!(f, "{reason:?}"),
            Self::Block(_, detail) => f.write_str(detail),
            Self::Transaction { index, rejection } => {
                write!(f, "transaction {index}: {rejection}")
            }
        }
    }
}

impl core::error::Error for BlockRejection {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_name_of_its_own() {
        let mut own: Vec<_> = NAMES.iter().map(|(_, names)| names[0]).collect();
        own.sort_unstable();
        let count = own.len();
        own.dedup();
        assert_eq!(own.len(), count);
    }

    #[test]
    fn answers() {
        let root = BlockRejection::new(Reason::StateRoot, "");
        assert!(root.answers("BlockException.INVALID_STATE_ROOT"));
        assert!(root.answers("BlockException.INVALID_GASLIMIT|BlockException.INVALID_STATE_ROOT"));
        assert!(!root.answers("BlockException.INVALID_GASLIMIT"));
        assert!(!root.answers("TransactionException.NONCE_MISMATCH_TOO_LOW"));
        assert!(root.answers("SomethingThatNobodyKnows"));
        let rejection = Rejection::NonceTooLow {
            transaction: 1,
            account: 2,
        };
        let nonce = BlockRejection::Transaction {
            index: 0,
            rejection,
        };
        assert!(nonce.answers("TransactionException.NONCE_MISMATCH_TOO_LOW"));
        assert!(nonce.answers("TR_NonceTooLow"));
        assert!(!nonce.answers("BlockException.INVALID_STATE_ROOT"));
        assert!(!nonce.answers("TransactionException.INTRINSIC_GAS_TOO_LOW"));
    }
}
