//! The init actor f01.
//!
//! It holds the map from addresses to actor IDs and is the only one that creates actors. State: see
//! [`state`].
//!
//! | method | |
//! |---|---|
//! | 1 Constructor | parameters `[network name]`, by the system |
//! | 2 Exec | `[code CID, constructor parameters]`: multisigs and payment channels |
//! | 3 Exec4 | the same with a sub-address: by the address manager, in its namespace |

mod hamt;
mod state;

use std::borrow::Cow;

use fevm_address::{Address, Protocol};
use fevm_runtime::cbor::Reader;
use fevm_runtime::interface::CONSTRUCTOR;
use fevm_runtime::interface::init::{self, Exec4Params, ExecParams, ExecReturn};
use fevm_runtime::runtime::CidBytes;
use fevm_runtime::{
    Abort, ActorType, Block, ErrorNumber, ExitCode, Runtime, internal_api, singletons, subcall,
};

use state::State;

/// Answers a message.
///
/// # Errors
/// 22 for methods that the actor does not have (18 to contracts); those of the methods.
pub fn invoke(rt: &impl Runtime) -> Result<Option<Block>, Abort> {
    match rt.message().method {
        CONSTRUCTOR => construct(rt).map(|()| None),
        init::EXEC => exec(rt).map(Some),
        init::EXEC4 => exec4(rt).map(Some),
        _ => Err(internal_api::unhandled(rt)),
    }
}

fn construct(rt: &impl Runtime) -> Result<(), Abort> {
    let params = rt.params()?;
    let network_name = params.decode(|reader: &mut Reader<'_>| {
        reader.tuple(1)?;
        reader.text()
    })?;
    rt.require_caller(&[singletons::SYSTEM])?;
    rt.require_no_state()?;
    State::create(rt, &network_name)
}

/// Creates an actor with a new ID and an f2 address.
fn exec(rt: &impl Runtime) -> Result<Block, Abort> {
    let params = rt.params()?;
    let params = params.decode(ExecParams::decode)?;
    let code = code_cid(&params.code_cid)?;
    if !can_exec(rt, &code)? {
        return Err(Abort::forbidden(
            "the caller cannot create an actor of this code",
        ));
    }
    create(rt, &code, &params.constructor_params, None)
}

/// Whether the caller may create actors of this code: anybody multisigs and payment channels, the
/// power actor storage miners.
fn can_exec(rt: &impl Runtime, code: &CidBytes) -> Result<bool, Abort> {
    let unknown = |error| Abort::illegal_state(format!("cannot look up a type: {error}"));
    Ok(match rt.type_of_code(code).map_err(unknown)? {
        Some(ActorType::Multisig | ActorType::PaymentChannel) => true,
        Some(ActorType::StorageMiner) => {
            let caller = rt.actor_type(rt.message().caller).map_err(unknown)?;
            caller == Some(Some(ActorType::StoragePower))
        }
        _ => false,
    })
}

/// Creates an actor with an f4 address in the caller's namespace beside its f2 address; one that is a
/// placeholder yet keeps its ID and balance.
fn exec4(rt: &impl Runtime) -> Result<Block, Abort> {
    let params = rt.params()?;
    let params = params.decode(Exec4Params::decode)?;
    let code = code_cid(&params.code_cid)?;
    rt.require_caller(&[singletons::EAM])?;
    let namespace = Address::id(rt.message().caller);
    let delegated = [
        &[Protocol::Delegated as u8],
        namespace.payload(),
        &params.subaddress,
    ]
    .concat();
    let delegated = Address::from_bytes(&delegated)
        .map_err(|error| Abort::illegal_argument(format!("sub-address: {error}")))?;
    create(rt, &code, &params.constructor_params, Some(&delegated))
}

fn create(
    rt: &impl Runtime,
    code: &CidBytes,
    constructor_params: &[u8],
    delegated: Option<&Address>,
) -> Result<Block, Abort> {
    let delegated = delegated.map(Address::as_bytes);
    let robust = rt
        .next_actor_address()
        .map_err(|error| Abort::assertion_failed(format!("no address for an actor: {error}")))?;
    let mut state = State::load(rt)?;
    let (id, existing) = state.assign(rt, &robust, delegated)?;
    state.save(rt)?;
    if existing {
        require_placeholder(rt, id)?;
    }

    rt.create_actor(id, code, delegated).map_err(|error| {
        let code = match error {
            ErrorNumber::IllegalArgument => ExitCode::ILLEGAL_ARGUMENT,
            ErrorNumber::Forbidden => ExitCode::FORBIDDEN,
            _ => ExitCode::ASSERTION_FAILED,
        };
        Abort::new(code, format!("cannot create actor f0{id}: {error}"))
    })?;
    subcall::send(rt, id, CONSTRUCTOR, constructor_params, rt.message().value)?;
    let id_address = Address::id(id);
    let created = ExecReturn {
        id_address: Cow::Borrowed(id_address.as_bytes()),
        robust_address: Cow::Borrowed(&robust),
    };
    Ok(Block::cbor(created.encode()))
}

/// Only a placeholder gives way to a new actor.
fn require_placeholder(rt: &impl Runtime, id: u64) -> Result<(), Abort> {
    match rt.actor_type(id) {
        Ok(Some(Some(ActorType::Placeholder))) => Ok(()),
        Ok(None) => Err(Abort::forbidden("a deleted actor cannot be created anew")),
        _ => Err(Abort::forbidden(
            "an actor that is no placeholder stands at this address",
        )),
    }
}

fn code_cid(cid: &[u8]) -> Result<CidBytes, Abort> {
    let mut bytes = [0; CidBytes::MAX];
    match bytes.get_mut(..cid.len()) {
        Some(place) => place.copy_from_slice(cid),
        None => return Err(Abort::serialization("code CID is too long")),
    }
    Ok(CidBytes::new(bytes, cid.len()))
}

/// Entry of the WASM module.
#[cfg(target_arch = "wasm32")]
#[unsafe(export_name = "invoke")]
extern "C" fn entry(params: u32) -> u32 {
    fevm_runtime::entry::run(params, |rt| invoke(rt))
}

#[cfg(test)]
mod tests;
