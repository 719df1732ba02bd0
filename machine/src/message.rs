//! Filecoin messages for Ethereum calls and creations.

use alloy_primitives::{Address as EthAddress, U256};
use fvm_ipld_encoding::{BytesDe, BytesSer, RawBytes, from_slice, to_vec};
use fvm_shared::address::Address;
use fvm_shared::message::Message;
use fvm_shared::{ActorID, MethodNum};

use crate::address::{EAM_ACTOR_ID, delegated, from_eth};
use crate::amount;

/// `InvokeContract` of the EVM actor (FRC-42 of `InvokeEVM`).
pub const INVOKE_EVM: MethodNum = 3_844_450_837;

/// `CreateExternal` of the Ethereum address manager.
pub const CREATE_EXTERNAL: MethodNum = 4;

/// Length of the delegated signature of an EIP-1559 transaction, in bytes.
pub const DELEGATED_SIGNATURE_LENGTH: usize = 65;

/// The fields that Ethereum calls and transactions share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EthCall {
    /// Who sends; mapped to f410 as it is.
    pub from: EthAddress,
    /// Who receives; `None` creates a contract.
    pub to: Option<EthAddress>,
    /// Call data, or init code.
    pub input: Vec<u8>,
    /// attoFIL.
    pub value: U256,
    /// The sender's message nonce.
    pub nonce: u64,
    /// FVM gas.
    pub gas_limit: u64,
    /// attoFIL per gas at most.
    pub max_fee_per_gas: U256,
    /// attoFIL per gas for the block's producer at most.
    pub max_priority_fee_per_gas: U256,
}

impl EthCall {
    /// The Filecoin message: a creation goes to f010, `CreateExternal`; all
    /// else to the receiver, `InvokeEVM`. Empty input gives no parameters.
    pub fn to_message(&self) -> Message {
        let (to, method_num) = match self.to {
            Some(to) => (from_eth(to), INVOKE_EVM),
            None => (Address::new_id(EAM_ACTOR_ID), CREATE_EXTERNAL),
        };
        Message {
            version: 0,
            from: delegated(self.from),
            to,
            sequence: self.nonce,
            value: amount::from_u256(self.value),
            method_num,
            params: wrap_bytes(&self.input),
            gas_limit: self.gas_limit,
            gas_fee_cap: amount::from_u256(self.max_fee_per_gas),
            gas_premium: amount::from_u256(self.max_priority_fee_per_gas),
        }
    }
}

/// Input as message parameters: a CBOR byte string, and nothing at all for
/// empty input.
pub fn wrap_bytes(input: &[u8]) -> RawBytes {
    if input.is_empty() {
        return RawBytes::default();
    }
    RawBytes::serialize(BytesSer(input))
        .unwrap_or_else(|_| unreachable!("a byte string always serializes"))
}

/// The content of a CBOR byte string that fills all of `data`; `None` if it is
/// anything else. No data is the empty string.
pub fn unwrap_bytes(data: &[u8]) -> Option<&[u8]> {
    let (&head, rest) = match data.split_first() {
        Some(split) => split,
        None => return Some(data),
    };
    if head >> 5 != 2 {
        return None;
    }
    let width = match head & 0x1f {
        n @ 0..=23 => return (rest.len() == usize::from(n)).then_some(rest),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (length, content) = rest.split_at_checked(width)?;
    let length = length.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
    (u64::try_from(content.len()).ok()? == length).then_some(content)
}

/// The length of a signed message on chain, in bytes: what inclusion costs by.
/// `signature` is the length of the signature's bytes without its type.
pub fn on_chain_length(message: &Message, signature: usize) -> usize {
    let body = to_vec(message).map_or(0, |bytes| bytes.len());
    let head = match signature + 1 {
        0..=23 => 1,
        24..=255 => 2,
        _ => 3,
    };
    1 + body + head + 1 + signature
}

/// What `CreateExternal` returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The new contract's actor ID.
    pub actor_id: ActorID,
    /// Its f2 address; none if a dead contract was brought back.
    pub robust_address: Option<Address>,
    /// Its Ethereum address.
    pub eth_address: EthAddress,
}

impl Created {
    /// Decodes the returned block. `None` if it is something else.
    pub fn decode(data: &[u8]) -> Option<Self> {
        let (actor_id, robust_address, BytesDe(eth)): (ActorID, Option<Address>, BytesDe) =
            from_slice(data).ok()?;
        Some(Self {
            actor_id,
            robust_address,
            eth_address: EthAddress::try_from(eth.as_slice()).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::hex;

    use super::*;

    #[test]
    fn byte_strings_wrap_and_unwrap_at_every_head_size() {
        for len in [1, 23, 24, 255, 256, 65_535, 65_536] {
            let input = vec![0xab; len];
            let wrapped = wrap_bytes(&input);
            assert_eq!(unwrap_bytes(wrapped.bytes()), Some(&input[..]), "{len}");
        }
        assert!(wrap_bytes(&[]).is_empty());
        assert_eq!(unwrap_bytes(&[]), Some(&[][..]));
        assert_eq!(unwrap_bytes(&[0x40]), Some(&[][..]));
    }

    #[test]
    fn other_cbor_is_no_byte_string() {
        for data in [
            &[0x80][..],
            &[0x41],
            &[0x41, 1, 2],
            &[0x58],
            &[0x5f, 0xff],
            &[0x58, 2, 1],
        ] {
            assert_eq!(unwrap_bytes(data), None, "{data:?}");
        }
    }

    #[test]
    fn calls_and_creations_become_messages() {
        let call = EthCall {
            to: Some(EthAddress::repeat_byte(7)),
            input: vec![1, 2, 3],
            ..Default::default()
        };
        let message = call.to_message();
        assert_eq!(message.method_num, INVOKE_EVM);
        assert_eq!(message.params.bytes(), hex!("43010203"));
        assert_eq!(message.from.to_bytes()[..2], [4, 10]);

        let create = EthCall { to: None, ..call }.to_message();
        assert_eq!(create.to, Address::new_id(10));
        assert_eq!(create.method_num, CREATE_EXTERNAL);
    }

    #[test]
    fn the_signature_adds_to_the_length() {
        let message = EthCall::default().to_message();
        let body = to_vec(&message).unwrap().len();
        assert_eq!(on_chain_length(&message, 65), body + 69);
        assert_eq!(on_chain_length(&message, 66), body + 70);
    }

    #[test]
    fn decodes_what_the_eam_returns() {
        // [109, f2 address, 20 bytes], as the address manager answers.
        let data = hex!(
            "83186d55029f55ccdc3a39868167e47d411aefbb72497be6825437f357b619a7cddd6696c37cea4461379a8196da"
        );
        let created = Created::decode(&data).unwrap();
        assert_eq!(created.actor_id, 109);
        assert!(created.robust_address.is_some());
        assert_eq!(
            created.eth_address,
            EthAddress::from(hex!("37f357b619a7cddd6696c37cea4461379a8196da"))
        );
        assert_eq!(Created::decode(&data[..40]), None);
    }
}
