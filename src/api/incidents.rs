//! What owner and admins have to see to, and whether they have read of it.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Path, Query};
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::db;
use crate::db::entity::{incident_reads, incidents, integrations};
use crate::db::incidents::Filter;
use crate::domain::id::IncidentId;
use crate::domain::incident::{IncidentReason, OperatorIncidentSeverity, OperatorIncidentStatus, repair};
use crate::domain::permission::{Action, Resource};
use crate::error::{Error, Result};

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_operator_incidents)).routes(routes!(mark_operator_incident_read))
}

/// A source that does not work, or will soon not.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorIncident {
    pub id: String,
    pub status: OperatorIncidentStatus,
    pub severity: OperatorIncidentSeverity,
    /// `expired`, `rejected`, `refresh_failed`, `expiring`, `reports_refused` or `reports_undelivered`.
    pub reason: IncidentReason,
    pub first_occurrence_at: i64,
    pub latest_occurrence_at: i64,
    /// How often it was found.
    pub occurrence_count: i64,
    /// `integration`.
    pub resource_kind: String,
    pub resource_id: String,
    pub resource_name: String,
    /// What to do about it.
    pub repair_action: String,
    /// The page where that is done.
    pub repair_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<i64>,
    /// When the caller marked it as read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListOperatorIncidentsResponse {
    /// The latest first, at most 200.
    pub incidents: Vec<OperatorIncident>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct IncidentsQuery {
    /// `open`, `resolved` or `all`; default: `open`.
    status: Option<String>,
    /// The integration.
    resource_id: Option<String>,
}

/// List incidents
#[utoipa::path(get, path = "/v1/operator-incidents", operation_id = "list_operator_incidents", tag = "Integrations",
    security(("bearer" = [])), params(IncidentsQuery),
    responses(
        (status = 200, description = "The incidents", body = ListOperatorIncidentsResponse),
        (status = 400, description = "invalid_status, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_operator_incidents(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<IncidentsQuery>,
) -> Result<axum::Json<ListOperatorIncidentsResponse>> {
    caller.require(Resource::Integrations, Action::Write)?;
    let status = match query.status.as_deref() {
        None | Some("") => Some(OperatorIncidentStatus::Open),
        Some("all") => None,
        Some(word) => Some(word.parse().map_err(|_| unknown_status())?),
    };
    let integration = match query.resource_id.as_deref().filter(|id| !id.is_empty()).map(str::parse) {
        None => None,
        Some(Ok(id)) => Some(id),
        // Nothing has such an id.
        Some(Err(_)) => return Ok(axum::Json(ListOperatorIncidentsResponse { incidents: Vec::new() })),
    };
    let db = app.db.read();
    let rows = db::incidents::list(db, Filter { status, integration }).await?;
    let read = db::incidents::read_by(db, caller.user.id, rows.iter().map(|row| row.id).collect()).await?;
    let sources = rows.iter().map(|row| row.integration_id).collect();
    let sources = db::integrations::find_all(db, sources).await?;
    let show = |row: incidents::Model| {
        let source = sources.iter().find(|source| source.id == row.integration_id)?;
        let read_at = read.get(&row.id).copied();
        Some(shown(row, source, read_at))
    };
    let incidents = rows.into_iter().filter_map(show).collect();
    Ok(axum::Json(ListOperatorIncidentsResponse { incidents }))
}

/// Mark an incident as read
///
/// For the caller alone.
#[utoipa::path(post, path = "/v1/operator-incidents/{id}/read", operation_id = "mark_operator_incident_read",
    tag = "Integrations", security(("bearer" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, description = "The incident", body = OperatorIncident),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn mark_operator_incident_read(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<IncidentId>,
) -> Result<axum::Json<OperatorIncident>> {
    caller.require(Resource::Integrations, Action::Write)?;
    let (user, now) = (caller.user.id, app.clock.now());
    let (row, source, read) = app
        .db
        .write(async |tx| {
            let missing = || Error::not_found("incident");
            let row = db::incidents::find(tx, id).await?.ok_or_else(missing)?;
            let source = db::integrations::find(tx, row.integration_id).await?.ok_or_else(missing)?;
            let mark = incident_reads::Model { incident_id: id, user_id: user, read_at: now };
            db::incidents::mark_read(tx, mark).await?;
            Ok((row, source, db::incidents::read_by(tx, user, vec![id]).await?))
        })
        .await?;
    Ok(axum::Json(shown(row, &source, read.get(&id).copied())))
}

fn shown(row: incidents::Model, source: &integrations::Model, read_at: Option<i64>) -> OperatorIncident {
    let status = match row.resolved_at {
        None => OperatorIncidentStatus::Open,
        Some(_) => OperatorIncidentStatus::Resolved,
    };
    OperatorIncident {
        id: row.id.to_string(),
        status,
        severity: row.severity,
        reason: row.reason,
        first_occurrence_at: row.first_at,
        latest_occurrence_at: row.latest_at,
        occurrence_count: row.occurrences,
        resource_kind: "integration".to_owned(),
        resource_id: source.id.to_string(),
        resource_name: source.display_name.clone().unwrap_or_else(|| source.host_url.clone()),
        repair_action: repair(row.reason, source.auth_mode).to_owned(),
        repair_url: format!("/settings/integrations/{}", source.id),
        resolved_at: row.resolved_at,
        read_at,
    }
}

fn unknown_status() -> Error {
    Error::invalid("invalid_status", "status must be open, resolved or all")
}
