//! The order in which queued builds are handed out: the highest priority first, within it builds of the project
//! that has the fewest at runners, within those the oldest. Written in SQL so that one statement reads the head of
//! each pipeline's queue from an index and nothing of the rows behind it.

use sea_orm::{ColumnTrait, QueryResult};
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, Value,
};

use super::super::entity::builds::{Column, Entity, Model};
use crate::domain::build::BuildStatus;
use crate::domain::id::{BuildId, PipelineId};
use crate::error::Result;

/// What a runner may not have.
#[derive(Debug, Clone, Default)]
pub struct Except {
    /// Pipelines that have no room.
    pub pipelines: Vec<PipelineId>,
    /// Demands it does not meet, as they are stored.
    pub demands: Vec<String>,
}

/// The build that is next for a runner, among those whose project still has the repository they were made for.
pub async fn next(db: &impl ConnectionTrait, except: &Except) -> Result<Option<BuildId>> {
    let (sql, values) = next_statement(except);
    let row = db.query_one_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
}

/// The statement that finds it, and its values.
pub fn next_statement(except: &Except) -> (String, Vec<Value>) {
    let pipelines = marks(except.pipelines.len());
    let demands = marks(except.demands.len());
    let sql = format!(
        "SELECT head.id FROM (
            SELECT waiting.project_id AS project_id,
                (SELECT build.id FROM builds AS build
                    WHERE build.status = 'queued' AND build.pipeline_id = waiting.pipeline_id
                        AND build.repository_id = project.repository_id AND build.requirements NOT IN ({demands})
                    ORDER BY build.priority DESC, build.queued_at_ms, build.id LIMIT 1) AS head_id
            FROM build_tallies AS waiting JOIN projects AS project ON project.id = waiting.project_id
            WHERE waiting.status = 'queued' AND waiting.builds > 0 AND waiting.pipeline_id NOT IN ({pipelines})
        ) AS lane JOIN builds AS head ON head.id = lane.head_id
        ORDER BY head.priority DESC,
            (SELECT COALESCE(SUM(held.builds), 0) FROM build_tallies AS held
                WHERE held.project_id = lane.project_id AND held.status IN ('assigned', 'running')),
            head.queued_at_ms, head.id
        LIMIT 1"
    );
    let values = except.demands.iter().map(Value::from).chain(except.pipelines.iter().map(|id| (*id).into()));
    (sql, values.collect())
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// Since when the oldest queued build has waited, in Unix milliseconds.
pub async fn oldest_ms(db: &impl ConnectionTrait) -> Result<Option<i64>> {
    let query = Entity::find().select_only().column_as(Column::QueuedAtMs.min(), "oldest");
    let oldest =
        query.filter(Column::Status.eq(BuildStatus::Queued)).into_tuple::<Option<i64>>().one(db).await?;
    Ok(oldest.flatten())
}

/// Whether any build is queued.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool> {
    let query = Entity::find().select_only().column(Column::Id).filter(queued()).limit(1);
    Ok(query.into_tuple::<String>().one(db).await?.is_none())
}

/// The different demands of queued builds that ask for anything, as they are stored. Steps from one to the next, so
/// that many builds with the same ones cost nothing.
pub async fn demands(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let next = |after: &str| {
        format!(
            "SELECT MIN(requirements) FROM builds INDEXED BY builds_demands
                WHERE status = 'queued' AND requirements <> '[]' {after}"
        )
    };
    let (first, later) = (next(""), next("AND requirements > demands.text"));
    let sql = format!(
        "WITH RECURSIVE demands (text) AS
            ({first} UNION ALL SELECT ({later}) FROM demands WHERE demands.text IS NOT NULL)
        SELECT text FROM demands WHERE text IS NOT NULL"
    );
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    let text = |row: &QueryResult| row.try_get_by_index(0);
    Ok(rows.iter().map(text).collect::<std::result::Result<_, _>>()?)
}

/// Which place a queued build has by priority and age, from 1.
pub async fn position(db: &impl ConnectionTrait, build: &Model) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM builds INDEXED BY builds_order WHERE status = 'queued' AND (priority > ?
        OR (priority = ? AND (queued_at_ms, id) < (?, ?)))";
    let values: [Value; 4] =
        [build.priority.into(), build.priority.into(), build.queued_at_ms.into(), build.id.into()];
    let row = db.query_one_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    let ahead: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(ahead.unwrap_or(0) + 1)
}

/// Builds that were queued before `before_ms`, oldest first.
pub async fn list_overdue(db: &impl ConnectionTrait, before_ms: i64, limit: u64) -> Result<Vec<BuildId>> {
    let query = Entity::find().select_only().column(Column::Id).filter(queued());
    let overdue =
        query.filter(Column::QueuedAtMs.lt(before_ms)).order_by_asc(Column::QueuedAtMs).limit(limit);
    Ok(overdue.into_tuple().all(db).await?)
}

fn queued() -> sea_orm::sea_query::SimpleExpr {
    Column::Status.eq(BuildStatus::Queued)
}
