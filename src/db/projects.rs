//! Queries on projects and their members.

use sea_orm::sea_query::{Expr, Func};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, Set,
};

use super::entity::projects::{ActiveModel, Column, Entity, Model};
use super::entity::{project_members, repositories};
use super::listing::{Direction, NamedSort, Page, contains};
use super::{Doc, Tx, set};
use crate::domain::delivery::ForkBuilds;
use crate::domain::id::{IntegrationId, ProjectId, RepositoryId, UserId};
use crate::domain::source::Polling;
use crate::error::{Error, Result};

/// Which projects, in which order.
#[derive(Debug)]
pub struct Filter {
    /// `None`: all.
    pub only: Option<Vec<ProjectId>>,
    pub search: Option<String>,
    pub integration_id: Option<IntegrationId>,
    pub sort: NamedSort,
    pub direction: Direction,
}

/// What to change; `None` leaves a column as it is.
#[derive(Debug, Default)]
pub struct Change {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub repository_id: Option<RepositoryId>,
    pub default_branch: Option<Option<String>>,
    pub settings: Option<serde_json::Value>,
    pub fork_builds: Option<ForkBuilds>,
    pub report_statuses: Option<bool>,
    pub report_comment: Option<bool>,
    pub public_badge: Option<bool>,
    pub polling: Option<Polling>,
}

pub async fn find(db: &impl ConnectionTrait, id: ProjectId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Several at once, in no order.
pub async fn find_all(db: &impl ConnectionTrait, ids: Vec<ProjectId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// A page of projects and how many there are in all.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter, page: Page) -> Result<(Vec<Model>, u64)> {
    let query = filtered(filter);
    let total = query.clone().count(db).await?;
    let order = filter.direction.into();
    let query = match filter.sort {
        NamedSort::CreatedAt => query.order_by(Column::CreatedAt, order),
        NamedSort::UpdatedAt => query.order_by(Column::UpdatedAt, order),
        NamedSort::Name => query.order_by(Expr::expr(Func::lower(Expr::col(Column::Name))), order),
    };
    let rows = query.order_by_asc(Column::Id).limit(page.limit).offset(page.offset).all(db).await?;
    Ok((rows, total))
}

fn filtered(filter: &Filter) -> Select<Entity> {
    let mut query = Entity::find();
    if let Some(only) = &filter.only {
        query = query.filter(Column::Id.is_in(only.iter().copied()));
    }
    if let Some(search) = &filter.search {
        query = query.filter(contains(&[Column::Name, Column::Description], search));
    }
    if let Some(integration) = filter.integration_id {
        query = query.filter(linked_to(integration));
    }
    query
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn update(tx: &Tx, id: ProjectId, change: Change, now: i64) -> Result<Model> {
    let row = ActiveModel {
        name: set(change.name),
        description: set(change.description),
        repository_id: set(change.repository_id.map(Some)),
        default_branch: set(change.default_branch),
        settings: set(change.settings.map(Doc)),
        fork_builds: set(change.fork_builds),
        report_statuses: set(change.report_statuses),
        report_comment: set(change.report_comment),
        public_badge: set(change.public_badge),
        polling: set(change.polling),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    find(tx, id).await?.ok_or_else(|| Error::not_found("project"))
}

/// Deletes the project with everything that hangs on it.
pub async fn delete(tx: &Tx, id: ProjectId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Whether there is one.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool> {
    Ok(Entity::find().select_only().column(Column::Id).into_tuple::<ProjectId>().one(db).await?.is_some())
}

/// Projects that are linked to a repository, oldest first.
pub async fn of_repository(db: &impl ConnectionTrait, repository: RepositoryId) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::RepositoryId.eq(repository));
    Ok(query.order_by_asc(Column::Id).all(db).await?)
}

pub async fn any_of_repository(db: &impl ConnectionTrait, repository: RepositoryId) -> Result<bool> {
    Ok(Entity::find().filter(Column::RepositoryId.eq(repository)).count(db).await? > 0)
}

/// Projects whose repository belongs to an integration.
pub async fn of_integration(db: &impl ConnectionTrait, integration: IntegrationId) -> Result<Vec<ProjectId>> {
    let rows = Entity::find().filter(linked_to(integration)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

fn linked_to(integration: IntegrationId) -> sea_orm::sea_query::SimpleExpr {
    let repositories = repositories::Entity::find()
        .select_only()
        .column(repositories::Column::Id)
        .filter(repositories::Column::IntegrationId.eq(integration))
        .into_query();
    Column::RepositoryId.in_subquery(repositories)
}

/// The projects a person is a member of.
pub async fn of_member(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<ProjectId>> {
    let rows =
        project_members::Entity::find().filter(project_members::Column::UserId.eq(user)).all(db).await?;
    Ok(rows.into_iter().map(|row| row.project_id).collect())
}
