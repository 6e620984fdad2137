//! Every process of a build, whatever they do to get away: sessions of their own, double forks, deaf
//! ears. Finds them and ends them; starts none.

use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

use super::limits::{Exceeded, Limits};
use super::mask::Masks;
use super::platform::{self, Bounds, ControlGroup};
use super::snapshot;

/// How long processes may take to end after an interrupt.
pub const INTERRUPT_GRACE: Duration = Duration::from_secs(2);
/// How long they may take after being asked to terminate.
pub const TERMINATE_GRACE: Duration = Duration::from_secs(2);
/// How long what a finished build left behind may take to end.
pub const LEFTOVER_GRACE: Duration = Duration::from_millis(500);
/// How long killing is tried; what is left then can't be killed.
const KILL_LIMIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// How gently processes are ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// A build is stopped in the middle: it may clean up.
    Stop,
    /// The build is over; what still runs was left behind.
    Leftover,
    /// At once.
    Kill,
}

impl Manner {
    fn stages(self) -> &'static [(Signal, Duration)] {
        match self {
            Manner::Stop => &[(Signal::INT, INTERRUPT_GRACE), (Signal::TERM, TERMINATE_GRACE)],
            Manner::Leftover => &[(Signal::TERM, LEFTOVER_GRACE)],
            Manner::Kill => &[],
        }
    }
}

/// The processes of one build.
#[derive(Debug, Clone)]
pub struct Tree {
    tag: Arc<str>,
    group: Option<Arc<ControlGroup>>,
    limits: Limits,
    bounds: Bounds,
}

impl Tree {
    /// An empty tree; what is started with its tag, in its group, belongs to it.
    pub fn new(tag: String) -> Self {
        Self::limited(tag, Limits::default())
    }

    /// One whose processes may not use more than this.
    pub fn limited(tag: String, limits: Limits) -> Self {
        let group = ControlGroup::create(&platform::group_name(&tag), limits).map(Arc::new);
        let is_counted = group.as_ref().is_some_and(|group| group.holds().processes);
        Self { tag: tag.into(), group, limits, bounds: Bounds::of(limits, is_counted) }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Which limit the kernel has held it to.
    pub fn exceeded(&self) -> Option<Exceeded> {
        self.group.as_ref()?.exceeded()
    }

    /// Which limit it is beyond, where the kernel does not see to it.
    pub fn counted(&self) -> Option<Exceeded> {
        let held = self.group.as_ref().map(|group| group.holds()).unwrap_or_default();
        let processes = self.limits.processes.filter(|_| !held.processes);
        let memory_bytes = self.limits.memory_bytes.filter(|_| !held.memory);
        if processes.is_none() && memory_bytes.is_none() {
            return None;
        }
        let members = match &self.group {
            Some(group) => group.members(),
            None => platform::tagged(&self.tag),
        };
        let used = platform::usage(&members);
        if processes.is_some_and(|most| used.tasks > most) {
            return Some(Exceeded::Processes);
        }
        // What processes share is in the sum several times: only then is it worth to count it as it is.
        let is_beyond = |most: u64| {
            used.memory_bytes > most && platform::own_memory(&members).is_none_or(|own| own > most)
        };
        memory_bytes.is_some_and(is_beyond).then_some(Exceeded::Memory)
    }

    pub fn tag(&self) -> &str {
        &self.tag
    }

    pub fn group(&self) -> Option<&ControlGroup> {
        self.group.as_deref()
    }

    /// Ends everything. Answers how many processes were found.
    pub async fn end(&self, manner: Manner) -> usize {
        let found = self.members().await.len();
        for (signal, grace) in manner.stages() {
            let members = self.members().await;
            if members.is_empty() {
                break;
            }
            send(&members, *signal);
            self.wait_until_empty(*grace).await;
        }
        self.kill().await;
        found
    }

    /// Kills until nobody is found twice in a row: whoever was being started during one scan is seen
    /// by the next.
    async fn kill(&self) {
        let give_up = Instant::now() + KILL_LIMIT;
        // Also what took off the tag and hides in a group below ours, where no scan sees it.
        if let Some(group) = &self.group {
            group.kill();
        }
        let mut empty_passes = 0;
        while empty_passes < 2 && Instant::now() < give_up {
            let members = self.members().await;
            if members.is_empty() {
                empty_passes += 1;
                continue;
            }
            empty_passes = 0;
            if let Some(group) = &self.group {
                group.kill();
            }
            send(&members, Signal::KILL);
            sleep(PAUSE).await;
        }
    }

    async fn wait_until_empty(&self, grace: Duration) {
        let until = Instant::now() + grace;
        while Instant::now() < until && !self.members().await.is_empty() {
            sleep(PAUSE).await;
        }
    }

    /// What everything is doing, for the log.
    pub async fn snapshot(&self, masks: &Masks) -> Vec<String> {
        let (tree, masks) = (self.clone(), masks.clone());
        let looked = tokio::task::spawn_blocking(move || snapshot::of(&tree.members_now(), &masks));
        looked.await.unwrap_or_default()
    }

    async fn members(&self) -> Vec<Pid> {
        let tree = self.clone();
        tokio::task::spawn_blocking(move || tree.members_now()).await.unwrap_or_default()
    }

    fn members_now(&self) -> Vec<Pid> {
        let mut members = platform::tagged(&self.tag);
        if let Some(group) = &self.group {
            members.extend(group.members());
        }
        members.sort_by_key(|pid| pid.as_raw_nonzero());
        members.dedup();
        members
    }
}

/// Kills whatever carries the tag, without a runtime. For the warden.
pub fn kill_tagged(tag: &str) {
    let mut empty_passes = 0;
    for _ in 0..500 {
        let members = platform::tagged(tag);
        if members.is_empty() {
            empty_passes += 1;
            if empty_passes == 2 {
                return;
            }
            continue;
        }
        empty_passes = 0;
        send(&members, Signal::KILL);
        std::thread::sleep(PAUSE);
    }
}

fn send(members: &[Pid], signal: Signal) {
    for pid in members {
        let _ended_already = kill_process(*pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_tag_alone_is_enough_where_there_are_no_control_groups() {
        let tag = format!("alone-{}", std::process::id()).into();
        let tree = Tree { tag, group: None, limits: Limits::default(), bounds: Bounds::default() };
        let line =
            "sleep 999 & (setsid sleep 999 &) ; nohup sleep 999 >/dev/null 2>&1 & trap '' TERM; sleep 999";
        let mut command = std::process::Command::new("sh");
        command.args(["-c", line]).env(platform::TAG_VARIABLE, tree.tag());
        platform::own_session(&mut command, None, Bounds::default());
        let mut child = command.spawn().unwrap();
        while tree.members().await.len() < 5 {
            sleep(PAUSE).await;
        }
        assert_eq!(tree.end(Manner::Kill).await, 5);
        assert_eq!(tree.members().await, []);
        child.wait().unwrap();
    }
}
