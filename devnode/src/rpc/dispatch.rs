//! From request bytes to answer bytes: single calls, batches, notifications.

use std::sync::Arc;

use fevm_machine::engine::Engines;
use serde::Serialize;
use serde::de::{Deserializer as _, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{Catalogue, Cost, Params, RpcError, RpcResult};
use crate::Node;

/// One call as it came in.
#[derive(Debug)]
pub struct Call {
    /// The client's id; none for a notification.
    pub id: Option<Value>,
    /// Name of the method.
    pub method: String,
    /// Its parameters.
    pub params: Params,
}

/// One answer as it goes out.
#[derive(Debug, Serialize)]
pub struct Answer {
    jsonrpc: &'static str,
    id: Value,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Result(Value),
    Error(RpcError),
}

impl Answer {
    /// The answer to the call with that id.
    pub fn new(id: Value, result: RpcResult) -> Self {
        let outcome = match result {
            Ok(value) => Outcome::Result(value),
            Err(error) => Outcome::Error(error),
        };
        Self {
            jsonrpc: "2.0",
            id,
            outcome,
        }
    }

    /// The answer as JSON text.
    pub fn to_json(&self) -> String {
        // Only maps with other keys than strings can fail, and there are none.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Splits a request object into a call.
///
/// # Errors
/// It is no JSON-RPC 2.0 request; the answer to give is inside.
pub fn parse_call(value: Value) -> Result<Call, Answer> {
    let refuse = |id: Option<Value>, error| Err(Answer::new(id.unwrap_or(Value::Null), Err(error)));
    let Value::Object(mut object) = value else {
        return refuse(None, RpcError::invalid_request("invalid request"));
    };
    let id = object.remove("id");
    if matches!(
        id,
        Some(Value::Object(_) | Value::Array(_) | Value::Bool(_))
    ) {
        return refuse(
            None,
            RpcError::invalid_request("invalid request: id is neither a number nor a string"),
        );
    }
    if object.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return refuse(
            id,
            RpcError::invalid_request("invalid request: member jsonrpc is not \"2.0\""),
        );
    }
    let Some(Value::String(method)) = object.remove("method") else {
        return refuse(
            id,
            RpcError::invalid_request("invalid request: member method is not a string"),
        );
    };
    match Params::new(object.remove("params")) {
        Ok(params) => Ok(Call { id, method, params }),
        Err(error) => refuse(id, error),
    }
}

/// Parses request text; the error is the answer to give.
///
/// # Errors
/// The text is not JSON, nested too deep, or a batch of too many calls.
pub fn parse(node: &Node, text: &[u8]) -> Result<Value, Answer> {
    let limit = node.config().limits.batch;
    if is_longer_list(text, limit) {
        let error = RpcError::invalid_request(format!("batch too large: more than {limit} calls"));
        return Err(Answer::new(Value::Null, Err(error)));
    }
    serde_json::from_slice(text).map_err(|error| {
        Answer::new(
            Value::Null,
            Err(RpcError::new(
                RpcError::PARSE,
                format!("parse error: {error}"),
            )),
        )
    })
}

/// Whether a text is a list of more than `limit` items: millions of numbers fit into a body and would take far more
/// memory than it, so they are counted before the text is taken apart.
fn is_longer_list(text: &[u8], limit: usize) -> bool {
    struct Count<'a> {
        limit: usize,
        exceeded: &'a mut bool,
    }
    impl<'de> Visitor<'de> for Count<'_> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a batch")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
            let mut count = 0;
            while items.next_element::<IgnoredAny>()?.is_some() {
                count += 1;
                if count > self.limit {
                    *self.exceeded = true;
                    return Err(serde::de::Error::custom("too long"));
                }
            }
            Ok(())
        }
    }
    let mut exceeded = false;
    if text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        let count = Count {
            limit,
            exceeded: &mut exceeded,
        };
        // What does not parse is told by the parser proper.
        let _ = serde_json::Deserializer::from_slice(text).deserialize_seq(count);
    }
    exceeded
}

/// Answers a request body; none if it held notifications only.
pub async fn handle(node: &Arc<Node>, body: &[u8]) -> Option<String> {
    match parse(node, body) {
        Ok(value) => handle_value(node, value).await,
        Err(answer) => Some(answer.to_json()),
    }
}

/// Answers what was parsed; none if it held notifications only.
pub async fn handle_value(node: &Arc<Node>, value: Value) -> Option<String> {
    match value {
        Value::Array(calls) => handle_batch(node, calls).await,
        call => handle_one(node, call).await.map(|answer| answer.to_json()),
    }
}

async fn handle_batch(node: &Arc<Node>, calls: Vec<Value>) -> Option<String> {
    let limits = node.config().limits;
    if calls.is_empty() {
        return Some(
            Answer::new(Value::Null, Err(RpcError::invalid_request("empty batch"))).to_json(),
        );
    }
    let mut text = String::from("[");
    for call in calls {
        let id = call.get("id").cloned();
        let answer = if text.len() > limits.batch_answer {
            // The calls that come after an overlong answer are not run.
            id.map(|id| Answer::new(id, Err(RpcError::new(-32003, "response too large"))))
        } else {
            handle_one(node, call).await
        };
        if let Some(answer) = answer {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&answer.to_json());
        }
    }
    text.push(']');
    (text.len() > 2).then_some(text)
}

/// Answers one request object; none for a notification.
pub async fn handle_one(node: &Arc<Node>, value: Value) -> Option<Answer> {
    match parse_call(value) {
        Ok(call) => {
            let result = run(node, &call.method, call.params).await;
            call.id.map(|id| Answer::new(id, result))
        }
        Err(answer) => Some(answer),
    }
}

/// Runs a method where it belongs.
///
/// # Errors
/// The method does not exist or refuses.
pub async fn run(node: &Arc<Node>, name: &str, params: Params) -> RpcResult {
    let method = Catalogue::get()
        .find(name)
        .ok_or_else(|| RpcError::method_not_found(name))?;
    let result = match method.cost {
        Cost::Light => method.call(node, &params),
        Cost::Heavy => {
            let node = Arc::clone(node);
            match tokio::task::spawn_blocking(move || method.call(&node, &params)).await {
                Ok(result) => result,
                Err(error) => Err(RpcError::internal(format!(
                    "{name} was interrupted: {error}"
                ))),
            }
        }
        Cost::Execution => {
            let node = Arc::clone(node);
            let (sender, receiver) = oneshot::channel();
            let queued = Engines::process().and_then(|engines| {
                engines.workers().spawn(move || {
                    // Who asked may have gone.
                    let _ = sender.send(method.call(&node, &params));
                })
            });
            match queued {
                Ok(()) => receiver
                    .await
                    .unwrap_or_else(|_| Err(RpcError::internal(format!("{name} was interrupted")))),
                Err(error) => Err(error.into()),
            }
        }
    };
    match &result {
        Ok(_) => tracing::debug!(target: "rpc", method = name),
        Err(error) => {
            tracing::debug!(target: "rpc", method = name, code = error.code, error = %error.message)
        }
    }
    result
}
