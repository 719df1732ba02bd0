//! One WebSocket: calls answered as they finish, and the subscriptions that live on it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, broadcast, mpsc};

use super::Context;
use crate::Node;
use crate::node::ChainEvent;
use crate::rpc::dispatch::{self, Answer, parse_call};
use crate::rpc::eth::subscriptions::{Subscription, open};
use crate::rpc::{Params, RpcError, RpcResult};

/// Messages that wait for a client that does not read, and their bytes; more closes the connection.
const OUTBOX: usize = 10_000;
const OUTBOX_BYTES: usize = 8 << 20;
/// Calls of one connection that run at the same time.
const CALLS: usize = 32;

struct Session {
    node: Arc<Node>,
    outbox: mpsc::Sender<String>,
    /// Bytes in the outbox.
    waiting: Arc<AtomicUsize>,
    subscriptions: HashMap<String, Subscription>,
    calls: Arc<Semaphore>,
}

pub(super) async fn serve(context: Context, socket: WebSocket) {
    let Context {
        node, mut stopping, ..
    } = context;
    let (sink, mut stream) = socket.split();
    let (outbox, inbox) = mpsc::channel(OUTBOX);
    let waiting = Arc::new(AtomicUsize::new(0));
    let mut writer = tokio::spawn(write(sink, inbox, Arc::clone(&waiting)));
    let mut events = node.events();
    let calls = Arc::new(Semaphore::new(CALLS));
    let mut session = Session {
        node,
        outbox,
        waiting,
        subscriptions: HashMap::new(),
        calls,
    };
    loop {
        let go_on = tokio::select! {
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => session.receive(text.as_bytes()).await,
                Some(Ok(Message::Binary(bytes))) => session.receive(&bytes).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => true,
                Some(Ok(Message::Close(_)) | Err(_)) | None => false,
            },
            event = events.recv() => match event {
                Ok(event) => session.publish(&event),
                // The client gets what is still to be had; a gap is better than a dead socket.
                Err(broadcast::error::RecvError::Lagged(_)) => true,
                Err(broadcast::error::RecvError::Closed) => false,
            },
            _ = stopping.changed() => false,
            _ = &mut writer => return,
        };
        if !go_on {
            break;
        }
    }
    drop(session);
    // The writer ends when the calls under way have put in their answers; a client that does not
    // read would keep it for ever.
    if tokio::time::timeout(std::time::Duration::from_secs(2), &mut writer)
        .await
        .is_err()
    {
        writer.abort();
    }
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut inbox: mpsc::Receiver<String>,
    waiting: Arc<AtomicUsize>,
) {
    while let Some(text) = inbox.recv().await {
        waiting.fetch_sub(text.len(), Ordering::Relaxed);
        if sink
            .send(Message::Text(Utf8Bytes::from(text)))
            .await
            .is_err()
        {
            return;
        }
    }
    // The peer may be gone already.
    let _ = sink.close().await;
}

impl Session {
    /// Takes a message in; false ends the connection.
    async fn receive(&mut self, text: &[u8]) -> bool {
        let value = match dispatch::parse(&self.node, text) {
            Ok(value) => value,
            Err(answer) => return self.send(answer.to_json()),
        };
        let method = value.get("method").and_then(Value::as_str);
        if matches!(method, Some("eth_subscribe" | "eth_unsubscribe")) {
            return match parse_call(value) {
                Ok(call) => {
                    let result = self.subscription_call(&call.method, &call.params);
                    call.id
                        .is_none_or(|id| self.send(Answer::new(id, result).to_json()))
                }
                Err(answer) => self.send(answer.to_json()),
            };
        }
        let Ok(permit) = Arc::clone(&self.calls).acquire_owned().await else {
            return false;
        };
        let (node, outbox) = (Arc::clone(&self.node), self.outbox.clone());
        let waiting = Arc::clone(&self.waiting);
        tokio::spawn(async move {
            if let Some(answer) = dispatch::handle_value(&node, value).await {
                waiting.fetch_add(answer.len(), Ordering::Relaxed);
                // A closed connection needs no answer.
                let _ = outbox.send(answer).await;
            }
            drop(permit);
        });
        true
    }

    fn subscription_call(&mut self, method: &str, params: &Params) -> RpcResult {
        if method == "eth_unsubscribe" {
            let id = params.text(0)?;
            return match self.subscriptions.remove(id) {
                Some(_) => Ok(Value::Bool(true)),
                None => Err(RpcError::server("subscription not found")),
            };
        }
        let limit = self.node.config().limits.subscriptions;
        if self.subscriptions.len() >= limit {
            return Err(RpcError::server(format!(
                "too many subscriptions on this connection, limit {limit}"
            )));
        }
        let (id, subscription) = open(&self.node, params)?;
        self.subscriptions.insert(id.clone(), subscription);
        Ok(Value::String(id))
    }

    fn publish(&self, event: &ChainEvent) -> bool {
        for (id, subscription) in &self.subscriptions {
            for result in subscription.notifications(&self.node, event) {
                let notice = json!({
                    "jsonrpc": "2.0",
                    "method": "eth_subscription",
                    "params": { "subscription": id, "result": result },
                });
                if !self.send(notice.to_string()) {
                    return false;
                }
            }
        }
        true
    }

    fn send(&self, text: String) -> bool {
        let before = self.waiting.fetch_add(text.len(), Ordering::Relaxed);
        before <= OUTBOX_BYTES && self.outbox.try_send(text).is_ok()
    }
}
