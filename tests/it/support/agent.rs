//! A runner worked by hand: it speaks either protocol and does only what a test tells it.

use oored::domain::log::{Frame, LogStream};
use oored::runner::protocol::{artifact_type_of, encode_frame};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Client};

/// A registered runner and its token.
#[derive(Debug, Clone)]
pub struct Agent {
    pub client: Client,
    pub id: String,
    pub protocol: i64,
}

impl Agent {
    pub async fn register(owner: &Client, name: &str, protocol: i64) -> Self {
        let capabilities = json!({"os": "linux", "arch": "x86_64", "protocol_version": protocol});
        Self::with(owner, name, capabilities, &[]).await
    }

    /// One that says this of itself and has these labels.
    pub async fn with(owner: &Client, name: &str, capabilities: Value, labels: &[&str]) -> Self {
        let protocol = capabilities["protocol_version"].as_i64().unwrap();
        let body = json!({"name": name, "capabilities": capabilities, "labels": labels});
        let made = owner.post("/v1/runners/register", body).await.ok();
        let client = owner.with_token(made["token"].as_str().unwrap());
        let agent = Self { client, id: made["runner"]["id"].as_str().unwrap().to_owned(), protocol };
        agent.beat("online").await.expect(204);
        agent
    }

    pub async fn beat(&self, status: &str) -> Answer {
        let path = format!("/v1/runners/{}/heartbeat", self.id);
        self.client.post(&path, json!({"status": status, "capabilities": {}})).await
    }

    pub async fn try_claim(&self, wait_seconds: u64) -> Answer {
        let path = format!("/v1/runners/{}/claim", self.id);
        self.client
            .post(&path, json!({"protocol_version": self.protocol, "wait_seconds": wait_seconds}))
            .await
    }

    /// Asks for work while it works on these jobs.
    pub async fn try_claim_beside(&self, jobs: &[&Value], wait_seconds: u64) -> Answer {
        let path = format!("/v1/runners/{}/claim", self.id);
        let held = |job: &&Value| json!({"build_id": job["build_id"], "attempt": job["attempt"]});
        let holds: Vec<Value> = jobs.iter().map(held).collect();
        let body = json!({"protocol_version": self.protocol, "wait_seconds": wait_seconds, "holds": holds});
        self.client.post(&path, body).await
    }

    /// A job; fails if there is none.
    pub async fn claim(&self) -> Value {
        let job = self.try_claim(0).await.ok()["job"].clone();
        assert!(job.is_object(), "there is no job");
        job
    }

    /// Claims and begins.
    pub async fn begin(&self) -> Value {
        let job = self.claim().await;
        self.report(&job, json!({"status": "running"})).await.ok();
        job
    }

    pub fn path(&self, job: &Value, rest: &str) -> String {
        format!("/v1/runners/{}/jobs/{}{rest}", self.id, job["build_id"].as_str().unwrap())
    }

    /// A request about a job; names the attempt if the protocol does.
    pub fn about(&self, method: Method, job: &Value, rest: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, &self.path(job, rest));
        match self.protocol {
            5 => request.header("x-oore-attempt", job["attempt"].to_string()),
            _ => request,
        }
    }

    pub async fn post(&self, job: &Value, rest: &str, body: Value) -> Answer {
        self.client.send(self.about(Method::POST, job, rest).json(&body)).await
    }

    pub async fn report(&self, job: &Value, body: Value) -> Answer {
        self.post(job, "/status", body).await
    }

    pub async fn status(&self, job: &Value) -> Answer {
        self.client.send(self.about(Method::GET, job, "")).await
    }

    /// Sends frames of protocol 5, the first of which has the sequence `from`.
    pub async fn frames(&self, job: &Value, from: u64, frames: &[Frame]) -> Answer {
        let mut body = Vec::new();
        frames.iter().for_each(|frame| encode_frame(frame, &mut body));
        let request = self.about(Method::POST, job, &format!("/log-frames?from={from}"));
        self.client.send(request.header("content-type", "application/octet-stream").body(body)).await
    }

    /// Sends lines of protocol 4.
    pub async fn lines(&self, job: &Value, from: i64, lines: &[&str]) -> Answer {
        let chunk =
            |(n, line): (i64, &&str)| json!({"sequence": from + n, "content": line, "stream": "stdout"});
        let chunks: Vec<Value> = (0..).zip(lines).map(chunk).collect();
        self.post(job, "/logs", json!({ "chunks": chunks })).await
    }

    /// Announces, uploads and completes an artifact; answers it.
    pub async fn store(&self, job: &Value, name: &str, content: &[u8]) -> Value {
        let announced = self.announce(job, name, content).await;
        self.put(&announced, content.to_vec()).await.expect(200);
        let rest = format!("/artifacts/{}/complete", announced["artifact"]["id"].as_str().unwrap());
        self.post(job, &rest, json!({})).await.ok()["artifact"].clone()
    }

    pub async fn announce(&self, job: &Value, name: &str, content: &[u8]) -> Value {
        use sha2::Digest;
        let checksum = format!("{:x}", sha2::Sha256::digest(content));
        let body = json!({"name": name, "artifact_type": artifact_type_of(name), "file_size": content.len(),
            "checksum": checksum});
        self.post(job, "/artifacts", body).await.ok()
    }

    /// Sends bytes to an announced address, at the server itself whatever its public address is.
    pub async fn put(&self, announced: &Value, content: impl Into<reqwest::Body>) -> Answer {
        let url: reqwest::Url = announced["upload_url"].as_str().unwrap().parse().unwrap();
        let here = format!("{}{}", self.client.base, url.path());
        self.client.send(self.client.http.put(here).body(content)).await
    }
}

/// A line of standard output.
pub fn frame(step: u16, content: impl AsRef<[u8]>) -> Frame {
    Frame {
        stream: LogStream::Stdout,
        newline: true,
        step,
        at_ms: 1_700_000_000_000,
        content: content.as_ref().to_vec(),
    }
}

/// The marker that begins a step.
pub fn marker(step: u16, name: &str) -> Frame {
    frame(step, format!(r#"[oore-step] {{"event":"start","name":"{name}","command":"true"}}"#))
}
