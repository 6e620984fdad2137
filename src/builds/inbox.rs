//! Deliveries of webhooks on their way into the database. Those that arrive at the same time share a
//! transaction, so that a burst costs few commits; each is told only when its own is durable.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, Semaphore, SemaphorePermit, oneshot};

use crate::app::App;
use crate::db::entity::webhook_deliveries::Model;
use crate::db::{self, Tx};
use crate::domain::delivery::{DeliveryStatus, Outcome};
use crate::domain::id::DeliveryId;
use crate::domain::source::IntegrationStatus;
use crate::error::{Error, Kind, Result};

/// Most deliveries of one transaction.
const BATCH: usize = 128;
/// Bodies larger than this many bytes count as large.
pub const LARGE: usize = 1024 * 1024;
/// How many large bodies are held at a time.
const LARGE_AT_A_TIME: usize = 4;

/// Where deliveries wait for their transaction.
#[derive(Debug)]
pub struct Inbox {
    waiting: Mutex<Vec<Letter>>,
    arrived: Notify,
    large: Semaphore,
}

impl Default for Inbox {
    fn default() -> Self {
        Self { waiting: Mutex::default(), arrived: Notify::default(), large: Semaphore::new(LARGE_AT_A_TIME) }
    }
}

#[derive(Debug)]
struct Letter {
    row: Arc<Model>,
    tell: oneshot::Sender<Stored>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    New,
    /// It was there before, under its own id or another one.
    Duplicate,
    /// The integration it came for is gone, or not listened to any more.
    Unwanted,
}

impl Inbox {
    /// Waits until there is something to work off.
    pub async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Says that there is something to work off.
    pub fn call(&self) {
        self.arrived.notify_one();
    }

    /// Room for a large body; given back when the answer is dropped.
    pub async fn room(&self) -> Option<SemaphorePermit<'_>> {
        self.large.acquire().await.ok()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Letter>> {
        self.waiting.lock()
    }

    fn take(&self) -> Vec<Letter> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }
}

/// Stores a delivery durably.
///
/// Errors: 503 `webhook_queue_unavailable` if there is no room on the disk, 500 `store_error`.
pub async fn store(app: &App, row: Model) -> Result<Stored> {
    let row = Arc::new(row);
    let (tell, mut told) = oneshot::channel();
    app.inbox.waiting().push(Letter { row: row.clone(), tell });
    // Who comes first writes for all that wait by then.
    let shared = loop {
        tokio::select! {
            biased;
            stored = &mut told => break stored.ok(),
            written = app.db.write(async |tx| put_all(tx, app.inbox.take()).await) => match written {
                // It was told, or more wait than fit into one transaction.
                Ok(()) => {}
                Err(_) => break told.try_recv().ok(),
            },
        }
    };
    let stored = match shared {
        Some(stored) => Ok(stored),
        // The transaction failed, maybe because of another delivery in it, or who began it has gone.
        None => app.db.write(async |tx| put(tx, &row).await).await,
    };
    let stored = stored.map_err(unavailable)?;
    match stored {
        Stored::New => app.inbox.call(),
        Stored::Duplicate => app.metrics.webhooks.with_label_values(&[Outcome::Duplicate.as_str()]).inc(),
        Stored::Unwanted => {}
    }
    Ok(stored)
}

fn unavailable(error: Error) -> Error {
    if error.kind != Kind::StorageFull {
        return error;
    }
    Error::new(
        Kind::Unavailable,
        "webhook_queue_unavailable",
        "the delivery could not be stored: the disk is full",
    )
    .hint("Free some space on the daemon's machine; then deliver it again from the code host.")
}

async fn put_all(tx: &Tx, letters: Vec<Letter>) -> Result<()> {
    for Letter { row, tell } in letters {
        let stored = put(tx, &row).await?;
        tx.after_commit(move || {
            // Whoever does not wait any more need not be told.
            let _ = tell.send(stored);
        });
    }
    Ok(())
}

async fn put(tx: &Tx, row: &Model) -> Result<Stored> {
    let integration = db::integrations::find(tx, row.integration_id).await?;
    if integration.is_none_or(|integration| integration.status == IntegrationStatus::Inactive) {
        return Ok(Stored::Unwanted);
    }
    if let Some(known) = db::deliveries::known(tx, row.integration_id, &row.external_id).await? {
        return again(tx, known, row).await;
    }
    let mut row = row.clone();
    let first = db::deliveries::with_body(tx, row.integration_id, &row.body_hash).await?;
    let is_retried = match first {
        Some(first) => retry(tx, first, row.received_at_ms).await?,
        None => false,
    };
    if let Some(first) = first {
        row.body = None;
        row.status = DeliveryStatus::Done;
        row.outcome = Some(Outcome::Duplicate);
        row.reason = Some("an earlier delivery said exactly the same".to_owned());
        row.duplicate_of = Some(first);
        row.finished_at_ms = Some(row.received_at_ms);
    }
    db::deliveries::insert(tx, row).await?;
    Ok(if first.is_some() && !is_retried { Stored::Duplicate } else { Stored::New })
}

/// A delivery that is delivered again: if it failed, this is the other try that somebody asked for.
async fn again(tx: &Tx, known: DeliveryId, row: &Model) -> Result<Stored> {
    if retry(tx, known, row.received_at_ms).await? {
        return Ok(Stored::New);
    }
    if !db::deliveries::has_failed(tx, known).await? {
        return Ok(Stored::Duplicate);
    }
    // Its payload was not kept; this one has it. What was built stays built.
    db::deliveries::replace(tx, known, row.clone()).await?;
    Ok(Stored::New)
}

/// Lets a delivery be worked off once more if it failed and its payload is there; answers whether it will be.
async fn retry(tx: &Tx, id: DeliveryId, now_ms: i64) -> Result<bool> {
    if !db::deliveries::has_failed(tx, id).await? || db::deliveries::body(tx, id).await?.is_none() {
        return Ok(false);
    }
    db::deliveries::renew(tx, id, now_ms).await?;
    Ok(true)
}
