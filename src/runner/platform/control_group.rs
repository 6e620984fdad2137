//! Control groups of Linux: one holds the processes of a build to its limits and ends them all at once. It is made
//! where the system lets us make one; elsewhere there is none, and that is no error. It starts no process.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::process::Pid;

use super::super::limits::{Exceeded, Limits};
use super::memory;

/// The group of the daemon and the runner below that of their service; see `DelegateSubgroup` in its unit.
const SUPERVISOR: &str = "supervisor";

/// The name of the control group of what carries this tag.
pub fn group_name(tag: &str) -> String {
    format!("oore-{tag}")
}

/// A control group that holds the processes of one build.
#[derive(Debug)]
pub struct ControlGroup {
    folder: PathBuf,
    /// The open `cgroup.procs`: a process that writes 0 to it moves in.
    door: Arc<OwnedFd>,
}

impl ControlGroup {
    /// A new group, where the system has such groups and lets us make one.
    pub fn create(name: &str, limits: Limits) -> Option<Self> {
        let above = build_groups()?;
        // Only a group without processes of its own can share out what it has.
        // One by one: where one of them is not ours to share, the other may be.
        for kind in ["+memory", "+pids"] {
            let _shared_already_or_never = fs::write(above.join("cgroup.subtree_control"), kind);
        }
        let folder = above.join(name);
        // One that is there already is that of the same attempt, before the runner was killed.
        fs::create_dir(&folder).or_else(there_already).ok()?;
        let opened = OpenOptions::new().write(true).open(folder.join("cgroup.procs"));
        match opened {
            Ok(door) if folder.join("cgroup.kill").exists() => {
                let group = Self { folder, door: Arc::new(door.into()) };
                group.limit(limits);
                Some(group)
            }
            Ok(_) | Err(_) => {
                let _nothing_was_in_it = fs::remove_dir(&folder);
                None
            }
        }
    }

    fn limit(&self, limits: Limits) {
        let text = |most: Option<u64>| most.map_or_else(|| "max".to_owned(), |most| most.to_string());
        self.tell("pids.max", &text(limits.processes));
        self.tell("memory.max", &text(limits.memory_bytes));
        if limits.memory_bytes.is_some() {
            // Else it would fill the swap of the machine first.
            self.tell("memory.swap.max", "0");
        }
        // All or nothing: a build whose compiler was ended in the middle would fail in some other way.
        self.tell("memory.oom.group", "1");
    }

    /// Where the kernel does not take a limit, `holds` says so.
    fn tell(&self, file: &str, text: &str) {
        let opened = OpenOptions::new().write(true).open(self.folder.join(file));
        let _not_there = opened.and_then(|mut open| io::Write::write_all(&mut open, text.as_bytes()));
    }

    /// What the kernel sees to.
    pub fn holds(&self) -> Holds {
        let is_there = |file: &str| self.folder.join(file).exists();
        Holds { processes: is_there("pids.max"), memory: is_there("memory.max") }
    }

    /// Which limit of its own its processes have run into: a machine, or a service, that has no more is not the
    /// build's doing.
    pub fn exceeded(&self) -> Option<Exceeded> {
        if self.happened("memory.events", "oom_kill ") && self.happened("memory.events.local", "oom ") {
            return Some(Exceeded::Memory);
        }
        let too_many = match self.folder.join("pids.events.local").exists() {
            true => self.happened("pids.events.local", "max "),
            false => self.happened("pids.events", "max ") && self.had_most_processes(),
        };
        too_many.then_some(Exceeded::Processes)
    }

    fn happened(&self, file: &str, event: &str) -> bool {
        let events = fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        events.lines().any(|line| line.strip_prefix(event).is_some_and(|count| count.trim() != "0"))
    }

    /// Older kernels also count here what a group above refused.
    fn had_most_processes(&self) -> bool {
        let number = |file: &str| read_number(&self.folder.join(file));
        let had = number("pids.peak").or_else(|| number("pids.current"));
        number("pids.max").is_some_and(|most| had.is_some_and(|had| had >= most))
    }

    /// The group that another process made.
    pub fn kill_at(folder: &Path) {
        let _gone_already = fs::write(folder.join("cgroup.kill"), "1");
    }

    /// What moves a process in, for one that is about to start.
    pub(super) fn door(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.door)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn members(&self) -> Vec<Pid> {
        let listed = fs::read_to_string(self.folder.join("cgroup.procs")).unwrap_or_default();
        listed.lines().filter_map(|line| Pid::from_raw(line.parse().ok()?)).collect()
    }

    pub fn kill(&self) {
        Self::kill_at(&self.folder);
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        let _stays_while_it_has_members = fs::remove_dir(&self.folder);
    }
}

/// The number in a file of a group; none if there is no limit.
fn read_number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn there_already(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) }
}

/// Which limits of a build the kernel sees to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holds {
    pub processes: bool,
    pub memory: bool,
}

/// What a build would be held to here.
pub fn holds() -> Holds {
    let probe = ControlGroup::create(&format!("oore-probe-{}", std::process::id()), Limits::default());
    probe.map(|group| group.holds()).unwrap_or_default()
}

/// Where the groups of builds are: below our own, or beside it, if a service manager made us a group of our own
/// below the service's. Only there can the kernel hold builds to limits.
pub fn build_groups() -> Option<PathBuf> {
    let own = own_group()?;
    match own.file_name() {
        Some(name) if name == SUPERVISOR => own.parent().map(Path::to_owned),
        Some(_) | None => Some(own),
    }
}

/// Bytes of memory that the machine has and the groups that we are in leave us.
pub fn usable_memory() -> Option<u64> {
    let granted = own_group().and_then(|group| granted_memory(&group));
    memory("MemTotal:").map(|total| granted.map_or(total, |granted| granted.min(total)))
}

/// The smallest limit of a group and those above it.
fn granted_memory(group: &Path) -> Option<u64> {
    group.ancestors().filter_map(|group| read_number(&group.join("memory.max"))).min()
}

/// Our own group in the unified hierarchy.
fn own_group() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?.to_owned();
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mount = mounts.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (_, at, kind) = (words.next()?, words.next()?, words.next()?);
        (kind == "cgroup2").then(|| PathBuf::from(at))
    })?;
    Some(mount.join(path))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    /// The files as the kernel has them: there is no such hierarchy on every machine that runs this.
    fn group_with(files: &[(&str, &str)]) -> (tempfile::TempDir, ControlGroup) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let door = File::create(folder.path().join("cgroup.procs")).unwrap();
        let group = ControlGroup { folder: folder.path().to_owned(), door: Arc::new(door.into()) };
        (folder, group)
    }

    #[test]
    fn limits_are_written_where_the_kernel_takes_them_and_read_back_when_they_were_reached() {
        let limits = Limits { processes: Some(64), memory_bytes: Some(1 << 26), ..Limits::default() };
        let (folder, group) = group_with(&[("pids.max", ""), ("pids.events", "max 0\n")]);
        let tell = |file: &str, content: &str| fs::write(folder.path().join(file), content).unwrap();
        group.limit(limits);
        assert_eq!(fs::read_to_string(folder.path().join("pids.max")).unwrap(), "64");
        assert!(!folder.path().join("memory.max").exists(), "nothing is made that is not there");
        assert_eq!(group.holds(), Holds { processes: true, memory: false });
        assert_eq!(group.exceeded(), None);
        tell("pids.events", "max 3\n");
        tell("pids.peak", "63\n");
        assert_eq!(group.exceeded(), None, "a group above it had no more");
        tell("pids.peak", "64\n");
        assert_eq!(group.exceeded(), Some(Exceeded::Processes));
        tell("pids.events.local", "max 0\n");
        assert_eq!(group.exceeded(), None);
        tell("pids.events.local", "max 1\n");
        assert_eq!(group.exceeded(), Some(Exceeded::Processes));
        let events = "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\noom_group_kill 1\n";
        tell("memory.events", events);
        tell("memory.events.local", "oom 0\noom_kill 1\n");
        assert_eq!(group.exceeded(), Some(Exceeded::Processes), "the machine had no more");
        tell("memory.events.local", events);
        assert_eq!(group.exceeded(), Some(Exceeded::Memory));
    }

    #[test]
    fn a_group_may_have_less_memory_than_the_machine() {
        let folder = tempfile::tempdir().unwrap();
        let group = folder.path().join("service/supervisor");
        fs::create_dir_all(&group).unwrap();
        fs::write(group.join("memory.max"), "max\n").unwrap();
        assert_eq!(granted_memory(&group), None);
        fs::write(folder.path().join("service/memory.max"), "5000\n").unwrap();
        fs::write(folder.path().join("memory.max"), "7000\n").unwrap();
        assert_eq!(granted_memory(&group), Some(5000));
    }
}
