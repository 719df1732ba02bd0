//! Masked IDs, reserved addresses, and both ways between 0x and f410.

use crate::binary::{Address, EAM_NAMESPACE, Protocol};
use primitive_types::H160;

/// The Ethereum address of an actor that has none of its own: `0xff`, eleven zeros, the ID.
#[must_use]
pub const fn masked_id(id: u64) -> H160 {
    let mut bytes = [0; 20];
    bytes[0] = 0xff;
    let digits = id.to_be_bytes();
    let mut i = 0;
    while i < 8 {
        bytes[12 + i] = digits[i];
        i += 1;
    }
    H160(bytes)
}

/// The ID behind a masked ID; `None` if the address is none.
#[must_use]
#[inline]
pub fn from_masked_id(address: &H160) -> Option<u64> {
    let (head, digits) = address.0.split_at(12);
    (head == [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).then(|| {
        digits
            .iter()
            .fold(0, |id, digit| (id << 8) | u64::from(*digit))
    })
}

/// The Filecoin address that these 20 bytes stand for: f0 of a masked ID, else f410.
#[must_use]
#[inline]
pub fn to_filecoin(address: &H160) -> Address {
    match from_masked_id(address) {
        Some(id) => Address::id(id),
        None => Address::f410(address),
    }
}

/// The Ethereum address in a binary delegated address; `None` if it is not one of the EAM's
/// namespace with 20 bytes.
#[must_use]
#[inline]
pub fn from_delegated(address: &[u8]) -> Option<H160> {
    match address {
        [protocol, namespace, subaddress @ ..]
            if *protocol == Protocol::Delegated as u8 && *namespace == EAM_NAMESPACE as u8 =>
        {
            subaddress.try_into().ok().map(H160)
        }
        _ => None,
    }
}

/// Whether no contract may be made at this address: the null address, masked IDs, and the ranges
/// of precompiles 0x00…00 to 0x00…ff and 0xfe00…00 to 0xfe00…ff.
#[must_use]
pub fn is_forbidden(address: &H160) -> bool {
    is_reserved(address) || from_masked_id(address).is_some()
}

/// Whether the address lies in one of the ranges reserved for precompiles: first byte 0x00 or 0xfe,
/// then 18 zeros. The null address is within.
#[must_use]
#[inline]
pub fn is_reserved(address: &H160) -> bool {
    matches!(address.0[0], 0x00 | 0xfe) && address.0[1..19] == [0; 18]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn masked_ids_come_back(id: u64) {
            let address = masked_id(id);
            prop_assert_eq!(from_masked_id(&address), Some(id));
            prop_assert_eq!(to_filecoin(&address), Address::id(id));
            prop_assert!(is_forbidden(&address));
        }

        #[test]
        fn other_addresses_are_f410(bytes: [u8; 20]) {
            let address = H160(bytes);
            prop_assume!(bytes[0] != 0xff || bytes[1..12] != [0; 11]);
            let filecoin = to_filecoin(&address);
            prop_assert_eq!(filecoin, Address::f410(&address));
            prop_assert_eq!(from_delegated(filecoin.as_bytes()), Some(address));
        }
    }

    #[test]
    fn other_delegated_addresses_have_no_ethereum_form() {
        let mut long = [1; 23];
        long[..2].copy_from_slice(&[4, 10]);
        assert_eq!(from_delegated(&long), None);
        assert!(from_delegated(&long[..22]).is_some());
        assert_eq!(from_delegated(&long[..21]), None);
        let mut other = long;
        other[1] = 11;
        assert_eq!(from_delegated(&other[..22]), None);
        assert_eq!(from_delegated(Address::id(5).as_bytes()), None);
        assert_eq!(from_delegated(&[]), None);
    }

    #[test]
    fn forbidden_ranges() {
        let with = |first: u8, at: usize, value: u8| {
            let mut bytes = [0; 20];
            bytes[0] = first;
            bytes[at] = value;
            H160(bytes)
        };
        assert!(is_forbidden(&H160::zero()));
        assert!(is_forbidden(&with(0, 19, 0xff)));
        assert!(is_forbidden(&with(0xfe, 19, 0xff)));
        assert!(!is_forbidden(&with(0, 18, 1)), "0x0100 is free to create");
        assert!(!is_forbidden(&with(0xfe, 18, 1)));
        assert!(!is_forbidden(&with(0xff, 1, 1)));
        assert!(!is_forbidden(&with(0xfd, 19, 1)));
    }
}
