//! Accounts, as their callers know them.

/// The key address of an account.
pub const PUBKEY_ADDRESS: u64 = 2;
/// Whether a signature is the account's.
pub const AUTHENTICATE_MESSAGE: u64 = crate::frc42::AUTHENTICATE_MESSAGE;
