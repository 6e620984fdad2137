//! How long a build waits for an idle runner, beside one durable commit of SQLite. Read from the
//! event stream: the time between the news `queued` and the news `assigned`.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{Connection, SqliteConnection};

use super::program::Builds;
use super::samples::Samples;
use super::scene::Scene;
use super::table::{Amount, Row, Table};

const BUILDS: usize = 50;
/// After a build the runner tidies up and asks again; a person is slower than that, too.
const BETWEEN: Duration = Duration::from_millis(150);

pub async fn measure() -> anyhow::Result<Table> {
    let mut scene = Scene::open(Builds::ByItsRunner, "mkdir out && echo hello > out/hello.txt").await?;
    let mut commits = Commits::open(&scene.folder.path().join("floor.db")).await?;
    let [mut claimed, mut seen, mut running, mut whole, mut commit] = [(); 5].map(|()| Samples::default());
    for _ in 0..BUILDS {
        tokio::time::sleep(BETWEEN).await;
        commit.add(commits.one().await?);
        let asked = SystemTime::now();
        let build = scene.trigger().await?;
        let queued_at = scene.events.status(&build, "queued").await?;
        let assigned_at = scene.events.status(&build, "assigned").await?;
        let running_at = scene.events.status(&build, "running").await?;
        scene.succeeded(&build).await?;
        claimed.add(assigned_at.duration_since(queued_at)?);
        seen.add(assigned_at.duration_since(asked)?);
        running.add(running_at.duration_since(queued_at)?);
        whole.add(asked.elapsed()?);
    }
    let row =
        |figure, measured| Row::new(figure, measured).floor("durable SQLite commit, p50", commit.median());
    let mut table = Table::default();
    table.add(row("triggered → claimed, p50 of 50", claimed.median()).at_most(Amount::Milliseconds(10.0)));
    let worst = Row::new("triggered → claimed, p99", claimed.percentile(99.0));
    table.add(worst.floor("durable SQLite commit, p99", commit.percentile(99.0)));
    table.add(row("request sent → claimed, p50", seen.median()));
    table.add(row("triggered → running, p50", running.median()));
    table.add(row("request sent → green, smallest build, p50", whole.median()));
    Ok(table)
}

/// A database with the product's guarantees and nothing else.
pub struct Commits(SqliteConnection);

impl Commits {
    pub async fn open(file: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sea_orm::sqlx::query("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
            .execute(&mut connection)
            .await?;
        Ok(Self(connection))
    }

    pub async fn one(&mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        sea_orm::sqlx::query("INSERT INTO t (text) VALUES ('assigned')").execute(&mut self.0).await?;
        Ok(began.elapsed())
    }
}
