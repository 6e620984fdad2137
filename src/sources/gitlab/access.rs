//! The credential of an integration, good for at least a moment. Tokens of OAuth applications are renewed here, and the
//! new ones are on the disk before anybody uses them.

use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::app::App;
use crate::db::entity::{integrations, source_credentials};
use crate::db::integration_secrets::Holder;
use crate::db::{self, Tx};
use crate::domain::id::IntegrationId;
use crate::domain::incident::{GitLabCredentialStatus, IncidentReason};
use crate::domain::source::{IntegrationAuthMode, IntegrationSecretKind};
use crate::error::{Error, Result, codes};
use crate::forge::gitlab::oauth::{self, Application, Grant, Granted};
use crate::forge::gitlab::{Api, failed_call};
use crate::forge::host::Trouble;
use crate::sources::incidents::Found;
use crate::sources::{health, secrets};

/// How long before its end a token is renewed, in seconds.
const LEAD: i64 = 60;

/// GitLab, asked with the integration's credential.
///
/// Errors: 409 `missing_credentials`, 409 `gitlab_reconnect_required`, 502 `gitlab_api_error`.
pub async fn api(app: &App, integration: &integrations::Model) -> Result<Api> {
    let token = token(app, integration).await?;
    Ok(Api::new(&app.forge, &integration.host_url, &token))
}

/// The credential itself.
///
/// Errors: as above.
pub async fn token(app: &App, integration: &integrations::Model) -> Result<Zeroizing<String>> {
    if integration.auth_mode == IntegrationAuthMode::OauthApp && is_due(app, integration.id).await? {
        app.forge.gitlab_renewals.of(integration.id).await?;
    }
    let holder = Holder::Integration(integration.id);
    secrets::get(app.db.read(), &app.sealer, holder, IntegrationSecretKind::AccessToken).await
}

async fn is_due(app: &App, id: IntegrationId) -> Result<bool> {
    let known = db::source_credentials::find(app.db.read(), id).await?;
    let end = known.and_then(|row| row.expires_at);
    Ok(end.is_some_and(|end| end <= app.clock.now() + LEAD))
}

/// Renews tokens as somebody wishes, until the daemon stops. The only one that does.
pub async fn renew_on_demand(app: &App, stopping: &CancellationToken) {
    let Some(mut queue) = app.forge.gitlab_renewals.queue() else { return };
    loop {
        let wish = tokio::select! {
            wish = queue.recv() => wish,
            () = stopping.cancelled() => None,
        };
        let Some(wish) = wish else { return };
        // Begun is finished: the tokens of before are over as soon as GitLab has heard of it.
        let outcome = renew(app, wish.integration).await;
        wish.answer(outcome);
    }
}

async fn renew(app: &App, id: IntegrationId) -> Result<()> {
    // Somebody else may have wished the same a moment ago.
    if !is_due(app, id).await? {
        return Ok(());
    }
    let integration = db::integrations::get(app.db.read(), id).await?;
    let (db, holder) = (app.db.read(), Holder::Integration(id));
    let client_secret = secrets::get(db, &app.sealer, holder, IntegrationSecretKind::ClientSecret).await?;
    let refresh = secrets::find(db, &app.sealer, holder, IntegrationSecretKind::RefreshToken).await?;
    let Some(refresh) = refresh else { return Err(reconnect_required("there is nothing to renew it with")) };
    let application = Application {
        host_url: &integration.host_url,
        client_id: integration.app_id.as_deref().unwrap_or_default(),
        client_secret: &client_secret,
    };
    match oauth::exchange(&app.forge, &application, &Grant::Refresh { token: &refresh }).await {
        Ok(granted) => {
            let kept = app.db.write(async |tx| {
                keep(tx, app, id, &granted).await?;
                health::mend(tx, app, id).await
            });
            kept.await
        }
        Err(Trouble::Refused(_, said)) => {
            let found = Found { reason: IncidentReason::RefreshFailed, expires_at: None };
            let why = "GitLab does not renew the access of this integration. Connect it again.";
            let now = app.clock.now();
            let noted = app.db.write(async |tx| {
                // Somebody may have connected it again meanwhile: that its tokens of before are over is no fault.
                let kind = IntegrationSecretKind::RefreshToken;
                let present = secrets::find(tx, &app.sealer, holder, kind).await?;
                if present.is_some_and(|token| token != refresh) {
                    return Ok(false);
                }
                let row = credential(id, GitLabCredentialStatus::Rejected, Some(now), now);
                db::source_credentials::put(tx, row).await?;
                health::break_it(tx, app, id, found, why).await?;
                Ok(true)
            });
            if noted.await? { Err(reconnect_required(&said)) } else { Ok(()) }
        }
        Err(trouble) if is_over(app, id).await? => Err(failed_call(trouble)),
        // What is left of the old one will do for now.
        Err(trouble) => {
            tracing::warn!(integration = %id, "tokens of GitLab were not renewed: {trouble}");
            Ok(())
        }
    }
}

async fn is_over(app: &App, id: IntegrationId) -> Result<bool> {
    let known = db::source_credentials::find(app.db.read(), id).await?;
    Ok(known.and_then(|row| row.expires_at).is_none_or(|end| end <= app.clock.now()))
}

/// Keeps what GitLab granted, in the place of what was there.
pub async fn keep(tx: &Tx, app: &App, id: IntegrationId, granted: &Granted) -> Result<()> {
    let (now, holder) = (app.clock.now(), Holder::Integration(id));
    secrets::keep(tx, app, holder, IntegrationSecretKind::AccessToken, &granted.access_token).await?;
    if let Some(token) = &granted.refresh_token {
        secrets::keep(tx, app, holder, IntegrationSecretKind::RefreshToken, token).await?;
    }
    let expires_at = granted.expires_in.map(|seconds| now.saturating_add(seconds));
    let row = credential(id, GitLabCredentialStatus::Valid, expires_at, now);
    db::source_credentials::put(tx, row).await
}

/// What is known of a credential as of now.
pub fn credential(
    integration_id: IntegrationId,
    status: GitLabCredentialStatus,
    expires_at: Option<i64>,
    checked_at: i64,
) -> source_credentials::Model {
    source_credentials::Model { integration_id, status, expires_at, checked_at }
}

fn reconnect_required(why: &str) -> Error {
    Error::conflict(codes::GITLAB_RECONNECT_REQUIRED, format!("GitLab does not renew the access: {why}"))
        .hint("Connect the integration again.")
}
