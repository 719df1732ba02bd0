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
    ($($(#[$doc:meta])* $name:ident($host:ident, $order:ident) => $value:expr;)*) => {
        $(
            $(#[$doc])*
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
    address(host, order) => order.address(&host.address()?.0);
    origin(host, order) => order.address(&host.origin()?.0);
    caller(host, order) => order.address(&host.caller()?.0);
    callvalue(host, _order) => host.call_value();
    gasprice(host, _order) => host.gas_price()?;
    coinbase(host, order) => order.address(&host.coinbase().0);
    timestamp(host, _order) => host.timestamp();
    number(host, _order) => host.number();
    prevrandao(host, _order) => host.prev_randao()?;
    gaslimit(host, _order) => host.gas_limit();
    chainid(host, _order) => host.chain_id();
    selfbalance(host, _order) => host.self_balance()?;
    basefee(host, _order) => host.base_fee();
    blobbasefee(host, _order) => host.blob_base_fee();
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
