//! A backup of an instance whose database has 1 GB, beside `cp` of that file.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use anyhow::ensure;
use oored::clock::Clock;
use oored::db::Db;
use oored::events::Events;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::program::{Builds, Daemon, oored};
use super::rows;
use super::scene::Scene;
use super::table::{Amount, Row, Table};

const BUILDS: i64 = 10_000;
/// Text of each build that hardly shrinks: 10 000 of these are 1 GB.
const FILL: &str = "UPDATE builds SET changelog = hex(randomblob(50000))";

pub async fn measure() -> anyhow::Result<Table> {
    let scene = Scene::open(Builds::ByNobody, "true").await?;
    let build = scene.trigger().await?;
    scene.client.post(&format!("/v1/builds/{build}/cancel"), json!({})).await?;
    let Scene { daemon, folder, .. } = scene;
    drop(daemon);
    let data = folder.path().join("data");
    let database = data.join("oore.db");
    rows::grow(&database, build.parse()?, BUILDS).await?;
    fill(&database).await?;
    let bytes = database.metadata()?.len();
    let copied = folder.path().join("copied");
    let rate = |began: Instant| Amount::BytesPerSecond(bytes as f64 / began.elapsed().as_secs_f64());
    let began = Instant::now();
    ensure!(Command::new("cp").args([&database, &copied]).status()?.success(), "cp failed");
    let floor = rate(began);
    // As people make one: while the daemon works.
    let _daemon = Daemon::start(&data, Builds::ByNobody)?;
    let archive = folder.path().join("backup.tar.gz");
    let mut table = Table::default();
    let mut step = |name: &str, verb: &[&str]| {
        let began = Instant::now();
        run(verb, &archive, &data)?;
        table.add(Row::new(name, rate(began)).floor("cp of the database", floor));
        anyhow::Ok(())
    };
    step("backup of a database of 1 GB, checked", &["oore", "backup", "create", "--output"])?;
    step("check of that backup", &["oore", "backup", "verify", "--input"])?;
    Ok(table)
}

async fn fill(database: &Path) -> anyhow::Result<()> {
    let db = Db::open(database, Arc::new(Events::new(Clock::system().now_ms()))).await?;
    db.write(async |tx| Ok(tx.execute_unprepared(FILL).await?)).await?;
    db.close().await?;
    Ok(())
}

fn run(verb: &[&str], archive: &Path, data: &Path) -> anyhow::Result<()> {
    let mut command = oored();
    command.args(verb).arg(archive);
    if verb.contains(&"create") {
        command.arg("--data-dir").arg(data);
    }
    let done = command.stdout(Stdio::null()).status()?;
    ensure!(done.success(), "{verb:?} failed");
    Ok(())
}
