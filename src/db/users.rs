//! Queries on accounts.

use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Tx;
use super::entity::users::{ActiveModel, Column, Entity, Model};
use crate::domain::id::UserId;
use crate::domain::role::{UserRole, UserStatus};
use crate::error::Result;

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

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}
