//! Signed legacy transactions in their wire form.

use alloy_rlp::Encodable;
use evm_interpreter::{Fork, H256, U256};
use fevm_conformance::ethereum::authorization::sign;
use fevm_conformance::ethereum::envelope::Envelope;
use fevm_conformance::ethereum::hash::{encode_word, keccak, rlp_list};
use fevm_conformance::ethereum::{Rejection, Transaction};

const KEY: H256 = H256([0x46; 32]);

/// Order of secp256k1.
const ORDER: U256 = U256([
    0xbfd2_5e8c_d036_4141,
    0xbaae_dce6_af48_a03b,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
]);

/// A transaction to be signed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Legacy {
    pub(crate) nonce: u64,
}

/// A signed one.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    fields: Vec<u8>,
    v: u64,
    r: U256,
    s: U256,
}

impl Legacy {
    fn fields(&self) -> Vec<u8> {
        let mut fields = Vec::new();
        self.nonce.encode(&mut fields);
        10u64.encode(&mut fields);
        100_000u64.encode(&mut fields);
        [0xcc; 20].encode(&mut fields);
        0u64.encode(&mut fields);
        [].as_slice().encode(&mut fields);
        fields
    }

    /// Signs, for a chain if there is one (EIP-155).
    pub(crate) fn signed(&self, chain: Option<u64>) -> Signed {
        let fields = self.fields();
        let mut payload = fields.clone();
        if let Some(chain) = chain {
            chain.encode(&mut payload);
            payload.extend([0x80, 0x80]);
        }
        let (parity, r, s) = sign(&KEY, keccak(&rlp_list(&payload))).unwrap();
        let v = chain.map_or(27, |chain| 35 + 2 * chain) + u64::from(parity);
        Signed { fields, v, r, s }
    }
}

impl Signed {
    pub(crate) fn encoded(&self) -> Vec<u8> {
        let mut payload = self.fields.clone();
        self.v.encode(&mut payload);
        encode_word(self.r, &mut payload);
        encode_word(self.s, &mut payload);
        rlp_list(&payload)
    }

    pub(crate) fn recover(&self, fork: Fork, chain: u64) -> Result<Transaction, Rejection> {
        Envelope::decode(&self.encoded(), fork)?.recover(fork, chain)
    }
}

/// The other signature of the same transaction by the same key.
pub(crate) fn with_high_s(signed: &Signed) -> Signed {
    let v = if signed.v == 27 { 28 } else { 27 };
    Signed {
        v,
        s: ORDER - signed.s,
        ..signed.clone()
    }
}
