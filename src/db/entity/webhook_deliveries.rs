//! Webhooks that were received, and what else told of pushes.

use sea_orm::entity::prelude::*;

use crate::domain::delivery::{Arrival, DeliveryStatus, Outcome};
use crate::domain::id::{DeliveryId, IntegrationId, RepositoryId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeliveryId,
    pub integration_id: IntegrationId,
    /// None if it is known to no integration.
    pub repository_id: Option<RepositoryId>,
    /// What the host calls the delivery, or a name of ours if it said none.
    pub external_id: String,
    /// What the host calls the event.
    pub event: String,
    pub action: Option<String>,
    pub repository_name: Option<String>,
    #[sea_orm(column_name = "ref")]
    pub git_ref: Option<String>,
    pub commit_sha: Option<String>,
    pub before_sha: Option<String>,
    /// Unix seconds.
    pub pushed_at: Option<i64>,
    /// Of the pull or merge request.
    pub number: Option<i64>,
    pub sender: Option<String>,
    /// The payload, compressed and sealed for `webhook_deliveries/{id}/body`; none when it was not kept.
    pub body: Option<Vec<u8>>,
    /// Of the payload as it came.
    pub body_bytes: i64,
    /// SHA-256 in hex.
    pub body_hash: String,
    pub status: DeliveryStatus,
    pub outcome: Option<Outcome>,
    /// Why nothing came of it at all; what concerns one pipeline is in its verdict.
    pub reason: Option<String>,
    pub duplicate_of: Option<DeliveryId>,
    pub attempts: i32,
    /// Not before then it is tried.
    pub due_at_ms: i64,
    pub received_at_ms: i64,
    pub finished_at_ms: Option<i64>,
    pub arrived_by: Arrival,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
