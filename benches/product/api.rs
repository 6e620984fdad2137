//! A signed-in client of one daemon and its live streams. What it reads is stamped on arrival, by a
//! task that does nothing else.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail, ensure};
use oored::runner::protocol::ATTEMPT_HEADER;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Longest wait for an event that should come soon.
const PATIENCE: Duration = Duration::from_secs(60);

/// The owner of an instance.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    address: SocketAddr,
    pub token: String,
}

impl Client {
    /// Signs in on the machine itself; on a fresh instance this finishes the set-up.
    pub async fn sign_in(address: SocketAddr) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
        let mut client = Self { http, address, token: String::new() };
        let session = client.post("/v1/auth/local/login", json!({})).await?;
        client.token = text(&session, "/session_token")?;
        Ok(client)
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.answer(self.http.get(self.url(path))).await
    }

    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.answer(self.http.post(self.url(path)).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.answer(self.http.put(self.url(path)).json(&body)).await
    }

    /// The same connections in another's name.
    pub fn with_token(&self, token: String) -> Self {
        Self { token, ..self.clone() }
    }

    /// Posts what has no answer worth reading, in the name of an attempt if there is one.
    pub async fn tell(&self, path: &str, attempt: Option<u64>, body: Value) -> anyhow::Result<()> {
        let mut request = self.http.post(self.url(path)).json(&body);
        if let Some(attempt) = attempt {
            request = request.header(ATTEMPT_HEADER, attempt);
        }
        self.send(request).await?.bytes().await?;
        Ok(())
    }

    pub async fn patch(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.answer(self.http.patch(self.url(path)).json(&body)).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        Ok(self.send(request).await?.json().await?)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> anyhow::Result<reqwest::Response> {
        let response = request.bearer_auth(&self.token).send().await?;
        let (status, url) = (response.status(), response.url().clone());
        if !status.is_success() {
            bail!("{url} answered {status}: {}", response.text().await?);
        }
        Ok(response)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Follows one of the live streams.
    pub async fn follow(&self, path: &str) -> anyhow::Result<Stream> {
        let response = self.send(self.http.get(self.url(path))).await?;
        let (tell, events) = mpsc::unbounded_channel();
        let reading = AbortOnDropHandle::new(tokio::spawn(read(response, tell)));
        Ok(Stream { events, _reading: reading })
    }
}

/// The text at a place of an answer.
pub fn text(answer: &Value, place: &str) -> anyhow::Result<String> {
    let found = answer.pointer(place).and_then(Value::as_str);
    Ok(found.with_context(|| format!("no {place} in {answer}"))?.to_owned())
}

/// An open stream.
pub struct Stream {
    events: mpsc::UnboundedReceiver<Event>,
    _reading: AbortOnDropHandle<()>,
}

/// One event.
#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub data: Value,
    pub at: SystemTime,
}

impl Stream {
    /// The next event; `None` when the server has ended the stream.
    pub async fn next(&mut self) -> anyhow::Result<Option<Event>> {
        tokio::time::timeout(PATIENCE, self.events.recv()).await.context("no event for a minute")
    }

    /// The next event of this name and build.
    pub async fn next_of(&mut self, name: &str, build: &str) -> anyhow::Result<Event> {
        loop {
            let event = self.next().await?.context("the stream has ended")?;
            if event.name == name && event.data["build_id"] == build {
                return Ok(event);
            }
        }
    }

    /// Waits for a status of a build; answers when the news came.
    pub async fn status(&mut self, build: &str, wanted: &str) -> anyhow::Result<SystemTime> {
        loop {
            let event = self.next_of("build", build).await?;
            let status = event.data["status"].as_str().unwrap_or_default();
            if status == wanted {
                return Ok(event.at);
            }
            ensure!(
                matches!(status, "queued" | "scheduled" | "assigned" | "running"),
                "the build has {status}"
            );
        }
    }
}

async fn read(mut response: reqwest::Response, tell: mpsc::UnboundedSender<Event>) {
    let mut text = Vec::new();
    while let Ok(Some(bytes)) = response.chunk().await {
        let at = SystemTime::now();
        text.extend_from_slice(&bytes);
        let mut whole = 0;
        while let Some(end) = text[whole..].windows(2).position(|two| two == b"\n\n") {
            let frame = String::from_utf8_lossy(&text[whole..whole + end]).into_owned();
            whole += end + 2;
            if let Some((name, data)) = parse(&frame)
                && tell.send(Event { name, data, at }).is_err()
            {
                return;
            }
        }
        text.drain(..whole);
    }
}

fn parse(frame: &str) -> Option<(String, Value)> {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Some((field("event")?.to_owned(), serde_json::from_str(field("data")?).ok()?))
}
