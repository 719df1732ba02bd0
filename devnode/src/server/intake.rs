//! What a WebSocket has received of a message that is not whole yet, counted below the protocol: a message becomes visible
//! only when its last byte is there, and its memory is taken long before.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::large_requests::{LargeRequests, Share};

/// Bytes of a client's control frame beside its payload: two of header, four of mask (RFC 6455, section 5.5).
const CONTROL_FRAME: usize = 6;

/// A connection whose reads are counted. A read fails when the memory for large requests is used up
/// ([`io::ErrorKind::OutOfMemory`]) or a large message takes too long ([`io::ErrorKind::TimedOut`]).
#[derive(Debug)]
pub(super) struct Counted<C> {
    connection: C,
    intake: Intake,
}

/// The count of one connection.
#[derive(Debug, Clone)]
pub(super) struct Intake(Arc<Mutex<Partial>>);

#[derive(Debug)]
struct Partial {
    memory: LargeRequests,
    bytes: usize,
    share: Share,
    /// When a message that holds a share must be whole.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<C: AsyncRead + Unpin> Counted<C> {
    /// Reads to the end and keeps nothing.
    pub(super) async fn discard(&mut self) {
        let mut nowhere = tokio::io::sink();
        // A connection that breaks is at its end too.
        let _ = tokio::io::copy(&mut self.connection, &mut nowhere).await;
    }
}

impl Intake {
    /// A connection that is counted, and its count.
    pub(super) fn of<C>(connection: C, memory: &LargeRequests) -> (Counted<C>, Self) {
        let intake = Self(Arc::new(Mutex::new(Partial {
            memory: memory.clone(),
            bytes: 0,
            share: memory.share(),
            deadline: None,
        })));
        let counted = Counted {
            connection,
            intake: intake.clone(),
        };
        (counted, intake)
    }

    /// The share of a message that has come in whole; counting begins anew.
    pub(super) fn message(&self) -> Share {
        let mut partial = self.partial();
        partial.bytes = 0;
        partial.deadline = None;
        let none = partial.memory.share();
        std::mem::replace(&mut partial.share, none)
    }

    /// Takes a control frame off the count: it may come in the middle of a message and is kept nowhere.
    pub(super) fn control_frame(&self, payload: usize) {
        let mut partial = self.partial();
        partial.bytes = partial.bytes.saturating_sub(CONTROL_FRAME + payload);
    }

    fn partial(&self) -> MutexGuard<'_, Partial> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Partial {
    fn received(&mut self, bytes: usize) -> io::Result<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        self.share
            .grow(self.bytes)
            .map_err(|busy| io::Error::new(io::ErrorKind::OutOfMemory, busy))?;
        if self.share.is_held() && self.deadline.is_none() {
            self.deadline = Some(Box::pin(sleep(self.memory.timeout)));
        }
        Ok(())
    }

    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let Some(deadline) = &mut self.deadline else {
            return Poll::Pending;
        };
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(io::Error::new(
            io::ErrorKind::TimedOut,
            "message took too long",
        ))
    }
}

impl<C: AsyncRead + Unpin> AsyncRead for Counted<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.connection).poll_read(context, buffer) {
            Poll::Ready(Ok(())) => Poll::Ready(
                self.intake
                    .partial()
                    .received(buffer.filled().len() - before),
            ),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            // What has arrived in time counts, however late it is looked at.
            Poll::Pending => self.intake.partial().poll_deadline(context).map(Err),
        }
    }
}

impl<C: AsyncWrite + Unpin> AsyncWrite for Counted<C> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::super::large_requests::SMALL_REQUEST;
    use super::*;

    const LARGE: usize = SMALL_REQUEST + 8_192;

    /// A client, what the server reads of it, and its count, beside memory for one large message.
    fn connect(timeout: u64) -> (DuplexStream, Counted<DuplexStream>, Intake) {
        let memory = LargeRequests::new(8_192, Duration::from_millis(timeout));
        let (client, server) = duplex(2 * LARGE);
        let (counted, intake) = Intake::of(server, &memory);
        (client, counted, intake)
    }

    #[tokio::test]
    async fn a_message_gives_back_what_it_held_and_control_frames_hold_nothing() {
        let (mut client, mut server, intake) = connect(60_000);
        for _ in 0..3 {
            client.write_all(&[0; LARGE]).await.unwrap();
            server.read_exact(&mut [0; LARGE]).await.unwrap();
            intake.control_frame(LARGE - CONTROL_FRAME);
        }
        client.write_all(&[0; LARGE]).await.unwrap();
        server.read_exact(&mut [0; LARGE]).await.unwrap();
        let share = intake.message();
        assert!(share.is_held());
        client.write_all(&[0; LARGE]).await.unwrap();
        let busy = server.read_exact(&mut [0; LARGE]).await.unwrap_err();
        assert_eq!(busy.kind(), io::ErrorKind::OutOfMemory);
        drop(share);
        intake.message();
        client.write_all(&[0; LARGE]).await.unwrap();
        server.read_exact(&mut [0; LARGE]).await.unwrap();
    }

    #[tokio::test]
    async fn only_a_large_message_must_be_whole_in_time() {
        let (mut client, mut server, intake) = connect(20);
        let patience = Duration::from_millis(200);
        client.write_all(&[0; 10]).await.unwrap();
        let mut bytes = [0; LARGE + 1];
        let small = server.read_exact(&mut bytes[..11]);
        assert!(tokio::time::timeout(patience, small).await.is_err());
        intake.message();
        client.write_all(&[0; LARGE]).await.unwrap();
        let large = tokio::time::timeout(patience, server.read_exact(&mut bytes)).await;
        assert_eq!(large.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
