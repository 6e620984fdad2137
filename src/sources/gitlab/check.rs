//! Looking at credentials: on demand, and all of them once a day. What is found opens an incident or ends it. A GitLab
//! that can't be asked changes nothing.

use crate::app::App;
use crate::db;
use crate::db::entity::integrations;
use crate::db::integration_secrets::Holder;
use crate::domain::incident::{GitLabCredentialStatus, IncidentReason};
use crate::domain::source::{IntegrationAuthMode, IntegrationSecretKind, IntegrationStatus, ScmProvider};
use crate::error::{Error, Kind, Result, codes};
use crate::forge::gitlab::Api;
use crate::forge::host::Trouble;
use crate::sources::incidents::{self, Found};
use crate::sources::{health, is_remote, require_remote, secrets};

use super::access::{self, credential};

const DAY: i64 = 86_400;
/// When a GitLab that could not be asked is asked again, in seconds.
const AGAIN: i64 = 3600;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    pub status: GitLabCredentialStatus,
    /// When the credential ends; one that is renewed does not.
    pub expires_at: Option<i64>,
    pub checked_at: i64,
}

/// Looks at the credential of an integration.
///
/// Errors: 403 `mode_restricted`, 400 `invalid_auth_mode`, 409 `missing_credentials`.
pub async fn check(app: &App, integration: &integrations::Model) -> Result<Checked> {
    require_remote(app).await?;
    require_gitlab(integration)?;
    let mut asked = None;
    let (status, expires_at) = match access::token(app, integration).await {
        Ok(token) => {
            let api = Api::new(&app.forge, &integration.host_url, &token);
            asked = Some(token);
            examine(app, integration, &api).await
        }
        // The incident of it is open already.
        Err(error) if error.code == codes::GITLAB_RECONNECT_REQUIRED => {
            let (status, checked_at) = (GitLabCredentialStatus::Rejected, app.clock.now());
            return Ok(Checked { status, expires_at: None, checked_at });
        }
        Err(error) if error.kind == Kind::Upstream => (GitLabCredentialStatus::Unknown, None),
        Err(error) => return Err(error),
    };
    if let Some(checked) =
        note(app, integration, asked.as_ref().map(|token| token.as_str()), status, expires_at).await?
    {
        return Ok(checked);
    }
    // The token was replaced while GitLab was asked: what it says of the one before is of no use any more.
    let last = last(app, integration).await?;
    Ok(last.unwrap_or(Checked {
        status: GitLabCredentialStatus::Unknown,
        expires_at: None,
        checked_at: app.clock.now(),
    }))
}

/// How the credential was found when it was last looked at; nobody is asked.
pub async fn last(app: &App, integration: &integrations::Model) -> Result<Option<Checked>> {
    let known = db::source_credentials::find(app.db.read(), integration.id).await?;
    // The tokens of an application end and are renewed all the time.
    let ends = integration.auth_mode == IntegrationAuthMode::PersonalToken;
    Ok(known.map(|row| Checked {
        status: row.status,
        expires_at: row.expires_at.filter(|_| ends),
        checked_at: row.checked_at,
    }))
}

/// Only GitLab has such credentials.
///
/// Errors: 400 `invalid_auth_mode`.
pub fn require_gitlab(integration: &integrations::Model) -> Result<()> {
    match integration.provider {
        ScmProvider::Gitlab => Ok(()),
        ScmProvider::Github | ScmProvider::LocalGit => {
            Err(Error::invalid("invalid_auth_mode", "the integration is not one of GitLab"))
        }
    }
}

async fn examine(
    app: &App,
    integration: &integrations::Model,
    api: &Api,
) -> (GitLabCredentialStatus, Option<i64>) {
    use GitLabCredentialStatus::{Rejected, Unknown, Valid};
    if integration.auth_mode == IntegrationAuthMode::PersonalToken {
        match api.token().await {
            Ok(info) => {
                let (end, now) = (info.ends_at(), app.clock.now());
                let status = GitLabCredentialStatus::of_working(end, now);
                let is_refused = info.revoked || !info.active || !info.missing_scopes().is_empty();
                let is_over = status == GitLabCredentialStatus::Expired;
                return (if is_refused && !is_over { Rejected } else { status }, end);
            }
            Err(Trouble::Unauthorized) => return refused(app, integration).await,
            // It is an older GitLab, or the token may not look at itself.
            Err(Trouble::Missing | Trouble::Forbidden(_)) => {}
            Err(_) => return (Unknown, None),
        }
    }
    match api.user().await {
        Ok(_) => (Valid, None),
        Err(Trouble::Unauthorized) => refused(app, integration).await,
        Err(Trouble::Forbidden(_)) => (Rejected, None),
        Err(_) => (Unknown, None),
    }
}

/// GitLab answers the same for what has ended and for what was taken back.
async fn refused(app: &App, integration: &integrations::Model) -> (GitLabCredentialStatus, Option<i64>) {
    let known = db::source_credentials::find(app.db.read(), integration.id).await.ok().flatten();
    let end = known.and_then(|row| row.expires_at);
    let is_token = integration.auth_mode == IntegrationAuthMode::PersonalToken;
    match end.filter(|end| is_token && *end <= app.clock.now()) {
        Some(end) => (GitLabCredentialStatus::Expired, Some(end)),
        None => (GitLabCredentialStatus::Rejected, end.filter(|_| is_token)),
    }
}

/// Keeps what was found of the token that was `asked` about, and opens or ends the incident of it; `None` if there is
/// another one by now.
async fn note(
    app: &App,
    integration: &integrations::Model,
    asked: Option<&str>,
    status: GitLabCredentialStatus,
    expires_at: Option<i64>,
) -> Result<Option<Checked>> {
    let (id, now) = (integration.id, app.clock.now());
    let breaks = |reason| Found { reason, expires_at };
    let is_noted = app
        .db
        .write(async |tx| {
            use GitLabCredentialStatus::{Expired, Expiring, Rejected, Unknown, Valid};
            let kind = IntegrationSecretKind::AccessToken;
            let present = secrets::find(tx, &app.sealer, Holder::Integration(id), kind).await?;
            if asked.is_some_and(|asked| present.as_ref().is_some_and(|present| present.as_str() != asked)) {
                return Ok(false);
            }
            let before = db::source_credentials::find(tx, id).await?.and_then(|row| row.expires_at);
            let is_renewed = integration.auth_mode == IntegrationAuthMode::OauthApp;
            let kept = if is_renewed || status == Unknown { before } else { expires_at };
            db::source_credentials::put(tx, credential(id, status, kept, now)).await?;
            match status {
                Valid => {
                    health::mend(tx, app, id).await?;
                    incidents::resolve(tx, id, |reason| !reason.is_of_reports(), now).await
                }
                Expiring => {
                    health::mend(tx, app, id).await?;
                    incidents::open(tx, id, breaks(IncidentReason::Expiring), now).await
                }
                Expired => {
                    let why = "the access token of the integration has expired. Replace it.";
                    health::break_it(tx, app, id, breaks(IncidentReason::Expired), why).await
                }
                Rejected => {
                    let why = "GitLab does not accept the credential of the integration. Replace it.";
                    health::break_it(tx, app, id, breaks(IncidentReason::Rejected), why).await
                }
                Unknown => Ok(()),
            }?;
            Ok(true)
        })
        .await?;
    Ok(is_noted.then_some(Checked { status, expires_at, checked_at: now }))
}

/// Looks at every credential; one that fails is in no other's way.
pub async fn all(app: &App) -> Result<()> {
    look_at(app, |_| true).await
}

/// Looks at those that were not looked at for a day, and again at those that could not be.
pub async fn due(app: &App) -> Result<()> {
    let now = app.clock.now();
    look_at(app, |known| {
        let pause = if known.status == GitLabCredentialStatus::Unknown { AGAIN } else { DAY };
        known.checked_at <= now - pause
    })
    .await
}

async fn look_at(app: &App, is_due: impl Fn(&db::entity::source_credentials::Model) -> bool) -> Result<()> {
    if !is_remote(app).await? {
        return Ok(());
    }
    for integration in db::integrations::of_provider(app.db.read(), ScmProvider::Gitlab).await? {
        let known = db::source_credentials::find(app.db.read(), integration.id).await?;
        let skip =
            integration.status == IntegrationStatus::Inactive || known.is_some_and(|row| !is_due(&row));
        if skip {
            continue;
        }
        if let Err(error) = check(app, &integration).await {
            tracing::error!(integration = %integration.id, "its credential could not be checked: {error}");
        }
    }
    Ok(())
}
