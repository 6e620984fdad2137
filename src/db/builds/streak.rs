//! The builds before one that say how it came about: of the same pipeline, branch and combination of the matrix.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};

use super::super::entity::builds::{Column, Entity, Model};
use crate::domain::build::BuildStatus;
use crate::domain::id::BuildId;
use crate::error::Result;

/// How far back somebody looks.
const MOST: u64 = 200;

/// As much of a build as tells how it ended, and of what.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Ended {
    pub id: BuildId,
    pub build_number: i64,
    pub status: BuildStatus,
    pub commit_sha: Option<String>,
}

/// Those before `build` that passed or failed, the newest first; at most 200.
pub async fn before(db: &impl ConnectionTrait, build: &Model) -> Result<Vec<Ended>> {
    let judged = BuildStatus::ALL.iter().copied();
    let judged = judged.filter(|status| *status == BuildStatus::Succeeded || status.is_failure());
    let query = Entity::find()
        .filter(Column::PipelineId.eq(build.pipeline_id))
        .filter(Expr::cust_with_values("builds.branch IS ?", [build.branch.clone()]))
        .filter(Expr::cust_with_values("builds.request_number IS ?", [build.request_number]))
        .filter(Expr::cust_with_values("builds.matrix IS ?", [build.matrix.clone()]))
        .filter(Column::BuildNumber.lt(build.build_number))
        .filter(Column::Status.is_in(judged))
        .order_by_desc(Column::BuildNumber)
        .limit(MOST);
    let columns = [Column::Id, Column::BuildNumber, Column::Status, Column::CommitSha];
    Ok(query.select_only().columns(columns).into_model().all(db).await?)
}
