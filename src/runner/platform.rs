//! What differs between Linux and macOS: sessions, finding processes by a tag in their environment,
//! control groups, names of the system. Besides it only `processes` asks which system it runs on.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustix::process::Pid;

use crate::config;

/// Variable that marks every process of a build.
pub const TAG_VARIABLE: &str = "OORE_BUILD_TAG";

/// Makes the command start as leader of a session of its own, inside the control group if there is
/// one. Nothing it starts can get out of the group again.
#[allow(unsafe_code)]
pub fn own_session(command: &mut Command, group: Option<&ControlGroup>) {
    use std::os::unix::process::CommandExt;
    let door = group.map(|group| Arc::clone(&group.door));
    // SAFETY: between fork and exec only two system calls are made; nothing allocates or locks.
    unsafe {
        command.pre_exec(move || {
            rustix::process::setsid()?;
            if let Some(door) = &door {
                // Where this fails, the tag still finds the process.
                let _ = rustix::io::write(door.as_fd(), b"0");
            }
            Ok(())
        });
    }
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
    /// A new group below our own, where the system has such groups and lets us make one.
    pub fn create(name: &str) -> Option<Self> {
        let folder = own_group()?.join(name);
        // One that is there already is that of the same attempt, before the runner was killed.
        fs::create_dir(&folder).or_else(there_already).ok()?;
        let opened = OpenOptions::new().write(true).open(folder.join("cgroup.procs"));
        match opened {
            Ok(door) if folder.join("cgroup.kill").exists() => {
                Some(Self { folder, door: Arc::new(door.into()) })
            }
            Ok(_) | Err(_) => {
                let _nothing_was_in_it = fs::remove_dir(&folder);
                None
            }
        }
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

fn there_already(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) }
}

/// Our own group in the unified hierarchy.
pub fn own_group() -> Option<PathBuf> {
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

    #[test]
    fn a_listing_of_ps_is_read() {
        let listing = "  12 sleep 9 A=b OORE_BUILD_TAG=x1 C=d\n 13 sleep 9 OORE_BUILD_TAG=x11\n14 sh -c x\n";
        assert_eq!(pids_in(listing, "x1"), [Pid::from_raw(12).unwrap()]);
    }
}
