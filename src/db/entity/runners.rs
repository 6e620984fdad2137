//! Registered runners; only hashes of tokens.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::id::{RunnerId, UserId};

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "runners")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RunnerId,
    pub name: String,
    pub token_hash: String,
    pub capabilities: Doc<serde_json::Value>,
    pub embedded: bool,
    pub last_heartbeat_at: Option<i64>,
    pub registered_by: Option<UserId>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The runner protocol it has said it speaks; the reference's if it said nothing.
    pub fn protocol(&self) -> i64 {
        let said = self.capabilities.0.get("protocol_version").and_then(serde_json::Value::as_i64);
        said.unwrap_or(crate::domain::runner::PROTOCOL_REFERENCE)
    }
}
