//! A block, a state and a transaction, made at random.

use crate::edges::sharpen;
use crate::program::{Surroundings, deploying, program};
use crate::source::{Source, low};
use evm_interpreter::{Fork, H160, H256, U256};
use fevm_conformance::ethereum::authorization::{address_of, sign_authorization};
use fevm_conformance::ethereum::fees::intrinsic;
use fevm_conformance::ethereum::{
    AccessListItem, Account, Authorization, BlobSchedule, Block, BlockHashes, Code, Transaction,
    TransactionKind,
};
use fevm_conformance::fixture::fork_name;
use std::sync::Arc;

/// What transactions are tried on.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) block: Block,
    /// The fork's name in test files: there are several with the rules of Osaka.
    pub(crate) fork_name: &'static str,
    pub(crate) excess_blob_gas: u64,
    /// Whether it meets rules that revm is known not to have.
    pub(crate) beyond_revm: bool,
    pub(crate) accounts: Vec<(H160, Account)>,
    pub(crate) transaction: Transaction,
}

/// Private keys of the accounts that sign.
pub(crate) const KEYS: [H256; 3] = [H256([0x11; 32]), H256([0x22; 32]), H256([0x33; 32])];

/// The key of the sender.
pub(crate) const SENDER_KEY: H256 = KEYS[0];

pub(crate) fn signer(at: usize) -> H160 {
    address_of(&KEYS[at]).unwrap()
}

/// Addresses of contracts.
pub(crate) const fn contract(at: usize) -> H160 {
    H160([0xc0 + at as u8; 20])
}

/// The scene that a source makes, under the rules of `fork`.
pub(crate) fn scene(source: &mut Source, fork: Fork) -> Scene {
    let contracts = 1 + source.below(4);
    let mut known: Vec<H160> = (0..contracts).map(contract).collect();
    known.extend((0..KEYS.len()).map(signer));
    known.push(H160([0xee; 20]));
    let around = Surroundings {
        fork,
        accounts: known.clone(),
    };
    let mut accounts = Vec::new();
    for at in 0..contracts {
        let statements = 2 + source.below(if at == 0 { 30 } else { 10 });
        accounts.push((
            contract(at),
            Account {
                balance: U256::from(source.below(3) * 50),
                nonce: 1,
                code: Code::new(program(source, &around, statements, 2)),
                storage: storage(source),
            },
        ));
    }
    let coinbase = match source.below(6) {
        0 => *source.pick(&known),
        1 => low(1 + source.below(10) as u16),
        _ => H160([0xba; 20]),
    };
    if fork >= Fork::Prague {
        delegations(source, &known, &mut accounts);
    }
    let block = block(source, fork, coinbase);
    let excess_blob_gas = if source.percent(50) {
        0
    } else {
        source.below(60_000_000) as u64
    };
    let block = priced(block, excess_blob_gas);
    let transaction = transaction(source, &around, &block);
    let sender = Account {
        balance: match source.below(40) {
            0 => U256::from(source.below(1_000_000)),
            _ => U256::from(10).pow(20.into()),
        },
        nonce: transaction.nonce,
        code: Code::EMPTY,
        storage: Vec::new(),
    };
    if let Some((_, account)) = accounts
        .iter_mut()
        .find(|(address, _)| *address == transaction.sender)
    {
        account.balance = sender.balance;
        account.nonce = sender.nonce;
    } else {
        accounts.push((transaction.sender, sender));
    }
    // An account that is there and empty, as there were before EIP-161.
    if fork < Fork::SpuriousDragon && source.percent(20) {
        let empty = H160([0xee; 20]);
        let account = Account {
            balance: U256::zero(),
            nonce: 0,
            code: Code::EMPTY,
            storage: Vec::new(),
        };
        accounts.push((empty, account));
    }
    let mut transaction = transaction;
    match source.below(60) {
        0 => transaction.nonce += 1,
        1 => transaction.nonce = transaction.nonce.saturating_sub(1),
        2 => transaction.gas_limit = block.gas_limit + 1,
        3 => {
            let kind = *source.pick(&KINDS);
            as_kind(&mut transaction, kind);
        }
        _ => {}
    }
    let mut scene = Scene {
        block,
        fork_name: fork_name(fork),
        excess_blob_gas,
        beyond_revm: false,
        accounts,
        transaction,
    };
    if source.percent(50) {
        sharpen(source, &mut scene);
    }
    scene
}

fn storage(source: &mut Source) -> Vec<(U256, U256)> {
    (0..4u8)
        .filter(|_| source.percent(40))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|key| (U256::from(key), U256::from(1 + source.below(2))))
        .collect()
}

/// Signers that have delegated already (EIP-7702).
fn delegations(source: &mut Source, known: &[H160], accounts: &mut Vec<(H160, Account)>) {
    for at in 0..KEYS.len() {
        if source.percent(25) {
            let target = match source.below(5) {
                0 => low(1 + source.below(17) as u16),
                _ => *source.pick(known),
            };
            accounts.push((
                signer(at),
                Account {
                    balance: U256::from(1_000_000),
                    nonce: source.below(3) as u64,
                    code: Code::delegation(target),
                    storage: storage(source),
                },
            ));
        }
    }
}

fn block(source: &mut Source, fork: Fork, coinbase: H160) -> Block {
    Block {
        fork,
        chain_id: 1,
        number: if source.percent(10) {
            source.below(200) as u64
        } else {
            1_000
        },
        timestamp: 1_000 + source.below(256) as u64,
        coinbase,
        gas_limit: 30_000_000,
        prev_randao: source.word(),
        base_fee: U256::from(if fork < Fork::London {
            0
        } else {
            7 + source.below(10)
        }),
        blob_base_fee: U256::zero(),
        max_blobs: 0,
        hashes: BlockHashes::OfNumber,
        memo: None,
    }
}

fn priced(mut block: Block, excess_blob_gas: u64) -> Block {
    if let Some(schedule) = BlobSchedule::of(block.fork) {
        block.blob_base_fee = schedule.price(excess_blob_gas);
        block.max_blobs = schedule.max;
    }
    block
}

const KINDS: [TransactionKind; 5] = [
    TransactionKind::Legacy,
    TransactionKind::AccessList,
    TransactionKind::DynamicFee,
    TransactionKind::Blob,
    TransactionKind::SetCode,
];

fn transaction(source: &mut Source, around: &Surroundings, block: &Block) -> Transaction {
    let fork = block.fork;
    let possible: Vec<_> = KINDS
        .into_iter()
        .filter(|kind| fork.has(kind.since()))
        .collect();
    let kind = *source.pick(&possible);
    let only_calls = matches!(kind, TransactionKind::Blob | TransactionKind::SetCode);
    let (to, data) = if !only_calls && source.percent(12) {
        let statements = 1 + source.below(12);
        let code = program(source, around, statements, 2);
        (
            None,
            if source.percent(30) {
                deploying(&code)
            } else {
                code
            },
        )
    } else {
        let to = match source.below(20) {
            0 => low(source.below(0x13) as u16),
            1 | 2 => *source.pick(&around.accounts),
            _ => contract(0),
        };
        let length = source.below(100);
        (Some(to), source.bytes(length))
    };
    let nonce = source.below(3) as u64;
    let price = U256::from(20 + source.below(20));
    let mut this = Transaction {
        kind,
        chain_id: None,
        sender: signer(0),
        nonce,
        gas_limit: 0,
        to,
        value: U256::from(if source.percent(70) {
            0
        } else {
            source.below(1_000)
        }),
        data: data.into(),
        max_fee: price,
        max_priority_fee: price,
        access_list: Arc::default(),
        blob_hashes: Arc::default(),
        max_blob_fee: U256::zero(),
        authorizations: Arc::default(),
    };
    if kind >= TransactionKind::AccessList {
        this.access_list = access_list(source, around);
    }
    if kind >= TransactionKind::DynamicFee {
        this.max_fee = U256::from(5 + source.below(40));
        this.max_priority_fee = U256::from(source.below(20)).min(this.max_fee);
        if source.percent(3) {
            this.max_priority_fee = this.max_fee + 1;
        }
    }
    if kind == TransactionKind::Blob {
        blobs(source, block, &mut this);
    }
    if kind == TransactionKind::SetCode {
        this.authorizations = authorizations(source, around, nonce);
    }
    let cost = intrinsic(&this, fork);
    let least = cost.gas.max(cost.floor);
    this.gas_limit = match source.below(20) {
        0 => least.saturating_sub(source.below(3) as u64),
        1 => least + source.below(100) as u64,
        2..=4 => least + source.below(20_000) as u64,
        5 => 16_777_216 - source.below(2) as u64,
        _ => least + source.below(1_000_000) as u64,
    };
    this
}

/// Makes another kind of a transaction, perhaps one that the fork does not know; fields that the
/// kind does not have go.
pub(crate) fn as_kind(transaction: &mut Transaction, kind: TransactionKind) {
    transaction.kind = kind;
    if kind < TransactionKind::AccessList {
        transaction.access_list = Arc::default();
    }
    if kind < TransactionKind::DynamicFee {
        transaction.max_priority_fee = transaction.max_fee;
    }
    if kind != TransactionKind::Blob {
        transaction.blob_hashes = Arc::default();
        transaction.max_blob_fee = U256::zero();
    }
    if kind != TransactionKind::SetCode {
        transaction.authorizations = Arc::default();
    }
}

fn access_list(source: &mut Source, around: &Surroundings) -> Arc<[AccessListItem]> {
    (0..source.below(3))
        .map(|_| AccessListItem {
            address: *source.pick(&around.accounts),
            storage_keys: (0..source.below(4))
                .map(|_| H256(U256::from(source.below(4)).to_big_endian()))
                .collect(),
        })
        .collect()
}

fn blobs(source: &mut Source, block: &Block, transaction: &mut Transaction) {
    let count = match source.below(15) {
        0 => source.below(11),
        _ => 1 + source.below(6),
    };
    transaction.blob_hashes = (0..count)
        .map(|_| {
            let mut hash = [0; 32];
            hash[0] = if source.percent(99) {
                1
            } else {
                source.below(4) as u8
            };
            hash[31] = source.below(256) as u8;
            H256(hash)
        })
        .collect();
    transaction.max_blob_fee = block.blob_base_fee + source.below(10);
    if source.percent(3) {
        transaction.max_blob_fee = block.blob_base_fee.saturating_sub(U256::one());
    }
}

fn authorizations(
    source: &mut Source,
    around: &Surroundings,
    sender_nonce: u64,
) -> Arc<[Authorization]> {
    let count = if source.percent(98) {
        1 + source.below(3)
    } else {
        0
    };
    (0..count)
        .map(|_| {
            let at = source.below(KEYS.len());
            let nonce = match source.below(8) {
                0 => source.below(3) as u64,
                1 => u64::MAX,
                _ if at == 0 => sender_nonce + 1,
                _ => 0,
            };
            let chain = match source.below(10) {
                0 => U256::from(2),
                1 => U256::zero(),
                _ => U256::one(),
            };
            let target = match source.below(8) {
                0 => H160::zero(),
                1 => low(1 + source.below(17) as u16),
                _ => *source.pick(&around.accounts),
            };
            let mut signed = sign_authorization(&KEYS[at], chain, target, nonce).unwrap();
            match source.below(20) {
                0 => signed.y_parity ^= 1,
                1 => signed.s = U256::MAX - signed.s,
                2 => signed.r = source.word(),
                3 => signed.y_parity = source.below(256) as u8,
                _ => {}
            }
            signed
        })
        .collect()
}
