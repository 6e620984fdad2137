//! `oore user`: the accounts of the instance. An account is named by its address or id.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::http::{Connection, Daemon, with_query};
use super::names::{self, id};
use super::profile::Profile;
use super::table::{Table, cell};
use super::terminal::{note, plain, say};
use super::times::ago;
use crate::auth::people::checked_email;
use crate::clock::Clock;
use crate::domain::role::UserRole;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List accounts.
    List(List),
    /// Invite somebody; they come in with their next sign-in.
    Invite(Invite),
    /// Change somebody's role.
    Role(Role),
    /// Keep somebody out: their sessions and API tokens end at once. The account stays, for the histories that name it.
    Disable(Named),
    /// The same as disable, since no account ever goes.
    Remove(Named),
    /// Let somebody in again.
    Enable(Named),
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    connection: Connection,

    /// Only with this in address, name, role or status.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Invite {
    email: String,

    /// What they may do: admin, developer or qa_viewer.
    #[arg(long, default_value = "developer")]
    role: UserRole,

    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Role {
    /// Address or id.
    user: String,

    /// What they may do from now on: admin, developer or qa_viewer.
    role: UserRole,

    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Named {
    /// Address or id.
    user: String,

    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: UserCommand, profile: &Profile) -> anyhow::Result<()> {
    match command {
        UserCommand::List(it) => list(it, profile).await,
        UserCommand::Invite(it) => {
            let daemon = it.connection.open(profile)?;
            let email = checked_email(&it.email)?;
            let answer = daemon.post("/v1/users/invite", json!({ "email": email, "role": it.role })).await?;
            report(it.json, &answer, format_args!("{email} is invited as {}.", it.role));
            Ok(())
        }
        UserCommand::Role(it) => {
            let (daemon, path, email) = found(&it.connection, &it.user, profile).await?;
            let answer = daemon.patch(&format!("{path}/role"), json!({ "role": it.role })).await?;
            report(it.json, &answer, format_args!("{email} is {} now.", it.role));
            Ok(())
        }
        UserCommand::Disable(it) | UserCommand::Remove(it) => {
            let (daemon, path, email) = found(&it.connection, &it.user, profile).await?;
            let answer = daemon.delete(&path).await?;
            report(it.json, &answer, format_args!("{email} is disabled."));
            Ok(())
        }
        UserCommand::Enable(it) => {
            let (daemon, path, email) = found(&it.connection, &it.user, profile).await?;
            let answer = daemon.post(&format!("{path}/enable"), json!({})).await?;
            report(it.json, &answer, format_args!("{email} is enabled."));
            Ok(())
        }
    }
}

async fn list(list: List, profile: &Profile) -> anyhow::Result<()> {
    let daemon = list.connection.open(profile)?;
    let users = daemon.list(&with_query("/v1/users", &[("q", list.search)]), "users", usize::MAX).await?;
    if list.json {
        say(json!({ "users": users }));
        return Ok(());
    }
    if users.is_empty() {
        note("There is no such account.");
        return Ok(());
    }
    let now = Clock::system().now();
    let mut table = Table::new(&["ADDRESS", "NAME", "ROLE", "STATUS", "SINCE"]);
    for user in &users {
        table.row([
            cell(user["email"].as_str()),
            cell(user["display_name"].as_str()),
            cell(user["role"].as_str()),
            cell(user["status"].as_str()),
            ago(user["created_at"].as_i64(), now),
        ]);
    }
    table.show();
    Ok(())
}

/// A daemon, the path of somebody's account there, and their address.
async fn found(
    connection: &Connection,
    wanted: &str,
    profile: &Profile,
) -> anyhow::Result<(Daemon, String, String)> {
    let daemon = connection.open(profile)?;
    let all = daemon.list("/v1/users", "users", usize::MAX).await?;
    let user = names::pick(&names::USER, wanted.trim(), all)?;
    let email = plain(user["email"].as_str().unwrap_or_default());
    Ok((daemon, format!("/v1/users/{}", id(&user)), email))
}

fn report(json: bool, answer: &Value, sentence: impl std::fmt::Display) {
    if json { say(answer) } else { say(sentence) }
}
