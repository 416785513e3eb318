//! What stands between a client and its server: an address that leads to one server and later to another, and a firewall that
//! forgets who was talking.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// An address of its own.
pub struct Relay {
    /// Where it is.
    pub address: SocketAddr,
    target: Arc<Mutex<SocketAddr>>,
}

impl Relay {
    /// One that leads there.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::new(Mutex::new(target));
        let leads = target.clone();
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let target = *leads.lock().unwrap();
                tokio::spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(target).await {
                        // However it ends, it is an end of both.
                        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self { address, target }
    }

    /// From now on it leads there.
    pub fn leads_to(&self, target: SocketAddr) {
        *self.target.lock().unwrap() = target;
    }
}

/// An address before a server's socket. Whatever is said through it can be swallowed from some moment on: neither side hears
/// anything any more, not even that the other is gone.
pub struct Firewall {
    /// Where it is.
    pub address: SocketAddr,
    swallows: watch::Sender<bool>,
}

impl Firewall {
    /// One before this socket, which lets everything through.
    pub async fn before(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let swallows = watch::Sender::new(false);
        let swallowing = swallows.subscribe();
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let (socket, mut swallowing) = (socket.clone(), swallowing.clone());
                tokio::spawn(async move {
                    let Ok(mut server) = UnixStream::connect(socket).await else {
                        return;
                    };
                    let both = tokio::io::copy_bidirectional(&mut client, &mut server);
                    let swallowed = tokio::select! {
                        biased;
                        swallowed = swallowing.wait_for(|is_so| *is_so) => swallowed.is_ok(),
                        _ = both => false,
                    };
                    if swallowed {
                        // held open for good: whoever is swallowed once is never let through again
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { address, swallows }
    }

    /// Forgets every connection, and swallows what comes until it is told to let new ones through.
    pub fn swallows(&self, is_so: bool) {
        self.swallows.send_replace(is_so);
    }
}
