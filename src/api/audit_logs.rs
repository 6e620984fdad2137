//! The audit log, for those who may read it. It is read only: nothing here changes an entry.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::error::ApiError;
use super::extract::{AppState, Limits, ListQuery, Query};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::db::audit_logs::{Filter, Sort};
use crate::db::listing::Direction;
use crate::db::{self, entity::audit_logs};
use crate::domain::permission::{Action, Resource};
use crate::error::{Error, Result};

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list_audit_logs))
}

/// One recorded act.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditLogEntry {
    /// Counts up from 1 without gaps.
    pub id: i64,
    /// Absent if nobody had signed in.
    pub actor_id: Option<String>,
    pub actor_email: Option<String>,
    pub action: String,
    pub resource_type: String,
    pub resource_id: Option<String>,
    /// A JSON object as text.
    pub details: Option<String>,
    /// The address it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    pub created_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListAuditLogsResponse {
    pub entries: Vec<AuditLogEntry>,
    pub total: u64,
}

impl From<audit_logs::Model> for AuditLogEntry {
    fn from(row: audit_logs::Model) -> Self {
        Self {
            id: row.id,
            actor_id: row.actor_id,
            actor_email: row.actor_email,
            action: row.action,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            details: row.details,
            peer: row.peer,
            created_at: row.created_at,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Who acted: the id of an account.
    actor_id: Option<String>,
    action: Option<String>,
    resource_type: Option<String>,
    /// Not before, in Unix seconds.
    from_ts: Option<i64>,
    /// Not after, in Unix seconds.
    to_ts: Option<i64>,
    /// `created_at`, `actor_email`, `action` or `resource_type`.
    sort: Option<String>,
}

/// List what was done
#[utoipa::path(get, path = "/v1/audit-logs", operation_id = "list_audit_logs", tag = "Audit Logs",
    security(("bearer" = [])), params(AuditQuery, ListQuery),
    responses(
        (status = 200, description = "The entries", body = ListAuditLogsResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_session", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 500, description = "session_error, store_error", body = ApiError),
    ))]
async fn list_audit_logs(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<AuditQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListAuditLogsResponse>> {
    caller.require(Resource::AuditLogs, Action::Read)?;
    let page = list.page(Limits::Strict { default: 50, max: 200 })?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let filter = Filter {
        actor_id: given(query.actor_id),
        action: given(query.action),
        resource_type: given(query.resource_type),
        from: query.from_ts,
        to: query.to_ts,
        sort: sort_of(query.sort.as_deref())?,
        direction: list.direction(Direction::Descending)?,
    };
    let (rows, total) = db::audit_logs::list(app.db.read(), &filter, page).await?;
    let entries = rows.into_iter().map(AuditLogEntry::from).collect();
    Ok(axum::Json(ListAuditLogsResponse { entries, total }))
}

fn sort_of(word: Option<&str>) -> Result<Sort> {
    match word {
        None | Some("" | "created_at") => Ok(Sort::CreatedAt),
        Some("actor_email") => Ok(Sort::ActorEmail),
        Some("action") => Ok(Sort::Action),
        Some("resource_type") => Ok(Sort::ResourceType),
        Some(_) => {
            let words = "sort must be created_at, actor_email, action or resource_type";
            Err(Error::invalid("invalid_input", words))
        }
    }
}
