//! How soon the first step of a build runs, which fetches its code, and how soon its first command, with one runner and
//! beside a hundred that are idle; what idle runners cost the database; and how a crowd of runners drains a crowd of
//! builds.

use std::path::Path;
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context, ensure};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{Connection, query_scalar};
use serde_json::json;

use super::api::text;
use super::commits::Commits;
use super::fleet::Fleet;
use super::program::Builds;
use super::samples::Samples;
use super::scene::Scene;
use super::table::{Amount, Row, Table};
use super::ticks;

const BUILDS: usize = 50;
/// After a build the runner tidies up and asks again.
const BETWEEN: Duration = Duration::from_millis(150);
const IDLE_RUNNERS: usize = 100;
const IDLE: Duration = Duration::from_secs(60);
/// Between two looks at whether somebody has written.
const LOOK: Duration = Duration::from_millis(20);
const CROWD: usize = 60;
const CROWD_BUILDS: usize = 100;

pub async fn measure() -> anyhow::Result<Table> {
    let mut table = Table::default();
    let program = std::env::current_exe()?.display().to_string().replace('\'', r"'\''");
    let command = format!("mkdir out; echo > out/a; '{program}' {} 1 0", ticks::COMMAND);
    let mut scene = Scene::open(Builds::ByItsRunner, &command).await?;
    let mut commits = Commits::open(&scene.folder.path().join("floor.db")).await?;
    first_commands(&mut scene, &mut commits, "its runner alone", 50.0, &mut table).await?;

    only_its_runner_may(&scene).await?;
    let _fleet = Fleet::start(&scene.client, IDLE_RUNNERS).await?;
    first_commands(&mut scene, &mut commits, "100 idle runners beside", 250.0, &mut table).await?;
    let written = writes(&scene.folder.path().join("data/oore.db")).await?;
    let row = Row::new("database writes in an idle minute, 101 runners", Amount::Writes(written));
    table.add(row.at_most(Amount::Writes(0.0)));

    table.add(crowd().await?);
    Ok(table)
}

/// From the request that triggers a build to the news that its first step runs, and to the moment its command prints the
/// time.
async fn first_commands(
    scene: &mut Scene,
    commits: &mut Commits,
    beside: &str,
    aim: f64,
    table: &mut Table,
) -> anyhow::Result<()> {
    let [mut stepping, mut running, mut commit] = [(); 3].map(|()| Samples::default());
    for _ in 0..BUILDS {
        tokio::time::sleep(BETWEEN).await;
        commit.add(commits.one().await?);
        let asked = ticks::now();
        let build = scene.trigger().await?;
        let stepping_at = scene.events.status(&build, "running").await?;
        scene.succeeded(&build).await?;
        stepping.add(stepping_at.duration_since(UNIX_EPOCH + Duration::from_micros(asked))?);
        let log = scene.client.get(&format!("/v1/builds/{build}/logs?limit=1000")).await?;
        let lines = log["logs"].as_array().context("no log")?;
        let printed = lines.iter().find_map(|line| line["content"].as_str()?.trim().parse::<u64>().ok());
        running.add(Duration::from_micros(printed.context("no time in the log")?.saturating_sub(asked)));
    }
    let row = |what: &str, samples: &Samples, percent: f64| {
        let row = Row::new(format!("trigger → {what}, p{percent:.0}, {beside}"), samples.percentile(percent));
        row.floor(format!("durable SQLite commit, p{percent:.0}"), commit.percentile(percent))
    };
    table.add(row("first step runs", &stepping, 50.0));
    table.add(row("first step runs", &stepping, 99.0).at_most(Amount::Milliseconds(aim)));
    table.add(row("first command runs", &running, 50.0));
    table.add(row("first command runs", &running, 99.0));
    Ok(())
}

/// The daemon's own runner gets a label that the pipeline asks for, so that those of the fleet stay idle.
async fn only_its_runner_may(scene: &Scene) -> anyhow::Result<()> {
    let runners = scene.client.get("/v1/runners").await?;
    let own = text(&runners, "/runners/0/id")?;
    scene.client.patch(&format!("/v1/runners/{own}"), json!({"labels": ["bench"]})).await?;
    let path = format!("/v1/pipelines/{}", scene.pipeline);
    scene.client.patch(&path, json!({"runner_labels": ["bench"]})).await?;
    Ok(())
}

/// How often somebody has changed the database while it was watched.
async fn writes(database: &Path) -> anyhow::Result<f64> {
    let options = SqliteConnectOptions::new().filename(database).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let mut version: i64 = query_scalar("PRAGMA data_version").fetch_one(&mut connection).await?;
    let (until, mut changes) = (Instant::now() + IDLE, 0.0);
    while Instant::now() < until {
        tokio::time::sleep(LOOK).await;
        let now: i64 = query_scalar("PRAGMA data_version").fetch_one(&mut connection).await?;
        if now != version {
            (version, changes) = (now, changes + 1.0);
        }
    }
    Ok(changes)
}

/// 60 runners and 100 builds at once.
async fn crowd() -> anyhow::Result<Row> {
    let mut scene = Scene::open(Builds::ByNobody, "true").await?;
    let mut commits = Commits::open(&scene.folder.path().join("floor.db")).await?;
    let mut floor = Duration::ZERO;
    for _ in 0..CROWD_BUILDS {
        floor += commits.one().await?;
    }
    let _fleet = Fleet::start(&scene.client, CROWD).await?;
    let began = UNIX_EPOCH + Duration::from_micros(ticks::now());
    let mut left = std::collections::HashSet::new();
    for _ in 0..CROWD_BUILDS {
        left.insert(scene.trigger().await?);
    }
    let mut last = began;
    while !left.is_empty() {
        let event = scene.events.next().await?.context("the stream has ended")?;
        let build = event.data["build_id"].as_str().unwrap_or_default();
        match event.data["status"].as_str() {
            Some("succeeded") if left.remove(build) => last = event.at,
            status => ensure!(status != Some("failed"), "build {build} failed"),
        }
    }
    let row = Row::new(
        "60 runners, 100 builds: first request → last green",
        milliseconds(last.duration_since(began)?),
    );
    Ok(row.floor("100 durable SQLite commits", milliseconds(floor)))
}

fn milliseconds(time: Duration) -> Amount {
    Amount::Milliseconds(time.as_secs_f64() * 1e3)
}
