//! Transactions and fees.

use crate::divergence::Concern::Rule;
use crate::divergence::{Divergence, Group, Pin, Switch};

pub(super) const ROWS: &[Divergence] = &[
    Divergence {
        id: "transaction-types",
        group: Group::Transactions,
        ethereum: "legacy, access-list (EIP-2930), dynamic-fee (EIP-1559), blob (EIP-4844), set-code (EIP-7702)",
        filecoin: "legacy with and without chain ID, and dynamic-fee with an empty access list",
        why: "FIP-0055, FIP-0091",
        shows: "all others are refused",
        concerns: &[Rule("EIP-2718")],
        switch: None,
        test: Pin::Function(
            "machine/tests/transactions.rs",
            "unsupported_types_say_what_to_do",
        ),
    },
    Divergence {
        id: "admission",
        group: Group::Transactions,
        ethereum: "a sender must cover gas and value; intrinsic gas, floor price (EIP-7623), init code and gas limit \
                   (EIP-7825) are checked before inclusion",
        filecoin: "fee cap times gas limit must be covered, value need not: such a message is included, pays and \
                   fails with exit code 6. The least gas is the price of inclusion",
        why: "FVM: pre-flight checks",
        shows: "a mined failure where Ethereum refuses",
        concerns: &[Rule("validity of transactions")],
        switch: Some(Switch::Admission),
        test: Pin::Function(
            "machine/tests/execution.rs",
            "what_no_block_can_include_changes_nothing",
        ),
    },
    Divergence {
        id: "fees",
        group: Group::Transactions,
        ethereum: "gas used times price; unused gas is free",
        filecoin: "base fee of gas used and a burn for over-estimation to f099, premium times gas limit to the miner: \
                   unused limit costs",
        why: "FVM: gas outputs; FIP-0115",
        shows: "balances of sender and miner. State tests compare them without fees: the sender has paid for its whole \
                limit, and nobody has been paid",
        concerns: &[Rule("fees")],
        switch: Some(Switch::Fees),
        test: Pin::Function("machine/tests/execution.rs", "fees_go_where_they_belong"),
    },
    Divergence {
        id: "senders",
        group: Group::Transactions,
        ethereum: "an account exists once it has a balance",
        filecoin: "an address is a placeholder until it first sends, then an Ethereum account; actors have an ID and \
                   an f410 address beside the 0x one",
        why: "FIP-0048, FIP-0055",
        shows: "native tools",
        concerns: &[Rule("accounts")],
        switch: None,
        test: Pin::Vector("eam/external-placeholder"),
    },
];
