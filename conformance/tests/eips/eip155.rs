//! Signatures for one chain.

use crate::signed::Legacy;
use evm_interpreter::Fork;
use fevm_conformance::ethereum::Rejection;

#[test]
fn begins_with_spurious_dragon() {
    let signed = Legacy { nonce: 3 }.signed(Some(1));
    assert_eq!(
        signed.recover(Fork::TangerineWhistle, 1).unwrap_err(),
        Rejection::InvalidSignature
    );
    let sender = Legacy { nonce: 3 }
        .signed(None)
        .recover(Fork::Frontier, 1)
        .unwrap()
        .sender;
    let protected = signed.recover(Fork::SpuriousDragon, 1).unwrap();
    assert_eq!((protected.sender, protected.chain_id), (sender, Some(1)));
}

#[test]
fn other_chains_are_refused() {
    for chain in [0, 2, 1 << 40] {
        let signed = Legacy::default().signed(Some(chain));
        assert_eq!(
            signed.recover(Fork::SpuriousDragon, 1).unwrap_err(),
            Rejection::WrongChain {
                transaction: chain,
                chain: 1
            }
        );
        assert!(signed.recover(Fork::SpuriousDragon, chain).is_ok());
    }
}

#[test]
fn the_older_form_stays_valid() {
    for fork in Fork::ALL {
        assert_eq!(
            Legacy::default()
                .signed(None)
                .recover(fork, 1)
                .unwrap()
                .chain_id,
            None
        );
    }
}
