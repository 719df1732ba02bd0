//! The block, and balances.

use super::{World, word};
use evm_interpreter::{H160, H256, U256};
use fevm_runtime::bytes::{equal, equal_words};
use fevm_runtime::runtime::Hash;
use fevm_runtime::{Abort, Runtime};

/// GASLIMIT: what one block of Filecoin holds.
pub(super) const BLOCK_GAS_LIMIT: u64 = 10_000_000_000;

/// BLOCKHASH reaches this many epochs back.
const BLOCK_HASH_WINDOW: u64 = 256;

/// What PREVRANDAO hashes beside the beacon's randomness: domain tag and entropy (FIP-0054).
const RANDAO_TAG: i64 = 10;
const RANDAO_ENTROPY: &[u8; 10] = b"prevrandao";

impl<R: Runtime> World<'_, '_, R> {
    /// The current epoch; never negative on a chain.
    pub(super) fn epoch(&self) -> u64 {
        u64::try_from(self.rt().network().epoch).unwrap_or_default()
    }

    /// GASPRICE, attoFIL.
    pub(super) fn price(&self) -> U256 {
        let rt = self.rt();
        word(rt.network().base_fee) + word(rt.message().gas_premium)
    }

    /// PREVRANDAO: the same for all messages of an epoch.
    pub(super) fn randomness(&mut self) -> Result<U256, Abort> {
        if let Some(randomness) = self.randomness {
            return Ok(randomness);
        }
        let rt = self.rt();
        let epoch = rt.network().epoch;
        let beacon = rt.beacon_randomness(epoch).map_err(|error| {
            Abort::assertion_failed(format!("no randomness of epoch {epoch}: {error}"))
        })?;
        let mut data = [0; 58];
        data[..8].copy_from_slice(&RANDAO_TAG.to_be_bytes());
        data[8..40].copy_from_slice(&beacon);
        data[40..48].copy_from_slice(&epoch.to_be_bytes());
        data[48..].copy_from_slice(RANDAO_ENTROPY);
        let mut digest = [0; 32];
        rt.hash(Hash::Blake2b256, &data, &mut digest);
        let randomness = U256::from_big_endian(&digest);
        self.randomness = Some(randomness);
        Ok(randomness)
    }

    /// BLOCKHASH: the digest of the epoch's tipset key, zero outside the window.
    pub(super) fn tipset_hash(&mut self, number: &U256) -> H256 {
        if let Some((epoch, hash)) = self.tipset
            && equal_words(number, &U256([epoch, 0, 0, 0]))
        {
            return hash;
        }
        let now = self.epoch();
        let [epoch, 0, 0, 0] = number.0 else {
            return H256::zero();
        };
        if epoch >= now || now - epoch > BLOCK_HASH_WINDOW {
            return H256::zero();
        }
        let mut hash = H256::zero();
        if let Ok(cid) = self.rt().tipset_cid(epoch as i64) {
            let digest = cid.digest();
            let len = digest.len().min(32);
            hash.0[..len].copy_from_slice(&digest[..len]);
        }
        self.tipset = Some((epoch, hash));
        hash
    }

    /// BALANCE: zero where there is no actor.
    pub(super) fn balance_of(&mut self, account: &H160) -> U256 {
        if let Some(receiver) = &self.known.receiver
            && equal(&receiver.0, &account.0)
        {
            return word(self.contract.balance());
        }
        let rt = self.rt();
        let address = fevm_address::to_filecoin(account);
        let actor = match address.as_id() {
            Some(id) => Some(id),
            None => rt.resolve_address(address.as_bytes()).ok().flatten(),
        };
        if actor == Some(rt.message().receiver) {
            return word(self.contract.balance());
        }
        let balance = actor.and_then(|actor| rt.balance_of(actor).ok());
        word(balance.unwrap_or_default())
    }
}
