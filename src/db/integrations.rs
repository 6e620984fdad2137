//! Queries on integrations and their accounts.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use super::Tx;
use super::entity::installations;
use super::entity::integrations::{ActiveModel, Column, Entity, Model};
use super::listing::{Direction, Page, contains};
use crate::domain::id::{InstallationId, IntegrationId};
use crate::domain::source::{IntegrationStatus, ScmProvider};
use crate::error::{Error, Result};
use crate::events::Change;

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

/// The integration; 404 if there is none.
pub async fn get(db: &impl ConnectionTrait, id: IntegrationId) -> Result<Model> {
    find(db, id).await?.ok_or_else(|| Error::not_found("integration"))
}

/// Several at once, in no order.
pub async fn find_all(db: &impl ConnectionTrait, ids: Vec<IntegrationId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// All of a provider, oldest first.
pub async fn of_provider(db: &impl ConnectionTrait, provider: ScmProvider) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Provider.eq(provider)).order_by_asc(Column::Id).all(db).await?)
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

/// Those of a provider that are listened to: also those whose access does not work at the moment, for webhooks have secrets
/// of their own.
pub async fn listened_to(db: &impl ConnectionTrait, provider: ScmProvider) -> Result<Vec<IntegrationId>> {
    let query = Entity::find()
        .filter(Column::Provider.eq(provider))
        .filter(Column::Status.ne(IntegrationStatus::Inactive))
        .order_by_asc(Column::Id);
    Ok(query.select_only().column(Column::Id).into_tuple().all(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    tx.signal(Change::Sources {});
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
    tx.signal(Change::Sources {});
    Ok(())
}

/// An account as its host lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub external_id: String,
    pub name: String,
    pub kind: Option<String>,
}

/// The accounts of an integration, by name.
pub async fn list_installations(
    db: &impl ConnectionTrait,
    id: IntegrationId,
) -> Result<Vec<installations::Model>> {
    let of = installations::Entity::find().filter(installations::Column::IntegrationId.eq(id));
    let by_name = of.order_by_asc(installations::Column::AccountName);
    Ok(by_name.order_by_asc(installations::Column::Id).all(db).await?)
}

/// Makes what is known of these accounts what their host says; answers all accounts. What the host refused before may
/// be allowed now.
pub async fn put_installations(
    tx: &Tx,
    id: IntegrationId,
    accounts: &[Account],
    now: i64,
) -> Result<Vec<installations::Model>> {
    let known = list_installations(tx, id).await?;
    for account in accounts {
        let row = known.iter().find(|row| row.external_id == account.external_id);
        let is_new = row.is_none();
        let row = installations::Model {
            id: row.map_or_else(InstallationId::new, |row| row.id),
            integration_id: id,
            external_id: account.external_id.clone(),
            account_name: account.name.clone(),
            account_type: account.kind.clone(),
            created_at: row.map_or(now, |row| row.created_at),
            updated_at: now,
        };
        if is_new {
            insert_installation(tx, row).await?;
        } else {
            installations::ActiveModel::from(row).reset_all().update(tx).await?;
        }
    }
    tx.signal(Change::Sources {});
    let all = list_installations(tx, id).await?;
    super::reports::forgive(tx, all.iter().map(|row| row.id).collect()).await?;
    Ok(all)
}

/// Removes the accounts that are `gone` from their host, with their repositories; those that projects are made of
/// stay.
pub async fn drop_installations(tx: &Tx, id: IntegrationId, gone: impl Fn(&String) -> bool) -> Result<()> {
    for row in list_installations(tx, id).await? {
        if gone(&row.external_id) && super::repositories::drop_unused(tx, row.id, |_| true).await? {
            installations::Entity::delete_by_id(row.id).exec(tx).await?;
        }
    }
    Ok(())
}

pub async fn set_display_name(tx: &Tx, id: IntegrationId, name: &str, now: i64) -> Result<()> {
    let row =
        ActiveModel { display_name: Set(Some(name.to_owned())), updated_at: Set(now), ..Default::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Says whether the integration works, and if not, why.
pub async fn set_status(
    tx: &Tx,
    id: IntegrationId,
    status: IntegrationStatus,
    reason: Option<&str>,
    now: i64,
) -> Result<()> {
    let row = ActiveModel {
        status: Set(status),
        status_reason: Set(reason.map(str::to_owned)),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    tx.signal(Change::Sources {});
    Ok(())
}

/// Everything was read from the host just now.
pub async fn set_synced(tx: &Tx, id: IntegrationId, now: i64) -> Result<()> {
    let row = ActiveModel { synced_at: Set(Some(now)), updated_at: Set(now), ..Default::default() };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    tx.signal(Change::Sources {});
    Ok(())
}
