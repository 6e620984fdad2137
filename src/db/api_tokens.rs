//! Queries on API tokens. Tokens arrive here hashed. What revokes a token raises `Change::Access`.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Set,
};

use super::Tx;
use super::entity::api_tokens::{ActiveModel, Column, Entity, Model};
use super::entity::users;
use super::listing::{Direction, Page, contains};
use crate::domain::id::{ApiTokenId, UserId};
use crate::error::Result;
use crate::events::Change;

/// Which tokens, in which order.
#[derive(Debug)]
pub struct Filter {
    /// `None`: of everybody.
    pub created_by: Option<UserId>,
    /// Text in name, prefix, role, creator's e-mail or status.
    pub search: Option<String>,
    pub sort: Sort,
    pub direction: Direction,
    /// Unix seconds; decides which tokens have expired.
    pub now: i64,
}

/// What a list of tokens is sorted by.
#[derive(Debug, Clone, Copy)]
pub enum Sort {
    CreatedAt,
    Name,
    Role,
    Status,
    LastUsedAt,
}

pub async fn find(db: &impl ConnectionTrait, id: ApiTokenId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

pub async fn find_by_hash(db: &impl ConnectionTrait, token_hash: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::TokenHash.eq(token_hash)).one(db).await?)
}

/// A page of tokens, each with its creator, and how many there are in all.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    page: Page,
) -> Result<(Vec<(Model, users::Model)>, u64)> {
    let mut query = Entity::find();
    if let Some(creator) = filter.created_by {
        query = query.filter(Column::CreatedBy.eq(creator));
    }
    if let Some(search) = &filter.search {
        query = query.filter(matching(search, filter.now));
    }
    let total = query.clone().count(db).await?;
    let order = filter.direction.into();
    let query = match filter.sort {
        Sort::CreatedAt => query.order_by(Column::CreatedAt, order),
        Sort::Name => query.order_by(Expr::expr(Func::lower(Expr::col(Column::Name))), order),
        Sort::Role => query.order_by(Column::Role, order),
        Sort::Status => query.order_by(status(filter.now), order),
        Sort::LastUsedAt => query.order_by(Column::LastUsedAt, order),
    };
    let rows = query.order_by_asc(Column::Id).limit(page.limit).offset(page.offset).all(db).await?;
    let creators = rows.iter().map(|row| row.created_by);
    let creators = users::Entity::find().filter(users::Column::Id.is_in(creators)).all(db).await?;
    let pair = |row: Model| {
        let creator = creators.iter().find(|user| user.id == row.created_by)?.clone();
        Some((row, creator))
    };
    Ok((rows.into_iter().filter_map(pair).collect(), total))
}

fn matching(search: &str, now: i64) -> Condition {
    let creators = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(contains(&[users::Column::Email], search));
    contains(&[Column::Name, Column::Prefix, Column::Role], search)
        .add(Column::CreatedBy.in_subquery(creators.into_query()))
        .add(status(now).eq(search.trim().to_ascii_lowercase()))
}

/// `active`, `expired` or `revoked`, as the database works it out.
fn status(now: i64) -> SimpleExpr {
    CaseStatement::new()
        .case(Column::RevokedAt.is_not_null(), "revoked")
        .case(Column::ExpiresAt.lte(now), "expired")
        .finally("active")
        .into()
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Whether this call revoked it; one that is revoked already stays as it is.
pub async fn revoke(tx: &Tx, id: ApiTokenId, now: i64) -> Result<bool> {
    let row = ActiveModel { revoked_at: Set(Some(now)), ..Default::default() };
    let live = Condition::all().add(Column::Id.eq(id)).add(Column::RevokedAt.is_null());
    let revoked = Entity::update_many().set(row).filter(live).exec(tx).await?.rows_affected > 0;
    tx.signal(Change::Access);
    Ok(revoked)
}

/// Revokes every token that a person made.
pub async fn revoke_of(tx: &Tx, user: UserId, now: i64) -> Result<()> {
    let row = ActiveModel { revoked_at: Set(Some(now)), ..Default::default() };
    let live = Condition::all().add(Column::CreatedBy.eq(user)).add(Column::RevokedAt.is_null());
    Entity::update_many().set(row).filter(live).exec(tx).await?;
    tx.signal(Change::Access);
    Ok(())
}

/// Raises no signal: what the token opens stays as it was.
pub async fn set_used(tx: &Tx, id: ApiTokenId, now: i64) -> Result<()> {
    let row = ActiveModel { last_used_at: Set(Some(now)), ..Default::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}
