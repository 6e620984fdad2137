//! A real S3 server (SeaweedFS) for one test, with its own folder, ports and keys, and a bad network in front of it.

use std::net::{SocketAddr, TcpListener as Listener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_s3::config::{Credentials, Region, RequestChecksumCalculation};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.tools/weed-4.48");
pub const KEY: &str = "oore-access-key";
pub const SECRET: &str = "oore-s3cret-that-nobody-else-has";
/// A key that may make buckets too; for it this server makes a bucket that is missing.
const ADMIN: &str = "admin-access-key";
const ADMIN_SECRET: &str = "admin-s3cret";
/// A key that may read and list only.
pub const READER: &str = "reader-access-key";
pub const READER_SECRET: &str = "reader-s3cret";
pub const BUCKET: &str = "apps";

/// A running server with a bucket.
pub struct Store {
    pub endpoint: String,
    pub client: aws_sdk_s3::Client,
    child: Child,
    _folder: TempDir,
}

impl Store {
    pub async fn start() -> Self {
        assert!(PathBuf::from(PROGRAM).exists(), "{PROGRAM} is missing: make s3");
        let folder = tempfile::tempdir().unwrap();
        let identity = |name: &str, key: &str, secret: &str, actions: &[&str]| json!({"name": name, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions});
        let identities = [
            identity("admin", ADMIN, ADMIN_SECRET, &["Admin", "Read", "Write", "List", "Tagging"]),
            identity("oore", KEY, SECRET, &["Read", "Write", "List", "Tagging"]),
            identity("reader", READER, READER_SECRET, &["Read", "List"]),
        ];
        let config = folder.path().join("s3.json");
        std::fs::write(&config, json!({ "identities": identities }).to_string()).unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let [master, volume, filer, s3] = ports();
        let mut command = Command::new(PROGRAM);
        command
            .args(["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.volumeSizeLimitMB=64"])
            .args(["-volume.max=50", "-s3", "-s3.port.iceberg=0"])
            .arg(format!("-dir={}", data.display()))
            .arg(format!("-s3.config={}", config.display()))
            .arg(format!("-master.port={master}"))
            .arg(format!("-volume.port={volume}"))
            .arg(format!("-filer.port={filer}"))
            .arg(format!("-s3.port={s3}"));
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let endpoint = format!("http://127.0.0.1:{s3}");
        let client = client(&endpoint);
        let store = Self { endpoint, client, child, _folder: folder };
        store.make(BUCKET).await;
        store
    }

    /// Makes a bucket, as soon as the server can.
    pub async fn make(&self, bucket: &str) {
        let made = async {
            while self.client.create_bucket().bucket(bucket).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(120), made).await.expect("the S3 server starts");
    }

    pub async fn remove_bucket(&self, bucket: &str) {
        self.client.delete_bucket().bucket(bucket).send().await.unwrap();
    }

    /// Settings that name this server, at another address of it if one is given.
    pub fn settings(&self, endpoint: &str) -> Value {
        json!({
            "provider": "s3", "s3_bucket": BUCKET, "s3_endpoint": endpoint,
            "access_key_id": KEY, "secret_access_key": SECRET,
        })
    }

    /// The keys of every object.
    pub async fn keys(&self) -> Vec<String> {
        let listed = self.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
        listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }

    /// Uploads in parts that are under way.
    pub async fn uploads(&self) -> usize {
        self.client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap().uploads().len()
    }

    pub async fn read(&self, key: &str) -> Vec<u8> {
        let answer = self.client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        answer.body.collect().await.unwrap().to_vec()
    }

    pub async fn write(&self, key: &str, bytes: &[u8]) {
        let body = bytes.to_vec().into();
        self.client.put_object().bucket(BUCKET).key(key).body(body).send().await.unwrap();
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client(endpoint: &str) -> aws_sdk_s3::Client {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_sdk_s3::Config::builder()
        .http_client(http)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(ADMIN, ADMIN_SECRET, None, None, "tests"))
        .force_path_style(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .endpoint_url(endpoint);
    aws_sdk_s3::Client::from_conf(config.build())
}

/// Free ports; each server also takes the one that is 10 000 higher.
fn ports() -> [u16; 4] {
    let is_free = |port: &u16| Listener::bind(("127.0.0.1", *port)).is_ok();
    let by_chance = std::process::id();
    let candidates = (0..20_000).map(|n| u16::try_from(20_000 + (by_chance + n * 7) % 20_000).unwrap());
    let pairs = candidates.filter(|port| is_free(port) && is_free(&(port + 10_000)));
    pairs.take(4).collect::<Vec<_>>().try_into().unwrap()
}

/// How the network in front of a server is.
#[derive(Debug, Clone, Copy)]
pub enum Network {
    Good,
    /// Connections are taken and nothing comes back.
    Silent,
    /// Every connection breaks off after so many bytes to the server.
    CutsUploads(usize),
    /// Every connection breaks off after so many bytes from the server.
    CutsDownloads(usize),
    /// Something in between answers this.
    Answers(&'static str),
}

/// A fault of the store.
pub const UNAVAILABLE: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/xml\r\ncontent-length: 46\r\n\
     connection: close\r\n\r\n<Error><Code>ServiceUnavailable</Code></Error>";

/// A way to a server that can get bad.
pub struct Way {
    pub endpoint: String,
    network: watch::Sender<Network>,
    connections: Arc<AtomicU64>,
    _serving: AbortOnDropHandle<()>,
}

impl Way {
    pub async fn to(endpoint: &str) -> Self {
        let target: SocketAddr = endpoint.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (network, told) = watch::channel(Network::Good);
        let connections = Arc::new(AtomicU64::new(0));
        let count = connections.clone();
        let serving = AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(client, target, told.clone()));
            }
        }));
        Self { endpoint, network, connections, _serving: serving }
    }

    /// From now on; what is open is cut.
    pub fn becomes(&self, network: Network) {
        self.network.send_replace(network);
    }

    /// Waits until so many connections were made in all.
    pub async fn was_tried(&self, times: u64) {
        let tried = async {
            while self.connections.load(Ordering::SeqCst) < times {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), tried).await.expect("somebody tries");
    }

    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(mut client: TcpStream, target: SocketAddr, mut told: watch::Receiver<Network>) {
    let network = *told.borrow_and_update();
    let pass = async {
        match network {
            Network::Silent => std::future::pending().await,
            Network::Answers(text) => {
                let mut request = [0; 4096];
                let _ = client.read(&mut request).await;
                let _ = client.write_all(text.as_bytes()).await;
            }
            Network::Good => {
                let Ok(mut server) = TcpStream::connect(target).await else { return };
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
            Network::CutsUploads(limit) => {
                let Ok(mut server) = TcpStream::connect(target).await else { return };
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = server.split();
                tokio::select! {
                    () = some(&mut from_client, &mut to_server, limit) => {}
                    () = some(&mut from_server, &mut to_client, usize::MAX) => {}
                }
            }
            Network::CutsDownloads(limit) => {
                let Ok(mut server) = TcpStream::connect(target).await else { return };
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = server.split();
                tokio::select! {
                    () = some(&mut from_client, &mut to_server, usize::MAX) => {}
                    () = some(&mut from_server, &mut to_client, limit) => {}
                }
            }
        }
    };
    tokio::select! {
        () = pass => {}
        _ = told.changed() => {}
    }
}

/// Passes so many bytes on.
async fn some(from: &mut (impl AsyncReadExt + Unpin), to: &mut (impl AsyncWriteExt + Unpin), limit: usize) {
    let (mut left, mut bytes) = (limit, vec![0; 16 * 1024]);
    while left > 0 {
        let Ok(length @ 1..) = from.read(&mut bytes).await else { return };
        let length = length.min(left);
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
        left -= length;
    }
}
