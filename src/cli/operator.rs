//! `oore`: the operator's command line. It talks to the daemon over HTTP, like any other client; only
//! what the machine's operator alone may do goes through the shared database.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};

use super::frontend::{self, Frontend};
use super::recovery::{self, Recovery};
use super::setup::{self, Setup};
use super::{runtime, say};
use crate::pipeline::parse;

/// Operate an Oore CI instance.
#[derive(Debug, Parser)]
#[command(name = "oore", version)]
pub struct Oore {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show whether the daemon runs and how far it is set up.
    Status {
        #[arg(long, env = "OORE_DAEMON_URL", default_value = "http://127.0.0.1:8787")]
        daemon_url: String,
    },
    /// Set the instance up.
    #[command(subcommand)]
    Setup(Setup),
    /// Let somebody sign in on this machine who can't sign in any more.
    Recovery(Recovery),
    /// Work with a separate web server.
    #[command(subcommand)]
    Frontend(Frontend),
    /// Work with pipeline files.
    #[command(subcommand)]
    Pipeline(PipelineCommand),
    /// Print the version.
    Version,
}

#[derive(Debug, Subcommand)]
enum PipelineCommand {
    /// Check a pipeline file.
    Validate {
        #[arg(default_value = ".oore.yaml")]
        path: PathBuf,
    },
}

pub fn run(oore: Oore) -> anyhow::Result<()> {
    match oore.command {
        Command::Status { daemon_url } => runtime()?.block_on(status(&daemon_url)),
        Command::Setup(command) => runtime()?.block_on(setup::run(command)),
        Command::Recovery(request) => runtime()?.block_on(recovery::run(request)),
        Command::Frontend(command) => runtime()?.block_on(frontend::run(command)),
        Command::Pipeline(PipelineCommand::Validate { path }) => validate(&path),
        Command::Version => {
            say(format_args!("oore {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
    }
}

async fn status(daemon_url: &str) -> anyhow::Result<()> {
    let base = daemon_url.trim_end_matches('/');
    let unreachable = || format!("no daemon answers at {base}; start it with `oored run`");
    let get = async |path: &str| -> anyhow::Result<serde_json::Value> {
        let answer = reqwest::get(format!("{base}{path}")).await.with_context(unreachable)?;
        answer.error_for_status()?.json().await.context("the answer is not from an Oore CI daemon")
    };
    let health = get("/healthz").await?;
    let setup = get("/v1/public/setup-status").await?;
    let field = |value: &serde_json::Value, key: &str| value[key].as_str().unwrap_or("unknown").to_owned();
    say(format_args!("daemon    {base}, version {}", field(&health, "version")));
    say(format_args!("instance  {}", field(&setup, "instance_id")));
    say(format_args!("set-up    {}, {} mode", field(&setup, "state"), field(&setup, "runtime_mode")));
    Ok(())
}

fn validate(path: &std::path::Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    match parse::parse(&text) {
        Ok(_) => {
            say(format_args!("{} is valid", path.display()));
            Ok(())
        }
        Err(found) => {
            for diagnostic in &found {
                say(format_args!("{}: {diagnostic}", path.display()));
            }
            anyhow::bail!("{} has {} mistakes", path.display(), found.len())
        }
    }
}
