//! Queries on the members of projects.

use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Set,
};

use super::Tx;
use super::entity::project_members::{ActiveModel, Column, Entity, Model};
use super::entity::users;
use crate::domain::id::{ProjectId, UserId};
use crate::domain::role::{ProjectRole, UserStatus};
use crate::error::Result;

pub async fn find(db: &impl ConnectionTrait, project: ProjectId, user: UserId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((project, user)).one(db).await?)
}

/// The members of a project with their accounts, the longest member first.
pub async fn list(db: &impl ConnectionTrait, project: ProjectId) -> Result<Vec<(Model, users::Model)>> {
    let members = Entity::find().filter(Column::ProjectId.eq(project)).order_by_asc(Column::CreatedAt);
    let members = members.order_by_asc(Column::UserId).all(db).await?;
    let ids = members.iter().map(|member| member.user_id);
    let accounts = users::Entity::find().filter(users::Column::Id.is_in(ids)).all(db).await?;
    let pair = |member: Model| {
        let account = accounts.iter().find(|account| account.id == member.user_id)?.clone();
        Some((member, account))
    };
    Ok(members.into_iter().filter_map(pair).collect())
}

/// Accounts that could become members: not disabled, and not members yet.
pub async fn candidates(db: &impl ConnectionTrait, project: ProjectId) -> Result<Vec<users::Model>> {
    let members = Entity::find().select_only().column(Column::UserId).filter(Column::ProjectId.eq(project));
    let query = users::Entity::find()
        .filter(users::Column::Status.ne(UserStatus::Disabled))
        .filter(users::Column::Id.not_in_subquery(members.into_query()))
        .order_by_asc(Expr::expr(Func::lower(Expr::col(users::Column::Email))));
    Ok(query.all(db).await?)
}

/// How many maintainers a project has besides `user`.
pub async fn other_maintainers(db: &impl ConnectionTrait, project: ProjectId, user: UserId) -> Result<u64> {
    let query = Entity::find()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::UserId.ne(user))
        .filter(Column::Role.eq(ProjectRole::Maintainer));
    Ok(query.count(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn set_role(tx: &Tx, member: &Model, role: ProjectRole, now: i64) -> Result<()> {
    let row = ActiveModel { role: Set(role), updated_at: Set(now), ..Default::default() };
    let same = Column::ProjectId.eq(member.project_id).and(Column::UserId.eq(member.user_id));
    Entity::update_many().set(row).filter(same).exec(tx).await?;
    Ok(())
}

pub async fn delete(tx: &Tx, member: &Model) -> Result<()> {
    Entity::delete_by_id((member.project_id, member.user_id)).exec(tx).await?;
    Ok(())
}
