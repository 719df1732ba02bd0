//! The base fee of the next block, by Filecoin's rule from network version 28 on (FIP-0115).

use crate::config::MIN_BASE_FEE;

/// The gas-limit unit that sets the price: of the 10^10 in a block, the one that 80 % come before.
const TARGET_GAS_INDEX: u64 = 7_999_999_999;

/// What a message offers: its effective premium in attoFIL per gas, and its gas limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Premium that is left of the fee cap after the base fee.
    pub premium: u128,
    /// Gas limit of the message.
    pub gas_limit: u64,
}

/// The base fee after a block with these messages at base fee `base`.
///
/// Idle blocks lower it by an eighth down to the minimum; it rises by at most an eighth, and only
/// when four fifths of the block's gas offer more premium than the step down.
pub fn next(base: u128, offers: &[Offer]) -> u128 {
    let step = base.div_ceil(8);
    let premium = marginal_premium(offers);
    let next = if premium >= step {
        base.saturating_add(step.min(premium - step))
    } else {
        base.saturating_sub(step - premium)
    };
    next.max(MIN_BASE_FEE)
}

/// The premium of the message that covers the target, taken from the highest premium down.
fn marginal_premium(offers: &[Offer]) -> u128 {
    let mut offers = offers.to_vec();
    offers.sort_by_key(|offer| std::cmp::Reverse(offer.premium));
    let mut gas = 0_u64;
    for offer in offers {
        gas = gas.saturating_add(offer.gas_limit);
        if gas > TARGET_GAS_INDEX {
            return offer.premium;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: u64 = 10_000_000_000;

    #[test]
    fn an_idle_chain_falls_to_the_minimum_and_stays() {
        assert_eq!(next(800, &[]), 700);
        assert_eq!(next(105, &[]), 100);
        assert_eq!(next(100, &[]), 100);
    }

    #[test]
    fn a_full_block_raises_by_what_it_offers_and_at_most_an_eighth() {
        let full = |premium| {
            [Offer {
                premium,
                gas_limit: FULL,
            }]
        };
        assert_eq!(next(800, &full(1_000)), 900, "at most an eighth");
        assert_eq!(next(800, &full(150)), 850);
        assert_eq!(
            next(800, &full(100)),
            800,
            "a premium of one step holds the fee"
        );
    }

    #[test]
    fn four_fifths_decide() {
        let below = [Offer {
            premium: 1_000,
            gas_limit: 7_999_999_999,
        }];
        assert_eq!(next(800, &below), 700);
        let at = [Offer {
            premium: 1_000,
            gas_limit: 8_000_000_000,
        }];
        assert_eq!(next(800, &at), 900);
        let cheap_end = [
            Offer {
                premium: 50,
                gas_limit: 5_000_000_000,
            },
            Offer {
                premium: 1_000,
                gas_limit: 5_000_000_000,
            },
        ];
        assert_eq!(next(800, &cheap_end), 750);
    }
}
