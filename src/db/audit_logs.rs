//! Queries on the audit log. Rows are added and read, never changed.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::Tx;
use super::entity::audit_head;
use super::entity::audit_logs::{ActiveModel, Column, Entity, Model};
use super::listing::{Direction, Page};
use crate::error::Result;

const HEAD: i32 = 1;

/// Which entries; `None` leaves a condition out.
#[derive(Debug)]
pub struct Filter {
    pub actor_id: Option<String>,
    pub action: Option<String>,
    pub resource_type: Option<String>,
    /// Not before, in Unix seconds.
    pub from: Option<i64>,
    /// Not after, in Unix seconds.
    pub to: Option<i64>,
}

/// In which order.
#[derive(Debug)]
pub struct Order {
    pub sort: Sort,
    pub direction: Direction,
}

/// What a list of entries is sorted by.
#[derive(Debug, Clone, Copy)]
pub enum Sort {
    CreatedAt,
    ActorEmail,
    Action,
    ResourceType,
}

/// A page of entries and how many there are in all.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    order: &Order,
    page: Page,
) -> Result<(Vec<Model>, u64)> {
    let query = matching(filter);
    let total = query.clone().count(db).await?;
    let column = match order.sort {
        Sort::CreatedAt => Column::CreatedAt,
        Sort::ActorEmail => Column::ActorEmail,
        Sort::Action => Column::Action,
        Sort::ResourceType => Column::ResourceType,
    };
    let query = query.order_by(column, order.direction.into()).order_by(Column::Id, order.direction.into());
    Ok((query.limit(page.limit).offset(page.offset).all(db).await?, total))
}

fn matching(filter: &Filter) -> Select<Entity> {
    let mut query = Entity::find();
    let equal = [
        (Column::ActorId, &filter.actor_id),
        (Column::Action, &filter.action),
        (Column::ResourceType, &filter.resource_type),
    ];
    for (column, value) in equal {
        if let Some(value) = value {
            query = query.filter(column.eq(value.as_str()));
        }
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::CreatedAt.gte(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(Column::CreatedAt.lte(to));
    }
    query
}

/// The next entries after `id` that match, in the order in which they were recorded.
pub async fn matching_after(
    db: &impl ConnectionTrait,
    filter: &Filter,
    id: i64,
    limit: u64,
) -> Result<Vec<Model>> {
    let query = matching(filter).filter(Column::Id.gt(id)).order_by_asc(Column::Id).limit(limit);
    Ok(query.all(db).await?)
}

/// The next entries after `id`, in the order in which they were recorded.
pub async fn after(db: &impl ConnectionTrait, id: i64, limit: u64) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::Id.gt(id)).order_by_asc(Column::Id).limit(limit);
    Ok(query.all(db).await?)
}

/// The end of the chain; `None` before the first entry.
pub async fn head(db: &impl ConnectionTrait) -> Result<Option<audit_head::Model>> {
    Ok(audit_head::Entity::find_by_id(HEAD).one(db).await?)
}

/// Adds an entry and moves the end of the chain to it.
pub async fn append(tx: &Tx, row: Model, seal: String) -> Result<()> {
    let head = audit_head::Model { id: HEAD, entries: row.id, hash: row.hash.clone(), seal };
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    use audit_head::Column as Head;
    let moved =
        OnConflict::column(Head::Id).update_columns([Head::Entries, Head::Hash, Head::Seal]).to_owned();
    let head = audit_head::ActiveModel::from(head);
    audit_head::Entity::insert(head).on_conflict(moved).exec_without_returning(tx).await?;
    Ok(())
}
