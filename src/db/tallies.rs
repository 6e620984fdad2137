//! How many builds there are per project, pipeline and status. Kept by whoever adds a build or
//! moves its status, in the same transaction, so that a list can say its total without counting.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set,
};

use super::Tx;
use super::entity::build_tallies::{ActiveModel, Column, Entity};
use super::entity::projects;
use crate::domain::build::BuildStatus;
use crate::domain::id::{PipelineId, ProjectId};
use crate::error::Result;

/// The builds a total is asked for; `None` means any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which<'a> {
    pub projects: Option<&'a [ProjectId]>,
    pub pipeline: Option<PipelineId>,
    /// Empty means any.
    pub statuses: &'a [BuildStatus],
}

pub async fn total(db: &impl ConnectionTrait, which: Which<'_>) -> Result<u64> {
    let mut query = Entity::find().select_only().column_as(Column::Builds.sum(), "total");
    if let Some(projects) = which.projects {
        query = query.filter(Column::ProjectId.is_in(projects.iter().copied()));
    }
    if let Some(pipeline) = which.pipeline {
        query = query.filter(Column::PipelineId.eq(pipeline));
    }
    if !which.statuses.is_empty() {
        query = query.filter(Column::Status.is_in(which.statuses.iter().copied()));
    }
    let sum: Option<Option<i64>> = query.into_tuple().one(db).await?;
    Ok(sum.flatten().and_then(|sum| u64::try_from(sum).ok()).unwrap_or(0))
}

/// How many builds there are of each status.
pub async fn by_status(db: &impl ConnectionTrait) -> Result<Vec<(BuildStatus, i64)>> {
    let query = Entity::find().select_only().column(Column::Status).column_as(Column::Builds.sum(), "total");
    Ok(query.group_by(Column::Status).into_tuple().all(db).await?)
}

/// The same for each of the `most` projects that were made last.
pub async fn by_project(db: &impl ConnectionTrait, most: u64) -> Result<Vec<(ProjectId, BuildStatus, i64)>> {
    let newest = projects::Entity::find().select_only().column(projects::Column::Id);
    let newest = newest.order_by_desc(projects::Column::Id).limit(most).into_query();
    let query = Entity::find()
        .select_only()
        .columns([Column::ProjectId, Column::Status])
        .column_as(Column::Builds.sum(), "total")
        .filter(Column::ProjectId.in_subquery(newest))
        .group_by(Column::ProjectId)
        .group_by(Column::Status);
    Ok(query.into_tuple().all(db).await?)
}

/// How many builds of each pipeline are at runners.
pub async fn held(db: &impl ConnectionTrait) -> Result<HashMap<PipelineId, i64>> {
    let held = BuildStatus::ALL.iter().copied().filter(|status| status.is_held());
    let query = Entity::find()
        .select_only()
        .column(Column::PipelineId)
        .column_as(Column::Builds.sum(), "total")
        .filter(Column::Status.is_in(held))
        .filter(Column::Builds.gt(0))
        .group_by(Column::PipelineId);
    Ok(query.into_tuple::<(PipelineId, i64)>().all(db).await?.into_iter().collect())
}

/// All builds of a project.
pub async fn count_project(db: &impl ConnectionTrait, project: ProjectId) -> Result<u64> {
    total(db, Which { projects: Some(&[project]), ..Which::default() }).await
}

/// All builds of a pipeline.
pub async fn count_pipeline(db: &impl ConnectionTrait, pipeline: PipelineId) -> Result<u64> {
    total(db, Which { pipeline: Some(pipeline), ..Which::default() }).await
}

/// One more build in `status`.
pub(super) async fn add(
    tx: &Tx,
    project: ProjectId,
    pipeline: PipelineId,
    status: BuildStatus,
) -> Result<()> {
    let row = ActiveModel {
        project_id: Set(project),
        pipeline_id: Set(pipeline),
        status: Set(status),
        builds: Set(1),
    };
    let key = [Column::ProjectId, Column::PipelineId, Column::Status];
    let one_more = Expr::col((Entity, Column::Builds)).add(1);
    let upsert = OnConflict::columns(key).value(Column::Builds, one_more).to_owned();
    Entity::insert(row).on_conflict(upsert).exec_without_returning(tx).await?;
    Ok(())
}

/// One build less in `status`.
pub(super) async fn remove(
    tx: &Tx,
    project: ProjectId,
    pipeline: PipelineId,
    status: BuildStatus,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Builds, Expr::col(Column::Builds).sub(1))
        .filter(Column::ProjectId.eq(project))
        .filter(Column::PipelineId.eq(pipeline))
        .filter(Column::Status.eq(status))
        .exec(tx)
        .await?;
    Ok(())
}
