//! How channels of notifications and what they tell go over the wire. Addresses, secrets and passwords come in and never go
//! out, not even in errors.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::db::entity::{notification_channels, notification_deliveries};
use crate::domain::notification::{
    NotificationChannelType, NotificationDeliveryStatus, NotificationEvent, NotificationRules, Smtp,
    SmtpTlsMode,
};
use crate::notify::channels::{Entered, EnteredSmtp};

/// A channel, without what is secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationChannel {
    pub id: String,
    pub name: String,
    pub channel_type: NotificationChannelType,
    pub enabled: bool,
    /// Empty: every event.
    pub events: Vec<NotificationEvent>,
    /// Of which builds it tells.
    pub rules: NotificationRules,
    pub has_url: bool,
    pub has_secret: bool,
    pub has_smtp_config: bool,
    /// Whether a password for the mail server is kept.
    pub has_smtp_password: bool,
    /// Where it goes: scheme, host and port of the address, or host and port of the mail server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The mail server, without the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smtp: Option<SmtpSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// A mail server and what is sent through it, without the password.
#[derive(Debug, Serialize, ToSchema)]
pub struct SmtpSummary {
    pub host: String,
    pub port: u16,
    pub username: String,
    pub tls_mode: SmtpTlsMode,
    pub from_address: String,
    pub recipients: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListNotificationChannelsResponse {
    pub channels: Vec<NotificationChannel>,
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationChannelResponse {
    pub channel: NotificationChannel,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeleteNotificationChannelResponse {
    pub deleted: bool,
}

/// Something that was told, or is to be.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationDelivery {
    pub id: String,
    pub channel_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_id: Option<String>,
    /// `build.` and its status, `runner.offline` or `build.test`.
    pub event_type: String,
    pub status: NotificationDeliveryStatus,
    pub attempt_count: i32,
    /// Why it did not arrive at the last attempt; at most 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    pub created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<i64>,
    /// Not before then it is tried again, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListNotificationDeliveriesResponse {
    /// The last 100, newest first.
    pub deliveries: Vec<NotificationDelivery>,
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TestNotificationChannelResponse {
    pub success: bool,
    /// Why it did not arrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct CreateNotificationChannelRequest {
    /// 1 to 200 characters.
    pub name: String,
    pub channel_type: NotificationChannelType,
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// Empty: every event.
    #[serde(default)]
    #[schema(value_type = Vec<NotificationEvent>)]
    pub events: Vec<String>,
    #[serde(default)]
    pub rules: Option<NotificationRules>,
    /// For every type but `email`: http or https.
    #[serde(default, deserialize_with = "untold")]
    pub url: Option<String>,
    /// For the type `webhook`: what its messages are signed with.
    #[serde(default, deserialize_with = "untold")]
    pub secret: Option<String>,
    /// For the type `email`.
    #[serde(default)]
    pub smtp_config: Option<SmtpConfig>,
}

#[derive(Deserialize, ToSchema)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    /// Empty if the server asks for no login.
    pub username: String,
    #[serde(deserialize_with = "untold")]
    #[schema(value_type = String)]
    pub password: Option<String>,
    pub tls_mode: SmtpTlsMode,
    pub from_address: String,
    /// Each gets a message of its own; 1 to 100.
    pub recipients: Vec<String>,
}

/// What to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
pub struct UpdateNotificationChannelRequest {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub enabled: Option<bool>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<NotificationEvent>>)]
    pub events: Option<Vec<String>>,
    /// Replaces all rules.
    #[serde(default)]
    pub rules: Option<NotificationRules>,
    /// Another scheme, host or port asks for the secret again.
    #[serde(default, deserialize_with = "untold")]
    pub url: Option<String>,
    /// Empty removes it.
    #[serde(default, deserialize_with = "untold")]
    pub secret: Option<String>,
    /// Another host or login, or no encryption any more, asks for the password again.
    #[serde(default)]
    pub smtp_config: Option<UpdateSmtpConfig>,
}

#[derive(Deserialize, ToSchema)]
pub struct UpdateSmtpConfig {
    #[serde(default)]
    pub host: Option<String>,
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default, deserialize_with = "untold")]
    pub password: Option<String>,
    #[serde(default)]
    pub tls_mode: Option<SmtpTlsMode>,
    #[serde(default)]
    pub from_address: Option<String>,
    #[serde(default)]
    pub recipients: Option<Vec<String>>,
}

fn yes() -> bool {
    true
}

/// Refuses what is no text without repeating it in the error.
fn untold<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<Option<String>, D::Error> {
    Option::deserialize(value).map_err(|_| D::Error::custom("addresses, secrets and passwords must be texts"))
}

impl From<CreateNotificationChannelRequest> for Entered {
    fn from(request: CreateNotificationChannelRequest) -> Self {
        Self {
            name: Some(request.name),
            enabled: Some(request.enabled),
            events: Some(request.events),
            rules: request.rules,
            url: request.url,
            secret: request.secret,
            smtp: request.smtp_config.map(EnteredSmtp::from),
        }
    }
}

impl From<SmtpConfig> for EnteredSmtp {
    fn from(config: SmtpConfig) -> Self {
        Self {
            host: Some(config.host),
            port: Some(config.port),
            username: Some(config.username),
            password: config.password,
            tls_mode: Some(config.tls_mode),
            from_address: Some(config.from_address),
            recipients: Some(config.recipients),
        }
    }
}

impl From<UpdateNotificationChannelRequest> for Entered {
    fn from(request: UpdateNotificationChannelRequest) -> Self {
        Self {
            name: request.name,
            enabled: request.enabled,
            events: request.events,
            rules: request.rules,
            url: request.url,
            secret: request.secret,
            smtp: request.smtp_config.map(EnteredSmtp::from),
        }
    }
}

impl From<UpdateSmtpConfig> for EnteredSmtp {
    fn from(config: UpdateSmtpConfig) -> Self {
        Self {
            host: config.host,
            port: config.port,
            username: config.username,
            password: config.password,
            tls_mode: config.tls_mode,
            from_address: config.from_address,
            recipients: config.recipients,
        }
    }
}

impl From<Smtp> for SmtpSummary {
    fn from(smtp: Smtp) -> Self {
        Self {
            host: smtp.host,
            port: smtp.port,
            username: smtp.username,
            tls_mode: smtp.tls_mode,
            from_address: smtp.from_address,
            recipients: smtp.recipients,
        }
    }
}

impl From<notification_channels::Model> for NotificationChannel {
    fn from(row: notification_channels::Model) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            channel_type: row.channel_type,
            enabled: row.enabled,
            events: row.events.0,
            rules: row.rules.0,
            has_url: row.url.is_some(),
            has_secret: row.secret.is_some(),
            has_smtp_config: row.smtp.is_some(),
            has_smtp_password: row.smtp_password.is_some(),
            target: row.target,
            smtp: row.smtp.map(|smtp| smtp.0.into()),
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

impl From<notification_deliveries::Model> for NotificationDelivery {
    fn from(row: notification_deliveries::Model) -> Self {
        Self {
            id: row.id.to_string(),
            channel_id: row.channel_id.to_string(),
            build_id: row.build_id.map(|id| id.to_string()),
            event_type: row.event_type,
            status: row.status,
            attempt_count: row.attempts,
            last_error: row.last_error,
            created_at: row.created_at,
            delivered_at: row.delivered_at,
            next_attempt_at: row.due_at_ms.map(|ms| ms.div_euclid(1000)),
        }
    }
}
