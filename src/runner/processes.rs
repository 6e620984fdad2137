//! Which process is at the other end of a connection on this machine, and what is known of it: facts of
//! the operating system. It judges nothing, and ends nothing.

use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::execute::tag;
use super::platform::{self, TAG_VARIABLE};

/// Ticks of the process table per second, on every Linux that Rust runs on.
const TICKS: u64 = 100;
/// Programs that take in orphans: being their child says nothing of where a process comes from.
const REAPERS: &[&str] = &["systemd", "init", "launchd", "tini", "docker-init", "dumb-init", "s6-svscan"];

/// Who holds the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// Nobody was found.
    Nobody,
    /// Another person of this machine, who is not its administrator.
    SomebodyElse,
    /// These processes.
    Processes(Vec<i32>),
}

/// A process as the system tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Process {
    pub parent: i32,
    pub session: i32,
    pub age: Duration,
    /// Whether it carries the mark of a build.
    pub tagged: bool,
    /// Whether it is a runner.
    pub runner: bool,
    /// Whether it takes in orphans.
    pub reaper: bool,
    /// Its control groups, if the system has them.
    pub groups: String,
    /// The folder it works in.
    pub folder: Option<PathBuf>,
}

/// The processes of the machine.
#[derive(Debug)]
pub enum Table {
    /// Read one by one from `/proc`; holds how long the machine is up.
    Proc(Duration),
    /// As `ps` listed them.
    Listed(HashMap<i32, Process>),
}

impl Table {
    pub fn read() -> Self {
        if platform::name() == "macos" { Table::Listed(listed()) } else { Table::Proc(uptime()) }
    }

    pub fn find(&self, pid: i32) -> Option<Process> {
        match self {
            Table::Proc(uptime) => in_proc(pid, *uptime),
            Table::Listed(list) => list.get(&pid).cloned(),
        }
    }
}

/// Who holds the socket that is bound to `theirs` and connected to `ours`.
pub fn holder(theirs: SocketAddr, ours: SocketAddr) -> Holder {
    let (theirs, ours) = (canonical(theirs), canonical(ours));
    if platform::name() == "macos" { holder_by_lsof(theirs, ours) } else { holder_by_proc(theirs, ours) }
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn holder_by_proc(theirs: SocketAddr, ours: SocketAddr) -> Holder {
    let found = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|path| {
        let table = fs::read_to_string(path).ok()?;
        table.lines().find_map(|line| socket_in(line, theirs, ours))
    });
    let Some((uid, inode)) = found else { return Holder::Nobody };
    let us = rustix::process::geteuid().as_raw();
    match holding(inode) {
        pids if !pids.is_empty() => Holder::Processes(pids),
        // An administrator's process may be a build's that was given their rights.
        _ if uid != us && uid != 0 => Holder::SomebodyElse,
        _ => Holder::Nobody,
    }
}

/// Owner and inode of a line of `/proc/net/tcp`, if it is this connection.
fn socket_in(line: &str, theirs: SocketAddr, ours: SocketAddr) -> Option<(u32, u64)> {
    let mut words = line.split_whitespace().skip(1);
    let (local, remote) = (address(words.next()?)?, address(words.next()?)?);
    if (local, remote) != (theirs, ours) {
        return None;
    }
    let mut words = words.skip(4);
    let uid = words.next()?.parse().ok()?;
    let inode = words.nth(1)?.parse().ok()?;
    Some((uid, inode))
}

/// An address as `/proc/net/tcp` writes it: words in the byte order of the machine.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| Some(u32::from_str_radix(ip.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    let ip: IpAddr = match ip.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let mut bytes = [0; 16];
            for (n, chunk) in bytes.chunks_exact_mut(4).enumerate() {
                chunk.copy_from_slice(&word(n * 8)?);
            }
            Ipv6Addr::from(bytes).into()
        }
        _ => return None,
    };
    Some(canonical(SocketAddr::new(ip, port)))
}

/// Every process that has the socket open, as far as we may look.
fn holding(inode: u64) -> Vec<i32> {
    let wanted = format!("socket:[{inode}]");
    let holds = |pid: &i32| {
        let open = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        open.filter_map(|file| fs::read_link(file.path()).ok())
            .any(|link| link.as_os_str() == wanted.as_str())
    };
    platform::pids().into_iter().filter(holds).collect()
}

fn uptime() -> Duration {
    let text = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = text.split_whitespace().next().and_then(|word| word.parse().ok());
    Duration::try_from_secs_f64(seconds.unwrap_or(0.0)).unwrap_or_default()
}

fn in_proc(pid: i32, uptime: Duration) -> Option<Process> {
    let folder = Path::new("/proc").join(pid.to_string());
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    let arguments = fs::read(folder.join("cmdline")).unwrap_or_default();
    let mark = format!("{TAG_VARIABLE}=");
    let process = Process {
        tagged: platform::has_variable(pid, |variable| variable.starts_with(mark.as_bytes())),
        runner: is_runner(&String::from_utf8_lossy(&arguments).replace('\0', " ")),
        groups: fs::read_to_string(folder.join("cgroup")).unwrap_or_default(),
        folder: fs::read_link(folder.join("cwd")).ok(),
        ..in_stat(&stat, uptime)?
    };
    Some(Process { reaper: process.reaper || pid == 1, ..process })
}

/// What stands in `/proc/<pid>/stat`. The name of the program may hold anything, also parentheses.
fn in_stat(stat: &str, uptime: Duration) -> Option<Process> {
    let (head, rest) = stat.rsplit_once(") ")?;
    let name = head.split_once('(')?.1;
    let words: Vec<&str> = rest.split(' ').collect();
    let ticks: u64 = words.get(19)?.parse().ok()?;
    let begun = Duration::from_millis(ticks.saturating_mul(1000 / TICKS));
    Some(Process {
        parent: words.get(1)?.parse().ok()?,
        session: words.get(3)?.parse().ok()?,
        age: uptime.saturating_sub(begun),
        reaper: REAPERS.contains(&name),
        ..Process::default()
    })
}

/// Whether a command line is that of a runner.
fn is_runner(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let program = words.next().map(Path::new).and_then(Path::file_name);
    program.is_some_and(|name| name == "oored") && words.next() == Some("runner")
}

fn holder_by_lsof(theirs: SocketAddr, ours: SocketAddr) -> Holder {
    let port = format!("-iTCP:{}", theirs.port());
    let listed = Command::new("/usr/sbin/lsof").args(["-nP", "-a", &port, "-Fpn"]).output();
    let listed = listed.map(|output| output.stdout).unwrap_or_default();
    match in_lsof(&String::from_utf8_lossy(&listed), theirs, ours) {
        pids if pids.is_empty() => Holder::Nobody,
        pids => Holder::Processes(pids),
    }
}

/// Reads the fields `p` (process) and `n` (name) of lsof.
fn in_lsof(listing: &str, theirs: SocketAddr, ours: SocketAddr) -> Vec<i32> {
    let wanted = format!("{theirs}->{ours}");
    let (mut pid, mut found): (Option<i32>, _) = (None, Vec::new());
    for line in listing.lines() {
        if let Some(number) = line.strip_prefix('p') {
            pid = number.parse().ok();
        } else if line.strip_prefix('n') == Some(&wanted) {
            found.extend(pid);
        }
    }
    found.dedup();
    found
}

fn listed() -> HashMap<i32, Process> {
    platform::listed("pid=,ppid=,etime=,command=").lines().filter_map(in_ps).collect()
}

/// A line of ps: process, parent, age, and the command with its environment.
fn in_ps(line: &str) -> Option<(i32, Process)> {
    let mut words = line.split_whitespace();
    let (pid, parent) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let age = elapsed(words.next()?)?;
    let command: Vec<&str> = words.collect();
    let mark = format!("{TAG_VARIABLE}=");
    let name = command.first().map(Path::new).and_then(Path::file_name).and_then(|name| name.to_str());
    let process = Process {
        parent,
        age,
        tagged: command.iter().any(|word| word.starts_with(&mark)),
        runner: is_runner(&command.join(" ")),
        reaper: pid == 1 || name.is_some_and(|name| REAPERS.contains(&name)),
        ..Process::default()
    };
    Some((pid, process))
}

/// `[[days-]hours:]minutes:seconds`.
fn elapsed(text: &str) -> Option<Duration> {
    let (days, clock) = text.split_once('-').unwrap_or(("0", text));
    let mut seconds = days.parse::<u64>().ok()?;
    let parts: Vec<u64> = clock.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, rest] = match *parts.as_slice() {
        [minutes, rest] => [0, minutes, rest],
        [hours, minutes, rest] => [hours, minutes, rest],
        _ => return None,
    };
    seconds = seconds.checked_mul(24)?.checked_add(hours)?;
    seconds = seconds.checked_mul(60)?.checked_add(minutes)?;
    Some(Duration::from_secs(seconds.checked_mul(60)?.checked_add(rest)?))
}

/// The control group of an attempt.
pub fn group_name(build: &str, attempt: i32) -> String {
    platform::group_name(&tag(build, attempt))
}

/// Whether a control group of this name has processes in it.
pub fn is_inhabited(group: &str) -> bool {
    let members =
        platform::build_groups().and_then(|groups| fs::read(groups.join(group).join("cgroup.procs")).ok());
    members.is_some_and(|members| !members.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_end_of_a_connection_is_ours() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(server.local_addr().unwrap()).unwrap();
        let (theirs, ours) = (client.local_addr().unwrap(), server.local_addr().unwrap());
        let own = i32::try_from(std::process::id()).unwrap();
        assert_eq!(holder(theirs, ours), Holder::Processes(vec![own]));
        let process = Table::read().find(own).unwrap();
        assert!(process.parent > 0 && process.age < Duration::from_secs(3600), "{process:?}");
        assert!(!process.runner && !process.reaper);
        assert_eq!(holder(SocketAddr::new(theirs.ip(), 1), ours), Holder::Nobody);
    }

    #[test]
    fn addresses_are_read_in_both_families() {
        if cfg!(target_endian = "little") {
            assert_eq!(address("0100007F:1F90"), "127.0.0.1:8080".parse().ok());
            assert_eq!(address("00000000000000000000000001000000:0050"), "[::1]:80".parse().ok());
            assert_eq!(address("0000000000000000FFFF00000100007F:0050"), "127.0.0.1:80".parse().ok());
        }
        assert_eq!((address("x"), address("0100007F"), address("01:02")), (None, None, None));
    }

    #[test]
    fn a_program_cannot_hide_behind_its_name() {
        let stat = "7 (a) R 1 (b) S 12 7 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 250 0";
        let process = in_stat(stat, Duration::from_secs(10)).unwrap();
        assert_eq!((process.parent, process.session, process.age), (12, 9, Duration::from_millis(7500)));
    }

    #[test]
    fn listings_of_other_systems_are_read() {
        let (theirs, ours) = ("127.0.0.1:50000".parse().unwrap(), "127.0.0.1:8787".parse().unwrap());
        let lsof = "p12\nf5\nn127.0.0.1:8787->127.0.0.1:50000\np34\nf3\nn127.0.0.1:50000->127.0.0.1:8787\n";
        assert_eq!(in_lsof(lsof, theirs, ours), [34]);
        let (pid, process) = in_ps("  77     1 01-02:03:04 curl -s x HOME=/a OORE_BUILD_TAG=b-1").unwrap();
        assert_eq!((pid, process.parent, process.tagged), (77, 1, true));
        assert_eq!(process.age, Duration::from_secs(93_784));
        assert!(in_ps(" 1 0 10:00 /sbin/launchd").unwrap().1.reaper);
        assert!(in_ps(" 9 1 00:01 /opt/bin/oored runner --config x").unwrap().1.runner);
        assert!(!in_ps(" 9 1 00:01 /opt/bin/oored run").unwrap().1.runner);
    }
}
