//! What happens without being asked. Each task takes no input, does everything that is due and may
//! be run at any time, as often as one likes; the loops here wake them by signal and by timer.

pub mod embedded;
pub mod outbox;
pub mod retention;
pub mod telemetry;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinSet;

use crate::app::App;
use crate::auth::{refusal, session};
use crate::builds::missed::{self, Round, Rounds};
use crate::builds::{artifacts, deliveries, leftovers, log_keeping, lost, queue, schedules, watch};
use crate::db;
use crate::domain::id::PipelineId;
use crate::error::Result;
use crate::events::{Change, Feed, Heard};
use crate::notify;
use crate::reports;
use crate::rotation;
use crate::sources::gitlab::{access, check};
use crate::sources::health;

const QUEUE_EVERY: Duration = Duration::from_secs(15);
const ARTIFACTS_EVERY: Duration = Duration::from_secs(60);
const SESSIONS_EVERY: Duration = Duration::from_secs(600);
const KEY_EVERY: Duration = Duration::from_secs(600);
const PACK_EVERY: Duration = Duration::from_secs(60);
/// When credentials of code hosts are looked at first, and how often it is seen which are due.
const CREDENTIALS_FIRST: Duration = Duration::from_secs(60);
const CREDENTIALS_EVERY: Duration = Duration::from_secs(900);
const RETENTION_EVERY: Duration = Duration::from_secs(3600);
/// How often it is seen which artifacts have been kept as long as they were to be.
const EXPIRY_EVERY: Duration = Duration::from_secs(300);
const DELIVERIES_EVERY: Duration = Duration::from_secs(10);
/// How often it is seen what was tried for long enough.
const GIVEN_UP_EVERY: Duration = Duration::from_secs(600);
const SCHEDULES_EVERY: Duration = Duration::from_secs(3600);
/// After a failure.
const SCHEDULES_PAUSE: Duration = Duration::from_secs(10);
/// How often it is seen which repositories of code hosts are due.
const HOSTS_EVERY: Duration = Duration::from_secs(10);
const SOURCES_EVERY: Duration = Duration::from_secs(3600);
/// The growth of one log is told at most this often.
pub const GROWTH_PACE: Duration = Duration::from_millis(100);

/// The tasks of a running daemon.
#[derive(Debug)]
pub struct Background {
    running: JoinSet<()>,
}

impl Background {
    /// Waits until every task has ended; they do when the application stops.
    pub async fn finished(mut self) {
        while self.running.join_next().await.is_some() {}
    }
}

/// Starts every task.
pub fn start(app: Arc<App>) -> Background {
    let mut running = JoinSet::new();
    running.spawn(again_and_again(app.clone(), |app| app.leases.next_look(), "leases", lost::run_once));
    running.spawn(every(app.clone(), QUEUE_EVERY, "queue", queue::expire));
    running.spawn(every(app.clone(), ARTIFACTS_EVERY, "artifacts", artifacts::sweep));
    running.spawn(clear_stores(app.clone()));
    running.spawn(every(app.clone(), SESSIONS_EVERY, "sessions", sweep_sessions));
    running.spawn(every(app.clone(), KEY_EVERY, "encryption key", retire_key));
    running.spawn(record_refusals(app.clone()));
    running.spawn(every(app.clone(), PACK_EVERY, "packing of logs", log_keeping::pack));
    running.spawn(every(app.clone(), RETENTION_EVERY, "retention of logs", log_keeping::remove_old));
    running.spawn(every(app.clone(), RETENTION_EVERY, "logs left over", log_keeping::tidy));
    running.spawn(every(app.clone(), SOURCES_EVERY, "code hosts", look_at_sources));
    running.spawn(retention::clean_up(app.clone()));
    running.spawn(every(app.clone(), EXPIRY_EVERY, "expiry of artifacts", crate::builds::retention::expire));
    running.spawn(telemetry::measure_builds(app.clone()));
    running.spawn(telemetry::export_traces(app.clone()));
    running.spawn(tell_growth(app.clone()));
    running.spawn(work_off_deliveries(app.clone()));
    running.spawn(every(app.clone(), RETENTION_EVERY, "retention of deliveries", deliveries::remove_old));
    running.spawn(outbox::tell_all::<outbox::Reports>(app.clone()));
    running.spawn(every(app.clone(), GIVEN_UP_EVERY, "reports given up", reports::give_up));
    running.spawn(outbox::tell_all::<outbox::Notifications>(app.clone()));
    running.spawn(every(app.clone(), GIVEN_UP_EVERY, "notifications given up", notify::give_up));
    running.spawn(every(app.clone(), RETENTION_EVERY, "retention of notifications", notify::remove_old));
    running.spawn(every(app.clone(), watch::FOLDERS_EVERY, "folders", look_at_folders));
    running.spawn(catch_up(app.clone()));
    running.spawn(start_by_the_clock(app.clone()));
    running.spawn(learn_times(app.clone()));
    running.spawn(every(app.clone(), SCHEDULES_EVERY, "times of schedules", learn_all_times));
    running.spawn(renew_tokens(app.clone()));
    running.spawn(check_credentials(app.clone()));
    if app.config.runner_mode.has_embedded() {
        running.spawn(embedded::supervise(app));
    } else {
        running.spawn(embedded::retire(app));
    }
    Background { running }
}

/// Removes sessions that expired long enough ago that nobody asks for them any more, and capabilities
/// that nobody used in time.
pub async fn sweep_sessions(app: &App) -> Result<()> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            db::host_capabilities::delete_expired(tx, now).await?;
            db::artifact_tokens::delete_ended(tx, now - session::REMEMBERED_SECONDS).await?;
            db::sessions::delete_expired(tx, now - session::REMEMBERED_SECONDS).await
        })
        .await?;
    Ok(())
}

/// Removes a key that a rotation replaced, once nothing depends on it any more.
pub async fn retire_key(app: &App) -> Result<()> {
    rotation::tidy(&app.db, &app.sealer, app.clock.now()).await
}

/// Writes refusals to the audit log as they come, and every minute the count of those that were left out.
async fn record_refusals(app: Arc<App>) {
    loop {
        tokio::select! {
            () = app.refusals.added() => {}
            () = tokio::time::sleep(refusal::MINUTE) => {}
            () = app.stopping.cancelled() => return,
        }
        if let Err(error) = refusal::write(&app).await {
            tracing::error!(task = "refusals", "{error}");
        }
    }
}

/// Removes bytes of artifacts from stores as they become useless; a timer brings those whose time comes later.
async fn clear_stores(app: Arc<App>) {
    loop {
        // A store that hangs does not keep the daemon from stopping.
        let Some(cleared) = app.stopping.run_until_cancelled(leftovers::clear_all(&app)).await else {
            return;
        };
        if let Err(error) = cleared {
            tracing::error!(task = "stores", "{error}");
        }
        tokio::select! {
            () = app.uploads.left.notified() => {}
            () = tokio::time::sleep(ARTIFACTS_EVERY) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// Works off deliveries of webhooks as they come; a timer brings those that are to be tried again.
async fn work_off_deliveries(app: Arc<App>) {
    if let Err(error) = deliveries::resume(&app).await {
        tracing::error!(task = "deliveries", "{error}");
    }
    loop {
        // A code host that is slow does not keep the daemon from stopping: what is not worked off is later.
        let Some(worked) = app.stopping.run_until_cancelled(deliveries::work(&app)).await else { return };
        if let Err(error) = worked {
            tracing::error!(task = "deliveries", "{error}");
        }
        tokio::select! {
            () = app.inbox.arrived() => {}
            () = tokio::time::sleep(DELIVERIES_EVERY) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// Looks at folders of this machine.
async fn look_at_folders(app: &App) -> Result<()> {
    until_stopped(app, watch::look_at_folders(app)).await
}

/// Looks whether code hosts still show what they did.
async fn look_at_sources(app: &App) -> Result<()> {
    until_stopped(app, health::look(app)).await
}

/// Reads anew when every pipeline starts.
async fn learn_all_times(app: &App) -> Result<()> {
    until_stopped(app, schedules::refresh_all(app)).await
}

/// Looks at those credentials of code hosts that are due.
async fn look_at_credentials(app: &App) -> Result<()> {
    until_stopped(app, check::due(app)).await
}

/// What waits for git or for a code host does not keep the daemon from stopping; it is done by the next run. Boxed, as is
/// whatever else is large here, because the compiler takes minutes over futures of futures.
async fn until_stopped(app: &App, work: impl Future<Output = Result<()>> + Send) -> Result<()> {
    app.stopping.run_until_cancelled(work.boxed()).await.unwrap_or(Ok(()))
}

/// Finds what code hosts did not tell: deliveries that failed, then whatever else moved.
async fn catch_up(app: Arc<App>) {
    let mut feed = app.events.feed(None);
    let mut rounds = Rounds::default();
    loop {
        let look = async {
            if let Some(round) = rounds.due(app.clock.now()) {
                if round == Round::New {
                    app.watches.hasten();
                }
                let found = missed::recover(&app).await.unwrap_or_else(|error| {
                    tracing::error!(task = "missed deliveries", "{error}");
                    false
                });
                if !found {
                    rounds.retry(app.clock.now());
                }
            }
            watch::look_at_hosts(&app).await
        };
        match app.stopping.run_until_cancelled(look).await {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::error!(task = "heads", "{error}"),
            None => return,
        }
        tokio::select! {
            // Where the heads of a new one are is learnt before somebody pushes to it.
            _ = changed_pipeline(&app, &mut feed) => {}
            () = tokio::time::sleep(HOSTS_EVERY) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// Starts pipelines at their times. A pipeline that is changed may have other times.
async fn start_by_the_clock(app: Arc<App>) {
    let mut feed = app.events.feed(None);
    loop {
        let look = async {
            schedules::start_due(&app).await?;
            schedules::next_look(&app).await
        };
        let Some(looked) = app.stopping.run_until_cancelled(look.boxed()).await else { return };
        let pause = looked.unwrap_or_else(|error| {
            tracing::error!(task = "schedules", "{error}");
            SCHEDULES_PAUSE
        });
        tokio::select! {
            _ = changed_pipeline(&app, &mut feed) => {}
            () = tokio::time::sleep(pause) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// Reads anew when pipelines start that were changed.
async fn learn_times(app: Arc<App>) {
    let mut feed = app.events.feed(None);
    let learn = async {
        loop {
            if let Err(error) = schedules::refresh(&app, changed_pipeline(&app, &mut feed).await).await {
                tracing::error!(task = "schedules", "{error}");
            }
        }
    };
    tokio::select! {
        () = learn => {}
        () = app.stopping.cancelled() => {}
    }
}

/// The next pipeline that is changed. Who misses one reads it with all others in time.
async fn changed_pipeline(app: &App, feed: &mut Feed) -> PipelineId {
    loop {
        if let Heard::Change(_, Change::Pipeline { pipeline_id, .. }) = feed.next(&app.events).await {
            return pipeline_id;
        }
    }
}

/// Tells who listens that logs have grown: at once, then at a steady pace.
pub async fn tell_growth(app: Arc<App>) {
    let tell = async {
        loop {
            app.events.publish(app.logs.growth.told().await);
            tokio::time::sleep(GROWTH_PACE).await;
        }
    };
    tokio::select! {
        () = tell => {}
        () = app.stopping.cancelled() => {}
    }
}

/// Renews tokens of code hosts as they are needed.
pub async fn renew_tokens(app: Arc<App>) {
    access::renew_on_demand(&app, &app.stopping).await;
}

/// Looks at the credentials of code hosts: at all of them soon after the start, then at each once a day.
async fn check_credentials(app: Arc<App>) {
    tokio::select! {
        () = tokio::time::sleep(CREDENTIALS_FIRST) => {}
        () = app.stopping.cancelled() => return,
    }
    if let Err(error) = until_stopped(&app, check::all(&app)).await {
        tracing::error!(task = "credentials", "{error}");
    }
    every(app, CREDENTIALS_EVERY, "credentials", look_at_credentials).await;
}

/// Runs a task every `period`.
async fn every(
    app: Arc<App>,
    period: Duration,
    name: &'static str,
    run_once: impl AsyncFn(&App) -> Result<()>,
) {
    again_and_again(app, |_| period, name, run_once).await;
}

/// Runs a task, pauses as long as `pause` says then, and so on. A failure is logged and the task tried again next time.
async fn again_and_again(
    app: Arc<App>,
    pause: impl Fn(&App) -> Duration,
    name: &'static str,
    run_once: impl AsyncFn(&App) -> Result<()>,
) {
    loop {
        if let Err(error) = run_once(&app).await {
            tracing::error!(task = name, "{error}");
        }
        tokio::select! {
            () = tokio::time::sleep(pause(&app)) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}
