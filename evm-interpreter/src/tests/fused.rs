//! Sequences executed at once against the same instructions one by one, which is how a watched machine
//! executes them. In the native shape both ways are one.

use super::world::{Ran, World, WorldOf};
use crate::Fork;
use crate::inspector::NoInspector;
use crate::metering::{Ethereum, Metering, Unmetered};
use crate::opcode::*;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn runs<M: Metering>(code: &[u8], meter: M) -> [Ran; 2] {
    let input: Vec<u8> = (1..=70).collect();
    let mut watched = World {
        input: input.clone(),
        ..World::default()
    };
    let mut unwatched = WorldOf::<NoInspector> {
        input,
        ..WorldOf::default()
    };
    [watched.run(code, meter), unwatched.run(code, meter)]
}

fn agree(code: &[u8]) -> Result<(), TestCaseError> {
    for fork in [Fork::Frontier, Fork::LATEST] {
        for gas in [60, 300, 100_000] {
            let [one_by_one, at_once] = runs(code, Ethereum::new(fork, gas));
            prop_assert_eq!(&one_by_one.output, &at_once.output, "{:02x?}", code);
            prop_assert_eq!(
                one_by_one.halt,
                at_once.halt,
                "{:?} {} {:02x?}",
                fork,
                gas,
                code
            );
            prop_assert_eq!(one_by_one.gas_left, at_once.gas_left);
        }
    }
    let [one_by_one, at_once] = runs(code, Unmetered);
    prop_assert_eq!(one_by_one.halt, at_once.halt, "{:02x?}", code);
    prop_assert_eq!(one_by_one.output, at_once.output, "{:02x?}", code);
    Ok(())
}

/// Instructions that compilers write in sequence, single ones, and jumps to destinations, where the
/// program has any, forward alone.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let comparison = prop_oneof![
        Just(LT),
        Just(GT),
        Just(SLT),
        Just(SGT),
        Just(EQ),
        Just(ISZERO)
    ];
    let taker = prop::sample::select(&[
        ADD,
        SUB,
        EQ,
        OR,
        AND,
        SHL,
        SHR,
        MLOAD,
        MSTORE,
        CALLDATALOAD,
        POP,
        SWAP1,
        DUP1,
        MUL,
    ]);
    let number = prop_oneof![0u8..3, any::<u8>()];
    prop_oneof![
        (number.clone(), taker).prop_map(|(n, op)| [PUSH1, n, op].to_vec()),
        (comparison, any::<bool>(), any::<bool>(), number.clone()).prop_map(
            |(op, not, branch, n)| {
                let mut code = [PUSH1, n, DUP1, PUSH1, n / 2, op].to_vec();
                if not {
                    code.push(ISZERO);
                }
                if branch {
                    code.extend([PUSH2, JUMPDEST, JUMPDEST, JUMPI]);
                }
                code
            }
        ),
        Just([PUSH2, JUMPDEST, JUMPDEST, JUMP, JUMPDEST].to_vec()),
        (any::<u32>(), any::<bool>()).prop_map(|(n, same)| {
            let [a, b, c, d] = n.to_be_bytes();
            let mut code = if same {
                [PUSH4, a, b, c, d].to_vec()
            } else {
                [DUP1].to_vec()
            };
            code.extend([PUSH4, a, b, c, d, EQ, PUSH2, JUMPDEST, JUMPDEST, JUMPI]);
            code
        }),
        any::<bool>().prop_map(|and| {
            let mut code = [PUSH1, 1, PUSH1, 1, PUSH1, 160, SHL, SUB].to_vec();
            if and {
                code.push(AND);
            }
            code
        }),
        any::<[u8; 32]>().prop_map(|bytes| [&[PUSH32][..], &bytes].concat()),
        // Any item and any number, taken by any instruction, decided upon or not.
        (waiting(), waiting(), taker_of_two(), 0usize..5).prop_map(|(first, second, op, tail)| {
            let tail: &[u8] = match tail {
                0 => &[ISZERO],
                1 => &[PUSH2, JUMPDEST, JUMPDEST, JUMPI],
                2 => &[ISZERO, PUSH2, JUMPDEST, JUMPDEST, JUMPI],
                3 => &[PUSH1, 0, JUMPI],
                _ => &[],
            };
            [&first[..], &second, &[op], tail].concat()
        }),
        (waiting(), taker_of_two()).prop_map(|(first, op)| [&first[..], &[op]].concat()),
        // Memory by numbers that are small, or else the native machine has it all.
        (number.clone(), number.clone(), 0usize..6).prop_map(|(a, b, n)| {
            let dup = match n {
                0 => &[DUP2, MLOAD][..],
                1 => &[DUP2, MSTORE],
                2 => &[DUP2, DUP2, MLOAD],
                3 => &[DUP2, DUP1 + 2, MLOAD],
                4 => &[PUSH0, DUP2, MSTORE],
                _ => &[PUSH1, 1, DUP1 + 2, MSTORE],
            };
            [&[PUSH1, a, PUSH1, b], dup].concat()
        }),
        number.clone().prop_map(|n| {
            [PUSH2, JUMPDEST, JUMPDEST, PUSH1, n, SWAP1, JUMP, JUMPDEST].to_vec()
        }),
        (SWAP1..=SWAP1 + 15).prop_map(|swap| [swap, POP].to_vec()),
        prop::sample::select(&[JUMPDEST, POP, DUP1, DUP2, SWAP1, SWAP2, NOT, ADD, CALLER])
            .prop_map(|op| [op].to_vec()),
    ]
}

/// A DUP, or a PUSH of a number, small ones in particular.
fn waiting() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (DUP1..DUP1 + 16).prop_map(|dup| [dup].to_vec()),
        (DUP1..DUP1 + 3).prop_map(|dup| [dup].to_vec()),
        (0usize..=9, any::<[u8; 9]>(), any::<bool>()).prop_map(|(n, mut bytes, small)| {
            if small {
                bytes[..n].fill(0);
                bytes[n.saturating_sub(1)] &= 63;
            }
            [&[PUSH0 + n as u8], &bytes[..n]].concat()
        }),
    ]
}

fn taker_of_two() -> impl Strategy<Value = u8> {
    prop::sample::select(&[
        STOP,
        ADD,
        MUL,
        SUB,
        DIV,
        LT,
        GT,
        SLT,
        SGT,
        EQ,
        ISZERO,
        AND,
        OR,
        XOR,
        NOT,
        SHL,
        SHR,
        SAR,
        CALLDATALOAD,
        POP,
        SWAP1,
    ])
}

/// Turns the place holders of jump targets into destinations behind them, where there are any.
fn link(code: &mut [u8]) {
    let mut next = usize::MAX;
    for at in (0..code.len().saturating_sub(2)).rev() {
        if code[at] == JUMPDEST && code[at + 1] != JUMPDEST && (at == 0 || code[at - 1] != JUMPDEST)
        {
            next = at;
        } else if code[at..at + 3] == [PUSH2, JUMPDEST, JUMPDEST] && next != usize::MAX {
            code[at + 1..at + 3].copy_from_slice(&(next as u16).to_be_bytes());
        }
    }
}

proptest! {
    #[test]
    fn sequences_do_what_their_instructions_do(
        depth in prop_oneof![Just(0usize), 0usize..4, 1018usize..=1024],
        pieces in prop::collection::vec(piece(), 1..40),
    ) {
        // Deep stacks are built by DUP1, so that the limit is met in the middle of sequences.
        let mut code = Vec::new();
        if depth > 0 {
            code.extend([PUSH1, 7]);
            code.resize(code.len() + depth - 1, DUP1);
        }
        code.extend(pieces.concat());
        link(&mut code);
        code.extend([PUSH1, 0, MSTORE, PUSH1, 96, PUSH1, 0, RETURN]);
        agree(&code)?;
    }
}
