//! Queries on integrations and their accounts.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::Tx;
use super::entity::installations;
use super::entity::integrations::{ActiveModel, Column, Entity, Model};
use super::listing::{Direction, Page, contains};
use crate::domain::id::{InstallationId, IntegrationId};
use crate::domain::source::{IntegrationStatus, ScmProvider};
use crate::error::Result;

/// Which integrations, in which order.
#[derive(Debug)]
pub struct Filter {
    pub provider: Option<ScmProvider>,
    pub search: Option<String>,
    pub sort: Sort,
    pub direction: Direction,
}

/// What a list of integrations is sorted by.
#[derive(Debug, Clone, Copy)]
pub enum Sort {
    Name,
    Provider,
    Status,
    UpdatedAt,
}

pub async fn find(db: &impl ConnectionTrait, id: IntegrationId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Several at once, in no order.
pub async fn find_all(db: &impl ConnectionTrait, ids: Vec<IntegrationId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// A page of integrations, how many there are in all, and how many of those are active.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter, page: Page) -> Result<(Vec<Model>, u64, u64)> {
    let mut query = Entity::find();
    if let Some(provider) = filter.provider {
        query = query.filter(Column::Provider.eq(provider));
    }
    if let Some(search) = &filter.search {
        query = query.filter(contains(&[Column::DisplayName, Column::HostUrl], search));
    }
    let total = query.clone().count(db).await?;
    let active = query.clone().filter(Column::Status.eq(IntegrationStatus::Active)).count(db).await?;
    let column = match filter.sort {
        Sort::Name => Column::DisplayName,
        Sort::Provider => Column::Provider,
        Sort::Status => Column::Status,
        Sort::UpdatedAt => Column::UpdatedAt,
    };
    let query = query.order_by(column, filter.direction.into()).order_by_asc(Column::Id);
    let rows = query.limit(page.limit).offset(page.offset).all(db).await?;
    Ok((rows, total, active))
}

/// Those of a provider that work.
pub async fn active(db: &impl ConnectionTrait, provider: ScmProvider) -> Result<Vec<IntegrationId>> {
    let query = Entity::find()
        .filter(Column::Provider.eq(provider))
        .filter(Column::Status.eq(IntegrationStatus::Active))
        .order_by_asc(Column::Id);
    Ok(query.select_only().column(Column::Id).into_tuple().all(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn insert_installation(tx: &Tx, row: installations::Model) -> Result<()> {
    let row = installations::ActiveModel::from(row);
    installations::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn find_installation(
    db: &impl ConnectionTrait,
    id: InstallationId,
) -> Result<Option<installations::Model>> {
    Ok(installations::Entity::find_by_id(id).one(db).await?)
}

pub async fn count_installations(db: &impl ConnectionTrait, id: IntegrationId) -> Result<u64> {
    let of = installations::Column::IntegrationId.eq(id);
    Ok(installations::Entity::find().filter(of).count(db).await?)
}

/// Deletes the integration with its accounts and repositories; projects lose their link.
pub async fn delete(tx: &Tx, id: IntegrationId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
