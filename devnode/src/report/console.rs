//! `console.log` of Hardhat and Foundry: calls of an address where nothing is, whose call data
//! holds what to print.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::OnceLock;

use alloy_dyn_abi::{DynSolType, DynSolValue};
use alloy_primitives::{Address, Bytes, Selector, address, hex, keccak256};
use fevm_machine::message::unwrap_bytes;
use fevm_machine::trace::CallFrame;

/// Where the libraries send what is to be printed.
pub const CONSOLE: Address = address!("000000000000000000636F6e736F6c652e6c6f67");

/// The types that `log` takes in any mixture of up to four.
const MIXED: [&str; 4] = ["uint256", "string", "bool", "address"];
/// Further types that `log` takes alone or beside one of [`MIXED`].
const SINGLE: [&str; 2] = ["int256", "bytes"];
/// Most values that `log` takes.
const MOST_VALUES: usize = 4;

type Signatures = HashMap<Selector, Vec<DynSolType>>;

/// What was sent to the console in a tree of calls, in order.
pub fn messages(root: &CallFrame) -> Vec<Bytes> {
    let mut found = Vec::new();
    // Trees are up to 1,024 deep; a list of open frames spares this thread's stack.
    let mut open = vec![root];
    while let Some(frame) = open.pop() {
        let to = fevm_machine::address::to_eth(&frame.to);
        if to == Some(CONSOLE)
            && let Some(params) = &frame.params
        {
            let data = unwrap_bytes(&params.data).unwrap_or(&params.data);
            found.push(Bytes::copy_from_slice(data));
        }
        open.extend(frame.calls.iter().rev());
    }
    found
}

/// The text of a message; its bytes in hex where its signature is unknown.
pub fn text(message: &[u8]) -> String {
    decode(message).map_or_else(
        || format!("unknown console message {}", hex::encode_prefixed(message)),
        |values| print(&values),
    )
}

fn decode(message: &[u8]) -> Option<Vec<DynSolValue>> {
    let (selector, arguments) = message.split_first_chunk::<4>()?;
    let types = signatures().get(selector)?;
    match DynSolType::Tuple(types.clone()).abi_decode_params(arguments) {
        Ok(DynSolValue::Tuple(values)) => Some(values),
        Ok(other) => Some(vec![other]),
        Err(_) => None,
    }
}

/// Every signature of the libraries, by selector. Early versions of Hardhat's hashed `uint` and
/// `int` as they stand and not by their full names.
fn signatures() -> &'static Signatures {
    static SIGNATURES: OnceLock<Signatures> = OnceLock::new();
    SIGNATURES.get_or_init(|| {
        let mut signatures = Signatures::new();
        for count in 0..=MOST_VALUES {
            mixtures(count, &MIXED, &mut |types| {
                add(&mut signatures, "log", types)
            });
        }
        let all: Vec<&str> = MIXED.into_iter().chain(SINGLE).collect();
        for count in 1..=2 {
            mixtures(count, &all, &mut |types| add(&mut signatures, "log", types));
        }
        let fixed: Vec<String> = (1..=32).map(|length| format!("bytes{length}")).collect();
        for name in all.into_iter().chain(fixed.iter().map(String::as_str)) {
            add(&mut signatures, "log", &[name]);
            // logUint, logString, logBytes32 and their like.
            let plain = name.strip_suffix("256").unwrap_or(name);
            let mut long = String::from("log");
            let mut letters = plain.chars();
            long.extend(letters.next().map(|first| first.to_ascii_uppercase()));
            long.extend(letters);
            add(&mut signatures, &long, &[name]);
        }
        signatures
    })
}

/// Calls `each` with every sequence of `count` of the types.
fn mixtures<'a>(count: usize, types: &[&'a str], each: &mut impl FnMut(&[&'a str])) {
    let total = types.len().pow(count as u32);
    for number in 0..total {
        let mut rest = number;
        let sequence: Vec<&str> = (0..count)
            .map(|_| {
                let name = types[rest % types.len()];
                rest /= types.len();
                name
            })
            .collect();
        each(&sequence);
    }
}

fn add(signatures: &mut Signatures, function: &str, types: &[&str]) {
    let parsed: Vec<DynSolType> = types.iter().filter_map(|name| name.parse().ok()).collect();
    let full = format!("{function}({})", types.join(","));
    // No other type that is used here has these digits in its name.
    let short = full.replace("int256", "int");
    for signature in [full, short] {
        let hash = keccak256(signature);
        if let Some(selector) = hash.first_chunk::<4>() {
            signatures.insert(Selector::from(*selector), parsed.clone());
        }
    }
}

/// The values as JavaScript's console prints them: the first may hold places for the others.
fn print(values: &[DynSolValue]) -> String {
    let mut rest = values.iter();
    let mut text = String::new();
    if let Some(DynSolValue::String(format)) = values.first()
        && values.len() > 1
    {
        rest.next();
        fill(&mut text, format, &mut rest);
    } else if let Some(first) = rest.next() {
        text += &show(first);
    }
    for value in rest {
        text.push(' ');
        text += &show(value);
    }
    text
}

/// Copies a format with its places filled. A place without a value stays as it is.
fn fill<'a>(text: &mut String, format: &str, values: &mut impl Iterator<Item = &'a DynSolValue>) {
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        match letters.peek() {
            Some('%') => {
                letters.next();
                text.push('%');
            }
            Some('s' | 'd' | 'i' | 'o' | 'O' | 'j' | 'f') => match values.next() {
                Some(value) => {
                    letters.next();
                    *text += &show(value);
                }
                None => text.push('%'),
            },
            Some('x') => match values.next() {
                Some(value) => {
                    letters.next();
                    *text += &show_hex(value);
                }
                None => text.push('%'),
            },
            _ => text.push('%'),
        }
    }
}

fn show(value: &DynSolValue) -> String {
    match value {
        DynSolValue::String(text) => text.clone(),
        DynSolValue::Uint(number, _) => number.to_string(),
        DynSolValue::Int(number, _) => number.to_string(),
        DynSolValue::Bool(flag) => flag.to_string(),
        DynSolValue::Address(address) => address.to_string(),
        DynSolValue::Bytes(bytes) => hex::encode_prefixed(bytes),
        DynSolValue::FixedBytes(word, length) => {
            hex::encode_prefixed(word.get(..*length).unwrap_or_default())
        }
        other => format!("{other:?}"),
    }
}

fn show_hex(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Uint(number, _) => format!("{number:#x}"),
        DynSolValue::Int(number, _) => {
            let mut text = String::new();
            // Writing to a string cannot fail.
            let _ = write!(text, "{:#x}", number.into_raw());
            text
        }
        other => show(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{I256, U256};

    fn message(signature: &str, values: Vec<DynSolValue>) -> Vec<u8> {
        let mut message = keccak256(signature)[..4].to_vec();
        message.extend(DynSolValue::Tuple(values).abi_encode_params());
        message
    }

    fn string(text: &str) -> DynSolValue {
        DynSolValue::String(text.to_owned())
    }

    fn uint(number: u64) -> DynSolValue {
        DynSolValue::Uint(U256::from(number), 256)
    }

    #[test]
    fn every_mixture_of_four_types_is_known() {
        let mut count = 0;
        for length in 0..=4 {
            mixtures(length, &MIXED, &mut |types| {
                let full = format!("log({})", types.join(","));
                for signature in [full.clone(), full.replace("uint256", "uint")] {
                    let selector = Selector::from_slice(&keccak256(&signature)[..4]);
                    let known = signatures().get(&selector);
                    assert_eq!(known.map(Vec::len), Some(types.len()), "{signature}");
                }
                count += 1;
            });
        }
        assert_eq!(count, 1 + 4 + 16 + 64 + 256);
    }

    /// Selectors that the published libraries have in their sources.
    #[test]
    fn selectors_of_the_published_libraries() {
        for (selector, values) in [
            ("41304fac", 1), // log(string)
            ("f82c50f1", 1), // log(uint256)
            ("f5b1bba9", 1), // log(uint), early versions
            ("51973ec9", 0), // log()
            ("2d5b6cb9", 1), // log(int256)
            ("4e0c1d1d", 1), // log(int), early versions
            ("27b7cf85", 1), // logBytes32(bytes32)
            ("9710a9d0", 2), // log(string,uint), early versions
        ] {
            let selector = Selector::from_slice(&hex::decode(selector).unwrap());
            assert_eq!(
                signatures().get(&selector).map(Vec::len),
                Some(values),
                "{selector}"
            );
        }
    }

    #[test]
    fn values_fill_the_places_of_a_format() {
        let log = |types: &str, values| text(&message(&format!("log({types})"), values));
        assert_eq!(log("string", vec![string("100 %")]), "100 %");
        assert_eq!(
            log("string,uint256", vec![string("n is"), uint(7)]),
            "n is 7"
        );
        assert_eq!(
            log(
                "string,uint256,bool",
                vec![string("%s of %d, %%"), uint(7), DynSolValue::Bool(true)]
            ),
            "7 of true, %"
        );
        assert_eq!(log("string,uint256", vec![string("%x"), uint(255)]), "0xff");
        assert_eq!(log("uint,uint", vec![uint(1), uint(2)]), "1 2");
        assert_eq!(
            log("int256", vec![DynSolValue::Int(I256::MINUS_ONE, 256)]),
            "-1"
        );
        assert_eq!(log("", vec![]), "");
        assert_eq!(
            text(&hex!("01020304")),
            "unknown console message 0x01020304"
        );
        assert_eq!(text(&[]), "unknown console message 0x");
        assert_eq!(
            text(&message(
                "logBytes4(bytes4)",
                vec![DynSolValue::FixedBytes(
                    alloy_primitives::B256::repeat_byte(0xab),
                    4
                )]
            )),
            "0xabababab"
        );
    }

    #[test]
    fn truncated_messages_are_shown_raw() {
        let message = message("log(string)", vec![string("hello")]);
        assert!(text(&message[..10]).starts_with("unknown console message 0x41304fac"));
    }
}
