//! Queries on the secrets of integrations and of their repositories. Values come and go sealed; they go
//! with what they belong to.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Tx;
use super::entity::integration_secrets::{ActiveModel, Column, Entity, Model};
use crate::domain::id::{IntegrationId, RepositoryId};
use crate::domain::source::IntegrationSecretKind;
use crate::error::Result;

/// Whose secret it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    Integration(IntegrationId),
    /// A repository, which is one of an integration.
    Repository(IntegrationId, RepositoryId),
}

impl Holder {
    pub fn integration(self) -> IntegrationId {
        match self {
            Holder::Integration(integration) | Holder::Repository(integration, _) => integration,
        }
    }

    pub fn repository(self) -> Option<RepositoryId> {
        match self {
            Holder::Integration(_) => None,
            Holder::Repository(_, repository) => Some(repository),
        }
    }

    fn condition(self) -> Condition {
        match self {
            Holder::Integration(integration) => Condition::all()
                .add(Column::IntegrationId.eq(integration))
                .add(Column::RepositoryId.is_null()),
            Holder::Repository(_, repository) => Condition::all().add(Column::RepositoryId.eq(repository)),
        }
    }
}

pub async fn find(
    db: &impl ConnectionTrait,
    holder: Holder,
    kind: IntegrationSecretKind,
) -> Result<Option<Model>> {
    Ok(Entity::find().filter(holder.condition()).filter(Column::Kind.eq(kind)).one(db).await?)
}

/// Those of a kind that some integrations hold themselves, oldest first.
pub async fn list(
    db: &impl ConnectionTrait,
    integrations: Vec<IntegrationId>,
    kind: IntegrationSecretKind,
) -> Result<Vec<Model>> {
    let own = Entity::find()
        .filter(Column::IntegrationId.is_in(integrations))
        .filter(Column::RepositoryId.is_null())
        .filter(Column::Kind.eq(kind));
    Ok(own.order_by_asc(Column::Id).all(db).await?)
}

/// Puts a secret in the place of the one of its kind.
pub async fn replace(tx: &Tx, holder: Holder, row: Model) -> Result<()> {
    delete(tx, holder, row.kind).await?;
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn delete(tx: &Tx, holder: Holder, kind: IntegrationSecretKind) -> Result<()> {
    Entity::delete_many().filter(holder.condition()).filter(Column::Kind.eq(kind)).exec(tx).await?;
    Ok(())
}
