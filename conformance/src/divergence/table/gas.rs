//! Gas, and the limits of execution.

use crate::divergence::Concern::{Opcode, Precompile, Rule};
use crate::divergence::{Divergence, Group, Pin, Switch};
use evm_interpreter::opcode::{
    CALL, CREATE, CREATE2, DELEGATECALL, GAS, LOG0, LOG1, LOG2, LOG3, LOG4, MCOPY, MSTORE,
    SELFDESTRUCT, STATICCALL,
};

pub(super) const ROWS: &[Divergence] = &[
    Divergence {
        id: "gas",
        group: Group::Gas,
        ethereum: "each instruction has a price of its own; first access, refunds and call data count",
        filecoin: "the FVM charges for WebAssembly instructions, system calls and state, roughly 444 of its gas for \
                   one of Ethereum's; no refunds, no access lists, no price of code or of call data by Ethereum's \
                   schedule",
        why: "FIP-0054, FIP-0057",
        shows: "GAS, gas limits and estimates are in other numbers; code that passes on a fixed amount of gas fails \
                or succeeds otherwise",
        concerns: &[Opcode(GAS), Rule("gas schedule"), Rule("out of gas")],
        switch: Some(Switch::Gas),
        test: Pin::Vector("call/gas-1"),
    },
    Divergence {
        id: "call-gas",
        group: Group::Gas,
        ethereum: "a call passes on the gas asked for, at most 63/64 of what is left; more than that is asked for \
                   in vain (EIP-150)",
        filecoin: "the same on FVM gas; a call that asks for 0 without value gets 0 and fails, even to an account",
        why: "FIP-0054",
        shows: "calls with a fixed gas operand run out of gas",
        concerns: &[
            Opcode(CALL),
            Opcode(STATICCALL),
            Opcode(DELEGATECALL),
            Rule("63/64"),
        ],
        switch: Some(Switch::Gas),
        test: Pin::Vector("call/gas-2"),
    },
    Divergence {
        id: "stipend",
        group: Group::Gas,
        ethereum: "a call with value gets 2,300 gas on top, too little to write state",
        filecoin: "no stipend; a call that asks for 0 gas with value, or for 2,300 without, gets 10,000,000: what \
                   Solidity's transfer and send ask for",
        why: "FIP-0054",
        shows: "the receiver of a transfer can do more than log: it is no guard against re-entrancy",
        concerns: &[Opcode(CALL), Rule("2300 stipend")],
        switch: Some(Switch::Gas),
        test: Pin::Function(
            "actors/evm/tests/calls.rs",
            "gas_of_calls_is_rewritten_for_transfers",
        ),
    },
    Divergence {
        id: "precompile-gas",
        group: Group::Gas,
        ethereum: "a precompile has a price, and fails if the gas operand does not cover it",
        filecoin: "the gas operand is ignored; the caller's frame pays for the work itself",
        why: "FIP-0054",
        shows: "a precompile called with too little gas succeeds",
        concerns: &[Rule("price of precompiles")],
        switch: Some(Switch::Gas),
        test: Pin::Vector("precompile/identity"),
    },
    Divergence {
        id: "creation-gas",
        group: Group::Gas,
        ethereum: "code costs 200 gas a byte, init code 2 a word (EIP-3860)",
        filecoin: "the FVM charges for the block that the code is stored in; CREATE passes on 63/64 of what is left",
        why: "FIP-0054, FIP-0055",
        shows: "creations run out of gas, or do not, otherwise than on Ethereum",
        concerns: &[Opcode(CREATE), Opcode(CREATE2)],
        switch: Some(Switch::Gas),
        test: Pin::Vector("eam/nonce-effects"),
    },
    Divergence {
        id: "memory-limit",
        group: Group::Gas,
        ethereum: "memory has a quadratic price and no limit",
        filecoin: "no quadratic price; an instance of the actor has 512 MiB, a message 2 GiB. What does not fit ends \
                   the frame",
        why: "FVM: limits of WebAssembly instances",
        shows: "exit code 24 instead of out of gas",
        concerns: &[Opcode(MSTORE), Opcode(MCOPY), Rule("memory")],
        switch: Some(Switch::MemoryLimit),
        test: Pin::Vector("ops/memory-large"),
    },
    Divergence {
        id: "call-depth",
        group: Group::Gas,
        ethereum: "1,024 frames below the first; deeper calls and creations fail and touch no nonce",
        filecoin: "1,024 frames of the FVM: a creation takes three, a DELEGATECALL one, SELFDESTRUCT and value to a \
                   precompile one for a moment; a creation at the limit spends the nonce",
        why: "FVM: call stack",
        shows: "340 nested creations; SELFDESTRUCT at the limit ends with 40",
        concerns: &[
            Opcode(CALL),
            Opcode(CREATE),
            Opcode(SELFDESTRUCT),
            Rule("depth"),
        ],
        switch: Some(Switch::CallDepth),
        test: Pin::Vector("call/depth"),
    },
    Divergence {
        id: "block-size",
        group: Group::Gas,
        ethereum: "call data, return data and init code are bounded by gas",
        filecoin: "each is a block of at most 1 MiB: a larger operand makes the call or creation fail, larger output \
                   ends the callee",
        why: "FVM: size of blocks",
        shows: "calls with more than 1,048,576 bytes fail",
        concerns: &[Opcode(CALL), Opcode(CREATE), Rule("size of data")],
        switch: Some(Switch::BlockSize),
        test: Pin::Vector("call/sizes"),
    },
    Divergence {
        id: "log-size",
        group: Group::Gas,
        ethereum: "logs are bounded by gas",
        filecoin: "a log is an actor event: topics and data together at most 8,192 bytes",
        why: "FIP-0049, FIP-0072",
        shows: "a larger log ends the frame with exit code 24",
        concerns: &[
            Opcode(LOG0),
            Opcode(LOG1),
            Opcode(LOG2),
            Opcode(LOG3),
            Opcode(LOG4),
        ],
        switch: Some(Switch::LogSize),
        test: Pin::Function("machine/tests/differences.rs", "logs_end_at_8_kib"),
    },
    Divergence {
        id: "blake2f-rounds",
        group: Group::Gas,
        ethereum: "a round of BLAKE2F costs one gas",
        filecoin: "it costs the instructions that it takes",
        why: "FIP-0054",
        shows: "millions of rounds run out of gas",
        concerns: &[Precompile(9)],
        switch: Some(Switch::Gas),
        test: Pin::Vector("precompile/blake2f"),
    },
];
