//! IDs of the singleton actors.

use crate::ActorId;

/// f00, the system itself: caller of implicit messages.
pub const SYSTEM: ActorId = 0;
/// f01, which assigns IDs and creates actors.
pub const INIT: ActorId = 1;
/// f02, block rewards.
pub const REWARD: ActorId = 2;
/// f03, work at the end of each epoch.
pub const CRON: ActorId = 3;
/// f04, storage power.
pub const POWER: ActorId = 4;
/// f05, storage market.
pub const MARKET: ActorId = 5;
/// f06, verified registry.
pub const VERIFIED_REGISTRY: ActorId = 6;
/// f07, DataCap tokens.
pub const DATACAP: ActorId = 7;
/// f010, the Ethereum address manager; also its f4 namespace.
pub const EAM: ActorId = 10;
/// f099, burnt funds.
pub const BURNT_FUNDS: ActorId = 99;
