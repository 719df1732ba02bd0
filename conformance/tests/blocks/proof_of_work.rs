//! Before the Merge: rewards, ommers, total difficulty, the DAO fork; and the Merge itself.

use crate::builder::{COINBASE, Chain, accounts, parts};
use alloy_primitives::hex;
use evm_interpreter::{H160, U256};
use fevm_conformance::chain::build::Parts;
use fevm_conformance::chain::{Header, SealedBlock};
use fevm_conformance::ethereum::{Account, Code};

fn ether(parts: u64) -> U256 {
    U256::from(parts) * U256::from(1_000_000_000_000_000u64)
}

/// A brother of a block, by another miner.
fn brother(block: &SealedBlock, salt: u8) -> Header {
    let mut header = block.header.clone();
    header.extra_data = vec![salt].into();
    header.beneficiary = alloy_primitives::Address::repeat_byte(salt);
    header
}

#[test]
fn rewards_by_fork() {
    for (network, reward) in [
        ("Frontier", 5),
        ("EIP158", 5),
        ("Byzantium", 3),
        ("Constantinople", 2),
        ("GrayGlacier", 2),
        ("Paris", 0),
    ] {
        let mut chain = Chain::new(network);
        chain.add(parts(Vec::new()));
        assert_eq!(chain.balance(COINBASE), ether(reward * 1000), "{network}");
    }
}

#[test]
fn ommers_are_rewarded() {
    let mut chain = Chain::new("Byzantium");
    for _ in 0..3 {
        chain.add(parts(Vec::new()));
    }
    let ommers = vec![brother(chain.back(0), 1), brother(chain.back(1), 2)];
    chain.add(Parts {
        ommers,
        ..parts(Vec::new())
    });
    // 3 ether a block, and twice a 32nd of it.
    assert_eq!(
        chain.balance(COINBASE),
        ether(12_000) + ether(3_000) / 32 * 2
    );
    assert_eq!(chain.balance(H160::repeat_byte(1)), ether(3_000) * 7 / 8);
    assert_eq!(chain.balance(H160::repeat_byte(2)), ether(3_000) * 6 / 8);
}

#[test]
fn ommers_are_recent_and_new() {
    let mut chain = Chain::new("Istanbul");
    for _ in 0..9 {
        chain.add(parts(Vec::new()));
    }
    let with = |chain: &Chain, ommers| {
        chain.build(Parts {
            ommers,
            ..parts(Vec::new())
        })
    };
    // Its parent is six generations back from the block's own.
    let oldest = brother(chain.back(5), 1);
    let too_old = with(&chain, vec![brother(chain.back(6), 1)]);
    chain.refuses(&too_old, "BlockException.UNCLE_PARENT_INCORRECT");
    chain.add(Parts {
        ommers: vec![oldest.clone()],
        ..parts(Vec::new())
    });
    let again = with(&chain, vec![oldest]);
    chain.refuses(&again, "BlockException.UNCLE_IS_BROTHER");
}

/// EIP-100: a parent with ommers makes the next block harder.
#[test]
fn ommers_raise_the_difficulty() {
    let next = |with: bool| {
        let mut chain = Chain::new("Byzantium");
        chain.add(Parts {
            seconds: 3,
            ..parts(Vec::new())
        });
        chain.add(Parts {
            seconds: 3,
            ..parts(Vec::new())
        });
        let ommers = if with {
            vec![brother(chain.back(0), 1)]
        } else {
            Vec::new()
        };
        chain.add(Parts {
            ommers,
            seconds: 3,
            ..parts(Vec::new())
        });
        chain
            .add(Parts {
                seconds: 3,
                ..parts(Vec::new())
            })
            .header
            .difficulty
    };
    assert!(next(true) > next(false));
}

/// The branch with the most difficulty is the chain, not the longest one.
#[test]
fn total_difficulty_decides() {
    let mut chain = Chain::new("Homestead");
    let genesis = chain.last().hash;
    let quick = |salt: u8, seconds| Parts {
        seconds,
        extra_data: vec![salt],
        ..parts(Vec::new())
    };
    let slow = chain.tree.build(genesis, quick(1, 500)).unwrap();
    chain.insert(&slow).unwrap();
    assert_eq!(chain.tree.head(), slow.hash);
    // As heavy as the head: the head stays.
    let rival = chain.tree.build(genesis, quick(2, 500)).unwrap();
    assert_eq!(rival.header.difficulty, slow.header.difficulty);
    chain.insert(&rival).unwrap();
    assert_eq!(chain.tree.head(), slow.hash);
    let heavier = chain.tree.build(genesis, quick(3, 1)).unwrap();
    assert!(heavier.header.difficulty > slow.header.difficulty);
    chain.insert(&heavier).unwrap();
    assert_eq!(chain.tree.head(), heavier.hash);
    // The first branch comes back.
    let next = chain.tree.build(slow.hash, quick(4, 500)).unwrap();
    chain.insert(&next).unwrap();
    assert_eq!(chain.tree.head(), next.hash);
    // A state of another branch is not that of the head.
    assert_eq!(chain.balance(COINBASE), ether(10_000));
}

#[test]
fn the_merge_by_total_difficulty() {
    let mut chain = Chain::new("ArrowGlacierToParisAtDiffC0000");
    let mut heights = 0;
    while !chain
        .add(Parts {
            seconds: 1,
            ..parts(Vec::new())
        })
        .header
        .difficulty
        .is_zero()
    {
        heights += 1;
        assert!(heights < 20);
    }
    // 0xc0000 is six times the genesis' difficulty.
    assert_eq!(heights, 5);
    let mut work = chain.build(parts(Vec::new()));
    work.header.difficulty = chain.back(1).header.difficulty;
    chain.refuses(
        &work,
        "BlockException.IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS",
    );

    let mut early = Chain::new("ArrowGlacierToParisAtDiffC0000");
    let mut stake = early.build(parts(Vec::new()));
    stake.header.difficulty = Default::default();
    early.refuses(&stake, "BlockException.IMPORT_IMPOSSIBLE_PARIS_WRONG_POS");
}

#[test]
fn the_dao_is_drained_at_its_fork() {
    let dao = H160(hex!("bb9bc244d798123fde783fcc1c72d3bb8c189413"));
    let refund = H160(hex!("bf4ed7b27f1d666546e30d74d50d173d20bca754"));
    let mut accounts = accounts();
    accounts.push((
        dao,
        Account {
            balance: 77.into(),
            nonce: 0,
            code: Code::EMPTY,
            storage: Vec::new(),
        },
    ));
    let mut chain = Chain::with("HomesteadToDaoAt5", accounts, 0);
    for _ in 0..4 {
        chain.add(parts(Vec::new()));
    }
    assert_eq!(chain.balance(dao), U256::from(77));
    let plain = chain.build(parts(Vec::new()));
    chain.refuses(&plain, "BlockException.EXTRA_DATA_INVALID_DAO");
    let named = || Parts {
        extra_data: b"dao-hard-fork".to_vec(),
        ..parts(Vec::new())
    };
    for _ in 0..10 {
        chain.add(named());
    }
    assert_eq!(chain.balance(dao), U256::zero());
    assert_eq!(chain.balance(refund), U256::from(77));
    chain.add(parts(Vec::new()));
}
