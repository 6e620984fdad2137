//! Builds that belong together: those that run the same one again, by `source_build_id`, and those of one
//! matrix, by `matrix_group`.

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
    Statement,
};

use super::super::Doc;
use super::super::entity::builds::{Column, Entity, Model};
use crate::domain::build::BuildStatus;
use crate::domain::id::{BuildId, MatrixGroupId};
use crate::domain::matrix::Combination;
use crate::error::{Error, Result};

/// Most builds of one answer.
const MOST: u64 = 50;

/// The build `?` and those it was made from, with how far back each is.
const UP: &str = "up (id, source, depth) AS (
    SELECT id, source_build_id, 0 FROM builds WHERE id = ?
    UNION ALL
    SELECT build.id, build.source_build_id, up.depth + 1
        FROM up JOIN builds AS build ON build.id = up.source)";
const FIRST: &str = "SELECT id FROM up ORDER BY depth DESC LIMIT 1";

/// As much of a build as tells how it went.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Related {
    pub id: BuildId,
    pub build_number: i64,
    pub status: BuildStatus,
    pub source_build_id: Option<BuildId>,
    /// The step it began with, unless that was the first.
    pub from_step: Option<String>,
    pub matrix: Option<Doc<Combination>>,
}

/// The build that all reruns of this one come from, or itself.
pub async fn first(db: &impl ConnectionTrait, id: BuildId) -> Result<Model> {
    let query = Entity::find().filter(within(format!("WITH RECURSIVE {UP} {FIRST}"), id));
    query.one(db).await?.ok_or_else(|| Error::not_found("build"))
}

/// The newest of the builds that run the same one again, in the order they were made, with that one.
pub async fn chain(db: &impl ConnectionTrait, id: BuildId) -> Result<Vec<Related>> {
    let sql = format!(
        "WITH RECURSIVE {UP}, chain (id) AS (
            SELECT id FROM ({FIRST})
            UNION ALL
            SELECT build.id FROM chain JOIN builds AS build ON build.source_build_id = chain.id)
        SELECT id FROM chain"
    );
    let query = Entity::find().filter(within(sql, id)).order_by_desc(Column::BuildNumber).limit(MOST);
    let mut found = brief(query).all(db).await?;
    found.reverse();
    Ok(found)
}

/// The newest build of every combination of a group, in the order of the matrix.
pub async fn group(db: &impl ConnectionTrait, id: MatrixGroupId) -> Result<Vec<Related>> {
    let sql = "SELECT id, build_number, status, source_build_id, from_step, matrix FROM (
            SELECT id, build_number, status, source_build_id, matrix,
                json_extract(config_snapshot, '$.from_step') AS from_step,
                ROW_NUMBER() OVER (PARTITION BY matrix ORDER BY build_number DESC) AS age,
                MIN(build_number) OVER (PARTITION BY matrix) AS first
            FROM builds WHERE matrix_group = ?)
        WHERE age = 1 ORDER BY first";
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [id.into()]);
    Ok(Related::find_by_statement(statement).all(db).await?)
}

fn brief(query: Select<Entity>) -> sea_orm::Selector<sea_orm::SelectModel<Related>> {
    let columns = [Column::Id, Column::BuildNumber, Column::Status, Column::SourceBuildId, Column::Matrix];
    let from_step = Expr::cust("json_extract(config_snapshot, '$.from_step')");
    query.select_only().columns(columns).column_as(from_step, "from_step").into_model()
}

fn within(sql: String, id: BuildId) -> SimpleExpr {
    Expr::cust_with_values(format!("id IN ({sql})"), [id])
}
