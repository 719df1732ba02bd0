//! The server: paths, CORS, limits, WebSockets, ports.

use std::sync::Arc;

use alloy_primitives::Address;
use fevm_devnode::{Node, NodeConfig, Server};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};

use crate::code;
use crate::common::{TestNode, config, transfer};

#[tokio::test]
async fn any_path_answers_and_so_does_get() {
    let node = TestNode::start().await;
    let body =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": [] }).to_string();
    for path in ["", "/rpc/v1", "/some/where?x=1"] {
        let answer = node
            .client()
            .post(format!("{}{path}", node.url))
            .body(body.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert!(answer.text().await.unwrap().contains("0x1df5e76"));
    }
    assert_eq!(
        node.client().get(&node.url).send().await.unwrap().status(),
        200
    );
    assert_eq!(
        node.client()
            .delete(&node.url)
            .send()
            .await
            .unwrap()
            .status(),
        405
    );
}

#[tokio::test]
async fn browsers_may_come_from_any_page() {
    let node = TestNode::start().await;
    let preflight = node
        .client()
        .request(reqwest::Method::OPTIONS, &node.url)
        .header("origin", "https://remix.ethereum.org")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .header("access-control-request-private-network", "true")
        .send()
        .await
        .unwrap();
    assert!(preflight.status().is_success());
    let headers = preflight.headers();
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(headers["access-control-allow-private-network"], "true");
    assert_eq!(headers["access-control-allow-headers"], "content-type");
    let answer = node
        .client()
        .post(&node.url)
        .header("origin", "https://remix.ethereum.org")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn bodies_have_a_limit() {
    let mut config = config();
    config.limits.body = 1_000;
    let node = TestNode::with(config).await;
    let (status, text) = node.post(" ".repeat(1_001)).await;
    assert_eq!((status, text.contains("above 1000 bytes")), (413, true));
    let stream =
        futures_util::stream::iter((0..200).map(|_| Ok::<_, std::io::Error>(" ".repeat(10))));
    let answer = node
        .client()
        .post(&node.url)
        .body(reqwest::Body::wrap_stream(stream))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 413, "without an announced length too");
    assert_eq!(node.number("eth_blockNumber", json!([])).await, 0);
}

#[tokio::test]
async fn a_port_in_use_is_said() {
    let node = TestNode::start().await;
    let port = node.url.rsplit(':').next().unwrap().parse().unwrap();
    let second = Node::start(
        NodeConfig { port, ..config() },
        &fevm_bundle::ours().unwrap(),
    )
    .unwrap();
    let error = Server::bind(Arc::clone(&second))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with(&format!("port {port} on 127.0.0.1 is already in use")),
        "{error}"
    );
}

#[tokio::test]
async fn a_web_socket_answers_and_notifies() {
    let node = TestNode::start().await;
    let contract = node.deploy(&code::STORE_AND_LOG).await;
    let mut socket = open(&node).await;
    let mut ask = async |method: &str, params: Value| {
        let call =
            json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        socket.send(Message::text(call)).await.unwrap();
        next(&mut socket).await["result"].clone()
    };
    assert_eq!(ask("eth_chainId", json!([])).await, "0x1df5e76");
    let heads = ask("eth_subscribe", json!(["newHeads"])).await;
    let logs = ask("eth_subscribe", json!(["logs", { "address": contract }])).await;
    let pending = ask("eth_subscribe", json!(["newPendingTransactions"])).await;
    node.send(json!({ "to": contract, "data": format!("0x{:064x}", 7) }))
        .await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let notice = next(&mut socket).await;
        assert_eq!(notice["method"], "eth_subscription");
        seen.push((
            notice["params"]["subscription"].clone(),
            notice["params"]["result"].clone(),
        ));
    }
    let of = |id: &Value| {
        seen.iter()
            .find(|(subscription, _)| subscription == id)
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(of(&heads)["number"], "0x2");
    assert_eq!(of(&logs)["blockNumber"], "0x2");
    assert_eq!(of(&pending), of(&logs)["transactionHash"]);

    socket
        .send(Message::text(
            json!({ "jsonrpc": "2.0", "id": 2, "method": "eth_unsubscribe", "params": [heads] })
                .to_string(),
        ))
        .await
        .unwrap();
    assert_eq!(next(&mut socket).await["result"], json!(true));
    socket.send(Message::text("nonsense")).await.unwrap();
    assert_eq!(next(&mut socket).await["error"]["code"], -32700);
    node.send_raw(&node.sign(1, transfer(0, Address::repeat_byte(1), 1)))
        .await;
    assert_eq!(
        next(&mut socket).await["params"]["subscription"],
        pending,
        "heads are not sent any more"
    );
    assert_eq!(
        node.error("eth_subscribe", json!(["newHeads"])).await.code,
        -32601
    );
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn open(node: &TestNode) -> Socket {
    tokio_tungstenite::connect_async(node.url.replace("http", "ws") + "/ws")
        .await
        .unwrap()
        .0
}

/// Why the server closed the connection.
async fn refusal(socket: &mut Socket) -> (CloseCode, String) {
    loop {
        let message = tokio::time::timeout(std::time::Duration::from_secs(60), socket.next())
            .await
            .unwrap();
        if let Message::Close(frame) = message.unwrap().unwrap() {
            let frame = frame.unwrap();
            return (frame.code, frame.reason.to_string());
        }
    }
}

async fn next(socket: &mut Socket) -> Value {
    let message = tokio::time::timeout(std::time::Duration::from_secs(60), socket.next())
        .await
        .unwrap();
    serde_json::from_str(message.unwrap().unwrap().to_text().unwrap()).unwrap()
}

#[tokio::test]
async fn a_web_socket_message_has_a_limit() {
    let mut config = config();
    config.limits.body = 1_000;
    let node = TestNode::with(config).await;
    let mut socket = open(&node).await;
    // Far more than the sockets' buffers hold: the reason must arrive although the client is still sending.
    let _ = socket.send(Message::text(" ".repeat(8 << 20))).await;
    assert_eq!(
        refusal(&mut socket).await,
        (CloseCode::Size, "message above 1000 bytes".to_owned())
    );
}

#[tokio::test]
async fn messages_that_are_being_sent_share_bounded_memory() {
    const PART: usize = 9 << 20;
    let node = TestNode::start().await;
    let begun = || {
        let part = " ".repeat(PART).into_bytes();
        Message::Frame(Frame::message(part, OpCode::Data(Data::Text), false))
    };
    let rest = |text: String| {
        Message::Frame(Frame::message(
            text.into_bytes(),
            OpCode::Data(Data::Continue),
            true,
        ))
    };
    let mut held = Vec::new();
    for _ in 0..5 {
        let mut socket = open(&node).await;
        socket.send(begun()).await.unwrap();
        // Answered once all before it has been read.
        socket.send(Message::Ping("read".into())).await.unwrap();
        assert!(matches!(
            socket.next().await.unwrap().unwrap(),
            Message::Pong(_)
        ));
        held.push(socket);
    }
    let mut refused = open(&node).await;
    let _ = refused.send(begun()).await;
    assert_eq!(
        refusal(&mut refused).await,
        (
            CloseCode::Again,
            "too many large requests at the same time: try again".to_owned()
        )
    );
    let (status, text) = node.post(" ".repeat(PART)).await;
    assert_eq!((status, text.contains("try again")), (503, true));
    assert_eq!(node.number("eth_blockNumber", json!([])).await, 0);

    // A whole message gives back what it held.
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" }).to_string();
    for socket in &mut held {
        socket.send(rest(call.clone())).await.unwrap();
        assert_eq!(next(socket).await["result"], "0x1df5e76");
    }
    let (status, text) = node.post(" ".repeat(PART) + &call).await;
    assert_eq!((status, text.contains("0x1df5e76")), (200, true));
}

#[tokio::test]
async fn reads_do_not_wait_for_long_calls() {
    let node = TestNode::start().await;
    // JUMPDEST, PUSH1 0, JUMP: runs until the gas of a whole block is used up.
    let endless = node.deploy(&[0x5b, 0x60, 0x00, 0x56]).await;
    let call = node.raw("eth_call", json!([{ "to": endless }, "latest"]));
    let reads = async {
        let started = std::time::Instant::now();
        for _ in 0..20 {
            node.call("eth_getBalance", json!([node.account(0), "latest"]))
                .await;
        }
        started.elapsed()
    };
    let (answer, elapsed) = futures_util::future::join(call, reads).await;
    assert_eq!(answer["error"]["message"], "out of gas");
    assert!(elapsed < std::time::Duration::from_secs(5), "{elapsed:?}");
}
