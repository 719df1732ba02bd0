//! Instructions and precompiles.

use crate::divergence::Concern::{Opcode, Precompile, Rule};
use crate::divergence::{Divergence, Group, Pin, Switch};
use evm_interpreter::opcode::{
    BLOBBASEFEE, BLOBHASH, CALL, CALLCODE, CLZ, DELEGATECALL, EXTCODEHASH, STATICCALL,
};

pub(super) const ROWS: &[Divergence] = &[
    Divergence {
        id: "fork",
        group: Group::Instructions,
        ethereum: "rules come with forks",
        filecoin: "one set of rules for a network version: Paris's, with PUSH0, MCOPY, TLOAD, TSTORE and CLZ, and \
                   the precompiles of Osaka but KZG's",
        why: "FIP-0054, FIP-0094, FIP-0097, FIP-0105, FIP-0113, FIP-0114",
        shows: "tests of older forks meet newer rules: CLZ is an instruction, P-256 a precompile",
        concerns: &[Opcode(CLZ), Precompile(0x0100), Rule("forks")],
        switch: Some(Switch::Fork),
        test: Pin::Vector("ops/all-empty-1"),
    },
    Divergence {
        id: "callcode",
        group: Group::Instructions,
        ethereum: "CALLCODE runs another's code on this contract's state",
        filecoin: "undefined, exit code 35; DELEGATECALL has replaced it",
        why: "FIP-0054",
        shows: "contracts of Solidity before 0.5 with callcode fail",
        concerns: &[Opcode(CALLCODE)],
        switch: Some(Switch::CallCode),
        test: Pin::Vector("ops/undefined"),
    },
    Divergence {
        id: "blob-opcodes",
        group: Group::Instructions,
        ethereum: "BLOBHASH (EIP-4844), BLOBBASEFEE (EIP-7516)",
        filecoin: "undefined, exit code 35: there are no blobs",
        why: "no FIP takes up EIP-4844",
        shows: "the frame fails",
        concerns: &[Opcode(BLOBHASH), Opcode(BLOBBASEFEE)],
        switch: Some(Switch::BlobOpcodes),
        test: Pin::Vector("ops/undefined"),
    },
    Divergence {
        id: "kzg",
        group: Group::Instructions,
        ethereum: "0x0a verifies KZG proofs (EIP-4844)",
        filecoin: "0x0a is reserved and has no function: calls succeed with no output",
        why: "no FIP takes up EIP-4844",
        shows: "a proof seems to hold for callers that look at success alone",
        concerns: &[Precompile(0x0a)],
        switch: Some(Switch::Kzg),
        test: Pin::Function(
            "machine/tests/differences.rs",
            "reserved_addresses_answer_with_nothing",
        ),
    },
    Divergence {
        id: "reserved-addresses",
        group: Group::Instructions,
        ethereum: "addresses without a precompile are accounts",
        filecoin: "0x01 to 0xff and 0xfe00…01 to 0xfe00…ff are reserved: calls of those without a function succeed \
                   with no output",
        why: "FIP-0054",
        shows: "calls of reserved addresses do not reach what is there",
        concerns: &[
            Opcode(CALL),
            Opcode(DELEGATECALL),
            Opcode(STATICCALL),
            Rule("reserved addresses"),
        ],
        switch: Some(Switch::Precompiles),
        test: Pin::Vector("precompile/actor-type"),
    },
    Divergence {
        id: "modexp-bounds",
        group: Group::Instructions,
        ethereum: "MODEXP takes numbers of at most 1,024 bytes (EIP-7823)",
        filecoin: "no bound but lengths of 32 bits",
        why: "no FIP takes up EIP-7823",
        shows: "larger inputs have a result",
        concerns: &[Precompile(5)],
        switch: Some(Switch::ModExp),
        test: Pin::Vector("precompile/modexp-1"),
    },
    Divergence {
        id: "precompile-hash",
        group: Group::Instructions,
        ethereum: "EXTCODEHASH of a precompile is 0, or that of no code once it has a balance",
        filecoin: "always that of no code",
        why: "FIP-0054",
        shows: "EXTCODEHASH",
        concerns: &[Opcode(EXTCODEHASH)],
        switch: Some(Switch::PrecompileHash),
        test: Pin::Vector("env/extcode-1"),
    },
    Divergence {
        id: "precompile-transaction",
        group: Group::Instructions,
        ethereum: "a transaction can call a precompile",
        filecoin: "precompiles are part of the EVM actor: a transaction to their addresses reaches the account there \
                   and succeeds",
        why: "FIP-0054",
        shows: "no output, and no failure that would give the value back",
        concerns: &[Rule("transactions to precompiles")],
        switch: Some(Switch::PrecompileTransaction),
        test: Pin::Function(
            "machine/tests/differences.rs",
            "transactions_do_not_reach_precompiles",
        ),
    },
    Divergence {
        id: "filecoin-precompiles",
        group: Group::Instructions,
        ethereum: "accounts like any other",
        filecoin: "0xfe00…01 resolve_address, 02 lookup_delegated_address, 03 call_actor, 05 call_actor_id, 06 \
                   get_randomness: how contracts reach native actors",
        why: "FIP-0054, FIP-0095",
        shows: "calls of these addresses",
        concerns: &[Rule("0xfe… precompiles")],
        switch: None,
        test: Pin::Vector("precompile/call-actor-id"),
    },
];
