//! What home and the insights are made of: short rows of many builds, each found by an index. What is bounded by no index is
//! bounded by a number.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, Select, Statement,
};

use super::super::Doc;
use super::super::artifacts::IS_APP;
use super::super::entity::artifacts;
use super::super::entity::builds::{Column, Entity, Model};
use crate::domain::artifact::ArtifactState;
use crate::domain::build::BuildStatus;
use crate::domain::failure::FailureReason;
use crate::domain::id::{BuildId, MatrixGroupId, PipelineId, ProjectId};
use crate::domain::matrix::Combination;
use crate::error::Result;

/// How many of a pipeline's newest builds are looked at to tell how long they usually take, and how many of those count.
const USUAL_LOOKED_AT: i64 = 200;
const USUAL_COUNTED: i64 = 10;

/// Whose builds, and of which time.
#[derive(Debug, Clone)]
pub struct Which<'a> {
    /// `None` means all.
    pub projects: Option<&'a [ProjectId]>,
    pub pipeline: Option<PipelineId>,
    pub branch: Option<&'a str>,
    /// They ended at this time or later.
    pub since_ms: i64,
}

/// A build that is over.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Finished {
    pub project_id: ProjectId,
    pub pipeline_id: PipelineId,
    pub status: BuildStatus,
    pub failure_reason: Option<FailureReason>,
    pub branch: Option<String>,
    pub request_number: Option<i64>,
    pub queued_at_ms: i64,
    pub started_at_ms: Option<i64>,
    pub finished_at_ms: i64,
}

/// The steps of a build that is over.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Stepped {
    pub pipeline_id: PipelineId,
    pub commit_sha: Option<String>,
    pub step_results: String,
}

/// The newest builds that are over, newest first.
pub async fn finished(db: &impl ConnectionTrait, which: &Which<'_>, limit: u64) -> Result<Vec<Finished>> {
    // No more than the index holds.
    let columns = [
        Column::ProjectId,
        Column::PipelineId,
        Column::Status,
        Column::FailureReason,
        Column::Branch,
        Column::RequestNumber,
        Column::QueuedAtMs,
        Column::StartedAtMs,
        Column::FinishedAtMs,
    ];
    Ok(over(which).select_only().columns(columns).limit(limit).into_model().all(db).await?)
}

/// When a build ran, and on which runner.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Ran {
    /// As its history names the runner that had it last.
    pub actor: Option<String>,
    pub started_at_ms: i64,
    pub finished_at_ms: i64,
}

/// When and where the newest of them ran; those that never began are left out.
pub async fn runs(db: &impl ConnectionTrait, which: &Which<'_>, limit: u64) -> Result<Vec<Ran>> {
    // A build forgets its runner when it ends; its history doesn't.
    let actor = "(SELECT actor FROM build_events WHERE build_events.build_id = builds.id
        AND build_events.to_status = 'assigned' ORDER BY build_events.id DESC LIMIT 1)";
    let query = over(which).filter(Column::StartedAtMs.is_not_null()).select_only();
    let query =
        query.columns([Column::StartedAtMs, Column::FinishedAtMs]).column_as(Expr::cust(actor), "actor");
    Ok(query.limit(limit).into_model().all(db).await?)
}

/// The size of an app that a build left.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Sized {
    pub pipeline_id: PipelineId,
    pub name: String,
    pub bytes: i64,
    pub finished_at_ms: i64,
}

/// The sizes of the apps of the newest of them that passed, also where retention has taken the bytes. What is not merged does not
/// count.
pub async fn sizes(db: &impl ConnectionTrait, which: &Which<'_>, limit: u64) -> Result<Vec<Sized>> {
    let is_app = format!("({IS_APP} OR artifacts.name LIKE '%.aab')");
    let files = Entity::belongs_to(artifacts::Entity).from(Column::Id).to(artifacts::Column::BuildId).into();
    let query = over(which)
        .filter(Column::Status.eq(BuildStatus::Succeeded))
        .filter(Column::RequestNumber.is_null())
        .join(JoinType::InnerJoin, files)
        .filter(artifacts::Column::State.is_in([ArtifactState::Available, ArtifactState::Removed]))
        .filter(artifacts::Column::FileSize.is_not_null())
        .filter(Expr::cust(is_app))
        .select_only()
        .columns([Column::PipelineId, Column::FinishedAtMs])
        .column_as(artifacts::Column::Name, "name")
        .column_as(artifacts::Column::FileSize, "bytes");
    Ok(query.limit(limit).into_model().all(db).await?)
}

/// What steps the newest of them had.
pub async fn steps(db: &impl ConnectionTrait, which: &Which<'_>, limit: u64) -> Result<Vec<Stepped>> {
    let columns = [Column::PipelineId, Column::CommitSha, Column::StepResults];
    let query = over(which).filter(Column::StepResults.is_not_null());
    Ok(query.select_only().columns(columns).limit(limit).into_model().all(db).await?)
}

fn over(which: &Which<'_>) -> Select<Entity> {
    let mut query = Entity::find()
        .filter(Column::FinishedAtMs.is_not_null())
        .filter(Column::FinishedAtMs.gte(which.since_ms))
        .order_by_desc(Column::FinishedAtMs);
    // The plus keeps the database from taking the index of that column, which would lead to all builds of all times.
    if let Some(projects) = which.projects {
        let list = serde_json::json!(projects).to_string();
        let among = "+builds.project_id IN (SELECT value FROM json_each(?))";
        query = query.filter(Expr::cust_with_values(among, [list]));
    }
    if let Some(pipeline) = which.pipeline {
        query = query.filter(Expr::cust_with_values("+builds.pipeline_id = ?", [pipeline]));
    }
    match which.branch {
        Some(branch) => query.filter(Expr::cust_with_values("+builds.branch = ?", [branch])),
        None => query,
    }
}

/// The newest build of a pipeline on its project's own branch that says whether that builds.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Newest {
    pub id: BuildId,
    pub status: BuildStatus,
    pub matrix_group: Option<MatrixGroupId>,
}

/// Those of the pipelines that may start.
pub async fn newest_of_default_branches(
    db: &impl ConnectionTrait,
    projects: Option<&[ProjectId]>,
    limit: u64,
) -> Result<Vec<Newest>> {
    let sql = format!(
        "SELECT builds.id, builds.status, builds.matrix_group FROM pipelines
            JOIN projects ON projects.id = pipelines.project_id
            LEFT JOIN repositories ON repositories.id = projects.repository_id
            JOIN builds ON builds.id = (SELECT one.id FROM builds AS one
                WHERE one.pipeline_id = pipelines.id
                    AND one.branch = COALESCE(projects.default_branch, repositories.default_branch)
                    AND one.request_number IS NULL AND NOT one.is_outdated
                    AND one.status IN ('succeeded', 'failed', 'timed_out')
                ORDER BY one.build_number DESC LIMIT 1)
            WHERE pipelines.enabled AND {} ORDER BY builds.finished_at_ms DESC LIMIT {limit}",
        among(projects)
    );
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, names(projects));
    Ok(Newest::find_by_statement(statement).all(db).await?)
}

/// `projects.id` is one of the list that is the statement's only value.
fn among(projects: Option<&[ProjectId]>) -> &'static str {
    match projects {
        Some(_) => "projects.id IN (SELECT value FROM json_each(?))",
        None => "TRUE",
    }
}

fn names(projects: Option<&[ProjectId]>) -> Vec<sea_orm::Value> {
    let list = projects.map(|projects| serde_json::json!(projects).to_string());
    list.map(sea_orm::Value::from).into_iter().collect()
}

/// As much of a build as a bar of a row of them shows.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Bar {
    pub id: BuildId,
    pub build_number: i64,
    pub status: BuildStatus,
    pub run_ms: Option<i64>,
}

/// The newest builds of a project on a branch that are over, newest first.
pub async fn bars(
    db: &impl ConnectionTrait,
    project: ProjectId,
    branch: &str,
    limit: i64,
) -> Result<Vec<Bar>> {
    let sql = "SELECT builds.id, builds.build_number, builds.status,
            builds.finished_at_ms - builds.started_at_ms AS run_ms FROM pipelines
        JOIN builds ON builds.id IN (SELECT one.id FROM builds AS one
            WHERE one.pipeline_id = pipelines.id AND one.branch = ? AND one.request_number IS NULL
                AND one.finished_at_ms IS NOT NULL
            ORDER BY one.build_number DESC LIMIT ?)
        WHERE pipelines.project_id = ? ORDER BY builds.build_number DESC LIMIT ?";
    let values = [branch.into(), limit.into(), project.into(), limit.into()];
    Ok(Bar::find_by_statement(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).all(db).await?)
}

/// How long the last builds of a pipeline and combination ran that passed.
pub async fn usual_runs(
    db: &impl ConnectionTrait,
    pipeline: PipelineId,
    combination: Option<Doc<Combination>>,
) -> Result<Vec<i64>> {
    let sql = "SELECT finished_at_ms - started_at_ms AS run_ms
        FROM (SELECT status, matrix, started_at_ms, finished_at_ms FROM builds
            WHERE pipeline_id = ? ORDER BY created_at DESC, id DESC LIMIT ?)
        WHERE status = 'succeeded' AND matrix IS ? AND started_at_ms IS NOT NULL LIMIT ?";
    let values = [pipeline.into(), USUAL_LOOKED_AT.into(), combination.into(), USUAL_COUNTED.into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    Ok(rows.into_iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

/// Builds that are not over, those that wait the longest first.
pub async fn active(
    db: &impl ConnectionTrait,
    projects: Option<&[ProjectId]>,
    limit: u64,
) -> Result<Vec<Model>> {
    let query = of(projects).filter(Column::Status.is_in(BuildStatus::active()));
    Ok(query.order_by_asc(Column::QueuedAtMs).order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// Builds that were queued before a time and still are, the oldest first.
pub async fn waiting_since(
    db: &impl ConnectionTrait,
    projects: Option<&[ProjectId]>,
    before_ms: i64,
    limit: u64,
) -> Result<Vec<Model>> {
    let query =
        of(projects).filter(Column::Status.eq(BuildStatus::Queued)).filter(Column::QueuedAtMs.lt(before_ms));
    Ok(query.order_by_asc(Column::QueuedAtMs).order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// The newest builds that are over, of one person or of all.
pub async fn newest_ended(
    db: &impl ConnectionTrait,
    projects: Option<&[ProjectId]>,
    actor: Option<&str>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = of(projects).filter(Column::FinishedAtMs.is_not_null());
    if let Some(actor) = actor {
        query = query.filter(Column::TriggerActor.eq(actor));
    }
    Ok(query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(limit).all(db).await?)
}

fn of(projects: Option<&[ProjectId]>) -> Select<Entity> {
    match projects {
        Some(projects) => Entity::find().filter(Column::ProjectId.is_in(projects.iter().copied())),
        None => Entity::find(),
    }
}

/// Several at once, in no order.
pub async fn find_all(db: &impl ConnectionTrait, ids: Vec<BuildId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}
