//! The floor of HTTP: axum that answers the same bytes to everybody, as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::serve::ListenerExt;
use bytes::Bytes;

/// First argument that makes this program the bare server; the second is the file to answer.
pub const COMMAND: &str = "serve-bare";

/// A running bare server.
pub struct Bare {
    child: Child,
    pub address: SocketAddr,
}

impl Bare {
    /// Starts one that answers `body`, which it finds in a file of `folder`.
    pub fn start(folder: &Path, body: &[u8]) -> anyhow::Result<Self> {
        let file = folder.join("bare.json");
        std::fs::write(&file, body)?;
        let mut command = Command::new(std::env::current_exe()?);
        let mut child =
            command.arg(COMMAND).arg(file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { child, address: line.trim().parse().context("the bare server did not start")? })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The server itself: prints its address and serves until its input is closed.
pub fn serve(body: &str) -> anyhow::Result<()> {
    let body = Bytes::from(std::fs::read(body)?);
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let listener = listener.tap_io(|stream| {
            let _slower_without = stream.set_nodelay(true);
        });
        // What is sent is read to its end.
        let answer = move |_sent: Bytes| async move { ([(CONTENT_TYPE, "application/json")], body) };
        let parent_is_gone = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        tokio::select! {
            served = axum::serve(listener, Router::new().fallback(answer)) => served?,
            _ = parent_is_gone => {}
        }
        Ok(())
    })
}
