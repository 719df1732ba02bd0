//! Solidity's ABI, as the native precompiles and native calls need it.

use super::Refused;
use evm_interpreter::U256;
use std::borrow::Cow;

/// Words of an ABI encoding, read in order; beyond the end there are zeros.
#[derive(Clone, Debug)]
pub(crate) struct Words<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Words<'a> {
    /// At the start of `data`.
    pub(crate) const fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    /// Goes on from `offset`, counted from the start.
    pub(crate) const fn seek(&mut self, offset: usize) {
        self.at = offset;
    }

    fn rest(&self) -> &'a [u8] {
        self.data.get(self.at..).unwrap_or_default()
    }

    /// The next word.
    pub(crate) fn word(&mut self) -> U256 {
        let rest = self.rest();
        let len = rest.len().min(32);
        let mut bytes = [0; 32];
        bytes[..len].copy_from_slice(&rest[..len]);
        self.at = self.at.saturating_add(len);
        U256::from_big_endian(&bytes)
    }

    /// The next word, which must be a number of 64 bits.
    pub(crate) fn u64(&mut self) -> Result<u64, Refused> {
        match self.word().0 {
            [number, 0, 0, 0] => Ok(number),
            _ => Err(Refused),
        }
    }

    /// The next word, which must be a number of 32 bits.
    pub(crate) fn u32(&mut self) -> Result<u32, Refused> {
        self.u64()?.try_into().map_err(|_| Refused)
    }

    /// The next `len` bytes.
    ///
    /// # Panics
    /// If bytes beyond the end are asked for that no memory holds; on Filecoin that ends with exit
    /// 24.
    pub(crate) fn bytes(&mut self, len: usize) -> Cow<'a, [u8]> {
        let rest = self.rest();
        match rest.get(..len) {
            Some(bytes) => Cow::Borrowed(bytes),
            None => {
                let mut bytes = rest.to_vec();
                bytes.resize(len, 0);
                Cow::Owned(bytes)
            }
        }
    }
}

/// A number as a word of the ABI.
pub(crate) fn word_of_u64(number: u64) -> [u8; 32] {
    U256::from(number).to_big_endian()
}

/// Zeros up to the next multiple of 32 bytes.
pub(crate) fn pad_to_word(data: &mut Vec<u8>) {
    data.resize(data.len().next_multiple_of(32), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_stand_beyond_the_end() {
        let mut data = word_of_u64(7).to_vec();
        data.extend([1, 2]);
        let mut words = Words::new(&data);
        assert_eq!(words.u64(), Ok(7));
        assert_eq!(
            words.clone().u64(),
            Err(Refused),
            "0x0102 in the highest bytes"
        );
        assert_eq!(words.clone().bytes(4).as_ref(), [1, 2, 0, 0]);
        assert_eq!(words.clone().bytes(1).as_ref(), [1]);
        words.seek(1000);
        assert_eq!(words.u32(), Ok(0));
        words.seek(usize::MAX);
        assert_eq!(words.word(), U256::zero());
        assert_eq!(words.bytes(2).as_ref(), [0, 0]);
    }

    #[test]
    fn numbers_have_their_width() {
        let data = U256::from(u64::from(u32::MAX) + 1).to_big_endian();
        assert_eq!(Words::new(&data).u32(), Err(Refused));
        assert!(Words::new(&data).u64().is_ok());
        let data = (U256::from(u64::MAX) + 1).to_big_endian();
        assert_eq!(Words::new(&data).u64(), Err(Refused));
    }

    #[test]
    fn padding() {
        for (len, padded) in [(0, 0), (1, 32), (32, 32), (33, 64)] {
            let mut data = vec![1; len];
            pad_to_word(&mut data);
            assert_eq!(data.len(), padded);
        }
    }
}
