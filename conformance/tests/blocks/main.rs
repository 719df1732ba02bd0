//! Chains of blocks: what each block rule accepts and refuses, and go-ethereum's verdicts on the
//! same (`scripts/get-geth` installs it, `FEVM_GETH` names it).

mod blob_fee;
mod builder;
mod eip2935;
mod eip4788;
mod eip4895;
mod eip6110;
mod eip7002_7251;
mod eip7934;
mod engine;
mod mutations;
mod proof_of_work;
mod test_files;
mod verdicts;

use builder::{Chain, STORE, parts, words};
use evm_interpreter::{Fork, U256};
use fevm_conformance::chain::BlockRejection;
use mutations::MUTATIONS;

/// Networks of one fork.
pub(crate) const NETWORKS: &[&str] = &[
    "Frontier",
    "Homestead",
    "EIP150",
    "EIP158",
    "Byzantium",
    "Constantinople",
    "ConstantinopleFix",
    "Istanbul",
    "Berlin",
    "London",
    "ArrowGlacier",
    "GrayGlacier",
    "Paris",
    "Shanghai",
    "Cancun",
    "Prague",
    "Osaka",
    "BPO1",
    "BPO2",
    "BPO3",
    "BPO4",
];

/// A chain of three blocks with a little in each.
pub(crate) fn chain(network: &str) -> Chain {
    let mut chain = Chain::new(network);
    for block in 0..3u64 {
        let transactions = vec![
            chain.call(STORE, &words(block, block + 1), 0),
            chain.call(builder::LOGGER, b"a log", block),
        ];
        chain.add(parts(transactions));
    }
    chain
}

#[test]
fn valid_chains() {
    for network in NETWORKS {
        let chain = chain(network);
        assert_eq!(chain.blocks.len(), 3);
        assert_eq!(chain.slot(STORE, 2.into()), U256::from(3), "{network}");
    }
}

#[test]
fn mutations_are_refused_for_their_reason() {
    let mut tried = 0;
    let mut wrong_reasons = Vec::new();
    for network in NETWORKS {
        let mut chain = chain(network);
        let transactions = vec![chain.call(STORE, &words(7, 7), 0)];
        let block = chain.build(parts(transactions));
        let fork = builder::fork(network);
        for mutation in MUTATIONS.iter().filter(|mutation| mutation.applies(fork)) {
            let wrong = mutation.apply(&block, &chain);
            let rejection = chain.refused(&wrong);
            if !rejection.answers(mutation.reason) {
                let (name, got) = (mutation.name, rejection.name());
                wrong_reasons.push(format!("{network}, {name}: {got} ({rejection})"));
            }
            tried += 1;
        }
        // The right one is still taken.
        chain.insert(&block).unwrap();
    }
    assert!(wrong_reasons.is_empty(), "{wrong_reasons:#?}");
    println!("{tried} mutations on {} networks", NETWORKS.len());
    assert!(tried > 400, "{tried}");
}

/// The fork of a network changes on the way.
#[test]
fn transitions() {
    for (network, seconds) in [
        ("FrontierToHomesteadAt5", 12),
        ("HomesteadToEIP150At5", 12),
        ("EIP150ToEIP158At5", 12),
        ("EIP158ToByzantiumAt5", 12),
        ("ByzantiumToConstantinopleFixAt5", 12),
        ("ConstantinopleFixToIstanbulAt5", 12),
        ("IstanbulToBerlinAt5", 12),
        ("BerlinToLondonAt5", 12),
        ("ArrowGlacierToParisAtDiffC0000", 12),
        ("ParisToShanghaiAtTime15k", 3_000),
        ("ShanghaiToCancunAtTime15k", 3_000),
        ("CancunToPragueAtTime15k", 3_000),
        ("PragueToOsakaAtTime15k", 3_000),
        ("OsakaToBPO1AtTime15k", 3_000),
        ("BPO1ToBPO2AtTime15k", 3_000),
    ] {
        let chain = transition(network, seconds);
        assert_eq!(chain.slot(STORE, 7.into()), U256::from(8), "{network}");
    }
}

/// Eight blocks across a transition.
pub(crate) fn transition(network: &str, seconds: u64) -> Chain {
    let mut chain = Chain::new(network);
    for block in 0..8u64 {
        let transactions = vec![chain.call(STORE, &words(block, block + 1), 1)];
        chain.add(fevm_conformance::chain::build::Parts {
            seconds,
            ..parts(transactions)
        });
    }
    chain
}

/// A block of the fork before does not follow one of the fork after, and the other way round.
#[test]
fn fields_of_another_fork() {
    for (network, seconds, field) in [
        ("BerlinToLondonAt5", 12, "baseFeePerGas"),
        ("ParisToShanghaiAtTime15k", 4_000, "withdrawalsRoot"),
        ("ShanghaiToCancunAtTime15k", 4_000, "blobGasUsed"),
        ("CancunToPragueAtTime15k", 4_000, "requestsHash"),
    ] {
        let mut chain = Chain::new(network);
        let build = |chain: &Chain| {
            chain.build(fevm_conformance::chain::build::Parts {
                seconds,
                ..parts(Vec::new())
            })
        };
        for height in 1..6 {
            let block = build(&chain);
            let header = &block.header;
            let due = match field {
                "baseFeePerGas" => header.base_fee_per_gas.is_some(),
                "withdrawalsRoot" => header.withdrawals_root.is_some(),
                "blobGasUsed" => header.blob_gas_used.is_some(),
                _ => header.requests_hash.is_some(),
            };
            let mut wrong = block.clone();
            let header = &mut wrong.header;
            match (field, due) {
                ("baseFeePerGas", true) => header.base_fee_per_gas = None,
                ("baseFeePerGas", false) => header.base_fee_per_gas = Some(1_000_000_000),
                ("withdrawalsRoot", true) => header.withdrawals_root = None,
                ("withdrawalsRoot", false) => header.withdrawals_root = Some(Default::default()),
                ("blobGasUsed", true) => {
                    header.blob_gas_used = None;
                    header.excess_blob_gas = None;
                    header.parent_beacon_block_root = None;
                }
                ("blobGasUsed", false) => {
                    header.blob_gas_used = Some(0);
                    header.excess_blob_gas = Some(0);
                    header.parent_beacon_block_root = Some(Default::default());
                }
                (_, true) => header.requests_hash = None,
                (_, false) => header.requests_hash = Some(Default::default()),
            }
            let refused = chain.refused(&wrong);
            assert!(
                refused.answers("BlockException.INCORRECT_BLOCK_FORMAT"),
                "{network} at {height}: {refused}"
            );
            chain.insert(&block).unwrap();
            chain.blocks.push(block);
        }
    }
}

impl Chain {
    /// The fork of the last block's rules; networks of one fork.
    pub(crate) fn refuses(&mut self, block: &fevm_conformance::chain::SealedBlock, reason: &str) {
        let rejection: BlockRejection = self.refused(block);
        assert_eq!(rejection.name(), reason, "{rejection}");
    }
}

#[test]
fn a_block_twice_is_one_block() {
    let mut chain = chain("Cancun");
    let first = chain.back(1).clone();
    let last = chain.last().hash;
    chain.insert(&first).unwrap();
    // Under proof of stake the one that came last is the head.
    assert_eq!(chain.tree.head(), first.hash);
    let again = chain.last().clone();
    chain.insert(&again).unwrap();
    assert_eq!(chain.tree.head(), last);
    assert!(builder::fork("Cancun") == Fork::Cancun);
}
