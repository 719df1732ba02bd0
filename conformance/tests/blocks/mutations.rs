//! What can be wrong with a block: changes of a valid one, with the reason for which the outcome is
//! to be refused.

use crate::builder::{Chain, STORE};
use alloy_primitives::{B64, B256, Bloom};
use evm_interpreter::Fork;
use fevm_conformance::chain::block::{ommers_hash, transactions_root, withdrawals_root};
use fevm_conformance::chain::{Header, SealedBlock, Withdrawal};

/// A change of a block.
pub(crate) struct Mutation {
    pub(crate) name: &'static str,
    /// Forks that it makes sense in.
    since: Fork,
    until: Fork,
    /// Name of the reason.
    pub(crate) reason: &'static str,
    change: fn(&mut SealedBlock, &Chain),
}

const fn all(
    name: &'static str,
    reason: &'static str,
    change: fn(&mut SealedBlock, &Chain),
) -> Mutation {
    Mutation {
        name,
        since: Fork::Frontier,
        until: Fork::LATEST,
        reason,
        change,
    }
}

const fn since(
    since: Fork,
    name: &'static str,
    reason: &'static str,
    change: fn(&mut SealedBlock, &Chain),
) -> Mutation {
    Mutation {
        name,
        since,
        until: Fork::LATEST,
        reason,
        change,
    }
}

const fn until(
    until: Fork,
    name: &'static str,
    reason: &'static str,
    change: fn(&mut SealedBlock, &Chain),
) -> Mutation {
    Mutation {
        name,
        since: Fork::Frontier,
        until,
        reason,
        change,
    }
}

fn add_transaction(block: &mut SealedBlock, transaction: Vec<u8>) {
    block.transactions.push(transaction);
    block.header.transactions_root = transactions_root(&block.transactions);
}

fn add_ommer(block: &mut SealedBlock, ommer: Header) {
    block.ommers.push(ommer);
    block.header.ommers_hash = ommers_hash(&block.ommers);
}

/// A brother of the block `back` generations before the next.
fn ommer(chain: &Chain, back: usize, salt: u8) -> Header {
    let mut header = chain.back(back - 1).header.clone();
    header.extra_data = vec![salt].into();
    header
}

/// All changes.
pub(crate) const MUTATIONS: &[Mutation] = &[
    all("state root", "INVALID_STATE_ROOT", |block, _| {
        block.header.state_root.0[0] ^= 1
    }),
    all("receipts root", "INVALID_RECEIPTS_ROOT", |block, _| {
        block.header.receipts_root.0[0] ^= 1
    }),
    all(
        "transactions root",
        "INVALID_TRANSACTIONS_ROOT",
        |block, _| {
            block.header.transactions_root.0[0] ^= 1;
        },
    ),
    all(
        "a transaction less",
        "INVALID_TRANSACTIONS_ROOT",
        |block, _| {
            block.transactions.pop();
        },
    ),
    all("logs bloom", "INVALID_LOG_BLOOM", |block, _| {
        block.header.logs_bloom = Bloom::repeat_byte(0x55);
    }),
    all("gas used", "INVALID_GAS_USED", |block, _| {
        block.header.gas_used += 1
    }),
    all(
        "gas used above limit",
        "INVALID_GAS_USED_ABOVE_LIMIT",
        |block, _| {
            block.header.gas_used = block.header.gas_limit + 1;
        },
    ),
    all("gas limit up", "INVALID_GASLIMIT", |block, chain| {
        let parent = chain.last().header.gas_limit;
        block.header.gas_limit = parent + parent / 1024;
    }),
    all("gas limit down", "INVALID_GASLIMIT", |block, chain| {
        let parent = chain.last().header.gas_limit;
        block.header.gas_limit = parent - parent / 1024;
    }),
    all(
        "gas limit beyond 63 bits",
        "GASLIMIT_TOO_BIG",
        |block, _| {
            block.header.gas_limit = 1 << 63;
        },
    ),
    all("number", "INVALID_BLOCK_NUMBER", |block, _| {
        block.header.number += 1
    }),
    all("parent", "UNKNOWN_PARENT", |block, _| {
        block.header.parent_hash.0[31] ^= 1
    }),
    all("extra data", "EXTRA_DATA_TOO_BIG", |block, _| {
        block.header.extra_data = vec![0; 33].into();
    }),
    all(
        "timestamp of the parent",
        "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT",
        |block, chain| {
            block.header.timestamp = chain.last().header.timestamp;
        },
    ),
    // Before Byzantium the receipts know of the state, too.
    since(
        Fork::Byzantium,
        "coinbase",
        "INVALID_STATE_ROOT",
        |block, _| block.header.beneficiary.0[0] ^= 1,
    ),
    all("nonce too low", "NONCE_MISMATCH_TOO_LOW", |block, chain| {
        let transaction = chain.transaction(0, STORE, &[], 0);
        add_transaction(block, Chain::sign(&transaction));
    }),
    all(
        "nonce too high",
        "NONCE_MISMATCH_TOO_HIGH",
        |block, chain| {
            let transaction = chain.transaction(chain.next_nonce() + 1, STORE, &[], 0);
            add_transaction(block, Chain::sign(&transaction));
        },
    ),
    all("intrinsic gas", "INTRINSIC_GAS_TOO_LOW", |block, chain| {
        let mut transaction = chain.transaction(chain.next_nonce(), STORE, &[], 0);
        transaction.gas_limit = 20_999;
        add_transaction(block, Chain::sign(&transaction));
    }),
    until(
        Fork::Prague,
        "gas beyond the block's",
        "GAS_ALLOWANCE_EXCEEDED",
        |block, chain| {
            let mut transaction = chain.transaction(chain.next_nonce(), STORE, &[], 0);
            transaction.gas_limit = block.header.gas_limit;
            add_transaction(block, Chain::sign(&transaction));
        },
    ),
    all(
        "a transaction that cannot be read",
        "RLP_INVALID_VALUE",
        |block, _| {
            add_transaction(block, vec![0xc3, 1, 2, 3]);
        },
    ),
    until(
        Fork::London,
        "difficulty",
        "INVALID_DIFFICULTY",
        |block, _| {
            block.header.difficulty += alloy_primitives::U256::from(1);
        },
    ),
    until(
        Fork::London,
        "three ommers",
        "TOO_MANY_UNCLES",
        |block, chain| {
            for salt in 0..3 {
                add_ommer(block, ommer(chain, 1, salt));
            }
        },
    ),
    until(
        Fork::London,
        "an ommer twice",
        "UNCLE_IS_BROTHER",
        |block, chain| {
            add_ommer(block, ommer(chain, 1, 9));
            add_ommer(block, ommer(chain, 1, 9));
        },
    ),
    until(
        Fork::London,
        "an ommer that is an ancestor",
        "UNCLE_IS_ANCESTOR",
        |block, chain| {
            add_ommer(block, chain.last().header.clone());
        },
    ),
    until(
        Fork::London,
        "an ommer on the same parent",
        "UNCLE_PARENT_INCORRECT",
        |block, _| {
            let mut ommer = block.header.clone();
            ommer.extra_data = vec![1].into();
            add_ommer(block, ommer);
        },
    ),
    until(
        Fork::London,
        "an ommer on an unknown parent",
        "UNCLE_UNKNOWN_PARENT",
        |block, chain| {
            let mut ommer = ommer(chain, 1, 1);
            ommer.parent_hash.0[0] ^= 1;
            add_ommer(block, ommer);
        },
    ),
    until(
        Fork::London,
        "an ommer with a wrong difficulty",
        "INVALID_DIFFICULTY",
        |block, chain| {
            let mut ommer = ommer(chain, 1, 1);
            ommer.difficulty += alloy_primitives::U256::from(1);
            add_ommer(block, ommer);
        },
    ),
    until(
        Fork::London,
        "ommers hash",
        "INVALID_UNCLES_HASH",
        |block, _| {
            block.header.ommers_hash.0[0] ^= 1;
        },
    ),
    until(
        Fork::Berlin,
        "a base fee too early",
        "INCORRECT_BLOCK_FORMAT",
        |block, _| {
            block.header.base_fee_per_gas = Some(1_000);
        },
    ),
    until(
        Fork::Paris,
        "withdrawals too early",
        "INCORRECT_BLOCK_FORMAT",
        |block, _| {
            block.withdrawals = Some(Vec::new());
        },
    ),
    since(
        Fork::London,
        "base fee",
        "INVALID_BASEFEE_PER_GAS",
        |block, _| {
            block.header.base_fee_per_gas = block.header.base_fee_per_gas.map(|fee| fee + 1);
        },
    ),
    since(
        Fork::London,
        "fee below the base fee",
        "INSUFFICIENT_MAX_FEE_PER_GAS",
        |block, chain| {
            let mut transaction = chain.transaction(chain.next_nonce(), STORE, &[], 0);
            transaction.max_fee = 1.into();
            add_transaction(block, Chain::sign(&transaction));
        },
    ),
    since(
        Fork::Paris,
        "difficulty",
        "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS",
        |block, _| {
            block.header.difficulty = alloy_primitives::U256::from(0x2_0000);
        },
    ),
    since(
        Fork::Paris,
        "nonce",
        "INCORRECT_BLOCK_FORMAT",
        |block, _| {
            block.header.nonce = B64::repeat_byte(1);
        },
    ),
    since(
        Fork::Paris,
        "ommers",
        "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS",
        |block, chain| {
            add_ommer(block, ommer(chain, 1, 1));
        },
    ),
    since(
        Fork::Shanghai,
        "withdrawals root",
        "INVALID_WITHDRAWALS_ROOT",
        |block, _| {
            if let Some(root) = &mut block.header.withdrawals_root {
                root.0[0] ^= 1;
            }
        },
    ),
    since(
        Fork::Shanghai,
        "a withdrawal that is not paid",
        "INVALID_STATE_ROOT",
        |block, _| {
            let withdrawal = Withdrawal {
                amount: 9,
                ..Withdrawal::default()
            };
            block.header.withdrawals_root = Some(withdrawals_root(&[withdrawal]));
            block.withdrawals = Some(vec![withdrawal]);
        },
    ),
    since(
        Fork::Shanghai,
        "no withdrawals",
        "RLP_WITHDRAWALS_NOT_READ",
        |block, _| {
            block.withdrawals = None;
        },
    ),
    since(
        Fork::Cancun,
        "blob gas used",
        "INCORRECT_BLOB_GAS_USED",
        |block, _| {
            block.header.blob_gas_used = block.header.blob_gas_used.map(|used| used + (1 << 17));
        },
    ),
    since(
        Fork::Cancun,
        "part of a blob",
        "INCORRECT_BLOB_GAS_USED",
        |block, _| {
            block.header.blob_gas_used = block.header.blob_gas_used.map(|used| used + 1);
        },
    ),
    since(
        Fork::Cancun,
        "blob gas above the limit",
        "BLOB_GAS_USED_ABOVE_LIMIT",
        |block, _| {
            block.header.blob_gas_used = Some(100 << 17);
        },
    ),
    since(
        Fork::Cancun,
        "excess blob gas",
        "INCORRECT_EXCESS_BLOB_GAS",
        |block, _| {
            block.header.excess_blob_gas = block.header.excess_blob_gas.map(|excess| excess + 1);
        },
    ),
    since(
        Fork::Cancun,
        "another beacon root",
        "INVALID_STATE_ROOT",
        |block, _| {
            block.header.parent_beacon_block_root = Some(B256::repeat_byte(1));
        },
    ),
    since(
        Fork::Prague,
        "requests hash",
        "INVALID_REQUESTS",
        |block, _| {
            if let Some(hash) = &mut block.header.requests_hash {
                hash.0[0] ^= 1;
            }
        },
    ),
    since(
        Fork::Osaka,
        "a gas limit beyond a transaction's",
        "GAS_LIMIT_EXCEEDS_MAXIMUM",
        |block, chain| {
            let mut transaction = chain.transaction(chain.next_nonce(), STORE, &[], 0);
            transaction.gas_limit = (1 << 24) + 1;
            add_transaction(block, Chain::sign(&transaction));
        },
    ),
];

impl Mutation {
    /// Whether the change makes sense under a fork.
    pub(crate) fn applies(&self, fork: Fork) -> bool {
        (self.since..=self.until).contains(&fork)
    }

    /// The block, changed.
    pub(crate) fn apply(&self, block: &SealedBlock, chain: &Chain) -> SealedBlock {
        let mut block = block.clone();
        (self.change)(&mut block, chain);
        SealedBlock::new(
            block.header,
            block.transactions,
            block.ommers,
            block.withdrawals,
        )
    }
}
