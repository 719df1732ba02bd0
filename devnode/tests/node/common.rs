//! A node for a test, and ways to talk to it.

use std::sync::Arc;

use alloy_consensus::{TxEip1559, TxLegacy, TypedTransaction};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, Bytes, TxKind, U256, hex};
use fevm_devnode::config::Mining;
use fevm_devnode::{Node, NodeConfig, Server};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Gas that is enough for everything these tests do.
pub(crate) const PLENTY: u64 = 1_000_000_000;

/// A listening node; it stops when dropped.
pub(crate) struct TestNode {
    pub(crate) node: Arc<Node>,
    pub(crate) url: String,
    client: reqwest::Client,
    _stop: oneshot::Sender<()>,
}

/// A JSON-RPC error.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Error {
    pub(crate) code: i64,
    pub(crate) message: String,
    pub(crate) data: Value,
}

pub(crate) fn config() -> NodeConfig {
    NodeConfig {
        port: 0,
        ..NodeConfig::default()
    }
}

impl Error {
    /// Asserts how the message begins.
    #[track_caller]
    pub(crate) fn assert_begins(&self, words: &str) {
        assert!(self.message.starts_with(words), "{}", self.message);
    }
}

impl TestNode {
    pub(crate) async fn start() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn manual() -> Self {
        Self::with(NodeConfig {
            mining: Mining::Manual,
            ..config()
        })
        .await
    }

    pub(crate) async fn with(config: NodeConfig) -> Self {
        let bundle = fevm_bundle::ours().unwrap();
        Self::serving(Node::start(config, &bundle).unwrap()).await
    }

    pub(crate) async fn serving(node: Arc<Node>) -> Self {
        let server = Server::bind(Arc::clone(&node)).await.unwrap();
        let url = format!("http://{}", server.address());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(server.serve(async {
            // Dropping the sender is the signal.
            let _ = stopped.await;
        }));
        Self {
            node,
            url,
            client: reqwest::Client::new(),
            _stop: stop,
        }
    }

    pub(crate) async fn post(&self, body: impl Into<reqwest::Body>) -> (u16, String) {
        let answer = self.client.post(&self.url).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    pub(crate) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    pub(crate) async fn raw(&self, method: &str, params: Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let (status, text) = self.post(body.to_string()).await;
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The result; an error fails the test.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Value {
        let answer = self.raw(method, params.clone()).await;
        assert!(answer.get("error").is_none(), "{method} {params}: {answer}");
        answer["result"].clone()
    }

    /// The error; a result fails the test.
    pub(crate) async fn error(&self, method: &str, params: Value) -> Error {
        let answer = self.raw(method, params.clone()).await;
        let error = answer
            .get("error")
            .unwrap_or_else(|| panic!("{method} {params}: {answer}"));
        Error {
            code: error["code"].as_i64().unwrap(),
            message: error["message"].as_str().unwrap().to_owned(),
            data: error["data"].clone(),
        }
    }

    pub(crate) async fn number(&self, method: &str, params: Value) -> u128 {
        quantity(&self.call(method, params).await)
    }

    pub(crate) async fn balance(&self, address: Address) -> u128 {
        self.number("eth_getBalance", json!([address, "latest"]))
            .await
    }

    pub(crate) async fn receipt(&self, hash: &Value) -> Value {
        self.call("eth_getTransactionReceipt", json!([hash])).await
    }

    pub(crate) fn account(&self, index: usize) -> Address {
        self.node.accounts().addresses().nth(index).unwrap()
    }

    pub(crate) fn sign(&self, index: usize, transaction: impl Into<TypedTransaction>) -> Bytes {
        let envelope = self
            .node
            .accounts()
            .sign_transaction(self.account(index), transaction.into());
        envelope.unwrap().encoded_2718().into()
    }

    pub(crate) async fn send_raw(&self, raw: &Bytes) -> Value {
        self.call("eth_sendRawTransaction", json!([raw])).await
    }

    /// Sends from account 0 and gives the receipt.
    pub(crate) async fn send(&self, transaction: Value) -> Value {
        let mut transaction = transaction;
        if transaction.get("from").is_none() {
            transaction["from"] = json!(self.account(0));
        }
        let hash = self.call("eth_sendTransaction", json!([transaction])).await;
        self.receipt(&hash).await
    }

    /// Deploys runtime code and gives its address.
    pub(crate) async fn deploy(&self, runtime: &[u8]) -> Address {
        let receipt = self
            .send(json!({ "data": Bytes::from(super::code::init(runtime)) }))
            .await;
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        serde_json::from_value(receipt["contractAddress"].clone()).unwrap()
    }
}

/// A transfer that account 0 could make next.
pub(crate) fn transfer(nonce: u64, to: Address, value: u128) -> TxEip1559 {
    TxEip1559 {
        chain_id: 31_415_926,
        nonce,
        gas_limit: 20_000_000,
        max_fee_per_gas: 1_000_000,
        max_priority_fee_per_gas: 1_000,
        to: TxKind::Call(to),
        value: U256::from(value),
        ..TxEip1559::default()
    }
}

/// The same as a legacy transaction.
pub(crate) fn legacy(nonce: u64, to: Address, value: u128, chain_id: Option<u64>) -> TxLegacy {
    TxLegacy {
        chain_id,
        nonce,
        gas_price: 1_000_000,
        gas_limit: 20_000_000,
        to: TxKind::Call(to),
        value: U256::from(value),
        input: Bytes::new(),
    }
}

pub(crate) fn quantity(value: &Value) -> u128 {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no quantity"));
    u128::from_str_radix(text.strip_prefix("0x").unwrap(), 16).unwrap()
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}
