//! A network that works one way only: what the runner says arrives, what the daemon answers does not. Made of real
//! connections; it knows nothing of what is said over them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// A listener that passes bytes on, and drops those that come back when it is told to.
pub struct OneWay {
    pub base: String,
    cut: watch::Sender<bool>,
    lost: Arc<AtomicU64>,
    _serving: AbortOnDropHandle<()>,
}

impl OneWay {
    pub async fn before(base: &str) -> Self {
        let target: SocketAddr = base.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (cut, told) = watch::channel(false);
        let lost = Arc::new(AtomicU64::new(0));
        let count = lost.clone();
        let serving = AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(client, target, told.clone(), count.clone()));
            }
        }));
        Self { base, cut, lost, _serving: serving }
    }

    /// From now on no answer arrives.
    pub fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// Answers arrive again; connections that have lost some are closed, as a network closes them.
    pub fn heal(&self) {
        self.cut.send_replace(false);
    }

    /// How many bytes of answers were lost.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::SeqCst)
    }
}

async fn serve(mut client: TcpStream, target: SocketAddr, told: watch::Receiver<bool>, lost: Arc<AtomicU64>) {
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    let (mut from_client, to_client) = client.split();
    let (from_server, mut to_server) = server.split();
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        () = answers(from_server, to_client, told, lost) => {}
    }
}

async fn answers(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut told: watch::Receiver<bool>,
    lost: Arc<AtomicU64>,
) {
    let (mut bytes, mut is_broken) = (vec![0; 16 * 1024], false);
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            changed = told.changed() => {
                let is_over = changed.is_err() || (is_broken && !*told.borrow_and_update());
                if is_over { return } else { continue }
            }
        };
        let Ok(length @ 1..) = read else { return };
        if *told.borrow() {
            lost.fetch_add(length as u64, Ordering::SeqCst);
            is_broken = true;
        } else if is_broken || to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
