//! Queries on the builds that events of code hosts made.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::super::Doc;
use super::super::entity::builds::{Column, Entity, Model};
use super::Standing;
use crate::domain::build::BuildStatus;
use crate::domain::id::{PipelineId, RepositoryId};
use crate::domain::matrix::Combination;
use crate::domain::trigger::TriggerType;
use crate::error::Result;

/// The first build that an event made of a commit at a place in the repository, as the host calls both.
pub async fn made_by_event(
    db: &impl ConnectionTrait,
    pipeline: PipelineId,
    sha: &str,
    event: &str,
    trigger_ref: &str,
) -> Result<Option<Model>> {
    let query = Entity::find()
        .filter(Column::PipelineId.eq(pipeline))
        .filter(Column::CommitSha.eq(sha))
        .filter(Column::TriggerType.eq(TriggerType::Webhook))
        .filter(Column::TriggerEvent.eq(event))
        .filter(Column::TriggerRef.eq(trigger_ref));
    Ok(query.order_by_asc(Column::BuildNumber).one(db).await?)
}

/// What builds of a branch are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// The branch itself.
    Branch,
    /// A pull or merge request of it.
    Request,
}

/// Builds of a pipeline on a branch of a repository that are not over, for the same as the new one; of some combinations,
/// or of all.
pub async fn list_replaceable(
    db: &impl ConnectionTrait,
    pipeline: PipelineId,
    branch: &str,
    repository: RepositoryId,
    purpose: For,
    combinations: Option<&[Combination]>,
) -> Result<Vec<Standing>> {
    let is_alike = match purpose {
        For::Branch => Column::RequestNumber.is_null(),
        For::Request => Column::RequestNumber.is_not_null(),
    };
    let mut query = Entity::find()
        .filter(Column::PipelineId.eq(pipeline))
        .filter(Column::Branch.eq(branch))
        .filter(Column::RepositoryId.eq(repository))
        .filter(is_alike)
        .filter(Column::Status.is_in(BuildStatus::active()));
    if let Some(combinations) = combinations {
        query = query.filter(Column::Matrix.is_in(combinations.iter().cloned().map(Doc)));
    }
    Ok(Standing::of(query.order_by_asc(Column::Id)).all(db).await?)
}
