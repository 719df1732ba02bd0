//! One HTTP request: a JSON-RPC call or batch by POST, a WebSocket by upgrade.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use futures_util::StreamExt;
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;

use super::large_requests::{Busy, Share};
use super::{Context, websocket};
use crate::rpc::dispatch;

pub(super) async fn answer(
    State(context): State<Context>,
    mut request: Request<Body>,
) -> Response<Body> {
    // Anything but a handshake is a request.
    if let Ok(switch) = create_response_with_body(&request, Body::empty)
        && let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>()
    {
        tokio::spawn(async move {
            // A client that leaves before the switch needs no answer.
            if let Ok(connection) = upgrade.await {
                websocket::serve(context, connection).await;
            }
        });
        return switch;
    }
    match *request.method() {
        Method::POST => post(context, request).await,
        Method::GET | Method::HEAD => plain(
            StatusCode::OK,
            "fevm node: a local Filecoin chain. Send Ethereum JSON-RPC by POST, or open a WebSocket.\n",
        ),
        _ => plain(
            StatusCode::METHOD_NOT_ALLOWED,
            "JSON-RPC is spoken by POST or over a WebSocket\n",
        ),
    }
}

async fn post(context: Context, request: Request<Body>) -> Response<Body> {
    let limit = context.node.config().limits.body;
    let too_large = || {
        plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("request body above {limit} bytes\n"),
        )
    };
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    if announced
        .and_then(|length| length.parse::<usize>().ok())
        .is_some_and(|length| length > limit)
    {
        return too_large();
    }
    let reading = read(&context, request.into_body(), limit);
    let body = match tokio::time::timeout(context.large_requests.timeout, reading).await {
        Ok(Ok(body)) => body,
        Ok(Err(Unread::TooLarge)) => return too_large(),
        Ok(Err(Unread::Busy)) => {
            return plain(StatusCode::SERVICE_UNAVAILABLE, format!("{Busy}\n"));
        }
        Ok(Err(Unread::BrokenOff(error))) => {
            return plain(
                StatusCode::BAD_REQUEST,
                format!("request body broke off: {error}\n"),
            );
        }
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "request body took too long\n"),
    };
    let text = dispatch::handle(&context.node, &body.bytes)
        .await
        .unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// A body, and its share of the memory for large ones.
struct RequestBody {
    bytes: Vec<u8>,
    _share: Share,
}

/// Why a body could not be read.
enum Unread {
    TooLarge,
    Busy,
    BrokenOff(axum::Error),
}

/// Reads a body; its share grows as it arrives, so who announces much and sends little takes little.
async fn read(context: &Context, body: Body, limit: usize) -> Result<RequestBody, Unread> {
    let mut bytes = Vec::new();
    let mut share = context.large_requests.share();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(Unread::BrokenOff)?;
        let length = bytes.len() + chunk.len();
        if length > limit {
            return Err(Unread::TooLarge);
        }
        share.grow(length).map_err(|_| Unread::Busy)?;
        bytes.extend_from_slice(&chunk);
    }
    Ok(RequestBody {
        bytes,
        _share: share,
    })
}

fn plain(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    (
        status,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        text.into(),
    )
        .into_response()
}
