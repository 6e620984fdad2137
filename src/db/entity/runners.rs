//! Registered runners; only hashes of tokens.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::id::{RunnerId, UserId};
use crate::domain::label::Offer;
use crate::domain::runner::{MAX_SLOTS, PROTOCOL_OWN, PROTOCOL_REFERENCE};

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
    /// Given by people; what follows from the capabilities isn't stored.
    pub labels: Doc<Vec<String>>,
    /// Since when it is to take no new builds, who wanted that and why.
    pub drained_at: Option<i64>,
    pub drained_by: Option<String>,
    pub drain_reason: Option<String>,
    /// Since when it has been heard without falling silent, in Unix seconds; none while it is known to be silent.
    pub online_since: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub fn is_drained(&self) -> bool {
        self.drained_at.is_some()
    }

    /// What it offers to builds.
    pub fn offer(&self) -> Offer {
        Offer::of(&self.labels.0, &self.capabilities.0).speaking(self.protocol())
    }

    /// How many builds it executes at a time. The reference's runners know one only.
    pub fn slots(&self) -> usize {
        let said = self.capabilities.0.get("slots").and_then(serde_json::Value::as_u64);
        let said = said.filter(|_| self.protocol() >= PROTOCOL_OWN).unwrap_or(1);
        usize::try_from(said.clamp(1, u64::from(MAX_SLOTS))).unwrap_or(1)
    }

    /// The runner protocol it has said it speaks; the reference's if it said nothing.
    pub fn protocol(&self) -> i64 {
        let said = self.capabilities.0.get("protocol_version").and_then(serde_json::Value::as_i64);
        said.unwrap_or(PROTOCOL_REFERENCE)
    }
}
