//! What differs between Linux and macOS: sessions, finding processes by a tag in their environment, names of the
//! system. Besides this folder only `processes` asks which system it runs on. It knows nothing of builds but their tag.

mod control_group;
mod usage;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Resource, Rlimit};

pub use self::control_group::{ControlGroup, Holds, build_groups, group_name, holds, usable_memory};
pub use self::usage::{own_memory, usage, usage_interval};
use super::limits::Limits;
use crate::config;

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
    let door = group.map(ControlGroup::door);
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

/// The first number of a line of a file like `/proc/<pid>/status`.
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
    in_status(&text, line)?.checked_mul(1024)
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
