//! Typed envelopes.

use evm_interpreter::Fork;
use fevm_conformance::ethereum::envelope::Envelope;
use fevm_conformance::ethereum::{Rejection, TransactionKind};

#[test]
fn types_begin_with_their_fork() {
    for (byte, kind, before, since) in [
        (1, TransactionKind::AccessList, Fork::Istanbul, Fork::Berlin),
        (2, TransactionKind::DynamicFee, Fork::Berlin, Fork::London),
        (3, TransactionKind::Blob, Fork::Shanghai, Fork::Cancun),
        (4, TransactionKind::SetCode, Fork::Cancun, Fork::Prague),
    ] {
        let decode = |fork| Envelope::decode(&[byte, 0xc0], fork).unwrap_err();
        assert_eq!(decode(before), Rejection::TypeNotSupported(kind));
        assert!(matches!(decode(since), Rejection::MalformedEncoding(_)));
    }
}

#[test]
fn other_first_bytes_are_refused() {
    for first in [0, 5, 0x7f, 0x80, 0xbf] {
        for fork in Fork::ALL {
            let error = Envelope::decode(&[first, 0xc0], fork).unwrap_err();
            assert!(
                matches!(error, Rejection::MalformedEncoding(_)),
                "{first:#x} {error}"
            );
        }
    }
    assert!(Envelope::decode(&[], Fork::Osaka).is_err());
    assert!(Envelope::decode(&[2], Fork::Osaka).is_err());
}
