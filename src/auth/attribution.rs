//! Keeps builds from signing in: a step of a build runs on this machine too, so being local proves
//! nothing of it. While a build runs, the process that asks is looked at; when none does, nothing is.
//! It stops mistakes and simple malice, not a process that hides with all the rights of our user.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::peer::{Origin, Peer};
use crate::app::App;
use crate::db;
use crate::error::{Error, Result};
use crate::runner::processes::{self, Holder, Process, Table};

/// How many looks at the process table may run at a time.
static LOOKS: Semaphore = Semaphore::const_new(2);
/// How long one may take, waiting included.
const LIMIT: Duration = Duration::from_secs(5);
/// How far the two clocks may differ that are compared.
const MARGIN: Duration = Duration::from_millis(200);
/// How many ancestors are looked at.
const MOST_ANCESTORS: usize = 64;

/// Refuses a build that signs in, and who could be one.
///
/// Errors: 403 `local_login_from_build`.
pub async fn refuse_builds(app: &App, origin: Origin) -> Result<()> {
    let Some(running) = Running::now(app).await? else {
        return Ok(());
    };
    let embedded = running.embedded;
    let verdict = match tokio::time::timeout(LIMIT, look(running, origin.peer)).await {
        Ok(verdict) => verdict,
        Err(_) => Verdict::Unknown,
    };
    match verdict {
        Verdict::Build => Err(Error::forbidden("local_login_from_build", "a build may not sign in")
            .hint("Give the build an API token if it has to call this instance.")),
        Verdict::Unknown if embedded => {
            let why = "a build is running on this machine, and the caller can't be told from it";
            Err(Error::forbidden("local_login_from_build", why).hint("Sign in when the build is over."))
        }
        Verdict::Unknown | Verdict::Elsewhere => Ok(()),
    }
}

/// How long a build has been running.
fn age_of(app: &App, build: &db::builds::Standing) -> Duration {
    let wall_ms = build.started_at_ms.map_or(0, |started| app.clock.now_ms() - started);
    older(wall_ms, app.leases.running_for(build.id, wall_ms))
}

/// By both clocks, whichever says more: the wall clock may have been set back since, the other one does not count the
/// time that the machine slept. A build taken for too young would make its orphans look older than it.
fn older(wall_ms: i64, monotonic: Duration) -> Duration {
    Duration::from_millis(u64::try_from(wall_ms).unwrap_or(0)).max(monotonic)
}

async fn look(running: Running, peer: Peer) -> Verdict {
    let Ok(_place) = LOOKS.acquire().await else { return Verdict::Unknown };
    let looked = tokio::task::spawn_blocking(move || running.judge(peer.remote, peer.local));
    looked.await.unwrap_or(Verdict::Unknown)
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Build,
    Elsewhere,
    Unknown,
}

/// The builds whose steps may be running.
#[derive(Debug)]
struct Running {
    /// The control groups they are in, where there are such groups.
    groups: Vec<String>,
    /// How long the oldest has been running.
    age: Duration,
    /// Where the embedded runner works.
    folder: PathBuf,
    /// Whether one runs on the embedded runner, so on this machine for certain.
    embedded: bool,
}

impl Running {
    async fn now(app: &App) -> Result<Option<Self>> {
        let held = db::builds::list_held(app.db.read(), None).await?;
        let begun: Vec<_> = held.into_iter().filter(|build| build.started_at_ms.is_some()).collect();
        let Some(age) = begun.iter().map(|build| age_of(app, build)).max() else {
            return Ok(None);
        };
        let embedded = db::runners::find_embedded(app.db.read()).await?.map(|runner| runner.id);
        let group =
            |build: &db::builds::Standing| processes::group_name(&build.id.to_string(), build.attempt);
        Ok(Some(Self {
            groups: begun.iter().map(group).collect(),
            age,
            folder: app.config.data.runner(),
            embedded: embedded.is_some() && begun.iter().any(|build| build.runner_id == embedded),
        }))
    }

    fn judge(&self, theirs: SocketAddr, ours: SocketAddr) -> Verdict {
        let pids = match processes::holder(theirs, ours) {
            Holder::Nobody => return Verdict::Unknown,
            Holder::SomebodyElse => return Verdict::Elsewhere,
            Holder::Processes(pids) => pids,
        };
        let table = Table::read();
        let contained = Containment::of(&self.groups);
        let verdicts: Vec<Verdict> = pids.iter().map(|pid| self.of(&table, *pid, contained)).collect();
        // A socket can be shared: one holder that may be a build is enough.
        for verdict in [Verdict::Build, Verdict::Unknown] {
            if verdicts.contains(&verdict) {
                return verdict;
            }
        }
        Verdict::Elsewhere
    }

    fn of(&self, table: &Table, pid: i32, contained: Containment) -> Verdict {
        let line = lineage(table, pid);
        if line.iter().any(|process| self.is_a_builds(process)) {
            return Verdict::Build;
        }
        let older = |process: &&Process| !process.reaper && process.age > self.age + MARGIN;
        match contained {
            // Nobody gets out of a control group, so who is outside was never in.
            Containment::Whole => Verdict::Elsewhere,
            // An orphan that is younger than the build may have been let go by it.
            Containment::Unsure if line.iter().find(older).is_some() => Verdict::Elsewhere,
            Containment::Unsure => Verdict::Unknown,
        }
    }

    fn is_a_builds(&self, process: &Process) -> bool {
        let grouped = || {
            let mut folders = process.groups.lines().flat_map(|line| line.split('/'));
            folders.any(|folder| self.groups.iter().any(|group| group == folder))
        };
        let inside = process.folder.as_ref().is_some_and(|folder| folder.starts_with(&self.folder));
        process.tagged || process.runner || inside || grouped()
    }
}

/// Whether the control groups of the builds hold all their processes for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Containment {
    Whole,
    Unsure,
}

impl Containment {
    fn of(groups: &[String]) -> Self {
        // An empty group may be one that nobody could be put into.
        match groups.iter().all(|group| processes::is_inhabited(group)) {
            true => Containment::Whole,
            false => Containment::Unsure,
        }
    }
}

/// The process, its ancestors, and the leaders of their sessions, as far as they still live.
fn lineage(table: &Table, pid: i32) -> Vec<Process> {
    let (mut line, mut next) = (Vec::new(), pid);
    while line.len() < MOST_ANCESTORS
        && let Some(process) = table.find(next)
    {
        let leader = (process.session != next).then(|| table.find(process.session)).flatten();
        next = process.parent;
        line.push(process);
        line.extend(leader);
        if next <= 1 {
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const BUILD_AGE: Duration = Duration::from_secs(60);

    fn running() -> Running {
        let groups = vec!["oore-b-1".to_owned()];
        Running { groups, age: BUILD_AGE, folder: PathBuf::from("/data/runner"), embedded: true }
    }

    fn process(parent: i32, age: u64) -> Process {
        Process { parent, age: Duration::from_secs(age), ..Process::default() }
    }

    /// Judges process 9, whose parent is 8, whose parent is 1.
    fn judge(nine: Process, eight: Process, contained: Containment) -> Verdict {
        let init = Process { reaper: true, ..process(0, 9999) };
        let table = Table::Listed(HashMap::from([(1, init), (8, eight), (9, nine)]));
        running().of(&table, 9, contained)
    }

    #[test]
    fn a_mark_anywhere_in_the_lineage_is_a_builds() {
        let plain = || process(8, 1);
        let marks = [
            Process { tagged: true, ..process(1, 10) },
            Process { runner: true, ..process(1, 9000) },
            Process { groups: "0::/oored.service/oore-b-1\n".to_owned(), ..process(1, 10) },
            Process { folder: Some(PathBuf::from("/data/runner/workspaces/x (deleted)")), ..process(1, 10) },
        ];
        for mark in marks {
            assert_eq!(judge(plain(), mark.clone(), Containment::Unsure), Verdict::Build, "{mark:?}");
            let own = Process { parent: 8, ..mark };
            assert_eq!(judge(own, process(1, 9000), Containment::Whole), Verdict::Build);
        }
        let other = Process { groups: "0::/oore-b-10\n".to_owned(), ..process(1, 9000) };
        assert_eq!(judge(plain(), other, Containment::Unsure), Verdict::Elsewhere);
    }

    #[test]
    fn a_wall_clock_that_was_set_back_makes_no_build_younger() {
        assert_eq!(older(-3_600_000, BUILD_AGE), BUILD_AGE);
        assert_eq!(older(3_600_000, BUILD_AGE), Duration::from_secs(3600), "the machine slept");
    }

    #[test]
    fn who_began_before_the_build_is_not_it_and_an_orphan_might_be() {
        assert_eq!(judge(process(8, 1), process(1, 61), Containment::Unsure), Verdict::Elsewhere);
        assert_eq!(judge(process(8, 1), process(1, 60), Containment::Unsure), Verdict::Unknown);
        assert_eq!(judge(process(1, 1), process(1, 9000), Containment::Unsure), Verdict::Unknown);
        assert_eq!(judge(process(1, 1), process(1, 1), Containment::Whole), Verdict::Elsewhere);
        let adopter = Process { reaper: true, ..process(1, 9000) };
        assert_eq!(judge(process(8, 1), adopter, Containment::Unsure), Verdict::Unknown);
    }
}
