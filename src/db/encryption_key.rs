//! Queries on the name of the key that this database is sealed with. It ties the database to its key
//! file: with another one nothing is started.

use sea_orm::{ConnectionTrait, EntityTrait};

use super::Tx;
use super::entity::encryption_key::{ActiveModel, Entity, Model};
use crate::error::{Error, Result, codes};

const ROW: i32 = 1;

pub async fn find(db: &impl ConnectionTrait) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(ROW).one(db).await?)
}

/// Notes the key's name, from `now` on.
pub async fn set(tx: &Tx, key_id: &str, now: i64) -> Result<()> {
    let row = Model { id: ROW, key_id: key_id.to_owned(), since: now };
    Entity::delete_by_id(ROW).exec(tx).await?;
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Refuses a database that is sealed with none of these keys; a new one takes the first.
///
/// Errors: `wrong_key`.
pub async fn agree(tx: &Tx, key_ids: &[String], now: i64) -> Result<()> {
    match (find(tx).await?, key_ids.first()) {
        (None, Some(key_id)) => set(tx, key_id, now).await,
        (Some(_) | None, _) => require(tx, key_ids).await,
    }
}

/// Refuses a database that is sealed with none of these keys.
///
/// Errors: `wrong_key`.
pub async fn require(db: &impl ConnectionTrait, key_ids: &[String]) -> Result<()> {
    match find(db).await? {
        Some(row) if !key_ids.contains(&row.key_id) => {
            let why =
                format!("the database is sealed with the key {}, and the key file holds another", row.key_id);
            Err(Error::invalid(codes::WRONG_KEY, why)
                .hint("Restore the key file that belongs to this database."))
        }
        Some(_) | None => Ok(()),
    }
}
