//! What differs between Linux and macOS: sessions, finding processes by a tag in their environment,
//! control groups, names of the system. Besides it only `processes` asks which system it runs on.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Resource, Rlimit};

use super::limits::{Exceeded, Limits};
use crate::config;

/// The group of the daemon and the runner below that of their service; see `DelegateSubgroup` in its unit.
const SUPERVISOR: &str = "supervisor";
/// Tasks that the user of a build may start beside it.
const SPARE_TASKS: u64 = 256;
/// Half way between the ordinary and what always goes first.
const OOM_SCORE: &[u8] = b"500";

/// Variable that marks every process of a build.
pub const TAG_VARIABLE: &str = "OORE_BUILD_TAG";

/// Makes the command start as leader of a session of its own, inside the control group if there is
/// one, and within bounds. Nothing it starts can get out of the group again.
#[allow(unsafe_code)]
pub fn own_session(command: &mut Command, group: Option<&ControlGroup>, bounds: Bounds) {
    use std::os::unix::process::CommandExt;
    let door = group.map(|group| Arc::clone(&group.door));
    // SAFETY: between fork and exec only a few system calls are made; nothing allocates or locks.
    unsafe {
        command.pre_exec(move || {
            rustix::process::setsid()?;
            if let Some(door) = &door {
                // Where this fails, the tag still finds the process.
                let _ = rustix::io::write(door.as_fd(), b"0");
            }
            bounds.set();
            Ok(())
        });
    }
}

/// Limits of every single process of a build; each inherits them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    open_files: Option<Rlimit>,
    processes: Option<Rlimit>,
    /// Whether it is what the kernel ends first when the machine has no memory left.
    goes_first: bool,
}

impl Bounds {
    /// Where nothing counts the processes of a build for us, the kernel counts those of its user. So there is room
    /// for all that the user has already, and some more, for the runner to see that the build is beyond its limit.
    pub fn of(limits: Limits, is_counted: bool) -> Self {
        let lowered = |resource, most: u64| {
            let present = rustix::process::getrlimit(resource);
            let lower = |value: Option<u64>| Some(value.map_or(most, |value| value.min(most)));
            Rlimit { current: lower(present.current), maximum: lower(present.maximum) }
        };
        // Other builds may begin while this one runs.
        let room = |most: u64| most.saturating_add(most / 8).saturating_add(SPARE_TASKS);
        let of_user = |most: u64| user_tasks().map(|tasks| room(most).saturating_add(tasks));
        let processes = limits.processes_of_all.filter(|_| !is_counted).and_then(of_user);
        // Shells begin with a low one that programs may raise: it would not be ours that they run into.
        let raised = |limit: Rlimit| Rlimit { current: limit.maximum, ..limit };
        Self {
            open_files: limits.open_files.map(|most| raised(lowered(Resource::Nofile, most))),
            processes: processes.map(|most| lowered(Resource::Nproc, most)),
            goes_first: limits.memory_bytes.is_some(),
        }
    }

    /// Of the present process. A system that refuses leaves things as they are.
    fn set(self) {
        for (resource, limit) in [(Resource::Nofile, self.open_files), (Resource::Nproc, self.processes)] {
            if let Some(limit) = limit {
                let _as_it_was = rustix::process::setrlimit(resource, limit);
            }
        }
        if self.goes_first {
            let flags = OFlags::WRONLY | OFlags::CLOEXEC;
            let _not_there = rustix::fs::open(c"/proc/self/oom_score_adj", flags, Mode::empty())
                .and_then(|file| rustix::io::write(&file, OOM_SCORE));
        }
    }
}

/// What processes use together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processes and threads; on macOS processes.
    pub tasks: u64,
    /// At most; what processes share is counted for each of them.
    pub memory_bytes: u64,
}

/// How often it is worth the effort to look at what a build uses.
pub fn usage_interval() -> Duration {
    // There it takes a program that lists everything.
    if cfg!(target_os = "macos") { Duration::from_secs(5) } else { Duration::from_secs(1) }
}

pub fn usage(pids: &[Pid]) -> Usage {
    if pids.is_empty() {
        return Usage::default();
    }
    if cfg!(target_os = "macos") { usage_by_ps(pids) } else { usage_by_proc(pids) }
}

fn usage_by_proc(pids: &[Pid]) -> Usage {
    let mut usage = Usage::default();
    for pid in pids {
        let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap_or_default();
        usage.tasks += in_status(&status, "Threads:").unwrap_or(0);
        usage.memory_bytes += resident(&status);
    }
    usage
}

/// What processes use together, each page counted once; `None` where the system doesn't tell.
pub fn own_memory(pids: &[Pid]) -> Option<u64> {
    let of = |pid: &Pid| {
        let pid = pid.as_raw_nonzero();
        // It has none if the process is gone, or becomes another's.
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let status = || fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        proportional(&rollup).unwrap_or_else(|| resident(&status()))
    };
    cfg!(target_os = "linux").then(|| pids.iter().map(of).sum())
}

/// Bytes of a process's share, by its `smaps_rollup`.
fn proportional(rollup: &str) -> Option<u64> {
    Some((in_status(rollup, "Pss_Anon:")? + in_status(rollup, "Pss_Shmem:")?) * 1024)
}

/// Bytes of memory of a process that no file stands for, by its `status`.
fn resident(status: &str) -> u64 {
    ["RssAnon:", "RssShmem:"].iter().filter_map(|line| in_status(status, line)).sum::<u64>() * 1024
}

fn usage_by_ps(pids: &[Pid]) -> Usage {
    let list: Vec<String> = pids.iter().map(|pid| pid.as_raw_nonzero().to_string()).collect();
    let listed = Command::new("/bin/ps").args(["-o", "rss=", "-p", &list.join(",")]).output();
    in_rss(&String::from_utf8_lossy(&listed.map(|output| output.stdout).unwrap_or_default()))
}

fn in_rss(listing: &str) -> Usage {
    let sizes: Vec<u64> = listing.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Usage { tasks: sizes.len() as u64, memory_bytes: sizes.iter().sum::<u64>() * 1024 }
}

/// The first number of a line of `/proc/<pid>/status`.
fn in_status(status: &str, line: &str) -> Option<u64> {
    status.lines().find_map(|found| found.strip_prefix(line))?.split_whitespace().next()?.parse().ok()
}

/// How many processes and threads our user has, where the system counts both against one limit.
fn user_tasks() -> Option<u64> {
    let us = u64::from(rustix::process::getuid().as_raw());
    let statuses =
        pids().into_iter().filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/status")).ok());
    let ours = statuses.filter(|status| in_status(status, "Uid:") == Some(us));
    let tasks: u64 = ours.filter_map(|status| in_status(&status, "Threads:")).sum();
    (tasks > 0).then_some(tasks)
}

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

/// Every process whose environment carries the tag. Processes of other people aren't seen.
pub fn tagged(tag: &str) -> Vec<Pid> {
    if cfg!(target_os = "macos") { tagged_by_ps(tag) } else { tagged_by_proc(tag) }
}

fn tagged_by_proc(tag: &str) -> Vec<Pid> {
    let wanted = format!("{TAG_VARIABLE}={tag}");
    let carries = |pid: &i32| has_variable(*pid, |variable| variable == wanted.as_bytes());
    pids().into_iter().filter(carries).filter_map(Pid::from_raw).collect()
}

fn tagged_by_ps(tag: &str) -> Vec<Pid> {
    pids_in(&listed("pid=,command="), tag)
}

/// Every process, as `/proc` names them.
pub fn pids() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Whether a variable in the environment of a process fits, as `/proc` shows it.
pub fn has_variable(pid: i32, fits: impl Fn(&[u8]) -> bool) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment.split(|byte| *byte == 0).any(fits)
}

/// How a process was called; empty when it is gone.
pub fn command_line(pid: i32) -> String {
    let shown = if cfg!(target_os = "macos") {
        let listed = Command::new("/bin/ps").args(["-ww", "-o", "command=", "-p", &pid.to_string()]).output();
        listed.map(|output| output.stdout).unwrap_or_default()
    } else {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        words.into_iter().map(|byte| if byte == 0 { b' ' } else { byte }).collect()
    };
    String::from_utf8_lossy(&shown).trim_end().to_owned()
}

/// Every process as `ps` lists it, with its environment behind the command.
pub fn listed(columns: &str) -> String {
    let listed = Command::new("/bin/ps").args(["-A", "-E", "-ww", "-o", columns]).output();
    String::from_utf8_lossy(&listed.map(|output| output.stdout).unwrap_or_default()).into_owned()
}

/// Reads lines of a process id followed by command and environment.
fn pids_in(listing: &str, tag: &str) -> Vec<Pid> {
    let wanted = format!("{TAG_VARIABLE}={tag}");
    let lines = listing.lines().filter(|line| line.split_whitespace().any(|word| word == wanted));
    lines.filter_map(|line| Pid::from_raw(line.split_whitespace().next()?.parse().ok()?)).collect()
}

/// The program that is running, also after its file was replaced by a newer version.
pub fn own_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok(PathBuf::from("/proc/self/exe"));
    }
    config::own_program()
}

/// `linux` or `macos`.
pub fn name() -> &'static str {
    if cfg!(target_os = "macos") { "macos" } else { "linux" }
}

/// The processor's architecture.
pub fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }
}

/// Where the version of the system stands: a file with `VERSION_ID=`, or a program that prints it.
pub fn version_program() -> Option<&'static [&'static str]> {
    if cfg!(target_os = "macos") { Some(&["/usr/bin/sw_vers", "-productVersion"]) } else { None }
}

/// A program that prints how many bytes of memory there are, where no file tells.
pub fn memory_program() -> Option<&'static [&'static str]> {
    if cfg!(target_os = "macos") { Some(&["/usr/sbin/sysctl", "-n", "hw.memsize"]) } else { None }
}

/// Bytes of memory as a line of `/proc/meminfo` tells them.
pub fn memory(line: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes = text.lines().find_map(|found| found.strip_prefix(line))?;
    kibibytes.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// A program that prints where the JDK is.
pub fn java_home_program() -> Option<&'static str> {
    if cfg!(target_os = "macos") { Some("/usr/libexec/java_home") } else { None }
}

/// Where Android Studio puts the SDK, below the home folder.
pub fn usual_android_sdk() -> &'static str {
    if cfg!(target_os = "macos") { "Library/Android/sdk" } else { "Android/Sdk" }
}

/// Whether there can be an Xcode.
pub fn has_xcode() -> bool {
    cfg!(target_os = "macos")
}

/// The version in `/etc/os-release`.
pub fn release_version() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix("VERSION_ID="))?;
    Some(value.trim_matches('"').to_owned())
}

/// Folders where tools are that a service's short PATH leaves out, below the home folder or absolute.
pub fn usual_tool_folders() -> &'static [&'static str] {
    if cfg!(target_os = "macos") {
        &["fvm/default/bin", ".pub-cache/bin", "/opt/homebrew/bin", "/usr/local/bin"]
    } else {
        &["fvm/default/bin", ".pub-cache/bin", "/usr/local/bin"]
    }
}

/// Bytes that can still be written to the disk of a folder.
pub fn free_disk(folder: &Path) -> io::Result<u64> {
    Ok(disk(folder)?.0)
}

/// Bytes that can still be written to the disk of a folder, and its size.
pub fn disk(folder: &Path) -> io::Result<(u64, u64)> {
    let found = rustix::fs::statvfs(folder)?;
    Ok((found.f_bavail.saturating_mul(found.f_frsize), found.f_blocks.saturating_mul(found.f_frsize)))
}

/// Makes a file that only its owner may read, empty also if there was one.
pub fn private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().create(true).truncate(true).read(true).write(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_by_its_tag() {
        let tag = format!("test-{}", std::process::id());
        let mut child = Command::new("sleep").arg("30").env(TAG_VARIABLE, &tag).spawn().unwrap();
        let mut found = Vec::new();
        for _ in 0..200 {
            found = tagged(&tag);
            if !found.is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(found, [Pid::from_child(&child)]);
        assert!(tagged("test").is_empty());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(tagged(&tag).is_empty());
    }

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

    #[test]
    fn what_processes_use_is_counted() {
        let own = Pid::from_raw(i32::try_from(std::process::id()).unwrap()).unwrap();
        let used = usage(&[own]);
        assert!(used.tasks >= 1 && used.memory_bytes > 100_000, "{used:?}");
        assert_eq!(usage(&[]), Usage::default());
        assert_eq!(in_rss(" 100\n20\n"), Usage { tasks: 2, memory_bytes: 120 * 1024 });
        assert_eq!(in_status("Name:\tx\nUid:\t7\t8\nThreads:\t3\n", "Uid:"), Some(7));
        assert_eq!(
            proportional("Pss: 9 kB\nPss_Anon:  5 kB\nPss_File: 3 kB\nPss_Shmem: 1 kB\n"),
            Some(6 * 1024)
        );
        assert_eq!(proportional("Pss: 9 kB\n"), None);
    }

    #[test]
    fn a_process_starts_within_its_bounds() {
        let limits = Limits { memory_bytes: Some(1 << 30), open_files: Some(123), ..Limits::default() };
        let mut command = Command::new("sh");
        let first = if cfg!(target_os = "linux") { "500" } else { "" };
        command.args(["-c", "ulimit -Hn; ulimit -Sn; cat /proc/self/oom_score_adj 2>/dev/null || echo"]);
        own_session(&mut command, None, Bounds::of(limits, false));
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert_eq!(said.lines().collect::<Vec<_>>(), ["123", "123", first]);
        let limits = Limits { processes: Some(64), processes_of_all: Some(640), ..limits };
        assert!(Bounds::of(limits, true).processes.is_none(), "the group sees to it");
        if let Some(bound) = Bounds::of(limits, false).processes {
            assert!(bound.maximum.is_none_or(|most| most > 640), "other builds need theirs: {bound:?}");
        }
    }

    #[test]
    fn a_listing_of_ps_is_read() {
        let listing = "  12 sleep 9 A=b OORE_BUILD_TAG=x1 C=d\n 13 sleep 9 OORE_BUILD_TAG=x11\n14 sh -c x\n";
        assert_eq!(pids_in(listing, "x1"), [Pid::from_raw(12).unwrap()]);
    }
}
