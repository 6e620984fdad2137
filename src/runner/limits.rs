//! What one build may use of its machine: processes, memory, open files. Where the kernel holds a build to it, it
//! is the kernel that says when a limit was reached; elsewhere the runner looks again and again. It ends nothing itself.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use tokio_util::task::AbortOnDropHandle;

use super::platform;
use super::process::Stage;
use super::stop::StopReason;
use crate::config::LimitSettings;

/// What programs print that can't open another file, as the C library says it.
const TOO_MANY_FILES: &[u8] = b"Too many open files";
/// How much of the end of a step's output is searched for it.
const SEARCHED: u64 = 64 * 1024;

/// The limits of one build; none of one that a person runs on their own machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of all its processes and threads together.
    pub processes: Option<u64>,
    /// The same of all builds that may run at a time.
    pub processes_of_all: Option<u64>,
    /// Of all its processes together.
    pub memory_bytes: Option<u64>,
    /// Of each of its processes.
    pub open_files: Option<u64>,
}

/// What a build used too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exceeded {
    Processes,
    Memory,
    OpenFiles,
}

impl Exceeded {
    /// What people read.
    pub fn sentence(self) -> &'static str {
        match self {
            Exceeded::Processes => {
                "the build started more processes and threads than it may and was stopped; find what starts them, or raise \
                 OORE_RUNNER_MAX_PROCESSES"
            }
            Exceeded::Memory => {
                "the build used more memory than it may and was stopped; give its tools less, such as with \
                 org.gradle.jvmargs, or raise OORE_RUNNER_MAX_MEMORY_BYTES"
            }
            Exceeded::OpenFiles => {
                "a process of the build opened more files than it may; find what leaves them open, or raise \
                 OORE_RUNNER_MAX_OPEN_FILES"
            }
        }
    }
}

impl Limits {
    /// 0 means no limit; without a setting the builds that may run at a time share nine tenths of what memory
    /// the runner may use.
    pub fn of(settings: LimitSettings, slots: u32) -> Self {
        let most = |limit: u64| (limit > 0).then_some(limit);
        let shared = |bytes: u64| (bytes - bytes / 10) / u64::from(slots.max(1));
        let usual = || platform::usable_memory().map(shared);
        let processes = most(settings.max_processes);
        Self {
            processes,
            processes_of_all: processes.map(|most| most.saturating_mul(u64::from(slots.max(1)))),
            memory_bytes: settings.max_memory_bytes.map_or_else(usual, most),
            open_files: most(settings.max_open_files),
        }
    }
}

/// Stops the build when it uses too much.
pub fn watch(stage: &Stage) -> AbortOnDropHandle<()> {
    let (tree, stop) = (stage.tree.clone(), stage.stop.clone());
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut before = None;
        loop {
            tokio::time::sleep(platform::usage_interval()).await;
            let tree = tree.clone();
            let looked = tokio::task::spawn_blocking(move || (tree.exceeded(), tree.counted()));
            let (exceeded, counted) = looked.await.unwrap_or_default();
            if let Some(exceeded) = exceeded.or_else(|| confirmed(before, counted)) {
                stop.trigger(StopReason::OverLimit(exceeded));
                return;
            }
            before = counted;
        }
    }))
}

/// What was counted, if it is certain: memory is not counted at one moment, and a peak is no reason to end a build.
fn confirmed(before: Option<Exceeded>, now: Option<Exceeded>) -> Option<Exceeded> {
    match now {
        Some(Exceeded::Memory) => now.filter(|_| before == now),
        Some(Exceeded::Processes | Exceeded::OpenFiles) | None => now,
    }
}

/// Whether a step that failed said at its end that it ran out of files. Its output is in the log from `begin` on.
pub fn ran_out_of_files(log: &Path, begin: u64) -> bool {
    let end = || -> io::Result<Vec<u8>> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(begin.max(length.saturating_sub(SEARCHED))))?;
        let mut bytes = Vec::new();
        file.take(SEARCHED).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    end().is_ok_and(|bytes| says_too_many_files(&bytes))
}

/// Not when it is the machine that has no more: no limit of ours is the reason.
fn says_too_many_files(bytes: &[u8]) -> bool {
    let length = TOO_MANY_FILES.len();
    let said = |(at, part): (usize, &[u8])| {
        part == TOO_MANY_FILES && !bytes[at + length..].starts_with(b" in system")
    };
    bytes.windows(length).enumerate().any(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_must_be_beyond_the_limit_twice_in_a_row() {
        let (memory, processes) = (Some(Exceeded::Memory), Some(Exceeded::Processes));
        assert_eq!(confirmed(None, memory), None);
        assert_eq!(confirmed(processes, memory), None);
        assert_eq!(confirmed(memory, memory), memory);
        assert_eq!(confirmed(None, processes), processes);
        assert_eq!(confirmed(memory, None), None);
    }

    #[test]
    fn builds_at_the_same_time_share_the_memory_and_not_the_processes() {
        let settings = LimitSettings { max_processes: 100, max_memory_bytes: None, max_open_files: 0 };
        let (one, four) = (Limits::of(settings, 1), Limits::of(settings, 4));
        assert_eq!((four.processes, four.processes_of_all), (Some(100), Some(400)));
        assert_eq!(four.open_files, None);
        assert_eq!(four.memory_bytes, one.memory_bytes.map(|bytes| bytes / 4));
    }

    #[test]
    fn a_machine_without_files_is_no_build_without_files() {
        assert!(says_too_many_files(b"x: Too many open files\n"));
        assert!(!says_too_many_files(b"x: Too many open files in system\n"));
        assert!(says_too_many_files(b"Too many open files in system, Too many open files"));
    }
}
