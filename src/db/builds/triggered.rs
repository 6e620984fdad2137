//! Queries on the builds that events of code hosts made.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::super::Doc;
use super::super::entity::builds::{Column, Entity, Model};
use super::Standing;
use crate::domain::build::BuildStatus;
use crate::domain::id::{PipelineId, RepositoryId};
use crate::domain::matrix::Combination;
use crate::domain::trigger::{MERGE_REQUEST_EVENT, PULL_REQUEST_EVENT, TriggerType};
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

/// Builds of a pipeline on a branch of a repository that are not over: those of requests, or the others; of some
/// combinations, or of all.
pub async fn list_replaceable(
    db: &impl ConnectionTrait,
    pipeline: PipelineId,
    branch: &str,
    repository: RepositoryId,
    of_requests: bool,
    combinations: Option<&[Combination]>,
) -> Result<Vec<Standing>> {
    let events = [PULL_REQUEST_EVENT, MERGE_REQUEST_EVENT];
    let is_of_request = Expr::expr(Column::TriggerEvent.if_null("")).is_in(events);
    let mut query = Entity::find()
        .filter(Column::PipelineId.eq(pipeline))
        .filter(Column::Branch.eq(branch))
        .filter(Column::RepositoryId.eq(repository))
        .filter(is_of_request.eq(of_requests))
        .filter(Column::Status.is_in(BuildStatus::active()));
    if let Some(combinations) = combinations {
        query = query.filter(Column::Matrix.is_in(combinations.iter().cloned().map(Doc)));
    }
    Ok(Standing::of(query.order_by_asc(Column::Id)).all(db).await?)
}
