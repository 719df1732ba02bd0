//! What code sees of its block and transaction.

use crate::divergence::Concern::{Opcode, Rule};
use crate::divergence::{Divergence, Group, Pin, Switch};
use evm_interpreter::opcode::{
    BASEFEE, BLOCKHASH, CALLER, CHAINID, COINBASE, GASLIMIT, GASPRICE, NUMBER, ORIGIN, PREVRANDAO,
    TIMESTAMP,
};

pub(super) const ROWS: &[Divergence] = &[
    Divergence {
        id: "coinbase",
        group: Group::Environment,
        ethereum: "COINBASE is the receiver of the block's fees",
        filecoin: "zero: a tipset has several blocks with a miner each",
        why: "FIP-0054",
        shows: "payments to block.coinbase go to 0x0",
        concerns: &[Opcode(COINBASE)],
        switch: Some(Switch::Coinbase),
        test: Pin::Vector("env/context-1"),
    },
    Divergence {
        id: "gas-limit",
        group: Group::Environment,
        ethereum: "GASLIMIT is the block's",
        filecoin: "always 10,000,000,000",
        why: "FIP-0054",
        shows: "block.gaslimit",
        concerns: &[Opcode(GASLIMIT)],
        switch: Some(Switch::GasLimit),
        test: Pin::Vector("env/context-1"),
    },
    Divergence {
        id: "prevrandao",
        group: Group::Environment,
        ethereum: "PREVRANDAO is the beacon chain's randomness of the previous block (EIP-4399)",
        filecoin: "BLAKE2b-256 of a domain tag, the drand beacon's randomness and the epoch: the same for all \
                   messages of an epoch",
        why: "FIP-0054, FIP-0075",
        shows: "other values; under the name DIFFICULTY as well",
        concerns: &[Opcode(PREVRANDAO)],
        switch: Some(Switch::Randomness),
        test: Pin::Vector("env/randao"),
    },
    Divergence {
        id: "block-hash",
        group: Group::Environment,
        ethereum: "BLOCKHASH is the hash of a block's header",
        filecoin: "the digest of the CID of a tipset's key; for an epoch without a block that of the one before",
        why: "FIP-0054",
        shows: "the same window of 256, other hashes; two numbers may have one hash",
        concerns: &[Opcode(BLOCKHASH)],
        switch: None,
        test: Pin::Vector("env/blockhash-256"),
    },
    Divergence {
        id: "block-number",
        group: Group::Environment,
        ethereum: "NUMBER counts blocks, every 12 seconds",
        filecoin: "NUMBER is the epoch, TIMESTAMP its start: one in 30 seconds, also where there is no block",
        why: "FIP-0054",
        shows: "numbers without a block",
        concerns: &[Opcode(NUMBER), Opcode(TIMESTAMP)],
        switch: None,
        test: Pin::Vector("env/context-2"),
    },
    Divergence {
        id: "base-fee",
        group: Group::Environment,
        ethereum: "BASEFEE follows the gas used by the block before, in steps of 1/8 (EIP-1559)",
        filecoin: "it follows what the messages of the tipset before offered as premium; at least 100 attoFIL of FVM \
                   gas",
        why: "FIP-0115",
        shows: "other numbers in BASEFEE and GASPRICE",
        concerns: &[Opcode(BASEFEE), Opcode(GASPRICE)],
        switch: None,
        test: Pin::Function(
            "devnode/src/chain/base_fee.rs",
            "a_full_block_raises_by_what_it_offers_and_at_most_an_eighth",
        ),
    },
    Divergence {
        id: "chain-id",
        group: Group::Environment,
        ethereum: "1, and those of the test networks",
        filecoin: "314, calibration 314159, local 31415926",
        why: "FIP-0054",
        shows: "CHAINID and signatures (EIP-155)",
        concerns: &[Opcode(CHAINID)],
        switch: None,
        test: Pin::Vector("env/context-2"),
    },
    Divergence {
        id: "masked-callers",
        group: Group::Environment,
        ethereum: "every caller has an address of its own",
        filecoin: "a caller without an f410 address (a native account, multisig, miner) shows as its masked ID, 0xff, \
                   eleven zero bytes, and its actor ID",
        why: "FIP-0054, FIP-0055",
        shows: "CALLER and ORIGIN of the form 0xff00…",
        concerns: &[Opcode(CALLER), Opcode(ORIGIN), Rule("masked IDs")],
        switch: None,
        test: Pin::Function(
            "actors/evm/tests/messages.rs",
            "callers_have_ethereum_addresses",
        ),
    },
    Divergence {
        id: "system-contracts",
        group: Group::Environment,
        ethereum: "each block calls contracts of the protocol: beacon roots (EIP-4788), block hashes (EIP-2935), requests of \
                   validators (EIP-7002, EIP-7251)",
        filecoin: "there are none; what a network does each epoch native actors do",
        why: "no FIP takes up EIP-4788, EIP-2935, EIP-7002, EIP-7251",
        shows: "a call of their addresses succeeds with no output, as of any address where nothing is",
        concerns: &[Rule("system contracts")],
        switch: None,
        test: Pin::Function(
            "machine/tests/differences.rs",
            "there_are_no_system_contracts",
        ),
    },
];
