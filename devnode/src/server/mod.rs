//! HTTP and WebSocket on one port and any path.

mod http;
mod intake;
mod large_requests;
mod outbox;
mod websocket;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use self::large_requests::LargeRequests;
use self::outbox::Outboxes;
use crate::Node;

/// A node that listens.
#[derive(Debug)]
pub struct Server {
    node: Arc<Node>,
    listener: TcpListener,
    address: SocketAddr,
}

/// Why the server could not listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another program has the port.
    #[error(
        "port {port} on {host} is already in use: stop the other program, or choose another port (0 takes a free one)"
    )]
    PortInUse {
        /// Address asked for.
        host: std::net::IpAddr,
        /// Port asked for.
        port: u16,
    },
    /// Any other reason, as the system gives it.
    #[error("cannot listen on {address}: {source}")]
    Other {
        /// Address and port asked for.
        address: SocketAddr,
        /// The system's error.
        source: io::Error,
    },
}

#[derive(Debug, Clone)]
struct Context {
    node: Arc<Node>,
    /// Becomes true when the server stops; open WebSockets then close.
    stopping: watch::Receiver<bool>,
    large_requests: LargeRequests,
    outboxes: Outboxes,
}

impl Server {
    /// Takes the port that the node's configuration names.
    ///
    /// # Errors
    /// The port is taken or may not be used.
    pub async fn bind(node: Arc<Node>) -> Result<Self, BindError> {
        let address = SocketAddr::new(node.config().host, node.config().port);
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| match source.kind() {
                io::ErrorKind::AddrInUse => BindError::PortInUse {
                    host: address.ip(),
                    port: address.port(),
                },
                _ => BindError::Other { address, source },
            })?;
        let address = listener
            .local_addr()
            .map_err(|source| BindError::Other { address, source })?;
        Ok(Self {
            node,
            listener,
            address,
        })
    }

    /// Where the server listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is done; calls under way are answered first.
    ///
    /// # Errors
    /// The listening socket fails.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let (stopping, stopped) = watch::channel(false);
        let context = Context {
            node: Arc::clone(&self.node),
            stopping: stopped,
            large_requests: LargeRequests::default(),
            outboxes: Outboxes::default(),
        };
        let block_timer = self.node.spawn_block_timer();
        let result = axum::serve(self.listener, router(context))
            .with_graceful_shutdown(async move {
                stop.await;
                // No receiver left means that no WebSocket is open.
                let _ = stopping.send(true);
            })
            .await;
        block_timer.abort();
        result
    }
}

fn router(context: Context) -> Router {
    // Pages served from anywhere, Remix among them, may talk to a development node; Chrome asks
    // for the private-network header before it lets a public page reach this machine.
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::any())
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .allow_private_network(true)
        .max_age(std::time::Duration::from_secs(600));
    Router::new()
        .fallback(http::answer)
        .layer(cors)
        .with_state(context)
}
