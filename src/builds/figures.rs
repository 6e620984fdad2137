//! How the instance is at the moment, for whoever watches it: queue, runners, inbox and storage.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::Mutex;

use crate::app::App;
use crate::clock::Moment;
use crate::db;
use crate::domain::build::BuildStatus;
use crate::domain::id::{ProjectId, RunnerId};
use crate::domain::runner::RunnerStatus;
use crate::error::{Error, Result};
use crate::storage::disk;

/// Figures of the database are read again after so long, those of folders after longer: anybody may ask for them.
const FRESH: Duration = Duration::from_secs(1);
const FOLDERS_FRESH: Duration = Duration::from_secs(60);
/// Projects that are named at most.
const PROJECTS: u64 = 200;

/// When figures were read last.
#[derive(Debug, Default)]
pub struct Looked(Mutex<Times>);

#[derive(Debug, Default, Clone, Copy)]
struct Times {
    database: Option<Moment>,
    folders: Option<Moment>,
}

/// Brings the figures of the moment up to date.
pub async fn refresh(app: &App) -> Result<()> {
    let mut looked = app.looked.0.lock().await;
    let now = app.clock.moment();
    let is_fresh = |at: Option<Moment>, long: Duration| at.is_some_and(|at| now.saturating_sub(at) < long);
    if !is_fresh(looked.database, FRESH) {
        database(app).await?;
        looked.database = Some(now);
    }
    if !is_fresh(looked.folders, FOLDERS_FRESH) {
        folders(app).await?;
        looked.folders = Some(now);
    }
    Ok(())
}

async fn database(app: &App) -> Result<()> {
    let (db, figures, now_ms) = (app.db.read(), &app.metrics.now, app.clock.now_ms());
    let age = |since_ms: Option<i64>| since_ms.map_or(0.0, |since| (now_ms - since).max(0) as f64 / 1000.0);
    let mut waiting = 0;
    for (status, builds) in db::tallies::by_status(db).await? {
        figures.builds.with_label_values(&[status.as_str()]).set(builds as f64);
        waiting = if status == BuildStatus::Queued { builds } else { waiting };
    }
    figures.queue_builds.set(waiting as f64);
    figures.queue_oldest_seconds.set(age(db::builds::queue::oldest_ms(db).await?));
    let (deliveries, oldest) = db::deliveries::waiting(db).await?;
    figures.webhooks_waiting.set(deliveries as f64);
    figures.webhooks_oldest_seconds.set(age(oldest));
    figures.artifacts.set(db::artifacts::count(db).await? as f64);
    figures.artifact_bytes.set(db::artifacts::stored_bytes(db, None).await? as f64);
    runners(app).await?;
    if app.config.metrics_projects {
        projects(app).await?;
    }
    Ok(())
}

async fn runners(app: &App) -> Result<()> {
    let held = db::builds::list_held(app.db.read(), None).await?;
    let holds = |runner: RunnerId| held.iter().any(|build| build.runner_id == Some(runner));
    let rows = db::runners::list(app.db.read(), None).await?;
    let states: Vec<RunnerStatus> = rows.iter().map(|row| app.leases.status_of(row, holds(row.id))).collect();
    for state in RunnerStatus::ALL {
        let count = states.iter().filter(|one| *one == state).count();
        app.metrics.now.runners.with_label_values(&[state.as_str()]).set(count as f64);
    }
    Ok(())
}

/// Projects come and go and are renamed, so none of before is left.
async fn projects(app: &App) -> Result<()> {
    let counts = db::tallies::by_project(app.db.read(), PROJECTS).await?;
    let ids: HashSet<ProjectId> = counts.iter().map(|(id, ..)| *id).collect();
    let rows = db::projects::find_all(app.db.read(), ids.into_iter().collect()).await?;
    let figures = &app.metrics.now.project_builds;
    figures.reset();
    for (id, status, builds) in counts {
        let name = rows.iter().find(|row| row.id == id).map(|row| row.name.as_str());
        // Two projects may have the same name.
        figures.with_label_values(&[name.unwrap_or_default(), status.as_str()]).add(builds as f64);
    }
    Ok(())
}

async fn folders(app: &App) -> Result<()> {
    let data = app.config.data.clone();
    let read = tokio::task::spawn_blocking(move || {
        let wal = PathBuf::from(format!("{}-wal", data.database.display()));
        let database = size(&data.database) + size(&wal);
        let entries = std::fs::read_dir(data.logs()).into_iter().flatten().flatten();
        let logs: u64 = entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum();
        (database, logs, disk::free_bytes(&data.root))
    });
    let read =
        read.await.map_err(|error| Error::internal("internal_error", "file work was interrupted", error));
    let (database, logs, free) = read?;
    app.metrics.now.database_bytes.set(database as f64);
    app.metrics.now.log_bytes.set(logs as f64);
    app.metrics.now.disk_free_bytes.set(free? as f64);
    Ok(())
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
