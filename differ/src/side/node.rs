//! A node's `debug_traceTransaction`, and what it knows of a transaction.

use std::io::Write;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Map, Value, json};

use super::Running;
use crate::error::{DiffError, TraceError};
use crate::normal::Steps;
use crate::read;
use crate::subject::Subject;

/// A node is given up when it has said nothing for so long, unless the caller says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A transaction of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeTransaction {
    /// The node.
    pub url: String,
    /// The transaction's hash.
    pub hash: String,
    /// The node is given up when it has said nothing for so long.
    pub patience: Duration,
}

fn failed(transaction: &NodeTransaction, error: &reqwest::Error) -> TraceError {
    let NodeTransaction { url, patience, .. } = transaction;
    let reason = if error.is_timeout() {
        format!("no answer in {} seconds", patience.as_secs())
    } else {
        // The innermost cause says most: refused, unknown host, ...
        let mut cause: &dyn std::error::Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        cause.to_string()
    };
    TraceError::Source(format!("{url}: {reason}"))
}

fn client(patience: Duration) -> Result<(tokio::runtime::Runtime, Client), TraceError> {
    let system = |error: std::io::Error| TraceError::Source(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(system)?;
    let client = Client::builder()
        .connect_timeout(patience.min(Duration::from_secs(10)))
        .read_timeout(patience)
        .build();
    let client = client.map_err(|error| TraceError::Source(error.to_string()))?;
    Ok((runtime, client))
}

fn body(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

/// Asks for a transaction's struct logs and reads them as they come.
///
/// # Errors
/// The node cannot be reached.
pub fn run(transaction: &NodeTransaction) -> Result<Running, TraceError> {
    let (runtime, client) = client(transaction.patience)?;
    let options = json!({ "enableMemory": true, "enableReturnData": true });
    let text = body(
        "debug_traceTransaction",
        &json!([transaction.hash, options]),
    );
    let request = client
        .post(&transaction.url)
        .header("content-type", "application/json")
        .body(text);
    let mut response = runtime
        .block_on(async { request.send().await })
        .and_then(reqwest::Response::error_for_status)
        .map_err(|error| failed(transaction, &error))?;
    let system = |error: std::io::Error| TraceError::Source(error.to_string());
    let (reader, mut writer) = std::io::pipe().map_err(system)?;
    let (sender, end) = sync_channel(1);
    let asked = transaction.clone();
    std::thread::Builder::new()
        .name("node".into())
        .spawn(move || {
            let told = loop {
                match runtime.block_on(async { response.chunk().await }) {
                    Ok(Some(chunk)) if writer.write_all(&chunk).is_ok() => {}
                    // Without its end the answer is cut off, which shows in the reader; the reason is told here.
                    Err(error) => break Err(failed(&asked, &error)),
                    Ok(_) => break Ok(None),
                }
            };
            let _ = sender.send(told);
        })
        .map_err(system)?;
    let steps = match read::open(reader) {
        Ok(lines) => Steps::new(lines),
        // An answer that ended before it began.
        Err(cause) => return Err(end.recv().ok().and_then(Result::err).unwrap_or(cause)),
    };
    Ok(Running {
        steps,
        end: Some(end),
    })
}

/// What a node is asked about a transaction.
#[derive(Debug)]
pub struct Node<'a> {
    runtime: tokio::runtime::Runtime,
    client: Client,
    transaction: &'a NodeTransaction,
}

impl<'a> Node<'a> {
    /// A client of the transaction's node.
    ///
    /// # Errors
    /// The system gives no sockets.
    pub fn of(transaction: &'a NodeTransaction) -> Result<Self, DiffError> {
        let (runtime, client) =
            client(transaction.patience).map_err(|error| DiffError::Subject(error.to_string()))?;
        Ok(Self {
            runtime,
            client,
            transaction,
        })
    }

    /// The node's answer.
    ///
    /// # Errors
    /// The node cannot be reached, or its answer is an error or no JSON.
    pub fn ask(&self, method: &str, params: Value) -> Result<Value, DiffError> {
        let subject = |error: TraceError| DiffError::Subject(error.to_string());
        let request = self
            .client
            .post(&self.transaction.url)
            .header("content-type", "application/json")
            .body(body(method, &params));
        let text = self
            .runtime
            .block_on(async { request.send().await?.error_for_status()?.text().await });
        let text = text.map_err(|error| subject(failed(self.transaction, &error)))?;
        let answer: Value = serde_json::from_str(&text).map_err(|error| {
            DiffError::Subject(format!(
                "{}: {method}: the answer is no JSON: {error}",
                self.transaction.url
            ))
        })?;
        if let Some(error) = answer.get("error") {
            let message = error
                .get("message")
                .and_then(Value::as_str)
                .unwrap_or("an error without a message");
            return Err(DiffError::Subject(format!(
                "{}: {method}: {message}",
                self.transaction.url
            )));
        }
        Ok(answer.get("result").cloned().unwrap_or_default())
    }
}

/// The transaction as a subject that others can execute: its state before by the node's `prestateTracer`.
///
/// # Errors
/// The node does not know the transaction, or cannot tell the state.
pub fn subject(transaction: &NodeTransaction, fork: &str, gas: u64) -> Result<Subject, DiffError> {
    let node = Node::of(transaction)?;
    let found = node.ask("eth_getTransactionByHash", json!([transaction.hash]))?;
    if found.is_null() {
        return Err(DiffError::Subject(format!(
            "{}: no transaction {}",
            transaction.url, transaction.hash
        )));
    }
    let block = node.ask("eth_getBlockByHash", json!([found["blockHash"], false]))?;
    if block.is_null() {
        return Err(DiffError::Subject(format!(
            "transaction {} is in no block yet",
            transaction.hash
        )));
    }
    let tracer = json!({ "tracer": "prestateTracer" });
    let state = node.ask("debug_traceTransaction", json!([transaction.hash, tracer]))?;
    let state = state
        .as_object()
        .ok_or_else(|| DiffError::Subject("the node's prestateTracer gives no accounts".into()))?;
    let mut pre = Map::new();
    for (address, account) in state {
        let of = |name: &str, nothing: Value| {
            account
                .get(name)
                .filter(|v| !v.is_null())
                .cloned()
                .unwrap_or(nothing)
        };
        let nonce = match of("nonce", json!("0x0")) {
            Value::Number(number) => json!(format!("{:#x}", number.as_u64().unwrap_or_default())),
            text => text,
        };
        let account = json!({
            "balance": of("balance", json!("0x0")), "nonce": nonce,
            "code": of("code", json!("0x")), "storage": of("storage", json!({})),
        });
        pre.insert(address.clone(), account);
    }
    let of = |name: &str, nothing: &str| {
        block
            .get(name)
            .filter(|value| value.is_string())
            .cloned()
            .unwrap_or_else(|| json!(nothing))
    };
    let env = json!({
        "currentCoinbase": of("miner", "0x0000000000000000000000000000000000000000"),
        "currentDifficulty": "0x0",
        "currentGasLimit": format!("{:#x}", gas.max(30_000_000)),
        "currentNumber": of("number", "0x1"),
        "currentTimestamp": of("timestamp", "0x1"),
        "currentRandom": of("mixHash", "0x0"),
        "currentBaseFee": of("baseFeePerGas", "0x0"),
        "currentExcessBlobGas": "0x0",
    });
    let to = found.get("to").and_then(Value::as_str).unwrap_or_default();
    let price = found
        .get("maxFeePerGas")
        .or_else(|| found.get("gasPrice"))
        .cloned()
        .unwrap_or_else(|| json!("0x0"));
    let transaction_of = json!({
        "data": [found["input"]], "gasLimit": [format!("{gas:#x}")], "gasPrice": price,
        "nonce": found["nonce"], "to": to, "value": [found["value"]], "sender": found["from"],
    });
    Ok(Subject::made(
        &transaction.hash,
        fork,
        Value::Object(pre),
        env,
        transaction_of,
    ))
}
