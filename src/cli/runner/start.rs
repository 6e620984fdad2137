//! `oore runner start`: the runner in the foreground, until a signal ends it.

use std::path::PathBuf;

use clap::Args;

use super::{File, work_dir};
use crate::cli::profile::{ProfileSettings, checked_url};
use crate::config::{CacheSettings, FvmSettings, LimitSettings, LogFormat, RunnerSettings, SlotSettings};
use crate::{runner, telemetry};

#[derive(Debug, Args)]
pub struct Start {
    #[command(flatten)]
    file: File,

    /// Address of the daemon, if not the one in the file.
    #[arg(long)]
    daemon_url: Option<String>,

    /// Folder for lock, spool and workspaces; default: beside the file, its name ending in .work.
    #[arg(long)]
    work_dir: Option<PathBuf>,

    #[command(flatten)]
    slots: SlotSettings,

    #[command(flatten)]
    fvm: FvmSettings,

    #[command(flatten)]
    caches: CacheSettings,

    #[command(flatten)]
    limits: LimitSettings,
}

pub async fn run(start: Start, profile: &ProfileSettings) -> anyhow::Result<()> {
    let (config, _) = start.file.open(profile)?;
    let daemon_url = start.daemon_url.as_deref().map(checked_url).transpose()?;
    let work_dir = Some(start.work_dir.clone().unwrap_or_else(|| work_dir(&config)));
    telemetry::install(LogFormat::Text);
    let Start { slots, fvm, caches, limits, .. } = start;
    let settings =
        RunnerSettings { config, work_dir, daemon_url, idle_exit_seconds: 0, slots, fvm, caches, limits };
    runner::run(settings).await
}
