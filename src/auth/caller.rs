//! The person behind a request: found by session or API token, checked at every request, so that a
//! changed role or a disabled account acts at once. A busy caller is remembered for a moment
//! (`callers`), never past a change; streams that go on (`refreshed`) always read the database.

use serde_json::json;

use super::limits;
use super::peer::Origin;
use super::token::{self, TokenKind};
use super::{api_token, session};
use crate::app::App;
use crate::db::{self, entity::users};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::credential::Credential;
use crate::domain::id::UserId;
use crate::domain::permission::{Action, Resource, instance_allows};
use crate::domain::role::{UserRole, UserStatus};
use crate::error::{Error, Result, codes};

/// What a presented token stands for.
#[derive(Debug)]
pub enum Found {
    Live(UserId, Credential),
    Expired,
    Unknown,
}

/// An authenticated person.
#[derive(Debug, Clone)]
pub struct Caller {
    pub user: users::Model,
    pub credential: Credential,
    /// Where the request came from, if it is one.
    pub origin: Option<Origin>,
}

impl Caller {
    /// Finds the caller of an `Authorization` header.
    ///
    /// Errors: 401 `missing_auth` without a bearer token, 401 `invalid_session` with a wrong one; its
    /// details tell whether it has expired. 429 `too_many_attempts` with one wrong token too many.
    pub async fn identify(app: &App, origin: Origin, authorization: Option<&str>) -> Result<Self> {
        let found = Self::find(app, bearer(authorization)?).await;
        found.map(|caller| caller.at(origin)).map_err(|error| limits::wrong_token(app, origin, error))
    }

    async fn find(app: &App, token: &str) -> Result<Self> {
        let (digest, version) = (token::digest(token), app.events.access());
        if let Some(caller) = app.callers.find(version, &digest, &app.clock) {
            return Ok(caller);
        }
        let since = app.clock.moment();
        let caller = Self::look_up(app, token).await?;
        app.callers.keep(version, since, digest, caller.clone());
        Ok(caller)
    }

    async fn look_up(app: &App, token: &str) -> Result<Self> {
        let found = match token::claims(token, TokenKind::Api) {
            true => api_token::find(app, token).await?,
            false => session::find(app, token).await?,
        };
        let (user_id, credential) = match found {
            Found::Live(user_id, credential) => (user_id, credential),
            Found::Expired => return Err(expired_session()),
            Found::Unknown => return Err(invalid_session()),
        };
        let user = active(app, user_id).await?.ok_or_else(invalid_session)?;
        Ok(Self::new(user, credential))
    }

    pub fn new(user: users::Model, credential: Credential) -> Self {
        Self { user, credential, origin: None }
    }

    /// The same caller, with what is known of the connection.
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// An entry of the audit log about what the caller does.
    pub fn did(&self, action: AuditAction, resource: AuditResource) -> Entry {
        let actor = Actor::Person { id: self.user.id, email: self.user.email.clone() };
        let mut entry = Entry::new(action, actor, resource);
        if let Some(origin) = self.origin {
            entry = entry.from(origin);
        }
        match &self.credential {
            Credential::Session { .. } => entry,
            Credential::ApiToken { prefix, .. } => entry.with_token(prefix),
        }
    }

    /// Whether the same credential still stands, with its person as they are now.
    pub async fn refreshed(&self, app: &App) -> Result<Option<Self>> {
        let now = app.clock.now();
        let stands = match &self.credential {
            Credential::Session { id, .. } => {
                let row = db::sessions::find(app.db.read(), id).await?;
                row.is_some_and(|row| row.expires_at > now)
            }
            Credential::ApiToken { id, .. } => {
                let row = db::api_tokens::find(app.db.read(), *id).await?;
                row.is_some_and(|row| row.is_live(now))
            }
        };
        if !stands {
            return Ok(None);
        }
        let user = active(app, self.user.id).await?;
        Ok(user.map(|user| Self { user, ..self.clone() }))
    }

    /// The role that acts, which is less than the person's if a token lends less.
    pub fn role(&self) -> UserRole {
        self.credential.role_of(self.user.role)
    }

    /// The id of the session; 401 `invalid_session` for what only signed-in people may do.
    pub fn session_id(&self) -> Result<&str> {
        match &self.credential {
            Credential::Session { id, .. } => Ok(id),
            Credential::ApiToken { .. } => Err(invalid_session()),
        }
    }

    /// How the caller is named in histories.
    pub fn name(&self) -> &str {
        &self.user.email
    }

    /// Refuses with 403 `permission_denied` unless the caller's role holds the permission.
    pub fn require(&self, resource: Resource, action: Action) -> Result<()> {
        if instance_allows(self.role(), resource, action) {
            return Ok(());
        }
        Err(Error::forbidden("permission_denied", format!("your role does not include {resource}.{action}"))
            .hint("Ask an owner or admin of this instance."))
    }

    /// Refuses with 403 `insufficient_role` anybody but the owner.
    pub fn require_owner(&self) -> Result<()> {
        if self.role() == UserRole::Owner {
            return Ok(());
        }
        Err(Error::forbidden("insufficient_role", "only the owner may do this")
            .hint("Ask the owner of this instance."))
    }

    /// Refuses with 403 `insufficient_role` anybody but owner and admin.
    pub fn require_operator(&self) -> Result<()> {
        if self.role().is_operator() {
            return Ok(());
        }
        Err(Error::forbidden("insufficient_role", "only an owner or admin may do this")
            .hint("Ask an owner or admin of this instance."))
    }
}

async fn active(app: &App, id: UserId) -> Result<Option<users::Model>> {
    let user = db::users::find(app.db.read(), id).await?;
    Ok(user.filter(|user| user.status == UserStatus::Active))
}

/// The token of an `Authorization: Bearer` header.
pub fn bearer(authorization: Option<&str>) -> Result<&str> {
    let token = authorization.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    token.filter(|token| !token.is_empty()).ok_or_else(|| {
        Error::unauthenticated("missing_auth", "this needs an Authorization: Bearer header")
            .hint("Sign in first.")
    })
}

fn invalid_session() -> Error {
    Error::unauthenticated(codes::INVALID_SESSION, "the session is unknown or was ended")
        .hint("Sign in again.")
        .details(json!({"reason": "unknown"}))
}

fn expired_session() -> Error {
    Error::unauthenticated(codes::INVALID_SESSION, "the session or token has expired")
        .hint("Sign in again.")
        .details(json!({"reason": "expired"}))
}
