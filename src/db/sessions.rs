//! Queries on signed-in sessions. Tokens arrive here hashed. What changes or ends a session raises
//! `Change::Access`.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::Tx;
use super::entity::sessions::{ActiveModel, Column, Entity, Model};
use crate::domain::id::UserId;
use crate::error::Result;
use crate::events::Change;

/// Most sessions of one person that are listed.
const MOST_LISTED: u64 = 1000;

pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.to_owned()).one(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn update_data(tx: &Tx, id: &str, data: String) -> Result<()> {
    let row =
        ActiveModel { id: sea_orm::Unchanged(id.to_owned()), data: sea_orm::Set(data), ..Default::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    tx.signal(Change::Access);
    Ok(())
}

/// Whether there was such a session.
pub async fn delete(tx: &Tx, id: &str) -> Result<bool> {
    let deleted = Entity::delete_by_id(id.to_owned()).exec(tx).await?;
    tx.signal(Change::Access);
    Ok(deleted.rows_affected > 0)
}

/// The live sessions of a person, newest first.
pub async fn list_live(db: &impl ConnectionTrait, user: UserId, now: i64) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::UserId.eq(user)).filter(Column::ExpiresAt.gt(now));
    let query = query.order_by_desc(Column::CreatedAt).order_by_asc(Column::Id).limit(MOST_LISTED);
    Ok(query.all(db).await?)
}

/// Ends every live session of a person but one, and answers how many there were.
pub async fn delete_others(tx: &Tx, user: UserId, kept: &str, now: i64) -> Result<u64> {
    let others = Entity::delete_many().filter(Column::UserId.eq(user)).filter(Column::Id.ne(kept));
    let ended = others.filter(Column::ExpiresAt.gt(now)).exec(tx).await?.rows_affected;
    tx.signal(Change::Access);
    Ok(ended)
}

/// Ends the oldest live sessions of a person until `kept` are left, and answers how many there were.
pub async fn delete_oldest(tx: &Tx, user: UserId, kept: u64, now: i64) -> Result<u64> {
    let live = Entity::find().filter(Column::UserId.eq(user)).filter(Column::ExpiresAt.gt(now));
    let newest_first = live.order_by_desc(Column::CreatedAt).order_by_asc(Column::Id);
    // SQLite takes an offset only beside a limit.
    let beyond = newest_first.select_only().column(Column::Id).offset(kept).limit(MOST_LISTED);
    let oldest = Entity::delete_many().filter(Column::Id.in_subquery(beyond.into_query()));
    let ended = oldest.exec(tx).await?.rows_affected;
    if ended > 0 {
        tx.signal(Change::Access);
    }
    Ok(ended)
}

/// Ends every session there is.
pub async fn delete_all(tx: &Tx) -> Result<()> {
    Entity::delete_many().exec(tx).await?;
    tx.signal(Change::Access);
    Ok(())
}

/// Ends every session of a person.
pub async fn delete_of(tx: &Tx, user: UserId) -> Result<()> {
    Entity::delete_many().filter(Column::UserId.eq(user)).exec(tx).await?;
    tx.signal(Change::Access);
    Ok(())
}

/// Removes what has expired by `then`. Raises no signal: it takes away nothing that was still good.
pub async fn delete_expired(tx: &Tx, then: i64) -> Result<u64> {
    let deleted = Entity::delete_many().filter(Column::ExpiresAt.lte(then)).exec(tx).await?;
    Ok(deleted.rows_affected)
}
