//! The tower-sessions store on our own table. A session's id is the first half of the SHA-256 of
//! its token; the whole hash is kept beside it and compared, so the id alone opens nothing.

use std::collections::HashMap;

use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error as StoreError, Result as StoreResult};

use crate::clock::Clock;
use crate::db::entity::sessions::Model;
use crate::db::{self, Db};
use crate::domain::id::UserId;

/// Key of a record's data: the hash of the whole token.
pub const TOKEN_HASH: &str = "token_hash";
/// Key of a record's data: whose session it is.
pub const USER_ID: &str = "user_id";

/// Key of a record's data: the address it was made from.
pub const SOURCE: &str = "source";
/// Key of a record's data: the program it was made with.
pub const USER_AGENT: &str = "user_agent";

/// Keeps sessions in SQLite.
#[derive(Debug, Clone)]
pub struct DbSessionStore {
    db: Db,
    clock: Clock,
}

impl DbSessionStore {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// The stored form of a record.
    pub fn row_of(&self, record: &Record) -> StoreResult<Model> {
        let text = |key: &str| record.data.get(key).and_then(Value::as_str).map(str::to_owned);
        let missing = || StoreError::Encode("a session needs token hash and user".to_owned());
        let user_id: UserId = text(USER_ID).and_then(|id| id.parse().ok()).ok_or_else(missing)?;
        let data = serde_json::to_string(&record.data).map_err(|e| StoreError::Encode(e.to_string()))?;
        Ok(Model {
            id: record.id.to_string(),
            token_hash: text(TOKEN_HASH).ok_or_else(missing)?,
            user_id,
            data,
            created_at: self.clock.now(),
            expires_at: record.expiry_date.unix_timestamp(),
        })
    }
}

/// The session id of a token hash (lower-case hex of SHA-256).
pub fn id_of(token_hash: &str) -> Id {
    let half = token_hash.get(..32).unwrap_or_default();
    let bits = u128::from_str_radix(half, 16).unwrap_or_default();
    Id(i128::from_be_bytes(bits.to_be_bytes()))
}

#[async_trait::async_trait]
impl SessionStore for DbSessionStore {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        let row = self.row_of(record)?;
        self.db.write(async |tx| db::sessions::insert(tx, row).await).await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> StoreResult<()> {
        let row = self.row_of(record)?;
        let id = row.id;
        self.db.write(async |tx| db::sessions::update_data(tx, &id, row.data).await).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let row = db::sessions::find(self.db.read(), &id.to_string()).await.map_err(backend)?;
        let Some(row) = row.filter(|row| row.expires_at > self.clock.now()) else {
            return Ok(None);
        };
        let data: HashMap<String, Value> =
            serde_json::from_str(&row.data).map_err(|e| StoreError::Decode(e.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(row.expires_at)
            .map_err(|e| StoreError::Decode(e.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        let id = id.to_string();
        self.db.write(async |tx| db::sessions::delete(tx, &id).await).await.map_err(backend)?;
        Ok(())
    }
}

fn backend(error: crate::error::Error) -> StoreError {
    StoreError::Backend(error.to_string())
}
