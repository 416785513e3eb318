//! Connections on their way in: bounded in number, and only those that say something.
//!
//! Strangers who connect and stay silent would otherwise hold a file descriptor each until none is left for callers. So a
//! connection is handed on only when its first bytes are there, within ten seconds; at most [`CONNECTIONS_MAX`] are open at
//! once; and where the system has no descriptor left, accepting pauses and says so instead of spinning.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::{Connected, TcpConnectInfo};

/// Connections that may be open at once.
const CONNECTIONS_MAX: usize = 4096;
/// The longest that a peer may take to say who it is.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// HTTP/2 begins with these many bytes, and a TLS greeting is longer.
const OPENING_BYTES: usize = 24;
/// How often an opening that comes in pieces is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long accepting pauses when it fails.
const PAUSE: Duration = Duration::from_millis(250);

/// A connection; its place is free again when it is dropped.
pub struct Peer {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

/// Connections that have said something, until the listener's receiver is dropped.
pub fn incoming(listener: TcpListener) -> impl Stream<Item = io::Result<Peer>> {
    let (ready, peers) = mpsc::channel(64);
    tokio::spawn(async move {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = places.clone().acquire_owned().await else {
                return;
            };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = ready.closed() => return,
            };
            match accepted {
                Ok((stream, _)) => {
                    let ready = ready.clone();
                    tokio::spawn(async move {
                        if let Ok(Ok(())) = timeout(SILENCE_MAX, opening(&stream)).await {
                            let _ = stream.set_nodelay(true);
                            // An error means that nobody listens any more.
                            let _ = ready
                                .send(Ok(Peer {
                                    stream,
                                    _place: place,
                                }))
                                .await;
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted; waiting a moment");
                    sleep(PAUSE).await;
                }
            }
        }
    });
    ReceiverStream::new(peers)
}

/// Waits for the bytes with which every conversation begins; leaves them where they are.
async fn opening(stream: &TcpStream) -> io::Result<()> {
    let mut bytes = [0; OPENING_BYTES];
    loop {
        match stream.peek(&mut bytes).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            OPENING_BYTES => return Ok(()),
            _ => sleep(LOOK_EVERY).await,
        }
    }
}

impl Connected for Peer {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Peer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Peer {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn whoever_speaks_is_heard_past_those_who_are_silent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut peers = Box::pin(incoming(listener));
        let silent = TcpStream::connect(address).await.unwrap();
        let mut halting = TcpStream::connect(address).await.unwrap();
        halting.write_all(b"PRI * HTTP").await.unwrap();
        let mut speaking = TcpStream::connect(address).await.unwrap();
        speaking
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .await
            .unwrap();

        let mut heard = peers.next().await.unwrap().unwrap();
        let mut said = [0; OPENING_BYTES];
        heard.read_exact(&mut said).await.unwrap();
        assert!(
            said.starts_with(b"PRI"),
            "what was looked at is still there"
        );
        assert_eq!(
            heard.stream.peer_addr().unwrap(),
            speaking.local_addr().unwrap()
        );

        halting.write_all(b"/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        let late = peers.next().await.unwrap().unwrap();
        assert_eq!(
            late.stream.peer_addr().unwrap(),
            halting.local_addr().unwrap()
        );
        drop(silent);
    }

    #[tokio::test(start_paused = true)]
    async fn who_stays_silent_is_let_go() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let _peers = Box::pin(incoming(listener));
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut nothing = [0; 1];
        let read = timeout(SILENCE_MAX * 2, silent.read(&mut nothing)).await;
        assert_eq!(read.unwrap().unwrap(), 0, "the connection was closed");
    }
}
