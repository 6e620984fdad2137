//! API tokens: they act for the person who made them, within a role of their own, until they are
//! revoked or expire. A token that makes a token gives away no more than it has.

use serde_json::json;

use super::caller::{Caller, Found};
use super::token::{self, TokenKind};
use crate::app::App;
use crate::audit;
use crate::db::{self, entity::api_tokens};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::credential::Credential;
use crate::domain::id::ApiTokenId;
use crate::domain::role::UserRole;
use crate::error::{Error, Result};

/// How exact `last_used_at` is, in seconds: a busy program must not cost a write each request.
const USE_GRAIN: i64 = 60;

/// A token just made. `secret` is shown this once.
#[derive(Debug)]
pub struct NewApiToken {
    pub row: api_tokens::Model,
    pub secret: String,
}

/// What the token that was presented stands for.
pub async fn find(app: &App, token: &str) -> Result<Found> {
    let now = app.clock.now();
    let row = db::api_tokens::find_by_hash(app.db.read(), &token::hash(token)).await?;
    let row = match row {
        Some(row) if row.is_live(now) => row,
        Some(row) if row.revoked_at.is_none() => return Ok(Found::Expired),
        Some(_) | None => return Ok(Found::Unknown),
    };
    if row.last_used_at.is_none_or(|used| used + USE_GRAIN <= now) {
        note_use(app, row.id, now).await;
    }
    let credential =
        Credential::ApiToken { id: row.id, prefix: row.prefix, role: row.role, expires_at: row.expires_at };
    Ok(Found::Live(row.created_by, credential))
}

/// When a token was used is good to know; a full disk must not keep its program from reading.
async fn note_use(app: &App, id: ApiTokenId, now: i64) {
    if let Err(error) = app.db.write(async |tx| db::api_tokens::set_used(tx, id, now).await).await {
        tracing::warn!("the use of API token {id} was not noted: {error}");
    }
}

/// Makes a token that acts for the caller.
///
/// Errors: 403 `role_escalation` for a role above the caller's.
pub async fn create(
    app: &App,
    caller: &Caller,
    name: String,
    role: UserRole,
    expires_at: Option<i64>,
) -> Result<NewApiToken> {
    if role.rank() > caller.role().rank() {
        return Err(Error::forbidden("role_escalation", "a token cannot have a role above yours"));
    }
    let secret = token::mint(TokenKind::Api)?;
    let row = api_tokens::Model {
        id: ApiTokenId::new(),
        name,
        prefix: token::prefix(&secret),
        token_hash: token::hash(&secret),
        role,
        created_by: caller.user.id,
        created_at: app.clock.now(),
        expires_at: no_later(expires_at, &caller.credential),
        last_used_at: None,
        revoked_at: None,
    };
    app.db
        .write(async |tx| {
            let details =
                json!({"name": row.name, "role": role, "prefix": row.prefix, "expires_at": row.expires_at});
            let entry = caller.did(AuditAction::ApiTokenCreated, AuditResource::ApiToken);
            audit::record(tx, app, entry.id(row.id).details(details)).await?;
            db::api_tokens::insert(tx, row.clone()).await
        })
        .await?;
    Ok(NewApiToken { row, secret })
}

/// A token that makes another lends it no longer life than its own.
fn no_later(wanted: Option<i64>, by: &Credential) -> Option<i64> {
    match by {
        Credential::Session { .. } => wanted,
        Credential::ApiToken { expires_at: own, .. } => match (wanted, own) {
            (Some(wanted), Some(own)) => Some(wanted.min(*own)),
            (wanted, own) => wanted.or(*own),
        },
    }
}

/// Ends a token at once, with every stream opened with it. Doing it twice changes nothing.
///
/// Errors: 404 `not_found`, also for the token of somebody else unless the caller is owner or admin.
pub async fn revoke(app: &App, caller: &Caller, id: &str) -> Result<()> {
    let missing = || Error::not_found("API token");
    let id: ApiTokenId = id.parse().map_err(|_| missing())?;
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let row = db::api_tokens::find(tx, id).await?.ok_or_else(missing)?;
            if row.created_by != caller.user.id && !caller.role().is_operator() {
                return Err(missing());
            }
            if !db::api_tokens::revoke(tx, id, now).await? {
                return Ok(());
            }
            let maker = db::users::find(tx, row.created_by).await?.map(|user| user.email);
            let details = json!({"name": row.name, "prefix": row.prefix, "created_by": maker});
            let entry = caller.did(AuditAction::ApiTokenRevoked, AuditResource::ApiToken);
            audit::record(tx, app, entry.id(id).details(details)).await
        })
        .await
}
