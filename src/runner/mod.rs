//! Executes builds. It knows the runner protocol and nothing of database, HTTP server or code
//! hosts: it is a program of its own, also when the daemon starts it.
//!
//! From the outside in: `claim` asks for work, `execute` surrounds a build, `build` is its story,
//! `process`, `tree` and `warden` master its processes, `spool` and `replicate` carry its log, `findings`
//! reads what its tests found.

mod build;
mod bundle;
mod cache;
pub mod capabilities;
mod checkout;
mod claim;
pub mod client;
mod collect;
mod commands;
mod defines;
mod environment;
mod execute;
mod files;
mod findings;
mod flutter;
mod folder;
mod fvm;
mod halt;
mod hands;
mod heartbeat;
mod job;
mod leftovers;
mod limits;
pub mod local;
pub mod mask;
mod output;
mod platform;
mod process;
pub mod processes;
pub mod protocol;
mod recipe;
mod replicate;
mod report;
mod snapshot;
mod spool;
mod steps;
mod stop;
mod transfer;
mod tree;
mod upload;
mod variables;
pub mod warden;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::task::AbortOnDropHandle;

use self::claim::Wishes;
use self::client::Client;
use self::folder::Folder;
use self::hands::Hands;
use crate::clock::Clock;
use crate::config::{CacheSettings, RunnerSettings};
use crate::domain::runner::MAX_SLOTS;

/// A runner: where it works and for whom.
struct Runner {
    folder: Folder,
    client: Arc<Client>,
    /// How many builds it executes at a time.
    slots: u32,
    /// How long an absent daemon is waited for when there is nothing to do; zero means for ever.
    patience: Duration,
    /// Where FVM comes from on a machine that has none.
    fvm: fvm::Release,
    /// What builds find again.
    caches: cache::Store,
    /// What one build may use of the machine.
    limits: limits::Limits,
}

/// Executes builds until told to stop: the first signal lets builds end, the second one doesn't.
pub async fn run(settings: RunnerSettings) -> anyhow::Result<()> {
    let beside = settings.config.parent().unwrap_or(Path::new("")).to_owned();
    let client = Arc::new(Client::open(&settings.config, settings.daemon_url.clone(), Clock::system())?);
    let folder = Folder::open(&settings.work_dir.unwrap_or(beside))?;
    let patience = Duration::from_secs(settings.idle_exit_seconds);
    let fvm =
        fvm::Release { url: settings.fvm.fvm_url, sha256: settings.fvm.fvm_sha256, kept_in: folder.tools() };
    let CacheSettings { cache_budget_bytes, min_free_disk_bytes } = settings.caches;
    let caches = cache::Store::new(folder.caches(), cache_budget_bytes, min_free_disk_bytes, Clock::system());
    let slots = settings.slots.slots.or(client.registration().slots).unwrap_or(1).clamp(1, MAX_SLOTS);
    let limits = limits::Limits::of(settings.limits, slots);
    let runner = Runner { folder, client, slots, patience, fvm, caches, limits };
    let runner = Arc::new(runner);
    let wishes = Wishes::default();
    let _listening = listen(wishes.clone())?;
    let hands = Hands::default();
    let own = Client::open(&settings.config, settings.daemon_url, Clock::system())?;
    let heart = heartbeat::Heart::start(own, hands.status(), slots, runner.folder.root())?;
    tracing::info!(daemon = %runner.client.registration().daemon_url, slots, "the runner is ready");
    tokio::select! {
        () = leftovers::clear(&runner) => claim::work(&runner, &hands, &wishes).await,
        () = wishes.drain.cancelled() => {}
        () = runner.client.gone(patience) => {}
    }
    heart.stop().await;
    heartbeat::farewell(&runner.client).await;
    tracing::info!("the runner ends");
    Ok(())
}

/// Turns signals into wishes.
fn listen(wishes: Wishes) -> anyhow::Result<AbortOnDropHandle<()>> {
    let mut terminate = signal(SignalKind::terminate()).context("signals can't be received")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals can't be received")?;
    Ok(AbortOnDropHandle::new(tokio::spawn(async move {
        for wish in [wishes.drain, wishes.abandon] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            wish.cancel();
        }
    })))
}
