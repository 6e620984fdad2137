//! Sessions of people: made at sign-in, good for 24 hours from then, listed and ended by their owner.
//! A session that ends takes every open stream with it. Nobody reaches another person's sessions.

use serde_json::{Value, json};
use time::OffsetDateTime;
use tower_sessions::session::Record;
use tower_sessions::{SessionStore, session_store};

use super::caller::{Caller, Found};
use super::peer::Visitor;
use super::session_store::{DbSessionStore, SOURCE, TOKEN_HASH, USER_AGENT, USER_ID, id_of};
use super::token::{self, TokenKind};
use crate::app::App;
use crate::audit;
use crate::db::entity::sessions;
use crate::db::{self, Tx};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::credential::Credential;
use crate::domain::id::UserId;
use crate::error::{Error, Result, codes};

/// Seconds from sign-in to the end of a session, whatever happens in between.
pub const TTL_SECONDS: i64 = 24 * 60 * 60;
/// Seconds for which an expired session is still told from one that never was.
pub const REMEMBERED_SECONDS: i64 = 24 * 60 * 60;

/// Most live sessions of one person: a program that signs in again and again must not fill the disk.
const MOST: u64 = 200;

/// A session just made. The token is shown this once.
#[derive(Debug)]
pub struct NewSession {
    pub token: String,
    pub expires_at: i64,
}

/// Signs a person in, as part of `tx`. Who has too many sessions loses the oldest.
pub async fn start(tx: &Tx, app: &App, user_id: UserId, visitor: &Visitor) -> Result<NewSession> {
    let token = token::mint(TokenKind::Session)?;
    let token_hash = token::hash(&token);
    let expires_at = app.clock.now() + TTL_SECONDS;
    let record = Record {
        id: id_of(&token_hash),
        data: [
            (TOKEN_HASH, token_hash.into()),
            (USER_ID, user_id.to_string().into()),
            (SOURCE, visitor.origin.source().to_string().into()),
            (USER_AGENT, visitor.user_agent.clone().into()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into(),
        expiry_date: OffsetDateTime::from_unix_timestamp(expires_at)
            .map_err(|error| Error::internal("session_error", "the clock is out of range", error))?,
    };
    let row = store(app).row_of(&record).map_err(unusable)?;
    db::sessions::delete_oldest(tx, user_id, MOST - 1, app.clock.now()).await?;
    db::sessions::insert(tx, row).await?;
    Ok(NewSession { token, expires_at })
}

/// What the token of a session stands for.
pub async fn find(app: &App, token: &str) -> Result<Found> {
    let token_hash = token::hash(token);
    let id = id_of(&token_hash);
    let Some(record) = store(app).load(&id).await.map_err(unusable)? else {
        return expired_or_unknown(app, &id.to_string(), &token_hash).await;
    };
    let text = |key: &str| record.data.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    if !token::same(text(TOKEN_HASH), &token_hash) {
        return Ok(Found::Unknown);
    }
    let user_id = text(USER_ID).parse().map_err(|error| {
        Error::internal(codes::DATA_ERROR, "a stored session names no user", Box::new(error))
    })?;
    let expires_at = record.expiry_date.unix_timestamp();
    Ok(Found::Live(user_id, Credential::Session { id: id.to_string(), expires_at }))
}

async fn expired_or_unknown(app: &App, id: &str, token_hash: &str) -> Result<Found> {
    let row = db::sessions::find(app.db.read(), id).await?;
    let was = row.is_some_and(|row| token::same(&row.token_hash, token_hash));
    Ok(if was { Found::Expired } else { Found::Unknown })
}

/// Signs out, as part of `tx`: the session and every stream opened with it end now.
pub async fn end(tx: &Tx, id: &str) -> Result<()> {
    db::sessions::delete(tx, id).await?;
    Ok(())
}

/// A session as its owner sees it.
#[derive(Debug)]
pub struct Shown {
    pub id: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub source: Option<String>,
    pub user_agent: Option<String>,
}

impl From<sessions::Model> for Shown {
    fn from(row: sessions::Model) -> Self {
        let data: Value = serde_json::from_str(&row.data).unwrap_or_default();
        let text = |key: &str| data[key].as_str().map(str::to_owned);
        Self {
            id: row.id,
            created_at: row.created_at,
            expires_at: row.expires_at,
            source: text(SOURCE),
            user_agent: text(USER_AGENT),
        }
    }
}

/// The live sessions of the caller, newest first.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<Shown>> {
    let rows = db::sessions::list_live(app.db.read(), caller.user.id, app.clock.now()).await?;
    Ok(rows.into_iter().map(Shown::from).collect())
}

/// Ends a session of the caller, also the one that asks.
///
/// Errors: 401 `invalid_session` for what is no session; 404 `not_found`, also for sessions of others.
pub async fn revoke(app: &App, caller: &Caller, id: &str) -> Result<()> {
    caller.session_id()?;
    app.db
        .write(async |tx| {
            let row = db::sessions::find(tx, id).await?;
            let own =
                |row: &sessions::Model| row.user_id == caller.user.id && row.expires_at > app.clock.now();
            if !row.as_ref().is_some_and(own) {
                return Err(Error::not_found("session"));
            }
            end(tx, id).await?;
            audit::record(tx, app, caller.did(AuditAction::SessionRevoked, AuditResource::Session).id(id))
                .await
        })
        .await
}

/// Ends every session of the caller but the one that asks, and answers how many there were.
///
/// Errors: 401 `invalid_session` for what is no session.
pub async fn revoke_others(app: &App, caller: &Caller) -> Result<u64> {
    let own = caller.session_id()?;
    app.db
        .write(async |tx| {
            let ended = db::sessions::delete_others(tx, caller.user.id, own, app.clock.now()).await?;
            if ended > 0 {
                let entry = caller.did(AuditAction::OtherSessionsRevoked, AuditResource::Session);
                audit::record(tx, app, entry.details(json!({ "ended": ended }))).await?;
            }
            Ok(ended)
        })
        .await
}

fn store(app: &App) -> DbSessionStore {
    DbSessionStore::new(app.db.clone(), app.clock.clone())
}

fn unusable(error: session_store::Error) -> Error {
    Error::internal("session_error", "the session could not be read or written", error)
}
