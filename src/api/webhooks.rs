//! Where code hosts deliver their webhooks. What is not proved is not read; what is proved is stored before it
//! is answered, and worked off later by `tasks`.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::AppState;
use super::route::{Routes, routes};
use super::webhook_body;
use crate::app::App;
use crate::builds::deliveries::{self, Packed, Received};
use crate::builds::inbox::{self, Stored};
use crate::db;
use crate::domain::delivery::Arrival;
use crate::domain::id::{DeliveryId, IntegrationId};
use crate::domain::setup::RuntimeMode;
use crate::domain::source::ScmProvider;
use crate::error::{Error, Result, codes};
use crate::forge::hook;
use crate::sources::webhook::{self, GithubProof, GitlabHeaders, GitlabProof};

/// Longest name or id from a header that is kept, in bytes.
const MAX_NAME: usize = 200;
/// Payloads up to this many bytes are looked at on the spot.
const SMALL: usize = 256 * 1024;
/// How old an event of GitLab may be that says when it happened, in seconds.
const MAX_AGE: i64 = 300;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(github_webhook)).routes(routes!(gitlab_webhook))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookResponse {
    pub ok: bool,
    /// Whether it was told before; nothing more will come of it then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate: Option<bool>,
}

/// Receive a webhook of GitHub
///
/// Signed with the secret of one of the apps of this instance. Up to 25 MB.
#[utoipa::path(post, path = "/v1/webhooks/github", operation_id = "github_webhook", tag = "Webhooks",
    params(
        ("X-Hub-Signature-256" = String, Header, description = "`sha256=` and the HMAC of the body in hexadecimal"),
        ("X-GitHub-Delivery" = Option<String>, Header, description = "The id of the delivery"),
        ("X-GitHub-Event" = Option<String>, Header, description = "The kind of event"),
    ),
    request_body(content = serde_json::Value, description = "The payload", content_type = "application/json", example = json!({
        "ref": "refs/heads/main",
        "after": "8f31c2d4b6a7908e1f2d3c4b5a69788796a5b4c3",
        "repository": {"id": 1296269, "full_name": "acme/flutter-shop"},
        "installation": {"id": 52810247},
    })),
    responses(
        (status = 200, description = "Stored", body = WebhookResponse),
        (status = 400, description = "invalid_payload, body_too_slow, invalid_request", body = ApiError),
        (status = 401, description = "missing_signature, invalid_signature", body = ApiError),
        (status = 403, description = "mode_restricted, origin_not_allowed", body = ApiError),
        (status = 500, description = "store_error, decryption_error, encryption_error", body = ApiError),
        (status = 503, description = "webhook_queue_unavailable", body = ApiError),
    ))]
async fn github_webhook(
    State(app): AppState,
    headers: HeaderMap,
    request: Request,
) -> Result<axum::Json<WebhookResponse>> {
    refuse_in_local_mode(&app).await?;
    let proof = GithubProof::read(&values(&headers, "x-hub-signature-256"))?;
    let (body, _room) = webhook_body::read(&app, request).await?;
    let secrets = webhook::github_secrets(&app).await?;
    let event = name(&headers, "x-github-event").unwrap_or_default();
    let external_id =
        name(&headers, "x-github-delivery").unwrap_or_else(|| format!("none:{}", DeliveryId::new()));
    let received = heavy(body.len(), move || {
        let integration = proof.of(&body, &secrets)?.integration;
        let notice = hook::read(ScmProvider::Github, &event, &body)?;
        let (packed, arrived_by) = (Packed::of(&body)?, Arrival::Webhook);
        Ok(Received { integration, external_id, event, notice, packed, arrived_by })
    })
    .await?;
    let gone = || Error::unauthenticated("invalid_signature", "the app has just been disconnected");
    answer(inbox::store(&app, deliveries::row(&app, received).await?).await?, gone)
}

/// Receive a webhook of GitLab
///
/// Proved by the secret of the repository it is about: as a token, as a signature after Standard Webhooks, or both. Up
/// to 25 MB.
#[utoipa::path(post, path = "/v1/webhooks/gitlab", operation_id = "gitlab_webhook", tag = "Webhooks",
    params(
        ("X-Gitlab-Token" = Option<String>, Header, description = "The repository's webhook secret"),
        ("webhook-signature" = Option<String>, Header, description = "`v1,` and the HMAC of id, timestamp and body in Base64"),
        ("webhook-id" = Option<String>, Header, description = "What the signature calls the delivery"),
        ("webhook-timestamp" = Option<String>, Header, description = "When it was signed, in Unix seconds"),
        ("X-Gitlab-Event-UUID" = Option<String>, Header, description = "The id of the event"),
        ("X-Gitlab-Event" = Option<String>, Header, description = "The kind of event"),
    ),
    request_body(content = serde_json::Value, description = "The payload", content_type = "application/json", example = json!({
        "object_kind": "push",
        "ref": "refs/heads/main",
        "checkout_sha": "8f31c2d4b6a7908e1f2d3c4b5a69788796a5b4c3",
        "project": {"id": 278964, "path_with_namespace": "acme/flutter-shop"},
    })),
    responses(
        (status = 200, description = "Stored", body = WebhookResponse),
        (status = 400, description = "invalid_payload, stale_event, body_too_slow, invalid_request", body = ApiError),
        (status = 401, description = "missing_token, invalid_token, invalid_signature", body = ApiError),
        (status = 403, description = "mode_restricted, origin_not_allowed", body = ApiError),
        (status = 500, description = "store_error, decryption_error, encryption_error", body = ApiError),
        (status = 503, description = "webhook_queue_unavailable", body = ApiError),
    ))]
async fn gitlab_webhook(
    State(app): AppState,
    headers: HeaderMap,
    request: Request,
) -> Result<axum::Json<WebhookResponse>> {
    refuse_in_local_mode(&app).await?;
    let shown = GitlabHeaders {
        token: values(&headers, "x-gitlab-token"),
        signature: values(&headers, "webhook-signature"),
        id: values(&headers, "webhook-id"),
        timestamp: values(&headers, "webhook-timestamp"),
    };
    let now = app.clock.now();
    let proof = GitlabProof::read(&shown, now)?;
    let (body, _room) = webhook_body::read(&app, request).await?;
    let (named, looked_at) = (body.clone(), body.len());
    let project = heavy(looked_at, move || hook::gitlab_project(&named)).await?;
    let sender = webhook::gitlab_sender(&app, &proof, project.as_deref(), &body).await?;
    // No signature covers GitLab's own headers: what the body and the signed ones say comes first.
    let told_event = name(&headers, "x-gitlab-event").unwrap_or_default();
    let integration = sender.integration_id;
    let signed_id = name(&headers, "webhook-id").filter(|_| !shown.signature.is_empty());
    let told_id = signed_id.or_else(|| name(&headers, "x-gitlab-event-uuid"));
    let received = heavy(body.len(), move || {
        let event = hook::gitlab_event(&body)?.map_or(told_event, str::to_owned);
        let external_id = told_id.unwrap_or_else(|| digest(integration, &event, &body));
        refuse_stale(&body, now)?;
        let notice = hook::read(ScmProvider::Gitlab, &event, &body)?;
        let (packed, arrived_by) = (Packed::of(&body)?, Arrival::Webhook);
        Ok(Received { integration, external_id, event, notice, packed, arrived_by })
    })
    .await?;
    let gone = || Error::unauthenticated(codes::INVALID_TOKEN, "the integration has just been disconnected");
    answer(inbox::store(&app, deliveries::row(&app, received).await?).await?, gone)
}

fn answer(stored: Stored, gone: impl FnOnce() -> Error) -> Result<axum::Json<WebhookResponse>> {
    match stored {
        Stored::New => Ok(axum::Json(WebhookResponse { ok: true, duplicate: None })),
        Stored::Duplicate => Ok(axum::Json(WebhookResponse { ok: true, duplicate: Some(true) })),
        Stored::Unwanted => Err(gone()),
    }
}

async fn refuse_in_local_mode(app: &App) -> Result<()> {
    match db::instance::get(app.db.read()).await?.runtime_mode {
        RuntimeMode::Remote => Ok(()),
        RuntimeMode::Local => {
            Err(Error::forbidden(codes::MODE_RESTRICTED, "an instance in local mode takes no webhooks")
                .hint("Open the instance to other machines in its settings first."))
        }
    }
}

/// Every value of a header.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a [u8]> {
    headers.get_all(name).iter().map(|value| value.as_bytes()).collect()
}

/// A header that names something; what is empty or too long to be a name is none.
fn name(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty() && value.len() <= MAX_NAME).then(|| value.to_owned())
}

/// Does what takes the longer the more bytes there are; of many bytes where it keeps nobody else waiting.
async fn heavy<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    if bytes <= SMALL {
        return work();
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(Error::internal("internal_error", "the payload could not be read", error))
    })
}

/// Some events of GitLab say when they happened.
fn refuse_stale(body: &[u8], now: i64) -> Result<()> {
    let Some(text) = hook::gitlab_created_at(body)? else { return Ok(()) };
    let Ok(created_at) = chrono::DateTime::parse_from_rfc3339(&text) else { return Ok(()) };
    if now - created_at.timestamp() <= MAX_AGE {
        return Ok(());
    }
    Err(Error::invalid("stale_event", "the event is older than five minutes")
        .hint("Check the clocks of GitLab and of this machine."))
}

/// A name for a delivery that has none.
fn digest(integration: IntegrationId, event: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(integration.to_string());
    hash.update([0]);
    hash.update(event);
    hash.update([0]);
    hash.update(body);
    format!("sha256:{}", hex::encode(hash.finalize()))
}
