//! Any bytes as a signed transaction: an error or a transaction, under every fork.
#![no_main]

use evm_interpreter::Fork;
use fevm_conformance::ethereum::envelope::Envelope;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for fork in Fork::ALL {
        if let Ok(envelope) = Envelope::decode(bytes, fork) {
            let _ = envelope.recover(fork, 1);
        }
    }
});
