//! Capabilities minted on the host or by a person, each good for one use; only hashes.

use sea_orm::entity::prelude::*;

use crate::domain::credential::CapabilityPurpose;
use crate::domain::id::UserId;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "host_capabilities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: String,
    pub purpose: CapabilityPurpose,
    pub user_id: Option<UserId>,
    pub created_at: i64,
    pub expires_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
