//! Step traces: the same execution, seen instruction by instruction.

mod common;

use alloy_primitives::{Address, B256, U256, hex};
use alloy_sol_types::{SolCall, SolValue, sol};
use common::{ACCOUNTS, Chain, GAS_LIMIT, with_args};
use fevm_machine::message::{DELEGATED_SIGNATURE_LENGTH, on_chain_length};
use fevm_machine::steps::{
    Event, FrameInfo, FrameKind, MemoryView, Step, StepHalt, TracedOutcome, TracingActor,
};
use fevm_machine::{ApplyKind, exit};

sol! {
    function transfer(address to, uint256 amount) returns (bool);
    function balanceOf(address owner) returns (uint256);
}

const GAS: u8 = 0x5a;

/// Runs a message and its trace; asserts that they are the same run and what [`Chain::apply`] gives.
#[track_caller]
fn trace(chain: &Chain, to: Address, input: Vec<u8>, gas: u64) -> TracedOutcome<Vec<Event>> {
    let mut call = chain.message(ACCOUNTS[0], Some(to), input);
    call.gas_limit = gas;
    let message = call.to_message();
    let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
    let tracer = chain
        .vm
        .step_tracer(&chain.block.state_root, fevm_bundle::evm_tracing().unwrap())
        .unwrap();
    let kind = ApplyKind::Explicit;
    let traced = tracer
        .trace(
            chain.block.clone(),
            message.clone(),
            kind,
            length,
            Vec::new(),
        )
        .unwrap();
    let (outcome, root) = chain
        .vm
        .apply(chain.block.clone(), message, kind, length)
        .unwrap();
    assert_eq!(traced.outcome.exit_code, outcome.exit_code);
    assert_eq!(traced.outcome.gas.used, outcome.gas.used);
    assert_eq!(traced.state_root, root);
    assert_eq!(traced.faithful, Ok(()));
    assert_nested(&traced.sink);
    traced
}

/// Frames open and close like brackets, gas falls within each, and each step's cost is what it falls by if no
/// call lies between.
fn assert_nested(events: &[Event]) {
    let mut open: Vec<Option<Step>> = Vec::new();
    for event in events {
        match event {
            Event::Enter(_) => open.push(None),
            Event::Step(step) => {
                let last = open.last_mut().expect("a frame is open");
                if let Some(last) = last.replace(step.clone()) {
                    assert!(last.gas >= step.gas, "{last:?} {step:?}");
                    assert!(last.gas - step.gas >= last.gas_cost, "{last:?} {step:?}");
                }
            }
            Event::Leave(_) => assert!(open.pop().is_some()),
        }
    }
    assert!(open.is_empty());
}

fn steps(events: &[Event]) -> Vec<&Step> {
    let steps = events.iter().filter_map(|event| match event {
        Event::Step(step) => Some(step),
        _ => None,
    });
    steps.collect()
}

fn frames(events: &[Event]) -> Vec<&FrameInfo> {
    let frames = events.iter().filter_map(|event| match event {
        Event::Enter(frame) => Some(frame),
        _ => None,
    });
    frames.collect()
}

/// A chain with runtime code at an address.
fn chain_with(codes: &[(u8, &[u8])]) -> Chain {
    let mut chain = Chain::new();
    let mut state = chain.state();
    for (at, code) in codes {
        state.set_code(Address::repeat_byte(*at), code).unwrap();
    }
    chain.block.state_root = state.flush().unwrap();
    chain
}

const fn at(byte: u8) -> Address {
    Address::repeat_byte(byte)
}

#[test]
fn a_token_transfer() {
    let mut chain = Chain::new();
    let args = (
        "My Token".to_owned(),
        "MYT".to_owned(),
        U256::from(1000),
        U256::from(2000),
    );
    let token = chain.deploy(ACCOUNTS[0], with_args("Token", &args.abi_encode_params()));
    let call = transferCall {
        to: ACCOUNTS[1],
        amount: U256::from(25),
    };
    let traced = trace(&chain, token, call.abi_encode(), GAS_LIMIT);

    let events = &traced.sink;
    let [frame] = frames(events)[..] else {
        panic!("one frame")
    };
    assert_eq!((frame.kind, frame.depth), (FrameKind::Call, 1));
    assert_eq!(
        (frame.address, frame.code_address, frame.caller),
        (token, token, ACCOUNTS[0])
    );
    assert_eq!(frame.input, call.abi_encode());
    let steps = steps(events);
    assert!(steps.len() > 300, "{} steps", steps.len());
    // Solidity's first instructions.
    assert_eq!(steps[0].pc, 0);
    let written = steps
        .iter()
        .filter_map(|step| step.storage()?.written)
        .collect::<Vec<_>>();
    assert_eq!(written, [975, 25].map(|n| B256::from(U256::from(n))));
    let last = steps.last().unwrap();
    assert_eq!(last.halt, Some(StepHalt::Return));
    let Some(Event::Leave(end)) = events.last() else {
        panic!("the frame ends")
    };
    assert!(end.exit_code.is_success());
    assert_eq!(end.output, U256::from(1).abi_encode());
    // The rest of what the frame used is the actor's start and end: loading state and code, writing state.
    let costs: u64 = steps.iter().map(|step| step.gas_cost).sum();
    assert!(
        costs < end.gas_used && costs > end.gas_used / 20,
        "{costs} of {}",
        end.gas_used
    );
}

#[test]
fn memory_stack_and_return_data() {
    // MSTORE 0x2a at 0x20, MSTORE8 0xff at 3, CALL of 0xbb.. which returns 32 bytes, RETURNDATASIZE.
    let caller = hex!(
        "602a60205260ff6003536000600060006000600073bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb5af13d00"
    );
    let callee = hex!("61beef60005260206000f3");
    let chain = chain_with(&[(0xaa, &caller), (0xbb, &callee)]);
    let traced = trace(&chain, at(0xaa), vec![], GAS_LIMIT);
    let mut views = Vec::<MemoryView>::new();
    let mut seen = Vec::new();
    for event in &traced.sink {
        match event {
            Event::Enter(_) => views.push(MemoryView::default()),
            Event::Step(step) => {
                let view = views.last_mut().unwrap();
                view.follow(step);
                assert_eq!(view.memory.len(), step.memory_size);
                seen.push((step.depth, step.op, view.clone(), step.stack.clone()));
            }
            Event::Leave(_) => drop(views.pop()),
        }
    }
    let (_, _, view, stack) = seen
        .iter()
        .find(|(depth, op, ..)| (*depth, *op) == (1, 0x3d))
        .unwrap();
    assert_eq!(view.memory.len(), 64);
    assert_eq!((view.memory[3], view.memory[0x3f]), (0xff, 0x2a));
    assert_eq!(U256::from_be_slice(&view.return_data), U256::from(0xbeef));
    assert_eq!(stack[..], [U256::from(1)]);
    let inner = frames(&traced.sink)[1];
    assert_eq!(
        (inner.address, inner.depth, inner.caller),
        (at(0xbb), 2, at(0xaa))
    );
}

#[test]
fn delegate_calls_creations_and_reverts() {
    // 0xaa: DELEGATECALL 0xbb, CREATE2 of init code `fe`, STATICCALL 0xcc.
    let code = hex!(
        "6000600060006000 73bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb 5af4 50
         60fe600053 6007600160006000f5 50
         6000600060006000 73cccccccccccccccccccccccccccccccccccccccc 5afa 00"
    );
    let reverts = hex!("60006000fd");
    let writes = hex!("60015f5500");
    let chain = chain_with(&[(0xaa, &code), (0xbb, &reverts), (0xcc, &writes)]);
    let traced = trace(&chain, at(0xaa), vec![], GAS_LIMIT);
    let frames: Vec<_> = frames(&traced.sink)
        .into_iter()
        .filter(|f| f.kind != FrameKind::Native)
        .collect();
    // What reads another contract's code asks its actor.
    let kinds: Vec<_> = frames
        .iter()
        .map(|f| f.kind)
        .filter(|k| *k != FrameKind::Method)
        .collect();
    assert_eq!(
        kinds,
        [
            FrameKind::Call,
            FrameKind::DelegateCall,
            FrameKind::Create2,
            FrameKind::StaticCall
        ]
    );
    let delegate = frames
        .iter()
        .find(|f| f.kind == FrameKind::DelegateCall)
        .unwrap();
    assert_eq!(
        (delegate.address, delegate.code_address),
        (at(0xaa), at(0xbb))
    );
    let create = frames
        .iter()
        .find(|f| f.kind == FrameKind::Create2)
        .unwrap();
    assert_eq!((create.depth, create.caller), (2, at(0xaa)));
    assert_eq!(create.input, [0xfe]);
    let halts: Vec<_> = steps(&traced.sink)
        .iter()
        .filter_map(|s| Some((s.depth, s.op, s.halt?)))
        .collect();
    assert_eq!(
        halts,
        [
            (2, 0xfd, StepHalt::Revert),
            (2, 0xfe, StepHalt::InvalidInstruction),
            (2, 0x55, StepHalt::StaticViolation),
            (1, 0x00, StepHalt::Stop)
        ]
    );
    assert!(
        steps(&traced.sink)
            .last()
            .unwrap()
            .stack
            .ends_with(&[U256::ZERO])
    );
}

/// GAS gives between what its step had and what the next has: the trace's gas is the shipping run's.
#[test]
fn gas_is_that_of_the_shipping_run() {
    // GAS, POP in a loop of 40, with a CALL of 0xbb that does the same; then GAS is stored.
    let inner = hex!("5a50 5a50 5a50 00");
    let code = hex!(
        "5f 5b 5a50 5f5f5f5f5f 73bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb 5af150 600101 80602811 6001 57 5a5f5500"
    );
    let chain = chain_with(&[(0xaa, &code), (0xbb, &inner)]);
    let traced = trace(&chain, at(0xaa), vec![], GAS_LIMIT);
    let mut open: Vec<Option<Step>> = Vec::new();
    let mut answers = 0;
    for event in &traced.sink {
        match event {
            Event::Enter(_) => open.push(None),
            Event::Step(step) => {
                let last = open.last_mut().unwrap().replace(step.clone());
                if let Some(last) = last.filter(|last| last.op == GAS) {
                    let answer = step.stack.last().unwrap().to::<u64>();
                    assert!((step.gas..last.gas).contains(&answer), "{last:?} {step:?}");
                    answers += 1;
                }
            }
            Event::Leave(_) => drop(open.pop()),
        }
    }
    assert!(answers > 200, "{answers}");
}

/// The share of each step in a stretch without syscalls, against what the shipping actor uses for the program cut
/// off at that step.
#[test]
fn gas_of_single_steps_is_close() {
    // No jumps, so that every prefix is a program.
    let mut code = Vec::new();
    for round in 0..6u8 {
        code.extend([
            0x60,
            round + 3,
            0x60,
            7,
            0x02,
            0x60,
            5,
            0x01,
            0x80,
            0x02,
            0x60,
            9,
            0x90,
            0x04,
            0x19,
        ]);
        code.extend([0x60, 0x20, 0x52, 0x60, 0x20, 0x51, 0x60, 1, 0x1b, 0x50]);
    }
    code.push(0);
    let chain = chain_with(&[(0xaa, &code)]);
    let whole = trace(&chain, at(0xaa), vec![], GAS_LIMIT);
    let steps = steps(&whole.sink);
    let used = |length: usize| {
        // As long as the whole, since loading code has its price by the byte.
        let mut cut = code.clone();
        cut[length] = 0;
        let chain = chain_with(&[(0xaa, &cut)]);
        let call = chain.message(ACCOUNTS[0], Some(at(0xaa)), vec![]);
        let outcome = chain
            .vm
            .call(
                chain.block.clone(),
                call.to_message(),
                ApplyKind::Implicit,
                0,
            )
            .unwrap();
        assert!(outcome.is_success());
        outcome.gas.used
    };
    let start = used(0);
    let mut worst = 0;
    for step in &steps {
        let truth = used(step.pc as usize) - start;
        let shown = steps[0].gas - step.gas;
        worst = worst.max(truth.abs_diff(shown));
    }
    let total = steps[0].gas - steps.last().unwrap().gas;
    println!(
        "worst error {worst} of {total} gas in {} steps",
        steps.len()
    );
    assert!(worst < total / 40, "{worst} of {total}");
}

#[test]
fn out_of_gas_in_a_callee() {
    // 0xbb loops for ever; 0xaa gives it 3 million gas and goes on.
    let caller = hex!("5f5f5f5f5f73bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb622dc6c0f15f5500");
    let chain = chain_with(&[(0xaa, &caller), (0xbb, &hex!("5b5f56"))]);
    let traced = trace(&chain, at(0xaa), vec![], GAS_LIMIT);
    assert!(traced.outcome.is_success());
    let steps = steps(&traced.sink);
    let last = steps.iter().rev().find(|step| step.depth == 2).unwrap();
    assert_eq!(last.halt, Some(StepHalt::OutOfGas));
    assert!(last.gas < 10_000, "{last:?}");
    let end = traced.sink.iter().find_map(|event| match event {
        Event::Leave(end) => Some(end),
        _ => None,
    });
    assert_eq!(end.unwrap().exit_code.value(), 7);
}

#[test]
fn out_of_gas_of_the_message() {
    let chain = chain_with(&[(0xaa, &hex!("5b5f56")), (0xbb, &hex!("5b5f54505f56"))]);
    for (to, gas) in [(0xaa, 20_000_000), (0xbb, 40_000_000), (0xaa, 2_000_000)] {
        let traced = trace(&chain, at(to), vec![], gas);
        assert_eq!(
            traced.outcome.exit_code.value(),
            7,
            "{}",
            exit::describe(traced.outcome.exit_code)
        );
        if let Some(last) = steps(&traced.sink).last() {
            assert_eq!(last.halt, Some(StepHalt::OutOfGas));
        }
    }
}

/// A contract that calls itself until it has no more gas for it.
#[test]
fn as_deep_as_it_goes() {
    let chain = chain_with(&[(0xaa, &hex!("5f5f5f5f5f305af100"))]);
    let traced = trace(&chain, at(0xaa), vec![], GAS_LIMIT);
    let deepest = steps(&traced.sink).iter().map(|step| step.depth).max();
    assert!(deepest >= Some(300), "{deepest:?}");
}

#[test]
fn without_the_tracing_actor_the_error_says_so() {
    let chain = Chain::new();
    let actor = TracingActor {
        module: &[],
        ..fevm_bundle::evm_tracing().unwrap()
    };
    let error = chain
        .vm
        .step_tracer(&chain.block.state_root, actor)
        .unwrap_err();
    assert!(error.to_string().contains("evm-tracing.wasm"), "{error}");
}
