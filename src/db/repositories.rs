//! Queries on repositories.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use super::Tx;
use super::entity::integrations;
use super::entity::repositories::{ActiveModel, Column, Entity, Model};
use super::listing::{Page, contains};
use crate::domain::id::{IntegrationId, RepositoryId};
use crate::domain::source::{ScmProvider, Source};
use crate::error::{Error, Result};

pub async fn find(db: &impl ConnectionTrait, id: RepositoryId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Several at once, in no order.
pub async fn find_all(db: &impl ConnectionTrait, ids: Vec<RepositoryId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// The repository of a local folder, if it is known.
pub async fn find_local(db: &impl ConnectionTrait, path: &str) -> Result<Option<Model>> {
    let local = integrations::Entity::find()
        .select_only()
        .column(integrations::Column::Id)
        .filter(integrations::Column::Provider.eq(ScmProvider::LocalGit))
        .into_query();
    let query =
        Entity::find().filter(Column::CloneUrl.eq(path)).filter(Column::IntegrationId.in_subquery(local));
    Ok(query.one(db).await?)
}

/// A repository and the integration that knows it.
///
/// Errors: 409 `source_not_configured`.
pub async fn with_integration(
    db: &impl ConnectionTrait,
    id: RepositoryId,
) -> Result<(Model, integrations::Model)> {
    let missing =
        || Error::conflict("source_not_configured", "the project's repository is no longer connected");
    let row = find(db, id).await?.ok_or_else(missing)?;
    let integration = super::integrations::find(db, row.integration_id).await?.ok_or_else(missing)?;
    Ok((row, integration))
}

/// Where the code of a repository comes from.
///
/// Errors: 409 `source_not_configured`.
pub async fn source(db: &impl ConnectionTrait, id: RepositoryId) -> Result<Source> {
    let (row, integration) = with_integration(db, id).await?;
    Ok(source_of(row, integration))
}

/// A repository as far as reading code from it goes.
pub fn source_of(row: Model, integration: integrations::Model) -> Source {
    Source {
        provider: integration.provider,
        host_url: integration.host_url,
        external_id: row.external_id,
        full_name: row.full_name,
        clone_url: row.clone_url,
        default_branch: row.default_branch,
    }
}

/// What some integrations know under the id that their host gave it.
pub async fn named(
    db: &impl ConnectionTrait,
    integrations: Vec<IntegrationId>,
    external_id: &str,
) -> Result<Vec<Model>> {
    let query = Entity::find()
        .filter(Column::IntegrationId.is_in(integrations))
        .filter(Column::ExternalId.eq(external_id));
    Ok(query.order_by_asc(Column::Id).all(db).await?)
}

/// A page of repositories, of one integration or of all, and how many there are.
pub async fn list(
    db: &impl ConnectionTrait,
    integration: Option<IntegrationId>,
    search: Option<&str>,
    page: Page,
) -> Result<(Vec<Model>, u64)> {
    let mut query = Entity::find();
    if let Some(integration) = integration {
        query = query.filter(Column::IntegrationId.eq(integration));
    }
    if let Some(search) = search {
        query = query.filter(contains(&[Column::FullName], search));
    }
    let total = query.clone().count(db).await?;
    let query = query.order_by_asc(Column::FullName).order_by_asc(Column::Id);
    let rows = query.limit(page.limit).offset(page.offset).all(db).await?;
    Ok((rows, total))
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}
