//! Queries on artifacts. Moves of their state are guarded here: bytes are recorded once, and only
//! a pending artifact becomes available or failed.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::Tx;
use super::entity::artifacts::{ActiveModel, Column, Entity, Model};
use crate::domain::artifact::ArtifactState;
use crate::domain::id::{ArtifactId, BuildId, ProjectId};
use crate::error::{Error, Result};
use crate::events::Change;

pub async fn find(db: &impl ConnectionTrait, id: ArtifactId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

pub async fn get(db: &impl ConnectionTrait, id: ArtifactId) -> Result<Model> {
    find(db, id).await?.ok_or_else(|| Error::not_found("artifact"))
}

/// What can be downloaded of these builds, oldest first.
pub async fn list_available(db: &impl ConnectionTrait, builds: &[BuildId]) -> Result<Vec<Model>> {
    let query = available().filter(Column::BuildId.is_in(builds.iter().copied()));
    Ok(query.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).all(db).await?)
}

/// What can be downloaded of a project, newest first.
pub async fn list_of_project(
    db: &impl ConnectionTrait,
    project: ProjectId,
    limit: u64,
) -> Result<Vec<Model>> {
    let query = available().filter(Column::ProjectId.eq(project));
    let newest = query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
    Ok(newest.limit(limit).all(db).await?)
}

fn available() -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::State.eq(ArtifactState::Available))
}

/// The available artifact of a build with this name and content.
pub async fn find_same(
    db: &impl ConnectionTrait,
    build: BuildId,
    name: &str,
    checksum: &str,
) -> Result<Option<Model>> {
    let query = available()
        .filter(Column::BuildId.eq(build))
        .filter(Column::Name.eq(name))
        .filter(Column::Checksum.eq(checksum));
    Ok(query.one(db).await?)
}

/// Announced before `before` (Unix seconds) and never finished.
pub async fn list_stale(db: &impl ConnectionTrait, before: i64, limit: u64) -> Result<Vec<Model>> {
    let query =
        Entity::find().filter(Column::State.eq(ArtifactState::Pending)).filter(Column::CreatedAt.lt(before));
    Ok(query.order_by_asc(Column::CreatedAt).limit(limit).all(db).await?)
}

/// The uploads in parts that are under way.
pub async fn uploads_in_parts(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let query = Entity::find().filter(Column::State.eq(ArtifactState::Pending));
    let query = query.filter(Column::UploadId.is_not_null()).select_only().column(Column::UploadId);
    Ok(query.into_tuple().all(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Records that the bytes are stored. False if they already were, or the artifact is over.
pub async fn set_stored(tx: &Tx, id: ArtifactId, size: i64, checksum: String, now: i64) -> Result<bool> {
    let row = ActiveModel {
        file_size: Set(Some(size)),
        checksum: Set(Some(checksum)),
        stored_at: Set(Some(now)),
        ..Default::default()
    };
    let updated = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(ArtifactState::Pending))
        .filter(Column::StoredAt.is_null())
        .exec(tx)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Ends the upload of a pending artifact.
///
/// # Errors
/// `artifact_not_pending` when it has already ended.
pub async fn finish(
    tx: &Tx,
    id: ArtifactId,
    state: ArtifactState,
    error_message: Option<String>,
) -> Result<Model> {
    let updated = Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::ErrorMessage, Expr::value(error_message))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(ArtifactState::Pending))
        .exec(tx)
        .await?;
    if updated.rows_affected == 0 {
        return Err(Error::conflict("artifact_not_pending", "the upload of this artifact has already ended"));
    }
    let row = get(tx, id).await?;
    tx.signal(Change::Artifact { artifact_id: row.id, build_id: row.build_id, project_id: row.project_id });
    Ok(row)
}
