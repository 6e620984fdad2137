//! The live stream of one log. It reads the file at the client's pace and is woken by the durable
//! length, so a slow client costs one record of memory. It ends when the build is over, when the
//! caller may no longer look, or silently when its time is up.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use tokio::sync::watch;

use super::events::KEEP_ALIVE;
use super::logs::{BuildLogChunk, log_of};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::builds::log::{Durable, Reader, Record};
use crate::builds::viewers::Seat;
use crate::clock::Moment;
use crate::db;
use crate::db::entity::builds;
use crate::domain::build::BuildStatus;
use crate::domain::permission::ProjectPermission;
use crate::error::Result;
use crate::events::{Change, Feed, Heard};

/// How long one stream lives; then the client resumes.
const LIFE: Duration = Duration::from_secs(300);

/// An open stream.
pub struct LogStream {
    app: Arc<App>,
    caller: Caller,
    build: builds::Model,
    reader: Reader,
    growth: watch::Receiver<Durable>,
    feed: Feed,
    /// The first sequence the client has not seen.
    from: u64,
    until: Moment,
    /// When the client hears of us at the latest.
    silent_until: Moment,
    phase: Phase,
    _seat: Seat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Following,
    /// To be told to the client, then nothing more.
    Ending(&'static str),
    Over,
}

/// Opens a stream that starts with the sequence `from`.
pub async fn open(
    app: Arc<App>,
    caller: Caller,
    build: builds::Model,
    from: u64,
    seat: Seat,
) -> Result<LogStream> {
    let feed = app.events.feed(None);
    // The status is read after the feed is open, so that no change falls between the two.
    let build = db::builds::find(app.db.read(), build.id).await?.unwrap_or(build);
    let log = log_of(&app, &build).await?;
    let (growth, reader) = (log.watch(), Reader::from_sequence(log, from));
    let now = app.clock.moment();
    let (until, silent_until) = (now + LIFE, now + KEEP_ALIVE);
    Ok(LogStream {
        app,
        caller,
        build,
        reader,
        growth,
        feed,
        from,
        until,
        silent_until,
        phase: Phase::Following,
        _seat: seat,
    })
}

impl LogStream {
    /// The next bytes for the client; `None` when the stream is over. A fault ends it silently: the
    /// client resumes.
    pub async fn next(&mut self) -> Option<Bytes> {
        match self.try_next().await {
            Ok(bytes) => {
                self.silent_until = self.app.clock.moment() + KEEP_ALIVE;
                bytes
            }
            Err(error) => {
                tracing::warn!(build = %self.build.id, "a log stream ended: {error}");
                None
            }
        }
    }

    async fn try_next(&mut self) -> Result<Option<Bytes>> {
        loop {
            while let Some(heard) = self.feed.next(&self.app.events).now_or_never() {
                self.consider(heard).await?;
            }
            match self.phase {
                Phase::Over => return Ok(None),
                Phase::Ending(why) => {
                    self.phase = Phase::Over;
                    return Ok(Some(Bytes::from(format!("event: done\ndata: {why}\n\n"))));
                }
                Phase::Following => {}
            }
            if self.is_time_up() {
                continue;
            }
            if let Some(record) = self.reader.next().await? {
                let events = self.events(&record);
                if !events.is_empty() {
                    return Ok(Some(events));
                }
            } else if self.build.status.is_terminal() {
                self.phase = Phase::Ending("build_finished");
            } else if let Some(comment) = self.wait().await? {
                return Ok(Some(comment));
            }
        }
    }

    fn is_time_up(&mut self) -> bool {
        if self.caller.credential.expires_at().is_some_and(|end| end <= self.app.clock.now()) {
            self.phase = Phase::Ending("authorization_ended");
        } else if self.app.clock.moment() >= self.until || self.app.stopping.is_cancelled() {
            self.phase = Phase::Over;
        }
        self.phase != Phase::Following
    }

    fn events(&mut self, record: &Record) -> Bytes {
        let mut text = String::new();
        let log = self.reader.log().clone();
        record.for_each(|sequence, frame| {
            if sequence >= self.from {
                let chunk = BuildLogChunk::of(sequence, &frame, &log);
                let data = serde_json::to_string(&chunk).unwrap_or_default();
                let _ = write!(text, "id: {sequence}\nevent: log\ndata: {data}\n\n");
            }
        });
        self.from = self.from.max(record.last_sequence() + 1);
        Bytes::from(text)
    }

    /// Sleeps until something happens; a comment for the client if it has heard nothing for long, whatever happened to others.
    async fn wait(&mut self) -> Result<Option<Bytes>> {
        let now = self.app.clock.moment();
        let left = self.until.saturating_sub(now).min(self.credential_left());
        let silence = self.silent_until.saturating_sub(now);
        tokio::select! {
            _ = self.growth.changed() => Ok(None),
            heard = self.feed.next(&self.app.events) => {
                self.consider(heard).await?;
                Ok(None)
            }
            () = self.app.stopping.cancelled() => Ok(None),
            () = tokio::time::sleep(left.min(silence)) => {
                self.look_again().await?;
                Ok(Some(Bytes::from_static(b": keep-alive\n\n")))
            }
        }
    }

    /// How long the credential is still good for.
    fn credential_left(&self) -> Duration {
        let end = self.caller.credential.expires_at();
        let left = end.map(|end| u64::try_from(end - self.app.clock.now()).unwrap_or(0));
        left.map_or(Duration::MAX, Duration::from_secs)
    }

    async fn consider(&mut self, heard: Heard) -> Result<()> {
        let concerns = match &heard {
            Heard::Resync(_) | Heard::Change(_, Change::Access) => true,
            Heard::Change(_, Change::Build { build_id, .. }) => *build_id == self.build.id,
            Heard::Change(_, Change::Project { project_id }) => *project_id == self.build.project_id,
            Heard::Change(
                _,
                Change::Pipeline { .. }
                | Change::Runner { .. }
                | Change::Preferences {}
                | Change::Artifact { .. }
                | Change::Log { .. }
                | Change::Deliveries {}
                | Change::Sources {}
                | Change::Notifications {}
                | Change::Retention
                | Change::Queue,
            ) => false,
        };
        if concerns && self.phase == Phase::Following { self.look_again().await } else { Ok(()) }
    }

    /// Reads again whether the caller may look, and where the build stands.
    async fn look_again(&mut self) -> Result<()> {
        let Some(build) = db::builds::find(self.app.db.read(), self.build.id).await? else {
            self.phase = Phase::Ending("build_not_found");
            return Ok(());
        };
        let Some(caller) = self.caller.refreshed(&self.app).await? else {
            self.phase = Phase::Ending("authorization_ended");
            return Ok(());
        };
        if caller.build(&self.app, build.id, ProjectPermission::Read).await.is_err() {
            self.phase = Phase::Ending("authorization_ended");
            return Ok(());
        }
        self.caller = caller;
        let another_attempt = build.attempt != self.build.attempt && build.status != BuildStatus::Queued;
        if another_attempt {
            let log = self.app.logs.open(build.id, build.attempt).await?;
            self.growth = log.watch();
            // An attempt that never began wrote nothing, so sequences begin at 0 for every client.
            self.from = if self.build.attempt == 0 { self.from } else { 0 };
            self.reader = Reader::from_sequence(log, self.from);
        }
        self.build = build;
        Ok(())
    }
}
