//! Names of exit codes.

use fvm_shared::error::ExitCode;

/// A contract ended with REVERT; the returned bytes are its revert data.
pub const EVM_REVERTED: ExitCode = ExitCode::new(33);

/// The name of an exit code and what it means, for messages to people.
pub fn describe(code: ExitCode) -> &'static str {
    match code.value() {
        0 => "ok",
        1 => "sender invalid",
        2 => "sender state invalid (nonce or balance)",
        4 => "illegal instruction (WASM trap)",
        5 => "invalid receiver",
        6 => "insufficient funds",
        7 => "out of gas",
        9 => "illegal exit code",
        10 => "assertion failed in the virtual machine",
        11 => "missing return",
        16 => "illegal argument",
        17 => "not found",
        18 => "forbidden",
        19 => "insufficient funds of the actor",
        20 => "illegal state",
        21 => "serialization",
        22 => "unhandled message",
        23 => "unspecified",
        24 => "assertion failed",
        25 => "read-only",
        26 => "not payable",
        33 => "contract reverted",
        34 => "invalid instruction",
        35 => "undefined instruction",
        36 => "stack underflow",
        37 => "stack overflow",
        38 => "illegal memory access",
        39 => "bad jump destination",
        40 => "self-destruct failed",
        3 | 8 | 12..=15 => "reserved system code",
        _ => "actor-defined",
    }
}
