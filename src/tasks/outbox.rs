//! Tells others what is owed to them: code hosts how builds go, channels what people want to know. A worker for each of
//! them, so that one that is slow or away is in no other's way.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};

use crate::app::App;
use crate::domain::id::{IntegrationId, NotificationChannelId};
use crate::error::Result;
use crate::events::{Change, Feed, Heard};
use crate::{notify, reports};

/// How often it is seen what is due again.
const EVERY: Duration = Duration::from_secs(10);

/// What is owed to receivers of one kind.
pub trait Outbox: 'static {
    const NAME: &str;
    type Receiver: Copy + Eq + Hash + Send + Sync + std::fmt::Display + 'static;

    /// At start: what an earlier run of the daemon was at need not wait.
    fn resume(app: &App) -> impl Future<Output = Result<()>> + Send;
    /// To whom something is due.
    fn due(app: &App) -> impl Future<Output = Result<Vec<Self::Receiver>>> + Send;
    /// Tells one of them everything that is due.
    fn tell(app: &App, receiver: Self::Receiver) -> impl Future<Output = Result<()>> + Send;
    /// Whether there may be something to tell now.
    fn is_news(change: &Change) -> bool;
}

/// Code hosts, and how builds go.
#[derive(Debug)]
pub struct Reports;

/// Channels, and what people want to know.
#[derive(Debug)]
pub struct Notifications;

impl Outbox for Reports {
    const NAME: &str = "reports";
    type Receiver = IntegrationId;

    async fn resume(app: &App) -> Result<()> {
        reports::resume(app).await
    }

    async fn due(app: &App) -> Result<Vec<IntegrationId>> {
        reports::hosts(app).await
    }

    async fn tell(app: &App, receiver: IntegrationId) -> Result<()> {
        reports::tell(app, receiver).await
    }

    fn is_news(change: &Change) -> bool {
        matches!(change, Change::Build { .. } | Change::Sources {})
    }
}

impl Outbox for Notifications {
    const NAME: &str = "notifications";
    type Receiver = NotificationChannelId;

    async fn resume(app: &App) -> Result<()> {
        notify::resume(app).await
    }

    async fn due(app: &App) -> Result<Vec<NotificationChannelId>> {
        notify::due(app).await
    }

    async fn tell(app: &App, receiver: NotificationChannelId) -> Result<()> {
        notify::tell(app, receiver).await
    }

    fn is_news(change: &Change) -> bool {
        matches!(change, Change::Notifications {})
    }
}

/// Has everybody told what is due, until the daemon stops. What is cut off then is looked up at the next start.
pub async fn tell_all<O: Outbox>(app: Arc<App>) {
    if let Err(error) = O::resume(&app).await {
        tracing::error!(task = O::NAME, "{error}");
    }
    let mut feed = app.events.feed(None);
    let mut workers = JoinSet::new();
    let mut working: HashMap<Id, O::Receiver> = HashMap::new();
    loop {
        match O::due(&app).await {
            Ok(receivers) => {
                for receiver in receivers {
                    if !working.values().any(|other| *other == receiver) {
                        working.insert(workers.spawn(tell::<O>(app.clone(), receiver)).id(), receiver);
                    }
                }
            }
            Err(error) => tracing::error!(task = O::NAME, "{error}"),
        }
        tokio::select! {
            () = news::<O>(&app, &mut feed) => {}
            Some(ended) = workers.join_next_with_id() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                working.remove(&id);
            }
            () = tokio::time::sleep(EVERY) => {}
            () = app.stopping.cancelled() => break,
        }
    }
    workers.shutdown().await;
}

/// After a failure of our own it rests, so that it does not fail all the time.
async fn tell<O: Outbox>(app: Arc<App>, receiver: O::Receiver) {
    if let Err(error) = O::tell(&app, receiver).await {
        tracing::error!(task = O::NAME, %receiver, "{error}");
        tokio::time::sleep(EVERY).await;
    }
}

/// Waits until there may be something to tell.
async fn news<O: Outbox>(app: &App, feed: &mut Feed) {
    loop {
        match feed.next(&app.events).await {
            Heard::Change(_, change) if O::is_news(&change) => return,
            Heard::Resync(_) => return,
            Heard::Change(..) => {}
        }
    }
}
