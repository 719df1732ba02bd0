//! One WebSocket: calls answered as they finish, and the subscriptions that live on it.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, broadcast, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::CapacityError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::Context;
use super::intake::{Counted, Intake};
use super::large_requests::Share;
use super::outbox::Waiting;
use crate::Node;
use crate::node::ChainEvent;
use crate::rpc::dispatch::{self, Answer, parse_call};
use crate::rpc::eth::subscriptions::{Subscription, open};
use crate::rpc::{Params, RpcError, RpcResult};

/// Messages that wait for a client that does not read; more closes the connection.
const OUTBOX: usize = 10_000;
/// Calls of one connection that run at the same time.
const CALLS: usize = 32;
/// How long the end of a connection waits for a client that does not read, or for one that goes on sending.
const PARTING: Duration = Duration::from_secs(2);

type Connection = Counted<TokioIo<Upgraded>>;
type Sink = SplitSink<WebSocketStream<Connection>, Message>;

struct Session {
    node: Arc<Node>,
    outbox: mpsc::Sender<String>,
    /// Bytes in the outbox.
    waiting: Arc<Waiting>,
    subscriptions: HashMap<String, Subscription>,
    calls: Arc<Semaphore>,
}

pub(super) async fn serve(context: Context, connection: Upgraded) {
    let Context {
        node,
        mut stopping,
        large_requests,
        outboxes,
    } = context;
    let limit = node.config().limits.body;
    let limits = WebSocketConfig::default()
        .max_message_size(Some(limit))
        .max_frame_size(Some(limit));
    let (connection, intake) = Intake::of(TokioIo::new(connection), &large_requests);
    let socket = WebSocketStream::from_raw_socket(connection, Role::Server, Some(limits)).await;
    let (sink, mut stream) = socket.split();
    let (outbox, inbox) = mpsc::channel(OUTBOX);
    let waiting = Arc::new(outboxes.open());
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
    let mut refusal = None;
    loop {
        let go_on = tokio::select! {
            message = stream.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    session.receive(text.as_bytes(), intake.message()).await
                }
                Some(Ok(Message::Binary(bytes))) => session.receive(&bytes, intake.message()).await,
                Some(Ok(Message::Ping(payload) | Message::Pong(payload))) => {
                    intake.control_frame(payload.len());
                    true
                }
                Some(Err(error)) => {
                    refusal = refuse(&error);
                    false
                }
                Some(Ok(Message::Close(_) | Message::Frame(_))) | None => false,
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
    match tokio::time::timeout(PARTING, &mut writer).await {
        Ok(Ok(Some(sink))) => {
            if let Ok(socket) = sink.reunite(stream) {
                // The peer may be gone already.
                let _ = tokio::time::timeout(PARTING, part(socket, refusal)).await;
            }
        }
        Ok(_) => {}
        Err(_) => writer.abort(),
    }
}

/// What a client is told whose message could not be received; none if the connection broke.
fn refuse(error: &Error) -> Option<CloseFrame> {
    let (code, reason) = match error {
        Error::Io(cause) => match cause.kind() {
            io::ErrorKind::OutOfMemory => (CloseCode::Again, cause.to_string()),
            io::ErrorKind::TimedOut => (CloseCode::Policy, cause.to_string()),
            _ => return None,
        },
        Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
            (CloseCode::Size, format!("message above {max_size} bytes"))
        }
        Error::Utf8(_) => (CloseCode::Invalid, "text is not UTF-8".to_owned()),
        Error::Protocol(cause) => (CloseCode::Protocol, cause.to_string()),
        _ => return None,
    };
    // A control frame's payload has at most 125 bytes, two of them the code (RFC 6455, section 5.5).
    let reason: String = reason.chars().filter(char::is_ascii).take(123).collect();
    Some(CloseFrame {
        code,
        reason: reason.into(),
    })
}

/// Closes the connection.
async fn part(mut socket: WebSocketStream<Connection>, refusal: Option<CloseFrame>) {
    let refused = refusal.is_some();
    let sent = match refusal {
        Some(frame) => socket.send(Message::Close(Some(frame))).await,
        None => SinkExt::close(&mut socket).await,
    };
    if refused && sent.is_ok() {
        // Unread bytes would reset the connection before the client has read why.
        socket.get_mut().discard().await;
    }
}

/// Sends what comes into the outbox until nobody can put anything in; none if the client is gone.
async fn write(
    mut sink: Sink,
    mut inbox: mpsc::Receiver<String>,
    waiting: Arc<Waiting>,
) -> Option<Sink> {
    while let Some(text) = inbox.recv().await {
        waiting.take(text.len());
        sink.send(Message::text(text)).await.ok()?;
    }
    Some(sink)
}

impl Session {
    /// Takes a message in, with its share of the memory for large ones; false ends the connection.
    async fn receive(&mut self, text: &[u8], share: Share) -> bool {
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
                // The client asked for it: it waits for room among the messages.
                waiting.add(answer.len());
                // A closed connection needs no answer.
                let _ = outbox.send(answer).await;
            }
            drop((permit, share));
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
        self.waiting.add(text.len()) && self.outbox.try_send(text).is_ok()
    }
}
