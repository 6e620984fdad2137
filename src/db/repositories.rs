//! Queries on repositories.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement,
};

use super::Tx;
use super::entity::repositories::{ActiveModel, Column, Entity, Model};
use super::entity::{installations, integrations};
use super::listing::{Page, contains};
use crate::domain::id::{InstallationId, IntegrationId, RepositoryId};
use crate::domain::source::{Polling, ScmProvider, Source};
use crate::error::{Error, Result, codes};

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
        || Error::conflict(codes::SOURCE_NOT_CONFIGURED, "the project's repository is no longer connected");
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
        external_id: row.external_id,
        full_name: row.full_name,
        clone_url: row.clone_url,
        default_branch: row.default_branch,
    }
}

/// Everything that is known of an account.
pub async fn of_installation(db: &impl ConnectionTrait, id: InstallationId) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::InstallationId.eq(id)).all(db).await?)
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

/// A repository that a project with a pipeline is made of, once for each such project.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Built {
    pub id: RepositoryId,
    pub integration_id: IntegrationId,
    pub provider: ScmProvider,
    pub polling: Polling,
}

/// The repositories that pipelines which may start build of, of integrations that are in use.
pub async fn built(db: &impl ConnectionTrait) -> Result<Vec<Built>> {
    let sql = "SELECT repositories.id AS id, repositories.integration_id AS integration_id, \
        integrations.provider AS provider, projects.polling AS polling \
        FROM projects JOIN repositories ON repositories.id = projects.repository_id \
        JOIN integrations ON integrations.id = repositories.integration_id \
        WHERE integrations.status <> 'inactive' \
        AND EXISTS (SELECT 1 FROM pipelines WHERE pipelines.project_id = projects.id AND pipelines.enabled)";
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    Ok(Built::find_by_statement(statement).all(db).await?)
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

/// A repository as its host lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub external_id: String,
    pub full_name: String,
    pub default_branch: Option<String>,
    pub is_private: bool,
    pub avatar_url: Option<String>,
    pub clone_url: String,
}

/// Makes what is known of an account's repositories what its host says. Those that it no longer lists go, unless
/// projects are made of them.
pub async fn put_of_installation(
    tx: &Tx,
    installation: &installations::Model,
    found: &[Found],
    now: i64,
) -> Result<()> {
    let of_integration = Column::IntegrationId.eq(installation.integration_id);
    let known = Entity::find().filter(of_integration).all(tx).await?;
    let mut known: HashMap<String, Model> =
        known.into_iter().map(|row| (row.external_id.clone(), row)).collect();
    for one in found {
        let before = known.remove(&one.external_id);
        let row = Model {
            id: before.as_ref().map_or_else(RepositoryId::new, |row| row.id),
            integration_id: installation.integration_id,
            installation_id: installation.id,
            external_id: one.external_id.clone(),
            full_name: one.full_name.clone(),
            default_branch: one.default_branch.clone(),
            is_private: one.is_private,
            avatar_url: one.avatar_url.clone(),
            clone_url: one.clone_url.clone(),
            created_at: before.as_ref().map_or(now, |row| row.created_at),
            updated_at: before.as_ref().map_or(now, |row| row.updated_at),
        };
        match before {
            None => insert(tx, row).await?,
            Some(before) if before == row => {}
            Some(_) => {
                let row = Model { updated_at: now, ..row };
                ActiveModel::from(row).reset_all().update(tx).await?;
            }
        }
    }
    let listed: HashSet<&str> = found.iter().map(|one| one.external_id.as_str()).collect();
    drop_unused(tx, installation.id, |row| !listed.contains(row.external_id.as_str())).await?;
    Ok(())
}

/// Removes repositories of an account that are `gone` and that no project is made of; answers whether none of the
/// account is left.
pub async fn drop_unused(
    tx: &Tx,
    installation: InstallationId,
    gone: impl Fn(&Model) -> bool,
) -> Result<bool> {
    let rows = Entity::find().filter(Column::InstallationId.eq(installation)).all(tx).await?;
    let mut left = rows.len();
    for row in rows.iter().filter(|row| gone(row)) {
        if super::projects::any_of_repository(tx, row.id).await? {
            continue;
        }
        Entity::delete_by_id(row.id).exec(tx).await?;
        left -= 1;
    }
    Ok(left == 0)
}
