//! Secrets of integrations and of their repositories; the value is sealed.

use sea_orm::entity::prelude::*;

use crate::domain::id::{IntegrationId, IntegrationSecretId, RepositoryId};
use crate::domain::source::IntegrationSecretKind;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "integration_secrets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IntegrationSecretId,
    pub integration_id: IntegrationId,
    /// None for those of the integration itself.
    pub repository_id: Option<RepositoryId>,
    pub kind: IntegrationSecretKind,
    /// Sealed for `integration_secrets/{id}/value`.
    pub value: Vec<u8>,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
