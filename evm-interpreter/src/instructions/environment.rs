//! The frame, the transaction, the block and other accounts.

use super::Flow;
use crate::arithmetic::{from_be_bytes, to_be_bytes};
use crate::host::{Access, Host};
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
use core::mem::MaybeUninit;
use primitive_types::{H160, U256};

/// The address in the low 20 bytes of a word.
#[inline(always)]
pub(super) fn to_address(word: &U256) -> H160 {
    let bytes = to_be_bytes(word);
    let mut address = H160([0; 20]);
    address.0.copy_from_slice(&bytes[12..]);
    address
}

/// The word with an address in its low 20 bytes.
#[inline(always)]
pub(super) fn from_address(address: &H160) -> U256 {
    let mut bytes = [0; 32];
    bytes[12..].copy_from_slice(&address.0);
    from_be_bytes(&bytes)
}

/// Charges what a first access adds, and takes the value.
#[inline(always)]
pub(super) fn with_access<M: Metering, T>(
    meter: &mut M,
    access: Access<T>,
) -> Result<T, crate::halt::Halt> {
    meter.account_access(access.cold)?;
    Ok(access.value)
}

/// Instructions that push what the host answers.
macro_rules! questions {
    ($($name:ident($host:ident, $order:ident) => $value:expr;)*) => {
        $(
            #[inline(always)]
            pub(super) fn $name<H: Host, M: Metering>(
                r: &mut Registers<'_, M>,
                f: &mut Frame<'_, H>,
            ) -> Flow {
                let $host = &mut *f.host;
                let $order = r.order;
                r.push($value);
                Ok(())
            }
        )*
    };
}

questions! {
    callvalue(host, _order) => host.call_value();
    coinbase(host, order) => order.address(&host.coinbase().0);
    gaslimit(host, _order) => host.gas_limit();
    selfbalance(host, _order) => host.self_balance()?;
    blobbasefee(host, _order) => host.blob_base_fee();
}

/// Instructions that push an answer of the host that stays the same while the frame runs.
macro_rules! constant_questions {
    ($($name:ident = $place:literal ($host:ident, $order:ident) => $value:expr;)*) => {
        /// How many answers are remembered.
        const CONSTANTS: usize = [$($place),*].len();

        $(
            #[inline(always)]
            pub(super) fn $name<H: Host, M: Metering>(
                r: &mut Registers<'_, M>,
                f: &mut Frame<'_, H>,
            ) -> Flow {
                if let Some(word) = f.constants.get($place) {
                    r.push(*word);
                    return Ok(());
                }
                let $host = &mut *f.host;
                let $order = r.order;
                let word = $value;
                f.constants.set($place, word);
                r.push(word);
                Ok(())
            }
        )*
    };
}

constant_questions! {
    address = 0 (host, order) => order.address(&host.address()?.0);
    origin = 1 (host, order) => order.address(&host.origin()?.0);
    caller = 2 (host, order) => order.address(&host.caller()?.0);
    gasprice = 3 (host, _order) => host.gas_price()?;
    timestamp = 4 (host, _order) => host.timestamp();
    number = 5 (host, _order) => host.number();
    prevrandao = 6 (host, _order) => host.prev_randao()?;
    chainid = 7 (host, _order) => host.chain_id();
    basefee = 8 (host, _order) => host.base_fee();
}

/// Whether answers are remembered: by ten instructions of WebAssembly instead of forty and more.
const REMEMBER: bool = cfg!(any(target_arch = "wasm32", feature = "wasm-kernels"));

/// Answers of the host that do not change while a frame runs.
pub(crate) struct Constants {
    /// A bit for each that is known.
    known: u32,
    words: [MaybeUninit<U256>; if REMEMBER { CONSTANTS } else { 0 }],
}

impl core::fmt::Debug for Constants {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Constants")
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

impl Constants {
    /// Nothing is known.
    pub(crate) const fn new() -> Self {
        Self {
            known: 0,
            words: [const { MaybeUninit::uninit() }; if REMEMBER { CONSTANTS } else { 0 }],
        }
    }

    #[inline(always)]
    const fn get(&self, place: usize) -> Option<&U256> {
        if !REMEMBER || self.known >> place & 1 == 0 {
            return None;
        }
        // SAFETY: the bit is set once the word is.
        Some(unsafe { self.words[place].assume_init_ref() })
    }

    #[inline(always)]
    const fn set(&mut self, place: usize, word: U256) {
        if REMEMBER {
            self.words[place] = MaybeUninit::new(word);
            self.known |= 1 << place;
        }
    }
}

#[inline(always)]
pub(super) fn balance<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let account = to_address(r.peek::<0>());
    let access = f.host.balance(account)?;
    *r.peek::<0>() = with_access(&mut r.meter, access)?;
    Ok(())
}

#[inline(always)]
pub(super) fn extcodesize<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let account = to_address(r.peek::<0>());
    let access = f.host.code_size(account)?;
    *r.peek::<0>() = with_access(&mut r.meter, access)?;
    Ok(())
}

#[inline(always)]
pub(super) fn extcodehash<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let account = to_address(r.peek::<0>());
    let access = f.host.code_hash(account)?;
    *r.peek::<0>() = from_be_bytes(&with_access(&mut r.meter, access)?.0);
    Ok(())
}

#[inline(always)]
pub(super) fn blockhash<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let number = *r.peek::<0>();
    *r.peek::<0>() = from_be_bytes(&f.host.block_hash(number)?.0);
    Ok(())
}

#[inline(always)]
pub(super) fn blobhash<H: Host, M: Metering>(
    r: &mut Registers<'_, M>,
    f: &mut Frame<'_, H>,
) -> Flow {
    let index = *r.peek::<0>();
    *r.peek::<0>() = f.host.blob_hash(index);
    Ok(())
}
