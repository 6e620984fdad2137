//! Clients that hold connections by sending next to nothing, or too much: let go within thirty seconds,
//! while everybody else is served.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Server;

const LIMIT: Duration = Duration::from_secs(30);

/// Sends `begin`, then a byte each second, until the server closes; answers what it said.
async fn trickle(address: String, begin: String) -> (Duration, String) {
    let begun = Instant::now();
    let (mut read, mut write) = TcpStream::connect(&address).await.unwrap().into_split();
    write.write_all(begin.as_bytes()).await.unwrap();
    let dripping = async {
        let mut second = tokio::time::interval(Duration::from_secs(1));
        loop {
            second.tick().await;
            if write.write_all(b"x").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut said = Vec::new();
    tokio::select! {
        () = dripping => {}
        _ = read.read_to_end(&mut said) => {}
    }
    (begun.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn heads_and_bodies_that_trickle_are_let_go_and_others_are_served() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    let head = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nX-Slow: ");
    let body = format!(
        "POST /v1/auth/local/login HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: 100000\r\n\r\n"
    );
    let mut slow = tokio::task::JoinSet::new();
    for n in 0..200 {
        let begin = if n % 2 == 0 { head.clone() } else { body.clone() };
        slow.spawn(trickle(address.clone(), begin));
    }
    while let Some(let_go) = slow.join_next().await {
        let (after, said) = let_go.unwrap();
        assert!(after < LIMIT, "{after:?}: {said}");
        assert!(!said.starts_with("HTTP/1.1 2"), "{said}");
        owner.get("/v1/users/me").await.ok();
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_the_connection_closed() {
    let server = Server::start().await;
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    // More than the limit by any reading of it, and much less than the HTTP library would take by itself.
    for (bytes, served) in [(32 << 10, true), (192 << 10, false), (1 << 20, false)] {
        let mut socket = TcpStream::connect(&address).await.unwrap();
        let large = "x".repeat(bytes);
        let head = format!(
            "GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Large: {large}\r\n\r\n"
        );
        let _closed_meanwhile = socket.write_all(head.as_bytes()).await;
        let mut said = Vec::new();
        let _reset = socket.read_to_end(&mut said).await;
        let said = String::from_utf8_lossy(&said);
        let refused = said.is_empty() || said.starts_with("HTTP/1.1 431");
        assert_eq!(said.starts_with("HTTP/1.1 200"), served, "{bytes}: {said}");
        assert_eq!(refused, !served, "{bytes}: {said}");
    }
    server.anonymous().get("/healthz").await.ok();
}
