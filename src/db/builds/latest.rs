//! The newest builds: of a commit, for what its code host is told; of a branch, for badges.

use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::super::entity::builds::{Column, Entity, Model};
use crate::domain::build::BuildStatus;
use crate::domain::id::{PipelineId, ProjectId, RepositoryId};
use crate::error::Result;

/// The newest build of each pipeline and combination.
const NEWEST: &str = "NOT EXISTS (SELECT 1 FROM builds AS newer
    WHERE newer.pipeline_id = builds.pipeline_id AND newer.commit_sha = builds.commit_sha
        AND newer.matrix IS builds.matrix AND newer.build_number > builds.build_number)";

/// Of a project at a commit, by age; no more than `limit`.
pub async fn of_commit(
    db: &impl ConnectionTrait,
    project: ProjectId,
    sha: &str,
    limit: u64,
) -> Result<Vec<Model>> {
    list(db, Column::ProjectId.eq(project), sha, limit).await
}

/// Of all projects of a repository at a commit.
pub async fn of_repository(
    db: &impl ConnectionTrait,
    repository: RepositoryId,
    sha: &str,
    limit: u64,
) -> Result<Vec<Model>> {
    list(db, Column::RepositoryId.eq(repository), sha, limit).await
}

async fn list(db: &impl ConnectionTrait, of: SimpleExpr, sha: &str, limit: u64) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::CommitSha.eq(sha)).filter(of).filter(Expr::cust(NEWEST));
    Ok(query.order_by_asc(Column::BuildNumber).limit(limit).all(db).await?)
}

/// Whether nothing newer was built of the same pipeline and combination at the same commit.
pub async fn is_newest(db: &impl ConnectionTrait, build: &Model) -> Result<bool> {
    let query =
        Entity::find_by_id(build.id).filter(Expr::cust(NEWEST)).select_only().column(Column::BuildNumber);
    Ok(query.into_tuple::<i64>().one(db).await?.is_some())
}

/// The commit that a pull or merge request is at, as far as it was built: what is run again says nothing of that.
pub async fn head_of_request(
    db: &impl ConnectionTrait,
    project: ProjectId,
    number: i64,
) -> Result<Option<String>> {
    let query = Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::RequestNumber.eq(number))
        .filter(Column::SourceBuildId.is_null())
        .filter(Column::IsOutdated.eq(false))
        .order_by_desc(Column::BuildNumber)
        .select_only()
        .column(Column::CommitSha);
    Ok(query.into_tuple::<Option<String>>().one(db).await?.flatten())
}

/// The newest build of a pipeline on a branch that says whether the branch builds.
pub async fn of_branch(
    db: &impl ConnectionTrait,
    pipeline: PipelineId,
    branch: &str,
) -> Result<Option<Model>> {
    let telling = [BuildStatus::Succeeded, BuildStatus::Failed, BuildStatus::TimedOut];
    let query = Entity::find()
        .filter(Column::PipelineId.eq(pipeline))
        .filter(Column::Branch.eq(branch))
        .filter(Column::RequestNumber.is_null())
        .filter(Column::IsOutdated.eq(false))
        .filter(Column::Status.is_in(telling));
    Ok(query.order_by_desc(Column::BuildNumber).one(db).await?)
}
