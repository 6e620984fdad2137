//! Provider accounts under an integration.

use sea_orm::entity::prelude::*;

use crate::domain::id::{InstallationId, IntegrationId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "installations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InstallationId,
    pub integration_id: IntegrationId,
    pub external_id: String,
    pub account_name: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// What the host says it is, such as `Organization`.
    pub account_type: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
