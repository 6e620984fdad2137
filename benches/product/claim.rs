//! How long a build waits for an idle runner, beside one durable commit of SQLite. Read from the
//! event stream: the time between the news `queued` and the news `assigned`.

use std::time::{Duration, SystemTime};

use super::commits::Commits;
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
