//! Something between a runner and its daemon that can begin to answer by itself, as a proxy does whose
//! backend it has lost, whose certificate has run out, or who asks for a sign-in.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::task::AbortOnDropHandle;

/// A listener that passes bytes on, or answers `answer`.
pub struct GoBetween {
    pub base: String,
    answer: watch::Sender<Option<&'static str>>,
    answered: Arc<Semaphore>,
    _serving: AbortOnDropHandle<()>,
}

impl GoBetween {
    pub async fn before(base: &str) -> Self {
        let target: SocketAddr = base.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (answer, wanted) = watch::channel(None);
        let answered = Arc::new(Semaphore::new(0));
        let count = answered.clone();
        let serving = AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(client, target, wanted.clone(), count.clone()));
            }
        }));
        Self { base, answer, answered, _serving: serving }
    }

    /// From now on answers this to everybody, and cuts what is open.
    pub fn answer(&self, text: &'static str) {
        self.answer.send_replace(Some(text));
    }

    /// Passes everything on again.
    pub fn step_aside(&self) {
        self.answer.send_replace(None);
    }

    /// Waits until so many requests were answered.
    pub async fn has_answered(&self, count: u32) {
        self.answered.acquire_many(count).await.unwrap().forget();
    }
}

async fn serve(
    mut client: TcpStream,
    target: SocketAddr,
    mut wanted: watch::Receiver<Option<&'static str>>,
    answered: Arc<Semaphore>,
) {
    let own = *wanted.borrow_and_update();
    let Some(text) = own else {
        let Ok(mut server) = TcpStream::connect(target).await else { return };
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => {}
            _ = wanted.changed() => {}
        }
        return;
    };
    let mut request = [0; 4096];
    let _ = client.read(&mut request).await;
    answered.add_permits(1);
    let _ = client.write_all(text.as_bytes()).await;
}

/// A whole answer.
pub const FORBIDDEN_PAGE: &str = "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 22\r\n\
                                  connection: close\r\n\r\n<h1>403 Forbidden</h1>";
pub const NOT_FOUND_JSON: &str = "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\n\
                                  content-length: 21\r\nconnection: close\r\n\r\n{\"error\":\"not found\"}";
pub const PORTAL_PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\
                               content-length: 14\r\nconnection: close\r\n\r\n<h1>Hello</h1>";
