//! Queries on builds and their history. `shift` is the only code that writes the status of
//! a build: it applies the rules of `domain::build`, records the event, keeps the tallies, notes what
//! is owed to the code host and to notification channels and raises the signal, all in the caller's transaction.

pub mod ended;
pub mod figures;
pub mod latest;
pub mod logs;
pub mod queue;
pub mod related;
pub mod releases;
pub mod retention;
pub mod search;
pub mod streak;
pub mod triggered;

use crate::domain::spec::BuildPlatform;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Set, Unchanged,
};

use super::entity::builds::{ActiveModel, Column, Entity, Model};
use super::entity::{build_events, projects};
use super::{Doc, Tx, notification_deliveries, reports, tallies};
use crate::domain::build::{BuildMove, BuildStatus};
use crate::domain::cache::CacheResult;
use crate::domain::failure::FailureReason;
use crate::domain::id::{
    BuildEventId, BuildId, MatrixGroupId, PipelineId, ProjectId, RepositoryId, RunnerId,
};
use crate::domain::matrix::Combination;
use crate::domain::step::StepResult;
use crate::domain::trigger::TriggerType;
use crate::error::{Error, Result};
use crate::events::Change;

pub async fn find(db: &impl ConnectionTrait, id: BuildId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

pub async fn get(db: &impl ConnectionTrait, id: BuildId) -> Result<Model> {
    find(db, id).await?.ok_or_else(|| Error::not_found("build"))
}

/// The numbers of several builds, in no order.
pub async fn numbers(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = BuildId>,
) -> Result<Vec<(BuildId, i64)>> {
    let query = Entity::find().filter(Column::Id.is_in(ids)).select_only();
    Ok(query.columns([Column::Id, Column::BuildNumber]).into_tuple().all(db).await?)
}

/// The history of a build, oldest first.
pub async fn events(db: &impl ConnectionTrait, id: BuildId) -> Result<Vec<build_events::Model>> {
    let query = build_events::Entity::find().filter(build_events::Column::BuildId.eq(id));
    Ok(query.order_by_asc(build_events::Column::Id).all(db).await?)
}

/// Where a build stands: as much of its row as moving it needs, and nothing that one unreadable row could keep from
/// everybody.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Standing {
    pub id: BuildId,
    pub project_id: ProjectId,
    pub pipeline_id: PipelineId,
    pub build_number: i64,
    pub status: BuildStatus,
    pub attempt: i32,
    pub runner_id: Option<RunnerId>,
    pub started_at_ms: Option<i64>,
    pub finished_at_ms: Option<i64>,
}

impl Standing {
    fn of(query: Select<Entity>) -> sea_orm::Selector<sea_orm::SelectModel<Self>> {
        let columns = [
            Column::Id,
            Column::ProjectId,
            Column::PipelineId,
            Column::BuildNumber,
            Column::Status,
            Column::Attempt,
            Column::RunnerId,
            Column::StartedAtMs,
            Column::FinishedAtMs,
        ];
        query.select_only().columns(columns).into_model()
    }

    /// The signal that says so.
    pub fn changed(&self) -> Change {
        Change::Build {
            build_id: self.id,
            project_id: self.project_id,
            pipeline_id: self.pipeline_id,
            build_number: self.build_number,
            status: self.status,
        }
    }
}

impl From<&Model> for Standing {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            project_id: row.project_id,
            pipeline_id: row.pipeline_id,
            build_number: row.build_number,
            status: row.status,
            attempt: row.attempt,
            runner_id: row.runner_id,
            started_at_ms: row.started_at_ms,
            finished_at_ms: row.finished_at_ms,
        }
    }
}

/// The builds that runners hold, oldest first; of one runner, or of all.
pub async fn list_held(db: &impl ConnectionTrait, runner: Option<RunnerId>) -> Result<Vec<Standing>> {
    let mut query = Entity::find().filter(held());
    if let Some(runner) = runner {
        query = query.filter(Column::RunnerId.eq(runner));
    }
    let oldest_first = query.order_by_asc(Column::QueuedAtMs).order_by_asc(Column::Id);
    Ok(Standing::of(oldest_first).all(db).await?)
}

pub async fn standing(db: &impl ConnectionTrait, id: BuildId) -> Result<Standing> {
    let found = Standing::of(Entity::find_by_id(id)).one(db).await?;
    found.ok_or_else(|| Error::not_found("build"))
}

/// Whose builds are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Project(ProjectId),
    Pipeline(PipelineId),
}

/// Whether a runner holds a build of the project.
pub async fn any_held(db: &impl ConnectionTrait, project: ProjectId) -> Result<bool> {
    let query = Entity::find().filter(Column::ProjectId.eq(project)).filter(held());
    Ok(query.count(db).await? > 0)
}

/// The builds that are not over, oldest first.
pub async fn ids_active(db: &impl ConnectionTrait) -> Result<Vec<BuildId>> {
    let query = Entity::find().filter(Column::Status.is_in(BuildStatus::active())).order_by_asc(Column::Id);
    Ok(query.select_only().column(Column::Id).into_tuple().all(db).await?)
}

/// The ids of all builds of a scope that is about to be deleted.
///
/// Errors: 409 `active_builds` if one of them is not over.
pub async fn ids_unless_active(tx: &Tx, scope: Scope) -> Result<Vec<BuildId>> {
    let of_scope = match scope {
        Scope::Project(id) => Column::ProjectId.eq(id),
        Scope::Pipeline(id) => Column::PipelineId.eq(id),
    };
    let query = Entity::find().filter(of_scope);
    let active = query.clone().filter(Column::Status.is_in(BuildStatus::active())).count(tx).await?;
    if active > 0 {
        return Err(Error::conflict("active_builds", format!("{active} builds are not over"))
            .hint("Cancel them or wait for their end."));
    }
    Ok(query.select_only().column(Column::Id).into_tuple().all(tx).await?)
}

/// The commit of a pipeline's newest green build, requests aside. Of a matrix every combination must have become green. What was run from a
/// step on says nothing of the steps before it, and counts for nothing here.
pub async fn last_green_commit(db: &impl ConnectionTrait, pipeline: PipelineId) -> Result<Option<String>> {
    let query = Entity::find()
        .filter(Column::PipelineId.eq(pipeline))
        .filter(Column::Status.eq(BuildStatus::Succeeded))
        .filter(Column::CommitSha.is_not_null())
        .filter(Column::RequestNumber.is_null())
        .filter(Column::IsOutdated.eq(false))
        .filter(Expr::cust(WHOLE))
        .filter(Expr::cust(format!("NOT EXISTS ({NOT_GREEN})")))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id);
    Ok(query.select_only().column(Column::CommitSha).into_tuple().one(db).await?)
}

/// Builds that began with their first step.
const WHOLE: &str = "json_extract(builds.config_snapshot, '$.from_step') IS NULL";
/// The newest whole builds of the combinations in a build's matrix, as far as they are not green.
const NOT_GREEN: &str = "SELECT 1 FROM builds AS sibling
    WHERE sibling.matrix_group = builds.matrix_group AND sibling.status <> 'succeeded'
        AND json_extract(sibling.config_snapshot, '$.from_step') IS NULL
        AND NOT EXISTS (SELECT 1 FROM builds AS newer
            WHERE newer.matrix_group = sibling.matrix_group AND newer.matrix = sibling.matrix
                AND newer.build_number > sibling.build_number
                AND json_extract(newer.config_snapshot, '$.from_step') IS NULL)";

/// Cancels the builds of a project that no runner holds yet.
pub async fn cancel_waiting(
    tx: &Tx,
    project: ProjectId,
    actor: &str,
    reason: &str,
    now_ms: i64,
) -> Result<()> {
    let waiting = [BuildStatus::Queued, BuildStatus::Scheduled];
    let query = Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::Status.is_in(waiting))
        .order_by_asc(Column::Id);
    for build in Standing::of(query).all(tx).await? {
        let cancel =
            Transition { by: BuildMove::Cancel, actor: Some(actor), reason, now_ms, with: With::Nothing };
        shift(tx, build.id, &cancel).await?;
    }
    Ok(())
}

/// Fails what waits of a project, because it can't be built any more.
pub async fn reject_waiting(tx: &Tx, project: ProjectId, reason: &str, why: &str, now_ms: i64) -> Result<()> {
    let queued = Column::Status.eq(BuildStatus::Queued);
    let query = Entity::find().filter(Column::ProjectId.eq(project)).filter(queued).order_by_asc(Column::Id);
    for build in Standing::of(query).all(tx).await? {
        let outcome = Outcome {
            failure_reason: Some(FailureReason::NotRunnable),
            error_message: Some(why.to_owned()),
            ..Outcome::default()
        };
        let with = With::Outcome(outcome);
        shift(tx, build.id, &Transition { by: BuildMove::Reject, actor: None, reason, now_ms, with }).await?;
    }
    Ok(())
}

/// That a runner has it.
pub(super) fn held() -> sea_orm::sea_query::SimpleExpr {
    Column::Status.is_in(BuildStatus::ALL.iter().copied().filter(|status| status.is_held()))
}

/// What a new build is made of.
#[derive(Debug, Clone)]
pub struct NewBuild {
    pub project_id: ProjectId,
    pub pipeline_id: PipelineId,
    pub repository_id: RepositoryId,
    pub trigger_type: TriggerType,
    pub trigger_actor: Option<String>,
    pub trigger_event: Option<String>,
    pub trigger_ref: Option<String>,
    pub commit_sha: Option<String>,
    pub commit_subject: Option<String>,
    pub commit_author: Option<String>,
    pub branch: Option<String>,
    pub changelog: Option<String>,
    pub source_build_id: Option<BuildId>,
    pub config_snapshot: serde_json::Value,
    pub platforms: Vec<BuildPlatform>,
    /// Labels a runner must offer.
    pub requirements: Vec<String>,
    pub max_concurrent: Option<i64>,
    /// Whether a newer push of its branch was built before.
    pub is_outdated: bool,
    /// The pull or merge request that starts it.
    pub request_number: Option<i64>,
    pub matrix: Option<Cell>,
}

/// Where a build belongs in a matrix.
#[derive(Debug, Clone)]
pub struct Cell {
    pub group: MatrixGroupId,
    pub combination: Combination,
}

impl From<(MatrixGroupId, Doc<Combination>)> for Cell {
    fn from((group, Doc(combination)): (MatrixGroupId, Doc<Combination>)) -> Self {
        Self { group, combination }
    }
}

/// Puts a build into the queue under the project's next number.
pub async fn insert(tx: &Tx, new: NewBuild, now_ms: i64) -> Result<Model> {
    let now = now_ms.div_euclid(1000);
    let (matrix_group, matrix) = new.matrix.map(|cell| (cell.group, Doc(cell.combination))).unzip();
    let row = Model {
        id: BuildId::new(),
        project_id: new.project_id,
        pipeline_id: new.pipeline_id,
        build_number: next_number(tx, new.project_id).await?,
        status: BuildStatus::Queued,
        attempt: 0,
        trigger_type: new.trigger_type,
        trigger_actor: new.trigger_actor,
        trigger_event: new.trigger_event,
        trigger_ref: new.trigger_ref,
        commit_sha: new.commit_sha,
        commit_subject: new.commit_subject,
        commit_author: new.commit_author,
        branch: new.branch,
        changelog: new.changelog,
        source_build_id: new.source_build_id,
        config_snapshot: Doc(new.config_snapshot),
        repository_id: Some(new.repository_id),
        runner_id: None,
        runner_name: None,
        signing_token_hash: None,
        step_results: None,
        cache_results: None,
        exit_code: None,
        failure_reason: None,
        error_message: None,
        queued_at_ms: now_ms,
        started_at_ms: None,
        finished_at_ms: None,
        log_removed_at: None,
        created_at: now,
        updated_at: now,
        priority: new.trigger_type.priority(),
        platforms: Doc(new.platforms),
        requirements: Doc(new.requirements),
        max_concurrent: new.max_concurrent,
        is_outdated: new.is_outdated,
        request_number: new.request_number,
        pinned_at: None,
        pinned_by: None,
        artifacts_removed_at: None,
        artifacts_removed_by: None,
        matrix,
        matrix_group,
    };
    Entity::insert(ActiveModel::from(row.clone())).exec_without_returning(tx).await?;
    let standing = Standing::from(&row);
    record(tx, &standing, None, row.trigger_actor.as_deref(), "build created", now).await?;
    tallies::add(tx, row.project_id, row.pipeline_id, row.status).await?;
    reports::owe(tx, row.id, now_ms).await?;
    tx.signal(standing.changed());
    Ok(row)
}

async fn next_number(tx: &Tx, project: ProjectId) -> Result<i64> {
    use projects::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::LastBuildNumber, Expr::col(Column::LastBuildNumber).add(1))
        .filter(Column::Id.eq(project))
        .exec(tx)
        .await?;
    let row = Entity::find_by_id(project).one(tx).await?;
    row.map(|row| row.last_build_number).ok_or_else(|| Error::not_found("project"))
}

/// A move of a build's status, who makes it and why.
#[derive(Debug, Clone)]
pub struct Transition<'a> {
    pub by: BuildMove,
    /// `None` when the daemon itself does it.
    pub actor: Option<&'a str>,
    pub reason: &'a str,
    pub now_ms: i64,
    pub with: With,
}

/// What is written together with the status.
#[derive(Debug, Clone)]
pub enum With {
    Nothing,
    /// The runner that gets the build and the hash of its grant; begins a new attempt.
    Assignment {
        runner_id: RunnerId,
        runner_name: String,
        signing_token_hash: String,
    },
    Outcome(Outcome),
}

/// How a build ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// `None` keeps what was reported before.
    pub steps: Option<Vec<StepResult>>,
    pub caches: Vec<CacheResult>,
    pub exit_code: Option<i32>,
    pub failure_reason: Option<FailureReason>,
    pub error_message: Option<String>,
}

/// Moves a build to its next status.
///
/// # Errors
/// `not_found`; `invalid_transition` when the rules refuse the move; `concurrent_modification`
/// when another writer came first.
pub async fn transition(tx: &Tx, id: BuildId, transition: Transition<'_>) -> Result<Model> {
    shift(tx, id, &transition).await?;
    get(tx, id).await
}

/// The same for a build whose row may be unreadable; answers where it stands then.
pub async fn shift(tx: &Tx, id: BuildId, transition: &Transition<'_>) -> Result<Standing> {
    let row = standing(tx, id).await?;
    let next = row
        .status
        .apply(transition.by)
        .map_err(|refused| Error::conflict("invalid_transition", refused.to_string()))?;
    let change = written(&row, next, transition);
    let updated = Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(id))
        .filter(Column::Status.eq(row.status))
        .exec(tx)
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::conflict("concurrent_modification", "the build's status has just changed"));
    }
    tallies::remove(tx, row.project_id, row.pipeline_id, row.status).await?;
    tallies::add(tx, row.project_id, row.pipeline_id, next).await?;
    let moved = standing(tx, id).await?;
    let at = transition.now_ms.div_euclid(1000);
    record(tx, &moved, Some(row.status), transition.actor, transition.reason, at).await?;
    reports::owe(tx, id, transition.now_ms).await?;
    notification_deliveries::owed::build(tx, &moved, transition.reason, transition.now_ms).await?;
    tx.signal(moved.changed());
    Ok(moved)
}

/// The columns that a move writes.
fn written(row: &Standing, next: BuildStatus, transition: &Transition<'_>) -> ActiveModel {
    let now_ms = transition.now_ms;
    let mut change =
        ActiveModel { status: Set(next), updated_at: Set(now_ms.div_euclid(1000)), ..Default::default() };
    if next == BuildStatus::Running {
        change.started_at_ms = Set(Some(now_ms));
    }
    if next.is_terminal() {
        change.finished_at_ms = Set(Some(now_ms));
    }
    if next.is_terminal() || next == BuildStatus::Queued {
        change.runner_id = Set(None);
        change.signing_token_hash = Set(None);
    }
    if next == BuildStatus::Queued {
        change.runner_name = Set(None);
    }
    match transition.with.clone() {
        With::Nothing => {}
        With::Assignment { runner_id, runner_name, signing_token_hash } => {
            change.runner_id = Set(Some(runner_id));
            change.runner_name = Set(Some(runner_name));
            change.signing_token_hash = Set(Some(signing_token_hash));
            change.attempt = Set(row.attempt + 1);
        }
        With::Outcome(outcome) => {
            change.exit_code = Set(outcome.exit_code);
            change.failure_reason = Set(outcome.failure_reason);
            change.error_message = Set(outcome.error_message);
            if let Some(steps) = outcome.steps {
                change.step_results = Set(Some(Doc(steps)));
            }
            if !outcome.caches.is_empty() {
                change.cache_results = Set(Some(Doc(outcome.caches)));
            }
        }
    }
    change
}

async fn record(
    tx: &Tx,
    row: &Standing,
    from: Option<BuildStatus>,
    actor: Option<&str>,
    reason: &str,
    at: i64,
) -> Result<()> {
    let event = build_events::ActiveModel {
        id: Set(BuildEventId::new()),
        build_id: Set(row.id),
        from_status: Set(from),
        to_status: Set(row.status),
        actor: Set(actor.map(str::to_owned)),
        reason: Set(Some(reason.to_owned())),
        created_at: Set(at),
    };
    build_events::Entity::insert(event).exec_without_returning(tx).await?;
    Ok(())
}

/// Gives the holder of a build a new signing grant, because the answer with the old one was lost.
pub async fn set_grant(tx: &Tx, id: BuildId, signing_token_hash: String) -> Result<()> {
    let row = ActiveModel { signing_token_hash: Set(Some(signing_token_hash)), ..Default::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Records the steps that have ended so far.
pub async fn set_steps(tx: &Tx, id: BuildId, steps: Vec<StepResult>) -> Result<()> {
    let row = ActiveModel { id: Unchanged(id), step_results: Set(Some(Doc(steps))), ..Default::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}
