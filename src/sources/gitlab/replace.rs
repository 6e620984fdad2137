//! Another token in the place of the one an integration has, of the same account: what was linked stays linked.

use serde_json::json;

use crate::app::App;
use crate::audit;
use crate::db;
use crate::db::entity::integrations;
use crate::db::integration_secrets::Holder;
use crate::domain::audit::Entry;
use crate::domain::incident::GitLabCredentialStatus;
use crate::domain::source::{IntegrationAuthMode, IntegrationSecretKind};
use crate::error::{Error, Kind, Result};
use crate::forge::gitlab::Api;
use crate::forge::gitlab::account::TokenInfo;
use crate::forge::host::Trouble;
use crate::sources::{require_remote, secrets};

use super::check::{Checked, require_gitlab};
use super::connect::{keep_token, require_same, token_info};

/// Replaces the token.
///
/// Errors: 403 `mode_restricted`, 400 `invalid_auth_mode`, 409 `missing_credentials`, 409 `missing_source_account`, 400
/// `gitlab_auth_failed`, 400 `gitlab_scope_missing`, 409 `gitlab_account_mismatch`, 502 `gitlab_unavailable`.
pub async fn replace(
    app: &App,
    integration: &integrations::Model,
    token: &str,
    entry: Entry,
) -> Result<Checked> {
    require_remote(app).await?;
    require_gitlab(integration)?;
    if integration.auth_mode != IntegrationAuthMode::PersonalToken {
        return Err(Error::invalid("invalid_auth_mode", "the integration has no token of its own")
            .hint("Authorise its OAuth application again instead."));
    }
    let (id, db) = (integration.id, app.db.read());
    let holder = Holder::Integration(id);
    secrets::get(db, &app.sealer, holder, IntegrationSecretKind::AccessToken).await?;
    let known = db::integrations::list_installations(db, id).await?;
    if known.is_empty() {
        return Err(Error::conflict("missing_source_account", "it is not known whose token it had")
            .hint("Connect GitLab again."));
    }
    let api = Api::new(&app.forge, &integration.host_url, token);
    let info = token_info(&api).await.map_err(not_replaced)?;
    let missing = info.as_ref().map(TokenInfo::missing_scopes).unwrap_or_default();
    if !missing.is_empty() {
        return Err(scope_missing(&missing.join(" and ")));
    }
    let user = api.user().await.map_err(not_replaced)?;
    require_same(&known, &user)?;
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            keep_token(tx, app, id, token, info.as_ref()).await?;
            let entry = entry.id(id).details(json!({ "name": integration.display_name }));
            audit::record(tx, app, entry).await
        })
        .await?;
    let expires_at = info.as_ref().and_then(TokenInfo::ends_at);
    let status = GitLabCredentialStatus::of_working(expires_at, now);
    Ok(Checked { status, expires_at, checked_at: now })
}

fn not_replaced(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Unauthorized => Error::invalid("gitlab_auth_failed", "GitLab does not accept the token")
            .hint("Check that it is whole."),
        Trouble::Forbidden(_) => scope_missing("read_api and read_repository"),
        Trouble::Away(_)
        | Trouble::RateLimited(_)
        | Trouble::Missing
        | Trouble::Refused(..)
        | Trouble::TooLarge
        | Trouble::Unreadable(_) => {
            Error::new(Kind::Upstream, "gitlab_unavailable", format!("GitLab could not be asked: {trouble}"))
                .hint("It may be back in a while. Try again then.")
        }
    }
}

fn scope_missing(scopes: &str) -> Error {
    Error::invalid("gitlab_scope_missing", "the token may not do what is needed")
        .hint(format!("Make one with the scopes {scopes}."))
}
