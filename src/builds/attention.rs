//! What somebody should look at now: default branches that do not build, builds that wait for long, runners that are away, disks
//! that fill up, sources that do not work. Only what the viewer may see; it changes nothing and remembers nothing.

use crate::app::App;
use crate::builds::queue;
use crate::db;
use crate::db::builds::{figures, related};
use crate::db::entity::{builds, incidents, integrations, runners};
use crate::domain::id::{BuildId, ProjectId};
use crate::domain::incident::{OperatorIncidentSeverity as Severity, OperatorIncidentStatus};
use crate::domain::runner::RunnerStatus;
use crate::error::Result;
use crate::storage::disk;
use crate::words;

/// From when on a build waits for long.
const LONG_MS: i64 = 10 * 60 * 1000;
/// Most pipelines that are looked at, and most builds of a kind.
const MAX_PIPELINES: u64 = 500;
const MAX_BUILDS: usize = 10;
/// A disk is nearly full below this part of it, unless there is plenty left all the same.
const LOW_PERCENT: u64 = 15;
const PLENTY: u64 = 100 * 1024 * 1024 * 1024;

words! {
    /// What is wrong.
    AttentionKind {
        /// The newest build of a pipeline on its project's own branch failed.
        BuildFailed = "build_failed",
        /// A build has been waiting for ten minutes or longer.
        BuildWaiting = "build_waiting",
        /// Building is paused.
        Paused = "paused",
        /// No runner is there to take builds.
        NoRunner = "no_runner",
        RunnerOffline = "runner_offline",
        /// Less than 15 % of a disk are free.
        DiskLow = "disk_low",
        /// A code host can't be used, or soon can't.
        SourceTrouble = "source_trouble",
    }
}

/// One thing to look at, with what it is about.
#[derive(Debug)]
pub enum Trouble {
    BuildFailed(Box<builds::Model>),
    BuildWaiting(Box<builds::Model>),
    Paused(Option<String>),
    NoRunner,
    RunnerOffline { runner: Box<runners::Model>, since: i64 },
    DiskLow(Disk),
    Source { incident: incidents::Model, source: Box<integrations::Model> },
}

/// A disk that is nearly full: of a runner, or of the daemon.
#[derive(Debug)]
pub struct Disk {
    pub runner: Option<Box<runners::Model>>,
    pub free: u64,
    pub total: u64,
    /// Whether builds are held back for it.
    pub stops: bool,
}

impl Trouble {
    pub fn kind(&self) -> AttentionKind {
        match self {
            Trouble::BuildFailed(_) => AttentionKind::BuildFailed,
            Trouble::BuildWaiting(_) => AttentionKind::BuildWaiting,
            Trouble::Paused(_) => AttentionKind::Paused,
            Trouble::NoRunner => AttentionKind::NoRunner,
            Trouble::RunnerOffline { .. } => AttentionKind::RunnerOffline,
            Trouble::DiskLow(_) => AttentionKind::DiskLow,
            Trouble::Source { .. } => AttentionKind::SourceTrouble,
        }
    }

    pub fn severity(&self) -> Severity {
        match self {
            Trouble::NoRunner | Trouble::BuildFailed(_) => Severity::Critical,
            Trouble::DiskLow(disk) if disk.stops => Severity::Critical,
            Trouble::Paused(_)
            | Trouble::BuildWaiting(_)
            | Trouble::RunnerOffline { .. }
            | Trouble::DiskLow(_) => Severity::Warning,
            Trouble::Source { incident, .. } => incident.severity,
        }
    }

    /// Since when, in Unix seconds, as far as that is known.
    pub fn since(&self) -> Option<i64> {
        match self {
            Trouble::BuildFailed(build) => build.finished_at_ms.map(|ms| ms.div_euclid(1000)),
            Trouble::BuildWaiting(build) => Some(build.queued_at_ms.div_euclid(1000)),
            Trouble::RunnerOffline { since, .. } => Some(*since),
            Trouble::Source { incident, .. } => Some(incident.first_at),
            Trouble::Paused(_) | Trouble::NoRunner | Trouble::DiskLow(_) => None,
        }
    }

    /// The same as long as the same thing is wrong, and never again once it was right.
    pub fn key(&self) -> String {
        let kind = self.kind();
        match self {
            Trouble::BuildFailed(build) | Trouble::BuildWaiting(build) => format!("{kind}:{}", build.id),
            Trouble::RunnerOffline { runner, since } => format!("{kind}:{}:{since}", runner.id),
            Trouble::DiskLow(Disk { runner, .. }) => {
                format!(
                    "{kind}:{}",
                    runner.as_ref().map_or("daemon".to_owned(), |runner| runner.id.to_string())
                )
            }
            Trouble::Source { incident, .. } => format!("{kind}:{}", incident.id),
            Trouble::Paused(_) | Trouble::NoRunner => kind.to_string(),
        }
    }
}

/// What somebody may know of beside their projects.
#[derive(Debug, Clone, Copy)]
pub struct Sees {
    pub runners: bool,
    pub instance: bool,
    /// Whether they could repair a source.
    pub sources: bool,
}

/// Everything that somebody should look at in these projects (`None` means all), the worst first and then the newest.
pub async fn look(app: &App, sees: Sees, projects: Option<&[ProjectId]>) -> Result<Vec<Trouble>> {
    let mut found = failed(app, projects).await?;
    found.extend(waiting(app, projects).await?);
    let instance = db::instance::get(app.db.read()).await?;
    if instance.runners_paused {
        found.push(Trouble::Paused(instance.pause_reason));
    }
    if sees.runners {
        found.extend(runners(app).await?);
    }
    if sees.instance {
        found.extend(own_disk(app));
    }
    if sees.sources {
        found.extend(sources(app).await?);
    }
    found.sort_by_key(|trouble| std::cmp::Reverse((rank(trouble.severity()), trouble.since())));
    Ok(found)
}

fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 0,
        Severity::Warning => 1,
        Severity::Critical => 2,
    }
}

async fn failed(app: &App, projects: Option<&[ProjectId]>) -> Result<Vec<Trouble>> {
    let db = app.db.read();
    let mut failed: Vec<BuildId> = Vec::new();
    for newest in figures::newest_of_default_branches(db, projects, MAX_PIPELINES).await? {
        if failed.len() >= MAX_BUILDS {
            break;
        }
        if newest.status.is_failure() {
            failed.push(newest.id);
        } else if let Some(group) = newest.matrix_group {
            // Another combination of the same trigger may have failed.
            let group = related::group(db, group).await?;
            failed.extend(group.iter().find(|one| one.status.is_failure()).map(|one| one.id));
        }
    }
    let rows = figures::find_all(db, failed).await?;
    Ok(rows.into_iter().map(|row| Trouble::BuildFailed(Box::new(row))).collect())
}

async fn waiting(app: &App, projects: Option<&[ProjectId]>) -> Result<Vec<Trouble>> {
    let before = app.clock.now_ms() - LONG_MS;
    let rows = figures::waiting_since(app.db.read(), projects, before, MAX_BUILDS as u64).await?;
    Ok(rows.into_iter().map(|row| Trouble::BuildWaiting(Box::new(row))).collect())
}

/// Runners that are away, or whose disk fills up. Without any other it is enough to say so once.
async fn runners(app: &App) -> Result<Vec<Trouble>> {
    let all = db::runners::list(app.db.read(), None).await?;
    let serving = all.into_iter().filter(|runner| app.config.runner_mode.serves(runner.embedded));
    let (away, there): (Vec<_>, Vec<_>) =
        serving.partition(|runner| app.leases.status_of(runner, false) == RunnerStatus::Offline);
    if there.is_empty() {
        return Ok(vec![Trouble::NoRunner]);
    }
    let low = there.into_iter().filter_map(|runner| {
        let figures = app.leases.figures(runner.id)?;
        let (free, total) = (figures.disk_free_bytes, figures.disk_total_bytes);
        is_low(free, total)
            .then(|| Trouble::DiskLow(Disk { runner: Some(Box::new(runner)), free, total, stops: false }))
    });
    let away = away.into_iter().map(|runner| {
        let heard = app.leases.last_heard(runner.id).or(runner.last_heartbeat_at);
        let since = heard.unwrap_or(runner.created_at);
        Trouble::RunnerOffline { runner: Box::new(runner), since }
    });
    Ok(away.chain(low).collect())
}

fn own_disk(app: &App) -> Option<Trouble> {
    let (free, total) = disk::space(&app.config.data.root).ok()?;
    let stops = queue::disk_is_low(app);
    (stops || is_low(free, total)).then_some(Trouble::DiskLow(Disk { runner: None, free, total, stops }))
}

fn is_low(free: u64, total: u64) -> bool {
    free < PLENTY && free.saturating_mul(100) < total.saturating_mul(LOW_PERCENT)
}

async fn sources(app: &App) -> Result<Vec<Trouble>> {
    let db = app.db.read();
    let filter = db::incidents::Filter { status: Some(OperatorIncidentStatus::Open), integration: None };
    let open = db::incidents::list(db, filter).await?;
    let sources = open.iter().map(|row| row.integration_id).collect();
    let sources = db::integrations::find_all(db, sources).await?;
    let trouble = |incident: incidents::Model| {
        let source = sources.iter().find(|source| source.id == incident.integration_id)?.clone();
        Some(Trouble::Source { incident, source: Box::new(source) })
    };
    Ok(open.into_iter().filter_map(trouble).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_low_below_a_part_of_it_unless_plenty_is_left() {
        let gib = 1024 * 1024 * 1024;
        assert!(is_low(14 * gib, 100 * gib) && !is_low(15 * gib, 100 * gib));
        assert!(!is_low(100 * gib, 4000 * gib) && is_low(99 * gib, 4000 * gib));
        assert!(!is_low(0, 0));
    }
}
