//! A sign-in through a certified identity provider, beside the same calls to the provider without the
//! daemon; and the memory that sign-ins take which are under way.

use std::time::{Duration, Instant};

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oored::outgoing::form_urlencoded;
use serde_json::{Value, json};
use sha2::Digest;
use tempfile::TempDir;

use super::api::{Client, text};
use super::memory::resident;
use super::program::{Builds, Daemon, scratch};
use super::provider::{Browser, CLIENT, EMAIL, Provider, SECRET};
use super::samples::Samples;
use super::table::{Amount, Row, Table};

const SIGN_INS: usize = 100;
const PENDING: usize = 1_000;
/// How long a process is left alone before its memory is looked at.
const SETTLE: Duration = Duration::from_secs(2);

/// Dropped in this order: the daemon ends before its folder vanishes.
struct Scene {
    daemon: Daemon,
    client: Client,
    provider: Provider,
    redirect_uri: String,
    _folder: TempDir,
}

impl Scene {
    /// An instance with the provider, to which one person is invited.
    async fn open() -> anyhow::Result<Self> {
        let folder = scratch()?;
        let daemon = Daemon::start(&folder.path().join("data"), Builds::ByNobody)?;
        let client = Client::sign_in(daemon.address).await?;
        let redirect_uri = format!("http://localhost:{}/auth/callback", daemon.address.port());
        let provider = Provider::start(&redirect_uri)?;
        let settings = json!({"issuer_url": provider.issuer, "client_id": CLIENT, "client_secret": SECRET});
        client.put("/v1/settings/external-access/oidc", settings).await?;
        client.post("/v1/users/invite", json!({"email": EMAIL, "role": "developer"})).await?;
        Ok(Self { daemon, client, provider, redirect_uri, _folder: folder })
    }

    async fn begin(&self) -> anyhow::Result<Value> {
        self.client.get("/v1/auth/oidc/start").await
    }

    /// Begun at the daemon, agreed to at the provider, completed at the daemon.
    async fn sign_in(&self, browser: &mut Browser) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let begun = self.begin().await?;
        let code = browser.code(&text(&begun, "/authorization_url")?, &self.redirect_uri).await?;
        let body = json!({"code": code, "state": begun["state"]});
        let session = self.client.post("/v1/auth/oidc/callback", body).await?;
        text(&session, "/session_token")?;
        Ok(began.elapsed())
    }

    /// What a program does that talks with the provider itself and believes it everything.
    async fn bare(&self, browser: &mut Browser, http: &reqwest::Client) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let verifier = "v".repeat(43);
        let challenge = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(&verifier));
        let query = form_urlencoded(&[
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", &self.redirect_uri),
            ("scope", "openid email profile"),
            ("state", "s"),
            ("nonce", "n"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let code =
            browser.code(&format!("{}/auth?{query}", self.provider.issuer), &self.redirect_uri).await?;
        let form = form_urlencoded(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &verifier),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
        ]);
        let request = http.post(format!("{}/token", self.provider.issuer)).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer: Value = request.send().await?.error_for_status()?.json().await?;
        answer["id_token"].as_str().context("no ID token")?;
        Ok(began.elapsed())
    }
}

pub async fn measure() -> anyhow::Result<Table> {
    let mut table = Table::default();
    table.add(round_trip(&Scene::open().await?).await?);
    table.add(pending(&Scene::open().await?).await?);
    Ok(table)
}

async fn round_trip(scene: &Scene) -> anyhow::Result<Row> {
    let mut browser = Browser::new()?;
    let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
    scene.sign_in(&mut browser).await?;
    scene.bare(&mut browser, &http).await?;
    let [mut measured, mut floor] = [(); 2].map(|()| Samples::default());
    for _ in 0..SIGN_INS {
        measured.add(scene.sign_in(&mut browser).await?);
        floor.add(scene.bare(&mut browser, &http).await?);
    }
    let row = Row::new(format!("sign-in through the provider, p50 of {SIGN_INS}"), measured.median());
    Ok(row.floor("the provider's part of it", floor.median()))
}

async fn pending(scene: &Scene) -> anyhow::Result<Row> {
    // The first one asks the provider and makes connections, which is not what a pending one costs.
    scene.begin().await?;
    tokio::time::sleep(SETTLE).await;
    let before = resident(scene.daemon.id())?;
    for _ in 1..PENDING {
        scene.begin().await?;
    }
    tokio::time::sleep(SETTLE).await;
    let taken = resident(scene.daemon.id())?.number() - before.number();
    Ok(Row::new("memory of 1 000 sign-ins under way", Amount::Bytes(taken)).at_most(Amount::Bytes(5e6)))
}
