//! The daemon's own runner: a child process that outlives the daemon when it has a build. At start
//! a runner that still lives is adopted, otherwise one is started; its end is seen at once. What it
//! does as a runner it does over HTTP like any other.

use std::convert::Infallible;
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::process::{Child, Command};
use tokio::sync::{broadcast, oneshot};

use crate::app::App;
use crate::auth::token::{self, TokenKind};
use crate::builds::lost;
use crate::config;
use crate::db::builds::Standing;
use crate::db::entity::runners;
use crate::db::{self, Doc};
use crate::domain::id::RunnerId;
use crate::domain::runner::{PROTOCOL_OWN, RunnerStatus};
use crate::events::Change;
use crate::files;

/// A runner without daemon and work ends itself after so long.
const IDLE_EXIT_SECONDS: &str = "900";
/// A runner that lived this long may be started again at once.
const STEADY: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long an idle runner may take to stop.
const STOP: Duration = Duration::from_secs(5);
/// How long one may take whose builds are cut off.
const CUT_OFF: Duration = Duration::from_secs(30);
const MAX_LOG_BYTES: u64 = 8 * 1024 * 1024;

/// Keeps one runner alive until the application stops.
pub async fn supervise(app: Arc<App>) {
    let mut pause = FIRST_PAUSE;
    while !app.stopping.is_cancelled() {
        let began = app.clock.moment();
        if let Err(error) = live_once(&app).await {
            tracing::error!("the embedded runner: {error:#}");
        }
        let lived = app.clock.moment().saturating_sub(began);
        pause = if lived >= STEADY { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.stopping.cancelled() => {}
        }
    }
}

/// Sees a runner off that an earlier daemon started, when there is to be none: it gets no more builds, ends
/// its last one, and its token ends with it. A second start meanwhile must not cut that build off.
pub async fn retire(app: Arc<App>) {
    while !app.stopping.is_cancelled() {
        match see_off(&app).await {
            Ok(()) => return,
            Err(error) => tracing::error!("the embedded runner can't be seen off: {error:#}"),
        }
        tokio::select! {
            () = tokio::time::sleep(LONGEST_PAUSE) => {}
            () = app.stopping.cancelled() => {}
        }
    }
}

async fn see_off(app: &App) -> anyhow::Result<()> {
    let Some(runner) = db::runners::find_embedded(app.db.read()).await? else { return Ok(()) };
    let folder = app.config.data.runner();
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    if is_alive(&folder)? {
        write_address(app, &folder, None)?;
        tracing::info!("the embedded runner of an earlier start ends after its build");
        let mut life = Life::Adopted(released(&folder)?);
        tokio::select! {
            () = life.ended() => {}
            idle = idle(app, runner.id) => {
                idle?;
                stop_if_idle(app, runner.id, &folder, life).await?;
            }
            () = app.stopping.cancelled() => return Ok(()),
        }
    }
    lost::give_up_all(app, runner.id).await?;
    app.leases.gone(runner.id);
    app.db
        .write(async |tx| {
            tx.signal(Change::Runner { runner_id: runner.id, status: RunnerStatus::Offline });
            db::runners::delete(tx, runner.id).await?;
            Ok(())
        })
        .await?;
    Ok(())
}

/// Waits until the runner has no build.
async fn idle(app: &App, runner: RunnerId) -> anyhow::Result<()> {
    let mut released = app.events.released();
    loop {
        if db::builds::list_held(app.db.read(), Some(runner)).await?.is_empty() {
            return Ok(());
        }
        match released.recv().await {
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(closed @ broadcast::error::RecvError::Closed) => return Err(closed.into()),
        }
    }
}

/// One life of the runner: adopted or started, and accompanied to its end or the daemon's.
async fn live_once(app: &App) -> anyhow::Result<()> {
    let folder = app.config.data.runner();
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let known = db::runners::find_embedded(app.db.read()).await?;
    let (runner, mut life) = match known {
        Some(runner) if is_alive(&folder)? => {
            tracing::info!("found the embedded runner alive");
            write_address(app, &folder, None)?;
            (runner.id, Life::Adopted(released(&folder)?))
        }
        known => {
            let runner = enlist(app, &folder, known).await?;
            (runner, Life::Started(start(&folder)?))
        }
    };
    let orphans = match life {
        Life::Started(_) => lost::orphans(app, runner).await?,
        Life::Adopted(_) => Vec::new(),
    };
    tokio::select! {
        () = life.ended() => {
            tracing::warn!("the embedded runner ended");
            app.leases.gone(runner);
            let unreachable = db::builds::list_held(app.db.read(), Some(runner)).await?;
            let offline = Change::Runner { runner_id: runner, status: RunnerStatus::Offline };
            app.events.publish(unreachable.iter().map(Standing::changed).chain([offline]));
        }
        () = app.stopping.cancelled() => stop_if_idle(app, runner, &folder, life).await?,
        never = settle(app, runner, orphans) => match never {},
    }
    Ok(())
}

/// Sees to the builds of a runner that died, then waits for ever.
async fn settle(app: &App, runner: RunnerId, orphans: Vec<Standing>) -> Infallible {
    if let Err(error) = lost::give_up_orphans(app, runner, orphans).await {
        tracing::error!("builds of a lost runner: {error}");
    }
    std::future::pending().await
}

/// How the end of the runner is noticed.
enum Life {
    Started(Child),
    /// It is somebody else's child by now: its lock tells.
    Adopted(oneshot::Receiver<()>),
}

impl Life {
    async fn ended(&mut self) {
        match self {
            Life::Started(child) => drop(child.wait().await),
            Life::Adopted(released) => drop(released.await),
        }
    }
}

/// Makes the runner's row, or gives it a new token, and writes both down for it.
async fn enlist(app: &App, folder: &Path, known: Option<runners::Model>) -> anyhow::Result<RunnerId> {
    let token = token::mint(TokenKind::Runner)?;
    let (hash, now) = (token::hash(&token), app.clock.now());
    let name = app.config.embedded_runner_name.clone();
    let id = known.as_ref().map_or_else(RunnerId::new, |runner| runner.id);
    app.db
        .write(async |tx| {
            if known.is_some() {
                db::runners::set_token(tx, id, name, hash, now).await?;
                return Ok(());
            }
            // It runs where the daemon runs; the rest it tells when it has looked.
            let row = runners::Model {
                id,
                name,
                token_hash: hash,
                capabilities: Doc(json!({ "protocol_version": PROTOCOL_OWN, "os": config::OS })),
                embedded: true,
                last_heartbeat_at: None,
                registered_by: None,
                created_at: now,
                updated_at: now,
                labels: Doc(Vec::new()),
                drained_at: None,
                drained_by: None,
                drain_reason: None,
                online_since: None,
            };
            db::runners::insert(tx, row).await
        })
        .await?;
    write_address(app, folder, Some((id, token)))?;
    Ok(id)
}

/// Writes what the runner needs to find and convince the daemon. Without a new token only the
/// address is brought up to date, for a runner that is alive.
fn write_address(app: &App, folder: &Path, fresh: Option<(RunnerId, String)>) -> anyhow::Result<()> {
    let path = folder.join("runner.json");
    let mut content = match &fresh {
        Some((id, token)) => json!({ "runner_id": id, "runner_token": token }),
        None => serde_json::from_slice(&std::fs::read(&path)?).context("runner.json is unreadable")?,
    };
    let url = daemon_url(app);
    if fresh.is_none() && content["daemon_url"] == url.as_str() {
        return Ok(());
    }
    content["daemon_url"] = url.into();
    content["name"] = app.config.embedded_runner_name.clone().into();
    Ok(files::replace_private(&path, &serde_json::to_vec_pretty(&content)?)?)
}

fn daemon_url(app: &App) -> String {
    let listen = app.config.listen;
    if listen.ip().is_ipv6() && listen.ip().is_loopback() {
        return format!("http://{listen}");
    }
    format!("http://127.0.0.1:{}", listen.port())
}

fn start(folder: &Path) -> anyhow::Result<Child> {
    let log = folder.join("runner.log");
    let full = log.metadata().is_ok_and(|found| found.len() > MAX_LOG_BYTES);
    let stderr = if full {
        private().write(true).truncate(true).open(&log)?
    } else {
        private().append(true).open(&log)?
    };
    let mut command = Command::new(config::own_program()?);
    for secret in config::SECRETS {
        command.env_remove(secret);
    }
    let child = command
        .arg("runner")
        .arg("--config")
        .arg(folder.join("runner.json"))
        .args(["--idle-exit-seconds", IDLE_EXIT_SECONDS])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        // Ctrl-C in the daemon's terminal is meant for the daemon.
        .process_group(0)
        .spawn()
        .context("it could not be started")?;
    if let Some(pid) = child.id() {
        files::replace_private(&folder.join("runner.pid"), pid.to_string().as_bytes())?;
    }
    Ok(child)
}

/// Stops a runner without work. One that has a build goes on; the next daemon finds it.
async fn stop_if_idle(app: &App, runner: RunnerId, folder: &Path, mut life: Life) -> anyhow::Result<()> {
    if !db::builds::list_held(app.db.read(), Some(runner)).await?.is_empty() {
        tracing::info!("the embedded runner goes on with its build");
        return Ok(());
    }
    let Some(pid) = pid_in(folder).filter(|_| is_alive(folder).unwrap_or(false)) else {
        return end_unlocked(life).await;
    };
    kill_process(pid, Signal::TERM)?;
    if tokio::time::timeout(STOP, life.ended()).await.is_err() {
        tracing::warn!("the embedded runner takes long to stop");
    }
    Ok(())
}

/// Ends a runner that has outlived its daemon, with what it builds; answers whether it has ended.
pub async fn end_left(folder: &Path) -> anyhow::Result<bool> {
    if !folder.is_dir() || !is_alive(folder)? {
        return Ok(true);
    }
    let mut life = Life::Adopted(released(folder)?);
    // The first signal lets builds end, the second one doesn't.
    for patience in [STOP, CUT_OFF] {
        if let Some(pid) = pid_in(folder) {
            // It may end by itself at this moment.
            let _ = kill_process(pid, Signal::TERM);
        }
        if tokio::time::timeout(patience, life.ended()).await.is_ok() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The process id that the runner wrote down.
fn pid_in(folder: &Path) -> Option<Pid> {
    let pid = std::fs::read_to_string(folder.join("runner.pid")).ok()?;
    Pid::from_raw(pid.trim().parse().ok()?)
}

/// A child that has not taken its lock yet has no work either.
async fn end_unlocked(life: Life) -> anyhow::Result<()> {
    match life {
        Life::Started(mut child) => Ok(child.kill().await?),
        Life::Adopted(_) => Ok(()),
    }
}

fn lock_path(folder: &Path) -> PathBuf {
    folder.join("runner.lock")
}

/// Whether a runner holds the lock of the folder.
fn is_alive(folder: &Path) -> anyhow::Result<bool> {
    Ok(files::try_lock(&lock_path(folder))?.is_none())
}

/// Tells when the lock is let go. A thread of its own waits, because nothing else tells about the
/// end of a process that is not our child.
fn released(folder: &Path) -> anyhow::Result<oneshot::Receiver<()>> {
    let lock: File = private().write(true).open(lock_path(folder))?;
    let (tell, told) = oneshot::channel();
    std::thread::Builder::new().name("runner-lock".to_owned()).spawn(move || {
        let _ = flock(&lock, FlockOperation::LockExclusive);
        drop(lock);
        let _ = tell.send(());
    })?;
    Ok(told)
}

/// Opens or makes a file that nobody else may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}
