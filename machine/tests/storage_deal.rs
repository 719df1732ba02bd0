//! A storage deal between a miner of Filecoin's own bundle and a Solidity contract of our EVM actor:
//! the contract pays into the market, the provider publishes, the market asks the contract for its
//! consent and notifies it. `FEVM_FILECOIN_BUNDLE` names the bundle (a CAR file); without it the test is
//! skipped.

mod common;

use std::path::Path;
use std::sync::Arc;

use alloy_primitives::{Address, Bytes, U256, hex, keccak256};
use alloy_sol_types::{SolCall, SolEvent, SolValue, sol};
use cid::Cid;
use cid::multihash::Multihash;
use common::{ACCOUNTS, Chain, artifact, assert_success};
use fevm_bundle::Source;
use fevm_machine::address::delegated;
use fevm_machine::chain::SyntheticChain;
use fevm_machine::genesis::Genesis;
use fevm_machine::genesis::network::{FIRST_MADE_ID, MARKET, PROVIDER};
use fevm_machine::logs::EthLog;
use fevm_machine::{ApplyKind, BlockContext, Network, Outcome, Store, Vm};
use fvm_ipld_encoding::{BytesDe, BytesSer, RawBytes, from_slice, to_vec};
use fvm_shared::address::Address as FilAddress;
use fvm_shared::econ::TokenAmount;
use fvm_shared::message::Message;

sol! {
    function want(bytes32 proposal);
    function deposit(bytes own);
    function published() returns (uint256);
    event Published(bytes32 indexed params, uint256 length);
}

/// PublishStorageDeals and GetBalance, exported (FRC-0042).
const PUBLISH: u64 = 2_236_929_350;
const GET_BALANCE: u64 = 726_108_461;

/// Exit code of a proposal that is none: no deal of the message is valid.
const ILLEGAL_ARGUMENT: u32 = 16;

/// Epochs of a day.
const DAY: i64 = 2_880;

/// Storage price of an epoch, attoFIL.
const PRICE: u64 = 10;

fn chain(bundle: &fevm_bundle::Bundle) -> Chain {
    let mut genesis = Genesis::development("test");
    for account in ACCOUNTS {
        genesis = genesis.with_eth_account(account, TokenAmount::from_whole(10_000), 0);
    }
    let vm = Vm::new(Store::memory(), &Network::default()).unwrap();
    let (state, _) = genesis.establish(bundle, &vm, Some(ACCOUNTS[0])).unwrap();
    let fee = TokenAmount::from_atto(common::BASE_FEE);
    let block = BlockContext::new(state.root, 1, 1_700_000_000, fee, Arc::new(SyntheticChain));
    Chain {
        vm,
        block: block.with_tracing(true),
    }
}

/// A message of an actor to the market.
fn to_market(chain: &mut Chain, from: u64, method: u64, params: Vec<u8>) -> Outcome {
    let message = Message {
        version: 0,
        from: FilAddress::new_id(from),
        to: FilAddress::new_id(MARKET),
        sequence: 0,
        value: TokenAmount::from_atto(0),
        method_num: method,
        params: RawBytes::new(params),
        gas_limit: common::GAS_LIMIT,
        gas_fee_cap: TokenAmount::from_atto(0),
        gas_premium: TokenAmount::from_atto(0),
    };
    let block = chain.block.clone();
    let (outcome, root) = chain
        .vm
        .apply(block, message, ApplyKind::Implicit, 0)
        .unwrap();
    chain.block.state_root = root;
    outcome
}

/// The market does not take what it was sent.
#[track_caller]
fn assert_refused(outcome: &Outcome) {
    assert_eq!(
        outcome.exit_code.value(),
        ILLEGAL_ARGUMENT,
        "{:?}",
        outcome.failure
    );
}

/// A deal of 2 KiB for 180 days, as its CBOR.
fn proposal(client: Address) -> Vec<u8> {
    // fil-commitment-unsealed, SHA-256 truncated to 254 bits.
    let commitment = Multihash::wrap(0x1012, &[7; 32]).unwrap();
    let piece = Cid::new_v1(0xf101, commitment);
    let (start, end) = (100, 100 + 180 * DAY);
    to_vec(&(
        piece,
        2_048_u64,
        false,
        delegated(client),
        FilAddress::new_id(FIRST_MADE_ID),
        "label",
        start,
        end,
        TokenAmount::from_atto(PRICE),
        TokenAmount::from_whole(1),
        TokenAmount::from_atto(0),
    ))
    .unwrap()
}

/// Parameters of PublishStorageDeals: one proposal, and what the client signed it with.
fn publication(proposal: &[u8]) -> Vec<u8> {
    // [[[proposal, signature]]]: secp256k1, of which a contract has none.
    let signature = to_vec(&BytesSer(&[1, 0xab, 0xcd])).unwrap();
    [&[0x81, 0x81, 0x82], proposal, &signature].concat()
}

/// What the market asks the client: [signature, proposal].
fn question(proposal: &[u8]) -> Vec<u8> {
    to_vec(&(BytesSer(&[0xab, 0xcd]), BytesSer(proposal))).unwrap()
}

fn market_balance(chain: &mut Chain, of: Address) -> (TokenAmount, TokenAmount) {
    let params = to_vec(&delegated(of)).unwrap();
    let outcome = to_market(chain, PROVIDER, GET_BALANCE, params);
    assert_success(&outcome);
    from_slice(&outcome.return_data).unwrap()
}

#[test]
fn a_deal_with_a_contract() {
    let Some(path) = std::env::var_os("FEVM_FILECOIN_BUNDLE") else {
        println!("skipped: FEVM_FILECOIN_BUNDLE does not name Filecoin's bundle of actors");
        return;
    };
    let source = Source::Composed(Path::new(&path).to_owned());
    let chain = &mut chain(&source.load().expect("FEVM_FILECOIN_BUNDLE"));
    let client = chain.deploy(ACCOUNTS[1], artifact("DealClient"));
    let proposal = proposal(client);
    let fee = PRICE * 180 * DAY as u64;

    // The market cannot be had for nothing.
    assert_refused(&to_market(chain, PROVIDER, PUBLISH, publication(&proposal)));

    let own = to_vec(&delegated(client)).unwrap().into();
    let deposit = depositCall { own }.abi_encode();
    let mut message = chain.message(ACCOUNTS[1], Some(client), deposit);
    message.value = U256::from(fee + 7);
    assert_success(&chain.apply(&message, ApplyKind::Explicit));
    let free = |atto: u64| (TokenAmount::from_atto(atto), TokenAmount::from_atto(0));
    assert_eq!(market_balance(chain, client), free(fee + 7));

    // Nor without the client's consent.
    assert_refused(&to_market(chain, PROVIDER, PUBLISH, publication(&proposal)));
    assert_eq!(chain.read(client, &publishedCall {}), U256::ZERO);

    let wanted = wantCall {
        proposal: keccak256(question(&proposal)),
    };
    assert_success(&chain.send(ACCOUNTS[1], client, &wanted));
    let outcome = to_market(chain, PROVIDER, PUBLISH, publication(&proposal));
    assert_success(&outcome);
    let (ids, _valid): (Vec<u64>, BytesDe) = from_slice(&outcome.return_data).unwrap();
    assert_eq!(ids, [0]);

    // The contract was notified, and its fee is locked.
    // The market's own events are no logs.
    let logs: Vec<_> = outcome
        .events
        .iter()
        .filter_map(|stamped| Some((stamped.emitter, EthLog::from_event(&stamped.event)?)))
        .collect();
    let [(emitter, log)] = &logs[..] else {
        panic!("one log, of the contract: {logs:?}")
    };
    assert_eq!(chain.state().eth_address_of(*emitter).unwrap(), client);
    assert_eq!(log.topics[0], Published::SIGNATURE_HASH);
    assert!(outcome.events.len() > 1);
    assert_eq!(chain.read(client, &publishedCall {}), U256::from(1));
    let (escrow, locked) = market_balance(chain, client);
    assert_eq!(
        (escrow, locked),
        (TokenAmount::from_atto(fee + 7), TokenAmount::from_atto(fee))
    );

    // Nobody else can make it consent.
    let arguments = (2_643_134_072_u64, 0x51_u64, Bytes::from_static(&[0x80]));
    let data = [&hex!("868e10c4")[..], &arguments.abi_encode_params()].concat();
    let message = chain.message(ACCOUNTS[1], Some(client), data);
    let outcome = chain.apply(&message, ApplyKind::Explicit);
    assert_eq!(outcome.exit_code, fevm_machine::exit::EVM_REVERTED);
}
