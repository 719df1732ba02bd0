//! get_randomness.

use super::{Refused, Words};
use fevm_runtime::Runtime;

/// 0xfe…06: the beacon's randomness of an epoch (FIP-0095). An epoch that is no number of 63 bits
/// fails; one that is yet to come is priced by the machine beyond any gas limit.
pub(super) fn get_randomness<R: Runtime>(rt: &R, input: &[u8]) -> Result<Vec<u8>, Refused> {
    let epoch = i64::try_from(Words::new(input).u64()?).map_err(|_| Refused)?;
    let randomness = rt.beacon_randomness(epoch).map_err(|_| Refused)?;
    Ok(randomness.to_vec())
}
