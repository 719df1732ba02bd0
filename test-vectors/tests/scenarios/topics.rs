//! The scenarios.

use alloy_primitives::{Address, address};
use fevm_machine::address::{delegated, mask_id};
use fevm_test_vectors::format::Vector;

use super::assembler::{assemble, deployer, word};
use super::chain::{ALICE, BOB, Chain, create2 as create2_address};
use super::probe::{
    batch, call, create, create2, delegate, destroy, examine, log, read, runtime, static_call,
    write, write_revert,
};

/// All of them.
pub(crate) fn all() -> Vec<Vector> {
    vec![
        transient(),
        logs(),
        resurrection(),
        addresses(),
        creation(),
        read_only(),
        native(),
        super::encodings::encodings(),
    ]
}

fn deploy(chain: &mut Chain, name: &str) -> Address {
    chain.create(name, &deployer(&runtime()))
}

fn transient() -> Vector {
    let mut chain = Chain::new(
        "own/transient",
        "transient storage over nested delegated calls, callbacks, reverts and messages",
    );
    let p = deploy(&mut chain, "p");
    let q = deploy(&mut chain, "q");
    let parts = batch(&[
        write(1, 5),
        read(1),
        delegate(q, &write(2, 6)),
        read(2),
        call(q, 0, &write(1, 7)),
        call(q, 0, &read(1)),
        call(q, 0, &call(p, 0, &read(1))),
        static_call(p, &read(2)),
        write_revert(1, 9),
        read(1),
    ]);
    chain.call("one message", p, &parts, 0);
    chain.call("the next: p", p, &read(1), 0);
    chain.call("the next: q", q, &read(1), 0);
    let deep = delegate(q, &delegate(p, &delegate(q, &write(3, 8))));
    chain.call(
        "delegated three deep",
        p,
        &batch(&[
            deep,
            read(3),
            delegate(q, &delegate(p, &write_revert(3, 1))),
            read(3),
        ]),
        0,
    );
    chain.call(
        "called back",
        p,
        &batch(&[write(4, 1), call(q, 0, &call(p, 0, &write(4, 2))), read(4)]),
        0,
    );
    chain.call(
        "called back and reverted",
        p,
        &batch(&[
            write(4, 3),
            call(q, 0, &call(p, 0, &write_revert(4, 9))),
            read(4),
        ]),
        0,
    );
    chain.call(
        "emptied in the same message",
        p,
        &batch(&[write(5, 1), call(q, 0, &read(1)), write(5, 0), read(5)]),
        0,
    );
    chain.call("then a message that writes nothing", p, &read(5), 0);
    chain.call("then one that writes", p, &write(6, 1), 0);
    chain.call_by("by another sender", BOB, p, &read(6), 0);
    chain.finish()
}

fn logs() -> Vector {
    let mut chain = Chain::new(
        "own/log-limits",
        "logs around the 8,192 bytes that an event may hold, and what their failure leaves",
    );
    let p = deploy(&mut chain, "p");
    let q = deploy(&mut chain, "q");
    for topics in 0..=4 {
        let most = 8_192 - 32 * topics;
        for len in [0, 1, most, most + 1] {
            let name = format!("{topics} topics, {len} bytes");
            chain.call(&name, p, &log(topics, len), 0);
        }
    }
    chain.call(
        "a frame below fails",
        p,
        &batch(&[
            log(1, 10),
            call(q, 0, &log(4, 8_192)),
            delegate(q, &log(2, 8_192)),
            log(2, 20),
            call(q, 0, &batch(&[log(1, 1), write_revert(1, 1)])),
        ]),
        0,
    );
    chain.call("static", p, &static_call(q, &log(1, 1)), 0);
    let many: Vec<_> = (0..70).map(|n| log(n % 5, n)).collect();
    chain.call("seventy", p, &batch(&many), 0);
    chain.finish()
}

fn resurrection() -> Vector {
    let mut chain = Chain::new(
        "own/resurrection",
        "contracts that die and are made anew at the same address",
    );
    let factory = deploy(&mut chain, "factory");
    let init = deployer(&runtime());
    let child = create2_address(factory, 1, &init);
    let make = create2(1, &init);
    chain.call("made", factory, &make, 5);
    chain.call("made twice", factory, &make, 0);
    chain.call("writes", child, &batch(&[write(1, 7), create(&[])]), 0);
    chain.call(
        "dies, and in the same message it is called and made again",
        factory,
        &batch(&[
            call(child, 0, &destroy(factory)),
            call(child, 0, &read(1)),
            examine(child),
            make.clone(),
            call(child, 0, &write(2, 3)),
        ]),
        0,
    );
    chain.call("dead", factory, &examine(child), 0);
    chain.call("dead: called", child, &read(1), 0);
    chain.call("dead: paid", child, &[], 9);
    chain.call("dead: delegated to", factory, &delegate(child, &read(1)), 0);
    chain.call("dead: getters", factory, &static_call(child, &read(1)), 0);
    for method in [3, 4] {
        let name = format!("dead: method {method}");
        chain.native(&name, delegated(child), method, Vec::new(), 0);
    }
    chain.call("made anew", factory, &make, 4);
    chain.call(
        "new: storage",
        child,
        &batch(&[read(1), read(2), create(&[])]),
        0,
    );
    chain.call("new: examined", factory, &examine(child), 0);
    chain.call("dies again", child, &destroy(child), 0);
    chain.call(
        "made anew and destroyed in one message",
        factory,
        &batch(&[make.clone(), call(child, 0, &destroy(BOB)), examine(child)]),
        0,
    );
    chain.call("made a third time", factory, &make, 0);
    // Init code that looks at its own address: alive or dead, the same address.
    let reverting = assemble("0xdead 0 MSTORE 0x20 0 REVERT");
    let other = create2_address(factory, 2, &reverting);
    chain.call("init code reverts", factory, &create2(2, &reverting), 0);
    chain.call("nothing is there", factory, &examine(other), 0);
    let dying = assemble("CALLER SELFDESTRUCT");
    let dying_at = create2_address(factory, 3, &dying);
    chain.call("dies in its constructor", factory, &create2(3, &dying), 6);
    chain.call("that one", factory, &examine(dying_at), 0);
    chain.call("that one made anew", factory, &create2(3, &dying), 2);
    chain.finish()
}

fn addresses() -> Vector {
    let mut chain = Chain::new(
        "own/addresses",
        "addresses at the edges: masked IDs, precompiles and their neighbours, unknown ones",
    );
    let p = deploy(&mut chain, "p");
    let low = |high: u8, low: u8| {
        let mut bytes = [0; 20];
        (bytes[18], bytes[19]) = (high, low);
        Address::from(bytes)
    };
    let native = |middle: u8, low: u8| {
        let mut bytes = [0; 20];
        (bytes[0], bytes[18], bytes[19]) = (0xfe, middle, low);
        Address::from(bytes)
    };
    let mut list: Vec<Address> = [0, 1, 2, 3, 4, 5, 10, 99, 100, 102, 103, 5_000, u64::MAX]
        .map(mask_id)
        .to_vec();
    for (a, b) in [
        (0, 0),
        (0, 10),
        (0, 0x11),
        (0, 0x12),
        (0, 0xff),
        (1, 0),
        (1, 1),
        (2, 0),
    ] {
        list.push(low(a, b));
    }
    for (a, b) in [(0, 0), (0, 1), (0, 4), (0, 7), (0, 0xff), (1, 0), (1, 1)] {
        list.push(native(a, b));
    }
    list.push(address!("ff00000000000000000000010000000000000001"));
    list.push(address!("ff01000000000000000000000000000000000064"));
    list.push(address!("fe00000000000000010000000000000000000003"));
    list.extend([
        ALICE,
        BOB,
        p,
        address!("1234567890123456789012345678901234567890"),
    ]);
    for (n, account) in list.iter().enumerate() {
        chain.call(&format!("{n} examined"), p, &examine(*account), 3);
        let calls = batch(&[
            call(*account, 0, &[]),
            static_call(*account, &[]),
            delegate(*account, &[]),
            call(*account, 0, &word(7)),
            call(*account, 1, &[]),
            examine(*account),
        ]);
        chain.call(&format!("{n} called"), p, &calls, 0);
    }
    chain.finish()
}

fn creation() -> Vector {
    let mut chain = Chain::new(
        "own/creation",
        "collisions, placeholders with funds, constructors that call back, creations in delegated calls",
    );
    let p = deploy(&mut chain, "p");
    let q = deploy(&mut chain, "q");
    let tiny = deployer(&assemble("0 0 RETURN"));
    let funded = create2_address(p, 7, &tiny);
    chain.call("a placeholder is paid", funded, &[], 11);
    chain.call("examined", p, &examine(funded), 0);
    chain.call("made over it", p, &create2(7, &tiny), 2);
    chain.call("examined again", p, &examine(funded), 0);
    chain.call(
        "collision",
        p,
        &batch(&[create2(7, &tiny), create2(8, &tiny)]),
        0,
    );

    let calling_back = assemble("0 0 0x40 0 0 CALLER GAS CALL 0 MSTORE 0x20 0 RETURN");
    chain.call("calls back", p, &create(&calling_back), 0);
    let nested = {
        // Creates a contract of no code and keeps its address as its own code.
        assemble("0 0 0 CREATE 0 MSTORE 0x20 0 RETURN")
    };
    chain.call("nested", p, &batch(&[create(&nested), create(&nested)]), 0);
    chain.call("delegated", p, &delegate(q, &create(&tiny)), 0);
    chain.call(
        "delegated twice",
        p,
        &delegate(q, &delegate(p, &create2(9, &tiny))),
        0,
    );
    chain.call(
        "in a frame that reverts",
        p,
        &batch(&[
            call(q, 0, &batch(&[create(&tiny), write_revert(1, 1)])),
            call(q, 0, &create(&tiny)),
        ]),
        0,
    );
    for (name, code) in [
        ("empty", Vec::new()),
        ("0xef", assemble("0xef 0 MSTORE8 1 0 RETURN")),
        ("24,576 bytes", assemble("0x6000 0 RETURN")),
        ("24,577 bytes", assemble("0x6001 0 RETURN")),
        ("invalid", assemble("INVALID")),
        ("reverts with nothing", assemble("0 0 REVERT")),
        ("reverts with a word", assemble("7 0 MSTORE 0x20 0 REVERT")),
        ("stops", assemble("STOP")),
        (
            "returns call data size",
            assemble("CALLDATASIZE 0 MSTORE 0x20 0 RETURN"),
        ),
        (
            "its own size and hash",
            assemble(
                "ADDRESS EXTCODESIZE 0 MSTORE ADDRESS EXTCODEHASH 0x20 MSTORE CODESIZE 0x40 MSTORE 0x60 0 RETURN",
            ),
        ),
        (
            "calls itself",
            assemble("0 0 0 0 0 ADDRESS GAS CALL 0 MSTORE 0x20 0 RETURN"),
        ),
        (
            "delegates to itself",
            assemble("0 0 0 0 ADDRESS GAS DELEGATECALL 0 MSTORE 0x20 0 RETURN"),
        ),
    ] {
        chain.call(name, p, &create(&code), 1);
        chain.create(&format!("{name}: external"), &code);
    }
    chain.call(
        "with more value than there is",
        p,
        &call(q, u64::MAX, &create(&tiny)),
        0,
    );
    chain.finish()
}

fn read_only() -> Vector {
    let mut chain = Chain::new(
        "own/read-only",
        "everything that a read-only call may not do, one and two frames down",
    );
    let p = deploy(&mut chain, "p");
    let q = deploy(&mut chain, "q");
    let unknown = address!("00000000000000000000000000000000deadbeef");
    let acts = [
        ("read", read(1)),
        ("write", write(1, 1)),
        ("write the same", write(1, 0)),
        ("log", log(0, 0)),
        ("create", create(&[])),
        ("create2", create2(1, &[])),
        ("destroy", destroy(BOB)),
        ("value", call(BOB, 1, &[])),
        ("value to a stranger", call(unknown, 1, &[])),
        ("no value to a stranger", call(unknown, 0, &[])),
        ("a precompile with value", call(mask_id(4), 1, &[])),
        ("examine", examine(q)),
    ];
    for (name, act) in &acts {
        let both = batch(&[
            static_call(q, act),
            static_call(q, &delegate(p, act)),
            static_call(q, &call(p, 0, act)),
        ]);
        chain.call(name, p, &both, 2);
    }
    chain.finish()
}

fn native() -> Vector {
    let mut chain = Chain::new(
        "own/native",
        "messages of any method to contracts that answer as they like",
    );
    // Gives back what stands behind the selector, the number, the codec, offset and length.
    let echo = chain.create(
        "echo",
        &deployer(&assemble(
            "CALLDATASIZE 0 0 CALLDATACOPY 0x84 CALLDATASIZE SUB 0x84 RETURN",
        )),
    );
    let answer = |exit: u64, codec: u64, data: &[u8]| {
        let mut abi = [word(exit), word(codec), word(0x60), word(data.len() as u64)].concat();
        abi.extend_from_slice(data);
        abi.resize(abi.len().next_multiple_of(32), 0);
        abi
    };
    let to = delegated(echo);
    for (name, abi) in [
        ("success", answer(0, 0x51, &[0x80])),
        ("success without data", answer(0, 0, &[])),
        ("raw codec", answer(0, 0x55, &[1])),
        ("DAG-CBOR", answer(0, 0x71, &[0x80])),
        ("codec 0 with data", answer(0, 0, &[1])),
        ("exit 1", answer(1, 0x51, &[0x80])),
        ("exit 15", answer(15, 0, &[])),
        ("exit 16 with data", answer(16, 0x51, &[0x41, 7])),
        ("exit 33", answer(33, 0x51, &[0x41, 7])),
        ("exit 2^32 - 1", answer(u64::from(u32::MAX), 0, &[])),
        ("exit 2^32", answer(1 << 32, 0, &[])),
        ("no CBOR at all", answer(0, 0x51, &[0xff, 0xff])),
        ("cut off", answer(0, 0x51, &[0x80])[..100].to_vec()),
        ("one byte", vec![1]),
    ] {
        chain.native(name, to, 5_000, abi.clone(), 3);
    }
    for method in [1_023, 1_024, 1 << 24, u64::from(u32::MAX), u64::MAX] {
        chain.native(
            &format!("method {method}"),
            to,
            method,
            answer(0, 0x51, &[0x80]),
            0,
        );
        chain.native(
            &format!("method {method}, nothing"),
            to,
            method,
            Vec::new(),
            0,
        );
    }
    chain.finish()
}
