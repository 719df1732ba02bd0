//! Numbers as strings, hexadecimal or decimal, or as JSON numbers; and how they are written.

use crate::fixture::quantity::FromText;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A number that may also be a JSON number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number<T>(pub T);

impl<'de, T: FromText + From<u64>> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<T>(PhantomData<T>);

        impl<T: FromText + From<u64>> Visitor<'_> for Any<T> {
            type Value = Number<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                T::from_text(text).map(Number).map_err(E::custom)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Number(number.into()))
            }
        }

        deserializer.deserialize_any(Any(PhantomData))
    }
}

/// `0x` and digits without leading zeros.
pub(super) fn hex(number: impl fmt::LowerHex) -> String {
    format!("{number:#x}")
}

/// `0x` and two digits a byte.
pub(super) fn hex_bytes(bytes: &[u8]) -> String {
    alloy_primitives::hex::encode_prefixed(bytes)
}
