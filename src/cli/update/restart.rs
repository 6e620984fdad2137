//! Sees a running daemon over to the program that is in its place now: it ends in order, its manager starts the
//! new one, and what does not come up is taken back.

use std::path::Path;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use semver::Version;

use super::place::take_back;
use super::release::own_version;
use crate::cli::failure::Failure;
use crate::config::DataFolder;
use crate::update::Card;

/// How long the version before may take to answer again.
const COMES_BACK: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(200);

/// Restarts onto `version`; if that does not answer, the version of this program is put back and started.
pub async fn onto(
    card: &Card,
    data: &DataFolder,
    version: &Version,
    program: &Path,
    patience: Duration,
) -> anyhow::Result<()> {
    end(card.pid, Signal::USR1);
    if answers(data, card.pid, version, patience).await {
        return Ok(());
    }
    // It may hang: one that does not listen to reason is ended without. One that has ended holds nothing any more, and its
    // number may be another process's.
    let hanging = Card::find(data).map(|hanging| hanging.pid);
    take_back(program)?;
    hanging.into_iter().for_each(|pid| end(pid, Signal::KILL));
    let own = own_version()?;
    if answers(data, hanging.unwrap_or(card.pid), &own, COMES_BACK).await {
        let message = format!("version {version} did not come up; version {own} is back and runs");
        return Err(Failure::failed(message).hint("The daemon's log says why.").into());
    }
    let kept = data.before_update(&own.to_string());
    let message = format!("neither version {version} came up nor version {own}, which is back");
    Err(Failure::failed(message)
        .hint(format!(
            "Look at the daemon's log. If the database was changed, stop the daemon and restore the backup {}.",
            kept.display(),
        ))
        .into())
}

fn end(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid).filter(|pid| test_kill_process(*pid).is_ok()) {
        // It may end by itself at this moment.
        let _ = kill_process(pid, signal);
    }
}

/// Whether another daemon than `before` of this version is able to work before long.
async fn answers(data: &DataFolder, before: i32, version: &Version, patience: Duration) -> bool {
    let is_there = async || {
        let other = Card::read(data).filter(|card| card.pid != before);
        match other.and_then(|card| card.url) {
            Some(url) => is_ready(&url, version).await.unwrap_or(false),
            None => false,
        }
    };
    let comes_up = async {
        while !is_there().await {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(patience, comes_up).await.is_ok()
}

async fn is_ready(url: &str, version: &Version) -> reqwest::Result<bool> {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    let health: serde_json::Value = http.get(format!("{url}/healthz")).send().await?.json().await?;
    let same = health["version"] == version.to_string();
    // A full disk, which the backup of before may have filled, is no reason to go back.
    let ready: serde_json::Value = http.get(format!("{url}/readyz")).send().await?.json().await?;
    Ok(same && ["database", "migrations", "encryption"].iter().all(|part| ready[*part] == true))
}
