//! Queries on artifacts. Moves of their state are guarded here: bytes are recorded once, and only
//! a pending artifact becomes available or failed.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Set,
};

use super::Tx;
use super::builds::held;
use super::builds::retention::set_taken;
use super::entity::artifacts::{ActiveModel, Column, Entity, Model};
use super::entity::builds;
use crate::domain::artifact::ArtifactState;
use crate::domain::id::{ArtifactId, BuildId, ProjectId};
use crate::domain::retention::RetentionRule;
use crate::error::{Error, Result, codes};
use crate::events::Change;

/// Artifacts of one statement.
const MOST: usize = 500;

/// A bit more than what `domain::artifact::installs_on` knows a device for: apps of a simulator count too.
pub const IS_APP: &str = "(artifacts.artifact_type IN ('apk', 'ipa', 'app') OR artifacts.name LIKE '%.dmg')";

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

/// Announced before `before` (Unix seconds), never finished, and of no attempt that still goes on: that may be sending yet.
pub async fn list_stale(db: &impl ConnectionTrait, before: i64, limit: u64) -> Result<Vec<Model>> {
    let of = (Entity, Column::Attempt);
    let goes_on = builds::Entity::find()
        .select_only()
        .column(builds::Column::Id)
        .filter(held())
        .filter(Expr::col((builds::Entity, builds::Column::Id)).equals((Entity, Column::BuildId)))
        .filter(Expr::col(of).is_null().or(Expr::col(of).equals((builds::Entity, builds::Column::Attempt))))
        .into_query();
    let query =
        Entity::find().filter(Column::State.eq(ArtifactState::Pending)).filter(Column::CreatedAt.lt(before));
    let query = query.filter(Expr::exists(goes_on).not());
    Ok(query.order_by_asc(Column::CreatedAt).limit(limit).all(db).await?)
}

/// Artifacts whose time to live is over, oldest first, of builds that nobody pinned.
async fn list_expired(db: &impl ConnectionTrait, now: i64, limit: u64) -> Result<Vec<Model>> {
    let pinned = builds::Entity::find().select_only().column(builds::Column::Id);
    let pinned = pinned.filter(builds::Column::PinnedAt.is_not_null()).into_query();
    let query =
        available().filter(Column::ExpiresAt.lte(now)).filter(Column::BuildId.not_in_subquery(pinned));
    Ok(query.order_by_asc(Column::ExpiresAt).limit(limit).all(db).await?)
}

/// How many artifacts can be downloaded.
pub async fn count(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(available().count(db).await?)
}

/// Bytes of everything that can be downloaded, of one project or of all.
pub async fn stored_bytes(db: &impl ConnectionTrait, project: Option<ProjectId>) -> Result<i64> {
    let mut query = available().select_only().column_as(Column::FileSize.sum(), "total");
    if let Some(project) = project {
        query = query.filter(Column::ProjectId.eq(project));
    }
    let sum: Option<Option<i64>> = query.into_tuple().one(db).await?;
    Ok(sum.flatten().unwrap_or(0))
}

/// Takes everything of these builds out of sight that can be downloaded; answers it. The bytes are still to be removed.
pub(super) async fn set_removed(tx: &Tx, builds: &[BuildId]) -> Result<Vec<Model>> {
    let rows = list_available(tx, builds).await?;
    hide(tx, &rows).await?;
    Ok(rows)
}

/// Takes artifacts whose time to live is over out of sight, and stamps builds that have none left; answers them. The bytes
/// are still to be removed.
pub async fn expire(tx: &Tx, now: i64, limit: u64) -> Result<Vec<Model>> {
    let rows = list_expired(tx, now, limit).await?;
    hide(tx, &rows).await?;
    let builds: HashSet<BuildId> = rows.iter().map(|row| row.build_id).collect();
    let builds: Vec<BuildId> = builds.into_iter().collect();
    let left: HashSet<BuildId> = list_available(tx, &builds).await?.iter().map(|row| row.build_id).collect();
    let empty: Vec<BuildId> = builds.into_iter().filter(|build| !left.contains(build)).collect();
    set_taken(tx, &empty, RetentionRule::Ttl, now).await?;
    Ok(rows)
}

/// Takes an artifact out of sight that can be downloaded; answers it. Its bytes are still to be removed.
///
/// # Errors
/// `not_found` when there is nothing to download, `build_pinned` when somebody has pinned its build.
pub async fn remove(tx: &Tx, id: ArtifactId) -> Result<Model> {
    let row = available().filter(Column::Id.eq(id)).one(tx).await?;
    let row = row.ok_or_else(|| Error::not_found("artifact"))?;
    if super::builds::get(tx, row.build_id).await?.pinned_at.is_some() {
        return Err(Error::conflict("build_pinned", "the build is pinned and keeps its artifacts")
            .hint("Let the build go first, by Unpin on its page."));
    }
    hide(tx, std::slice::from_ref(&row)).await?;
    Ok(row)
}

/// In pieces: the variables that SQLite takes are limited.
async fn hide(tx: &Tx, rows: &[Model]) -> Result<()> {
    for some in rows.chunks(MOST) {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(ArtifactState::Removed))
            .filter(Column::Id.is_in(some.iter().map(|row| row.id)))
            .exec(tx)
            .await?;
    }
    rows.iter().for_each(|row| tx.signal(changed(row)));
    Ok(())
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
        return Err(Error::conflict(
            codes::ARTIFACT_NOT_PENDING,
            "the upload of this artifact has already ended",
        ));
    }
    let row = get(tx, id).await?;
    tx.signal(changed(&row));
    Ok(row)
}

fn changed(row: &Model) -> Change {
    Change::Artifact { artifact_id: row.id, build_id: row.build_id, project_id: row.project_id }
}
