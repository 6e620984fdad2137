//! Queries on the place that new artifacts go to: one row, or none.

use sea_orm::{ConnectionTrait, EntityTrait};

use super::Tx;
use super::entity::artifact_storage_settings::{ActiveModel, Entity, Model};
use crate::error::Result;

/// The id of the one row.
pub const ROW: i32 = 1;

pub async fn find(db: &impl ConnectionTrait) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(ROW).one(db).await?)
}

/// Puts `row` in the place of what was there.
pub async fn replace(tx: &Tx, row: Model) -> Result<()> {
    Entity::delete_by_id(ROW).exec(tx).await?;
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}
