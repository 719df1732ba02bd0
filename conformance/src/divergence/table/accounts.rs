//! Accounts, contracts and their life.

use crate::divergence::Concern::{Opcode, Rule};
use crate::divergence::{Divergence, Group, Pin, Switch};
use evm_interpreter::opcode::{
    BALANCE, CALL, CREATE, CREATE2, EXTCODECOPY, EXTCODEHASH, EXTCODESIZE, SELFDESTRUCT,
};

pub(super) const ROWS: &[Divergence] = &[
    Divergence {
        id: "self-destruct",
        group: Group::Accounts,
        ethereum: "removes only contracts of the same transaction (EIP-6780); their balance at its end is burnt",
        filecoin: "always leaves a tombstone: from the next message on the contract is dead, with no code and no \
                   storage, and can be created again at the same address; it keeps what balance it has, also what it \
                   sent to itself",
        why: "FIP-0054, FIP-0073; no FIP takes up EIP-6780",
        shows: "upgrades by destruction and CREATE2 work; funds of a beneficiary that is the contract itself stay",
        concerns: &[Opcode(SELFDESTRUCT)],
        switch: Some(Switch::SelfDestruct),
        test: Pin::Vector("selfdestruct/self"),
    },
    Divergence {
        id: "empty-accounts",
        group: Group::Accounts,
        ethereum: "accounts without balance, nonce and code do not exist (EIP-161)",
        filecoin: "a call or a transfer, of nothing even, makes a placeholder actor; dead contracts and placeholders \
                   stay",
        why: "FIP-0048, FIP-0055",
        shows: "EXTCODEHASH of an address that was called is that of no code, instead of 0",
        concerns: &[Opcode(EXTCODEHASH), Opcode(CALL)],
        switch: Some(Switch::EmptyAccounts),
        test: Pin::Vector("call/kinds-no-value-1"),
    },
    Divergence {
        id: "native-actors",
        group: Group::Accounts,
        ethereum: "0xff00000000000000000000… addresses are accounts like any other",
        filecoin: "a masked ID: the actor of that ID, or nobody. Native actors have the code 0xfe for EXTCODESIZE, \
                   EXTCODECOPY and EXTCODEHASH; calls of them fail, except those of accounts",
        why: "FIP-0054, FIP-0055",
        shows: "value to a masked ID without an actor fails",
        concerns: &[
            Opcode(CALL),
            Opcode(EXTCODESIZE),
            Opcode(EXTCODECOPY),
            Opcode(EXTCODEHASH),
            Rule("masked IDs"),
        ],
        switch: Some(Switch::NativeActors),
        test: Pin::Vector("env/extcode-2"),
    },
    Divergence {
        id: "delegations",
        group: Group::Accounts,
        ethereum: "accounts may delegate to a contract's code (EIP-7702)",
        filecoin: "they may not; a contract with a designator as code could not run",
        why: "FIP-0111 is a draft",
        shows: "type 4 transactions are refused",
        concerns: &[Rule("EIP-7702")],
        switch: Some(Switch::Delegations),
        test: Pin::Function(
            "devnode/tests/node/bad_input.rs",
            "unsupported_types_are_named_with_the_reason",
        ),
    },
    Divergence {
        id: "init-code-size",
        group: Group::Accounts,
        ethereum: "init code of at most 49,152 bytes (EIP-3860)",
        filecoin: "no such limit; messages have 64 KiB at most in the pool, blocks 1 MiB",
        why: "no FIP takes up EIP-3860",
        shows: "large init code works",
        concerns: &[Opcode(CREATE), Opcode(CREATE2)],
        switch: Some(Switch::InitCode),
        test: Pin::Vector("eam/initcode-sizes"),
    },
    Divergence {
        id: "empty-creation",
        group: Group::Accounts,
        ethereum: "a transaction without receiver and data creates a contract without code",
        filecoin: "CreateExternal without init code ends with exit code 16; CREATE and CREATE2 accept none",
        why: "FIP-0055",
        shows: "the transaction fails",
        concerns: &[Rule("CreateExternal")],
        switch: Some(Switch::EmptyCreation),
        test: Pin::Vector("eam/external-params"),
    },
    Divergence {
        id: "collisions",
        group: Group::Accounts,
        ethereum: "no creation where there is code, a nonce or storage (EIP-684, EIP-7610)",
        filecoin: "none where there is a living contract or an account that has sent; over placeholders and dead \
                   contracts yes; never at null, reserved or masked-ID addresses",
        why: "FIP-0055",
        shows: "a contract that was destroyed is created again with CREATE2",
        concerns: &[Opcode(CREATE), Opcode(CREATE2)],
        switch: Some(Switch::Collision),
        test: Pin::Vector("eam/collide-account"),
    },
    Divergence {
        id: "nonce-overflow",
        group: Group::Accounts,
        ethereum: "CREATE at the highest nonce fails and pushes 0 (EIP-2681)",
        filecoin: "it ends the frame with exit code 24",
        why: "EVM actor: overflow checks",
        shows: "only in tests: no contract gets there",
        concerns: &[Opcode(CREATE), Opcode(CREATE2)],
        switch: Some(Switch::NonceOverflow),
        test: Pin::Function(
            "machine/tests/differences.rs",
            "creations_end_with_the_nonces",
        ),
    },
    Divergence {
        id: "native-creators",
        group: Group::Accounts,
        ethereum: "a contract's address comes from its creator's address and nonce",
        filecoin: "the same for Ethereum accounts and contracts; for native accounts from the hash of their key \
                   address",
        why: "FIP-0055",
        shows: "contracts that f1 or f3 accounts create",
        concerns: &[Rule("CreateExternal")],
        switch: None,
        test: Pin::Vector("eam/external-native"),
    },
    Divergence {
        id: "native-calls",
        group: Group::Accounts,
        ethereum: "contracts are called by transactions and contracts, with call data",
        filecoin: "native actors may call any method of 1,024 and above: it arrives as handle_filecoin_method(uint64, \
                   uint64, bytes). A bare send, method 0, credits value and runs no code",
        why: "FIP-0050, FIP-0054",
        shows: "value can arrive without the receiver noticing",
        concerns: &[Rule("native methods")],
        switch: None,
        test: Pin::Vector("methods/native-input"),
    },
    Divergence {
        id: "amounts",
        group: Group::Accounts,
        ethereum: "amounts have 256 bits",
        filecoin: "at most 2^128 - 1 attoFIL: no balance comes near that",
        why: "FVM: token amounts",
        shows: "calls and creations with more value fail as for lack of balance, which they would anyway",
        concerns: &[Opcode(CALL), Opcode(CREATE), Opcode(BALANCE)],
        switch: None,
        test: Pin::Function(
            "actors/evm/tests/calls.rs",
            "value_is_refused_in_read_only_mode_and_beyond_all_money",
        ),
    },
    Divergence {
        id: "transient-in-state",
        group: Group::Accounts,
        ethereum: "transient storage is no part of the state (EIP-1153)",
        filecoin: "it is kept in the contract's state with the message it belongs to, and void for all others",
        why: "FIP-0097",
        shows: "not at all to contracts; in the state root",
        concerns: &[Rule("EIP-1153")],
        switch: None,
        test: Pin::Vector("storage/transient"),
    },
];
