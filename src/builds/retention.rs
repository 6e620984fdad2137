//! What becomes of builds and artifacts whose time is over. What goes is put out of sight and noted as left over in one
//! transaction, its bytes are removed afterwards: a pass that is cut off leaves nothing that looks whole and is not. An
//! outcome never changes, and nothing is taken from a pinned build.

use std::collections::HashSet;
use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{bytes, leftovers};
use crate::app::App;
use crate::audit;
use crate::db::builds::retention::{self as candidates, Bounds, Candidate};
use crate::db::entity::artifacts::Model;
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::id::{BuildId, ProjectId};
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
    let row = db::retention::get(app.db.read()).await?;
    let policies = db::retention::policies(app.db.read(), &row).await?;
    if !policies.iter().any(|(_, policy)| policy.enabled) {
        return Ok(Pass::Done);
    }
    let due = plan(app, &policies, row.budget_in_force()).await?;
    if row.dry_run {
        note(app, forecast(app, &due)).await?;
        return Ok(Pass::Done);
    }
    let (mut pass, mut total) = (Pass::Done, Removed::default());
    for batch in due.chunks(BATCH) {
        if app.stopping.is_cancelled() || app.clock.moment().saturating_sub(started) > BUDGET {
            pass = Pass::Backlog;
            break;
        }
        total.add(take(app, batch).await?);
        delete_whole(app, batch).await?;
    }
    let Removed { builds, artifacts, bytes } = total;
    note(app, Cleanup { builds, artifacts, bytes, dry_run: false, at: app.clock.now() }).await?;
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

/// Puts the artifacts of builds out of sight and has their bytes removed.
async fn take(app: &App, batch: &[Due]) -> Result<Removed> {
    let builds: Vec<(BuildId, RetentionRule)> = batch.iter().map(|due| (due.build, due.rule)).collect();
    let now = app.clock.now();
    let taken = app.db.write(async |tx| {
        let (builds, artifacts) = candidates::take(tx, &builds, now).await?;
        let_go(tx, app, &artifacts).await?;
        Ok(Removed::of(builds, &artifacts))
    });
    let taken = taken.await?;
    leftovers::announce(app);
    Ok(taken)
}

/// Notes where the bytes of artifacts are that nobody sees any more.
async fn let_go(tx: &Tx, app: &App, artifacts: &[Model]) -> Result<()> {
    for row in artifacts {
        leftovers::leave(tx, app, row).await?;
    }
    Ok(())
}

/// Deletes the builds that go as a whole, unless somebody has pinned them meanwhile; their logs go after that is certain.
async fn delete_whole(app: &App, batch: &[Due]) -> Result<()> {
    let whole = batch.iter().filter(|due| due.target == RetentionCleanupTarget::Full);
    let builds: Vec<BuildId> = whole.map(|due| due.build).collect();
    if builds.is_empty() {
        return Ok(());
    }
    let gone = app.db.write(async |tx| {
        let open = candidates::unpinned(tx, &builds).await?;
        let ids: Vec<BuildId> = open.iter().map(|build| build.id).collect();
        bytes::leave(tx, app, &ids).await?;
        candidates::delete(tx, &open).await?;
        Ok(ids)
    });
    bytes::remove(app, &gone.await?).await;
    Ok(())
}

/// Removes artifacts whose time to live is over.
pub async fn expire(app: &App) -> Result<()> {
    let row = db::retention::get(app.db.read()).await?;
    let mut total = Removed::default();
    while !row.dry_run && !app.stopping.is_cancelled() {
        let now = app.clock.patient_ms().div_euclid(1000);
        let expired = app.db.write(async |tx| {
            let artifacts = db::artifacts::expire(tx, now, BATCH as u64).await?;
            let_go(tx, app, &artifacts).await?;
            Ok(Removed::of(0, &artifacts))
        });
        let expired = expired.await?;
        if expired.artifacts == 0 {
            break;
        }
        total.add(expired);
        leftovers::announce(app);
    }
    if total.artifacts > 0 {
        let details = json!({"artifacts_deleted": total.artifacts, "bytes_reclaimed": total.bytes});
        let action = AuditAction::ArtifactExpiryCleanupCompleted;
        let entry = Entry::new(action, Actor::Schedule, AuditResource::Artifact).details(details);
        app.db.write(async |tx| audit::record(tx, app, entry).await).await?;
    }
    Ok(())
}

/// Artifacts whose end is the one they will meet: what is pinned has none, and nothing has while the rules only count.
pub async fn with_true_ends(app: &App, mut artifacts: Vec<Model>) -> Result<Vec<Model>> {
    let ending = artifacts.iter().filter(|row| row.expires_at.is_some());
    let builds: HashSet<BuildId> = ending.map(|row| row.build_id).collect();
    if builds.is_empty() {
        return Ok(artifacts);
    }
    let mut going = HashSet::new();
    if !db::retention::get(app.db.read()).await?.dry_run {
        let builds: Vec<BuildId> = builds.into_iter().collect();
        going.extend(candidates::unpinned(app.db.read(), &builds).await?.iter().map(|build| build.id));
    }
    for row in artifacts.iter_mut().filter(|row| !going.contains(&row.build_id)) {
        row.expires_at = None;
    }
    Ok(artifacts)
}

/// When an artifact that is announced now expires, by the policy of its project.
pub async fn expires_at(db: &impl ConnectionTrait, project: ProjectId, now: i64) -> Result<Option<i64>> {
    let policy = db::retention::policy_of(db, project).await?;
    let days = policy.artifact_ttl_days.filter(|_| policy.enabled);
    Ok(days.map(|days| now.saturating_add(days.saturating_mul(DAY_MS / 1000))))
}

/// What was taken away.
#[derive(Debug, Clone, Copy, Default)]
struct Removed {
    builds: i64,
    artifacts: i64,
    bytes: i64,
}

impl Removed {
    fn of(builds: usize, artifacts: &[Model]) -> Self {
        Self {
            builds: i64::try_from(builds).unwrap_or(i64::MAX),
            artifacts: i64::try_from(artifacts.len()).unwrap_or(i64::MAX),
            bytes: artifacts.iter().filter_map(|row| row.file_size).sum(),
        }
    }

    fn add(&mut self, more: Removed) {
        self.builds += more.builds;
        self.artifacts += more.artifacts;
        self.bytes += more.bytes;
    }
}

/// Keeps what a pass did for whoever asks, and in the audit log if it removed something.
async fn note(app: &App, cleanup: Cleanup) -> Result<()> {
    let Cleanup { builds, artifacts, bytes, dry_run, .. } = cleanup;
    if builds > 0 {
        tracing::info!(builds, artifacts, bytes, dry_run, "looked for what is kept too long");
    }
    let details = json!({
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
