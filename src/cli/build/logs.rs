//! `oore build logs`: the log that is there, page by page, so that memory does not grow with it.

use clap::Args;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::Which;
use crate::cli::failure::Failure;
use crate::cli::http::{Daemon, with_query};
use crate::cli::names::id;
use crate::cli::profile::Profile;
use crate::cli::screen::Screen;
use crate::cli::terminal::{pass_exactly, plain, say};

const PAGE: &str = "5000";

#[derive(Debug, Args)]
pub struct Logs {
    #[command(flatten)]
    which: Which,

    /// Only what this step wrote.
    #[arg(long, value_name = "NAME")]
    step: Option<String>,

    /// The bytes exactly as the steps wrote them, for a file.
    #[arg(long)]
    raw: bool,

    /// Print one JSON object for each line of the log.
    #[arg(long, conflicts_with = "raw")]
    json: bool,
}

pub async fn run(logs: Logs, profile: &Profile) -> anyhow::Result<()> {
    let (daemon, build) = logs.which.open(profile).await?;
    let path = format!("/v1/builds/{}/logs", id(&build));
    if logs.raw {
        return raw(&daemon, &with_query(&format!("{path}/raw"), &[("step", logs.step)])).await;
    }
    if let Some(step) = &logs.step {
        check_step(&daemon, &path, step).await?;
    }
    let mut screen = Screen::default();
    let mut last: Option<i64> = None;
    loop {
        let query = [("limit", Some(PAGE.to_owned())), ("after_sequence", last.map(|last| last.to_string()))];
        let page = daemon.get(&with_query(&path, &query)).await?;
        let chunks = page["logs"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(newest) = chunks.last().and_then(|chunk| chunk["sequence"].as_i64()) else { break };
        last = Some(newest);
        let wanted = |chunk: &&Value| logs.step.as_deref().is_none_or(|step| chunk["step"] == step);
        for chunk in chunks.iter().filter(wanted) {
            if logs.json { say(chunk) } else { screen.chunk(chunk) }
        }
    }
    screen.close();
    Ok(())
}

async fn raw(daemon: &Daemon, path: &str) -> anyhow::Result<()> {
    let mut answer = daemon.open(path, HeaderMap::new()).await?;
    while let Some(bytes) = daemon.more(&mut answer).await? {
        pass_exactly(&bytes);
    }
    Ok(())
}

async fn check_step(daemon: &Daemon, path: &str, wanted: &str) -> Result<(), Failure> {
    let index = daemon.get(&format!("{path}/index")).await?;
    let names: Vec<String> = index["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|step| step["name"].as_str())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if names.iter().any(|name| name == wanted) {
        return Ok(());
    }
    Err(Failure::failed(format!("the log has no step '{}'", plain(wanted)))
        .hint(format!("Its steps: {}", names.join(", "))))
}
