//! Connections to code hosts and to local git.

use sea_orm::entity::prelude::*;

use crate::domain::id::IntegrationId;
use crate::domain::source::{IntegrationAuthMode, IntegrationStatus, ScmProvider};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "integrations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IntegrationId,
    pub provider: ScmProvider,
    pub host_url: String,
    pub auth_mode: IntegrationAuthMode,
    pub status: IntegrationStatus,
    pub display_name: Option<String>,
    pub app_id: Option<String>,
    pub app_slug: Option<String>,
    pub created_by: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// Why it does not work, in a sentence for people.
    pub status_reason: Option<String>,
    /// When its accounts and repositories were last read from the host.
    pub synced_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
