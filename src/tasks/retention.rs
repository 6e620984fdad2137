//! Looks for builds that are kept too long: soon after the start, then as often as the policy says, and soon again after
//! a pass that had no time for everything.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::builds::retention::{self, Pass};
use crate::db;
use crate::events::{Change, Feed, Heard};

const FIRST: Duration = Duration::from_secs(60);
/// After a pass that left something over, or failed.
const BACKLOG: Duration = Duration::from_secs(60);

/// Runs until the application stops. A policy that is changed counts at once: the next pass is not later than it says.
pub async fn clean_up(app: Arc<App>) {
    let mut feed = app.events.feed(None);
    let (mut since, mut pause) = (app.clock.moment(), FIRST);
    loop {
        let left = (since + pause).saturating_sub(app.clock.moment());
        tokio::select! {
            () = tokio::time::sleep(left) => {
                since = app.clock.moment();
                pause = match retention::run(&app).await {
                    Ok(Pass::Done) => interval(&app).await,
                    Ok(Pass::Backlog) => BACKLOG,
                    Err(error) => {
                        tracing::error!(task = "retention", "{error}");
                        BACKLOG
                    }
                };
            }
            () = settings_changed(&app, &mut feed) => pause = pause.min(interval(&app).await),
            () = app.stopping.cancelled() => return,
        }
    }
}

async fn interval(app: &App) -> Duration {
    match db::retention::get(app.db.read()).await {
        Ok(policy) => {
            Duration::from_secs(u64::try_from(policy.cleanup_interval_secs).unwrap_or_default()).max(BACKLOG)
        }
        Err(error) => {
            tracing::error!(task = "retention", "{error}");
            BACKLOG
        }
    }
}

async fn settings_changed(app: &App, feed: &mut Feed) {
    loop {
        match feed.next(&app.events).await {
            Heard::Change(_, Change::Retention) | Heard::Resync(_) => return,
            Heard::Change(..) => {}
        }
    }
}
