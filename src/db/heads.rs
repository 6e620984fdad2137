//! Queries on where branches, tags and requests of repositories were at the last look.

use std::collections::BTreeMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::Tx;
use super::entity::heads::{ActiveModel, Column, Entity, Model};
use super::entity::watched_repositories as watched;
use crate::domain::id::RepositoryId;
use crate::error::Result;

/// So many rows go into one statement.
const ROWS: usize = 500;

/// Whether a repository was looked at before.
pub async fn is_watched(db: &impl ConnectionTrait, repository: RepositoryId) -> Result<bool> {
    Ok(watched::Entity::find_by_id(repository).one(db).await?.is_some())
}

/// From now on its heads are known.
pub async fn watch(tx: &Tx, repository_id: RepositoryId, since: i64) -> Result<()> {
    let row = watched::ActiveModel::from(watched::Model { repository_id, since });
    watched::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether heads are known of any but these repositories.
pub async fn knows_others(db: &impl ConnectionTrait, kept: &[RepositoryId]) -> Result<bool> {
    let others = watched::Column::RepositoryId.is_not_in(kept.iter().copied());
    Ok(watched::Entity::find().filter(others).count(db).await? > 0)
}

/// Forgets the heads of all but these repositories.
pub async fn forget_others(tx: &Tx, kept: &[RepositoryId]) -> Result<()> {
    let others = watched::Column::RepositoryId.is_not_in(kept.iter().copied());
    watched::Entity::delete_many().filter(others).exec(tx).await?;
    Ok(())
}

/// Every head of a repository: its name and its commit.
pub async fn of_repository(
    db: &impl ConnectionTrait,
    repository: RepositoryId,
) -> Result<BTreeMap<String, String>> {
    let rows = Entity::find().filter(Column::RepositoryId.eq(repository)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.name, row.sha)).collect())
}

/// Where a head is.
pub async fn sha(db: &impl ConnectionTrait, repository: RepositoryId, name: &str) -> Result<Option<String>> {
    Ok(Entity::find_by_id((repository, name.to_owned())).one(db).await?.map(|row| row.sha))
}

pub async fn put(tx: &Tx, repository_id: RepositoryId, heads: &[(String, String)]) -> Result<()> {
    let key = [Column::RepositoryId, Column::Name];
    for some in heads.chunks(ROWS) {
        let rows = some.iter().map(|(name, sha)| {
            ActiveModel::from(Model { repository_id, name: name.clone(), sha: sha.clone() })
        });
        let replace = OnConflict::columns(key).update_column(Column::Sha).to_owned();
        Entity::insert_many(rows).on_conflict(replace).exec_without_returning(tx).await?;
    }
    Ok(())
}

pub async fn remove(tx: &Tx, repository: RepositoryId, names: &[String]) -> Result<()> {
    for some in names.chunks(ROWS) {
        let gone = Entity::delete_many().filter(Column::RepositoryId.eq(repository));
        gone.filter(Column::Name.is_in(some.iter().map(String::as_str))).exec(tx).await?;
    }
    Ok(())
}
