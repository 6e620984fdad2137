//! Releases: builds that passed and left something to install. What is not merged is none: requests may be anybody's code.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, Statement,
};

use super::super::artifacts::IS_APP;
use super::super::entity::builds::{Column, Entity, Model};
use crate::domain::build::BuildStatus;
use crate::domain::id::ProjectId;
use crate::error::Result;

/// Most commits that are looked at to tell what changed.
const MOST_COMMITS: u64 = 500;

/// Those of a project with a lower number than `before`, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    project: ProjectId,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::Status.eq(BuildStatus::Succeeded))
        .filter(Column::RequestNumber.is_null())
        .filter(Expr::cust(has_apps()));
    if let Some(before) = before {
        query = query.filter(Column::BuildNumber.lt(before));
    }
    Ok(query.order_by_desc(Column::BuildNumber).limit(limit).all(db).await?)
}

/// The newest one of each project, the newest first; `None` means all projects.
pub async fn newest(
    db: &impl ConnectionTrait,
    projects: Option<&[ProjectId]>,
    limit: u64,
) -> Result<Vec<Model>> {
    let among = match projects {
        Some(_) => "projects.id IN (SELECT value FROM json_each(?))",
        None => "TRUE",
    };
    let has_apps = has_apps();
    let sql = format!(
        "SELECT newest.* FROM projects JOIN builds AS newest ON newest.id = (SELECT builds.id FROM builds
                WHERE builds.project_id = projects.id AND builds.status = 'succeeded'
                    AND builds.request_number IS NULL AND {has_apps}
                ORDER BY builds.build_number DESC LIMIT 1)
            WHERE {among} ORDER BY newest.finished_at_ms DESC LIMIT {limit}"
    );
    let list = projects.map(|projects| serde_json::json!(projects).to_string());
    let values = list.map(sea_orm::Value::from);
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    Ok(Entity::find().from_raw_sql(statement).all(db).await?)
}

/// The commit of a build.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Built {
    pub build_number: i64,
    pub branch: Option<String>,
    pub commit_sha: String,
    pub commit_subject: Option<String>,
    pub commit_author: Option<String>,
}

/// The commits that were built of a project with a number above `after` and up to `last`, newest build first.
pub async fn commits(
    db: &impl ConnectionTrait,
    project: ProjectId,
    after: i64,
    last: i64,
) -> Result<Vec<Built>> {
    let columns =
        [Column::BuildNumber, Column::Branch, Column::CommitSha, Column::CommitSubject, Column::CommitAuthor];
    let query = Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::RequestNumber.is_null())
        .filter(Column::CommitSha.is_not_null())
        .filter(Column::BuildNumber.gt(after))
        .filter(Column::BuildNumber.lte(last))
        .order_by_desc(Column::BuildNumber);
    Ok(query.select_only().columns(columns).limit(MOST_COMMITS).into_model().all(db).await?)
}

/// Whether a build left an app that is still there.
fn has_apps() -> String {
    format!(
        "EXISTS (SELECT 1 FROM artifacts
            WHERE artifacts.build_id = builds.id AND artifacts.state = 'available' AND {IS_APP})"
    )
}
