//! `oore runner list`, `rename`, `remove`, `rotate-token`: the operator's session does it, over HTTP. A
//! runner is named by its id, or by its name where only one has it.

use clap::Args;
use serde_json::{Value, json};

use super::{File, read, register};
use crate::cli::failure::Failure;
use crate::cli::http::{Connection, Daemon};
use crate::cli::profile::{Profile, ProfileSettings};
use crate::cli::terminal::{note, plain, row, say};
use crate::files;

const PAGE: usize = 100;

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
}

#[derive(Debug, Args)]
pub struct Remove {
    #[command(flatten)]
    connection: Connection,

    /// Id or name.
    runner: String,

    #[command(flatten)]
    file: File,
}

#[derive(Debug, Args)]
pub struct RotateToken {
    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    file: File,
}

pub async fn list(list: List, profile: &Profile) -> anyhow::Result<()> {
    let runners = all(&list.connection.open(profile)?).await?;
    if list.json {
        say(json!({ "runners": runners }));
        return Ok(());
    }
    if runners.is_empty() {
        note("No runner is registered.");
    }
    for runner in &runners {
        let capabilities = &runner["capabilities"];
        let kind = if runner["embedded"] == true { "embedded" } else { "external" };
        let system = format!("{} {}", text(&capabilities["os"]), text(&capabilities["arch"]));
        let name = text(&runner["name"]);
        let slots = format!("{} of {} busy", runner["busy_slots"], runner["slots"]);
        let id = text(&runner["id"]);
        row(&text(&runner["status"]), format_args!("{name}  {kind}  {slots}  {system}  {id}"));
    }
    Ok(())
}

pub async fn rename(rename: Rename, profile: &Profile) -> anyhow::Result<()> {
    let daemon = rename.connection.open(profile)?;
    let runner = find(&daemon, &rename.runner).await?;
    let renamed = daemon.patch(&path(&runner), json!({ "name": rename.new_name })).await?;
    say(format_args!("{} is now called {}.", text(&runner["name"]), text(&renamed["runner"]["name"])));
    Ok(())
}

pub async fn remove(remove: Remove, profile: &ProfileSettings) -> anyhow::Result<()> {
    let daemon = remove.connection.open(&profile.open()?)?;
    let runner = find(&daemon, &remove.runner).await?;
    daemon.delete(&path(&runner)).await?;
    say(format_args!("{} is removed; its token is void.", text(&runner["name"])));
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
    say(format_args!("{} has a new token, in {}.", plain(&fresh.name), file.display()));
    Ok(())
}

async fn all(daemon: &Daemon) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    loop {
        let page = daemon.get(&format!("/v1/runners?limit={PAGE}&offset={}", found.len())).await?;
        let runners = page["runners"].as_array().cloned().unwrap_or_default();
        let last = runners.len() < PAGE;
        found.extend(runners);
        if last {
            return Ok(found);
        }
    }
}

async fn find(daemon: &Daemon, wanted: &str) -> Result<Value, Failure> {
    let runners = all(daemon).await?;
    if let Some(runner) = runners.iter().find(|runner| runner["id"] == wanted) {
        return Ok(runner.clone());
    }
    let mut called: Vec<Value> = runners.into_iter().filter(|runner| runner["name"] == wanted).collect();
    match called.len() {
        0 => Err(Failure::failed(format!("there is no runner '{}'", plain(wanted)))
            .hint("`oore runner list` shows them.")),
        1 => Ok(called.remove(0)),
        several => {
            let ids: Vec<String> = called.iter().map(|runner| text(&runner["id"])).collect();
            Err(Failure::usage(format!("{several} runners are called '{}'", plain(wanted)))
                .hint(format!("Name one by its id: {}.", ids.join(", "))))
        }
    }
}

fn path(runner: &Value) -> String {
    format!("/v1/runners/{}", runner["id"].as_str().unwrap_or_default())
}

fn text(value: &Value) -> String {
    plain(value.as_str().unwrap_or("unknown"))
}
