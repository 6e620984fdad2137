//! Connecting GitHub by its manifest flow: a person starts, GitHub makes an app of what our page posts to it and sends
//! the person back with a code, the code is exchanged for the app and its secrets, and the app is installed. Who comes
//! back proves with a sealed state, later with a cookie, that it all began here.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::App;
use crate::audit;
use crate::db;
use crate::db::entity::integrations;
use crate::db::integration_secrets::Holder;
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::id::{IntegrationId, UserId};
use crate::domain::source::{IntegrationAuthMode, IntegrationSecretKind, IntegrationStatus, ScmProvider};
use crate::error::{Error, Kind, Result};
use crate::forge::github::Api;
use crate::forge::github::app::NewApp;
use crate::forge::host::{Trouble, encoded};
use crate::seal::random;
use crate::sources::state::{self, Purpose};
use crate::sources::{require_remote, secrets, still_allowed, told_back};

/// How long the way to GitHub and back may take, in seconds.
pub const STATE_SECONDS: i64 = 600;
/// How long installing the app may take, in seconds.
pub const INSTALL_SECONDS: i64 = 1800;

/// What somebody wants to connect, checked by whoever asks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Wanted {
    /// Scheme and host of GitHub.
    pub host_url: String,
    /// The organization that is to own the app; else it is the person at GitHub.
    pub organization: Option<String>,
    /// Where GitHub is to send its events.
    pub webhook_url: String,
    /// The page that the person is to end at.
    pub redirect_url: String,
    pub person: UserId,
    /// What the browser is known by.
    pub browser: String,
    /// Whether it has been told so already: then no other one goes this way.
    pub is_bound: bool,
}

/// A form that a browser posts to GitHub.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    pub action: String,
    pub manifest: String,
    /// What the browser is known by from now on.
    pub browser: String,
}

/// An app that was made and is ours now.
#[derive(Debug)]
pub struct Connected {
    pub integration: integrations::Model,
    /// Where the person goes now: to install the app or, failing that, back to where they began.
    pub next: String,
    /// The cookie that says on the way back from there which app it is.
    pub cookie: String,
}

/// What the cookie holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct Installing {
    pub integration: IntegrationId,
    pub redirect_url: String,
}

/// Seals what is wanted for the way to GitHub and back.
///
/// Errors: 403 `mode_restricted`, 500 `encryption_error`.
pub async fn begin(app: &App, wanted: &Wanted) -> Result<String> {
    require_remote(app).await?;
    state::seal(&app.sealer, Purpose::GithubApp, wanted, app.clock.now() + STATE_SECONDS)
}

/// What the person's browser posts to GitHub. `held` is what it says it is known by, `base` where this instance is reached.
///
/// Errors: 403 `mode_restricted`, 400 `invalid_state`.
pub async fn form(app: &App, sealed: &str, held: Option<&str>, base: &str) -> Result<Form> {
    require_remote(app).await?;
    let opened = state::open::<Wanted>(&app.sealer, Purpose::GithubApp, sealed, app.clock.now());
    let wanted = opened.ok_or_else(invalid_state)?.content;
    if wanted.is_bound {
        state::require_browser(held, &wanted.browser)?;
    }
    let place = match &wanted.organization {
        Some(organization) => format!("organizations/{}/settings/apps/new", encoded(organization)),
        None => "settings/apps/new".to_owned(),
    };
    let action = format!("{}/{place}?state={sealed}", wanted.host_url);
    let manifest = manifest(&wanted, base)?.to_string();
    Ok(Form { action, manifest, browser: wanted.browser })
}

/// What the app is to be. Its name is unique at GitHub; the person can change it there.
fn manifest(wanted: &Wanted, base: &str) -> Result<Value> {
    let mut suffix = [0; 3];
    random(&mut suffix)?;
    Ok(json!({
        "name": format!("Oore CI {}", hex::encode(suffix)),
        "url": base,
        "public": false,
        "hook_attributes": { "url": wanted.webhook_url, "active": true },
        "redirect_url": format!("{base}/v1/integrations/github/callback"),
        "setup_url": format!("{base}/v1/integrations/github/installed"),
        "setup_on_update": true,
        "default_permissions": {
            "metadata": "read",
            "contents": "read",
            "checks": "write",
            "statuses": "write",
            "pull_requests": "write",
        },
        "default_events": ["push", "pull_request", "check_run"],
    }))
}

/// Somebody comes back from GitHub with the code of their new app, in the browser in which it began: `held` says so.
///
/// Errors: 403 `mode_restricted`, 400 `invalid_state`, 400 `invalid_input`, 403 `permission_denied`, 502
/// `github_conversion_failed`.
pub async fn come_back(
    app: &App,
    code: &str,
    sealed: &str,
    held: Option<&str>,
    peer: impl std::fmt::Display,
) -> Result<Connected> {
    require_remote(app).await?;
    check_code(code)?;
    let now = app.clock.now();
    let opened = state::open::<Wanted>(&app.sealer, Purpose::GithubApp, sealed, now);
    let opened = opened.ok_or_else(invalid_state)?;
    // Before it is used up: somebody else's try costs the person nothing.
    state::require_browser(held, &opened.content.browser)?;
    let wanted = app.used_states.once(opened, now).ok_or_else(invalid_state)?;
    let person = still_allowed(app, wanted.person).await?;
    let actor = Actor::Person { id: person.id, email: person.email };
    let entry = Entry::new(AuditAction::IntegrationCreated, actor, AuditResource::Integration).from(peer);
    let new = exchange(app, &wanted.host_url, code).await?;
    let install_page = format!("{}/installations/new", new.html_url.trim_end_matches('/'));
    let integration = keep(app, &wanted.host_url, new, wanted.person, entry).await?;
    let is_there = install_page.starts_with(&format!("{}/", wanted.host_url));
    let next = if is_there && !install_page.contains(char::is_control) {
        install_page
    } else {
        told_back(&wanted.redirect_url, ScmProvider::Github, integration.id)
    };
    let installing = Installing { integration: integration.id, redirect_url: wanted.redirect_url };
    let cookie = state::seal(&app.sealer, Purpose::GithubInstall, &installing, now + INSTALL_SECONDS)?;
    Ok(Connected { integration, next, cookie })
}

/// Makes an integration of the code of a new app; for programs, which sent the person to GitHub themselves.
///
/// Errors: 403 `mode_restricted`, 400 `invalid_input`, 502 `github_conversion_failed`.
pub async fn complete(
    app: &App,
    host_url: &str,
    code: &str,
    person: UserId,
    entry: Entry,
) -> Result<integrations::Model> {
    require_remote(app).await?;
    check_code(code)?;
    let new = exchange(app, host_url, code).await?;
    keep(app, host_url, new, person, entry).await
}

/// What the cookie says, if it is ours and not too old.
pub fn installing(app: &App, cookie: &str) -> Option<Installing> {
    let opened = state::open::<Installing>(&app.sealer, Purpose::GithubInstall, cookie, app.clock.now());
    opened.map(|opened| opened.content)
}

async fn exchange(app: &App, host_url: &str, code: &str) -> Result<NewApp> {
    let converted = Api::anonymous(&app.forge, host_url).convert(code).await;
    converted.map_err(|trouble| {
        let why = match trouble {
            Trouble::Missing => {
                "it does not know the code; it may have been used or be older than an hour".to_owned()
            }
            Trouble::Away(_)
            | Trouble::Unauthorized
            | Trouble::Forbidden(_)
            | Trouble::RateLimited(_)
            | Trouble::Refused(..)
            | Trouble::TooLarge
            | Trouble::Unreadable(_) => trouble.to_string(),
        };
        let message = format!("GitHub did not hand over the new app: {why}");
        Error::new(Kind::Upstream, "github_conversion_failed", message)
            .hint("Connect GitHub again. An app that was left behind can be deleted in GitHub's settings.")
    })
}

async fn keep(
    app: &App,
    host_url: &str,
    new: NewApp,
    person: UserId,
    entry: Entry,
) -> Result<integrations::Model> {
    let now = app.clock.now();
    let row = integrations::Model {
        id: IntegrationId::new(),
        provider: ScmProvider::Github,
        host_url: host_url.to_owned(),
        auth_mode: IntegrationAuthMode::GithubApp,
        status: IntegrationStatus::Active,
        display_name: Some(new.name),
        app_id: Some(new.id.to_string()),
        app_slug: Some(new.slug),
        created_by: person.to_string(),
        created_at: now,
        updated_at: now,
        status_reason: None,
        synced_at: None,
    };
    let holder = Holder::Integration(row.id);
    let details = json!({"name": row.display_name, "provider": row.provider, "host_url": row.host_url});
    app.db
        .write(async |tx| {
            use IntegrationSecretKind::{ClientSecret, PrivateKey, WebhookSecret};
            db::integrations::insert(tx, row.clone()).await?;
            secrets::keep(tx, app, holder, PrivateKey, &new.pem).await?;
            secrets::keep(tx, app, holder, ClientSecret, &new.client_secret).await?;
            // With an empty one anybody could sign.
            if let Some(secret) = new.webhook_secret.as_ref().filter(|secret| !secret.is_empty()) {
                secrets::keep(tx, app, holder, WebhookSecret, secret).await?;
            }
            audit::record(tx, app, entry.id(row.id).details(details)).await
        })
        .await?;
    Ok(row)
}

fn check_code(code: &str) -> Result<()> {
    let is_code = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
    if (1..=256).contains(&code.len()) && code.bytes().all(is_code) {
        return Ok(());
    }
    Err(Error::invalid("invalid_input", "this can't be a code of GitHub"))
}

fn invalid_state() -> Error {
    Error::invalid("invalid_state", "this way to GitHub and back has expired, was used or did not begin here")
        .hint("Connect GitHub again from the integrations page.")
}
