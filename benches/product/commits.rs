//! The floor of everything that must not be lost: one durable commit of SQLite, with the product's
//! guarantees and nothing else.

use std::path::Path;
use std::time::{Duration, Instant};

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{Connection, SqliteConnection};

/// A database of one table.
pub struct Commits(SqliteConnection);

impl Commits {
    pub async fn open(file: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sea_orm::sqlx::query("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
            .execute(&mut connection)
            .await?;
        Ok(Self(connection))
    }

    /// How long one took.
    pub async fn one(&mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        sea_orm::sqlx::query("INSERT INTO t (text) VALUES ('assigned')").execute(&mut self.0).await?;
        Ok(began.elapsed())
    }
}
