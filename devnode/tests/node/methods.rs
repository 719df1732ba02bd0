//! The breadth of the interface: what other nodes answer, this one answers too, or says why not.

use fevm_devnode::rpc::Catalogue;
use serde_json::{Value, json};

use crate::code;
use crate::common::TestNode;

/// The methods of go-ethereum, Anvil, Hardhat's nodes and Lotus.
const OF_OTHERS: &str = "
web3_clientVersion web3_sha3 net_version net_listening net_peerCount rpc_modules eth_chainId
eth_blockNumber eth_accounts eth_requestAccounts eth_coinbase eth_syncing eth_protocolVersion
eth_mining eth_hashrate eth_getWork eth_getBalance eth_getCode eth_getStorageAt
eth_getStorageValues eth_getTransactionCount eth_getProof eth_getAccount eth_getAccountInfo
eth_getBlockByNumber eth_getBlockByHash eth_getBlockTransactionCountByNumber
eth_getBlockTransactionCountByHash eth_getBlockReceipts eth_getHeaderByNumber eth_getHeaderByHash
eth_getUncleCountByBlockNumber eth_getUncleCountByBlockHash eth_getUncleByBlockNumberAndIndex
eth_getUncleByBlockHashAndIndex eth_getTransactionByHash eth_getTransactionReceipt
eth_getTransactionByBlockNumberAndIndex eth_getTransactionByBlockHashAndIndex
eth_getRawTransactionByBlockNumberAndIndex eth_getRawTransactionByBlockHashAndIndex
eth_getRawTransactionByHash eth_getTransactionBySenderAndNonce eth_pendingTransactions eth_call
eth_estimateGas eth_createAccessList eth_simulateV1 eth_fillTransaction eth_gasPrice
eth_maxPriorityFeePerGas eth_feeHistory eth_blobBaseFee eth_baseFee eth_config eth_capabilities
eth_sendTransaction eth_resend eth_sendRawTransaction eth_sendRawTransactionSync eth_signTransaction eth_sign
eth_signTypedData eth_signTypedData_v3 eth_signTypedData_v4 personal_sign personal_listAccounts
personal_unlockAccount eth_newFilter eth_newBlockFilter eth_newPendingTransactionFilter
eth_getFilterChanges eth_getFilterLogs eth_uninstallFilter eth_getLogs eth_subscribe
eth_unsubscribe debug_traceTransaction debug_traceCall debug_traceBlockByNumber
debug_traceBlockByHash debug_traceBlock debug_getRawTransaction
debug_getRawHeader debug_getRawBlock debug_getRawReceipts debug_codeByHash
debug_getModifiedAccountsByNumber trace_block trace_transaction trace_filter trace_call
trace_replayTransaction trace_replayBlockTransactions txpool_content txpool_inspect txpool_status
txpool_contentFrom evm_snapshot evm_revert evm_mine evm_increaseTime evm_setNextBlockTimestamp
evm_setTime evm_setAutomine evm_setIntervalMining evm_setBlockGasLimit evm_setAccountNonce
hardhat_mine hardhat_reset hardhat_setBalance hardhat_setCode hardhat_setNonce
hardhat_setStorageAt hardhat_setCoinbase hardhat_setPrevRandao hardhat_setNextBlockBaseFeePerGas
hardhat_setMinGasPrice hardhat_impersonateAccount hardhat_stopImpersonatingAccount
hardhat_autoImpersonateAccount hardhat_getAutomine hardhat_dropTransaction hardhat_metadata
hardhat_setLoggingEnabled hardhat_addCompilationResult 
anvil_mine anvil_reset anvil_setBalance anvil_addBalance anvil_dealERC20 anvil_setCode
anvil_setNonce anvil_setStorageAt anvil_setCoinbase anvil_setNextBlockBaseFeePerGas
anvil_setChainId anvil_impersonateAccount anvil_stopImpersonatingAccount
anvil_autoImpersonateAccount anvil_setAutomine anvil_getAutomine anvil_setIntervalMining
anvil_dropTransaction anvil_dropAllTransactions anvil_setBlockTimestampInterval
anvil_removeBlockTimestampInterval anvil_increaseTime anvil_setNextBlockTimestamp anvil_setTime
anvil_snapshot anvil_revert anvil_nodeInfo anvil_metadata 
anvil_reorg anvil_rollback anvil_setBlockGasLimit anvil_setMinGasPrice anvil_setLoggingEnabled
anvil_setNextBlockPrevRandao anvil_removePoolTransactions anvil_setRpcUrl anvil_mine_detailed
ots_getApiLevel ots_hasCode erigon_getHeaderByNumber
";

#[test]
fn all_methods_of_other_nodes_are_known() {
    let missing: Vec<&str> = OF_OTHERS
        .split_whitespace()
        .filter(|name| Catalogue::get().find(name).is_none())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// `FEVM_BLESS=1` writes the page anew.
#[test]
fn the_page_of_methods_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/rpc.md");
    let page = fevm_devnode::rpc::page::page();
    if std::env::var_os("FEVM_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == page,
        "docs/rpc.md is not what the catalogue says: run this test with FEVM_BLESS=1"
    );
}

#[tokio::test]
async fn refusals_give_their_reason() {
    let node = TestNode::start().await;
    let someone = format!("0x{}", "11".repeat(20));
    for (method, params, reason) in [
        ("eth_getProof", json!([someone, [], "latest"]), "KAMT"),
        ("eth_blobBaseFee", json!([]), "EIP-4844"),
        ("eth_getWork", json!([]), "proof of work"),
        ("hardhat_setPrevRandao", json!(["0x1"]), "beacon"),
        ("anvil_setNextBlockPrevRandao", json!(["0x1"]), "beacon"),
        ("hardhat_setCoinbase", json!([someone]), "zero address"),
        ("anvil_setChainId", json!([1]), "--chain-id"),
        ("anvil_setRpcUrl", json!(["http://127.0.0.1"]), "fork"),
        (
            "hardhat_reset",
            json!([{ "forking": { "jsonRpcUrl": "http://127.0.0.1" } }]),
            "fork",
        ),
        ("eth_subscribe", json!(["newHeads"]), "WebSocket"),
    ] {
        let error = node.error(method, params).await;
        assert!(error.message.contains(reason), "{method}: {error:?}");
    }
}

#[tokio::test]
async fn what_explorers_and_debuggers_ask() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    let receipt = node
        .send(json!({ "to": contract, "data": format!("0x{:064x}", 7) }))
        .await;
    let hash = &receipt["transactionHash"];
    assert_eq!(
        node.call("ots_hasCode", json!([contract])).await,
        json!(true)
    );
    assert_eq!(
        node.call("ots_getBlockDetails", json!(["latest"])).await["block"]["transactionCount"],
        "0x1"
    );
    let header = node.call("erigon_getHeaderByNumber", json!(["0x1"])).await;
    assert_eq!(header["number"], "0x1");
    let account = node
        .call("eth_getAccount", json!([contract, "latest"]))
        .await;
    let code = node
        .call("debug_codeByHash", json!([account["codeHash"]]))
        .await;
    assert_eq!(
        code,
        json!(alloy_primitives::Bytes::from(code::STORE_AND_LOG))
    );
    let modified = node
        .call("debug_getModifiedAccountsByNumber", json!(["latest"]))
        .await;
    assert_eq!(modified.as_array().unwrap().len(), 2, "{modified}");
    for method in ["debug_getRawHeader", "debug_getRawBlock"] {
        let raw = node.call(method, json!(["latest"])).await;
        assert!(raw.as_str().unwrap().len() > 200, "{method}: {raw}");
    }
    let raw = node.call("debug_getRawBlock", json!(["latest"])).await;
    let tracer = json!({ "tracer": "callTracer" });
    let traced = node
        .call("debug_traceBlock", json!([raw, tracer.clone()]))
        .await;
    let same = node
        .call("debug_traceBlockByNumber", json!(["latest", tracer]))
        .await;
    assert_eq!(traced, same);
    let error = node.error("debug_traceBlock", json!(["0x8301"])).await;
    error.assert_begins("invalid argument 0: no Filecoin block");
    let receipts = node.call("debug_getRawReceipts", json!(["latest"])).await;
    assert_eq!(receipts.as_array().unwrap().len(), 1);
    let config = node.call("eth_config", json!([])).await;
    assert_eq!(config["current"]["chainId"], "0x1df5e76");
    let capabilities = node.call("eth_capabilities", json!([])).await;
    assert_eq!(capabilities["head"]["number"], "0x2");
    let trace = node
        .call(
            "trace_replayTransaction",
            json!([hash, ["trace", "stateDiff"]]),
        )
        .await;
    let key = format!("{contract:#x}");
    let slot = format!("0x{:064x}", 0);
    assert_eq!(
        trace["stateDiff"][&key]["storage"][&slot]["*"]["to"],
        format!("0x{:064x}", 7),
        "{trace}"
    );
    assert_eq!(trace["trace"].as_array().unwrap().len(), 1);
    let one = node.call("trace_get", json!([hash, []])).await;
    assert_eq!(one["traceAddress"], json!([]));
    let sent = node
        .call(
            "eth_sendTransactionSync",
            json!([{ "from": node.account(0), "to": contract }]),
        )
        .await;
    assert_eq!(sent["status"], "0x1");
    assert_eq!(
        Value::Null,
        node.call("ots_getTransactionError", json!([receipt["blockHash"]]))
            .await
    );
}
