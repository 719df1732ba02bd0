//! The development accounts: keys from a mnemonic, and the signing that unlocked accounts do.

use alloy_consensus::{SignableTransaction, TxEnvelope, TypedTransaction};
use alloy_primitives::{Address, B256, Signature};
use alloy_signer::SignerSync;
use alloy_signer_local::{MnemonicBuilder, PrivateKeySigner, coins_bip39::English};

/// Why the accounts could not be made.
#[derive(Debug, thiserror::Error)]
#[error("mnemonic does not give account {index}: {reason}")]
pub struct MnemonicError {
    index: u32,
    reason: String,
}

/// The accounts whose keys the node holds.
#[derive(Debug, Clone)]
pub struct Accounts {
    signers: Vec<PrivateKeySigner>,
}

impl Accounts {
    /// Derives `count` accounts at `m/44'/60'/0'/0/i` from a BIP-39 phrase.
    ///
    /// # Errors
    /// The phrase has a word outside the English list or a wrong checksum.
    pub fn from_mnemonic(phrase: &str, count: u32) -> Result<Self, MnemonicError> {
        let signer = |index| {
            MnemonicBuilder::<English>::default()
                .phrase(phrase)
                .index(index)
                .and_then(|builder| builder.build())
                .map_err(|error| MnemonicError {
                    index,
                    reason: error.to_string(),
                })
        };
        Ok(Self {
            signers: (0..count).map(signer).collect::<Result<_, _>>()?,
        })
    }

    /// The addresses, in the order of derivation.
    pub fn addresses(&self) -> impl Iterator<Item = Address> + '_ {
        self.signers.iter().map(PrivateKeySigner::address)
    }

    /// Address and private key of each account.
    pub fn keys(&self) -> impl Iterator<Item = (Address, B256)> + '_ {
        self.signers
            .iter()
            .map(|signer| (signer.address(), signer.to_bytes()))
    }

    /// Whether the node holds the key of `address`.
    pub fn contains(&self, address: Address) -> bool {
        self.signer(address).is_some()
    }

    /// Signs a transaction; none if the key of `address` is not held here.
    pub fn sign_transaction(
        &self,
        address: Address,
        transaction: TypedTransaction,
    ) -> Option<TxEnvelope> {
        let signature = self.sign_hash(address, transaction.signature_hash())?;
        Some(transaction.into_signed(signature).into())
    }

    /// Signs a 32-byte digest; none if the key of `address` is not held here.
    pub fn sign_hash(&self, address: Address, digest: B256) -> Option<Signature> {
        self.signer(address)?.sign_hash_sync(&digest).ok()
    }

    fn signer(&self, address: Address) -> Option<&PrivateKeySigner> {
        self.signers
            .iter()
            .find(|signer| signer.address() == address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DEFAULT_MNEMONIC;
    use alloy_primitives::{address, b256};

    #[test]
    fn the_usual_mnemonic_gives_the_usual_accounts() {
        let accounts = Accounts::from_mnemonic(DEFAULT_MNEMONIC, 2).unwrap();
        let keys: Vec<_> = accounts.keys().collect();
        assert_eq!(
            keys[0],
            (
                address!("f39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
                b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"),
            )
        );
        assert_eq!(
            keys[1].0,
            address!("70997970C51812dc3A010C7d01b50e0d17dc79C8")
        );
    }

    #[test]
    fn a_bad_phrase_is_refused() {
        let error = Accounts::from_mnemonic("test test test", 1)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("mnemonic does not give account 0: "),
            "{error}"
        );
    }
}
