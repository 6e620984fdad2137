//! Queries on the set-up under way: one row, made when it is first needed.

use sea_orm::{ConnectionTrait, EntityTrait};

use super::Tx;
use super::entity::setup::{ActiveModel, Entity, Model};
use crate::error::Result;

const ROW: i32 = 1;

/// The row, or an empty one.
pub async fn get(db: &impl ConnectionTrait) -> Result<Model> {
    let row = Entity::find_by_id(ROW).one(db).await?;
    Ok(row.unwrap_or(Model {
        id: ROW,
        token_hash: None,
        token_expires_at: None,
        token_consumed_at: None,
        session_hash: None,
        session_expires_at: None,
        owner_email: None,
        owner_subject: None,
        owner_avatar_url: None,
    }))
}

/// Puts `row` in the place of what was there.
pub async fn replace(tx: &Tx, row: Model) -> Result<()> {
    Entity::delete_by_id(ROW).exec(tx).await?;
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}
