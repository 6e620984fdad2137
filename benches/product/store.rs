//! Artifacts up and down: by way of the daemon beside `cat` of one file into another, and by way of a real S3 server
//! beside the same bytes sent and fetched there without the product.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use aws_sdk_s3::config::{Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::presigning::PresigningConfig;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio_util::io::ReaderStream;

use super::api::{Client, text};
use super::program::{Builds, scratch};
use super::samples::middle;
use super::scene::Scene;
use super::table::{Amount, Row, Table};

const BYTES: u64 = 256 * 1024 * 1024;
const ROUNDS: usize = 3;
const WEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.tools/weed-4.48");
const BUCKET: &str = "bench";

pub async fn measure() -> anyhow::Result<Table> {
    let scene = Scene::open(Builds::ByNobody, "true").await?;
    let file = scene.folder.path().join("app.bin");
    let made =
        Command::new("head").args(["-c", &BYTES.to_string(), "/dev/urandom"]).stdout(File::create(&file)?);
    ensure!(made.status()?.success(), "head failed");
    let mut job = Job::begin(&scene, file).await?;
    let mut table = Table::default();
    job.through_the_daemon(&scene, &mut table).await?;
    if !Path::new(WEED).exists() {
        anyhow::bail!("there is no S3 server: make s3");
    }
    let store = Store::start().await?;
    job.through_the_store(&scene, &store, &mut table).await?;
    Ok(table)
}

/// A job of a runner that is worked by hand, and the file that it stores again and again.
struct Job {
    runner: Client,
    path: String,
    file: PathBuf,
    checksum: String,
    http: reqwest::Client,
}

impl Job {
    async fn begin(scene: &Scene, file: PathBuf) -> anyhow::Result<Self> {
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
        Ok(Self { runner, path, file, checksum, http: reqwest::Client::builder().no_proxy().build()? })
    }

    async fn through_the_daemon(&mut self, scene: &Scene, table: &mut Table) -> anyhow::Result<()> {
        let (got, copied) = (scene.folder.path().join("got"), scene.folder.path().join("copied"));
        let (mut up, mut down, mut copies) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let (rate, artifact) = self.upload(&format!("daemon-{round}")).await?;
            up.push(rate);
            down.push(self.fetch(&link(scene, &artifact).await?, &got).await?);
            copies.push(copy(&self.file, &copied)?);
        }
        let floor = Amount::BytesPerSecond(middle(copies));
        let rows = [("artifact upload, hashed and synced", up, 0.7), ("artifact download", down, 0.8)];
        for (name, rates, least) in rows {
            let row = Row::new(format!("{name}, 256 MiB"), Amount::BytesPerSecond(middle(rates)));
            table.add(row.floor("cat file > file", floor).ratio_at_least(least));
        }
        Ok(())
    }

    async fn through_the_store(
        &mut self,
        scene: &Scene,
        store: &Store,
        table: &mut Table,
    ) -> anyhow::Result<()> {
        let settings = json!({
            "provider": "s3", "s3_bucket": BUCKET, "s3_endpoint": store.endpoint,
            "access_key_id": "bench", "secret_access_key": "bench",
        });
        scene.client.put("/v1/settings/artifact-storage", settings).await?;
        let got = scene.folder.path().join("got");
        let (mut up, mut down, mut direct_up, mut direct_down) = (vec![], vec![], vec![], vec![]);
        for round in 0..ROUNDS {
            let began = Instant::now();
            self.put(&store.address(Direction::In, round).await?).await?;
            direct_up.push(BYTES as f64 / began.elapsed().as_secs_f64());
            direct_down.push(self.fetch(&store.address(Direction::Out, round).await?, &got).await?);
            let (rate, artifact) = self.upload(&format!("store-{round}")).await?;
            up.push(rate);
            down.push(self.fetch(&link(scene, &artifact).await?, &got).await?);
        }
        let rows = [("upload to S3, read back", up, direct_up), ("download from S3", down, direct_down)];
        for (name, rates, floor) in rows {
            let row = Row::new(format!("artifact {name}, 256 MiB"), Amount::BytesPerSecond(middle(rates)));
            table.add(row.floor("the same without Oore CI", Amount::BytesPerSecond(middle(floor))));
        }
        Ok(())
    }

    /// Announces, sends and completes; answers the rate and the artifact.
    async fn upload(&self, name: &str) -> anyhow::Result<(f64, String)> {
        let body = json!({
            "name": name, "artifact_type": "generic", "file_size": BYTES, "checksum": self.checksum,
        });
        let began = Instant::now();
        let announced = self.runner.post(&format!("{}/artifacts", self.path), body).await?;
        self.put(&text(&announced, "/upload_url")?).await?;
        let id = text(&announced, "/artifact/id")?;
        let completed: Value =
            self.runner.post(&format!("{}/artifacts/{id}/complete", self.path), json!({})).await?;
        ensure!(completed["artifact"]["state"] == "available", "{completed}");
        Ok((BYTES as f64 / began.elapsed().as_secs_f64(), id))
    }

    async fn put(&self, url: &str) -> anyhow::Result<()> {
        let file = tokio::fs::File::open(&self.file).await?;
        let body = reqwest::Body::wrap_stream(ReaderStream::with_capacity(file, 256 * 1024));
        self.http.put(url).header("content-length", BYTES).body(body).send().await?.error_for_status()?;
        Ok(())
    }

    async fn fetch(&self, url: &str, into: &Path) -> anyhow::Result<f64> {
        let mut file = File::create(into)?;
        let began = Instant::now();
        let mut response = self.http.get(url).send().await?.error_for_status()?;
        let mut received = 0;
        while let Some(bytes) = response.chunk().await? {
            file.write_all(&bytes)?;
            received += bytes.len() as u64;
        }
        ensure!(received == BYTES, "{received} bytes came");
        Ok(BYTES as f64 / began.elapsed().as_secs_f64())
    }
}

async fn link(scene: &Scene, artifact: &str) -> anyhow::Result<String> {
    let made = scene.client.post(&format!("/v1/artifacts/{artifact}/download-link"), json!({})).await?;
    text(&made, "/download_url")
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<f64> {
    let file = File::create(to)?;
    let began = Instant::now();
    let done = Command::new("cat").arg(from).stdout(Stdio::from(file)).status().context("cat")?;
    ensure!(done.success(), "cat failed");
    Ok(BYTES as f64 / began.elapsed().as_secs_f64())
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy)]
enum Direction {
    In,
    Out,
}

/// A real S3 server with one bucket. Dropped in this order: it ends before its folder vanishes.
struct Store {
    child: Child,
    client: aws_sdk_s3::Client,
    endpoint: String,
    _folder: TempDir,
}

impl Store {
    async fn start() -> anyhow::Result<Self> {
        let folder = scratch()?;
        let identity = json!({
            "name": "bench", "credentials": [{"accessKey": "bench", "secretKey": "bench"}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        });
        let config = folder.path().join("s3.json");
        std::fs::write(&config, json!({"identities": [identity]}).to_string())?;
        let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let pairs = (20_000..40_000).filter(|port| is_free(port) && is_free(&(port + 10_000)));
        let ports: Vec<u16> = pairs.take(4).collect();
        let [master, volume, filer, s3] = ports[..] else { anyhow::bail!("there are no free ports") };
        let child = Command::new(WEED)
            .args(["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.volumeSizeLimitMB=1024"])
            .args(["-volume.max=20", "-s3", "-s3.port.iceberg=0"])
            .arg(format!("-dir={}", folder.path().display()))
            .arg(format!("-s3.config={}", config.display()))
            .arg(format!("-master.port={master}"))
            .arg(format!("-volume.port={volume}"))
            .arg(format!("-filer.port={filer}"))
            .arg(format!("-s3.port={s3}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let endpoint = format!("http://127.0.0.1:{s3}");
        let settings = aws_sdk_s3::Config::builder()
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("bench", "bench", None, None, "bench"))
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .endpoint_url(&endpoint);
        let client = aws_sdk_s3::Client::from_conf(settings.build());
        let store = Self { child, client, endpoint, _folder: folder };
        let until = Instant::now() + Duration::from_secs(60);
        while let Err(error) = store.client.create_bucket().bucket(BUCKET).send().await {
            ensure!(Instant::now() < until, "the S3 server does not start: {error:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(store)
    }

    /// A signed address of an object of its own.
    async fn address(&self, direction: Direction, round: usize) -> anyhow::Result<String> {
        let (key, for_long) =
            (format!("direct-{round}"), PresigningConfig::expires_in(Duration::from_secs(600))?);
        let signed = match direction {
            Direction::In => self.client.put_object().bucket(BUCKET).key(key).presigned(for_long).await?,
            Direction::Out => self.client.get_object().bucket(BUCKET).key(key).presigned(for_long).await?,
        };
        Ok(signed.uri().to_owned())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ = self.child.wait();
    }
}
