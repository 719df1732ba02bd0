//! From request bytes to answer bytes: single calls, batches, notifications.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

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
/// The text is not JSON, or nested too deep.
pub fn parse(text: &[u8]) -> Result<Value, Answer> {
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

/// Answers a request body; none if it held notifications only.
pub async fn handle(node: &Arc<Node>, body: &[u8]) -> Option<String> {
    match parse(body) {
        Ok(Value::Array(calls)) => handle_batch(node, calls).await,
        Ok(call) => handle_one(node, call).await.map(|answer| answer.to_json()),
        Err(answer) => Some(answer.to_json()),
    }
}

async fn handle_batch(node: &Arc<Node>, calls: Vec<Value>) -> Option<String> {
    let limits = node.config().limits;
    let refuse = |message: &str| {
        Some(Answer::new(Value::Null, Err(RpcError::invalid_request(message))).to_json())
    };
    if calls.is_empty() {
        return refuse("empty batch");
    }
    if calls.len() > limits.batch {
        return refuse(&format!(
            "batch too large: {} calls, limit {}",
            calls.len(),
            limits.batch
        ));
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
    };
    match &result {
        Ok(_) => tracing::debug!(target: "rpc", method = name),
        Err(error) => {
            tracing::debug!(target: "rpc", method = name, code = error.code, error = %error.message)
        }
    }
    result
}
