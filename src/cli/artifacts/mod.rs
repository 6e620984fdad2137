//! `oore artifacts`: lists, downloads and deletes what builds made. Only the table of commands, the list, and what they share.

mod delete;
mod download;
mod file;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::failure::Failure;
use super::http::{Connection, Daemon};
use super::names::{self, id, name_of_build};
use super::profile::Profile;
use super::table::{Table, cell};
use super::terminal::{note, plain, say};
use super::times::{ago, size};
use crate::clock::Clock;

#[derive(Debug, Subcommand)]
pub enum ArtifactsCommand {
    /// List what a build made.
    List(List),
    /// Download what a build made, and check that it is whole.
    Download(download::Download),
    /// Delete some of what a build made, for good.
    Delete(delete::Delete),
}

#[derive(Debug, Args)]
pub struct List {
    /// PROJECT#NUMBER, the number where only one project has it, or the id of a build.
    build: String,

    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: ArtifactsCommand, profile: &Profile) -> anyhow::Result<()> {
    match command {
        ArtifactsCommand::List(it) => list(it, profile).await,
        ArtifactsCommand::Download(it) => download::run(it, profile).await,
        ArtifactsCommand::Delete(it) => delete::run(it, profile).await,
    }
}

async fn list(list: List, profile: &Profile) -> anyhow::Result<()> {
    let daemon = list.connection.open(profile)?;
    let build = names::build(&daemon, list.build.trim()).await?;
    let artifacts = of_build(&daemon, &build).await?;
    if list.json {
        say(json!({ "artifacts": artifacts }));
        return Ok(());
    }
    if artifacts.is_empty() {
        note("The build has no artifacts.");
        return Ok(());
    }
    let now = Clock::system().now();
    let mut table = Table::new(&["NAME", "TYPE", "SIZE", "MADE", "SHA-256"]);
    for artifact in &artifacts {
        table.row([
            cell(artifact["name"].as_str()),
            cell(artifact["artifact_type"].as_str()),
            size(artifact["file_size"].as_i64()),
            ago(artifact["created_at"].as_i64(), now),
            cell(artifact["checksum"].as_str()).chars().take(12).collect(),
        ]);
    }
    table.show();
    Ok(())
}

async fn of_build(daemon: &Daemon, build: &Value) -> Result<Vec<Value>, Failure> {
    let found = daemon.get(&format!("/v1/builds/{}/artifacts", id(build))).await?;
    Ok(found["artifacts"].as_array().cloned().unwrap_or_default())
}

/// Those of a build's artifacts that are named, or all. A name that it has not is a mistake.
async fn chosen(daemon: &Daemon, build: &Value, names: &[String]) -> Result<Vec<Value>, Failure> {
    let all = of_build(daemon, build).await?;
    let of = name_of_build(build);
    if all.is_empty() {
        return Err(Failure::failed(format!("{of} has no artifacts")));
    }
    if names.is_empty() {
        return Ok(all);
    }
    let known = || all.iter().map(|artifact| plain(text(artifact, "name"))).collect::<Vec<_>>().join(", ");
    let find = |name: &String| {
        let found =
            all.iter().find(|artifact| artifact["name"] == name.as_str() || artifact["id"] == name.as_str());
        found.cloned().ok_or_else(|| {
            Failure::failed(format!("{of} has no artifact '{}'", plain(name)))
                .hint(format!("It has: {}.", known()))
        })
    };
    names.iter().map(find).collect()
}

fn text<'a>(artifact: &'a Value, key: &str) -> &'a str {
    artifact[key].as_str().unwrap_or_default()
}
