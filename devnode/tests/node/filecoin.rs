//! The chain as Filecoin's own tools see it.

use alloy_primitives::{Address, B256, hex};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use data_encoding::BASE64;
use fvm_ipld_encoding::to_vec;
use fvm_shared::address::Address as FilecoinAddress;
use fvm_shared::econ::TokenAmount;
use fvm_shared::message::Message;
use multihash_codetable::{Code, MultihashDigest};
use serde_json::{Value, json};

use crate::code;
use crate::common::{TestNode, quantity};

fn key() -> (PrivateKeySigner, FilecoinAddress) {
    let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(7)).unwrap();
    let point = signer.credential().verifying_key().to_encoded_point(false);
    let address = FilecoinAddress::new_secp256k1(point.as_bytes()).unwrap();
    (signer, address)
}

/// The message as Filecoin's tools write it, signed.
fn signed(signer: &PrivateKeySigner, message: &Message) -> Value {
    let cid = cid::Cid::new_v1(
        fvm_ipld_encoding::DAG_CBOR,
        Code::Blake2b256.digest(&to_vec(message).unwrap()),
    );
    let digest = Code::Blake2b256.digest(&cid.to_bytes());
    let signature = signer
        .sign_hash_sync(&B256::from_slice(digest.digest()))
        .unwrap();
    let mut bytes = signature.as_bytes().to_vec();
    bytes[64] -= 27;
    json!({
        "Message": {
            "Version": 0, "To": text(&message.to), "From": text(&message.from),
            "Nonce": message.sequence, "Value": message.value.atto().to_string(),
            "GasLimit": message.gas_limit, "GasFeeCap": message.gas_fee_cap.atto().to_string(),
            "GasPremium": message.gas_premium.atto().to_string(), "Method": message.method_num,
            "Params": BASE64.encode(message.params.bytes()),
        },
        "Signature": { "Type": 1, "Data": BASE64.encode(&bytes) },
    })
}

fn text(address: &FilecoinAddress) -> String {
    format!("t{}", &address.to_string()[1..])
}

#[tokio::test]
async fn native_messages_are_mined_and_seen_from_both_sides() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    let (signer, from) = key();
    let balance = format!("{:#x}", 10_u128.pow(18));
    node.call("fevm_setBalance", json!([text(&from), balance]))
        .await;
    assert_eq!(
        node.call("Filecoin.MpoolGetNonce", json!([text(&from)]))
            .await,
        0
    );
    let message = |sequence: u64, to: FilecoinAddress, method_num: u64, params: &[u8]| Message {
        version: 0,
        from,
        to,
        sequence,
        value: TokenAmount::from_atto(if method_num == 0 { 5 } else { 0 }),
        method_num,
        params: params.to_vec().into(),
        gas_limit: 500_000_000,
        gas_fee_cap: TokenAmount::from_atto(200_000),
        gas_premium: TokenAmount::from_atto(100_000),
    };
    let someone = Address::repeat_byte(0x21);
    let to = fevm_machine::address::from_eth(someone);
    let sent = node
        .call(
            "Filecoin.MpoolPush",
            json!([signed(&signer, &message(0, to, 0, &[]))]),
        )
        .await;
    assert_eq!(node.balance(someone).await, 5);
    let found = node.call("Filecoin.StateSearchMsg", json!([sent])).await;
    assert_eq!(
        (&found["Receipt"]["ExitCode"], &found["Height"]),
        (&json!(0), &json!(2))
    );
    assert_eq!(
        node.call("Filecoin.StateWaitMsg", json!([sent, 0])).await,
        found
    );
    let hash = node
        .call("Filecoin.EthGetTransactionHashByCid", json!([sent]))
        .await;
    assert_eq!(
        node.call("Filecoin.EthGetMessageCidByTransactionHash", json!([hash]))
            .await,
        sent
    );
    let view = node.call("eth_getTransactionByHash", json!([hash])).await;
    assert_eq!((&view["hash"], &view["to"]), (&hash, &json!(someone)));
    assert_eq!(node.receipt(&hash).await["status"], "0x1");

    // A contract invoked by the native account.
    let word = [&[0x58, 32][..], &[0; 31], &[9]].concat();
    let to = fevm_machine::address::from_eth(contract);
    let invoke = message(1, to, 3_844_450_837, &word);
    node.call("Filecoin.MpoolPush", json!([signed(&signer, &invoke)]))
        .await;
    let state = node
        .call("Filecoin.StateReadState", json!([text(&to)]))
        .await;
    let storage = state["State"]["Storage"].as_object().unwrap();
    assert_eq!(storage.len(), 1);
    assert_eq!(storage[&format!("0x{:064x}", 0)], format!("0x{:064x}", 9));
    assert_eq!(state["State"]["Nonce"], 1);
    let account = node
        .call("Filecoin.StateReadState", json!([text(&from)]))
        .await;
    assert_eq!(account["State"]["Address"], text(&from));
    assert_eq!(
        node.call("Filecoin.MpoolGetNonce", json!([text(&from)]))
            .await,
        2
    );

    let mut forged = signed(&signer, &message(2, to, 0, &[]));
    forged["Message"]["Value"] = json!("6");
    let error = node.error("Filecoin.MpoolPush", json!([forged])).await;
    assert!(error.message.starts_with("mpool push: "), "{error:?}");
    let late = signed(&signer, &message(0, to, 0, &[]));
    let error = node.error("Filecoin.MpoolPush", json!([late])).await;
    assert!(error.message.starts_with("nonce too low"), "{error:?}");
}

#[tokio::test]
async fn the_chain_and_its_addresses() {
    let node = TestNode::start().await;
    let account = node.account(0);
    let filecoin = node
        .call("Filecoin.EthAddressToFilecoinAddress", json!([account]))
        .await;
    assert!(filecoin.as_str().unwrap().starts_with("t410f"));
    let id = node
        .call("Filecoin.StateLookupID", json!([filecoin, []]))
        .await;
    for form in [&filecoin, &id] {
        let back = node
            .call("Filecoin.FilecoinAddressToEthAddress", json!([form]))
            .await;
        assert_eq!(back, json!(account), "{form}");
    }
    assert_eq!(
        node.call("Filecoin.StateAccountKey", json!([id, []])).await,
        filecoin
    );
    let actor = node
        .call("Filecoin.StateGetActor", json!([filecoin, []]))
        .await;
    assert_eq!(actor["Nonce"], 0);
    assert_eq!(
        node.call("Filecoin.WalletBalance", json!([filecoin])).await,
        actor["Balance"]
    );
    let head = node.call("Filecoin.ChainHead", json!([])).await;
    assert_eq!(head["Height"], 0);
    assert_eq!(head, node.call("Filecoin.ChainGetGenesis", json!([])).await);
    let object = node
        .call("Filecoin.ChainReadObj", json!([head["Cids"][0]]))
        .await;
    let header = BASE64.decode(object.as_str().unwrap().as_bytes()).unwrap();
    let raw = node.call("debug_getRawHeader", json!(["0x0"])).await;
    assert_eq!(raw, hex::encode_prefixed(header));
    assert_eq!(
        node.call("Filecoin.StateNetworkVersion", json!([[]])).await,
        28
    );
    assert!(quantity(&node.call("eth_chainId", json!([])).await) > 0);
    let error = node
        .error("Filecoin.StateGetActor", json!(["t0999999", []]))
        .await;
    assert!(error.message.starts_with("actor not found"), "{error:?}");
}
