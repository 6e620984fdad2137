//! Queries on accounts. What changes one raises `Change::Access`.

use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set, Unchanged,
};

use super::Tx;
use super::entity::users::{ActiveModel, Column, Entity, Model};
use super::listing::{Direction, Page, contains};
use crate::domain::id::UserId;
use crate::domain::role::{UserRole, UserStatus};
use crate::error::Result;
use crate::events::Change;

/// Which accounts, in which order.
#[derive(Debug)]
pub struct Filter {
    /// Text in e-mail, name, role or status.
    pub search: Option<String>,
    pub sort: Sort,
    pub direction: Direction,
}

/// What a list of accounts is sorted by.
#[derive(Debug, Clone, Copy)]
pub enum Sort {
    CreatedAt,
    Email,
    Role,
    Status,
}

pub async fn find(db: &impl ConnectionTrait, id: UserId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// By e-mail address, upper and lower case alike (ASCII).
pub async fn find_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<Model>> {
    let lower = Expr::expr(Func::lower(Expr::col(Column::Email)));
    let query = Entity::find().filter(lower.eq(email.to_ascii_lowercase()));
    Ok(query.one(db).await?)
}

pub async fn find_owner(db: &impl ConnectionTrait) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Role.eq(UserRole::Owner)).one(db).await?)
}

/// The first two active accounts: enough to know whether there is exactly one.
pub async fn first_active(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    let query =
        Entity::find().filter(Column::Status.eq(UserStatus::Active)).order_by_asc(Column::CreatedAt).limit(2);
    Ok(query.all(db).await?)
}

pub async fn active(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Status.eq(UserStatus::Active)).all(db).await?)
}

/// A page of accounts and how many there are in all.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter, page: Page) -> Result<(Vec<Model>, u64)> {
    let mut query = Entity::find();
    if let Some(search) = &filter.search {
        let columns = [Column::Email, Column::DisplayName, Column::Role, Column::Status];
        query = query.filter(contains(&columns, search));
    }
    let total = query.clone().count(db).await?;
    let order = filter.direction.into();
    let query = match filter.sort {
        Sort::CreatedAt => query.order_by(Column::CreatedAt, order),
        Sort::Email => query.order_by(Expr::expr(Func::lower(Expr::col(Column::Email))), order),
        Sort::Role => query.order_by(Column::Role, order),
        Sort::Status => query.order_by(Column::Status, order),
    };
    let rows = query.order_by_asc(Column::Id).limit(page.limit).offset(page.offset).all(db).await?;
    Ok((rows, total))
}

pub async fn set_role(tx: &Tx, id: UserId, role: UserRole, now: i64) -> Result<Model> {
    let row = ActiveModel { id: Unchanged(id), role: Set(role), updated_at: Set(now), ..Default::default() };
    update(tx, row).await
}

pub async fn set_status(tx: &Tx, id: UserId, status: UserStatus, now: i64) -> Result<Model> {
    let row =
        ActiveModel { id: Unchanged(id), status: Set(status), updated_at: Set(now), ..Default::default() };
    update(tx, row).await
}

/// Ties the account to an identity; it is active from now on.
pub async fn claim(
    tx: &Tx,
    id: UserId,
    subject: String,
    avatar_url: Option<String>,
    now: i64,
) -> Result<Model> {
    let row = ActiveModel {
        id: Unchanged(id),
        subject: Set(subject),
        status: Set(UserStatus::Active),
        avatar_url: super::set(avatar_url.map(Some)),
        updated_at: Set(now),
        ..Default::default()
    };
    update(tx, row).await
}

pub async fn set_subject(tx: &Tx, id: UserId, subject: String, now: i64) -> Result<Model> {
    let row =
        ActiveModel { id: Unchanged(id), subject: Set(subject), updated_at: Set(now), ..Default::default() };
    update(tx, row).await
}

pub async fn set_email(tx: &Tx, id: UserId, email: String, subject: String, now: i64) -> Result<Model> {
    let row = ActiveModel {
        id: Unchanged(id),
        email: Set(email),
        subject: Set(subject),
        updated_at: Set(now),
        ..Default::default()
    };
    update(tx, row).await
}

pub async fn set_avatar(tx: &Tx, id: UserId, avatar_url: Option<String>, now: i64) -> Result<Model> {
    let row = ActiveModel {
        id: Unchanged(id),
        avatar_url: Set(avatar_url),
        updated_at: Set(now),
        ..Default::default()
    };
    update(tx, row).await
}

/// The one way to change an account: whoever was looked up before is looked up again.
async fn update(tx: &Tx, row: ActiveModel) -> Result<Model> {
    tx.signal(Change::Access);
    Ok(row.update(tx).await?)
}

pub async fn find_by_subject(db: &impl ConnectionTrait, subject: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Subject.eq(subject)).one(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}
