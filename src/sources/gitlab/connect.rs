//! Connecting GitLab: with a token at once, or with an OAuth application, for which a person goes to GitLab and comes
//! back. Who comes back proves with a sealed state that it began here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::app::App;
use crate::audit;
use crate::db::entity::integrations;
use crate::db::integration_secrets::Holder;
use crate::db::integrations::Account;
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::id::{IntegrationId, UserId};
use crate::domain::incident::{GitLabCredentialStatus, IncidentReason};
use crate::domain::source::{IntegrationAuthMode, IntegrationSecretKind, IntegrationStatus, ScmProvider};
use crate::error::{Error, Kind, Result, codes};
use crate::forge::gitlab::account::{TokenInfo, User};
use crate::forge::gitlab::oauth::{self, Application, Grant, Scope};
use crate::forge::gitlab::{Api, failed_call};
use crate::forge::host::Trouble;
use crate::outgoing::Failure;
use crate::seal::random;
use crate::sources::incidents::{self, Found};
use crate::sources::state::{self, Purpose};
use crate::sources::{health, require_remote, secrets, still_allowed, told_back};

use super::access::{self, credential};
use super::sync;

/// How long the way to GitLab and back may take, in seconds.
pub const STATE_SECONDS: i64 = 600;
const CALLBACK: &str = "/v1/integrations/gitlab/callback";

/// How an instance is to prove itself to GitLab.
pub enum Credential {
    /// Of a person, a group or a project.
    Token(Zeroizing<String>),
    Application {
        client_id: String,
        client_secret: Zeroizing<String>,
    },
}

/// What goes to GitLab and back, sealed.
#[derive(Serialize, Deserialize)]
struct Agreement {
    integration: IntegrationId,
    /// The page that the person is to end at.
    redirect_url: String,
    redirect_uri: String,
    /// Of PKCE.
    verifier: String,
    person: UserId,
    /// What the browser is known by, if it can be told.
    browser: Option<String>,
}

/// Connects the GitLab at `host_url`. With an application it has to be authorised before it works.
///
/// Errors: 403 `mode_restricted`, 400 `gitlab_auth_failed`, 502 `gitlab_unreachable`, `gitlab_api_error`,
/// `gitlab_parse_error`.
pub async fn start(
    app: &App,
    host_url: &str,
    with: Credential,
    person: UserId,
    entry: Entry,
) -> Result<integrations::Model> {
    require_remote(app).await?;
    let wrong = |why: Failure| Error::invalid_field("host_url", why.to_string());
    app.forge.outgoing.may_ask(host_url).map_err(wrong)?;
    match with {
        Credential::Token(token) => start_with_token(app, host_url, &token, person, entry).await,
        Credential::Application { client_id, client_secret } => {
            let mut row = new_row(app, host_url, IntegrationAuthMode::OauthApp, person);
            row.app_id = Some(client_id);
            app.db
                .write(async |tx| {
                    db::integrations::insert(tx, row.clone()).await?;
                    let holder = Holder::Integration(row.id);
                    let kind = IntegrationSecretKind::ClientSecret;
                    secrets::keep(tx, app, holder, kind, &client_secret).await?;
                    record_created(tx, app, &row, entry).await
                })
                .await?;
            Ok(row)
        }
    }
}

async fn start_with_token(
    app: &App,
    host_url: &str,
    token: &str,
    person: UserId,
    entry: Entry,
) -> Result<integrations::Model> {
    let api = Api::new(&app.forge, host_url, token);
    let user = api.user().await.map_err(not_connected)?;
    let info = token_info(&api).await.map_err(not_connected)?;
    let missing = info.as_ref().map(TokenInfo::missing_scopes).unwrap_or_default();
    if !missing.is_empty() {
        return Err(Error::invalid("gitlab_auth_failed", "the token may not read the API and repositories")
            .hint(format!("Make one with the scopes {}.", missing.join(" and "))));
    }
    let mut row = new_row(app, host_url, IntegrationAuthMode::PersonalToken, person);
    row.status = IntegrationStatus::Active;
    row.display_name = Some(name(&user, host_url));
    app.db
        .write(async |tx| {
            db::integrations::insert(tx, row.clone()).await?;
            record_created(tx, app, &row, entry).await?;
            db::integrations::put_installations(tx, row.id, &[account(&user)], row.created_at).await?;
            keep_token(tx, app, row.id, token, info.as_ref()).await
        })
        .await?;
    read_projects(app, row).await
}

/// What GitLab says of a token; `None` where it says nothing.
pub async fn token_info(api: &Api) -> Result<Option<TokenInfo>, Trouble> {
    match api.token().await {
        Ok(info) => Ok(Some(info)),
        Err(Trouble::Missing | Trouble::Forbidden(_)) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// Keeps a token that works.
pub async fn keep_token(
    tx: &Tx,
    app: &App,
    id: IntegrationId,
    token: &str,
    info: Option<&TokenInfo>,
) -> Result<()> {
    let now = app.clock.now();
    let expires_at = info.and_then(TokenInfo::ends_at);
    let status = GitLabCredentialStatus::of_working(expires_at, now);
    secrets::keep(tx, app, Holder::Integration(id), IntegrationSecretKind::AccessToken, token).await?;
    let accounts = db::integrations::list_installations(tx, id).await?;
    db::reports::forgive(tx, accounts.into_iter().map(|row| row.id).collect()).await?;
    db::source_credentials::put(tx, credential(id, status, expires_at, now)).await?;
    health::mend(tx, app, id).await?;
    if status == GitLabCredentialStatus::Expiring {
        let found = Found { reason: IncidentReason::Expiring, expires_at };
        return incidents::open(tx, id, found, now).await;
    }
    incidents::resolve(tx, id, |_| true, now).await
}

/// The projects are read at once, so that there is something to build; if that fails, they can be read again.
async fn read_projects(app: &App, row: integrations::Model) -> Result<integrations::Model> {
    if let Err(error) = sync::sync(app, &row, None).await {
        tracing::warn!(integration = %row.id, "the projects of GitLab could not be read yet: {error}");
    }
    Ok(db::integrations::find(app.db.read(), row.id).await?.unwrap_or(row))
}

/// Who wants to agree, and where.
#[derive(Debug)]
pub struct Way {
    /// The page they are to end at, and its origin.
    pub redirect_url: String,
    pub origin: String,
    pub person: UserId,
    /// What their browser is known by, if it can be told.
    pub browser: Option<String>,
    /// What they are asked to allow.
    pub scope: Scope,
}

/// Where a person's browser goes to agree.
///
/// Errors: 403 `mode_restricted`, 400 `invalid_auth_mode`, 409 `invalid_source_state`, 500 `missing_credentials`, 500
/// `encryption_error`.
pub async fn authorize(app: &App, integration: &integrations::Model, way: Way) -> Result<String> {
    require_remote(app).await?;
    if integration.auth_mode != IntegrationAuthMode::OauthApp {
        return Err(Error::invalid("invalid_auth_mode", "the integration has no OAuth application")
            .hint("Replace its token instead."));
    }
    if integration.app_id.is_none() {
        return Err(Error::conflict("invalid_source_state", "the integration names no OAuth application")
            .hint("Disconnect it and connect GitLab again."));
    }
    let secret = client_secret(app, integration).await.map_err(lost)?;
    let application = application(integration, &secret);
    let mut bytes = [0; 32];
    random(&mut bytes)?;
    let verifier = URL_SAFE_NO_PAD.encode(bytes);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let Way { redirect_url, origin, person, browser, scope } = way;
    let redirect_uri = format!("{origin}{CALLBACK}");
    let agreement = Agreement {
        integration: integration.id,
        redirect_url,
        redirect_uri: redirect_uri.clone(),
        verifier,
        person,
        browser,
    };
    let until = app.clock.now() + STATE_SECONDS;
    let state = state::seal(&app.sealer, Purpose::GitlabAgreement, &agreement, until)?;
    let request = oauth::Request { redirect_uri: &redirect_uri, state: &state, scope, challenge: &challenge };
    oauth::authorize_url(&application, &request).map_err(failed_call)
}

/// What somebody comes back from GitLab with.
#[derive(Debug)]
pub struct Return<'a> {
    pub code: Option<&'a str>,
    pub state: &'a str,
    /// What GitLab says in place of a code.
    pub error: Option<&'a str>,
    /// What the browser says it is known by.
    pub browser: Option<&'a str>,
}

/// Somebody comes back; answers where they go now.
///
/// Errors: 403 `mode_restricted`, 400 `invalid_state`, 403 `permission_denied`, 400 `gitlab_auth_failed`, 409
/// `gitlab_account_mismatch`, 502 `gitlab_api_error`, `gitlab_parse_error`.
pub async fn come_back(app: &App, back: &Return<'_>, peer: impl std::fmt::Display) -> Result<String> {
    require_remote(app).await?;
    let now = app.clock.now();
    let opened = state::open::<Agreement>(&app.sealer, Purpose::GitlabAgreement, back.state, now);
    let opened = opened.ok_or_else(invalid_state)?;
    if let Some(known) = &opened.content.browser {
        // Before it is used up: somebody else's try costs the person nothing.
        state::require_browser(back.browser, known)?;
    }
    let agreement = app.used_states.once(opened, now).ok_or_else(invalid_state)?;
    let person = still_allowed(app, agreement.person).await?;
    if let Some(said) = back.error {
        let said: String = said.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(200).collect();
        return Err(Error::invalid("gitlab_auth_failed", format!("GitLab says {said}")));
    }
    let code = back.code.filter(|code| (1..=1024).contains(&code.len())).ok_or_else(invalid_state)?;
    let integration = db::integrations::get(app.db.read(), agreement.integration).await?;
    let actor = Actor::Person { id: person.id, email: person.email };
    let entry = Entry::new(AuditAction::IntegrationAuthorized, actor, AuditResource::Integration).from(peer);
    agree(app, &integration, code, &agreement, entry).await?;
    Ok(told_back(&agreement.redirect_url, ScmProvider::Gitlab, integration.id))
}

async fn agree(
    app: &App,
    integration: &integrations::Model,
    code: &str,
    agreement: &Agreement,
    entry: Entry,
) -> Result<()> {
    let secret = client_secret(app, integration).await?;
    let grant = Grant::Code { code, verifier: &agreement.verifier, redirect_uri: &agreement.redirect_uri };
    let granted = oauth::exchange(&app.forge, &application(integration, &secret), &grant).await;
    let granted = granted.map_err(not_connected)?;
    let api = Api::new(&app.forge, &integration.host_url, &granted.access_token);
    let user = api.user().await.map_err(not_connected)?;
    let (id, now) = (integration.id, app.clock.now());
    app.db
        .write(async |tx| {
            let known = db::integrations::list_installations(tx, id).await?;
            require_same(&known, &user)?;
            db::integrations::put_installations(tx, id, &[account(&user)], now).await?;
            access::keep(tx, app, id, &granted).await?;
            db::integrations::set_display_name(tx, id, &name(&user, &integration.host_url), now).await?;
            db::integrations::set_status(tx, id, IntegrationStatus::Active, None, now).await?;
            incidents::resolve(tx, id, |_| true, now).await?;
            let details = json!({"account": user.username, "host_url": integration.host_url});
            audit::record(tx, app, entry.id(id).details(details)).await
        })
        .await?;
    let row = db::integrations::find(app.db.read(), id).await?;
    match row {
        Some(row) => read_projects(app, row).await.map(|_| ()),
        None => Ok(()),
    }
}

/// Projects belong to what one account sees: another one needs an integration of its own.
///
/// Errors: 409 `gitlab_account_mismatch`.
pub fn require_same(known: &[db::entity::installations::Model], user: &User) -> Result<()> {
    match known.first() {
        Some(account) if account.external_id != user.id.to_string() => Err(Error::conflict(
            "gitlab_account_mismatch",
            format!(
                "this is the account {}, and the integration is of {}",
                user.username, account.account_name
            ),
        )
        .hint("Use a credential of the same account, or connect another integration.")),
        Some(_) | None => Ok(()),
    }
}

/// A secret that was kept with the integration and is not there is no fault of whoever asks.
fn lost(error: Error) -> Error {
    if error.code != codes::MISSING_CREDENTIALS {
        return error;
    }
    let doing = "the secret of the OAuth application is gone";
    Error::internal(codes::MISSING_CREDENTIALS, doing, error.message)
        .hint("Disconnect the integration and connect GitLab again.")
}

async fn client_secret(app: &App, integration: &integrations::Model) -> Result<Zeroizing<String>> {
    let holder = Holder::Integration(integration.id);
    secrets::get(app.db.read(), &app.sealer, holder, IntegrationSecretKind::ClientSecret).await
}

fn application<'a>(integration: &'a integrations::Model, client_secret: &'a str) -> Application<'a> {
    let client_id = integration.app_id.as_deref().unwrap_or_default();
    Application { host_url: &integration.host_url, client_id, client_secret }
}

/// The account as an integration knows it.
pub fn account(user: &User) -> Account {
    let kind = if user.bot { "Bot" } else { "User" };
    Account { external_id: user.id.to_string(), name: user.username.clone(), kind: Some(kind.to_owned()) }
}

fn name(user: &User, host_url: &str) -> String {
    format!("{} at {}", user.username, bare(host_url))
}

fn bare(host_url: &str) -> &str {
    host_url.split_once("://").map_or(host_url, |(_, rest)| rest)
}

fn new_row(app: &App, host_url: &str, auth_mode: IntegrationAuthMode, person: UserId) -> integrations::Model {
    let now = app.clock.now();
    integrations::Model {
        id: IntegrationId::new(),
        provider: ScmProvider::Gitlab,
        host_url: host_url.to_owned(),
        auth_mode,
        status: IntegrationStatus::Inactive,
        display_name: Some(bare(host_url).to_owned()),
        app_id: None,
        app_slug: None,
        created_by: person.to_string(),
        created_at: now,
        updated_at: now,
        status_reason: None,
        synced_at: None,
    }
}

async fn record_created(tx: &Tx, app: &App, row: &integrations::Model, entry: Entry) -> Result<()> {
    let details = json!({"name": row.display_name, "provider": row.provider, "host_url": row.host_url});
    audit::record(tx, app, entry.id(row.id).details(details)).await
}

fn not_connected(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Unauthorized | Trouble::Forbidden(_) | Trouble::Refused(..) => {
            Error::invalid("gitlab_auth_failed", format!("GitLab does not accept this: {trouble}"))
                .hint("Check what you entered; a token needs the scopes read_api and read_repository.")
        }
        Trouble::Away(_) => {
            Error::new(Kind::Upstream, "gitlab_unreachable", format!("GitLab does not answer: {trouble}"))
                .hint("Check the address, and that this machine reaches it.")
        }
        Trouble::RateLimited(_) | Trouble::Missing | Trouble::TooLarge | Trouble::Unreadable(_) => {
            failed_call(trouble)
        }
    }
}

fn invalid_state() -> Error {
    Error::invalid("invalid_state", "this way to GitLab and back has expired, was used or did not begin here")
        .hint("Connect GitLab again from the integrations page.")
}
