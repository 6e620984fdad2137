//! `oore runner`: makes this machine a runner, runs it, keeps it running, and manages all of them. Only the
//! table of commands and what they share: the file that makes a machine a runner.

mod doctor;
mod manage;
mod register;
pub mod service;
mod start;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::failure::Failure;
use super::profile::ProfileSettings;
use super::runtime;
use crate::files::{self, Unfit};
use crate::runner::client::Registration;

const MOST: u64 = 64 * 1024;

#[derive(Debug, Subcommand)]
pub enum RunnerCommand {
    /// Make this machine a runner.
    Register(register::Register),
    /// Execute builds on this machine until stopped.
    Start(start::Start),
    /// Look whether this machine has what builds need.
    Doctor(doctor::Doctor),
    /// Keep the runner running: a systemd user service or a launchd agent.
    InstallService(service::Install),
    /// End the service and remove it.
    UninstallService(service::Uninstall),
    /// List the runners of the instance.
    List(manage::List),
    /// Give a runner another name.
    Rename(manage::Rename),
    /// Remove a runner; its token ends at once.
    Remove(manage::Remove),
    /// Give this machine's runner a new token; the old one ends at once.
    RotateToken(manage::RotateToken),
}

pub fn run(command: RunnerCommand, profile: &ProfileSettings) -> anyhow::Result<()> {
    match command {
        RunnerCommand::Register(it) => runtime()?.block_on(register::run(it, profile)),
        RunnerCommand::Start(it) => runtime()?.block_on(start::run(it, profile)),
        RunnerCommand::Doctor(it) => runtime()?.block_on(doctor::run(it, profile)),
        RunnerCommand::InstallService(it) => service::install(&it, profile),
        RunnerCommand::UninstallService(it) => service::uninstall(&it),
        RunnerCommand::List(it) => runtime()?.block_on(manage::list(it, &profile.open()?)),
        RunnerCommand::Rename(it) => runtime()?.block_on(manage::rename(it, &profile.open()?)),
        RunnerCommand::Remove(it) => runtime()?.block_on(manage::remove(it, profile)),
        RunnerCommand::RotateToken(it) => runtime()?.block_on(manage::rotate_token(it, profile)),
    }
}

/// The file that makes a machine a runner.
#[derive(Debug, Clone, Args)]
pub struct File {
    /// File with the runner's id, token and daemon; default: ~/.oore/runner.json.
    #[arg(long)]
    config: Option<PathBuf>,
}

impl File {
    fn path(&self, profile: &ProfileSettings) -> anyhow::Result<PathBuf> {
        let path = match &self.config {
            Some(path) => path.clone(),
            None => profile.root()?.join("runner.json"),
        };
        Ok(std::path::absolute(path)?)
    }

    /// The file and what it says.
    fn open(&self, profile: &ProfileSettings) -> anyhow::Result<(PathBuf, Registration)> {
        let path = self.path(profile)?;
        let registration = read(&path)?.ok_or_else(|| {
            Failure::usage(format!("this machine is no runner: the file {} is missing", path.display()))
                .hint("Register it with `oore runner register`.")
        })?;
        Ok((path, registration))
    }
}

/// What the file says; `None` if there is none.
fn read(path: &Path) -> Result<Option<Registration>, Failure> {
    let content = match files::read_private(path, MOST) {
        Ok(content) => content,
        Err(Unfit::Missing) => return Ok(None),
        Err(why) => return Err(Failure::unfit(path, &why)),
    };
    let registration = serde_json::from_slice(&content);
    registration
        .map(Some)
        .map_err(|_| Failure::usage(format!("the file {} is no runner registration", path.display())))
}

/// Where a runner with this file works.
fn work_dir(config: &Path) -> PathBuf {
    config.with_extension("work")
}
