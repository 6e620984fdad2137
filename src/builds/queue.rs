//! What a queued build waits for, in words a person understands, and which pipelines have no room.
//! The order of the queue itself is a query: `db::builds::oldest_eligible`.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;

use crate::app::App;
use crate::db::builds::Claimable;
use crate::db::{self, entity};
use crate::domain::build::BuildStatus;
use crate::domain::id::{PipelineId, ProjectId, RepositoryId};
use crate::domain::runner::{PROTOCOL_REFERENCE, RunnerStatus};
use crate::error::Result;
use crate::storage::disk;
use crate::words;

words! {
    /// A rule of the instance that holds a build back.
    RunnerPolicyBlockReason {
        InstancePaused = "instance_paused",
        RepositoryUnavailable = "repository_unavailable",
    }
}

/// Why a build is still in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub blocked_by: Option<RunnerPolicyBlockReason>,
    pub sentence: String,
}

/// Everything that decides what queued builds wait for, at one moment.
#[derive(Debug)]
pub struct Situation {
    paused: bool,
    disk_is_low: bool,
    min_free_mib: u64,
    runners: Vec<RunnerStatus>,
    /// The newest protocol of the runners that are there.
    newest_protocol: i64,
    running: HashMap<PipelineId, i64>,
    limits: HashMap<PipelineId, i64>,
    repositories: HashMap<ProjectId, Option<RepositoryId>>,
}

/// Whether the data disk has too little room to start builds.
pub fn disk_is_low(app: &App) -> bool {
    let free = disk::free_bytes(&app.config.data.root);
    free.is_ok_and(|free| free < app.config.min_free_disk_bytes)
}

/// What a runner of a protocol may have at the moment.
pub async fn claimable(db: &impl ConnectionTrait, protocol: i64) -> Result<Claimable> {
    let running = running(db).await?;
    let limits = limits(db, running.keys().copied().collect()).await?;
    let full =
        running.iter().filter(|(pipeline, count)| limits.get(pipeline).is_some_and(|limit| *count >= limit));
    let full = full.map(|(pipeline, _)| *pipeline).collect();
    Ok(Claimable { protocol, running, full })
}

async fn running(db: &impl ConnectionTrait) -> Result<HashMap<PipelineId, i64>> {
    let held = db::builds::list_held(db, None).await?;
    Ok(held.iter().fold(HashMap::new(), |mut counts, build| {
        *counts.entry(build.pipeline_id).or_default() += 1;
        counts
    }))
}

async fn limits(db: &impl ConnectionTrait, pipelines: Vec<PipelineId>) -> Result<HashMap<PipelineId, i64>> {
    let rows = db::pipelines::find_all(db, pipelines).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.id, row.concurrency.0.max_concurrent?))).collect())
}

/// Looks at the situation; `None` if none of `builds` is queued.
pub async fn look(app: &App, builds: &[entity::builds::Model]) -> Result<Option<Situation>> {
    let queued: Vec<_> = builds.iter().filter(|build| build.status == BuildStatus::Queued).collect();
    if queued.is_empty() {
        return Ok(None);
    }
    let db = app.db.read();
    let held = db::builds::list_held(db, None).await?;
    let mut newest_protocol = PROTOCOL_REFERENCE;
    let mut runners = Vec::new();
    for runner in db::runners::list(db, None).await? {
        let holds = held.iter().any(|build| build.runner_id == Some(runner.id));
        let status = app.leases.status(runner.id, holds);
        if status != RunnerStatus::Offline {
            newest_protocol = newest_protocol.max(runner.protocol());
        }
        runners.push(status);
    }
    let projects = queued.iter().map(|build| build.project_id).collect();
    let projects = db::projects::find_all(db, projects).await?;
    Ok(Some(Situation {
        paused: db::instance::get(db).await?.runners_paused,
        disk_is_low: disk_is_low(app),
        min_free_mib: app.config.min_free_disk_bytes / (1024 * 1024),
        runners,
        newest_protocol,
        running: running(db).await?,
        limits: limits(db, queued.iter().map(|build| build.pipeline_id).collect()).await?,
        repositories: projects.into_iter().map(|project| (project.id, project.repository_id)).collect(),
    }))
}

impl Situation {
    /// What `build` waits for; `None` unless it is queued.
    pub fn waiting(&self, build: &entity::builds::Model) -> Option<Waiting> {
        if build.status != BuildStatus::Queued {
            return None;
        }
        let repository = self.repositories.get(&build.project_id).copied().flatten();
        if build.repository_id.is_none() || repository != build.repository_id {
            return Some(Waiting {
                blocked_by: Some(RunnerPolicyBlockReason::RepositoryUnavailable),
                sentence: "The project's repository has changed since; this build will not start. Cancel it."
                    .to_owned(),
            });
        }
        if self.paused {
            return Some(Waiting {
                blocked_by: Some(RunnerPolicyBlockReason::InstancePaused),
                sentence: "Building is paused on this instance.".to_owned(),
            });
        }
        Some(Waiting { blocked_by: None, sentence: self.sentence(build) })
    }

    fn sentence(&self, build: &entity::builds::Model) -> String {
        let pipeline = build.pipeline_id;
        let count = |status| self.runners.iter().filter(|found| **found == status).count();
        let (idle, busy, draining) =
            (count(RunnerStatus::Online), count(RunnerStatus::Busy), count(RunnerStatus::Draining));
        let running = self.running.get(&pipeline).copied().unwrap_or(0);
        match build.max_concurrent.or_else(|| self.limits.get(&pipeline).copied()) {
            Some(limit) if running >= limit => {
                return format!(
                    "The pipeline may run {limit} at a time, and {running} of its builds are running."
                );
            }
            Some(_) | None => {}
        }
        if self.disk_is_low {
            return format!(
                "The daemon's disk has less than {} MiB free; no build starts.",
                self.min_free_mib
            );
        }
        if self.runners.is_empty() {
            return "No runner is registered.".to_owned();
        }
        if idle + busy > 0 && build.min_protocol > self.newest_protocol {
            return format!(
                "Its file is of version 2, for which a runner must speak protocol {}; none of those that are \
                 online does. Update one.",
                build.min_protocol
            );
        }
        if idle > 0 {
            return "A runner is about to take it.".to_owned();
        }
        match (busy, draining) {
            (0, 0) => "No runner is online.".to_owned(),
            (0, _) => "The runners that are online take no new builds.".to_owned(),
            (1, _) => "The runner is busy with another build.".to_owned(),
            (busy, _) => format!("All {busy} runners are busy with other builds."),
        }
    }
}
