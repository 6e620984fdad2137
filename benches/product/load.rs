//! A load of eight connections that ask again as soon as they are answered. It speaks just enough
//! HTTP/1.1 that the client takes little of what is measured.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::samples::middle;

const CONNECTIONS: usize = 8;
const WARM_UP: Duration = Duration::from_millis(300);
const ROUND: Duration = Duration::from_secs(1);
const ROUNDS: usize = 3;

/// A GET request that is sent again and again.
#[derive(Debug, Clone)]
pub struct Target {
    address: SocketAddr,
    request: String,
}

impl Target {
    pub fn new(address: SocketAddr, path: &str, token: &str) -> Self {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n");
        Self { address, request }
    }

    /// The same request to somebody else.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, request: self.request.clone() }
    }

    /// The body of one answer.
    pub async fn body(&self) -> anyhow::Result<Vec<u8>> {
        let mut connection = Connection::open(self.address).await?;
        let length = connection.ask(&self.request).await?;
        let start = connection.buffer.len() - length;
        Ok(connection.buffer.split_off(start))
    }
}

/// Answers per second of both, in turns, so that what else the machine does hits both.
pub async fn compare(product: &Target, floor: &Target) -> anyhow::Result<(f64, f64)> {
    rate(product, WARM_UP).await?;
    rate(floor, WARM_UP).await?;
    let (mut of_product, mut of_floor) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_product.push(rate(product, ROUND).await?);
        of_floor.push(rate(floor, ROUND).await?);
    }
    Ok((middle(of_product), middle(of_floor)))
}

async fn rate(target: &Target, time: Duration) -> anyhow::Result<f64> {
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        open.push(Connection::open(target.address).await?);
    }
    let began = Instant::now();
    let mut asking = JoinSet::new();
    for mut connection in open {
        let request = target.request.clone();
        asking.spawn(async move {
            let mut answers = 0_u32;
            while began.elapsed() < time {
                connection.ask(&request).await?;
                answers += 1;
            }
            anyhow::Ok(answers)
        });
    }
    let mut answers = 0;
    while let Some(done) = asking.join_next().await {
        answers += done??;
    }
    Ok(f64::from(answers) / began.elapsed().as_secs_f64())
}

/// One connection that is kept.
pub struct Connection {
    stream: TcpStream,
    /// The answer being read: head and body.
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(256 * 1024) })
    }

    /// Sends the request and reads the whole answer; tells the length of its body.
    pub async fn ask(&mut self, request: &str) -> anyhow::Result<usize> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let (head, length) = loop {
            self.more().await?;
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break (end + 4, content_length(&self.buffer[..end])?);
            }
        };
        while self.buffer.len() < head + length {
            self.more().await?;
        }
        Ok(length)
    }

    async fn more(&mut self) -> anyhow::Result<()> {
        ensure!(self.stream.read_buf(&mut self.buffer).await? > 0, "the server closed the connection");
        Ok(())
    }
}

fn content_length(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head)?;
    if !head.starts_with("HTTP/1.1 200 ") {
        bail!("the server answered {head}");
    }
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let length = fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Ok(length.context("an answer without length")?.1.trim().parse()?)
}
