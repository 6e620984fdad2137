//! Wake-up signals inside the process: what changed, for open event streams, for held claims and
//! for tasks. Signals are raised after the commit. They carry no truth: whoever wakes reads the
//! database. Readers keep their own cursor, so a slow one costs no memory and misses nothing silently.

pub mod line;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;
use tokio::sync::{broadcast, watch};

use crate::domain::build::BuildStatus;
use crate::domain::id::{ArtifactId, BuildId, PipelineId, ProjectId, RunnerId};
use crate::domain::label::Offer;
use crate::domain::runner::RunnerStatus;
use line::Line;

/// How many signals are kept for readers that were away.
const RING: usize = 4096;
/// How many releases are kept for requests that were busy; who missed some looks again.
const RELEASES: usize = 256;

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Change {
    Build {
        build_id: BuildId,
        project_id: ProjectId,
        pipeline_id: PipelineId,
        build_number: i64,
        status: BuildStatus,
    },
    Project {
        project_id: ProjectId,
    },
    Pipeline {
        pipeline_id: PipelineId,
        project_id: ProjectId,
    },
    Runner {
        runner_id: RunnerId,
        status: RunnerStatus,
    },
    /// The instance's preferences changed, among them whether builds are held back.
    Preferences {},
    Artifact {
        artifact_id: ArtifactId,
        build_id: BuildId,
        project_id: ProjectId,
    },
    /// The durable log of a build grew up to `sequence`.
    Log {
        build_id: BuildId,
        project_id: ProjectId,
        sequence: i64,
    },
    /// Webhooks arrived or were worked off.
    Deliveries {},
    /// Whether a source works, or what is known of its credential.
    Sources {},
    /// Channels of notifications changed, or what became of what they tell.
    Notifications {},
    /// A rule of how long builds and artifacts are kept changed.
    #[serde(skip)]
    Retention,
    /// Who may call changed: an account, a session, an API token or how people sign in. Streams look
    /// again whether they may go on, and no caller that was looked up before is believed any more.
    #[serde(skip)]
    Access,
    /// The queue may have something for a waiting runner, because of what runners are or may now.
    #[serde(skip)]
    Queue,
}

impl Change {
    /// The event's name on the wire; `None` for signals that stay inside.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Change::Build { .. } => Some("build"),
            Change::Project { .. } => Some("project"),
            Change::Pipeline { .. } => Some("pipeline"),
            Change::Runner { .. } => Some("runner"),
            Change::Preferences {} => Some("preferences"),
            Change::Artifact { .. } => Some("artifact"),
            Change::Log { .. } => Some("log"),
            Change::Deliveries {} => Some("deliveries"),
            Change::Sources {} => Some("sources"),
            Change::Notifications {} => Some("notifications"),
            Change::Retention | Change::Access | Change::Queue => None,
        }
    }

    /// The project whose members may see it; `None` if it belongs to no project.
    pub fn project(&self) -> Option<ProjectId> {
        match self {
            Change::Build { project_id, .. }
            | Change::Project { project_id }
            | Change::Pipeline { project_id, .. }
            | Change::Artifact { project_id, .. }
            | Change::Log { project_id, .. } => Some(*project_id),
            Change::Runner { .. }
            | Change::Preferences {}
            | Change::Deliveries {}
            | Change::Sources {}
            | Change::Notifications {}
            | Change::Retention
            | Change::Access
            | Change::Queue => None,
        }
    }

    /// The build that no runner holds from now on.
    fn released(&self) -> Option<BuildId> {
        match self {
            Change::Build { build_id, status, .. } => (!status.is_held()).then_some(*build_id),
            Change::Project { .. }
            | Change::Pipeline { .. }
            | Change::Runner { .. }
            | Change::Preferences {}
            | Change::Artifact { .. }
            | Change::Log { .. }
            | Change::Deliveries {}
            | Change::Sources {}
            | Change::Notifications {}
            | Change::Retention
            | Change::Access
            | Change::Queue => None,
        }
    }

    /// Whether there may be work for a runner that there was not before: a build waits, one has ended and made
    /// room, or a rule has changed.
    fn is_news_of_the_queue(&self) -> bool {
        match self {
            Change::Queue | Change::Preferences {} | Change::Project { .. } | Change::Pipeline { .. } => true,
            Change::Build { status, .. } => *status == BuildStatus::Queued || status.is_terminal(),
            Change::Runner { .. }
            | Change::Artifact { .. }
            | Change::Log { .. }
            | Change::Deliveries {}
            | Change::Sources {}
            | Change::Notifications {}
            | Change::Retention
            | Change::Access => false,
        }
    }

    /// A later signal of the same subject says everything this one did.
    fn replaces(&self, older: &Change) -> bool {
        match (self, older) {
            (Change::Log { build_id: new, .. }, Change::Log { build_id: old, .. }) => new == old,
            (Change::Access, Change::Access)
            | (Change::Deliveries {}, Change::Deliveries {})
            | (Change::Sources {}, Change::Sources {})
            | (Change::Notifications {}, Change::Notifications {}) => true,
            _ => false,
        }
    }
}

/// A numbered signal.
#[derive(Debug, Clone)]
pub struct Event {
    pub id: u64,
    pub change: Change,
}

/// How often `Change::Access` was raised: what was read at one version holds until the next.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessVersion(u64);

/// The hub of one process.
#[derive(Debug)]
pub struct Events {
    ring: Mutex<VecDeque<Event>>,
    last: watch::Sender<u64>,
    /// Runners that wait for work.
    pub line: Line<Offer>,
    released: broadcast::Sender<BuildId>,
    access: AtomicU64,
    first: u64,
}

impl Events {
    /// `start_ms` makes ids of different runs of the daemon distinguishable: ids start there.
    pub fn new(start_ms: i64) -> Self {
        let first = u64::try_from(start_ms).unwrap_or_default() * 1000;
        Self {
            ring: Mutex::default(),
            last: watch::Sender::new(first),
            line: Line::default(),
            released: broadcast::Sender::new(RELEASES),
            access: AtomicU64::new(0),
            first,
        }
    }

    /// Raises signals, in order. Call it after the commit.
    pub fn publish(&self, changes: impl IntoIterator<Item = Change>) {
        let mut ring = self.ring();
        let mut last = *self.last.borrow();
        let (mut is_news, mut is_of_runners) = (false, false);
        for change in changes {
            is_news |= change.is_news_of_the_queue();
            is_of_runners |= change == Change::Queue;
            if let Some(build) = change.released() {
                let _nobody_holds_a_request = self.released.send(build);
            }
            if change == Change::Access {
                self.access.fetch_add(1, Ordering::SeqCst);
            }
            last += 1;
            if ring.back().is_some_and(|newest| change.replaces(&newest.change)) {
                ring.pop_back();
            }
            ring.push_back(Event { id: last, change });
            if ring.len() > RING {
                ring.pop_front();
            }
        }
        // While the ring is still locked: otherwise two publishers could hand out the same id.
        self.last.send_replace(last);
        drop(ring);
        if is_of_runners {
            self.line.kinds_changed();
        } else if is_news {
            self.line.news();
        }
    }

    /// A reader that starts after the signal `after`, or with the next one.
    pub fn feed(&self, after: Option<u64>) -> Feed {
        let watch = self.last.subscribe();
        let cursor = after.unwrap_or(*watch.borrow());
        Feed { watch, cursor, started_before: after.is_some_and(|id| id < self.first) }
    }

    /// The id of the newest signal: what is read from now on shows everything up to it.
    pub fn position(&self) -> u64 {
        *self.last.borrow()
    }

    /// What is read from the database after this is at least of this version.
    pub fn access(&self) -> AccessVersion {
        AccessVersion(self.access.load(Ordering::SeqCst))
    }

    /// The builds that runners are no longer to go on with, as that happens.
    pub fn released(&self) -> broadcast::Receiver<BuildId> {
        self.released.subscribe()
    }

    fn ring(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.ring.lock()
    }
}

/// What a reader gets.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    Change(u64, Change),
    /// Signals were missed; read everything again. Carries the id to go on from.
    Resync(u64),
}

/// One reader's place among the signals.
#[derive(Debug)]
pub struct Feed {
    watch: watch::Receiver<u64>,
    cursor: u64,
    started_before: bool,
}

impl Feed {
    /// The id of the last signal that was read, or after which reading starts.
    pub fn position(&self) -> u64 {
        self.cursor
    }

    /// The next signal; waits until there is one. Cancel-safe.
    pub async fn next(&mut self, events: &Events) -> Heard {
        loop {
            if let Some(heard) = self.read(events) {
                return heard;
            }
            if self.watch.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn read(&mut self, events: &Events) -> Option<Heard> {
        let last = *self.watch.borrow_and_update();
        let ring = events.ring();
        let oldest = ring.front().map_or(last, |event| event.id);
        let behind = self.cursor < last && ring.len() >= RING && self.cursor + 1 < oldest;
        if self.started_before || behind || self.cursor > last {
            self.started_before = false;
            self.cursor = last;
            return Some(Heard::Resync(last));
        }
        let next = ring.partition_point(|event| event.id <= self.cursor);
        let event = ring.get(next)?;
        self.cursor = event.id;
        Some(Heard::Change(event.id, event.change.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Change {
        Change::Project { project_id: ProjectId::new() }
    }

    #[tokio::test]
    async fn a_reader_resumes_after_the_signal_it_names() {
        let events = Events::new(1);
        let (first, second) = (project(), project());
        events.publish([first, second.clone()]);
        let mut feed = events.feed(Some(1001));
        assert_eq!(feed.next(&events).await, Heard::Change(1002, second));
    }

    #[tokio::test]
    async fn a_reader_from_before_a_restart_or_too_far_behind_is_told_to_resync() {
        let events = Events::new(5);
        events.publish([project()]);
        assert_eq!(events.feed(Some(7)).next(&events).await, Heard::Resync(5001));
        events.publish((0..RING + 5).map(|_| project()));
        let heard = events.feed(Some(5001)).next(&events).await;
        assert!(matches!(heard, Heard::Resync(_)), "{heard:?}");
    }

    #[test]
    fn publishers_in_parallel_never_share_an_id() {
        let events = Events::new(1);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..500).for_each(|_| events.publish([project(), project()])));
            }
        });
        let ids: Vec<u64> = events.ring().iter().map(|event| event.id).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "ids must rise");
        assert_eq!((ids.len(), *events.last.borrow()), (4000, 1000 + 4000));
    }

    #[tokio::test]
    async fn growth_of_the_same_log_is_told_once() {
        let events = Events::new(1);
        let (build_id, project_id) = (BuildId::new(), ProjectId::new());
        let mut feed = events.feed(None);
        events.publish((0..100).map(|sequence| Change::Log { build_id, project_id, sequence }));
        assert_eq!(
            feed.next(&events).await,
            Heard::Change(1100, Change::Log { build_id, project_id, sequence: 99 })
        );
    }
}
