//! How the instance is reached from elsewhere: its addresses, the trusted proxy, and the check of
//! everything before others are let in. Only the owner changes any of it.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::values;
use super::error::ApiError;
use super::extract::{AppState, Json, Query};
use super::route::{Routes, routes};
use crate::auth::approach::Approach;
use crate::auth::caller::Caller;
use crate::auth::modes::{self, Modes};
use crate::auth::network::{Entered, NetworkSource, Reach};
use crate::auth::peer::Origin;
use crate::auth::proxy_settings::{self, Change, Secret, refuse_ticket};
use crate::auth::{addresses, preflight, trusted_proxy};
use crate::db;
use crate::db::entity::trusted_proxy_settings;
use crate::domain::permission::{Action, Resource};
use crate::domain::setup::{RemoteAuthMode, RuntimeMode};
use crate::error::Result;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(get_external_access_network_settings, update_external_access_network_settings))
        .routes(routes!(
            get_external_access_trusted_proxy_settings,
            update_external_access_trusted_proxy_settings
        ))
        .routes(routes!(get_external_access_preflight))
}

/// Under which addresses the instance is reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExternalAccessNetworkSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_delivery_url: Option<String>,
    /// Exact origins of web pages that may call the API.
    pub allowed_origins: Vec<String>,
    pub source: NetworkSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ExternalAccessNetworkSettingsResponse {
    pub settings: ExternalAccessNetworkSettings,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateExternalAccessNetworkSettingsRequest {
    #[serde(default)]
    pub public_url: Option<String>,
    #[serde(default)]
    pub artifact_delivery_url: Option<String>,
    pub allowed_origins: Vec<String>,
}

/// The trusted proxy's settings, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrustedProxySettingsPublic {
    pub user_email_header: String,
    pub trusted_proxy_cidrs: Vec<String>,
    pub has_shared_secret: bool,
    /// Always false: tickets of Warpgate are not kept here.
    pub has_warpgate_ticket: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
    /// What a careful operator would change.
    pub warnings: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TrustedProxySettingsResponse {
    pub settings: TrustedProxySettingsPublic,
}

/// What is left out stays; an empty secret removes it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateTrustedProxySettingsRequest {
    #[serde(default)]
    pub user_email_header: Option<String>,
    #[serde(default)]
    pub trusted_proxy_cidrs: Option<Vec<String>>,
    #[serde(default)]
    pub shared_secret: Option<String>,
    /// Must be left out or empty: tickets of Warpgate are not kept here.
    #[serde(default)]
    pub warpgate_ticket: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ExternalAccessPreflightCheck {
    pub id: String,
    pub label: String,
    pub ok: bool,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_code: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ExternalAccessPreflightResponse {
    pub ready: bool,
    pub checks: Vec<ExternalAccessPreflightCheck>,
}

impl From<&Reach> for ExternalAccessNetworkSettingsResponse {
    fn from(reach: &Reach) -> Self {
        let settings = ExternalAccessNetworkSettings {
            public_url: reach.public_url.clone(),
            artifact_delivery_url: reach.artifact_delivery_url.clone(),
            allowed_origins: reach.allowed_origins.clone(),
            source: reach.source,
            updated_at: reach.updated_at,
        };
        Self { settings }
    }
}

impl From<Option<trusted_proxy_settings::Model>> for TrustedProxySettingsResponse {
    fn from(row: Option<trusted_proxy_settings::Model>) -> Self {
        let no_secret =
            "Without a shared secret every program at the proxy's addresses can speak for anybody.";
        let open = row.as_ref().is_some_and(|row| row.shared_secret.is_none());
        let header = || trusted_proxy::DEFAULT_HEADER.to_owned();
        let settings = TrustedProxySettingsPublic {
            has_shared_secret: row.as_ref().is_some_and(|row| row.shared_secret.is_some()),
            has_warpgate_ticket: false,
            updated_at: row.as_ref().map(|row| row.updated_at),
            user_email_header: row.as_ref().map_or_else(header, |row| row.user_email_header.clone()),
            trusted_proxy_cidrs: row.map(|row| row.cidrs.0).unwrap_or_default(),
            warnings: open.then(|| no_secret.to_owned()).into_iter().collect(),
        };
        Self { settings }
    }
}

/// Read the addresses
#[utoipa::path(get, path = "/v1/settings/external-access/network", operation_id = "get_external_access_network_settings",
    tag = "External Access", security(("bearer" = [])),
    responses(
        (status = 200, description = "The addresses in force", body = ExternalAccessNetworkSettingsResponse),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn get_external_access_network_settings(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<ExternalAccessNetworkSettingsResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    Ok(axum::Json(app.network.reach().as_ref().into()))
}

/// Change the addresses
///
/// At once, without a restart. In local mode only from the machine itself; and never so that the caller's own
/// page or host name would be refused.
#[utoipa::path(put, path = "/v1/settings/external-access/network",
    operation_id = "update_external_access_network_settings", tag = "External Access",
    security(("bearer" = [])), request_body = UpdateExternalAccessNetworkSettingsRequest,
    responses(
        (status = 200, description = "The new addresses", body = ExternalAccessNetworkSettingsResponse),
        (status = 400, description = "invalid_input, invalid_request, external_access_public_url_missing, \
            external_access_https_required, external_access_origin_not_allowed, artifact_delivery_url_invalid, \
            artifact_delivery_https_required, artifact_delivery_public_url_required", body = ApiError),
        (status = 403, description = "permission_denied, external_access_owner_required, \
            external_access_loopback_required, origin_not_allowed", body = ApiError),
        (status = 409, description = "external_access_would_lock_out", body = ApiError),
    ))]
async fn update_external_access_network_settings(
    State(app): AppState,
    caller: Caller,
    origin: Origin,
    approach: Approach,
    Json(request): Json<UpdateExternalAccessNetworkSettingsRequest>,
) -> Result<axum::Json<ExternalAccessNetworkSettingsResponse>> {
    modes::require_access(&caller)?;
    let entered = Entered {
        public_url: request.public_url,
        artifact_delivery_url: request.artifact_delivery_url,
        allowed_origins: request.allowed_origins,
    };
    let reach = addresses::change(&app, &caller, (origin, &approach), entered).await?;
    Ok(axum::Json((&reach).into()))
}

/// Read the trusted proxy's settings
#[utoipa::path(get, path = "/v1/settings/external-access/trusted-proxy",
    operation_id = "get_external_access_trusted_proxy_settings", tag = "External Access", security(("bearer" = [])),
    responses(
        (status = 200, description = "The settings", body = TrustedProxySettingsResponse),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn get_external_access_trusted_proxy_settings(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<TrustedProxySettingsResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    Ok(axum::Json(db::trusted_proxy_settings::find(app.db.read()).await?.into()))
}

/// Change the trusted proxy's settings
///
/// Without a shared secret no wide range of addresses is trusted. Behind the proxy, never so that the caller's own
/// request would no longer be trusted; a new secret is not judged.
#[utoipa::path(put, path = "/v1/settings/external-access/trusted-proxy",
    operation_id = "update_external_access_trusted_proxy_settings", tag = "External Access",
    security(("bearer" = [])), request_body = UpdateTrustedProxySettingsRequest,
    responses(
        (status = 200, description = "The new settings", body = TrustedProxySettingsResponse),
        (status = 400, description = "invalid_input, invalid_request, trusted_proxy_shared_secret_required", body = ApiError),
        (status = 403, description = "permission_denied, external_access_owner_required, \
            external_access_loopback_required, origin_not_allowed", body = ApiError),
        (status = 409, description = "external_access_would_lock_out", body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error", body = ApiError),
    ))]
async fn update_external_access_trusted_proxy_settings(
    State(app): AppState,
    caller: Caller,
    origin: Origin,
    headers: HeaderMap,
    Json(request): Json<UpdateTrustedProxySettingsRequest>,
) -> Result<axum::Json<TrustedProxySettingsResponse>> {
    modes::require_access(&caller)?;
    refuse_ticket(request.warpgate_ticket.as_deref())?;
    let change = Change {
        user_email_header: request.user_email_header,
        cidrs: request.trusted_proxy_cidrs,
        shared_secret: Secret::entered(request.shared_secret),
        setup_owner_email: None,
    };
    let row = proxy_settings::change(&app, &caller, (origin, &|name| values(&headers, name)), change).await?;
    Ok(axum::Json(Some(row).into()))
}

/// What to check for. Left out: letting others in, with the stored way of signing in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PreflightQuery {
    runtime_mode: Option<RuntimeMode>,
    remote_auth_mode: Option<RemoteAuthMode>,
}

/// Check everything before others are let in
#[utoipa::path(get, path = "/v1/settings/external-access/preflight", operation_id = "get_external_access_preflight",
    tag = "External Access", security(("bearer" = [])), params(PreflightQuery),
    responses(
        (status = 200, description = "What is in order and what is not", body = ExternalAccessPreflightResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn get_external_access_preflight(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<PreflightQuery>,
) -> Result<axum::Json<ExternalAccessPreflightResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    let stored = db::instance::get(app.db.read()).await?.remote_auth_mode;
    let to = Modes {
        runtime: query.runtime_mode.unwrap_or(RuntimeMode::Remote),
        auth: query.remote_auth_mode.unwrap_or(stored),
    };
    let checks: Vec<_> = preflight::checks(&app, app.db.read(), to).await?.into_iter().map(shown).collect();
    Ok(axum::Json(ExternalAccessPreflightResponse { ready: checks.iter().all(|check| check.ok), checks }))
}

fn shown(check: preflight::Check) -> ExternalAccessPreflightCheck {
    ExternalAccessPreflightCheck {
        id: check.id.to_owned(),
        label: check.label.to_owned(),
        ok: check.failure.is_none(),
        message: check
            .failure
            .as_ref()
            .map(|error| error.message.clone())
            .or(check.note)
            .unwrap_or_else(|| "in order".to_owned()),
        failure_code: check.failure.map(|error| error.code.to_owned()),
    }
}
