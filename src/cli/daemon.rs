//! `oored`: the daemon's own commands. Starts the parts in order, waits for a signal, stops them in
//! the opposite order.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Parser, Subcommand};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::audit::{self, Audit};
use super::failure::Failure;
use super::manual::{self, Completions};
use super::service::{self, Install, Uninstall};
use super::terminal::say;
use super::{example, folder, runtime};
use crate::app::App;
use crate::auth::modes::Modes;
use crate::auth::refusal;
use crate::clock::Clock;
use crate::config::{Config, FolderSettings, LogFormat, RunnerSettings, Settings};
use crate::domain::setup::SetupState;
use crate::error::Result;
use crate::seal::Rotation;
use crate::server::{Server, room_for};
use crate::update::Card;
use crate::{api, db, runner, tasks, telemetry, web};

/// Self-hosted mobile CI, built for Flutter.
#[derive(Debug, Parser)]
#[command(name = "oored", version)]
pub struct Oored {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the daemon.
    Run {
        #[command(flatten)]
        settings: Box<Settings>,

        /// Folder of an example project to set up and build when the instance is new.
        #[arg(long, value_name = "FOLDER")]
        example: Option<PathBuf>,
    },
    /// Execute builds for a daemon.
    Runner {
        #[command(flatten)]
        settings: Box<RunnerSettings>,

        /// How messages are written: text for people, json for programs.
        #[arg(long, env = "OORED_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
        log_format: LogFormat,
    },
    /// Bring the database of a folder up to date, to see whether this version can; started by an update.
    #[command(hide = true)]
    TryDatabase(FolderSettings),
    /// Watch over a runner's processes; started by the runner.
    #[command(hide = true)]
    RunnerWarden,
    /// Look after the audit log.
    #[command(subcommand)]
    Audit(Audit),
    /// Keep the daemon running: a systemd service, or a launch agent or daemon of macOS.
    InstallService(Install),
    /// End the service and remove it.
    UninstallService(Uninstall),
    /// Print the OpenAPI document.
    Openapi,
    /// Print what completes the commands of this program in a shell.
    Completions(Completions),
    /// Print the version.
    Version,
    /// Print the package version.
    #[command(hide = true)]
    PackageVersion,
}

pub fn run(oored: Oored) -> anyhow::Result<ExitCode> {
    let done = match oored.command {
        Command::Run { settings, example } => {
            telemetry::install(settings.telemetry.log_format);
            return runtime()?.block_on(daemon(*settings, example));
        }
        Command::Runner { settings, log_format } => {
            telemetry::install(log_format);
            runtime()?.block_on(runner::run(*settings))
        }
        Command::TryDatabase(folder) => runtime()?.block_on(try_database(folder)),
        Command::RunnerWarden => runner::warden::run(),
        Command::Audit(command) => runtime()?.block_on(audit::run(command)),
        Command::InstallService(install) => service::install(install),
        Command::UninstallService(uninstall) => service::uninstall(&uninstall),
        Command::Openapi => {
            say(api::document().to_pretty_json()?);
            Ok(())
        }
        Command::Completions(request) => manual::completions::<Oored>(&request, "oored"),
        Command::Version => {
            say(format_args!("oored {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
        Command::PackageVersion => {
            say(env!("CARGO_PKG_VERSION"));
            Ok(())
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// How the daemon ended: for good, or to be started again by whatever keeps it running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Stopped,
    Restarting,
}

impl End {
    /// The second asks for another start: `EX_TEMPFAIL`.
    fn code(self) -> ExitCode {
        match self {
            End::Stopped => ExitCode::SUCCESS,
            End::Restarting => ExitCode::from(75),
        }
    }
}

async fn try_database(folder: FolderSettings) -> anyhow::Result<()> {
    let shared = folder::open_existing(&folder.resolve()?, Clock::system().now()).await?;
    Ok(shared.db.close().await?)
}

async fn daemon(settings: Settings, example: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let mut config = Config::resolve(settings)?;
    if let Some(folder) = example.as_deref().filter(|folder| !folder.is_dir()) {
        return Err(Failure::usage(format!("the example {} is no folder", folder.display()))
            .hint("Name the folder of an example project, or leave --example out.")
            .into());
    }
    let lock = folder::claim(&config.data)?;
    let mut card = Card { pid: std::process::id().cast_signed(), url: None, managed: config.managed };
    // An update has to be able to end it, whatever keeps it from listening.
    card.leave(&lock)?;
    let wanted = config.max_connections;
    config.max_connections = room_for(wanted);
    if config.max_connections < wanted {
        tracing::warn!(
            "the limit on open files leaves room for {} connections, not for {wanted}; raise it (ulimit -n)",
            config.max_connections
        );
    }
    let server = Server::bind(config.listen).await?;
    config.listen = server.address()?;
    let app = App::open(config, Clock::system()).await?;
    let routes = api::layered(app.clone(), web::with_ui(api::router(app.clone())));
    // Before the tasks, which end in order only when they are told to.
    warn_of_settings(&app).await?;
    let background = tasks::start(app.clone());
    tracing::info!("Oore CI listens on http://{}", printable(&app.config));
    let serving = tokio::spawn(server.serve(app.clone(), routes));
    if let Some(folder) = example {
        example::set_up(&app, &folder).await.context("the example project could not be set up")?;
    }
    let signals = Signals::heed()?;
    card.url = Some(own_address(&app.config));
    card.leave(&lock)?;
    let end = signals.first().await;
    lock.set_len(0)?;
    stop(app, serving, background).await?;
    drop(lock);
    Ok(end.code())
}

/// Says what a careful operator would change.
async fn warn_of_settings(app: &App) -> Result<()> {
    let instance = db::instance::get(app.db.read()).await?;
    let proxy = db::trusted_proxy_settings::find(app.db.read()).await?;
    if Modes::of(&instance).is_behind_proxy() && proxy.is_some_and(|proxy| proxy.shared_secret.is_none()) {
        tracing::warn!(
            "the trusted proxy has no shared secret: every program at its addresses can speak for anybody; \
             set one in the settings"
        );
    }
    let ready = instance.setup_state == SetupState::Ready;
    for warning in app.network.reach().warnings(instance.runtime_mode).iter().filter(|_| ready) {
        tracing::warn!("{warning}");
    }
    if app.sealer.rotation() == Rotation::Unfinished {
        tracing::warn!("a rotation of the key is unfinished: run `oore key rotate` to finish it");
    }
    Ok(())
}

async fn stop(
    app: Arc<App>,
    serving: tokio::task::JoinHandle<()>,
    background: tasks::Background,
) -> anyhow::Result<()> {
    tracing::info!("stopping");
    app.stopping.cancel();
    serving.await.context("the server did not stop in order")?;
    background.finished().await;
    refusal::finish(&app).await?;
    app.db.clone().close().await?;
    Ok(())
}

fn printable(config: &Config) -> String {
    if config.listen.ip().is_loopback() {
        return format!("localhost:{}", config.listen.port());
    }
    config.listen.to_string()
}

/// Where programs on this machine reach it.
fn own_address(config: &Config) -> String {
    let ip = config.listen.ip();
    let ip = if ip.is_unspecified() { std::net::Ipv4Addr::LOCALHOST.into() } else { ip };
    format!("http://{}", std::net::SocketAddr::new(ip, config.listen.port()))
}

/// What ends the daemon.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    again: Signal,
}

impl Signals {
    fn heed() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            again: signal(SignalKind::user_defined1())?,
        })
    }

    async fn first(mut self) -> End {
        tokio::select! {
            _ = self.terminate.recv() => End::Stopped,
            _ = self.interrupt.recv() => End::Stopped,
            _ = self.again.recv() => End::Restarting,
        }
    }
}
