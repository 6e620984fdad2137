//! The person behind a request: found by bearer token, checked at every request, so that a changed
//! role or a disabled account acts at once.

use super::peer::Origin;
use super::session::{self, Session};
use crate::app::App;
use crate::db::{self, entity::users};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::permission::{Action, Resource, instance_allows};
use crate::domain::role::{UserRole, UserStatus};
use crate::error::{Error, Result};

/// An authenticated person.
#[derive(Debug, Clone)]
pub struct Caller {
    pub user: users::Model,
    pub session: Session,
    /// Where the request came from, if it is one.
    pub origin: Option<Origin>,
}

impl Caller {
    /// Finds the caller of an `Authorization` header.
    ///
    /// Errors: 401 `missing_auth` without a bearer token, 401 `invalid_session` with a wrong one.
    pub async fn identify(app: &App, authorization: Option<&str>) -> Result<Self> {
        let token = bearer(authorization)?;
        let session = session::find(app, token).await?.ok_or_else(invalid_session)?;
        let user = db::users::find(app.db.read(), session.user_id).await?;
        let user = user.filter(|user| user.status == UserStatus::Active).ok_or_else(invalid_session)?;
        Ok(Self::new(user, session))
    }

    pub fn new(user: users::Model, session: Session) -> Self {
        Self { user, session, origin: None }
    }

    /// The same caller, with what is known of the connection.
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// An entry of the audit log about what the caller does.
    pub fn did(&self, action: AuditAction, resource: AuditResource) -> Entry {
        let actor = Actor::Person { id: self.user.id, email: self.user.email.clone() };
        let entry = Entry::new(action, actor, resource);
        match self.origin {
            Some(origin) => entry.from(origin),
            None => entry,
        }
    }

    /// Whether the same session still stands, with its person as they are now.
    pub async fn refreshed(&self, app: &App) -> Result<Option<Self>> {
        let row = db::sessions::find(app.db.read(), &self.session.id.to_string()).await?;
        if row.is_none_or(|row| row.expires_at <= app.clock.now()) {
            return Ok(None);
        }
        let user = db::users::find(app.db.read(), self.session.user_id).await?;
        let user = user.filter(|user| user.status == UserStatus::Active);
        Ok(user.map(|user| Self { user, ..self.clone() }))
    }

    pub fn role(&self) -> UserRole {
        self.user.role
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

    /// Refuses with 403 `insufficient_role` anybody but owner and admin.
    pub fn require_operator(&self) -> Result<()> {
        if self.role().is_operator() {
            return Ok(());
        }
        Err(Error::forbidden("insufficient_role", "only an owner or admin may do this")
            .hint("Ask an owner or admin of this instance."))
    }
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
    Error::unauthenticated("invalid_session", "the session is unknown, expired or ended")
        .hint("Sign in again.")
}
