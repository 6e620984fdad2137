//! How many connections there may be: real sockets take every seat, and whoever asks for something is served.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::server::own_address;
use crate::support::{Repository, Server};

const MOST: &str = "64";

fn port(server: &Server) -> u16 {
    server.app.config.listen.port()
}

/// A connection that has sent this and waits.
async fn connection(host: std::net::IpAddr, server: &Server, begin: &str) -> TcpStream {
    let mut socket = TcpStream::connect((host, port(server))).await.unwrap();
    socket.write_all(begin.as_bytes()).await.unwrap();
    socket
}

/// What the daemon says until it closes.
async fn last_words(socket: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(10), socket.read_to_end(&mut said)).await;
    let _reset = closed.expect("the connection is closed");
    String::from_utf8_lossy(&said).into_owned()
}

/// Whether the daemon has closed it by now.
fn is_closed(socket: &TcpStream) -> bool {
    !matches!(socket.try_read(&mut [0; 16]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

/// Waits until no more of them are open than that.
async fn at_most(most: usize, sockets: &[TcpStream]) {
    let closing = async {
        while sockets.iter().filter(|socket| !is_closed(socket)).count() > most {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), closing).await.expect("the others are closed");
}

#[tokio::test]
async fn the_longest_idle_makes_room_and_whoever_asks_is_served() {
    let server = Server::start_with(&["--max-connections", MOST]).await;
    let owner = server.owner().await;
    let here = std::net::Ipv4Addr::LOCALHOST.into();
    let mut begun = Vec::new();
    for n in 0..200 {
        let host = format!("127.0.0.1:{}", port(&server));
        let head = format!("POST /v1/auth/local/login HTTP/1.1\r\nHost: {host}\r\n");
        let body = format!("{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{");
        // Nothing, a part of a head, a part of a body.
        begun.push(connection(here, &server, ["", &head, &body][n % 3]).await);
        if n % 50 == 0 {
            owner.get("/v1/users/me").await.ok();
            server.anonymous().get("/healthz").await.ok();
        }
    }
    assert_eq!(last_words(&mut begun[0]).await, "");
    at_most(64, &begun).await;
    assert!(!is_closed(begun.last().unwrap()), "the newest stays");
}

#[tokio::test]
async fn who_is_served_is_not_cut_and_when_all_are_the_next_one_hears_so() {
    let server = Server::start_with(&["--max-connections", MOST]).await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let mut streams = Vec::new();
    for _ in 0..64 {
        let stream = owner.request(Method::GET, "/v1/events").send().await.unwrap();
        assert_eq!(stream.status(), 200);
        streams.push(stream);
    }
    let mut refused = connection(std::net::Ipv4Addr::LOCALHOST.into(), &server, "").await;
    let said = last_words(&mut refused).await;
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("too_many_connections"), "{said}");
    drop(streams.pop());
    // The seat is free as soon as the daemon has noticed.
    let created = async {
        let body = json!({"name": "Shop", "local_repository_path": repository.path()});
        let create = || owner.request(Method::POST, "/v1/projects").json(&body).send();
        while create().await.map_or(true, |answer| answer.status() != 201) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), created).await.expect("there is room again");
    for stream in &mut streams {
        let heard = async {
            let mut text = String::new();
            while !text.contains("event: project") {
                let chunk = stream.chunk().await.unwrap().expect("a stream goes on");
                text.push_str(&String::from_utf8_lossy(&chunk));
            }
        };
        tokio::time::timeout(Duration::from_secs(20), heard).await.expect("a stream goes on");
    }
}

#[tokio::test]
async fn another_machine_cannot_take_the_seats_of_this_one() {
    let server = Server::start_with(&["--max-connections", MOST, "--listen", "0.0.0.0:0"]).await;
    let owner = server.owner().await;
    let here = std::net::Ipv4Addr::LOCALHOST.into();
    let mut ours = connection(here, &server, "").await;
    let mut theirs = Vec::new();
    for _ in 0..300 {
        theirs.push(connection(own_address(), &server, "").await);
    }
    owner.get("/v1/users/me").await.ok();
    server.elsewhere().get("/healthz").await.ok();
    assert!(!is_closed(&ours), "it was there first, and from this machine");
    let request =
        format!("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", port(&server));
    ours.write_all(request.as_bytes()).await.unwrap();
    assert!(last_words(&mut ours).await.starts_with("HTTP/1.1 200"));
    at_most(16, &theirs).await;
    owner.post("/v1/auth/logout", json!({})).await.ok();
}
