//! `oore`: the operator's command line. It talks to the daemon over HTTP, like any other client; only
//! what the machine's operator alone may do goes through the shared database. Only the table of commands.

use clap::{Parser, Subcommand};
use serde_json::json;

use super::artifacts::{self, ArtifactsCommand};
use super::backup::{self, BackupCommand};
use super::build::{self, BuildCommand};
use super::doctor::{self, Doctor};
use super::frontend::{self, Frontend};
use super::key::{self, KeyCommand};
use super::login::{self, Login};
use super::manual::{self, Completions, Man};
use super::open::{self, Open};
use super::pipeline::{self, PipelineCommand};
use super::profile::ProfileSettings;
use super::project::{self, ProjectCommand};
use super::recovery::{self, Recovery};
use super::run::{self, Run};
use super::runner::{self, RunnerCommand};
use super::runtime;
use super::settings::{self, ConfigCommand};
use super::setup::{self, Setup};
use super::status::{self, Status};
use super::terminal::{Color, say};
use super::token::{self, TokenCommand};
use super::uninstall::{self, Uninstall};
use super::update::{self, Update};
use super::user::{self, UserCommand};
use super::why::{self, Why};

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
    /// Check this machine and the instance: what is wrong, why, and what to do about it.
    Doctor(Box<Doctor>),
    /// Open the web UI in the browser.
    Open(Open),
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
    /// Make, check and restore backups of the instance on this machine.
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Work with runners, on this machine or elsewhere.
    #[command(subcommand)]
    Runner(RunnerCommand),
    /// Look at projects.
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Look at pipelines, and work with pipeline files.
    #[command(subcommand)]
    Pipeline(PipelineCommand),
    /// Start, follow and end builds.
    #[command(subcommand)]
    Build(BuildCommand),
    /// List and download what builds made.
    #[command(subcommand)]
    Artifacts(ArtifactsCommand),
    /// Manage accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Manage API tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Run the pipeline of the current folder here, without a daemon.
    Run(Run),
    /// Show what webhooks told of a commit, and why it was built or not.
    Why(Why),
    /// Print what completes the commands of this program in a shell.
    Completions(Completions),
    /// Write man pages of both programs, for packages.
    #[command(hide = true)]
    Man(Man),
    /// Replace this program by the newest version, and restart the daemon onto it.
    Update(Box<Update>),
    /// End and remove the services of whoever runs this, and with --purge the data folder.
    Uninstall(Uninstall),
    /// Print the version.
    Version {
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(oore: Oore) -> anyhow::Result<()> {
    oore.color.apply();
    match oore.command {
        Command::Login(login) => runtime()?.block_on(login::run(login, oore.profile.open()?)),
        Command::Status(status) => runtime()?.block_on(status::run(status, &oore.profile.open()?)),
        Command::Doctor(doctor) => runtime()?.block_on(doctor::run(*doctor, &oore.profile)),
        Command::Open(open) => runtime()?.block_on(open::run(open, &oore.profile.open()?)),
        Command::Config(command) => settings::run(command, oore.profile.open()?),
        Command::Setup(setup) => runtime()?.block_on(setup::run(*setup, &oore.profile.open()?)),
        Command::Recovery(request) => runtime()?.block_on(recovery::run(request, &oore.profile.open()?)),
        Command::Frontend(command) => runtime()?.block_on(frontend::run(command)),
        Command::Key(command) => runtime()?.block_on(key::run(command)),
        Command::Backup(command) => runtime()?.block_on(backup::run(command)),
        Command::Runner(command) => runner::run(command, &oore.profile),
        Command::Project(command) => runtime()?.block_on(project::run(command, &oore.profile.open()?)),
        Command::Pipeline(command) => pipeline::run(command, &oore.profile),
        Command::Build(command) => runtime()?.block_on(build::run(command, &oore.profile.open()?)),
        Command::Artifacts(command) => runtime()?.block_on(artifacts::run(command, &oore.profile.open()?)),
        Command::User(command) => runtime()?.block_on(user::run(command, &oore.profile.open()?)),
        Command::Token(command) => runtime()?.block_on(token::run(command, &oore.profile.open()?)),
        Command::Run(wanted) => runtime()?.block_on(run::run(wanted)),
        Command::Why(why) => runtime()?.block_on(why::run(why, &oore.profile.open()?)),
        Command::Update(update) => runtime()?.block_on(update::run(*update)),
        Command::Uninstall(wanted) => runtime()?.block_on(uninstall::run(wanted)),
        Command::Completions(request) => manual::completions::<Oore>(&request, "oore"),
        Command::Man(request) => manual::man(&request),
        Command::Version { json: true } => {
            say(json!({ "version": env!("CARGO_PKG_VERSION") }));
            Ok(())
        }
        Command::Version { json: false } => {
            say(format_args!("oore {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
    }
}
