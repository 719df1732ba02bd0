//! Raw Ethereum transactions. The golden ones were signed by ethers 6.17.0
//! with the first key of the usual development mnemonic; that of chain 1 is
//! the example of EIP-155.

use alloy_primitives::{Address, B256, address, b256, hex};
use fevm_machine::message::{CREATE_EXTERNAL, INVOKE_EVM};
use fevm_machine::transaction::{EthTransaction, TransactionError, delegated_signature};
use fevm_machine::{address as addresses, amount};
use fvm_ipld_encoding::to_vec;
use fvm_shared::address::Address as FilAddress;

const CHAIN: u64 = 31_415_926;
const SIGNER: Address = address!("f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
const RECEIVER: Address = address!("70997970c51812dc3a010c7d01b50e0d17dc79c8");

const EIP1559: &[u8] = &hex!(
    "02f8758401df5e7607648203e8834c4b409470997970c51812dc3a010c7d01b50e0d17dc79c8880de0b6b3a764000084a9059cbbc080a09da64aab943910149383f5e88ffa70582d3d7de97bb0a87374d67041489be309a05e0710f0f0e752d5f870c3450beccf7e1ceac58fae2d5ec7d8014a5bf90cd387"
);
const CREATION: &[u8] = &hex!(
    "02f85d8401df5e76808203e88203e88435a4e9008080856001600155c080a0cee17269c2ab3745fbde6924e746c16d2041891f412dcec1180cfe46e5114092a062bc15e97ea4a8cbcd130dc41e04a8ce2253514dd3d382d84dc894df30f68a04"
);
const EIP155: &[u8] = &hex!(
    "f872078201f4834c4b409470997970c51812dc3a010c7d01b50e0d17dc79c8880de0b6b3a764000084a9059cbb8403bebd0fa03b07f2eb4ea185af339192bd387349a8b4579aa9a81bec736101870fdae51e22a0646a445181f2eb12b68a4946020d10c0b24699332b97925d662c5db561822fe1"
);
const HOMESTEAD: &[u8] = &hex!(
    "f86e078201f4834c4b409470997970c51812dc3a010c7d01b50e0d17dc79c8880de0b6b3a764000084a9059cbb1ba047c0a8fe49e5b19d98c4b2e92be62976f53ecb1a785c4ba2a29d1c4945e87c0da05001f012ee52ec779a042fb3086fc4407bd8f76b1c33ee0b3b43ffe983b40dfe"
);
const EIP2930: &[u8] = &hex!(
    "01f8748401df5e76078201f4834c4b409470997970c51812dc3a010c7d01b50e0d17dc79c8880de0b6b3a764000084a9059cbbc001a062b28dad1cd9bc7eafbca66c880032e74cdb14a807254e367e9bc42622464b55a031c6bf1d109d0e6cf1af447dd2ac3692eedb4b57e60619aae17ca2c210bb78bf"
);
const ACCESS_LIST: &[u8] = &hex!(
    "02f88c8401df5e7607648203e8834c4b409470997970c51812dc3a010c7d01b50e0d17dc79c8880de0b6b3a764000084a9059cbbd7d69470997970c51812dc3a010c7d01b50e0d17dc79c8c001a06b47330ca194f806ebbbd8b11ef7865f6a3c28d74747ff95a65c0b1c45c2d511a02e3d9de2dca9044035de6d7448128cf72327716d15c20a7f1afb63d70b613c29"
);
const TOO_RICH: &[u8] = &hex!(
    "02f87e8401df5e7607648203e8834c4b409470997970c51812dc3a010c7d01b50e0d17dc79c891010000000000000000000000000000000084a9059cbbc080a0aa67fb335c7d9255fd45d2fdfea4329c3a474cf1b818df7dabdcda4e6d1ee33da0231ab4cd98e39447122aafa25cdc8e5fbc4796ad7aaaca24d72d8acf1188bc35"
);
const EIP155_EXAMPLE: &[u8] = &hex!(
    "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
);

fn decode(raw: &[u8]) -> Result<EthTransaction, TransactionError> {
    EthTransaction::decode(raw, CHAIN)
}

fn check_common(tx: &EthTransaction, hash: B256, cap: u128, premium: u128) {
    assert_eq!(tx.hash, hash);
    assert_eq!(tx.sender, SIGNER);
    let message = &tx.message;
    assert_eq!(message.from, addresses::delegated(SIGNER));
    assert_eq!(message.to, addresses::delegated(RECEIVER));
    assert_eq!(message.method_num, INVOKE_EVM);
    assert_eq!(message.params.bytes(), hex!("44a9059cbb"));
    assert_eq!(message.sequence, 7);
    assert_eq!(message.gas_limit, 5_000_000);
    assert_eq!(amount::to_u128(&message.value), Some(10u128.pow(18)));
    assert_eq!(amount::to_u128(&message.gas_fee_cap), Some(cap));
    assert_eq!(amount::to_u128(&message.gas_premium), Some(premium));
}

/// Length on chain beside the message's own CBOR.
fn overhead(tx: &EthTransaction) -> usize {
    tx.on_chain_length - to_vec(&tx.message).unwrap().len()
}

#[test]
fn eip1559() {
    let tx = decode(EIP1559).unwrap();
    let hash = b256!("d6f224874410c090803a7a690627c62dff3b3241b6ca549003f67c28ca84d460");
    check_common(&tx, hash, 1_000, 100);
    assert_eq!(delegated_signature(&tx.envelope).len(), 65);
    assert_eq!(overhead(&tx), 69);
}

#[test]
fn eip155_pays_the_gas_price_as_cap_and_premium() {
    let tx = decode(EIP155).unwrap();
    let hash = b256!("655fedd72e4902ff3d0a8162149dce542f498bf342be5de8989aa84eb83c9f08");
    check_common(&tx, hash, 500, 500);
    let signature = delegated_signature(&tx.envelope);
    assert_eq!(signature[0], 2);
    // v is 35 + 2 * 31415926, four bytes.
    assert_eq!(signature[65..], hex!("03bebd0f"));
    assert_eq!(overhead(&tx), 69 + 4);
}

#[test]
fn homestead_is_valid_on_every_chain() {
    for chain in [1, 314, CHAIN] {
        let tx = EthTransaction::decode(HOMESTEAD, chain).unwrap();
        let hash = b256!("3dbb91d23269d29cb9f3de50a882dc3d570f5a04d0cc6e5250961ea5c394dd71");
        check_common(&tx, hash, 500, 500);
        let signature = delegated_signature(&tx.envelope);
        assert_eq!((signature.len(), signature[0], signature[65]), (66, 1, 27));
        assert_eq!(overhead(&tx), 70);
    }
}

#[test]
fn the_example_of_eip155() {
    let tx = EthTransaction::decode(EIP155_EXAMPLE, 1).unwrap();
    assert_eq!(
        tx.sender,
        address!("9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F")
    );
    assert!(tx.message.params.is_empty(), "empty input, no parameters");
    assert_eq!(delegated_signature(&tx.envelope)[65..], [37]);
}

#[test]
fn a_creation_goes_to_the_address_manager() {
    let tx = decode(CREATION).unwrap();
    assert_eq!(tx.message.to, FilAddress::new_id(10));
    assert_eq!(tx.message.method_num, CREATE_EXTERNAL);
    assert_eq!(tx.message.params.bytes(), hex!("456001600155"));
}

#[test]
fn unsupported_types_say_what_to_do() {
    let error = decode(EIP2930).unwrap_err();
    assert!(error.to_string().contains("EIP-2930"), "{error}");
    for (ty, name) in [(3, "EIP-4844"), (4, "EIP-7702"), (5, "unknown")] {
        let error = decode(&[ty, 0xc0]).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = decode(ACCESS_LIST).unwrap_err();
    assert_eq!(error, TransactionError::AccessList(1));
}

#[test]
fn another_chain_is_refused() {
    let error = EthTransaction::decode(EIP1559, 314).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid chain id for signer: have 31415926 want 314"
    );
    let error = decode(EIP155_EXAMPLE).unwrap_err();
    assert!(matches!(
        error,
        TransactionError::WrongChain { have: 1, .. }
    ));
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let error = decode(TOO_RICH).unwrap_err();
    assert!(
        matches!(error, TransactionError::ValueTooLarge(_)),
        "{error}"
    );
}

#[test]
fn garbage_is_refused_and_never_panics() {
    assert_eq!(decode(&[]).unwrap_err(), TransactionError::Empty);
    for raw in [EIP1559, EIP155, HOMESTEAD, CREATION] {
        for end in 1..raw.len() {
            assert!(decode(&raw[..end]).is_err(), "{end} bytes of {}", raw.len());
        }
        let mut longer = raw.to_vec();
        longer.push(0);
        assert!(decode(&longer).is_err(), "a byte follows");
        for at in 0..raw.len() {
            let mut changed = raw.to_vec();
            changed[at] ^= 0x55;
            // Another sender at best, never the same one.
            if let Ok(tx) = decode(&changed) {
                assert_ne!(tx.sender, SIGNER, "byte {at}");
            }
        }
    }
}
