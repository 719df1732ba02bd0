//! One HTTP request: a JSON-RPC call or batch by POST, a WebSocket by upgrade.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use futures_util::StreamExt;
use tokio::sync::OwnedSemaphorePermit;

use super::{Context, websocket};
use crate::rpc::dispatch;

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of a body that need no share of the memory for large ones.
const SMALL_BODY: usize = 256 * 1024;
/// Bytes of one share.
const UNIT: usize = 4 * 1024;
/// Bytes of large bodies at the same time.
const LARGE_BODIES: usize = 48 << 20;
/// The shares for large bodies.
pub(super) const LARGE_BODY_UNITS: usize = LARGE_BODIES / UNIT;

pub(super) async fn answer(
    State(context): State<Context>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
    request: Request<Body>,
) -> Response<Body> {
    if let Ok(upgrade) = upgrade {
        let limit = context.node.config().limits.body;
        return upgrade
            .max_message_size(limit)
            .max_frame_size(limit)
            .on_upgrade(move |socket| websocket::serve(context, socket));
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
    let body = match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Ok(Ok(body)) => body,
        Ok(Err(Unread::TooLarge)) => return too_large(),
        Ok(Err(Unread::Busy)) => {
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "too many large requests at the same time: try again\n",
            );
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
    _share: Option<OwnedSemaphorePermit>,
}

/// Why a body could not be read.
enum Unread {
    TooLarge,
    Busy,
    BrokenOff(axum::Error),
}

/// Reads a body. What it has above a usual request's size comes out of the memory that all large ones share, as it
/// arrives: who announces much and sends little takes little.
async fn read(context: &Context, body: Body, limit: usize) -> Result<RequestBody, Unread> {
    let mut bytes = Vec::new();
    let mut share: Option<OwnedSemaphorePermit> = None;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(Unread::BrokenOff)?;
        let length = bytes.len() + chunk.len();
        if length > limit {
            return Err(Unread::TooLarge);
        }
        let wanted = length.saturating_sub(SMALL_BODY).div_ceil(UNIT);
        let more =
            wanted.saturating_sub(share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        if more > 0 {
            let more = u32::try_from(more).map_err(|_| Unread::TooLarge)?;
            let got = Arc::clone(&context.large_bodies).try_acquire_many_owned(more);
            let got = got.map_err(|_| Unread::Busy)?;
            match &mut share {
                Some(share) => share.merge(got),
                None => share = Some(got),
            }
        }
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
