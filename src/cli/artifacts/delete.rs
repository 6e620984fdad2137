//! `oore artifacts delete`: named files of a build, for good. It never takes all of them for want of a name.

use clap::Args;
use serde_json::{Value, json};

use super::text;
use crate::cli::http::Connection;
use crate::cli::names::{self, id};
use crate::cli::profile::Profile;
use crate::cli::terminal::{plain, say};

#[derive(Debug, Args)]
pub struct Delete {
    /// PROJECT#NUMBER, the number where only one project has it, or the id of a build.
    build: String,

    /// Which artifacts, by name or id.
    #[arg(required = true)]
    names: Vec<String>,

    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(delete: Delete, profile: &Profile) -> anyhow::Result<()> {
    let daemon = delete.connection.open(profile)?;
    let build = names::build(&daemon, delete.build.trim()).await?;
    // All names are looked at before anything is deleted.
    let artifacts = super::chosen(&daemon, &build, &delete.names).await?;
    for artifact in &artifacts {
        daemon.delete(&format!("/v1/artifacts/{}", id(artifact))).await?;
        if !delete.json {
            say(format_args!("{} is deleted.", plain(text(artifact, "name"))));
        }
    }
    if delete.json {
        let deleted: Vec<Value> = artifacts
            .iter()
            .map(|artifact| json!({"id": artifact["id"], "name": artifact["name"]}))
            .collect();
        say(json!({ "deleted": deleted }));
    }
    Ok(())
}
