//! What is told through a channel, one row an event. What is owed is due.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::id::{BuildId, NotificationChannelId, NotificationDeliveryId};
use crate::domain::notification::{Notice, NotificationDeliveryStatus};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationDeliveryId,
    pub channel_id: NotificationChannelId,
    pub build_id: Option<BuildId>,
    pub event_type: String,
    pub notice: Doc<Notice>,
    pub status: NotificationDeliveryStatus,
    /// The recipients who have it already.
    pub reached: Doc<Vec<String>>,
    /// How often it was tried, or begun to be.
    pub attempts: i32,
    /// Not before then it is tried; none if nothing is owed.
    pub due_at_ms: Option<i64>,
    /// Why it did not work the last time.
    pub last_error: Option<String>,
    pub created_at: i64,
    pub delivered_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
