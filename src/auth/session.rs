//! Sessions of people: made at sign-in, good for 24 hours from then, ended at once by sign-out.

use subtle::ConstantTimeEq;
use time::OffsetDateTime;
use tower_sessions::session::Record;
use tower_sessions::{SessionStore, session_store};

use super::session_store::{DbSessionStore, TOKEN_HASH, USER_ID, id_of};
use super::token::{self, TokenKind};
use crate::app::App;
use crate::db::{self, Tx};
use crate::domain::credential::Credential;
use crate::domain::id::UserId;
use crate::error::{Error, Result};
use crate::events::Change;

/// Seconds from sign-in to the end of a session, whatever happens in between.
pub const TTL_SECONDS: i64 = 24 * 60 * 60;

/// A session just made. The token is shown this once.
#[derive(Debug)]
pub struct NewSession {
    pub token: String,
    pub expires_at: i64,
}

/// Signs a person in, as part of `tx`.
pub async fn start(tx: &Tx, app: &App, user_id: UserId) -> Result<NewSession> {
    let token = token::mint(TokenKind::Session)?;
    let token_hash = token::hash(&token);
    let expires_at = app.clock.now() + TTL_SECONDS;
    let record = Record {
        id: id_of(&token_hash),
        data: [(TOKEN_HASH.to_owned(), token_hash.into()), (USER_ID.to_owned(), user_id.to_string().into())]
            .into_iter()
            .collect(),
        expiry_date: OffsetDateTime::from_unix_timestamp(expires_at)
            .map_err(|error| Error::internal("session_error", "the clock is out of range", error))?,
    };
    let row = store(app).row_of(&record).map_err(unusable)?;
    db::sessions::insert(tx, row).await?;
    Ok(NewSession { token, expires_at })
}

/// The live session of a token, if there is one.
pub async fn find(app: &App, token: &str) -> Result<Option<(UserId, Credential)>> {
    let token_hash = token::hash(token);
    let id = id_of(&token_hash);
    let Some(record) = store(app).load(&id).await.map_err(unusable)? else {
        return Ok(None);
    };
    let text = |key: &str| record.data.get(key).and_then(|value| value.as_str()).unwrap_or_default();
    if !bool::from(text(TOKEN_HASH).as_bytes().ct_eq(token_hash.as_bytes())) {
        return Ok(None);
    }
    let user_id = text(USER_ID)
        .parse()
        .map_err(|error| Error::internal("data_error", "a stored session names no user", Box::new(error)))?;
    let expires_at = record.expiry_date.unix_timestamp();
    Ok(Some((user_id, Credential::Session { id: id.to_string(), expires_at })))
}

/// Signs out, as part of `tx`: the session and every stream opened with it end now.
pub async fn end(tx: &Tx, id: &str) -> Result<()> {
    db::sessions::delete(tx, id).await?;
    tx.signal(Change::Access);
    Ok(())
}

fn store(app: &App) -> DbSessionStore {
    DbSessionStore::new(app.db.clone(), app.clock.clone())
}

fn unusable(error: session_store::Error) -> Error {
    Error::internal("session_error", "the session could not be read or written", error)
}
