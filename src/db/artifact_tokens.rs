//! Queries on links to artifacts that people hand on. Tokens arrive here hashed.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Tx;
use super::entity::artifact_tokens::{ActiveModel, Column, Entity, Model};
use super::entity::users;
use crate::domain::id::{ArtifactId, ArtifactTokenId};
use crate::error::Result;

pub async fn find(db: &impl ConnectionTrait, id: ArtifactTokenId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

pub async fn find_by_hash(db: &impl ConnectionTrait, token_hash: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::TokenHash.eq(token_hash)).one(db).await?)
}

/// The links to an artifact, newest first, each with its creator.
pub async fn list(db: &impl ConnectionTrait, artifact: ArtifactId) -> Result<Vec<(Model, users::Model)>> {
    let query = Entity::find().filter(Column::ArtifactId.eq(artifact));
    let rows = query.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).all(db).await?;
    let creators = rows.iter().map(|row| row.created_by);
    let creators = users::Entity::find().filter(users::Column::Id.is_in(creators)).all(db).await?;
    let pair = |row: Model| {
        let creator = creators.iter().find(|user| user.id == row.created_by)?.clone();
        Some((row, creator))
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Uses a link: false if it can't be used (any more). One for a single use is used up.
pub async fn claim(tx: &Tx, id: ArtifactTokenId, now: i64) -> Result<bool> {
    let unused = Condition::any().add(Column::SingleUse.eq(false)).add(Column::UsedAt.is_null());
    let updated = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .filter(Expr::col(Column::ExpiresAt).gt(now))
        .filter(unused)
        .exec(tx)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Ends a link: false if it was revoked already.
pub async fn revoke(tx: &Tx, id: ArtifactTokenId, now: i64) -> Result<bool> {
    let updated = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(updated.rows_affected > 0)
}

/// Removes links that ended before `before` (Unix seconds).
pub async fn delete_ended(tx: &Tx, before: i64) -> Result<()> {
    Entity::delete_many().filter(Column::ExpiresAt.lt(before)).exec(tx).await?;
    Ok(())
}
