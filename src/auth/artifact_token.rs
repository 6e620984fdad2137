//! Links to one artifact that people hand on: made, listed, revoked, used. Whoever has one may fetch that artifact until
//! it expires, is revoked or, if it is for a single use, has been used.

use serde_json::json;

use super::caller::Caller;
use super::token::{self, TokenKind};
use crate::app::App;
use crate::audit;
use crate::db;
use crate::db::entity::artifact_tokens::Model;
use crate::db::entity::artifacts;
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::id::{ArtifactId, ArtifactTokenId};
use crate::error::{Error, Result, codes};

const DEFAULT_TTL_SECONDS: i64 = 24 * 60 * 60;
const SHORTEST_TTL_SECONDS: i64 = 60;
const LONGEST_TTL_SECONDS: i64 = 7 * 24 * 60 * 60;

/// A new link; its secret is not stored.
#[derive(Debug)]
pub struct Created {
    pub row: Model,
    pub secret: String,
}

/// Makes a link.
///
/// Errors: 400 `validation_error`.
pub async fn create(
    app: &App,
    caller: &Caller,
    artifact: ArtifactId,
    ttl_seconds: Option<i64>,
    single_use: bool,
) -> Result<Created> {
    let ttl = ttl_seconds.unwrap_or(DEFAULT_TTL_SECONDS);
    if !(SHORTEST_TTL_SECONDS..=LONGEST_TTL_SECONDS).contains(&ttl) {
        let why = format!("ttl_secs must be {SHORTEST_TTL_SECONDS} to {LONGEST_TTL_SECONDS}");
        return Err(Error::invalid("validation_error", why));
    }
    let (secret, now) = (token::mint(TokenKind::Artifact)?, app.clock.now());
    let row = Model {
        id: ArtifactTokenId::new(),
        artifact_id: artifact,
        token_hash: token::hash(&secret),
        prefix: token::prefix(&secret),
        created_by: caller.user.id,
        single_use,
        created_at: now,
        expires_at: now + ttl,
        used_at: None,
        revoked_at: None,
    };
    let entry = caller.did(AuditAction::ScopedDownloadTokenCreated, AuditResource::ArtifactToken).id(row.id);
    let details = json!({
        "artifact_id": artifact.to_string(), "prefix": row.prefix, "single_use": single_use,
        "expires_at": row.expires_at,
    });
    let stored = row.clone();
    app.db
        .write(async |tx| {
            db::artifact_tokens::insert(tx, stored).await?;
            audit::record(tx, app, entry.details(details)).await
        })
        .await?;
    Ok(Created { row, secret })
}

/// Ends a link: false if it had been revoked before. Only owners and admins end those of others.
///
/// Errors: 403 `permission_denied`.
pub async fn revoke(app: &App, caller: &Caller, row: &Model) -> Result<bool> {
    if row.created_by != caller.user.id && !caller.role().is_operator() {
        return Err(Error::forbidden("permission_denied", "this link was made by somebody else")
            .hint("Ask them, or an owner or admin of this instance."));
    }
    let now = app.clock.now();
    let entry = caller.did(AuditAction::ScopedDownloadTokenRevoked, AuditResource::ArtifactToken).id(row.id);
    let details = json!({"artifact_id": row.artifact_id.to_string(), "prefix": row.prefix});
    app.db
        .write(async |tx| {
            let revoked = db::artifact_tokens::revoke(tx, row.id, now).await?;
            if revoked {
                audit::record(tx, app, entry.details(details)).await?;
            }
            Ok(revoked)
        })
        .await
}

/// The link and the artifact that a token opens at the moment. It is not used by that.
///
/// Errors: 401 `invalid_token`.
pub async fn find(app: &App, secret: &str) -> Result<(Model, artifacts::Model)> {
    let row = db::artifact_tokens::find_by_hash(app.db.read(), &token::hash(secret)).await?;
    let now = app.clock.now();
    let open = |row: &Model| row.revoked_at.is_none() && row.expires_at > now && !row.is_used();
    let row = row.filter(open).ok_or_else(invalid)?;
    let artifact = db::artifacts::find(app.db.read(), row.artifact_id).await?.ok_or_else(invalid)?;
    Ok((row, artifact))
}

/// Uses a link. Of two that use one for a single use at the same time one gets nothing.
///
/// Errors: 401 `invalid_token`.
pub async fn claim(app: &App, row: &Model) -> Result<()> {
    let now = app.clock.now();
    let claimed = app.db.write(async |tx| db::artifact_tokens::claim(tx, row.id, now).await).await?;
    if claimed { Ok(()) } else { Err(invalid()) }
}

/// The link opens nothing.
pub fn invalid() -> Error {
    Error::unauthenticated(codes::INVALID_TOKEN, "this link is unknown, used, expired or revoked")
        .hint("Ask whoever gave it to you for a new one.")
}

impl Model {
    /// Whether it was for a single use and has been used.
    pub fn is_used(&self) -> bool {
        self.single_use && self.used_at.is_some()
    }
}
