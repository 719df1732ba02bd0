//! The Ethereum address manager f010: creates contracts at the addresses that Ethereum gives them.
//!
//! | method | caller | address from |
//! |---|---|---|
//! | 1 Constructor | system | |
//! | 2 Create | contracts | creator and nonce |
//! | 3 Create2 | contracts | creator, salt and init code |
//! | 4 CreateExternal | accounts that sent the message | account and the message's nonce |
//!
//! There is no state.

mod address;

use std::borrow::Cow;

use fevm_address::{Address, from_delegated, is_forbidden, masked_id};
use fevm_runtime::cbor::Reader;
use fevm_runtime::interface::eam::{self, Create2Params, CreateParams, CreateReturn};
use fevm_runtime::interface::evm::{self, ConstructorParams};
use fevm_runtime::interface::init::{self, Exec4Params, ExecReturn};
use fevm_runtime::interface::{CONSTRUCTOR, account};
use fevm_runtime::params::decode_all;
use fevm_runtime::runtime::CidBytes;
use fevm_runtime::{
    Abort, ActorId, ActorType, Block, ErrorNumber, Runtime, SendRequest, singletons, subcall,
};
use primitive_types::H160;

/// Answers a message.
///
/// # Errors
/// 22 for methods that the actor does not have; those of the methods.
pub fn invoke(rt: &impl Runtime) -> Result<Option<Block>, Abort> {
    match rt.message().method {
        CONSTRUCTOR => construct(rt).map(|()| None),
        eam::CREATE => create(rt).map(Some),
        eam::CREATE2 => create2(rt).map(Some),
        eam::CREATE_EXTERNAL => create_external(rt).map(Some),
        method => Err(Abort::unhandled(format!("no method {method}"))),
    }
}

fn construct(rt: &impl Runtime) -> Result<(), Abort> {
    rt.params()?.none()?;
    if rt.message().receiver != singletons::EAM {
        return Err(Abort::forbidden("the address manager is actor f010"));
    }
    rt.require_caller(&[singletons::SYSTEM])
}

fn create(rt: &impl Runtime) -> Result<Block, Abort> {
    let params = rt.params()?;
    let params = params.decode(CreateParams::decode)?;
    let (creator, evm_code) = calling_contract(rt)?;
    let address = address::create(rt, &creator, params.nonce);
    create_contract(rt, evm_code, creator, &address, params.init_code)
}

fn create2(rt: &impl Runtime) -> Result<Block, Abort> {
    let params = rt.params()?;
    let params = params.decode(Create2Params::decode)?;
    let (creator, evm_code) = calling_contract(rt)?;
    let address = address::create2(rt, &creator, &params.salt, &params.init_code);
    create_contract(rt, evm_code, creator, &address, params.init_code)
}

fn create_external(rt: &impl Runtime) -> Result<Block, Abort> {
    let params = rt.params()?;
    let init_code = params.bytes()?;
    rt.require_caller(&[rt.message().origin])?;
    let (creator, seed) = calling_account(rt)?;
    let address = address::create(rt, &seed, rt.message().nonce);
    let evm_code = evm_code(rt)?;
    create_contract(rt, evm_code, creator, &address, init_code)
}

/// Address of the caller, which must be a contract, and the code of contracts.
fn calling_contract(rt: &impl Runtime) -> Result<(H160, CidBytes), Abort> {
    let evm_code = evm_code(rt)?;
    let caller = rt.message().caller;
    match rt.code_cid(caller) {
        Ok(Some(code)) if code == evm_code => Ok((eth_address(rt, caller)?, evm_code)),
        _ => Err(Abort::forbidden("only contracts may call this")),
    }
}

/// The creator that the new contract sees as its caller, and the address from which its own derives.
///
/// For an Ethereum account both are its address. A native account is seen as its masked ID; as that
/// may change in a reorganisation, the hash of its key address is what counts for the new address.
fn calling_account(rt: &impl Runtime) -> Result<(H160, H160), Abort> {
    let caller = rt.message().caller;
    match rt.actor_type(caller).map_err(unexpected)? {
        Some(Some(ActorType::EthAccount)) => {
            let address = eth_address(rt, caller)?;
            Ok((address, address))
        }
        Some(Some(ActorType::Account)) => {
            let key = key_address(rt, caller)?;
            Ok((masked_id(caller), address::hash(rt, &key)))
        }
        Some(Some(other)) => {
            let name = other.name();
            Err(Abort::forbidden(format!(
                "the caller is of type {name}, no account"
            )))
        }
        _ => Err(Abort::forbidden("the caller is no account")),
    }
}

/// The address of an actor that must be f410 of 20 bytes.
fn eth_address(rt: &impl Runtime, actor: ActorId) -> Result<H160, Abort> {
    let mut delegated = [0; 65];
    let len = rt
        .delegated_address(actor, &mut delegated)
        .map_err(unexpected)?;
    from_delegated(&delegated[..len])
        .ok_or_else(|| Abort::forbidden("the caller has no Ethereum address"))
}

/// The key address of a native account, in binary form.
fn key_address(rt: &impl Runtime, actor: ActorId) -> Result<Vec<u8>, Abort> {
    let to = Address::id(actor);
    let request = SendRequest {
        to: to.as_bytes(),
        method: account::PUBKEY_ADDRESS,
        params: None,
        value: 0,
        gas_limit: None,
        read_only: true,
    };
    let sent = rt
        .send(request)
        .map_err(|error| Abort::assertion_failed(format!("no key address: {error}")))?;
    if !sent.exit_code.is_success() {
        let message = format!("no key address: exit {}", sent.exit_code);
        return Err(Abort::new(sent.exit_code.propagated(), message));
    }
    let block = subcall::returned(rt, &sent)?;
    Ok(decode_all(&block.data, Reader::bytes)?.into_owned())
}

/// Makes a contract at `address`, or makes a dead one there anew.
fn create_contract(
    rt: &impl Runtime,
    evm_code: CidBytes,
    creator: H160,
    address: &H160,
    init_code: Cow<'_, [u8]>,
) -> Result<Block, Abort> {
    // Nobody can find a preimage; but what follows relies on it.
    if is_forbidden(address) {
        return Err(Abort::forbidden("the new address is a reserved one"));
    }
    let constructor_params = ConstructorParams { creator, init_code }.encode();
    let value = rt.message().value;

    let f410 = Address::f410(address);
    if let Some(id) = rt.resolve_address(f410.as_bytes()).map_err(unexpected)? {
        match rt.actor_type(id).map_err(unexpected)? {
            Some(Some(ActorType::Evm)) => {
                subcall::send(rt, id, evm::RESURRECT, &constructor_params, value)?;
                return Ok(created(id, None, *address));
            }
            Some(Some(ActorType::Placeholder)) => {}
            _ => return Err(Abort::forbidden("another actor stands at the new address")),
        }
    }

    let params = Exec4Params {
        code_cid: Cow::Borrowed(evm_code.as_bytes()),
        constructor_params: Cow::Owned(constructor_params),
        subaddress: Cow::Borrowed(&address.0),
    };
    let sent = subcall::send(rt, singletons::INIT, init::EXEC4, &params.encode(), value)?;
    let block = subcall::returned(rt, &sent)?;
    let returned = decode_all(&block.data, ExecReturn::decode)?;
    let id = Address::from_bytes(&returned.id_address)
        .ok()
        .and_then(|address| address.as_id())
        .ok_or_else(|| Abort::serialization("init returned no f0 address"))?;
    Ok(created(id, Some(returned.robust_address), *address))
}

fn created(actor_id: ActorId, robust_address: Option<Cow<'_, [u8]>>, address: H160) -> Block {
    let created = CreateReturn {
        actor_id,
        robust_address,
        eth_address: address,
    };
    Block::cbor(created.encode())
}

fn evm_code(rt: &impl Runtime) -> Result<CidBytes, Abort> {
    rt.code_of_type(ActorType::Evm).map_err(unexpected)
}

#[cold]
fn unexpected(error: ErrorNumber) -> Abort {
    Abort::assertion_failed(format!("the machine refuses: {error}"))
}

/// Entry of the WASM module.
#[cfg(target_arch = "wasm32")]
#[unsafe(export_name = "invoke")]
extern "C" fn entry(params: u32) -> u32 {
    fevm_runtime::entry::run(params, |rt| invoke(rt))
}

#[cfg(test)]
mod tests;
