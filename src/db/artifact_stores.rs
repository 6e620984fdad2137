//! Queries on the places that artifacts are stored in. A bucket at an endpoint is one place, whatever its region and
//! keys are called; so is a folder.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::Tx;
use super::entity::artifact_stores::{ActiveModel, Column, Entity, Model};
use super::entity::{artifact_leftovers, artifacts};
use crate::domain::id::ArtifactStoreId;
use crate::error::Result;

pub async fn find(db: &impl ConnectionTrait, id: ArtifactStoreId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The folders that are or were places of artifacts.
pub async fn list_folders(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let query = Entity::find().filter(Column::BaseDir.is_not_null()).select_only().column(Column::BaseDir);
    Ok(query.into_tuple().all(db).await?)
}

/// The place with this folder.
pub async fn find_folder(db: &impl ConnectionTrait, base_dir: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::BaseDir.eq(base_dir)).one(db).await?)
}

/// The place with this bucket; without an endpoint it is Amazon's.
pub async fn find_bucket(
    db: &impl ConnectionTrait,
    endpoint: Option<&str>,
    bucket: &str,
) -> Result<Option<Model>> {
    let query = Entity::find().filter(Column::Bucket.eq(bucket));
    let query = match endpoint {
        Some(endpoint) => query.filter(Column::Endpoint.eq(endpoint)),
        None => query.filter(Column::Endpoint.is_null()),
    };
    Ok(query.one(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Says anew how a place is called and opened.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Provider, Expr::value(row.provider))
        .col_expr(Column::Region, Expr::value(row.region))
        .col_expr(Column::AccessKeyId, Expr::value(row.access_key_id))
        .col_expr(Column::SecretAccessKey, Expr::value(row.secret_access_key))
        .filter(Column::Id.eq(row.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forgets places, and their keys, that hold nothing; but not this one.
pub async fn delete_unused(tx: &Tx, but: ArtifactStoreId) -> Result<()> {
    let holding = artifacts::Entity::find().select_only().column(artifacts::Column::StoreId);
    let holding = holding.filter(artifacts::Column::StoreId.is_not_null());
    let owing = artifact_leftovers::Entity::find().select_only().column(artifact_leftovers::Column::StoreId);
    let owing = owing.filter(artifact_leftovers::Column::StoreId.is_not_null());
    Entity::delete_many()
        .filter(Column::Id.ne(but))
        .filter(Column::Id.not_in_subquery(holding.into_query()))
        .filter(Column::Id.not_in_subquery(owing.into_query()))
        .exec(tx)
        .await?;
    Ok(())
}
