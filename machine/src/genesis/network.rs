//! The network's own actors in a first state: reward, cron, power, market, verified registry and
//! datacap, and an example of what they manage.
//!
//! Each actor writes its state itself, by its constructor, as on a real network: so this holds for
//! any version of Filecoin's actors. What follows are ordinary messages: the root key appoints a
//! verifier, the verifier gives datacap to a client, a storage provider makes its miner and puts
//! collateral into the market.
//!
//! | actor | what |
//! |---|---|
//! | f080 | the verified registry's root key, an account |
//! | f081 | a verifier, an account, with 1 PiB to give, less what the client got |
//! | f082 | a storage provider, an account: owner and worker of the miner |
//! | f01000 | its miner: no sectors, some FIL beyond the deposit |
//! | any account | the client, with 1 TiB of datacap |

use alloy_primitives::{Address as EthAddress, hex};
use fvm_ipld_encoding::{BytesSer, RawBytes, from_slice, to_vec};
use fvm_shared::address::Address;
use fvm_shared::bigint::BigInt;
use fvm_shared::bigint::bigint_ser::BigIntSer;
use fvm_shared::econ::TokenAmount;
use fvm_shared::error::ExitCode;
use fvm_shared::message::Message;
use fvm_shared::{ActorID, MethodNum};
use num_traits::Zero;
use serde::Serialize;

use super::{Genesis, GenesisActor, GenesisState};
use crate::address::delegated;
use crate::bundle::{Actor, Bundle};
use crate::chain::SyntheticChain;
use crate::error::MachineError;
use crate::executor::ApplyKind;
use crate::state::SYSTEM_ACTOR_ID;
use crate::vm::{BlockContext, Session, Vm};

/// The reward actor.
pub const REWARD: ActorID = 2;
/// The cron actor.
pub const CRON: ActorID = 3;
/// The power actor.
pub const POWER: ActorID = 4;
/// The market actor.
pub const MARKET: ActorID = 5;
/// The registry of verified clients.
pub const VERIFIED_REGISTRY: ActorID = 6;
/// The datacap token.
pub const DATACAP: ActorID = 7;
/// The account with the registry's root key.
pub const ROOT_KEY: ActorID = 80;
/// The account that is a verifier.
pub const VERIFIER: ActorID = 81;
/// The account that owns the miner and works for it.
pub const PROVIDER: ActorID = 82;

/// The ID of the first actor that is made in a message: on networks of Filecoin's own node software
/// the first miner has it too.
pub const FIRST_MADE_ID: ActorID = 1_000;

/// BLS public keys of the accounts f080 to f082, of the secret keys 1, 2 and 3: for tests only.
const KEYS: [[u8; 48]; 3] = [
    hex!(
        "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac58"
        "6c55e83ff97a1aeffb3af00adb22c6bb"
    ),
    hex!(
        "a572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62a"
        "e28f75bb8f1c7c42c39a8c5529bf0f4e"
    ),
    hex!(
        "89ece308f9d1f0131765212deca99697b112d61f9be9a5f1f3780a51335b3ff9"
        "81747a0b2ca2179b96d2c0c9024e5224"
    ),
];

/// Methods, by the numbers that the actors have had since the network began.
mod method {
    use fvm_shared::MethodNum;

    pub(super) const CONSTRUCTOR: MethodNum = 1;
    pub(super) const POWER_CREATE_MINER: MethodNum = 2;
    pub(super) const POWER_ON_EPOCH_TICK_END: MethodNum = 5;
    pub(super) const MARKET_ADD_BALANCE: MethodNum = 2;
    pub(super) const MARKET_CRON_TICK: MethodNum = 9;
    pub(super) const REGISTRY_ADD_VERIFIER: MethodNum = 2;
    pub(super) const REGISTRY_ADD_VERIFIED_CLIENT: MethodNum = 4;
}

/// FIL that the provider starts with.
const PROVIDER_FUNDS: u64 = 2_000;
/// FIL that the miner gets; what its deposit leaves is free.
const MINER_FUNDS: u64 = 1_000;
/// FIL of collateral in the market.
const MARKET_COLLATERAL: u64 = 100;
/// Bytes that the verifier may give.
const VERIFIER_ALLOWANCE: u64 = 1 << 50;
/// Bytes that the client has got.
const CLIENT_DATACAP: u64 = 1 << 40;
/// Window-proof types, by preference: 32 GiB sectors, and 2 KiB as test networks have them.
const PROOF_TYPES: [i64; 2] = [13, 10];
/// `/ip4/127.0.0.1/tcp/1234` as a multiaddress.
const MINER_MULTIADDRESS: &[u8] = &[4, 127, 0, 0, 1, 6, 0x04, 0xd2];
/// The miner's peer ID, which nobody dials.
const MINER_PEER: &[u8] = b"example";

const GAS_LIMIT: u64 = 10_000_000_000;

/// What a first state with the network's own actors has as an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The miner.
    pub miner: ActorID,
    /// Who has got datacap, if anybody.
    pub client: Option<EthAddress>,
}

/// Whether a bundle brings the network's own actors. What stands in their place in other bundles has
/// no state, so it never sets a state root.
pub fn in_bundle(bundle: &Bundle) -> bool {
    ["storagepower", "storagemarket"].iter().all(|name| {
        let module = bundle.actor(name).map(Actor::inspect);
        matches!(module, Some(Ok(module)) if module.imports.iter().any(|i| i == "self::set_root"))
    })
}

impl Genesis {
    /// Writes the state into a machine's store: as [`write`](Self::write) does and, if the bundle
    /// brings the network's own actors, with their states and an [`Example`]. `client` gets datacap.
    ///
    /// # Errors
    /// [`MachineError::InvalidInput`] names a constructor or message that failed.
    pub fn establish(
        mut self,
        bundle: &Bundle,
        vm: &Vm,
        client: Option<EthAddress>,
    ) -> Result<(GenesisState, Option<Example>), MachineError> {
        // Some bundles of others have fewer actors.
        self.actors
            .retain(|actor| actor.id > DATACAP || bundle.actor(&actor.code).is_some());
        if !in_bundle(bundle) {
            return Ok((self.write(bundle, vm.store())?, None));
        }
        for (id, key) in [ROOT_KEY, VERIFIER, PROVIDER].into_iter().zip(&KEYS) {
            let address = Address::new_bls(key)
                .map_err(|e| MachineError::InvalidInput(format!("genesis: key of f0{id}: {e}")))?;
            self.actors.push(GenesisActor {
                address: Some(address),
                balance: match id {
                    PROVIDER => TokenAmount::from_whole(PROVIDER_FUNDS),
                    _ => TokenAmount::zero(),
                },
                ..GenesisActor::singleton(id, "account")
            });
        }
        self.next_id = self.next_id.max(FIRST_MADE_ID);
        let mut state = self.write(bundle, vm.store())?;
        let block = BlockContext::new(
            state.root,
            0,
            0,
            TokenAmount::zero(),
            std::sync::Arc::new(SyntheticChain),
        );
        let (root, example) = vm.run(block, move |session| {
            construct(session)?;
            let example = example(session, client)?;
            Ok((session.flush()?, example))
        })?;
        state.root = root;
        Ok((state, Some(example)))
    }
}

/// Sends a message without fees; gives what it returned.
fn send<P: Serialize>(
    session: &mut Session,
    (from, to, method_num): (ActorID, ActorID, MethodNum),
    params: Option<&P>,
    value: TokenAmount,
) -> Result<Result<Vec<u8>, (ExitCode, String)>, MachineError> {
    let params = params
        .map(to_vec)
        .transpose()
        .map_err(|e| MachineError::InvalidInput(format!("genesis: parameters: {e}")))?;
    let message = Message {
        version: 0,
        from: Address::new_id(from),
        to: Address::new_id(to),
        sequence: 0,
        value,
        method_num,
        params: RawBytes::new(params.unwrap_or_default()),
        gas_limit: GAS_LIMIT,
        gas_fee_cap: TokenAmount::zero(),
        gas_premium: TokenAmount::zero(),
    };
    let outcome = session.apply(&message, ApplyKind::Implicit, 0)?;
    if outcome.is_success() {
        return Ok(Ok(outcome.return_data));
    }
    let reason = outcome.failure.map(|f| f.to_string()).unwrap_or_default();
    Ok(Err((outcome.exit_code, reason)))
}

/// The same; a failure is the genesis'.
fn must_send<P: Serialize>(
    session: &mut Session,
    route: (ActorID, ActorID, MethodNum),
    params: Option<&P>,
    value: TokenAmount,
) -> Result<Vec<u8>, MachineError> {
    send(session, route, params, value)?.map_err(|failure| failed(route, &failure))
}

fn failed(
    (from, to, method): (ActorID, ActorID, MethodNum),
    (code, reason): &(ExitCode, String),
) -> MachineError {
    MachineError::InvalidInput(format!(
        "genesis: message from f0{from} to f0{to}, method {method}, ended with exit {}: {}",
        code.value(),
        reason.trim_end()
    ))
}

/// Lets the singletons write their states.
fn construct(session: &mut Session) -> Result<(), MachineError> {
    let id = Address::new_id;
    let none = TokenAmount::zero;
    let to = |actor| (SYSTEM_ACTOR_ID, actor, method::CONSTRUCTOR);
    let no_power = BigInt::zero();
    let ticks = vec![
        (id(POWER), method::POWER_ON_EPOCH_TICK_END),
        (id(MARKET), method::MARKET_CRON_TICK),
    ];
    let nothing = None::<&()>;
    must_send(session, to(REWARD), Some(&BigIntSer(&no_power)), none())?;
    must_send(session, to(CRON), Some(&(ticks,)), none())?;
    must_send(session, to(POWER), nothing, none())?;
    must_send(session, to(MARKET), nothing, none())?;
    must_send(session, to(VERIFIED_REGISTRY), Some(&id(ROOT_KEY)), none())?;
    must_send(session, to(DATACAP), Some(&id(VERIFIED_REGISTRY)), none())?;
    Ok(())
}

/// A verifier, a client with datacap, and a miner with collateral in the market.
fn example(session: &mut Session, client: Option<EthAddress>) -> Result<Example, MachineError> {
    let allowance = BigInt::from(VERIFIER_ALLOWANCE);
    must_send(
        session,
        (ROOT_KEY, VERIFIED_REGISTRY, method::REGISTRY_ADD_VERIFIER),
        Some(&(Address::new_id(VERIFIER), BigIntSer(&allowance))),
        TokenAmount::zero(),
    )?;
    if let Some(client) = client {
        let datacap = BigInt::from(CLIENT_DATACAP);
        must_send(
            session,
            (
                VERIFIER,
                VERIFIED_REGISTRY,
                method::REGISTRY_ADD_VERIFIED_CLIENT,
            ),
            Some(&(delegated(client), BigIntSer(&datacap))),
            TokenAmount::zero(),
        )?;
    }
    let miner = create_miner(session)?;
    must_send(
        session,
        (PROVIDER, MARKET, method::MARKET_ADD_BALANCE),
        Some(&Address::new_id(miner)),
        TokenAmount::from_whole(MARKET_COLLATERAL),
    )?;
    Ok(Example { miner, client })
}

fn create_miner(session: &mut Session) -> Result<ActorID, MachineError> {
    let route = (PROVIDER, POWER, method::POWER_CREATE_MINER);
    let provider = Address::new_id(PROVIDER);
    let mut failure = (ExitCode::OK, String::new());
    for proof_type in PROOF_TYPES {
        let params = (
            provider,
            provider,
            proof_type,
            BytesSer(MINER_PEER),
            vec![BytesSer(MINER_MULTIADDRESS)],
        );
        let funds = TokenAmount::from_whole(MINER_FUNDS);
        match send(session, route, Some(&params), funds)? {
            Ok(returned) => {
                let (id, _): (Address, Address) = from_slice(&returned)
                    .map_err(|e| MachineError::InvalidInput(format!("genesis: miner: {e}")))?;
                return id.id().map_err(|e| {
                    MachineError::InvalidInput(format!("genesis: miner's address: {e}"))
                });
            }
            // Which sector sizes there are depends on the network that the actors are built for.
            Err(other) => failure = other,
        }
    }
    Err(failed(route, &failure))
}
