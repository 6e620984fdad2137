//! `oore runner list`, `rename`, `remove`, `rotate-token`: the operator's session does it, over HTTP. A
//! runner is named by its id, or by its name where only one has it.

use clap::Args;
use serde_json::{Value, json};

use super::{File, read, register};
use crate::cli::failure::Failure;
use crate::cli::http::{Connection, Daemon};
use crate::cli::names;
use crate::cli::profile::{Profile, ProfileSettings};
use crate::cli::table::{Table, cell};
use crate::cli::terminal::{note, plain, say};
use crate::files;

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Rename {
    #[command(flatten)]
    connection: Connection,

    /// Id or name.
    runner: String,

    new_name: String,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Remove {
    #[command(flatten)]
    connection: Connection,

    /// Id or name.
    runner: String,

    #[command(flatten)]
    file: File,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct RotateToken {
    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    file: File,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn list(list: List, profile: &Profile) -> anyhow::Result<()> {
    let runners = all(&list.connection.open(profile)?).await?;
    if list.json {
        say(json!({ "runners": runners }));
        return Ok(());
    }
    if runners.is_empty() {
        note("No runner is registered.");
        return Ok(());
    }
    let mut table = Table::new(&["NAME", "STATUS", "KIND", "BUSY", "SYSTEM", "ID"]);
    for runner in &runners {
        let capabilities = &runner["capabilities"];
        let kind = if runner["embedded"] == true { "embedded" } else { "external" };
        let system = format!("{} {}", text(&capabilities["os"]), text(&capabilities["arch"]));
        let busy = format!("{} of {}", runner["busy_slots"], runner["slots"]);
        table.row([
            cell(runner["name"].as_str()),
            cell(runner["status"].as_str()),
            kind.to_owned(),
            busy,
            system,
            cell(runner["id"].as_str()),
        ]);
    }
    table.show();
    Ok(())
}

pub async fn rename(rename: Rename, profile: &Profile) -> anyhow::Result<()> {
    let daemon = rename.connection.open(profile)?;
    let runner = find(&daemon, &rename.runner).await?;
    let renamed = daemon.patch(&path(&runner), json!({ "name": rename.new_name })).await?;
    if rename.json {
        say(&renamed);
    } else {
        say(format_args!("{} is now called {}.", text(&runner["name"]), text(&renamed["runner"]["name"])));
    }
    Ok(())
}

pub async fn remove(remove: Remove, profile: &ProfileSettings) -> anyhow::Result<()> {
    let daemon = remove.connection.open(&profile.open()?)?;
    let runner = find(&daemon, &remove.runner).await?;
    daemon.delete(&path(&runner)).await?;
    if remove.json {
        say(json!({ "removed": runner["id"] }));
    } else {
        say(format_args!("{} is removed; its token is void.", text(&runner["name"])));
    }
    // On the machine itself its file is of no more use, and in the way of the next registration.
    let file = remove.file.path(profile)?;
    if read(&file).is_ok_and(|known| known.is_some_and(|known| runner["id"] == known.runner_id.as_str())) {
        files::remove(&file)?;
        note(format_args!("The file {} is removed as well.", file.display()));
    }
    Ok(())
}

pub async fn rotate_token(rotate: RotateToken, profile: &ProfileSettings) -> anyhow::Result<()> {
    let (file, known) = rotate.file.open(profile)?;
    let mut connection = rotate.connection;
    connection.daemon_url.get_or_insert(known.daemon_url);
    let daemon = connection.open(&profile.open()?)?;
    let path = format!("/v1/runners/{}/rotate-token", known.runner_id);
    let made = daemon.post(&path, json!({})).await?;
    let fresh = register::registration(&daemon, &made, known.slots)?;
    files::replace_private(&file, &serde_json::to_vec_pretty(&fresh)?)?;
    if rotate.json {
        say(
            json!({ "runner_id": fresh.runner_id, "name": fresh.name, "config": file.display().to_string() }),
        );
    } else {
        say(format_args!("{} has a new token, in {}.", plain(&fresh.name), file.display()));
    }
    Ok(())
}

async fn all(daemon: &Daemon) -> Result<Vec<Value>, Failure> {
    daemon.list("/v1/runners", "runners", usize::MAX).await
}

async fn find(daemon: &Daemon, wanted: &str) -> Result<Value, Failure> {
    names::pick(&names::RUNNER, wanted, all(daemon).await?)
}

fn path(runner: &Value) -> String {
    format!("/v1/runners/{}", runner["id"].as_str().unwrap_or_default())
}

fn text(value: &Value) -> String {
    plain(value.as_str().unwrap_or("unknown"))
}
