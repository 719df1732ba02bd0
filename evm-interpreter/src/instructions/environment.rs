//! The frame, the transaction, the block and other accounts.

use super::Flow;
use crate::arithmetic::{from_be_bytes, to_be_bytes};
use crate::host::{Access, Host};
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
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
    ($($(#[$doc:meta])* $name:ident($host:ident) => $value:expr;)*) => {
        $(
            $(#[$doc])*
            #[inline(always)]
            pub(super) fn $name<H: Host, M: Metering>(
                r: &mut Registers<'_, M>,
                f: &mut Frame<'_, H>,
            ) -> Flow {
                let $host = &mut *f.host;
                r.push($value);
                Ok(())
            }
        )*
    };
}

questions! {
    address(host) => from_address(&host.address()?);
    origin(host) => from_address(&host.origin()?);
    caller(host) => from_address(&host.caller()?);
    callvalue(host) => host.call_value();
    gasprice(host) => host.gas_price()?;
    coinbase(host) => from_address(&host.coinbase());
    timestamp(host) => host.timestamp();
    number(host) => host.number();
    prevrandao(host) => host.prev_randao()?;
    gaslimit(host) => host.gas_limit();
    chainid(host) => host.chain_id();
    selfbalance(host) => host.self_balance()?;
    basefee(host) => host.base_fee();
    blobbasefee(host) => host.blob_base_fee();
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
