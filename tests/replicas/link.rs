//! A way to a server that can be cut.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes on what comes, until it is cut: then nothing more comes through, and nobody is told.
pub struct Link {
    pub port: u16,
    whole: Arc<watch::Sender<bool>>,
}

impl Link {
    pub async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let whole = Arc::new(watch::Sender::new(true));
        let state = Arc::clone(&whole);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let state = state.subscribe();
                tokio::spawn(async move {
                    if !*state.borrow() {
                        // Its packets are lost.
                        becomes(&state, true).await;
                        return;
                    }
                    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
                        return;
                    };
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::join!(
                        pass(from_client, to_server, state.clone()),
                        pass(from_server, to_client, state)
                    );
                });
            }
        });
        Self { port, whole }
    }

    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// New connections come through again; those of before break.
    pub fn heal(&self) {
        self.whole.send_replace(true);
    }
}

async fn becomes(state: &watch::Receiver<bool>, whole: bool) {
    let _ = state.clone().wait_for(|now| *now == whole).await;
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: watch::Receiver<bool>) {
    let mut chunk = vec![0; 64 * 1024];
    loop {
        tokio::select! {
            biased;
            () = becomes(&state, false) => return becomes(&state, true).await,
            read = from.read(&mut chunk) => match read {
                Ok(0) | Err(_) => return,
                Ok(read) => if to.write_all(&chunk[..read]).await.is_err() {
                    return;
                },
            }
        }
    }
}
