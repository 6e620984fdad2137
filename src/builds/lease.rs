//! Who is alive. Every call of a runner renews its lease; a runner that stays silent is offline,
//! and after longer its builds are given up. Kept in memory and measured on the monotonic clock:
//! an idle runner costs no write, and a jump of the wall clock changes nothing. Time in which the
//! daemon itself was down or asleep does not count.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::clock::{Clock, Moment};
use crate::db::entity::runners;
use crate::domain::id::{BuildId, RunnerId};
use crate::domain::runner::{PROTOCOL_OWN, RunnerFigures, RunnerStatus};

/// How often leases are looked at, at the least.
const TICK: Duration = Duration::from_secs(5);
/// Two looks are not closer together than this.
const SOONEST: Duration = Duration::from_millis(10);
/// Two looks further apart than this mean that the daemon slept.
const SLEPT: Duration = Duration::from_secs(15);
/// Silence after which a runner is offline; the reference's runners speak every 30 seconds.
const OFFLINE: Duration = Duration::from_secs(15);
const OFFLINE_REFERENCE: Duration = Duration::from_secs(45);
/// A runner that asks for new work and has not mentioned its build for so long has lost it.
const DROPPED: Duration = Duration::from_secs(30);

/// What is known about the life of runners and jobs.
#[derive(Debug)]
pub struct Leases {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    runners: HashMap<RunnerId, Contact>,
    jobs: HashMap<BuildId, Job>,
    /// Whoever has not been heard since then is measured from here: the start of the daemon,
    /// moved by the time it slept.
    since: Moment,
    looked: Moment,
}

#[derive(Debug, Clone, Copy)]
struct Contact {
    last: Moment,
    /// Unix seconds, for showing.
    at: i64,
    offline_after: Duration,
    reported: RunnerStatus,
    asked_for_work: Option<Moment>,
    standing: Standing,
    figures: Option<RunnerFigures>,
}

/// What was last told of a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Online,
    /// It is not heard at the moment, and nobody was told of that yet: it was online when the daemon stopped.
    Awaited,
    Offline,
}

#[derive(Debug, Clone, Copy)]
struct Job {
    last: Moment,
    /// How old the build was when it was first looked at, and when that was.
    age: Option<(Duration, Moment)>,
}

impl Leases {
    pub fn new(clock: Clock) -> Self {
        let now = clock.moment();
        let state = State { runners: HashMap::new(), jobs: HashMap::new(), since: now, looked: now };
        Self { clock, state: Mutex::new(state) }
    }

    /// At start: these were online when the daemon stopped, and have as long to be heard again as others may be silent.
    pub fn awaits(&self, runners: &[runners::Model]) {
        let now = self.clock.moment();
        let mut state = self.state();
        for runner in runners {
            let contact = Contact {
                offline_after: offline_after(runner.protocol()),
                standing: Standing::Awaited,
                ..Contact::new(now, runner.last_heartbeat_at.max(runner.online_since).unwrap_or_default())
            };
            state.runners.insert(runner.id, contact);
        }
    }

    /// The runner has called. Answers whether it was offline before.
    pub fn heard(&self, runner: RunnerId, protocol: i64) -> bool {
        let (now, at) = (self.clock.moment(), self.clock.now());
        let mut state = self.state();
        let contact = state.runners.entry(runner).or_insert(Contact::new(now, at));
        contact.last = now;
        contact.at = at;
        contact.offline_after = offline_after(protocol);
        std::mem::replace(&mut contact.standing, Standing::Online) != Standing::Online
    }

    /// The runner's process is known to have ended; another one may take its place.
    pub fn gone(&self, runner: RunnerId) {
        if let Some(contact) = self.state().runners.get_mut(&runner) {
            contact.offline_after = Duration::ZERO;
            contact.asked_for_work = None;
            contact.standing = Standing::Offline;
            contact.figures = None;
        }
    }

    /// What the runner has at the moment. No row is written of it: it changes at every heartbeat.
    pub fn measures(&self, runner: RunnerId, figures: RunnerFigures) {
        if let Some(contact) = self.state().runners.get_mut(&runner) {
            contact.figures = Some(figures);
        }
    }

    /// What the runner had when it was last heard.
    pub fn figures(&self, runner: RunnerId) -> Option<RunnerFigures> {
        self.state().runners.get(&runner)?.figures
    }

    /// Whether the runner's present process has asked for work.
    pub fn has_asked(&self, runner: RunnerId) -> bool {
        self.state().runners.get(&runner).is_some_and(|contact| contact.asked_for_work.is_some())
    }

    /// Forgets what was heard about builds that no runner holds any more.
    pub fn keep_only(&self, held: &[BuildId]) {
        self.state().jobs.retain(|build, _| held.contains(build));
    }

    /// What the runner says of itself. Answers whether that is news.
    pub fn reports(&self, runner: RunnerId, status: RunnerStatus) -> bool {
        let mut state = self.state();
        let before =
            state.runners.get_mut(&runner).map(|contact| std::mem::replace(&mut contact.reported, status));
        before != Some(status)
    }

    /// The runner asks for work.
    pub fn asks_for_work(&self, runner: RunnerId) {
        let now = self.clock.moment();
        if let Some(contact) = self.state().runners.get_mut(&runner) {
            contact.asked_for_work = Some(now);
        }
    }

    /// The runner has mentioned this job, or was given it.
    pub fn mentions(&self, build: BuildId) {
        let now = self.clock.moment();
        self.state().jobs.entry(build).or_insert(Job { last: now, age: None }).last = now;
    }

    /// The build is over or goes back to the queue.
    pub fn forget(&self, build: BuildId) {
        self.state().jobs.remove(&build);
    }

    /// What to show of a runner; `holds` says whether it has a build.
    pub fn status_of(&self, runner: &runners::Model, holds: bool) -> RunnerStatus {
        let status = self.status(runner.id, holds);
        if runner.is_drained() && status != RunnerStatus::Offline { RunnerStatus::Draining } else { status }
    }

    fn status(&self, runner: RunnerId, holds: bool) -> RunnerStatus {
        let now = self.clock.moment();
        let state = self.state();
        let heard = state.runners.get(&runner).filter(|contact| contact.standing != Standing::Awaited);
        let Some(contact) = heard.filter(|contact| contact.is_online(now)) else {
            return RunnerStatus::Offline;
        };
        match contact.reported {
            RunnerStatus::Online if holds => RunnerStatus::Busy,
            RunnerStatus::Online => RunnerStatus::Online,
            RunnerStatus::Offline => RunnerStatus::Offline,
            RunnerStatus::Busy => RunnerStatus::Busy,
            RunnerStatus::Draining => RunnerStatus::Draining,
        }
    }

    /// When the runner was last heard, in Unix seconds; `None` if not since the daemon started.
    pub fn last_heard(&self, runner: RunnerId) -> Option<i64> {
        let state = self.state();
        let heard = state.runners.get(&runner).filter(|contact| contact.standing != Standing::Awaited);
        heard.map(|contact| contact.at)
    }

    /// Whether nothing was heard of the runner for so long that it counts as offline.
    pub fn is_silent(&self, runner: &runners::Model) -> bool {
        let limit = offline_after(runner.protocol());
        let state = self.state();
        let limit = state.runners.get(&runner.id).map_or(limit, |contact| contact.offline_after);
        drop(state);
        self.silence(runner.id) >= limit
    }

    /// How long it is until somebody may have fallen silent, and no longer than leases may stay unlooked at.
    pub fn next_look(&self) -> Duration {
        let now = self.clock.moment();
        let state = self.state();
        let shown = state.runners.values().filter(|contact| contact.standing != Standing::Offline);
        let ends = shown.map(|contact| (contact.last + contact.offline_after).saturating_sub(now));
        ends.min().map_or(TICK, |soonest| soonest.clamp(SOONEST, TICK))
    }

    /// How long nothing was heard of the runner.
    pub fn silence(&self, runner: RunnerId) -> Duration {
        let now = self.clock.moment();
        let state = self.state();
        let last = state.runners.get(&runner).map_or(state.since, |contact| contact.last);
        now.saturating_sub(last)
    }

    /// How long the build was not mentioned.
    pub fn job_silence(&self, build: BuildId) -> Duration {
        let now = self.clock.moment();
        let state = self.state();
        now.saturating_sub(state.jobs.get(&build).map_or(state.since, |job| job.last))
    }

    /// Whether the runner asks for other work and no longer speaks of this build.
    pub fn has_dropped(&self, runner: RunnerId, build: BuildId) -> bool {
        let now = self.clock.moment();
        let state = self.state();
        let mentioned = state.jobs.get(&build).map_or(state.since, |job| job.last);
        let asked = state.runners.get(&runner).and_then(|contact| contact.asked_for_work);
        asked.is_some_and(|asked| asked > mentioned) && now.saturating_sub(mentioned) >= DROPPED
    }

    /// How long a build has been running. `wall_ms` is its age by the wall clock, which counts
    /// only for a build that began before the daemon did.
    pub fn running_for(&self, build: BuildId, wall_ms: i64) -> Duration {
        let now = self.clock.moment();
        let mut state = self.state();
        let since = state.since;
        let job = state.jobs.entry(build).or_insert(Job { last: since, age: None });
        let wall = Duration::from_millis(u64::try_from(wall_ms).unwrap_or(0));
        let (age, seen) = *job.age.get_or_insert((wall, now));
        age + now.saturating_sub(seen)
    }

    /// To be called after `next_look`: leaves out of account the time the daemon slept, and
    /// answers the runners that have fallen silent since the last look, with their last contact.
    pub fn look(&self) -> Vec<(RunnerId, i64)> {
        let now = self.clock.moment();
        let mut state = self.state();
        let apart = now.saturating_sub(state.looked);
        state.looked = now;
        if apart > SLEPT {
            state.shift(apart);
        }
        let fell_silent =
            |contact: &Contact| contact.standing != Standing::Offline && !contact.is_online(now);
        let silent = state.runners.iter_mut().filter(|(_, contact)| fell_silent(contact));
        silent
            .map(|(runner, contact)| {
                contact.standing = Standing::Offline;
                (*runner, contact.at)
            })
            .collect()
    }

    /// A runner of which it could not be told that it fell silent.
    pub fn untold(&self, runner: RunnerId) {
        if let Some(contact) = self.state().runners.get_mut(&runner) {
            contact.standing = Standing::Awaited;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

fn offline_after(protocol: i64) -> Duration {
    if protocol >= PROTOCOL_OWN { OFFLINE } else { OFFLINE_REFERENCE }
}

impl Contact {
    /// One of which nothing is known but when it was heard.
    fn new(last: Moment, at: i64) -> Self {
        Self {
            last,
            at,
            offline_after: OFFLINE,
            reported: RunnerStatus::Online,
            asked_for_work: None,
            standing: Standing::Offline,
            figures: None,
        }
    }

    fn is_online(&self, now: Moment) -> bool {
        now.saturating_sub(self.last) < self.offline_after
    }
}

impl State {
    fn shift(&mut self, by: Duration) {
        self.since += by;
        for contact in self.runners.values_mut() {
            contact.last += by;
        }
        for job in self.jobs.values_mut() {
            job.last += by;
            job.age = job.age.map(|(age, seen)| (age, seen + by));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn silence_makes_a_runner_offline_sooner_with_our_own_protocol() {
        let clock = Clock::system();
        let leases = Leases::new(clock.clone());
        let (own, reference) = (RunnerId::new(), RunnerId::new());
        assert!(leases.heard(own, 5) && leases.heard(reference, 4) && !leases.heard(own, 5));
        for _ in 0..2 {
            clock.advance(TICK);
            assert!(leases.look().is_empty());
        }
        clock.advance(TICK);
        assert_eq!(leases.look(), [(own, leases.last_heard(own).unwrap())]);
        assert_eq!(leases.status(own, false), RunnerStatus::Offline);
        assert_eq!(leases.status(reference, true), RunnerStatus::Busy);
        assert!(leases.look().is_empty());
    }

    #[test]
    fn the_next_look_is_when_a_runner_may_have_fallen_silent() {
        let clock = Clock::system();
        let leases = Leases::new(clock.clone());
        assert_eq!(leases.next_look(), TICK);
        leases.heard(RunnerId::new(), 5);
        for _ in 0..2 {
            clock.advance(TICK);
            assert!(leases.look().is_empty());
        }
        clock.advance(seconds(3));
        let next = leases.next_look();
        assert!(next <= seconds(2) && next > seconds(1), "{next:?}");
        // The clock is moved by whole milliseconds.
        clock.advance(next + Duration::from_millis(1));
        assert_eq!(leases.look().len(), 1);
        assert_eq!(leases.next_look(), TICK);
    }

    #[test]
    fn the_time_the_daemon_slept_does_not_count() {
        let clock = Clock::system();
        let leases = Leases::new(clock.clone());
        let (runner, build) = (RunnerId::new(), BuildId::new());
        leases.heard(runner, 5);
        leases.mentions(build);
        leases.running_for(build, 0);
        clock.advance(seconds(3600));
        assert!(leases.look().is_empty());
        assert!(leases.silence(runner) < seconds(5) && leases.job_silence(build) < seconds(5));
        assert!(leases.running_for(build, 3_600_000) < seconds(5));
    }

    #[test]
    fn a_build_that_began_before_the_daemon_keeps_its_age() {
        let leases = Leases::new(Clock::system());
        let build = BuildId::new();
        assert!(leases.running_for(build, 90_000) >= seconds(90));
        assert!(
            leases.running_for(build, -5) >= seconds(90),
            "a later look at the wall clock changes nothing"
        );
    }

    #[test]
    fn a_runner_that_asks_for_other_work_has_dropped_its_build() {
        let clock = Clock::system();
        let leases = Leases::new(clock.clone());
        let (runner, build) = (RunnerId::new(), BuildId::new());
        leases.heard(runner, 4);
        leases.mentions(build);
        clock.advance(seconds(1));
        leases.asks_for_work(runner);
        assert!(!leases.has_dropped(runner, build));
        clock.advance(seconds(30));
        assert!(leases.has_dropped(runner, build));
        leases.mentions(build);
        assert!(!leases.has_dropped(runner, build));
    }
}
