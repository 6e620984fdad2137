//! What a queued build waits for, in words a person understands, and what a runner may not have. The order of the
//! queue itself is a query: `db::builds::queue`.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::ConnectionTrait;

use crate::app::App;
use crate::db::builds::queue::{self, Except};
use crate::db::builds::{Outcome, Transition, With};
use crate::db::{self, entity};
use crate::domain::build::{BuildMove, BuildStatus};
use crate::domain::id::{PipelineId, ProjectId, RepositoryId, RunnerId};
use crate::domain::label::Offer;
use crate::domain::runner::RunnerStatus;
use crate::domain::text::given;
use crate::error::{Error, Result};
use crate::storage::disk;
use crate::words;

/// How many builds expire in one go.
const EXPIRED_AT_ONCE: u64 = 100;
const MAX_REASON_CHARS: usize = 500;

words! {
    /// A rule of the instance that holds a build back.
    RunnerPolicyBlockReason {
        InstancePaused = "instance_paused",
        RepositoryUnavailable = "repository_unavailable",
    }
}

words! {
    /// Why a runner does not take a queued build.
    RunnerWaitReason {
        Offline = "offline",
        /// It lacks labels that the build asks for.
        MissingLabels = "missing_labels",
        Draining = "draining",
        /// The build is not to start anywhere: its repository is gone.
        Unavailable = "repository_unavailable",
        /// Building is paused on the instance.
        Paused = "paused",
        /// The pipeline already runs as many builds as it may.
        PipelineFull = "pipeline_full",
        /// The daemon's disk has too little room.
        DiskLow = "disk_low",
        /// All its slots are taken by other builds.
        NoSlot = "no_slot",
        /// It is about to take a build.
        Ready = "ready",
    }
}

/// Why a build is still in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub blocked_by: Option<RunnerPolicyBlockReason>,
    pub sentence: String,
}

/// Why one runner does not take a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunnerWait {
    pub id: RunnerId,
    pub name: String,
    pub reason: RunnerWaitReason,
    /// The labels it lacks.
    pub missing: Vec<String>,
    /// What the person who drained it said.
    pub note: Option<String>,
}

/// Everything that decides what queued builds wait for, at one moment.
#[derive(Debug)]
pub struct Situation {
    paused: bool,
    pause_reason: Option<String>,
    disk_is_low: bool,
    min_free_mib: u64,
    runners: Vec<Candidate>,
    running: HashMap<PipelineId, i64>,
    limits: HashMap<PipelineId, i64>,
    repositories: HashMap<ProjectId, Option<RepositoryId>>,
}

/// A runner that might take a build.
#[derive(Debug)]
struct Candidate {
    id: RunnerId,
    name: String,
    status: RunnerStatus,
    offer: Offer,
    drain_reason: Option<String>,
    slots: usize,
    /// How many builds it holds.
    held: usize,
}

impl Candidate {
    /// Whether its slots are taken: by builds that it holds, or by one that it is not done with.
    fn is_full(&self) -> bool {
        self.held.max(usize::from(self.status == RunnerStatus::Busy)) >= self.slots
    }

    /// Whether it would take builds if it had a slot.
    fn is_at_work(&self) -> bool {
        matches!(self.status, RunnerStatus::Online | RunnerStatus::Busy)
    }
}

/// Why something is held back, in the words of a person; `None` if they said nothing.
pub fn checked_reason(reason: Option<&str>) -> Result<Option<String>> {
    let reason = given(reason);
    if reason
        .is_some_and(|text| text.chars().count() > MAX_REASON_CHARS || text.chars().any(char::is_control))
    {
        let why = format!("a reason must be one line of at most {MAX_REASON_CHARS} characters");
        return Err(Error::invalid("invalid_input", why));
    }
    Ok(reason.map(str::to_owned))
}

/// Whether the data disk has too little room to start builds.
pub fn disk_is_low(app: &App) -> bool {
    let free = disk::free_bytes(&app.config.data.root);
    free.is_ok_and(|free| free < app.config.min_free_disk_bytes)
}

/// What a runner with this offer may not have at the moment.
pub async fn out_of_reach(db: &impl ConnectionTrait, offer: &Offer) -> Result<Except> {
    // What is unreadable is handed out, so that it is seen and rejected.
    let is_unmet = |demand: &String| {
        serde_json::from_str::<Vec<String>>(demand).is_ok_and(|labels| !offer.missing(&labels).is_empty())
    };
    let demands = queue::demands(db).await?.into_iter().filter(is_unmet).collect();
    Ok(Except { pipelines: full_pipelines(db).await?, demands })
}

/// The pipelines that already run as many builds as they may.
async fn full_pipelines(db: &impl ConnectionTrait) -> Result<Vec<PipelineId>> {
    let running = db::tallies::held(db).await?;
    let limits = db::pipelines::limits(db, running.keys().copied()).await?;
    let full =
        running.iter().filter(|(pipeline, count)| limits.get(pipeline).is_some_and(|limit| *count >= limit));
    Ok(full.map(|(pipeline, _)| *pipeline).collect())
}

/// Ends builds that have waited longer than they may.
pub async fn expire(app: &App) -> Result<()> {
    let limit = app.config.queue_timeout;
    if limit.is_zero() {
        return Ok(());
    }
    let now_ms = app.clock.now_ms();
    let before_ms = app.clock.patient_ms() - i64::try_from(limit.as_millis()).unwrap_or(i64::MAX);
    for build in queue::list_overdue(app.db.read(), before_ms, EXPIRED_AT_ONCE).await? {
        let message =
            format!("It waited in the queue for longer than {} without a runner taking it.", span(limit));
        let outcome = Outcome { error_message: Some(message), ..Outcome::default() };
        let expire = Transition {
            by: BuildMove::Expire,
            actor: None,
            reason: "queue timeout",
            now_ms,
            with: With::Outcome(outcome),
        };
        let expired = app.db.write(async |tx| db::builds::shift(tx, build, &expire).await).await;
        match expired {
            Ok(_) => tracing::info!(%build, "a build expired in the queue"),
            // A runner or a person came first.
            Err(error) if ["invalid_transition", "not_found"].contains(&error.code) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A time in words: `24 h`, `90 min`, `45 s`.
fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

/// Looks at the situation; `None` if none of `builds` is queued.
pub async fn look(app: &App, builds: &[entity::builds::Model]) -> Result<Option<Situation>> {
    let queued: Vec<_> = builds.iter().filter(|build| build.status == BuildStatus::Queued).collect();
    if queued.is_empty() {
        return Ok(None);
    }
    let db = app.db.read();
    let held = db::builds::list_held(db, None).await?;
    let candidate = |runner: entity::runners::Model| {
        let held = held.iter().filter(|build| build.runner_id == Some(runner.id)).count();
        Candidate {
            status: app.leases.status_of(&runner, held > 0),
            offer: runner.offer(),
            slots: runner.slots(),
            held,
            id: runner.id,
            name: runner.name,
            drain_reason: runner.drain_reason,
        }
    };
    let served = |runner: &entity::runners::Model| app.config.runner_mode.serves(runner.embedded);
    let runners = db::runners::list(db, None).await?.into_iter().filter(served).map(candidate).collect();
    let projects = queued.iter().map(|build| build.project_id).collect();
    let projects = db::projects::find_all(db, projects).await?;
    let instance = db::instance::get(db).await?;
    Ok(Some(Situation {
        paused: instance.runners_paused,
        pause_reason: instance.pause_reason,
        disk_is_low: disk_is_low(app),
        min_free_mib: app.config.min_free_disk_bytes / (1024 * 1024),
        runners,
        running: db::tallies::held(db).await?,
        limits: db::pipelines::limits(db, queued.iter().map(|build| build.pipeline_id)).await?,
        repositories: projects.into_iter().map(|project| (project.id, project.repository_id)).collect(),
    }))
}

impl Situation {
    /// What `build` waits for; `None` unless it is queued.
    pub fn waiting(&self, build: &entity::builds::Model) -> Option<Waiting> {
        if build.status != BuildStatus::Queued {
            return None;
        }
        if !self.has_repository(build) {
            return Some(Waiting {
                blocked_by: Some(RunnerPolicyBlockReason::RepositoryUnavailable),
                sentence: "The project's repository has changed since; this build will not start. Cancel it."
                    .to_owned(),
            });
        }
        if self.paused {
            let sentence = match &self.pause_reason {
                Some(reason) => format!("Building is paused on this instance: {reason}"),
                None => "Building is paused on this instance.".to_owned(),
            };
            return Some(Waiting { blocked_by: Some(RunnerPolicyBlockReason::InstancePaused), sentence });
        }
        Some(Waiting { blocked_by: None, sentence: self.sentence(build) })
    }

    /// Why each runner does not take `build`, in order of registration.
    pub fn runners(&self, build: &entity::builds::Model) -> Vec<RunnerWait> {
        let wait = |runner: &Candidate| {
            let missing = runner.offer.missing(&build.requirements.0);
            let reason = self.reason(runner, &missing, build);
            let note = runner.drain_reason.clone().filter(|_| reason == RunnerWaitReason::Draining);
            RunnerWait { id: runner.id, name: runner.name.clone(), reason, missing, note }
        };
        self.runners.iter().map(wait).collect()
    }

    fn reason(
        &self,
        runner: &Candidate,
        missing: &[String],
        build: &entity::builds::Model,
    ) -> RunnerWaitReason {
        if !missing.is_empty() {
            return RunnerWaitReason::MissingLabels;
        }
        match runner.status {
            RunnerStatus::Offline => RunnerWaitReason::Offline,
            RunnerStatus::Draining => RunnerWaitReason::Draining,
            RunnerStatus::Online | RunnerStatus::Busy if !self.has_repository(build) => {
                RunnerWaitReason::Unavailable
            }
            RunnerStatus::Online | RunnerStatus::Busy if self.paused => RunnerWaitReason::Paused,
            RunnerStatus::Online | RunnerStatus::Busy if self.is_full(build.pipeline_id).is_some() => {
                RunnerWaitReason::PipelineFull
            }
            RunnerStatus::Online | RunnerStatus::Busy if self.disk_is_low => RunnerWaitReason::DiskLow,
            RunnerStatus::Online | RunnerStatus::Busy if runner.is_full() => RunnerWaitReason::NoSlot,
            RunnerStatus::Online | RunnerStatus::Busy => RunnerWaitReason::Ready,
        }
    }

    fn has_repository(&self, build: &entity::builds::Model) -> bool {
        let repository = self.repositories.get(&build.project_id).copied().flatten();
        repository.is_some() && repository == build.repository_id
    }

    /// The limit of a pipeline that has reached it, and how many of its builds run.
    fn is_full(&self, pipeline: PipelineId) -> Option<(i64, i64)> {
        let running = self.running.get(&pipeline).copied().unwrap_or(0);
        self.limits.get(&pipeline).filter(|limit| running >= **limit).map(|limit| (*limit, running))
    }

    fn sentence(&self, build: &entity::builds::Model) -> String {
        if let Some((limit, running)) = self.is_full(build.pipeline_id) {
            return format!(
                "The pipeline may run {limit} at a time, and {running} of its builds are running."
            );
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
        let lacking = |runner: &Candidate| runner.offer.missing(&build.requirements.0);
        let able: Vec<_> = self.runners.iter().filter(|runner| lacking(runner).is_empty()).collect();
        if able.is_empty() {
            let closest = self.runners.iter().map(lacking).min_by_key(Vec::len).unwrap_or_default();
            return format!("No runner has everything this build needs; it lacks {}.", closest.join(", "));
        }
        let at_work = able.iter().copied().filter(|runner| runner.is_at_work());
        let (full, free): (Vec<&Candidate>, Vec<&Candidate>) = at_work.partition(|runner| runner.is_full());
        let draining = able.iter().filter(|runner| runner.status == RunnerStatus::Draining).count();
        if !free.is_empty() {
            return "A runner is about to take it.".to_owned();
        }
        let able = match able.len() == self.runners.len() {
            true => String::new(),
            false => format!(" with {}", build.requirements.0.join(", ")),
        };
        match (full.as_slice(), draining) {
            ([], 0) => format!("No runner{able} is online."),
            ([], _) => format!("The runners{able} that are online take no new builds."),
            ([one], _) if one.slots == 1 => format!("The runner{able} is busy with another build."),
            ([one], _) => format!("The runner{able} has no free slot: it runs {} builds.", one.held),
            (several, _) => format!("All {} runners{able} are busy with other builds.", several.len()),
        }
    }
}
