//! The storage market, power, miner, datacap and registry actors of Filecoin's own bundle, called by
//! a contract of our EVM actor. `FEVM_FILECOIN_BUNDLE` names the bundle (a CAR file); without it the
//! part that needs it is skipped.

mod common;

use std::path::Path;
use std::sync::Arc;

use alloy_primitives::{Address, U256, address, hex};
use common::{ACCOUNTS, Chain, assert_success};
use fevm_bundle::Source;
use fevm_machine::address::delegated;
use fevm_machine::chain::SyntheticChain;
use fevm_machine::genesis::network::{
    DATACAP, FIRST_MADE_ID, MARKET, POWER, PROVIDER, VERIFIED_REGISTRY,
};
use fevm_machine::genesis::{Genesis, network};
use fevm_machine::{ApplyKind, BlockContext, Network, Store, Vm};
use fvm_ipld_encoding::{from_slice, to_vec};
use fvm_shared::address::Address as FilAddress;
use fvm_shared::bigint::BigInt;
use fvm_shared::bigint::bigint_ser::{BigIntDe, BigIntSer};
use fvm_shared::econ::TokenAmount;

const CALLER: Address = address!("ca11e40000000000000000000000000000000001");

/// Hands its call data to `call_actor_id` (0xfe…05) by DELEGATECALL and returns what that returns;
/// reverts if it fails.
const CALLER_CODE: [u8; 49] = hex!(
    "365f5f375f5f365f73fe000000000000000000000000000000000000055af4"
    "6029573d5f5f3e3d5ffd5b3d5f5f3e3d5ff3"
);

/// Numbers of exported methods (FRC-0042), by their names.
mod method {
    pub(super) const GET_BALANCE: u64 = 726_108_461;
    pub(super) const ADD_BALANCE: u64 = 822_473_126;
    pub(super) const MINER_COUNT: u64 = 1_987_646_258;
    pub(super) const NETWORK_RAW_POWER: u64 = 931_722_534;
    pub(super) const GET_OWNER: u64 = 3_275_365_574;
    pub(super) const GET_SECTOR_SIZE: u64 = 3_858_292_296;
    pub(super) const DATACAP_BALANCE: u64 = 3_261_979_605;
    pub(super) const ADD_VERIFIED_CLIENT: u64 = 3_916_220_144;
}

/// Our EVM actors in Filecoin's bundle; `None` where it is absent.
fn bundle() -> Option<fevm_bundle::Bundle> {
    let Some(path) = std::env::var_os("FEVM_FILECOIN_BUNDLE") else {
        println!("skipped: FEVM_FILECOIN_BUNDLE does not name Filecoin's bundle of actors");
        return None;
    };
    let path = Path::new(&path).to_owned();
    Some(Source::Composed(path).load().expect("FEVM_FILECOIN_BUNDLE"))
}

fn chain(bundle: &fevm_bundle::Bundle) -> Chain {
    let mut genesis = Genesis::development("test");
    for account in ACCOUNTS {
        genesis = genesis.with_eth_account(account, TokenAmount::from_whole(10_000), 0);
    }
    let vm = Vm::new(Store::memory(), &Network::default()).unwrap();
    let (state, example) = genesis.establish(bundle, &vm, Some(ACCOUNTS[0])).unwrap();
    assert_eq!(example.unwrap().miner, FIRST_MADE_ID);
    let fee = TokenAmount::from_atto(common::BASE_FEE);
    let block = BlockContext::new(state.root, 1, 1_700_000_000, fee, Arc::new(SyntheticChain));
    let mut chain = Chain {
        vm,
        block: block.with_tracing(true),
    };
    let mut state = chain.state();
    state.set_code(CALLER, &CALLER_CODE).unwrap();
    state
        .set_balance(CALLER, TokenAmount::from_whole(5))
        .unwrap();
    chain.block.state_root = state.flush().unwrap();
    chain
}

/// Calls an actor's method from the contract: exit code and returned bytes.
fn call(chain: &mut Chain, actor: u64, method: u64, params: &[u8], value: u64) -> (U256, Vec<u8>) {
    let word = |n: u64| U256::from(n).to_be_bytes::<32>().to_vec();
    let codec = if params.is_empty() { 0 } else { 0x51 };
    let mut input = [
        word(method),
        word(value),
        word(0),
        word(codec),
        word(6 * 32),
        word(actor),
        word(params.len() as u64),
        params.to_vec(),
    ]
    .concat();
    input.resize(input.len().next_multiple_of(32), 0);
    let message = chain.message(ACCOUNTS[1], Some(CALLER), input);
    let outcome = chain.apply(&message, ApplyKind::Explicit);
    assert_success(&outcome);
    let output = outcome.return_bytes();
    let length = U256::from_be_slice(&output[96..128]).to::<usize>();
    (
        U256::from_be_slice(&output[..32]),
        output[128..128 + length].to_vec(),
    )
}

#[track_caller]
fn answer(chain: &mut Chain, actor: u64, method: u64, params: &[u8]) -> Vec<u8> {
    let (exit, data) = call(chain, actor, method, params, 0);
    assert_eq!(exit, U256::ZERO, "exit code of f0{actor}");
    data
}

fn number(data: &[u8]) -> BigInt {
    from_slice::<BigIntDe>(data).unwrap().0
}

#[test]
fn filecoins_own_actors_answer_a_contract() {
    let Some(bundle) = bundle() else { return };
    assert!(network::in_bundle(&bundle));
    let chain = &mut chain(&bundle);
    let miner = FilAddress::new_id(FIRST_MADE_ID);

    let count = answer(chain, POWER, method::MINER_COUNT, &[]);
    assert_eq!(from_slice::<i64>(&count).unwrap(), 1);
    let power = answer(chain, POWER, method::NETWORK_RAW_POWER, &[]);
    assert_eq!(number(&power), BigInt::from(0));

    let owner = answer(chain, FIRST_MADE_ID, method::GET_OWNER, &[]);
    let (owner, proposed): (FilAddress, Option<FilAddress>) = from_slice(&owner).unwrap();
    assert_eq!(owner, FilAddress::new_id(PROVIDER));
    assert_eq!(proposed, None);
    let size = answer(chain, FIRST_MADE_ID, method::GET_SECTOR_SIZE, &[]);
    assert!(from_slice::<u64>(&size).unwrap() >= 2_048);

    let params = to_vec(&miner).unwrap();
    let balance = answer(chain, MARKET, method::GET_BALANCE, &params);
    let (free, locked): (TokenAmount, TokenAmount) = from_slice(&balance).unwrap();
    assert_eq!(free, TokenAmount::from_whole(100));
    assert_eq!(locked, TokenAmount::from_atto(0));

    let params = to_vec(&delegated(ACCOUNTS[0])).unwrap();
    let datacap = answer(chain, DATACAP, method::DATACAP_BALANCE, &params);
    let tib = BigInt::from(1u64 << 40) * BigInt::from(10u64.pow(18));
    assert_eq!(number(&datacap), tib, "datacap counts in 10^-18 bytes");
}

#[test]
fn a_contract_pays_into_the_market_and_is_refused_by_the_registry() {
    let Some(bundle) = bundle() else { return };
    let chain = &mut chain(&bundle);
    let contract = to_vec(&delegated(CALLER)).unwrap();

    let (exit, _) = call(chain, MARKET, method::ADD_BALANCE, &contract, 1_000_000);
    assert_eq!(exit, U256::ZERO);
    let balance = answer(chain, MARKET, method::GET_BALANCE, &contract);
    let (free, _): (TokenAmount, TokenAmount) = from_slice(&balance).unwrap();
    assert_eq!(free, TokenAmount::from_atto(1_000_000));

    // The contract is no verifier: exit 17, not found.
    let allowance = BigInt::from(1u64 << 30);
    let params = to_vec(&(delegated(ACCOUNTS[2]), BigIntSer(&allowance))).unwrap();
    let (exit, _) = call(
        chain,
        VERIFIED_REGISTRY,
        method::ADD_VERIFIED_CLIENT,
        &params,
        0,
    );
    assert_eq!(exit, U256::from(17));
}

/// In our own bundle the singletons stand in the state too, so that a call of the market fails there
/// and does not succeed for want of an actor.
#[test]
fn singletons_without_an_implementation_refuse() {
    let bundle = fevm_bundle::ours().unwrap();
    assert!(!network::in_bundle(&bundle));
    let mut chain = Chain::new();
    let mut state = chain.state();
    state.set_code(CALLER, &CALLER_CODE).unwrap();
    chain.block.state_root = state.flush().unwrap();
    for actor in [POWER, MARKET, VERIFIED_REGISTRY, DATACAP] {
        let (exit, data) = call(&mut chain, actor, method::GET_BALANCE, &[], 0);
        assert_eq!((exit, data), (U256::from(22), Vec::new()));
    }
}
