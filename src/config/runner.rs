//! What a runner is told: whom it works for, where, and how much of the machine one build may use.

use std::path::PathBuf;

use clap::Args;

use super::base_url;
use crate::domain::runner::MAX_SLOTS;
use crate::error::Result;

/// `oored runner`: which daemon to work for and where to work.
#[derive(Debug, Clone, Args)]
pub struct RunnerSettings {
    /// File with runner id, token and daemon address.
    #[arg(long, default_value = "runner.json")]
    pub config: PathBuf,

    /// Folder for lock, spool and workspaces; default: the folder of the config file.
    #[arg(long)]
    pub work_dir: Option<PathBuf>,

    /// Address of the daemon, if not the one in the config file.
    #[arg(long)]
    pub daemon_url: Option<String>,

    /// Stop after this many seconds without daemon and without work; 0 means never.
    #[arg(long, default_value_t = 0)]
    pub idle_exit_seconds: u64,

    #[command(flatten)]
    pub slots: SlotSettings,

    #[command(flatten)]
    pub fvm: FvmSettings,

    #[command(flatten)]
    pub caches: CacheSettings,

    #[command(flatten)]
    pub limits: LimitSettings,
}

/// What one build may use of its machine; 0 means no limit.
#[derive(Debug, Clone, Copy, Args)]
pub struct LimitSettings {
    /// Most processes and threads of one build; 0 turns the limit off.
    #[arg(long, env = "OORE_RUNNER_MAX_PROCESSES", default_value_t = 4096)]
    pub max_processes: u64,

    /// Most bytes of memory of one build; 0 turns the limit off. Default: nine tenths of the machine's, shared by the slots.
    #[arg(long, env = "OORE_RUNNER_MAX_MEMORY_BYTES")]
    pub max_memory_bytes: Option<u64>,

    /// Most open files of each process of a build; 0 leaves the machine's own limit.
    #[arg(long, env = "OORE_RUNNER_MAX_OPEN_FILES", default_value_t = 65536)]
    pub max_open_files: u64,
}

/// How much room the caches of builds may take.
#[derive(Debug, Clone, Copy, Args)]
pub struct CacheSettings {
    /// Most bytes of the caches of builds; what was used longest ago goes first. 0 turns them off.
    #[arg(long, env = "OORE_RUNNER_CACHE_BUDGET_BYTES", default_value_t = 10 * 1024 * 1024 * 1024)]
    pub cache_budget_bytes: u64,

    /// Free bytes that caches leave on the disk.
    #[arg(long, env = "OORE_RUNNER_MIN_FREE_DISK_BYTES", default_value_t = 2 * 1024 * 1024 * 1024)]
    pub min_free_disk_bytes: u64,
}

/// How much a runner does at once.
#[derive(Debug, Clone, Copy, Args)]
pub struct SlotSettings {
    /// How many builds it executes at a time, 1 to 64; default: what it was registered with, else 1.
    #[arg(long, env = "OORE_RUNNER_SLOTS", value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SLOTS)))]
    pub slots: Option<u32>,
}

/// The FVM of a machine that has none.
#[derive(Debug, Clone, Args)]
pub struct FvmSettings {
    /// Where FVM is fetched from on a machine without it: the folder of a release's archives.
    #[arg(long, env = "OORE_RUNNER_FVM_URL", default_value = FVM_URL, value_parser = base_url)]
    pub fvm_url: String,

    /// SHA-256 of a mirror's own archive of FVM, in hexadecimal, instead of the known one.
    #[arg(long, env = "OORE_RUNNER_FVM_SHA256", value_parser = sha256)]
    pub fvm_sha256: Option<String>,
}

const FVM_URL: &str = "https://github.com/leoafarias/fvm/releases/download/4.1.2";

/// A SHA-256 in hexadecimal, in the small letters that everything here is compared in.
pub fn sha256(text: &str) -> Result<String, &'static str> {
    let hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal { Ok(text.to_ascii_lowercase()) } else { Err("must be 64 hexadecimal digits") }
}
