//! The identity provider of an instance that is set up: read, change, try.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json};
use super::route::{Routes, routes};
use super::setup_oidc::OidcConfigureRequest;
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::modes::require_owner;
use crate::auth::oidc::settings;
use crate::db;
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::permission::{Action, Resource};
use crate::error::{Error, Kind, Result};

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(get_external_access_oidc, configure_external_access_oidc))
        .routes(routes!(test_oidc_connection))
}

/// The identity provider, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct GetExternalAccessOidcResponse {
    pub issuer_url: String,
    pub client_id: String,
    pub has_client_secret: bool,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    pub jwks_uri: String,
    pub configured_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ConfigureExternalAccessOidcResponse {
    pub discovered_issuer: String,
    pub has_client_secret: bool,
    pub configured_at: i64,
    /// What is worth knowing about the provider.
    pub warnings: Vec<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct TestOidcConnectionRequest {
    pub issuer_url: String,
}

/// What a provider says of itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestOidcConnectionResponse {
    pub success: bool,
    pub discovered_issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    pub jwks_uri: String,
    pub scopes_supported: Vec<String>,
    /// What is worth knowing about the provider.
    pub warnings: Vec<String>,
}

/// Read the identity provider's settings
#[utoipa::path(get, path = "/v1/settings/external-access/oidc", operation_id = "get_external_access_oidc",
    tag = "External Access", security(("bearer" = [])),
    responses(
        (status = 200, description = "The settings", body = GetExternalAccessOidcResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "oidc_not_configured", body = ApiError),
    ))]
async fn get_external_access_oidc(
    State(app): AppState,
    caller: Caller,
) -> Result<axum::Json<GetExternalAccessOidcResponse>> {
    caller.require(Resource::InstanceSettings, Action::Read)?;
    let row = db::oidc_settings::find(app.db.read()).await?;
    let row = row.ok_or_else(|| {
        Error::new(Kind::NotFound, "oidc_not_configured", "no identity provider is configured")
    })?;
    Ok(axum::Json(GetExternalAccessOidcResponse {
        has_client_secret: row.client_secret.is_some(),
        issuer_url: row.issuer_url,
        client_id: row.client_id,
        authorization_endpoint: row.authorization_endpoint,
        token_endpoint: row.token_endpoint,
        userinfo_endpoint: row.userinfo_endpoint,
        jwks_uri: row.jwks_uri,
        configured_at: row.configured_at,
    }))
}

/// Change the identity provider
///
/// It is asked at once. Sign-ins under way have to be started again.
#[utoipa::path(put, path = "/v1/settings/external-access/oidc", operation_id = "configure_external_access_oidc",
    tag = "External Access", security(("bearer" = [])), request_body = OidcConfigureRequest,
    responses(
        (status = 200, description = "Configured", body = ConfigureExternalAccessOidcResponse),
        (status = 400, description = "invalid_input, oidc_discovery_failed, oidc_secret_reentry_required, \
            invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, external_access_owner_required, origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error", body = ApiError),
    ))]
async fn configure_external_access_oidc(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<OidcConfigureRequest>,
) -> Result<axum::Json<ConfigureExternalAccessOidcResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    require_owner(&caller)?;
    let mut checked = settings::check(&app, request.into()).await?;
    let warnings = std::mem::take(&mut checked.notes);
    let entry = caller.did(AuditAction::ExternalAccessOidcConfigured, AuditResource::ExternalAccess);
    let row = app
        .db
        .write(async |tx| {
            let row = settings::save(tx, checked).await?;
            let details = json!({"issuer_url": row.issuer_url, "client_id": row.client_id});
            audit::record(tx, &app, entry.details(details)).await?;
            Ok(row)
        })
        .await?;
    app.oidc.pending.clear();
    Ok(axum::Json(ConfigureExternalAccessOidcResponse {
        has_client_secret: row.client_secret.is_some(),
        discovered_issuer: row.issuer_url,
        configured_at: row.configured_at,
        warnings,
    }))
}

/// Try an identity provider
#[utoipa::path(post, path = "/v1/settings/external-access/oidc/test-connection", operation_id = "test_oidc_connection",
    tag = "External Access", security(("bearer" = [])), request_body = TestOidcConnectionRequest,
    responses(
        (status = 200, description = "It is one", body = TestOidcConnectionResponse),
        (status = 400, description = "invalid_input, oidc_discovery_failed, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, external_access_owner_required, origin_not_allowed", body = ApiError),
    ))]
async fn test_oidc_connection(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<TestOidcConnectionRequest>,
) -> Result<axum::Json<TestOidcConnectionResponse>> {
    caller.require(Resource::InstanceSettings, Action::Write)?;
    require_owner(&caller)?;
    let provider = settings::test(&app, &request.issuer_url).await?;
    let metadata = &provider.metadata;
    let scopes = metadata.scopes_supported().map(Vec::as_slice).unwrap_or_default();
    Ok(axum::Json(TestOidcConnectionResponse {
        success: true,
        discovered_issuer: provider.issuer().to_owned(),
        authorization_endpoint: metadata.authorization_endpoint().to_string(),
        token_endpoint: provider.token_endpoint.clone(),
        userinfo_endpoint: metadata.userinfo_endpoint().map(ToString::to_string),
        jwks_uri: metadata.jwks_uri().to_string(),
        scopes_supported: scopes.iter().map(|scope| scope.to_string()).collect(),
        warnings: provider.notes.clone(),
    }))
}
