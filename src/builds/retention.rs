//! What becomes of builds and artifacts whose time is over. First what goes is put out of sight, then its bytes are
//! removed, and rows go last: a pass that is cut off leaves nothing that looks whole and is not, and the next one goes on
//! where it stopped. An outcome never changes, and nothing is taken from a pinned build.

use std::collections::HashSet;
use std::time::Duration;

use super::{artifacts, bytes, log_keeping};
use crate::app::App;
use crate::audit;
use crate::db::builds::retention::{self as candidates, Bounds, Candidate};
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::id::{ArtifactId, BuildId, ProjectId};
use crate::domain::retention::{Cleanup, Policy, RetentionCleanupTarget, RetentionRule};
use crate::error::Result;

/// Builds, or artifacts, that are handled in one transaction.
const BATCH: usize = 100;
/// How long one pass may take.
const BUDGET: Duration = Duration::from_secs(30);
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A build that a rule takes something from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub build: BuildId,
    pub artifacts: i64,
    pub bytes: i64,
    pub rule: RetentionRule,
    pub target: RetentionCleanupTarget,
}

impl Due {
    fn of(candidate: &Candidate, rule: RetentionRule, target: RetentionCleanupTarget) -> Self {
        Self { build: candidate.id, artifacts: candidate.files, bytes: candidate.bytes, rule, target }
    }
}

/// Everything that the policies take now. The disk budget is the instance's, so it needs the policies of all projects.
pub async fn plan(app: &App, policies: &[(ProjectId, Policy)], disk_budget: Option<i64>) -> Result<Vec<Due>> {
    let now_ms = app.clock.patient_ms();
    let mut due = Vec::new();
    for (project, policy) in policies.iter().filter(|(_, policy)| policy.enabled && policy.has_rules()) {
        due.extend(of_project(app, *project, policy, now_ms).await?);
    }
    if let Some(budget) = disk_budget {
        let beyond = beyond_budget(app, policies, budget, &due).await?;
        due.extend(beyond);
    }
    Ok(due)
}

async fn of_project(app: &App, project: ProjectId, policy: &Policy, now_ms: i64) -> Result<Vec<Due>> {
    let bounds = Bounds {
        before_ms: policy.max_age_days.map(|days| now_ms.saturating_sub(days.saturating_mul(DAY_MS))),
        builds: policy.max_builds,
        bytes: policy.max_artifact_bytes,
    };
    let whole = policy.target == RetentionCleanupTarget::Full;
    let statuses = policy.candidates();
    let found = candidates::beyond(app.db.read(), project, &statuses, bounds, whole).await?;
    let rule = |candidate: &Candidate| match bounds {
        Bounds { before_ms: Some(before), .. } if candidate.finished_at_ms < before => RetentionRule::Age,
        Bounds { builds: Some(most), .. } if candidate.place > most => RetentionRule::Count,
        Bounds { .. } => RetentionRule::Size,
    };
    Ok(found.iter().map(|candidate| Due::of(candidate, rule(candidate), policy.target)).collect())
}

/// The oldest builds with artifacts until the rest fits into the budget, besides those that are `due` anyway.
async fn beyond_budget(
    app: &App,
    policies: &[(ProjectId, Policy)],
    budget: i64,
    due: &[Due],
) -> Result<Vec<Due>> {
    let going: i64 = due.iter().map(|due| due.bytes).sum();
    let mut over = db::artifacts::stored_bytes(app.db.read(), None).await? - going - budget;
    if over <= 0 {
        return Ok(Vec::new());
    }
    let gone: HashSet<BuildId> = due.iter().map(|due| due.build).collect();
    let mut left = Vec::new();
    for (project, policy) in policies.iter().filter(|(_, policy)| policy.enabled) {
        let found = candidates::with_artifacts(app.db.read(), *project, &policy.candidates()).await?;
        let found = found.into_iter().filter(|candidate| !gone.contains(&candidate.id));
        left.extend(found.map(|candidate| (candidate, policy.target)));
    }
    left.sort_by_key(|(candidate, _)| (candidate.finished_at_ms, candidate.id));
    let needed = left.into_iter().take_while(|(candidate, _)| {
        let is_needed = over > 0;
        over -= candidate.bytes;
        is_needed
    });
    Ok(needed.map(|(candidate, target)| Due::of(&candidate, RetentionRule::DiskBudget, target)).collect())
}

/// Whether a pass did all that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    Done,
    /// Its time was over before.
    Backlog,
}

/// One pass: removes what the policies say, as far as its time goes.
pub async fn run(app: &App) -> Result<Pass> {
    let started = app.clock.moment();
    let mut total = remove_bytes(app).await?;
    let row = db::retention::get(app.db.read()).await?;
    let policies = db::retention::policies(app.db.read(), &row).await?;
    if !policies.iter().any(|(_, policy)| policy.enabled) {
        return Ok(Pass::Done);
    }
    let due = plan(app, &policies, row.disk_budget_bytes.filter(|_| row.enabled)).await?;
    if row.dry_run {
        note(app, forecast(app, &due)).await?;
        return Ok(Pass::Done);
    }
    let (mut pass, mut builds) = (Pass::Done, 0);
    for batch in due.chunks(BATCH) {
        if app.stopping.is_cancelled() || app.clock.moment().saturating_sub(started) > BUDGET {
            pass = Pass::Backlog;
            break;
        }
        builds += put_out_of_sight(app, batch).await?;
        total.add(remove_bytes(app).await?);
        delete_whole(app, batch).await?;
    }
    let done = Cleanup {
        builds,
        artifacts: total.artifacts,
        bytes: total.bytes,
        dry_run: false,
        at: app.clock.now(),
    };
    note(app, done).await?;
    Ok(pass)
}

fn forecast(app: &App, due: &[Due]) -> Cleanup {
    Cleanup {
        builds: i64::try_from(due.len()).unwrap_or(i64::MAX),
        artifacts: due.iter().map(|due| due.artifacts).sum(),
        bytes: due.iter().map(|due| due.bytes).sum(),
        dry_run: true,
        at: app.clock.now(),
    }
}

async fn put_out_of_sight(app: &App, batch: &[Due]) -> Result<i64> {
    let builds: Vec<(BuildId, RetentionRule)> = batch.iter().map(|due| (due.build, due.rule)).collect();
    let now = app.clock.now();
    let taken = app.db.write(async |tx| candidates::take(tx, &builds, now).await).await?;
    Ok(i64::try_from(taken.len()).unwrap_or(i64::MAX))
}

/// Deletes the builds that go as a whole: logs first, then rows. One whose artifacts' bytes could not be removed has its turn
/// in the next pass.
async fn delete_whole(app: &App, batch: &[Due]) -> Result<()> {
    let whole = batch.iter().filter(|due| due.target == RetentionCleanupTarget::Full);
    let mut builds: Vec<BuildId> = whole.map(|due| due.build).collect();
    let unfinished = db::artifacts::builds_with_bytes(app.db.read(), &builds).await?;
    builds.retain(|build| !unfinished.contains(build));
    if builds.is_empty() {
        return Ok(());
    }
    let unpinned = candidates::unpinned(app.db.read(), &builds).await?;
    log_keeping::remove(app, &unpinned).await?;
    let gone = app.db.write(async |tx| candidates::delete(tx, &builds).await).await?;
    bytes::remove(app, &gone).await;
    Ok(())
}

/// Removes artifacts whose time to live is over.
pub async fn expire(app: &App) -> Result<()> {
    let row = db::retention::get(app.db.read()).await?;
    let mut total = remove_bytes(app).await?;
    while !row.dry_run && !app.stopping.is_cancelled() {
        let now = app.clock.patient_ms().div_euclid(1000);
        if db::artifacts::list_expired(app.db.read(), now, 1).await?.is_empty() {
            break;
        }
        app.db.write(async |tx| db::artifacts::expire(tx, now, BATCH as u64).await).await?;
        total.add(remove_bytes(app).await?);
    }
    if total.artifacts > 0 {
        let action = AuditAction::ArtifactExpiryCleanupCompleted;
        let entry = Entry::new(action, Actor::Schedule, AuditResource::Artifact).details(total.details());
        app.db.write(async |tx| audit::record(tx, app, entry).await).await?;
    }
    Ok(())
}

/// When an artifact that is announced now expires, by the policy of its project.
pub async fn expires_at(tx: &Tx, project: ProjectId, now: i64) -> Result<Option<i64>> {
    let policy = db::retention::policy_of(tx, project).await?;
    let days = policy.artifact_ttl_days.filter(|_| policy.enabled);
    Ok(days.map(|days| now.saturating_add(days.saturating_mul(DAY_MS / 1000))))
}

/// What was removed for good.
#[derive(Debug, Clone, Copy, Default)]
struct Removed {
    artifacts: i64,
    bytes: i64,
}

impl Removed {
    fn add(&mut self, more: Removed) {
        self.artifacts += more.artifacts;
        self.bytes += more.bytes;
    }

    fn details(self) -> serde_json::Value {
        serde_json::json!({"artifacts_deleted": self.artifacts, "bytes_reclaimed": self.bytes})
    }
}

/// Removes the bytes of everything that is out of sight. What can't be removed now stays for the next time.
async fn remove_bytes(app: &App) -> Result<Removed> {
    let (mut removed, mut after) = (Removed::default(), None::<ArtifactId>);
    loop {
        let rows = db::artifacts::list_with_bytes(app.db.read(), after, BATCH as u64).await?;
        let Some(last) = rows.last() else { return Ok(removed) };
        after = Some(last.id);
        let mut gone = Vec::with_capacity(rows.len());
        for row in &rows {
            match artifacts::remove_bytes(app, row).await {
                Ok(()) => gone.push(row),
                Err(error) => {
                    tracing::warn!(artifact = %row.id, "an artifact's bytes could not be removed: {error}")
                }
            }
        }
        let (ids, now) = (gone.iter().map(|row| row.id).collect::<Vec<_>>(), app.clock.now());
        app.db.write(async |tx| db::artifacts::set_bytes_removed(tx, &ids, now).await).await?;
        let bytes = gone.iter().filter_map(|row| row.file_size).sum();
        removed.add(Removed { artifacts: i64::try_from(gone.len()).unwrap_or(i64::MAX), bytes });
    }
}

/// Keeps what a pass did for whoever asks, and in the audit log if it removed something.
async fn note(app: &App, cleanup: Cleanup) -> Result<()> {
    let Cleanup { builds, artifacts, bytes, dry_run, .. } = cleanup;
    if builds > 0 {
        tracing::info!(builds, artifacts, bytes, dry_run, "looked for what is kept too long");
    }
    let details = serde_json::json!({
        "builds_expired": builds, "artifacts_deleted": artifacts, "bytes_reclaimed": bytes,
    });
    let action = AuditAction::RetentionCleanupCompleted;
    let entry = Entry::new(action, Actor::Schedule, AuditResource::RetentionPolicy).details(details);
    app.db
        .write(async |tx| {
            db::retention::set_last_cleanup(tx, cleanup).await?;
            if builds + artifacts > 0 && !dry_run {
                audit::record(tx, app, entry.clone()).await?;
            }
            Ok(())
        })
        .await
}
