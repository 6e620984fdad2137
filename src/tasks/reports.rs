//! Tells code hosts how builds go: a worker for each host, so that one that is slow or away is in no other's way.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};

use crate::app::App;
use crate::domain::id::IntegrationId;
use crate::events::{Change, Feed, Heard};
use crate::reports;

/// How often it is seen what is due again.
const EVERY: Duration = Duration::from_secs(10);

/// Has every host told what is due, until the daemon stops. What is cut off then is looked up at the next start.
pub async fn tell_hosts(app: Arc<App>) {
    if let Err(error) = reports::resume(&app).await {
        tracing::error!(task = "reports", "{error}");
    }
    let mut feed = app.events.feed(None);
    let mut workers = JoinSet::new();
    let mut working: HashMap<Id, IntegrationId> = HashMap::new();
    loop {
        match reports::hosts(&app).await {
            Ok(hosts) => {
                for host in hosts {
                    if !working.values().any(|other| *other == host) {
                        working.insert(workers.spawn(tell(app.clone(), host)).id(), host);
                    }
                }
            }
            Err(error) => tracing::error!(task = "reports", "{error}"),
        }
        tokio::select! {
            () = news(&app, &mut feed) => {}
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
async fn tell(app: Arc<App>, host: IntegrationId) {
    if let Err(error) = reports::tell(&app, host).await {
        tracing::error!(task = "reports", integration = %host, "{error}");
        tokio::time::sleep(EVERY).await;
    }
}

/// Waits until builds or sources have changed.
async fn news(app: &App, feed: &mut Feed) {
    loop {
        match feed.next(&app.events).await {
            Heard::Change(_, Change::Build { .. } | Change::Sources {}) | Heard::Resync(_) => return,
            Heard::Change(..) => {}
        }
    }
}
