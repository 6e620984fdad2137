//! Which private hosts notifications may go to. Only the owner says so: what is listed can be asked from inside.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json};
use super::route::{Routes, routes};
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::modes;
use crate::db;
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::permission::{Action, Resource};
use crate::error::Result;
use crate::notify::targets::{self, Targets};

pub fn routes() -> Routes {
    Routes::new().routes(routes!(get_notification_targets, update_notification_targets))
}

/// Private hosts that notifications may go to. All others of private networks are refused; the open internet is not.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationTargets {
    /// Names and addresses of hosts.
    pub allowed_hosts: Vec<String>,
    /// Absent as long as nobody has changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationTargetsResponse {
    pub targets: NotificationTargets,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateNotificationTargetsRequest {
    /// At most 64 names or addresses, without scheme, port and path.
    pub allowed_hosts: Vec<String>,
}

/// Read which private hosts notifications may go to
#[utoipa::path(get, path = "/v1/settings/notification-targets", operation_id = "get_notification_targets",
    tag = "Notification Channels", security(("bearer" = [])),
    responses(
        (status = 200, description = "The hosts", body = NotificationTargetsResponse),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn get_notification_targets(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<NotificationTargetsResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    let Targets { allowed_hosts, updated_at } = Targets::read(&app).await?;
    Ok(axum::Json(NotificationTargetsResponse { targets: NotificationTargets { allowed_hosts, updated_at } }))
}

/// Change which private hosts notifications may go to
///
/// Only the owner. Metadata services of clouds and the daemon itself stay out of reach, listed or not.
#[utoipa::path(put, path = "/v1/settings/notification-targets", operation_id = "update_notification_targets",
    tag = "Notification Channels", security(("bearer" = [])), request_body = UpdateNotificationTargetsRequest,
    responses(
        (status = 200, description = "The new hosts", body = NotificationTargetsResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, external_access_owner_required, origin_not_allowed",
            body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn update_notification_targets(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<UpdateNotificationTargetsRequest>,
) -> Result<axum::Json<NotificationTargetsResponse>> {
    modes::require_access(&caller)?;
    let hosts = targets::checked(&request.allowed_hosts)?;
    let row = app
        .db
        .write(async |tx| {
            let entry =
                caller.did(AuditAction::NotificationTargetsUpdated, AuditResource::NotificationChannel);
            audit::record(tx, &app, entry.details(json!({ "allowed_hosts": hosts }))).await?;
            db::notification_settings::replace(tx, hosts, app.clock.now()).await
        })
        .await?;
    let targets =
        NotificationTargets { allowed_hosts: row.allowed_hosts.0, updated_at: Some(row.updated_at) };
    Ok(axum::Json(NotificationTargetsResponse { targets }))
}
