//! All state, in one SQLite file. Opens it (WAL, synchronous=FULL, foreign keys), migrates it, and
//! gives two doors: `read()`, a pool of readers, and `write()`, the only way to change anything:
//! one writer, BEGIN IMMEDIATE, signals raised after the commit. Queries live in one file a table.

pub mod entity;
mod values;

pub mod api_tokens;
pub mod artifact_leftovers;
pub mod artifact_storage_settings;
pub mod artifact_stores;
pub mod artifact_tokens;
pub mod artifacts;
pub mod audit_logs;
pub mod builds;
pub mod deliveries;
pub mod delivery_looks;
pub mod encryption_key;
pub mod heads;
pub mod host_capabilities;
pub mod ids;
pub mod incidents;
pub mod instance;
pub mod integration_secrets;
pub mod integrations;
pub mod integrity;
pub mod listing;
pub mod members;
pub mod network_settings;
pub mod notification_channels;
pub mod notification_deliveries;
pub mod notification_settings;
pub mod oidc_settings;
pub mod pipelines;
pub mod projects;
pub mod reports;
pub mod repositories;
pub mod retention;
pub mod runners;
pub mod schedules;
pub mod sealed;
pub mod sessions;
pub mod setup;
pub mod snapshot;
pub mod source_credentials;
pub mod tallies;
pub mod test_reports;
pub mod trusted_proxy_settings;
pub mod users;
pub mod variables;

use std::collections::BTreeMap;
use std::ops::AsyncFnOnce;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

pub use values::Doc;

use crate::error::{Error, Result, codes};
use crate::events::{Change, Events};

const APPLIED: &str = "SELECT version FROM seaql_migrations ORDER BY version";
const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The database of one instance; cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    readers: DatabaseConnection,
    writer: Arc<tokio::sync::Mutex<DatabaseConnection>>,
    events: Arc<Events>,
    writes: Arc<AtomicU64>,
}

impl Db {
    /// Opens the file, makes it if it isn't there, and brings its schema up to date.
    pub async fn open(path: &Path, events: Arc<Events>) -> Result<Self> {
        let writer = connect(path, 1).await?;
        integrity::quick_check(&writer).await?;
        refuse_newer_schema(&writer).await?;
        migrate(&writer).await?;
        let readers = connect(path, READERS).await?;
        Ok(Self {
            readers,
            writer: Arc::new(tokio::sync::Mutex::new(writer)),
            events,
            writes: Arc::default(),
        })
    }

    /// Whether there is a database that opening it would migrate.
    pub async fn is_behind(path: &Path) -> Result<bool> {
        if !path.exists() {
            return Ok(false);
        }
        let db = connect(path, 1).await?;
        let pending = Migrator::get_pending_migrations(&db).await;
        db.close().await?;
        Ok(!pending?.is_empty())
    }

    /// A connection for reading. What is written through it is a bug.
    pub fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Runs `work` in one transaction. Commits when it answers Ok, then raises its signals;
    /// otherwise nothing has happened. No network, disk or process work belongs inside.
    pub async fn write<T>(&self, work: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
        let writer = self.writer.clone().lock_owned().await;
        self.writes.fetch_add(1, Ordering::Relaxed);
        let inner = writer.begin_with_options(immediate()).await?;
        let tx = Tx { inner, signals: Mutex::default(), afterwards: Mutex::default() };
        match work(&tx).await {
            Ok(value) => {
                self.commit(tx, writer).await?;
                Ok(value)
            }
            Err(error) => {
                tx.inner.rollback().await?;
                Err(error)
            }
        }
    }

    /// How many transactions for writing there have been.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// Commits and raises the signals, also when nobody waits for it any more: a client that goes
    /// away in between must not cost others the news of what it did.
    async fn commit(&self, tx: Tx, writer: OwnedMutexGuard<DatabaseConnection>) -> Result<()> {
        let events = self.events.clone();
        let committing = tokio::spawn(async move {
            let Tx { inner, signals, afterwards } = tx;
            inner.commit().await?;
            for act in afterwards.into_inner() {
                act();
            }
            drop(writer);
            events.publish(signals.into_inner());
            Ok(())
        });
        committing
            .await
            .unwrap_or_else(|error| Err(Error::internal("store_error", "the commit was cut off", error)))
    }

    /// Whether a query is answered.
    pub async fn answers(&self) -> bool {
        self.readers.execute_unprepared("SELECT 1").await.is_ok()
    }

    /// Whether every migration is applied.
    pub async fn is_migrated(&self) -> bool {
        let pending = Migrator::get_pending_migrations(&self.readers).await;
        pending.is_ok_and(|list| list.is_empty())
    }

    /// Folds the write-ahead log into the file and closes.
    pub async fn close(self) -> Result<()> {
        let writer = self.writer.lock().await.clone();
        writer.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        writer.close().await?;
        self.readers.close().await?;
        Ok(())
    }
}

async fn connect(path: &Path, connections: u32) -> Result<DatabaseConnection> {
    let file = path.to_owned();
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options
        .min_connections(1)
        .max_connections(connections)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |_| {
            SqliteConnectOptions::new()
                .filename(&file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
        })
        // A COMMIT that failed (disk full) leaves the connection inside its transaction; later
        // writes on it would vanish. Such a connection is thrown away instead of used again.
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| {
                Box::pin(async move {
                    use sea_orm::sqlx::Connection;
                    Ok(!connection.is_in_transaction())
                })
            })
        });
    Ok(Database::connect(options).await?)
}

/// The names of the migrations that were applied, in order.
pub async fn migrations(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, APPLIED)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, DbErr>>()?)
}

/// How many rows each table has.
pub async fn table_sizes(db: &impl ConnectionTrait) -> Result<BTreeMap<String, i64>> {
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut sizes = BTreeMap::new();
    for row in db.query_all_raw(Statement::from_string(DbBackend::Sqlite, tables)).await? {
        let name: String = row.try_get("", "name")?;
        let count = format!("SELECT COUNT(*) AS total FROM \"{name}\"");
        let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, count)).await?;
        sizes.insert(name, row.map_or(Ok(0), |row| row.try_get("", "total"))?);
    }
    Ok(sizes)
}

/// All that is pending in one transaction: a migration that fails leaves the schema as it was, and a new database costs
/// one commit and not one for each statement.
async fn migrate(db: &DatabaseConnection) -> Result<()> {
    if Migrator::get_pending_migrations(db).await?.is_empty() {
        return Ok(());
    }
    let tx = db.begin_with_options(immediate()).await?;
    Migrator::up(&tx, None).await?;
    tx.commit().await?;
    Ok(())
}

fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

/// An older daemon must not touch what a newer one has written.
async fn refuse_newer_schema(db: &DatabaseConnection) -> Result<()> {
    let table = "SELECT name FROM sqlite_master WHERE name = 'seaql_migrations'";
    let exists = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, table)).await?;
    if exists.is_none() {
        return Ok(());
    }
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    for version in migrations(db).await? {
        if !known.contains(&version) {
            return Err(Error::invalid(
                "newer_schema",
                format!("the database was written by a newer version ({version} is unknown here)"),
            )
            .hint("Start the newer version, or restore a backup made before the upgrade."));
        }
    }
    Ok(())
}

/// What is done after a commit.
type Act = Box<dyn FnOnce() + Send>;

/// A transaction under way. Reading and writing functions take it; signals wait for the commit.
pub struct Tx {
    inner: DatabaseTransaction,
    signals: Mutex<Vec<Change>>,
    afterwards: Mutex<Vec<Act>>,
}

impl Tx {
    /// Raises `change` once the transaction is committed.
    pub fn signal(&self, change: Change) {
        self.signals.lock().push(change);
    }

    /// Does `act` once the transaction is committed, before the next one begins: for what is held in
    /// memory besides the database, so that it follows the order of the commits. It must not block.
    pub fn after_commit(&self, act: impl FnOnce() + Send + 'static) {
        self.afterwards.lock().push(Box::new(act));
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(statement).await
    }
}

/// A column of an update: set if there is a value, else left as it is.
fn set<T: Into<sea_orm::Value>>(value: Option<T>) -> sea_orm::ActiveValue<T> {
    value.map_or(sea_orm::NotSet, sea_orm::Set)
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let text = error.to_string();
        // SQLITE_FULL (13) and SQLITE_IOERR on a full disk read so in every SQLite version.
        if text.contains("database or disk is full") {
            return Self::disk_full();
        }
        if let Some(corrupt) = integrity::corruption(&error) {
            return corrupt;
        }
        if matches!(error, DbErr::Type(_) | DbErr::TryIntoErr { .. } | DbErr::Json(_)) {
            return Self::internal(codes::DATA_ERROR, "stored data is unreadable", error);
        }
        Self::internal("store_error", "the database did not answer", error)
    }
}
