//! Whether a database file is whole. It is looked at before anything is read from it or written to it; what is damaged is
//! never repaired silently.

use std::path::Path;

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};

use super::{BUSY_TIMEOUT, connect};
use crate::error::{Error, Result};

/// Reads every page and compares indexes with their tables.
///
/// # Errors
/// `database_corrupt`.
pub async fn check(path: &Path) -> Result<()> {
    let db = connect(path, 1).await?;
    let found = pragma(&db, "PRAGMA integrity_check(1)").await;
    db.close().await?;
    found
}

/// The same of a file that may be in use and must not be changed; quicker, because it leaves indexes alone.
///
/// # Errors
/// `database_corrupt`.
pub async fn look(path: &Path) -> Result<()> {
    let file = path.to_owned();
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=ro", path.display()));
    options.min_connections(1).max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(move |_| {
        SqliteConnectOptions::new().filename(&file).read_only(true).busy_timeout(BUSY_TIMEOUT)
    });
    let db = Database::connect(options).await?;
    let found = quick_check(&db).await;
    db.close().await?;
    found
}

/// Reads every page; quicker, because it leaves indexes alone.
///
/// # Errors
/// `database_corrupt`.
pub(super) async fn quick_check(db: &DatabaseConnection) -> Result<()> {
    pragma(db, "PRAGMA quick_check(1)").await
}

async fn pragma(db: &DatabaseConnection, sql: &str) -> Result<()> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    let verdict = row.map(|row| row.try_get_by_index::<String>(0)).transpose()?;
    match verdict.as_deref() {
        Some("ok") => Ok(()),
        Some(problem) => Err(corrupt(problem)),
        None => Err(corrupt("its check has no result")),
    }
}

/// What SQLite says when it meets damage, as our error.
pub(super) fn corruption(error: &DbErr) -> Option<Error> {
    let text = error.to_string();
    let is_damage = ["malformed", "file is not a database"].iter().any(|words| text.contains(words));
    is_damage.then(|| corrupt(&text))
}

fn corrupt(problem: &str) -> Error {
    let first = problem.lines().find(|line| !line.starts_with("***")).unwrap_or(problem);
    let message = format!("the database is damaged: {first}");
    Error::internal("database_corrupt", message, problem.to_owned())
        .hint("Nothing was changed. Stop the daemon and restore a backup with `oore backup restore`; the damaged file is kept.")
}
