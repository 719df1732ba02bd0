//! Any bytes as a file of state tests: an error or tests.
#![no_main]

use fevm_conformance::fixture::{StateTestFile, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(message) = parse::<StateTestFile>(bytes) {
        assert!(!message.is_empty());
    }
});
