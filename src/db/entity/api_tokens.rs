//! Tokens for programs; only hashes.

use sea_orm::entity::prelude::*;

use crate::domain::id::{ApiTokenId, UserId};
use crate::domain::role::UserRole;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ApiTokenId,
    pub name: String,
    pub prefix: String,
    pub token_hash: String,
    pub role: UserRole,
    pub created_by: UserId,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

impl Model {
    pub fn is_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Whether it still opens anything.
    pub fn is_live(&self, now: i64) -> bool {
        self.revoked_at.is_none() && !self.is_expired(now)
    }
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
