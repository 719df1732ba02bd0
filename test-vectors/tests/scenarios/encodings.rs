//! Parameters in every form of CBOR that there is.

use fevm_machine::address::delegated;
use fevm_test_vectors::format::Vector;
use fvm_shared::address::Address as FilAddress;

use super::assembler::{assemble, byte_string, deployer};
use super::chain::Chain;

/// Every way to write a value of `rest` bytes behind a head of this major type: its own and those that
/// the decoder takes for it or does not, heads longer than needed.
fn forms(major: u8, argument: u8, rest: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for major in [major, 0, 1, 2, 3, 4, 5, 6, 7] {
        let short = match argument {
            0..24 => vec![major << 5 | argument],
            _ => vec![major << 5 | 24, argument],
        };
        forms.push([&short, rest].concat());
    }
    for (info, width) in [(24, 1), (25, 2), (26, 4), (27, 8), (28, 0)] {
        let mut head = vec![major << 5 | info];
        head.resize(1 + width, 0);
        if width > 0 {
            head[width] = argument;
        }
        forms.push([&head, rest].concat());
    }
    forms
}

/// A string of indefinite length in two chunks, the second one nested.
fn chunks(major: u8, bytes: &[u8]) -> Vec<u8> {
    let (left, right) = bytes.split_at(bytes.len() / 2);
    let start = major << 5 | 0x1f;
    let head = |chunk: &[u8]| vec![major << 5 | 24, chunk.len() as u8];
    [
        &[start][..],
        &head(left),
        left,
        &[start],
        &head(right),
        right,
        &[0xff, 0xff],
    ]
    .concat()
}

/// Parameters that every method decodes, and that none does.
pub(crate) fn encodings() -> Vector {
    let mut chain = Chain::new(
        "own/encodings",
        "CBOR of parameters in every form: text, links, byte strings, integers, tuples",
    );
    let init = FilAddress::new_id(1);
    let eam = FilAddress::new_id(10);
    let send = |chain: &mut Chain, what: &str, to, method, params: Vec<u8>| {
        let name = format!("{what}: {}", hex::encode(&params));
        chain.native(&name, to, method, params, 0);
    };

    // The init actor's constructor: [text].
    let mut names = forms(3, 4, b"name");
    names.extend([
        chunks(3, b"name"),
        chunks(2, b"name"),
        b"\x61\xff".to_vec(),
        vec![0x60],
        vec![0xf6],
    ]);
    for name in names {
        send(&mut chain, "text", init, 1, [&[0x81], &name[..]].concat());
    }
    // Exec: [link, bytes].
    let cid = [&[1, 0x55, 0xa0, 0xe4, 2, 0x20][..], &[7; 32]].concat();
    let prefixed = [&[0][..], &cid].concat();
    let content = [&[0x58, 39][..], &prefixed].concat();
    let mut links = forms(6, 42, &content);
    links.push([&[0xd8, 43][..], &content].concat());
    links.push([&[0xd8, 42][..], &chunks(2, &prefixed)].concat());
    for bytes in forms(2, 39, &prefixed) {
        links.push([&[0xd8, 42][..], &bytes].concat());
    }
    for wrong in [
        cid.clone(),
        [&[1][..], &cid].concat(),
        prefixed[..20].to_vec(),
        vec![0],
        Vec::new(),
    ] {
        links.push([&[0xd8, 42][..], &byte_string(&wrong)].concat());
    }
    for link in links {
        send(
            &mut chain,
            "link",
            init,
            2,
            [&[0x82], &link[..], &[0x40]].concat(),
        );
    }
    // Tuples, by Create: [bytes, u64]; integers and byte strings in them.
    for head in forms(4, 2, &[]) {
        send(
            &mut chain,
            "tuple",
            eam,
            2,
            [&head[..], &[0x41, 0, 5]].concat(),
        );
    }
    for params in [
        &[0x81, 0x40][..],
        &[0x83, 0x40, 5, 5],
        &[0x9f, 0x40, 5, 0xff],
        &[0x82, 0x40],
        &[0x82, 0x40, 5, 5],
    ] {
        send(&mut chain, "tuple", eam, 2, params.to_vec());
    }
    let mut numbers = forms(0, 5, &[]);
    numbers.push([&[0x1b][..], &[0xff; 8]].concat());
    numbers.push([&[0xc2, 0x48][..], &[0xff; 8]].concat());
    for number in numbers {
        send(
            &mut chain,
            "integer",
            eam,
            2,
            [&[0x82, 0x40], &number[..]].concat(),
        );
    }
    let mut strings = forms(2, 3, &[0x5f, 0x5f, 0xf3]);
    strings.extend([
        chunks(2, &[0x5f, 0x5f, 0xf3]),
        chunks(0, &[0x5f, 0x5f, 0xf3]),
        vec![0x5f, 0xff],
        vec![0x5f],
    ]);
    for string in &strings {
        send(
            &mut chain,
            "bytes",
            eam,
            2,
            [&[0x82], &string[..], &[5]].concat(),
        );
        send(&mut chain, "init code", eam, 4, string.clone());
    }
    // Create2: [bytes, 32 bytes].
    for len in [0, 31, 32, 33] {
        let salt = [&[0x58, len][..], &vec![1; len as usize]].concat();
        send(
            &mut chain,
            "salt",
            eam,
            3,
            [&[0x82, 0x40], &salt[..]].concat(),
        );
    }
    // Call data of a contract that gives it back, and storage keys.
    let echo = chain.create(
        "echo",
        &deployer(&assemble(
            "CALLDATASIZE 0 0 CALLDATACOPY CALLDATASIZE 0 RETURN",
        )),
    );
    for string in &strings {
        send(
            &mut chain,
            "call data",
            delegated(echo),
            3_844_450_837,
            string.clone(),
        );
        send(
            &mut chain,
            "any method",
            delegated(echo),
            5_000,
            string.clone(),
        );
        send(
            &mut chain,
            "key",
            delegated(echo),
            5,
            [&[0x81], &string[..]].concat(),
        );
    }
    for depth in [2, 20, 60] {
        let nested = [vec![0x5f; depth], vec![0xff; depth]].concat();
        chain.native(
            &format!("nested {depth} deep"),
            delegated(echo),
            3_844_450_837,
            nested.clone(),
            0,
        );
        let tuple = [&[0x81], &nested[..]].concat();
        chain.native(
            &format!("nested {depth} deep in a tuple"),
            delegated(echo),
            5,
            tuple,
            0,
        );
    }
    for (method, to) in [
        (1, eam),
        (3, delegated(echo)),
        (4, delegated(echo)),
        (2, FilAddress::new_id(102)),
    ] {
        for params in [&[][..], &[0x80], &[0xf6], &[0x40]] {
            chain.native(
                &format!("method {method} of {to} without parameters: {params:02x?}"),
                to,
                method,
                params.to_vec(),
                0,
            );
        }
    }
    // AuthenticateMessage of an account: [bytes, bytes].
    let account = FilAddress::new_id(102);
    for params in [
        &[0x82, 0x41, 1, 0x41, 2][..],
        &[0x82, 0x01, 1, 0x41, 2],
        &[0x82, 0x61, 1, 0x41, 2],
        &[0x81, 0x40],
        &[0x82, 0x40, 0x40, 0],
        &[],
    ] {
        chain.native(
            &format!("signature: {params:02x?}"),
            account,
            2_643_134_072,
            params.to_vec(),
            0,
        );
    }
    chain.finish()
}
