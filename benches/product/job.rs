//! A build that is worked by hand, the file that it stores again and again, and the way back.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_util::io::ReaderStream;

use super::api::{Client, text};
use super::scene::Scene;

/// A job of a runner that is worked by hand, and the file that it stores again and again.
pub struct Job {
    runner: Client,
    path: String,
    file: PathBuf,
    bytes: u64,
    checksum: String,
    http: reqwest::Client,
}

impl Job {
    pub async fn begin(scene: &Scene, file: PathBuf) -> anyhow::Result<Self> {
        scene.trigger().await?;
        let body = json!({"name": "bench", "capabilities": {"protocol_version": 4}});
        let registered = scene.client.post("/v1/runners/register", body).await?;
        let (id, token) = (text(&registered, "/runner/id")?, text(&registered, "/token")?);
        let runner = scene.client.with_token(token);
        let claim = json!({"protocol_version": 4, "wait_seconds": 5});
        let claimed = runner.post(&format!("/v1/runners/{id}/claim"), claim).await?;
        let path = format!("/v1/runners/{id}/jobs/{}", text(&claimed, "/job/build_id")?);
        runner.post(&format!("{path}/status"), json!({"status": "running"})).await?;
        let mut hash = Sha256::new();
        std::io::copy(&mut File::open(&file)?, &mut hash)?;
        let checksum = format!("{:x}", hash.finalize());
        let bytes = file.metadata()?.len();
        Ok(Self { runner, path, file, bytes, checksum, http: reqwest::Client::builder().no_proxy().build()? })
    }

    /// Announces, sends and completes; answers the rate and the artifact.
    pub async fn upload(&self, name: &str) -> anyhow::Result<(f64, String)> {
        let body = json!({
            "name": name, "artifact_type": "generic", "file_size": self.bytes, "checksum": self.checksum,
        });
        let began = Instant::now();
        let announced = self.runner.post(&format!("{}/artifacts", self.path), body).await?;
        self.put(&text(&announced, "/upload_url")?).await?;
        let id = text(&announced, "/artifact/id")?;
        let completed: Value =
            self.runner.post(&format!("{}/artifacts/{id}/complete", self.path), json!({})).await?;
        ensure!(completed["artifact"]["state"] == "available", "{completed}");
        Ok((self.rate(began), id))
    }

    pub async fn put(&self, url: &str) -> anyhow::Result<()> {
        let file = tokio::fs::File::open(&self.file).await?;
        let body = reqwest::Body::wrap_stream(ReaderStream::with_capacity(file, 256 * 1024));
        self.http
            .put(url)
            .header("content-length", self.bytes)
            .body(body)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    pub async fn fetch(&self, url: &str, into: &Path) -> anyhow::Result<f64> {
        let mut file = File::create(into)?;
        let began = Instant::now();
        let mut response = self.http.get(url).send().await?.error_for_status()?;
        let mut received = 0;
        while let Some(bytes) = response.chunk().await? {
            file.write_all(&bytes)?;
            received += bytes.len() as u64;
        }
        ensure!(received == self.bytes, "{received} bytes came");
        Ok(self.rate(began))
    }

    /// A plain copy of the file that is synced, the floor of an upload: `dd`, because `cat` and `cp` may share blocks
    /// instead of copying them. Answers the rate.
    pub fn copy(&self, to: &Path) -> anyhow::Result<f64> {
        let (from, into) = (format!("if={}", self.file.display()), format!("of={}", to.display()));
        let began = Instant::now();
        let done =
            Command::new("dd").args([from, into, "bs=262144".to_owned()]).stderr(Stdio::null()).status();
        ensure!(done.context("dd")?.success(), "dd failed");
        File::open(to)?.sync_all()?;
        Ok(self.rate(began))
    }

    /// The file fetched from a thread that knows nothing but it, the floor of a download. Answers the rate.
    pub async fn fetch_plain(&self, into: &Path) -> anyhow::Result<f64> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}/", listener.local_addr()?);
        let (mut file, bytes) = (File::open(&self.file)?, self.bytes);
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept()?;
            let _head = stream.read(&mut [0; 4096])?;
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {bytes}\r\nconnection: close\r\n\r\n")?;
            // Where there is sendfile, this is it.
            std::io::copy(&mut file, &mut stream)
        });
        let rate = self.fetch(&url, into).await?;
        served.join().map_err(|_| anyhow::anyhow!("the plain server failed"))??;
        Ok(rate)
    }

    /// Bytes per second if all of the file took this long.
    pub fn rate(&self, began: Instant) -> f64 {
        self.bytes as f64 / began.elapsed().as_secs_f64()
    }
}

/// The address an artifact is fetched from, without signing in.
pub async fn link(scene: &Scene, artifact: &str) -> anyhow::Result<String> {
    let made = scene.client.post(&format!("/v1/artifacts/{artifact}/download-link"), json!({})).await?;
    text(&made, "/download_url")
}
