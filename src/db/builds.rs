//! Queries on builds, and the one function that writes a build's status.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::Tx;
use super::entity::builds::{Column, Entity, Model};
use crate::domain::build::BuildStatus;
use crate::domain::id::{BuildId, PipelineId, ProjectId};
use crate::error::{Error, Result};

/// Whose builds are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Project(ProjectId),
    Pipeline(PipelineId),
}

pub async fn find(db: &impl ConnectionTrait, id: BuildId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Whether a runner holds a build of the project.
pub async fn any_held(db: &impl ConnectionTrait, project: ProjectId) -> Result<bool> {
    let held = [BuildStatus::Assigned, BuildStatus::Running];
    let query = Entity::find().filter(Column::ProjectId.eq(project)).filter(Column::Status.is_in(held));
    Ok(query.count(db).await? > 0)
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
