//! How many builds there are per project, pipeline and status. Kept by the functions that insert,
//! move and delete builds, in the same transaction; lists read it instead of counting rows.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};

use super::Tx;
use super::entity::build_tallies::{ActiveModel, Column, Entity};
use crate::domain::build::BuildStatus;
use crate::domain::id::{PipelineId, ProjectId};
use crate::error::Result;

/// Which builds are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub project_id: ProjectId,
    pub pipeline_id: PipelineId,
    pub status: BuildStatus,
}

/// Adds `by` (which may be negative) to a count.
pub async fn add(tx: &Tx, key: Key, by: i64) -> Result<()> {
    let row = ActiveModel {
        project_id: Set(key.project_id),
        pipeline_id: Set(key.pipeline_id),
        status: Set(key.status),
        builds: Set(by),
    };
    let sum = Expr::col((Entity, Column::Builds)).add(by);
    let conflict = OnConflict::columns([Column::ProjectId, Column::PipelineId, Column::Status])
        .value(Column::Builds, sum)
        .to_owned();
    Entity::insert(row).on_conflict(conflict).exec_without_returning(tx).await?;
    Ok(())
}

/// All builds of a project.
pub async fn count_project(db: &impl ConnectionTrait, project: ProjectId) -> Result<u64> {
    sum(db, sea_orm::Condition::all().add(Column::ProjectId.eq(project))).await
}

/// All builds of a pipeline.
pub async fn count_pipeline(db: &impl ConnectionTrait, pipeline: PipelineId) -> Result<u64> {
    sum(db, sea_orm::Condition::all().add(Column::PipelineId.eq(pipeline))).await
}

/// The sum of the counts that match.
pub async fn sum(db: &impl ConnectionTrait, matching: sea_orm::Condition) -> Result<u64> {
    let query = Entity::find().select_only().column_as(Column::Builds.sum(), "builds").filter(matching);
    let total: Option<Option<i64>> = query.into_tuple().one(db).await?;
    Ok(u64::try_from(total.flatten().unwrap_or(0)).unwrap_or(0))
}
