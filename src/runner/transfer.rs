//! Sends bytes to a store by addresses that it has signed. A store that is away, has a fault of its own or stops taking
//! bytes is tried again; what it refuses is not. It knows nothing of the daemon and of builds.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use reqwest::{Body, StatusCode};
use tokio_util::io::ReaderStream;

use super::client::{Backoff, CONNECT_LIMIT};
use crate::config::here;

const PIECE_BYTES: usize = 256 * 1024;
/// A store that takes no byte and gives no answer for so long is asked anew.
const STALL: Duration = Duration::from_secs(40);
/// How often within that time it is looked whether a byte was taken.
const LOOKS: u32 = 4;
/// What is read of a refusal.
const REFUSAL_BYTES: usize = 16 * 1024;

/// Why bytes were not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The store's explicit no, and its own word for it.
    #[error("the store refuses it ({status} {code})")]
    Refused { status: u16, code: String },
    #[error("the file can't be read: {0}")]
    Unreadable(#[from] io::Error),
}

/// Why one try has failed.
#[derive(Debug)]
enum Miss {
    /// It may go well a little later.
    Passing(String),
    Final(NotSent),
}

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub start: u64,
    pub length: u64,
}

/// Sends bytes to stores.
#[derive(Debug, Clone)]
pub struct Sender {
    http: reqwest::Client,
    stall: Duration,
}

impl Sender {
    /// For addresses like this one.
    pub fn to(url: &str) -> reqwest::Result<Self> {
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .user_agent(concat!("oore-runner/", env!("CARGO_PKG_VERSION")));
        if here(url).is_some() {
            http = http.no_proxy();
        }
        Ok(Self { http: http.build()?, stall: STALL })
    }

    /// Sends a stretch of a file until the store has it or refuses it. `open` opens the file, each time anew.
    pub async fn put(
        &self,
        url: &str,
        stretch: Stretch,
        open: impl Fn() -> io::Result<File>,
    ) -> Result<(), NotSent> {
        let mut backoff = Backoff::default();
        loop {
            match self.once(url, stretch, &open).await {
                Ok(()) => return Ok(()),
                Err(Miss::Final(error)) => return Err(error),
                Err(Miss::Passing(why)) => tracing::debug!("sending to the store again: {why}"),
            }
            backoff.pause().await;
        }
    }

    async fn once(
        &self,
        url: &str,
        stretch: Stretch,
        open: &impl Fn() -> io::Result<File>,
    ) -> Result<(), Miss> {
        let unreadable = |error: io::Error| Miss::Final(error.into());
        let mut file = open().map_err(unreadable)?;
        // What has become shorter would be a broken connection, each time anew.
        if file.metadata().map_err(unreadable)?.len() < stretch.start + stretch.length {
            return Err(unreadable(io::ErrorKind::UnexpectedEof.into()));
        }
        file.seek(SeekFrom::Start(stretch.start)).map_err(unreadable)?;
        let sent = Arc::new(AtomicU64::new(0));
        let request = self.http.put(url).header("content-length", stretch.length);
        let request = request.body(counted(file, stretch.length, sent.clone()));
        let answer = tokio::select! {
            answer = request.send() => answer.map_err(|error| Miss::Passing(error.without_url().to_string()))?,
            () = stalled(&sent, self.stall) => return Err(Miss::Passing("it takes no more bytes".to_owned())),
        };
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let code = tokio::time::timeout(self.stall, code_of(answer)).await.unwrap_or_default();
        if is_passing(status, &code) {
            return Err(Miss::Passing(format!("it answers {status} {code}")));
        }
        Err(Miss::Final(NotSent::Refused { status: status.as_u16(), code }))
    }
}

/// Ends when no byte was taken for so long.
async fn stalled(sent: &AtomicU64, limit: Duration) {
    let (mut before, mut quiet) = (sent.load(Ordering::Relaxed), 0);
    while quiet < LOOKS {
        tokio::time::sleep(limit / LOOKS).await;
        let now = sent.load(Ordering::Relaxed);
        quiet = if now == before { quiet + 1 } else { 0 };
        before = now;
    }
}

fn counted(file: File, length: u64, sent: Arc<AtomicU64>) -> Body {
    use tokio::io::AsyncReadExt;
    let stretch = tokio::fs::File::from_std(file).take(length);
    let pieces = ReaderStream::with_capacity(stretch, PIECE_BYTES).inspect(move |piece| {
        let length = piece.as_ref().map_or(0, Bytes::len) as u64;
        sent.fetch_add(length.max(1), Ordering::Relaxed);
    });
    Body::wrap_stream(pieces)
}

fn is_passing(status: StatusCode, code: &str) -> bool {
    status.is_server_error()
        || status == StatusCode::REQUEST_TIMEOUT
        || status == StatusCode::TOO_MANY_REQUESTS
        || matches!(code, "RequestTimeout" | "SlowDown" | "IncompleteBody")
}

/// The word that stores give as `<Code>` of an XML answer.
async fn code_of(mut answer: reqwest::Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > REFUSAL_BYTES {
            break;
        }
    }
    let text = String::from_utf8_lossy(&body);
    let code = text.split("<Code>").nth(1).and_then(|rest| rest.split("</Code>").next()).unwrap_or_default();
    code.chars().filter(char::is_ascii_alphanumeric).take(64).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    const WHOLE: Stretch = Stretch { start: 0, length: 4 };

    fn file() -> (tempfile::TempDir, impl Fn() -> io::Result<File>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "0123").unwrap();
        (folder, move || File::open(&path))
    }

    /// Reads a request to its end: to close with something unread would reset the connection, and lose the answer.
    fn request(connection: &mut TcpStream) -> String {
        let mut came = String::new();
        loop {
            let mut piece = [0; 1024];
            let length = connection.read(&mut piece).unwrap();
            came.push_str(std::str::from_utf8(&piece[..length]).unwrap());
            let Some((head, body)) = came.split_once("\r\n\r\n") else { continue };
            let expected = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            if expected.is_none_or(|expected| expected.parse::<usize>().unwrap() == body.len()) {
                return came;
            }
        }
    }

    /// Answers requests one after the other, then no more; tells what came.
    fn store(answers: Vec<&'static str>) -> (String, std::thread::JoinHandle<Vec<String>>) {
        crate::tls::install();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/b/k?sig=s3cret", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let mut came = Vec::new();
            for answer in answers {
                let (mut connection, _) = listener.accept().unwrap();
                came.push(request(&mut connection));
                connection.write_all(answer.as_bytes()).unwrap();
            }
            came
        });
        (url, serving)
    }

    #[tokio::test]
    async fn faults_pass_and_refusals_don_t() {
        let (_folder, open) = file();
        let fault =
            "HTTP/1.1 503 x\r\ncontent-length: 28\r\nconnection: close\r\n\r\n<Error><Code>SlowDown</Code>";
        let refusal = "HTTP/1.1 403 x\r\ncontent-length: 32\r\nconnection: close\r\n\r\n<Error><Code>AccessDenied</Code>";
        let (url, serving) = store(vec!["", fault, refusal]);
        let refused = Sender::to(&url).unwrap().put(&url, WHOLE, &open).await.unwrap_err();
        assert_eq!(refused.to_string(), "the store refuses it (403 AccessDenied)");
        assert_eq!(serving.join().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_store_that_goes_silent_is_asked_anew() {
        crate::tls::install();
        let (_folder, open) = file();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/b/k", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let silent = listener.accept().unwrap();
            let (mut connection, _) = listener.accept().unwrap();
            request(&mut connection);
            connection.write_all(b"HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\n").unwrap();
            drop(silent);
        });
        let sender = Sender { stall: Duration::from_millis(200), ..Sender::to(&url).unwrap() };
        sender.put(&url, WHOLE, &open).await.unwrap();
        serving.join().unwrap();
    }

    #[tokio::test]
    async fn a_stretch_is_sent_and_nothing_else() {
        let (_folder, open) = file();
        let (url, serving) = store(vec!["HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\n"]);
        let sender = Sender::to(&url).unwrap();
        sender.put(&url, Stretch { start: 1, length: 2 }, &open).await.unwrap();
        let came = serving.join().unwrap().remove(0);
        assert!(came.contains("content-length: 2\r\n"), "{came}");
    }
}
