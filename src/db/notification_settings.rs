//! Queries on which private hosts notifications may go to: one row, or none.

use sea_orm::{ConnectionTrait, EntityTrait};

use super::entity::notification_settings::{ActiveModel, Entity, Model};
use super::{Doc, Tx};
use crate::error::Result;
use crate::events::Change;

/// The id of the one row.
const ROW: i32 = 1;

pub async fn find(db: &impl ConnectionTrait) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(ROW).one(db).await?)
}

/// Puts a list in the place of what was there.
pub async fn replace(tx: &Tx, allowed_hosts: Vec<String>, now: i64) -> Result<Model> {
    let row = Model { id: ROW, allowed_hosts: Doc(allowed_hosts), updated_at: now };
    Entity::delete_by_id(ROW).exec(tx).await?;
    Entity::insert(ActiveModel::from(row.clone())).exec_without_returning(tx).await?;
    tx.signal(Change::Notifications {});
    Ok(row)
}
