//! Text forms of addresses, with their checksums.

use crate::binary::{Address, BinaryError, Protocol};
use core::fmt;
use data_encoding::{BASE32_NOPAD, Encoding, Specification};
use primitive_types::H160;
use sha3::{Digest, Keccak256};
use std::sync::LazyLock;

/// Which prefix a text address has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Network {
    /// `f`.
    #[default]
    Mainnet,
    /// `t`: calibration and every other test network.
    Testnet,
}

impl Network {
    /// The prefix of text addresses.
    #[must_use]
    pub const fn prefix(self) -> char {
        match self {
            Self::Mainnet => 'f',
            Self::Testnet => 't',
        }
    }
}

/// What is wrong with the text of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// Nothing there.
    Empty,
    /// It starts neither with `0x` nor with `f` or `t`.
    UnknownPrefix(char),
    /// The character behind `f` or `t` is no protocol from 0 to 4.
    UnknownProtocol(char),
    /// The protocol is missing.
    NoProtocol,
    /// An ID, or the namespace of an f4 address, is no plain decimal number of 64 bits.
    Number(String),
    /// The namespace of an f4 address is not followed by `f`.
    NoSubaddress,
    /// A character outside lower-case base32 at this place (from 0).
    Base32 {
        /// Offset in the text.
        position: usize,
    },
    /// The base32 part has a length that no bytes give, or bits left over.
    Base32Length(usize),
    /// Too short to hold its checksum of four bytes.
    TooShort,
    /// The checksum does not fit.
    Checksum,
    /// The bytes are no address.
    Binary(BinaryError),
    /// An Ethereum address has 40 hexadecimal digits; this one another number.
    HexLength(usize),
    /// A character that is no hexadecimal digit at this place (from 0).
    Hex {
        /// Offset in the text.
        position: usize,
    },
    /// Mixed case that is not the checksum of EIP-55.
    Eip55 {
        /// Offset in the text of the first wrong letter.
        position: usize,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty address"),
            Self::UnknownPrefix(c) => {
                write!(f, "an address starts with 0x, f or t, not with {c:?}")
            }
            Self::UnknownProtocol(c) => {
                write!(f, "the address protocol is a digit from 0 to 4, not {c:?}")
            }
            Self::NoProtocol => f.write_str("the address ends before its protocol digit"),
            Self::Number(text) => write!(f, "{text:?} is no decimal number of 64 bits"),
            Self::NoSubaddress => {
                f.write_str("an f4 address has a namespace, then f, then its sub-address")
            }
            Self::Base32 { position } => {
                write!(
                    f,
                    "character {position} is no lower-case base32 digit (a-z, 2-7)"
                )
            }
            Self::Base32Length(len) => {
                write!(f, "{len} base32 digits are no whole number of bytes")
            }
            Self::TooShort => f.write_str("too short to hold a checksum of 4 bytes"),
            Self::Checksum => f.write_str("the checksum does not fit; is there a typing error?"),
            Self::Binary(error) => error.fmt(f),
            Self::HexLength(len) => {
                write!(
                    f,
                    "an Ethereum address has 40 hexadecimal digits, not {len}"
                )
            }
            Self::Hex { position } => {
                write!(f, "character {position} is no hexadecimal digit")
            }
            Self::Eip55 { position } => write!(
                f,
                "the case of character {position} does not fit the checksum (EIP-55)"
            ),
        }
    }
}

impl std::error::Error for ParseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Binary(error) => Some(error),
            _ => None,
        }
    }
}

/// An address as a person wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyAddress {
    /// `0x…`.
    Ethereum(H160),
    /// `f…` or `t…`, and which of the two.
    Filecoin(Address, Network),
}

/// Lower-case base32 without padding (RFC 4648).
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    let symbols = "abcdefghijklmnopqrstuvwxyz234567";
    specification.symbols.push_str(symbols);
    // The alphabet above is a valid specification; the fallback differs by case only.
    specification.encoding().unwrap_or(BASE32_NOPAD)
});

fn checksum(protocol: u8, payload: &[u8]) -> [u8; 4] {
    let hash = blake2b_simd::Params::new()
        .hash_length(4)
        .to_state()
        .update(&[protocol])
        .update(payload)
        .finalize();
    let mut sum = [0; 4];
    sum.copy_from_slice(hash.as_bytes());
    sum
}

/// The text form of a Filecoin address.
#[must_use]
pub fn format_filecoin(address: &Address, network: Network) -> String {
    let prefix = network.prefix();
    let protocol = address.protocol() as u8;
    if let Some(id) = address.as_id() {
        return format!("{prefix}0{id}");
    }
    let sum = checksum(protocol, address.payload());
    match address.as_delegated() {
        Some((namespace, subaddress)) => {
            let digits = BASE32.encode(&[subaddress, &sum].concat());
            format!("{prefix}4{namespace}f{digits}")
        }
        None => {
            let digits = BASE32.encode(&[address.payload(), &sum].concat());
            format!("{prefix}{protocol}{digits}")
        }
    }
}

/// The text form of an Ethereum address, with the checksum of EIP-55.
#[must_use]
pub fn format_ethereum(address: &H160) -> String {
    let lower: String = address.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let hash = Keccak256::digest(lower.as_bytes());
    let digits = lower.chars().enumerate().map(|(i, digit)| {
        let nibble = hash[i / 2] >> (4 * (1 - i % 2)) & 0xf;
        if nibble >= 8 {
            digit.to_ascii_uppercase()
        } else {
            digit
        }
    });
    "0x".chars().chain(digits).collect()
}

/// Reads an address of any text form.
pub fn parse(text: &str) -> Result<AnyAddress, ParseError> {
    match text.chars().next() {
        None => Err(ParseError::Empty),
        Some('0') => parse_ethereum(text).map(AnyAddress::Ethereum),
        Some('f' | 't') => {
            parse_filecoin(text).map(|(address, network)| AnyAddress::Filecoin(address, network))
        }
        Some(other) => Err(ParseError::UnknownPrefix(other)),
    }
}

/// Reads an Ethereum address: `0x` and 40 hexadecimal digits. Mixed case must be EIP-55's.
pub fn parse_ethereum(text: &str) -> Result<H160, ParseError> {
    let Some(digits) = text.strip_prefix("0x") else {
        return Err(text
            .chars()
            .next()
            .map_or(ParseError::Empty, ParseError::UnknownPrefix));
    };
    let mut bytes = [0; 20];
    let mut count = 0;
    for (i, c) in digits.chars().enumerate() {
        let Some(digit) = c.to_digit(16) else {
            return Err(ParseError::Hex { position: i + 2 });
        };
        if let Some(byte) = bytes.get_mut(i / 2) {
            *byte = *byte << 4 | digit as u8;
        }
        count = i + 1;
    }
    if count != 40 {
        return Err(ParseError::HexLength(count));
    }
    let address = H160(bytes);
    let mixed = digits.contains(|c: char| c.is_ascii_lowercase())
        && digits.contains(|c: char| c.is_ascii_uppercase());
    if mixed {
        let expected = format_ethereum(&address);
        let differs = expected.bytes().zip(text.bytes()).position(|(a, b)| a != b);
        if let Some(position) = differs {
            return Err(ParseError::Eip55 { position });
        }
    }
    Ok(address)
}

/// Reads a Filecoin address of either network.
pub fn parse_filecoin(text: &str) -> Result<(Address, Network), ParseError> {
    let mut chars = text.chars();
    let network = match chars.next() {
        None => return Err(ParseError::Empty),
        Some('f') => Network::Mainnet,
        Some('t') => Network::Testnet,
        Some(other) => return Err(ParseError::UnknownPrefix(other)),
    };
    let protocol = chars.next().ok_or(ParseError::NoProtocol)?;
    let rest = chars.as_str();
    let address = match protocol {
        '0' => Address::id(decimal(rest)?),
        '1' | '2' | '3' => {
            let protocol = protocol as u8 - b'0';
            let payload = checked(rest, 2, |payload| checksum(protocol, payload))?;
            binary(&[&[protocol], &payload[..]].concat())?
        }
        '4' => {
            let (namespace, digits) = rest.split_once('f').ok_or(ParseError::NoSubaddress)?;
            let mut head = vec![Protocol::Delegated as u8];
            head.extend_from_slice(&Address::id(decimal(namespace)?).as_bytes()[1..]);
            let start = 3 + namespace.len();
            let subaddress = checked(digits, start, |subaddress| {
                checksum(head[0], &[&head[1..], subaddress].concat())
            })?;
            binary(&[&head, &subaddress[..]].concat())?
        }
        other => return Err(ParseError::UnknownProtocol(other)),
    };
    Ok((address, network))
}

fn binary(bytes: &[u8]) -> Result<Address, ParseError> {
    Address::from_bytes(bytes).map_err(ParseError::Binary)
}

/// A decimal number without sign or leading zeros.
fn decimal(text: &str) -> Result<u64, ParseError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit())
        && (text.len() == 1 || !text.starts_with('0'));
    match text.parse() {
        Ok(number) if plain => Ok(number),
        _ => Err(ParseError::Number(text.to_owned())),
    }
}

/// Decodes base32 digits, `start` characters into the text, and takes off the checksum that `sum`
/// gives for the bytes before it.
fn checked(
    digits: &str,
    start: usize,
    sum: impl FnOnce(&[u8]) -> [u8; 4],
) -> Result<Vec<u8>, ParseError> {
    let valid = |c: char| matches!(c, 'a'..='z' | '2'..='7');
    if let Some(position) = digits.chars().position(|c| !valid(c)) {
        return Err(ParseError::Base32 {
            position: start + position,
        });
    }
    let mut bytes = BASE32
        .decode(digits.as_bytes())
        .map_err(|_| ParseError::Base32Length(digits.len()))?;
    let Some(len) = bytes.len().checked_sub(4) else {
        return Err(ParseError::TooShort);
    };
    let found = bytes.split_off(len);
    if found == sum(&bytes) {
        Ok(bytes)
    } else {
        Err(ParseError::Checksum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fvm_shared::address::{Address as Reference, Network as ReferenceNetwork};
    use proptest::prelude::*;

    #[test]
    fn the_null_account() {
        let text = "f410faaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaonc6iji";
        let address = Address::f410(&H160::zero());
        assert_eq!(format_filecoin(&address, Network::Mainnet), text);
        assert_eq!(parse_filecoin(text), Ok((address, Network::Mainnet)));
    }

    #[test]
    fn eip_55_examples() {
        // From EIP-55.
        for text in [
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let address = parse_ethereum(text).unwrap();
            assert_eq!(format_ethereum(&address), text);
            assert_eq!(parse_ethereum(&text.to_lowercase()), Ok(address));
        }
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let cases = [
            ("", ParseError::Empty),
            ("x0", ParseError::UnknownPrefix('x')),
            ("f", ParseError::NoProtocol),
            ("f5", ParseError::UnknownProtocol('5')),
            ("f0", ParseError::Number(String::new())),
            ("f001", ParseError::Number("01".to_owned())),
            ("f0+1", ParseError::Number("+1".to_owned())),
            (
                "f018446744073709551616",
                ParseError::Number("18446744073709551616".to_owned()),
            ),
            ("f410", ParseError::NoSubaddress),
            ("f1A", ParseError::Base32 { position: 2 }),
            ("f410faA", ParseError::Base32 { position: 6 }),
            ("f1a", ParseError::Base32Length(1)),
            ("f1aa", ParseError::TooShort),
            (
                "f410faaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaonc6ija",
                ParseError::Checksum,
            ),
            ("0x12", ParseError::HexLength(2)),
            ("0x1g", ParseError::Hex { position: 3 }),
            (
                "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                ParseError::Eip55 { position: 3 },
            ),
        ];
        for (text, error) in cases {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    fn any_address() -> impl Strategy<Value = Address> {
        let bytes = |len| proptest::collection::vec(any::<u8>(), len);
        let keyed = (1..3_u8, bytes(20)).prop_map(|(p, payload)| [&[p], &payload[..]].concat());
        let bls = bytes(48).prop_map(|payload| [&[3], &payload[..]].concat());
        let delegated = (any::<u64>(), proptest::collection::vec(any::<u8>(), 0..=54))
            .prop_map(|(ns, sub)| [&[4], &Address::id(ns).as_bytes()[1..], &sub[..]].concat());
        prop_oneof![
            any::<u64>().prop_map(Address::id),
            prop_oneof![keyed, bls, delegated]
                .prop_filter_map("valid", |bytes| Address::from_bytes(&bytes).ok()),
        ]
    }

    proptest! {
        #[test]
        fn text_as_the_reference_writes_it(address in any_address(), test: bool) {
            let (network, reference) = if test {
                (Network::Testnet, ReferenceNetwork::Testnet)
            } else {
                (Network::Mainnet, ReferenceNetwork::Mainnet)
            };
            let text = format_filecoin(&address, network);
            let other = Reference::from_bytes(address.as_bytes()).unwrap();
            let (_, other_text) = reference.parse_address(&text).map_or_else(
                |_| (other, String::new()),
                |parsed| (parsed, text.clone()),
            );
            prop_assert_eq!(&other_text, &text);
            prop_assert_eq!(reference.parse_address(&text).unwrap(), other);
            prop_assert_eq!(parse_filecoin(&text), Ok((address, network)));
        }

        #[test]
        fn one_changed_character_never_passes(address in any_address(), at: usize, by in 1..32_u8) {
            let text = format_filecoin(&address, Network::Mainnet);
            prop_assume!(address.as_id().is_none());
            let digits = text.rfind(['f', 't']).filter(|_| text.starts_with("f4"));
            let start = digits.map_or(2, |_| text[1..].find('f').unwrap() + 2);
            let alphabet = b"abcdefghijklmnopqrstuvwxyz234567";
            let mut bytes = text.clone().into_bytes();
            let place = start + at % (bytes.len() - start);
            let old = alphabet.iter().position(|c| *c == bytes[place]).unwrap();
            bytes[place] = alphabet[(old + usize::from(by)) % 32];
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert!(parse_filecoin(&changed).is_err(), "{} {}", text, changed);
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC*") {
            let _ = parse(&text);
            let _ = parse(&format!("f{text}"));
            let _ = parse(&format!("f410f{text}"));
            let _ = parse(&format!("0x{text}"));
        }
    }
}
