//! Webhooks acknowledged: one after the other beside a bare commit, and 10 000 in a burst from 64 connections beside
//! bare axum that reads the same bodies and stores nothing.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use hmac::{Hmac, Mac};
use oored::app::open_data;
use oored::clock::Clock;
use oored::config::DataFolder;
use oored::db;
use oored::db::entity::integration_secrets;
use oored::db::entity::integrations;
use oored::db::integration_secrets::Holder;
use oored::domain::id::{IntegrationId, IntegrationSecretId};
use oored::domain::source::{IntegrationAuthMode, IntegrationSecretKind, IntegrationStatus, ScmProvider};
use oored::events::Events;
use sea_orm::ConnectionTrait;
use serde_json::json;
use sha2::Sha256;
use tokio::task::JoinSet;

use super::bare::Bare;
use super::commits::Commits;
use super::load::Connection;
use super::program::{Builds, Daemon, scratch};
use super::samples::Samples;
use super::table::{Amount::RequestsPerSecond, Row, Table};

const SECRET: &str = "s3cret";
const ONE_BY_ONE: usize = 300;
const BURST: usize = 10_000;
const CONNECTIONS: usize = 64;

pub async fn measure() -> anyhow::Result<Table> {
    let folder = scratch()?;
    let data = DataFolder::new(folder.path().join("data"), folder.path().join("data/oore.db"));
    // Its first start makes the folder.
    drop(Daemon::start(&data.root, Builds::ByNobody)?);
    connect(&data).await?;
    let daemon = Daemon::start(&data.root, Builds::ByNobody)?;
    let mut table = Table::default();
    table.add(one_by_one(&daemon, folder.path()).await?);

    let body = b"{\"ok\":true}";
    let bare = Bare::start(folder.path(), body)?;
    let (floor, _) = burst(bare.address, "floor").await?;
    let (measured, acks) = burst(daemon.address, "burst").await?;
    let stored = stored(&data).await?;
    ensure!(stored == BURST + ONE_BY_ONE, "{} deliveries are lost", BURST + ONE_BY_ONE - stored);
    let row = Row::new("10 000 webhooks acknowledged, 64 connections", RequestsPerSecond(measured));
    table.add(row.floor("bare axum that stores nothing", RequestsPerSecond(floor)).ratio_at_least(0.5));
    table.add(Row::new("an acknowledgement in that burst, p99", acks.percentile(99.0)));
    Ok(table)
}

/// An instance in remote mode with a GitHub App that works.
async fn connect(data: &DataFolder) -> anyhow::Result<()> {
    let now = Clock::system().now();
    let (db, sealer) = open_data(data, Arc::new(Events::new(now * 1000)), now).await?;
    let (integration, secret) = (IntegrationId::new(), IntegrationSecretId::new());
    db.write(async |tx| {
        tx.execute_unprepared("UPDATE instance SET runtime_mode = 'remote', setup_state = 'ready'").await?;
        let row = integrations::Model {
            id: integration,
            provider: ScmProvider::Github,
            host_url: "https://github.com".to_owned(),
            auth_mode: IntegrationAuthMode::GithubApp,
            status: IntegrationStatus::Active,
            display_name: None,
            app_id: None,
            app_slug: None,
            created_by: String::new(),
            created_at: now,
            updated_at: now,
            status_reason: None,
            synced_at: None,
        };
        db::integrations::insert(tx, row).await?;
        let row = integration_secrets::Model {
            id: secret,
            integration_id: integration,
            repository_id: None,
            kind: IntegrationSecretKind::WebhookSecret,
            value: sealer.seal(&format!("integration_secrets/{secret}/value"), SECRET.as_bytes())?,
            created_at: now,
        };
        db::integration_secrets::replace(tx, Holder::Integration(integration), row).await
    })
    .await?;
    db.close().await?;
    Ok(())
}

async fn one_by_one(daemon: &Daemon, folder: &Path) -> anyhow::Result<Row> {
    let mut commits = Commits::open(&folder.join("floor.db")).await?;
    let mut connection = Connection::open(daemon.address).await?;
    let [mut acks, mut commit] = [(); 2].map(|()| Samples::default());
    for number in 0..ONE_BY_ONE {
        let request = delivery(daemon.address, &format!("one-{number}"));
        let began = Instant::now();
        connection.ask(&request).await?;
        acks.add(began.elapsed());
        commit.add(commits.one().await?);
    }
    let row = Row::new("webhook acknowledged, p50", acks.median());
    Ok(row.floor("durable SQLite commit, p50", commit.median()))
}

/// Acknowledgements per second, and how long each took.
async fn burst(address: SocketAddr, name: &str) -> anyhow::Result<(f64, Samples)> {
    let mut lanes: Vec<VecDeque<String>> = vec![VecDeque::new(); CONNECTIONS];
    for number in 0..BURST {
        lanes[number % CONNECTIONS].push_back(delivery(address, &format!("{name}-{number}")));
    }
    let began = Instant::now();
    let mut sending = JoinSet::new();
    for lane in lanes {
        sending.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut times = Vec::with_capacity(lane.len());
            for request in lane {
                let asked = Instant::now();
                connection.ask(&request).await?;
                times.push(asked.elapsed());
            }
            anyhow::Ok(times)
        });
    }
    let mut acks = Samples::default();
    while let Some(done) = sending.join_next().await {
        done??.into_iter().for_each(|time| acks.add(time));
    }
    Ok((BURST as f64 / began.elapsed().as_secs_f64(), acks))
}

/// A push of 10 KB, as they are.
fn delivery(address: SocketAddr, id: &str) -> String {
    let commit =
        json!({"id": id, "message": "m".repeat(200), "added": [], "modified": ["README.md"], "removed": []});
    let body = json!({
        "ref": "refs/heads/main", "before": "0".repeat(40), "after": "1".repeat(40), "sender": {"login": "ana"},
        "repository": {"id": 1, "full_name": "acme/app", "pushed_at": 1}, "commits": vec![commit; 30],
    })
    .to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap_or_else(|_| unreachable!());
    mac.update(body.as_bytes());
    format!(
        "POST /v1/webhooks/github HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         x-github-event: push\r\nx-github-delivery: {id}\r\nx-hub-signature-256: sha256={}\r\n\
         content-length: {}\r\n\r\n{body}",
        hex::encode(mac.finalize().into_bytes()),
        body.len()
    )
}

/// How many deliveries there are.
async fn stored(data: &DataFolder) -> anyhow::Result<usize> {
    let now = Clock::system().now();
    let (db, _) = open_data(data, Arc::new(Events::new(now * 1000)), now).await?;
    let filter = db::deliveries::Filter::default();
    let rows = db::deliveries::list(db.read(), &filter, (BURST + ONE_BY_ONE) as u64 + 1).await?;
    Ok(rows.len())
}
