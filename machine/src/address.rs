//! Ethereum addresses in Filecoin and back, as the EVM actors map them: the
//! actors' own mapping in the types of the machine.

use alloy_primitives::Address as EthAddress;
use fevm_address::H160;
use fvm_shared::ActorID;
use fvm_shared::address::Address;

/// The Ethereum address manager, f010: its ID is the namespace of f410.
pub const EAM_ACTOR_ID: ActorID = 10;

/// The Filecoin address that an Ethereum address stands for: an ID address for
/// a masked ID (0xff, eleven zero bytes, the ID big-endian), else f410.
pub fn from_eth(address: EthAddress) -> Address {
    match masked_id(address) {
        Some(id) => Address::new_id(id),
        None => delegated(address),
    }
}

/// The f410 address of an Ethereum address, masked ID or not: what senders of
/// Ethereum transactions have.
pub fn delegated(address: EthAddress) -> Address {
    // Delegated addresses hold up to 54 bytes, so 20 always fit.
    Address::new_delegated(EAM_ACTOR_ID, address.as_slice())
        .unwrap_or_else(|_| unreachable!("20 bytes are a valid sub-address"))
}

/// The ID in a masked-ID address.
pub fn masked_id(address: EthAddress) -> Option<ActorID> {
    fevm_address::from_masked_id(&H160(address.into_array()))
}

/// The masked-ID address of an actor.
pub fn mask_id(id: ActorID) -> EthAddress {
    fevm_address::masked_id(id).0.into()
}

/// The Ethereum address in an f410 address; `None` for any other address and
/// for sub-addresses that are not 20 bytes long.
pub fn to_eth(address: &Address) -> Option<EthAddress> {
    fevm_address::from_delegated(&address.to_bytes()).map(|found| found.0.into())
}

/// The Ethereum address that an actor is seen at: the one in its delegated
/// address, else its masked ID.
pub fn of_actor(id: ActorID, delegated: Option<&Address>) -> EthAddress {
    delegated.and_then(to_eth).unwrap_or_else(|| mask_id(id))
}

#[cfg(test)]
mod tests {
    use alloy_primitives::address;

    use super::*;

    #[test]
    fn masked_ids_and_f410_round_trip() {
        let masked = address!("ff00000000000000000000000000000000000457");
        assert_eq!(from_eth(masked), Address::new_id(0x457));
        assert_eq!(mask_id(0x457), masked);
        assert_eq!(of_actor(0x457, None), masked);

        let plain = address!("f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
        let f410 = from_eth(plain);
        assert_eq!(to_eth(&f410), Some(plain));
        assert_eq!(of_actor(7, Some(&f410)), plain);
        assert_eq!(f410.to_bytes()[..2], [4, 10]);
        assert_eq!(to_eth(&Address::new_id(5)), None);
    }

    #[test]
    fn a_masked_id_needs_eleven_zero_bytes() {
        let near = address!("ff00000000000000000000010000000000000457");
        assert_eq!(masked_id(near), None);
        assert_eq!(from_eth(near), delegated(near));
    }
}
