//! Channels through which people are told of builds and runners: make, read, change, remove, try out, and what was told.
//! Addresses, secrets and passwords go in and never come out.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::error::ApiError;
use super::extract::{AppState, Json, Limits, ListQuery, Path, Query, searched};
use super::notification_channel_view::{
    CreateNotificationChannelRequest, DeleteNotificationChannelResponse, ListNotificationChannelsResponse,
    ListNotificationDeliveriesResponse, NotificationChannel, NotificationChannelResponse,
    NotificationDelivery, TestNotificationChannelResponse, UpdateNotificationChannelRequest,
};
use super::route::{Routes, routes};
use crate::audit;
use crate::auth::caller::Caller;
use crate::db;
use crate::db::entity::notification_channels;
use crate::db::listing::Direction;
use crate::db::notification_channels::Sort;
use crate::domain::audit::{AuditAction, AuditResource, Entry};
use crate::domain::id::NotificationChannelId;
use crate::domain::permission::{Action, Resource};
use crate::error::Result;
use crate::notify;
use crate::notify::channels::Entered;

const LIMITS: Limits = Limits::Clamped { default: 20, max: 100 };
const DELIVERIES: u64 = 100;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_notification_channels, create_notification_channel))
        .routes(routes!(get_notification_channel, update_notification_channel, delete_notification_channel))
        .routes(routes!(list_notification_deliveries))
        .routes(routes!(test_notification_channel))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChannelsQuery {
    /// Text in the name.
    q: Option<String>,
    /// `name`, `type`, `status` or `updated_at`.
    sort: Option<String>,
}

/// List notification channels
///
/// A page has 20 rows unless `limit` says otherwise, and 100 at most.
#[utoipa::path(get, path = "/v1/settings/notification-channels", operation_id = "list_notification_channels",
    tag = "Notification Channels", security(("bearer" = [])), params(ChannelsQuery, ListQuery),
    responses(
        (status = 200, description = "The channels", body = ListNotificationChannelsResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_notification_channels(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<ChannelsQuery>,
    Query(list): Query<ListQuery>,
) -> Result<axum::Json<ListNotificationChannelsResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    let sort = query.sort.and_then(|word| word.parse().ok()).unwrap_or(Sort::Name);
    let default = if sort == Sort::UpdatedAt { Direction::Descending } else { Direction::Ascending };
    let order = (sort, list.direction(default).unwrap_or(default));
    let (page, search) = (list.page(LIMITS)?, searched(query.q.as_deref(), "q")?);
    let (rows, total) =
        db::notification_channels::list(app.db.read(), search.as_deref(), order, page).await?;
    let channels = rows.into_iter().map(NotificationChannel::from).collect();
    Ok(axum::Json(ListNotificationChannelsResponse { channels, total }))
}

/// Make a notification channel
#[utoipa::path(post, path = "/v1/settings/notification-channels", operation_id = "create_notification_channel",
    tag = "Notification Channels", security(("bearer" = [])), request_body = CreateNotificationChannelRequest,
    responses(
        (status = 200, description = "The channel", body = NotificationChannelResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn create_notification_channel(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<CreateNotificationChannelRequest>,
) -> Result<axum::Json<NotificationChannelResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    let (kind, entered) = (request.channel_type, Entered::from(request));
    notify::channels::check_addresses(&app, kind, None, &entered).await?;
    let row = app
        .db
        .write(async |tx| {
            let row = notify::channels::create(tx, &app, caller.user.id, kind, entered).await?;
            audit::record(tx, &app, did(&caller, AuditAction::NotificationChannelCreated, &row)).await?;
            Ok(row)
        })
        .await?;
    Ok(axum::Json(NotificationChannelResponse { channel: row.into() }))
}

/// Read a notification channel
#[utoipa::path(get, path = "/v1/settings/notification-channels/{id}", operation_id = "get_notification_channel",
    tag = "Notification Channels", security(("bearer" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, description = "The channel", body = NotificationChannelResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn get_notification_channel(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<NotificationChannelId>,
) -> Result<axum::Json<NotificationChannelResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    let row = db::notification_channels::get(app.db.read(), id).await?;
    Ok(axum::Json(NotificationChannelResponse { channel: row.into() }))
}

/// Change a notification channel
///
/// What waits to be told through a channel that is turned off is given up.
#[utoipa::path(put, path = "/v1/settings/notification-channels/{id}", operation_id = "update_notification_channel",
    tag = "Notification Channels", security(("bearer" = [])), params(("id" = String, Path)),
    request_body = UpdateNotificationChannelRequest,
    responses(
        (status = 200, description = "The changed channel", body = NotificationChannelResponse),
        (status = 400, description = "invalid_input, invalid_request, invalid_state, \
            smtp_password_required_for_authority_change", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, encryption_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn update_notification_channel(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<NotificationChannelId>,
    Json(request): Json<UpdateNotificationChannelRequest>,
) -> Result<axum::Json<NotificationChannelResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    let (before, entered) = (db::notification_channels::get(app.db.read(), id).await?, request.into());
    notify::channels::check_addresses(&app, before.channel_type, Some(&before), &entered).await?;
    let row = app
        .db
        .write(async |tx| {
            let row = notify::channels::update(tx, &app, id, entered).await?;
            audit::record(tx, &app, did(&caller, AuditAction::NotificationChannelUpdated, &row)).await?;
            Ok(row)
        })
        .await?;
    Ok(axum::Json(NotificationChannelResponse { channel: row.into() }))
}

/// Remove a notification channel
///
/// With everything that was told through it.
#[utoipa::path(delete, path = "/v1/settings/notification-channels/{id}", operation_id = "delete_notification_channel",
    tag = "Notification Channels", security(("bearer" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, description = "Removed", body = DeleteNotificationChannelResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn delete_notification_channel(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<NotificationChannelId>,
) -> Result<axum::Json<DeleteNotificationChannelResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    app.db
        .write(async |tx| {
            let row = db::notification_channels::get(tx, id).await?;
            db::notification_channels::delete(tx, id).await?;
            audit::record(tx, &app, did(&caller, AuditAction::NotificationChannelDeleted, &row)).await
        })
        .await?;
    Ok(axum::Json(DeleteNotificationChannelResponse { deleted: true }))
}

/// List what was told through a channel
///
/// The last 100, newest first; what is over is kept for 30 days.
#[utoipa::path(get, path = "/v1/settings/notification-channels/{id}/deliveries",
    operation_id = "list_notification_deliveries", tag = "Notification Channels", security(("bearer" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "The deliveries", body = ListNotificationDeliveriesResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_notification_deliveries(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<NotificationChannelId>,
) -> Result<axum::Json<ListNotificationDeliveriesResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    db::notification_channels::get(app.db.read(), id).await?;
    let (rows, total) = db::notification_deliveries::list(app.db.read(), id, DELIVERIES).await?;
    let deliveries = rows.into_iter().map(NotificationDelivery::from).collect();
    Ok(axum::Json(ListNotificationDeliveriesResponse { deliveries, total }))
}

/// Try a notification channel out
///
/// Sends one message at once, also through a channel that is turned off; it is not tried again.
#[utoipa::path(post, path = "/v1/settings/notification-channels/{id}/test",
    operation_id = "test_notification_channel", tag = "Notification Channels", security(("bearer" = [])),
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "Whether it arrived", body = TestNotificationChannelResponse),
        (status = 400, description = "invalid_state", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, decryption_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn test_notification_channel(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<NotificationChannelId>,
) -> Result<axum::Json<TestNotificationChannelResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    let row = db::notification_channels::get(app.db.read(), id).await?;
    let error = notify::try_out(&app, &row).await?;
    Ok(axum::Json(TestNotificationChannelResponse { success: error.is_none(), error }))
}

fn did(caller: &Caller, action: AuditAction, row: &notification_channels::Model) -> Entry {
    let details = json!({
        "name": row.name, "channel_type": row.channel_type, "enabled": row.enabled, "target": row.target,
    });
    caller.did(action, AuditResource::NotificationChannel).id(row.id).details(details)
}
