//! One HTTP request: a JSON-RPC call or batch by POST, a WebSocket by upgrade.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;

use super::{Context, websocket};
use crate::rpc::dispatch;

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

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
    let body = match tokio::time::timeout(BODY_TIMEOUT, to_bytes(request.into_body(), limit)).await
    {
        Ok(Ok(body)) => body,
        Ok(Err(error)) if is_length_limit(&error) => return too_large(),
        Ok(Err(error)) => {
            return plain(
                StatusCode::BAD_REQUEST,
                format!("request body broke off: {error}\n"),
            );
        }
        Err(_) => return plain(StatusCode::REQUEST_TIMEOUT, "request body took too long\n"),
    };
    let text = dispatch::handle(&context.node, &body)
        .await
        .unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn is_length_limit(error: &axum::Error) -> bool {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if error.to_string().contains("length limit exceeded") {
            return true;
        }
        source = error.source();
    }
    false
}

fn plain(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    (
        status,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        text.into(),
    )
        .into_response()
}
