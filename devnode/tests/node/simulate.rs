//! `eth_simulateV1`.

use alloy_primitives::{Address, B256, Bytes, U256, hex, keccak256};
use alloy_sol_types::{Revert, SolError};
use serde_json::{Value, json};

use crate::code;
use crate::common::{TestNode, bytes, quantity};

const SOMEONE: Address = Address::repeat_byte(0x5a);

fn one(calls: Value) -> Value {
    json!({ "blockStateCalls": [{ "calls": calls }] })
}

#[tokio::test]
async fn calls_build_on_each_other_and_nothing_is_kept() {
    let node = TestNode::start().await;
    let from = node.account(0);
    let contract = from.create(0);
    let head = node.call("eth_blockNumber", json!([])).await;
    let init = Bytes::from(code::init(&code::STORE_AND_LOG));
    let word = format!("0x{:064x}", 7);
    let answer = node
        .call(
            "eth_simulateV1",
            json!([
                {
                    "blockStateCalls": [
                        { "calls": [{ "from": from, "data": init }, { "from": from, "to": contract, "data": word }] },
                        { "blockOverrides": { "time": "0x7fffffff" }, "calls": [{ "to": contract, "data": word }] },
                    ],
                },
                "latest"
            ]),
        )
        .await;
    let (first, second) = (&answer[0], &answer[1]);
    assert_eq!(second["parentHash"], first["hash"]);
    assert_eq!(second["timestamp"], "0x7fffffff");
    assert_eq!(quantity(&first["number"]), quantity(&head) + 1);
    assert_eq!(first["baseFeePerGas"], "0x0");
    assert_eq!(first["transactions"].as_array().unwrap().len(), 2);
    let (created, called) = (&first["calls"][0], &first["calls"][1]);
    assert_eq!(
        created["returnData"],
        json!(Bytes::from(code::STORE_AND_LOG))
    );
    for call in [created, called, &second["calls"][0]] {
        assert_eq!(call["status"], "0x1", "{call}");
        assert_eq!(call["gasUsed"], call["maxUsedGas"]);
    }
    let log = &called["logs"][0];
    assert_eq!(
        (&log["address"], &log["data"]),
        (&json!(contract), &json!(word))
    );
    assert_eq!(
        (&log["blockHash"], &log["transactionIndex"]),
        (&first["hash"], &json!("0x1"))
    );
    assert_eq!(
        quantity(&first["gasUsed"]),
        quantity(&created["gasUsed"]) + quantity(&called["gasUsed"])
    );
    assert_eq!(node.call("eth_blockNumber", json!([])).await, head);
    assert_eq!(
        node.call("eth_getCode", json!([contract, "latest"])).await,
        "0x"
    );
}

#[tokio::test]
async fn overrides_gaps_and_block_hashes() {
    let node = TestNode::start().await;
    let answer = node
        .call(
            "eth_simulateV1",
            json!([{
                "returnFullTransactions": true,
                "blockStateCalls": [
                    { "stateOverrides": { SOMEONE.to_string(): {
                        "code": Bytes::from(code::BLOCKHASH), "balance": "0x64" } } },
                    { "blockOverrides": { "number": "0x4", "baseFeePerGas": "0x5" },
                      "calls": [{ "from": node.account(1), "to": SOMEONE, "data": format!("0x{:064x}", 3) }] },
                ],
            }]),
        )
        .await;
    let numbers: Vec<u128> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|block| quantity(&block["number"]))
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4], "the gap is filled");
    let last = &answer[3];
    assert_eq!(last["baseFeePerGas"], "0x5");
    assert_eq!(
        last["calls"][0]["returnData"], answer[2]["hash"],
        "BLOCKHASH of a simulated block"
    );
    assert_eq!(last["transactions"][0]["from"], json!(node.account(1)));
    let times: Vec<u128> = (0..4)
        .map(|index| quantity(&answer[index]["timestamp"]))
        .collect();
    assert!(
        times.windows(2).all(|pair| pair[1] == pair[0] + 12),
        "{times:?}"
    );
}

#[tokio::test]
async fn transfers_are_logs_in_their_place() {
    let node = TestNode::start().await;
    // Pays the first word's address 1 attoFIL, then logs.
    let payer = node
        .deploy(&hex!("600060006000600060016000355af15060aa60006000a1"))
        .await;
    let calls = json!([
        { "from": node.account(0), "to": payer, "value": "0x5", "data": format!("0x{:0>64}", hex::encode(SOMEONE)) },
        { "from": node.account(0), "to": SOMEONE },
    ]);
    let answer = node
        .call(
            "eth_simulateV1",
            json!([{ "traceTransfers": true, "blockStateCalls": [{ "calls": calls }] }]),
        )
        .await;
    let logs = answer[0]["calls"][0]["logs"].as_array().unwrap();
    let topic = keccak256("Transfer(address,address,uint256)");
    let transfer = |from: Address, to: Address| {
        json!([
            topic,
            B256::from(from.into_word()),
            B256::from(to.into_word())
        ])
    };
    assert_eq!(logs.len(), 3, "{logs:?}");
    assert_eq!(logs[0]["topics"], transfer(node.account(0), payer));
    assert_eq!(bytes(&logs[0]["data"]), U256::from(5).to_be_bytes_vec());
    assert_eq!(logs[1]["topics"], transfer(payer, SOMEONE));
    assert_eq!(logs[2]["address"], json!(payer));
    let indices: Vec<u128> = logs.iter().map(|log| quantity(&log["logIndex"])).collect();
    assert_eq!(indices, [0, 1, 2]);
    assert_eq!(
        answer[0]["calls"][1]["logs"],
        json!([]),
        "no value, no transfer"
    );
}

#[tokio::test]
async fn failures_are_answers_and_refusals_have_codes() {
    let node = TestNode::start().await;
    let from = node.account(0);
    let failing = node
        .deploy(&code::reverting(&Revert::from("no").abi_encode()))
        .await;
    let invalid = node.deploy(&hex!("fe")).await;
    let answer = node
        .call(
            "eth_simulateV1",
            json!([one(
                json!([{ "from": from, "to": failing }, { "from": from, "to": invalid }])
            )]),
        )
        .await;
    let (reverted, broken) = (&answer[0]["calls"][0], &answer[0]["calls"][1]);
    assert_eq!(reverted["status"], "0x0");
    assert_eq!(reverted["error"]["code"], 3);
    assert_eq!(reverted["error"]["message"], "execution reverted: no");
    assert_eq!(reverted["error"]["data"], reverted["returnData"]);
    assert_eq!(broken["error"]["code"], -32_015);

    let strict =
        |calls: Value| json!({ "validation": true, "blockStateCalls": [{ "calls": calls }] });
    let fee = "0xf4240";
    let price = |mut call: Value| {
        call["from"] = json!(from);
        call["maxFeePerGas"] = json!(fee);
        call["gas"] = json!("0x1312d00");
        call
    };
    for (payload, code, words) in [
        (
            strict(json!([price(json!({ "to": SOMEONE, "nonce": "0x0" }))])),
            -38_010,
            "nonce too low",
        ),
        (
            strict(json!([price(json!({ "to": SOMEONE, "nonce": "0x63" }))])),
            -38_011,
            "nonce too high",
        ),
        (
            strict(json!([{ "from": from, "to": SOMEONE, "maxFeePerGas": "0x1" }])),
            -32_602,
            "max fee per gas less",
        ),
        (
            one(json!([{ "from": from, "to": SOMEONE, "gas": "0x5208" }])),
            -38_013,
            "intrinsic gas too low",
        ),
        (
            one(json!([{ "from": SOMEONE, "to": from, "value": "0x1" }])),
            -38_014,
            "insufficient funds",
        ),
        (
            one(json!([{ "from": from, "to": SOMEONE, "gas": "0xffffffffff" }])),
            -38_015,
            "block gas limit",
        ),
        (
            json!({ "blockStateCalls": [{ "blockOverrides": { "number": "0x0" } }] }),
            -38_020,
            "in order",
        ),
        (
            json!({ "blockStateCalls": [{ "blockOverrides": { "time": "0x1" } }] }),
            -38_021,
            "in order",
        ),
        (
            json!({ "blockStateCalls": [{ "blockOverrides": { "number": "0x400" } }] }),
            -38_026,
            "too many blocks",
        ),
        (json!({ "blockStateCalls": [] }), -32_602, "empty input"),
        (
            json!({ "blockStateCalls": [{ "calls": [{ "to": "0x1" }] }] }),
            -32_602,
            "[0]",
        ),
        (json!({ "blockStateCalls": 7 }), -32_602, "expected a list"),
        (json!([]), -32_602, "expected an object"),
    ] {
        let error = node.error("eth_simulateV1", json!([payload])).await;
        assert!(
            error.code == code && error.message.contains(words),
            "{payload}: {error:?}"
        );
    }
    let fine = strict(json!([price(json!({ "to": SOMEONE, "value": "0x1" }))]));
    let answer = node.call("eth_simulateV1", json!([fine])).await;
    assert_eq!(answer[0]["calls"][0]["status"], "0x1", "{answer}");
    assert_eq!(quantity(&answer[0]["baseFeePerGas"]), 100);
}
