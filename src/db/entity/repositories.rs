//! Repositories known to integrations.

use sea_orm::entity::prelude::*;

use crate::domain::id::{InstallationId, IntegrationId, RepositoryId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "repositories")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RepositoryId,
    pub integration_id: IntegrationId,
    pub installation_id: InstallationId,
    pub external_id: String,
    pub full_name: String,
    pub default_branch: Option<String>,
    pub is_private: bool,
    pub avatar_url: Option<String>,
    pub clone_url: String,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
