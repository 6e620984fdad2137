//! What processes use, by what the system tells of each. Limits, and what happens beyond them, are others' business.

use std::fs;
use std::process::Command;
use std::time::Duration;

use rustix::process::Pid;

use super::in_status;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
