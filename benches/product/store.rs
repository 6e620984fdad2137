//! Artifacts up and down: by way of the daemon beside plain copies, and by way of a real S3 server beside the same bytes
//! sent and fetched there without the product.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::ensure;
use aws_sdk_s3::config::{Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::presigning::PresigningConfig;
use serde_json::json;
use tempfile::TempDir;

use super::job::{Job, link};
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
    let mut made = Command::new("head");
    made.args(["-c", &BYTES.to_string(), "/dev/urandom"]).stdout(File::create(&file)?);
    ensure!(made.status()?.success(), "head failed");
    let job = Job::begin(&scene, file).await?;
    let mut table = Table::default();
    through_the_daemon(&job, &scene, &mut table).await?;
    if !Path::new(WEED).exists() {
        anyhow::bail!("there is no S3 server: make s3");
    }
    let store = Store::start().await?;
    through_the_store(&job, &scene, &store, &mut table).await?;
    Ok(table)
}

async fn through_the_daemon(job: &Job, scene: &Scene, table: &mut Table) -> anyhow::Result<()> {
    let (got, copied) = (scene.folder.path().join("got"), scene.folder.path().join("copied"));
    let (mut up, mut down, mut copies, mut plain) = (vec![], vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let (rate, artifact) = job.upload(&format!("daemon-{round}")).await?;
        up.push(rate);
        copies.push(job.copy(&copied)?);
        down.push(job.fetch(&link(scene, &artifact).await?, &got).await?);
        plain.push(job.fetch_plain(&got).await?);
    }
    let rate = |rates| Amount::BytesPerSecond(middle(rates));
    let row = Row::new("artifact upload, hashed and synced, 256 MiB", rate(up));
    table.add(row.floor("dd from file to file, synced", rate(copies)).ratio_at_least(0.7));
    let row = Row::new("artifact download, 256 MiB", rate(down));
    table.add(row.floor("sendfile to the same client", rate(plain)).ratio_at_least(0.8));
    Ok(())
}

async fn through_the_store(job: &Job, scene: &Scene, store: &Store, table: &mut Table) -> anyhow::Result<()> {
    let settings = json!({
        "provider": "s3", "s3_bucket": BUCKET, "s3_endpoint": store.endpoint,
        "access_key_id": "bench", "secret_access_key": "bench",
    });
    scene.client.put("/v1/settings/artifact-storage", settings).await?;
    let got = scene.folder.path().join("got");
    let (mut up, mut down, mut direct_up, mut direct_down) = (vec![], vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let began = Instant::now();
        job.put(&store.address(Direction::In, round).await?).await?;
        direct_up.push(job.rate(began));
        direct_down.push(job.fetch(&store.address(Direction::Out, round).await?, &got).await?);
        let (rate, artifact) = job.upload(&format!("store-{round}")).await?;
        up.push(rate);
        down.push(job.fetch(&link(scene, &artifact).await?, &got).await?);
    }
    let rows = [("upload to S3, read back", up, direct_up), ("download from S3", down, direct_down)];
    for (name, rates, floor) in rows {
        let row = Row::new(format!("artifact {name}, 256 MiB"), Amount::BytesPerSecond(middle(rates)));
        table.add(row.floor("the same without Oore CI", Amount::BytesPerSecond(middle(floor))));
    }
    Ok(())
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
