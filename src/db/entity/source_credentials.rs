//! What is known of the credential of a code host; the credential itself is among the secrets.

use sea_orm::entity::prelude::*;

use crate::domain::id::IntegrationId;
use crate::domain::incident::GitLabCredentialStatus;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "source_credentials")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub integration_id: IntegrationId,
    /// How it was found when it was last looked at.
    pub status: GitLabCredentialStatus,
    /// When the access token ends.
    pub expires_at: Option<i64>,
    pub checked_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
