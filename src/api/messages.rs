//! The last messages of the daemon itself, for the owner: what would be read in its log, without a terminal. They may name
//! repositories, servers and people; builds say nothing here.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{Limits, ListQuery, Query, parsed, searched};
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::error::Result;
use crate::telemetry::recent;
use crate::words;

const LIMITS: Limits = Limits::Strict { default: 200, max: 1000 };

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_daemon_messages))
}

words! {
    /// How much a message matters, the most first.
    MessageLevel {
        Error = "error",
        Warn = "warn",
        Info = "info",
    }
}

/// What the daemon said.
#[derive(Debug, Serialize, ToSchema)]
pub struct DaemonMessage {
    /// Unix milliseconds.
    pub at: i64,
    pub level: MessageLevel,
    pub message: String,
    /// What it is about, by name, for instance `request_id`.
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
}

impl DaemonMessage {
    /// Reads a line of the daemon's log in JSON; `None` for one of another form.
    fn read(line: &str) -> Option<Self> {
        let mut fields: Map<String, Value> = serde_json::from_str(line).ok()?;
        let mut text = |key: &str| Some(fields.remove(key)?.as_str()?.to_owned());
        let at = chrono::DateTime::parse_from_rfc3339(&text("timestamp")?).ok()?.timestamp_millis();
        let level = text("level")?.to_ascii_lowercase().parse().ok()?;
        let message = text("message").unwrap_or_default();
        Some(Self { at, level, message, fields })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListDaemonMessagesResponse {
    /// The newest first.
    pub messages: Vec<DaemonMessage>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessagesQuery {
    /// Only those that matter so much, or more: `error`, `warn` or `info`.
    level: Option<String>,
    /// Only those with this text.
    q: Option<String>,
    /// How many: 200 if left out, 1000 at most.
    limit: Option<i64>,
}

/// List the last messages of the daemon
///
/// Some 256 KiB of them are kept in memory, since its start. The owner's.
#[utoipa::path(get, path = "/v1/system/messages", operation_id = "list_daemon_messages", tag = "System",
    security(("bearer" = [])), params(MessagesQuery),
    responses(
        (status = 200, description = "The messages", body = ListDaemonMessagesResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "insufficient_role", body = ApiError),
    ))]
async fn list_daemon_messages(
    caller: Caller,
    Query(query): Query<MessagesQuery>,
) -> Result<axum::Json<ListDaemonMessagesResponse>> {
    caller.require_owner()?;
    let list = ListQuery { limit: query.limit, ..ListQuery::default() };
    let limit = list.page(LIMITS)?.limit;
    let least = parsed(query.level.as_deref(), "level")?.unwrap_or(MessageLevel::Info);
    let wanted = searched(query.q.as_deref(), "q")?.unwrap_or_default().to_lowercase();
    let said = recent::messages();
    let lines = said.lines().rev().filter(|line| line.to_lowercase().contains(&wanted));
    let messages = lines.filter_map(DaemonMessage::read).filter(|message| message.level <= least);
    let messages = messages.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect();
    Ok(axum::Json(ListDaemonMessagesResponse { messages }))
}
