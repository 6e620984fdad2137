//! Through what people are told of builds and runners. Secrets are sealed, addresses among them: whoever knows one can
//! speak there.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::id::NotificationChannelId;
use crate::domain::notification::{NotificationChannelType, NotificationEvent, NotificationRules, Smtp};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_channels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NotificationChannelId,
    pub name: String,
    pub channel_type: NotificationChannelType,
    pub enabled: bool,
    /// Empty: every event.
    pub events: Doc<Vec<NotificationEvent>>,
    pub rules: Doc<NotificationRules>,
    /// Where it goes, without what is secret: the origin of the address, or the mail server.
    pub target: Option<String>,
    /// Sealed for `notification_channels/{id}/url`.
    pub url: Option<Vec<u8>>,
    /// Sealed for `notification_channels/{id}/secret`; what webhooks are signed with.
    pub secret: Option<Vec<u8>>,
    pub smtp: Option<Doc<Smtp>>,
    /// Sealed for `notification_channels/{id}/smtp_password`.
    pub smtp_password: Option<Vec<u8>>,
    pub created_by: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
