//! Queries on capabilities that are good for one use. They arrive here hashed.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::Tx;
use super::entity::host_capabilities::{ActiveModel, Column, Entity, Model};
use crate::domain::credential::CapabilityPurpose;
use crate::domain::id::UserId;
use crate::error::Result;

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Uses the live capability with this hash up; whoever comes second finds nothing.
pub async fn take(tx: &Tx, purpose: CapabilityPurpose, token_hash: &str, now: i64) -> Result<Option<Model>> {
    let query = Entity::find_by_id(token_hash).filter(Column::Purpose.eq(purpose));
    let Some(row) = query.filter(Column::ExpiresAt.gt(now)).one(tx).await? else {
        return Ok(None);
    };
    Entity::delete_by_id(token_hash).exec(tx).await?;
    Ok(Some(row))
}

pub async fn count(tx: &Tx, purpose: CapabilityPurpose) -> Result<u64> {
    Ok(Entity::find().filter(Column::Purpose.eq(purpose)).count(tx).await?)
}

pub async fn delete_expired(tx: &Tx, now: i64) -> Result<()> {
    Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(tx).await?;
    Ok(())
}

pub async fn delete_for(tx: &Tx, purpose: CapabilityPurpose) -> Result<()> {
    Entity::delete_many().filter(Column::Purpose.eq(purpose)).exec(tx).await?;
    Ok(())
}

/// Voids every capability of a person.
pub async fn delete_of(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await?;
    Ok(())
}

/// Voids all.
pub async fn delete_all(tx: &Tx) -> Result<()> {
    Entity::delete_many().exec(tx).await?;
    Ok(())
}
