//! The audit log, for those who may read it: page by page, or as a table to take away. It is read only:
//! nothing here changes an entry.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Limits, ListQuery, Query};
use super::route::{Routes, routes};
use super::table::{self, PAGE, shown_time};
use crate::auth::caller::Caller;
use crate::db::audit_logs::{Filter, Order, Sort};
use crate::db::listing::Direction;
use crate::db::{self, entity::audit_logs};
use crate::domain::permission::{Action, Resource};
use crate::error::{Error, Result};

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_audit_logs)).routes(routes!(export_audit_logs))
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

/// The columns of the exported table.
const COLUMNS: [&str; 9] = [
    "id",
    "created_at",
    "actor_id",
    "actor_email",
    "action",
    "resource_type",
    "resource_id",
    "peer",
    "details",
];

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
}

impl AuditQuery {
    fn filter(self) -> Filter {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        Filter {
            actor_id: given(self.actor_id),
            action: given(self.action),
            resource_type: given(self.resource_type),
            from: self.from_ts,
            to: self.to_ts,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SortQuery {
    /// `created_at`, `actor_email`, `action` or `resource_type`.
    sort: Option<String>,
}

/// List what was done
///
/// A page has 50 rows unless `limit` says otherwise, and 200 at most.
#[utoipa::path(get, path = "/v1/audit-logs", operation_id = "list_audit_logs", tag = "Audit Logs",
    security(("bearer" = [])), params(AuditQuery, SortQuery, ListQuery),
    responses(
        (status = 200, description = "The entries", body = ListAuditLogsResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_audit_logs(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<AuditQuery>,
    Query(sort): Query<SortQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListAuditLogsResponse>> {
    caller.require(Resource::AuditLogs, Action::Read)?;
    let page = list.page(Limits::Strict { default: 50, max: 200 })?;
    let order =
        Order { sort: sort_of(sort.sort.as_deref())?, direction: list.direction(Direction::Descending)? };
    let (rows, total) = db::audit_logs::list(app.db.read(), &query.filter(), &order, page).await?;
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

/// Export what was done
///
/// The entries that match, oldest first.
#[utoipa::path(get, path = "/v1/audit-logs/export", operation_id = "export_audit_logs", tag = "Audit Logs",
    security(("bearer" = [])), params(AuditQuery),
    responses(
        (status = 200, description = "The table", content_type = "text/csv", body = String),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn export_audit_logs(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Response> {
    caller.require(Resource::AuditLogs, Action::Read)?;
    let filter = Arc::new(query.filter());
    table::download("attachment; filename=\"audit-log.csv\"", &COLUMNS, 0, move |after| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let rows = db::audit_logs::matching_after(app.db.read(), &filter, after, PAGE).await?;
            let last = rows.last().map(|row| row.id).filter(|_| rows.len() as u64 == PAGE);
            Ok((rows.into_iter().map(cells).collect(), last))
        }
    })
}

fn cells(row: audit_logs::Model) -> Vec<String> {
    vec![
        row.id.to_string(),
        shown_time(row.created_at),
        row.actor_id.unwrap_or_default(),
        row.actor_email.unwrap_or_default(),
        row.action,
        row.resource_type,
        row.resource_id.unwrap_or_default(),
        row.peer.unwrap_or_default(),
        row.details.unwrap_or_default(),
    ]
}
