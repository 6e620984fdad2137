//! `oore`: the operator's command line. It talks to the daemon over HTTP, like any other client; only
//! what the machine's operator alone may do goes through the shared database. Only the table of commands.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

use super::failure::Failure;
use super::frontend::{self, Frontend};
use super::key::{self, KeyCommand};
use super::login::{self, Login};
use super::profile::ProfileSettings;
use super::recovery::{self, Recovery};
use super::runner::{self, RunnerCommand};
use super::runtime;
use super::settings::{self, ConfigCommand};
use super::setup::{self, Setup};
use super::status::{self, Status};
use super::terminal::{Color, say};
use crate::pipeline::parse;

/// Operate an Oore CI instance.
#[derive(Debug, Parser)]
#[command(name = "oore", version)]
pub struct Oore {
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,

    #[command(flatten)]
    profile: ProfileSettings,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign in and keep the session for the commands that follow.
    Login(Login),
    /// Show whether the daemon runs, how far it is set up and what it is doing.
    Status(Status),
    /// Read or write the settings of this command line.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Set the instance up.
    Setup(Box<Setup>),
    /// Let somebody sign in on this machine who can't sign in any more.
    Recovery(Recovery),
    /// Work with a separate web server.
    #[command(subcommand)]
    Frontend(Frontend),
    /// Look after the key that seals secrets.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Work with runners, on this machine or elsewhere.
    #[command(subcommand)]
    Runner(RunnerCommand),
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
    oore.color.apply();
    match oore.command {
        Command::Login(login) => runtime()?.block_on(login::run(login, oore.profile.open()?)),
        Command::Status(status) => runtime()?.block_on(status::run(status, &oore.profile.open()?)),
        Command::Config(command) => settings::run(command, oore.profile.open()?),
        Command::Setup(setup) => runtime()?.block_on(setup::run(*setup, &oore.profile.open()?)),
        Command::Recovery(request) => runtime()?.block_on(recovery::run(request, &oore.profile.open()?)),
        Command::Frontend(command) => runtime()?.block_on(frontend::run(command)),
        Command::Key(command) => runtime()?.block_on(key::run(command)),
        Command::Runner(command) => runner::run(command, &oore.profile),
        Command::Pipeline(PipelineCommand::Validate { path }) => validate(&path),
        Command::Version => {
            say(format_args!("oore {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
    }
}

/// As much of a file as is needed to say that it is too large.
fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let most = parse::MAX_BYTES as u64 + 1;
    File::open(path)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}

fn validate(path: &Path) -> anyhow::Result<()> {
    let text = read(path).map_err(|error| {
        Failure::usage(format!("the file {} cannot be read: {error}", path.display()))
            .hint("Name a pipeline file, such as .oore.yaml in the top folder of a repository.")
    })?;
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
