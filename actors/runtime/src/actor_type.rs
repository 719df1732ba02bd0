//! Numbers of the built-in actor types: positions in the bundle's manifest, from 1.

/// A built-in actor type. The number is what the virtual machine gives to actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ActorType {
    /// f00.
    System = 1,
    /// f01.
    Init = 2,
    /// f03.
    Cron = 3,
    /// Accounts of f1 and f3 keys.
    Account = 4,
    /// f04.
    StoragePower = 5,
    /// Storage miners.
    StorageMiner = 6,
    /// f05.
    StorageMarket = 7,
    /// Payment channels.
    PaymentChannel = 8,
    /// Multi-signature wallets.
    Multisig = 9,
    /// f02.
    Reward = 10,
    /// f06.
    VerifiedRegistry = 11,
    /// f07.
    DataCap = 12,
    /// A delegated address that has received something, not used yet.
    Placeholder = 13,
    /// EVM contracts.
    Evm = 14,
    /// f010, the Ethereum address manager.
    Eam = 15,
    /// Accounts of Ethereum keys.
    EthAccount = 16,
}

impl ActorType {
    /// Every type in the manifest's order.
    pub const ALL: [Self; 16] = [
        Self::System,
        Self::Init,
        Self::Cron,
        Self::Account,
        Self::StoragePower,
        Self::StorageMiner,
        Self::StorageMarket,
        Self::PaymentChannel,
        Self::Multisig,
        Self::Reward,
        Self::VerifiedRegistry,
        Self::DataCap,
        Self::Placeholder,
        Self::Evm,
        Self::Eam,
        Self::EthAccount,
    ];

    /// The type of this number; `None` for actors that are not built in.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|actor_type| *actor_type as i32 == number)
    }

    /// Name in the manifest.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Init => "init",
            Self::Cron => "cron",
            Self::Account => "account",
            Self::StoragePower => "storagepower",
            Self::StorageMiner => "storageminer",
            Self::StorageMarket => "storagemarket",
            Self::PaymentChannel => "paymentchannel",
            Self::Multisig => "multisig",
            Self::Reward => "reward",
            Self::VerifiedRegistry => "verifiedregistry",
            Self::DataCap => "datacap",
            Self::Placeholder => "placeholder",
            Self::Evm => "evm",
            Self::Eam => "eam",
            Self::EthAccount => "ethaccount",
        }
    }
}
