//! Queries on registered runners. Tokens arrive here hashed; whether a runner is online isn't
//! stored but derived from its last contact (`builds::lease`).

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set, Unchanged,
};

use super::entity::runners::{ActiveModel, Column, Entity, Model};
use super::{Doc, Tx, listing};
use crate::domain::id::RunnerId;
use crate::error::{Error, Result};

pub async fn find(db: &impl ConnectionTrait, id: RunnerId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

pub async fn get(db: &impl ConnectionTrait, id: RunnerId) -> Result<Model> {
    find(db, id).await?.ok_or_else(|| Error::not_found("runner"))
}

pub async fn find_by_token(db: &impl ConnectionTrait, token_hash: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::TokenHash.eq(token_hash)).one(db).await?)
}

/// The daemon's own runner.
pub async fn find_embedded(db: &impl ConnectionTrait) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Embedded.eq(true)).one(db).await?)
}

/// Every runner whose name or id contains `q`, oldest first.
pub async fn list(db: &impl ConnectionTrait, q: Option<&str>) -> Result<Vec<Model>> {
    let mut query = Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id);
    if let Some(text) = q {
        query = query.filter(listing::contains(&[Column::Name, Column::Id], text));
    }
    Ok(query.all(db).await?)
}

/// Those that people registered and that were not known to be silent when that was last looked at.
pub async fn list_online(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::OnlineSince.is_not_null());
    Ok(query.filter(Column::Embedded.eq(false)).all(db).await?)
}

/// Several at once, in no order.
pub async fn find_all(db: &impl ConnectionTrait, ids: Vec<RunnerId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn rename(tx: &Tx, id: RunnerId, name: String, now: i64) -> Result<Model> {
    let row = ActiveModel { id: Unchanged(id), name: Set(name), updated_at: Set(now), ..Default::default() };
    Ok(row.update(tx).await?)
}

/// Gives the runner these labels instead of those it had.
pub async fn set_labels(tx: &Tx, id: RunnerId, labels: Vec<String>, now: i64) -> Result<Model> {
    let row = ActiveModel {
        id: Unchanged(id),
        labels: Set(Doc(labels)),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(row.update(tx).await?)
}

/// Who wants a runner to take no new builds, and why.
#[derive(Debug, Clone)]
pub struct Drain {
    pub by: String,
    pub reason: Option<String>,
}

/// Keeps new builds from the runner, or lets it take them again.
pub async fn set_drain(tx: &Tx, id: RunnerId, drain: Option<Drain>, now: i64) -> Result<Model> {
    let (by, reason) = drain.map_or((None, None), |drain| (Some(drain.by), drain.reason));
    let row = ActiveModel {
        id: Unchanged(id),
        drained_at: Set(by.is_some().then_some(now)),
        drained_by: Set(by),
        drain_reason: Set(reason),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(row.update(tx).await?)
}

/// Replaces the token; the daemon's own runner may get another name with it.
pub async fn set_token(tx: &Tx, id: RunnerId, name: String, token_hash: String, now: i64) -> Result<Model> {
    let row = ActiveModel {
        id: Unchanged(id),
        name: Set(name),
        token_hash: Set(token_hash),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(row.update(tx).await?)
}

pub async fn set_capabilities(
    tx: &Tx,
    id: RunnerId,
    capabilities: serde_json::Value,
    now: i64,
) -> Result<()> {
    let row = ActiveModel {
        id: Unchanged(id),
        capabilities: Set(Doc(capabilities)),
        updated_at: Set(now),
        ..Default::default()
    };
    row.update(tx).await?;
    Ok(())
}

/// Records that the runner is heard (again).
pub async fn set_online(tx: &Tx, id: RunnerId, since: i64) -> Result<()> {
    let row = ActiveModel { id: Unchanged(id), online_since: Set(Some(since)), ..Default::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Records that the runner has fallen silent, and when it was last heard.
pub async fn set_silent(tx: &Tx, id: RunnerId, last_heard: i64) -> Result<()> {
    let row = ActiveModel {
        id: Unchanged(id),
        last_heartbeat_at: Set(Some(last_heard)),
        online_since: Set(None),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Whether there was such a runner.
pub async fn delete(tx: &Tx, id: RunnerId) -> Result<bool> {
    Ok(Entity::delete_by_id(id).exec(tx).await?.rows_affected > 0)
}
