//! `oore build`: lists, shows, starts, follows and ends builds. Only the table of commands, and what they share.

mod act;
mod events;
mod list;
mod logs;
mod show;
mod trigger;
mod watch;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::http::{Connection, Daemon};
use super::names::{id, name_of_build};
use super::profile::Profile;
use super::terminal::{plain, say};

#[derive(Debug, Subcommand)]
pub enum BuildCommand {
    /// List builds, the newest first.
    List(Box<list::List>),
    /// Show a build: where it stands, its steps, and why it failed or waits.
    Show(show::Show),
    /// Start a build.
    Trigger(Box<trigger::Trigger>),
    /// Follow a build to its end; the exit code is its outcome.
    Watch(watch::Watch),
    /// Print a build's log.
    Logs(logs::Logs),
    /// Cancel a build.
    Cancel(act::Cancel),
    /// Run a build again.
    Rerun(act::Rerun),
}

pub async fn run(command: BuildCommand, profile: &Profile) -> anyhow::Result<()> {
    match command {
        BuildCommand::List(it) => list::run(*it, profile).await,
        BuildCommand::Show(it) => show::run(it, profile).await,
        BuildCommand::Trigger(it) => trigger::run(*it, profile).await,
        BuildCommand::Watch(it) => watch::run(it, profile).await,
        BuildCommand::Logs(it) => logs::run(it, profile).await,
        BuildCommand::Cancel(it) => act::cancel(it, profile).await,
        BuildCommand::Rerun(it) => act::rerun(it, profile).await,
    }
}

/// Which build.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// PROJECT#NUMBER, the number where only one project has it, or the id.
    build: String,

    #[command(flatten)]
    connection: Connection,
}

impl Which {
    async fn open(&self, profile: &Profile) -> anyhow::Result<(Daemon, Value)> {
        let daemon = self.connection.open(profile)?;
        let build = super::names::build(&daemon, self.build.trim()).await?;
        Ok((daemon, build))
    }
}

/// Says where builds stand that somebody has asked for, and follows them if that is wanted.
async fn told_or_followed(
    daemon: &Daemon,
    answer: &Value,
    builds: &[Value],
    json: bool,
    follow: bool,
) -> anyhow::Result<()> {
    if json && !follow {
        say(answer);
        return Ok(());
    }
    for build in builds.iter().filter(|_| !json) {
        let status = plain(build["status"].as_str().unwrap_or_default());
        say(format_args!("{} is {status}: {}/builds/{}", name_of_build(build), daemon.url, id(build)));
    }
    if follow { watch::follow_all(daemon, builds, json).await } else { Ok(()) }
}
