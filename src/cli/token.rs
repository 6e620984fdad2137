//! `oore token`: API tokens for scripts. A new one is printed once and kept nowhere.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::failure::Failure;
use super::http::Connection;
use super::names::{self, id};
use super::profile::Profile;
use super::table::{Table, cell};
use super::terminal::{note, plain, say};
use super::times::ago;
use crate::clock::Clock;
use crate::domain::role::UserRole;

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// List tokens: owners and admins see all, others their own.
    List(List),
    /// Make a token and print it, this once.
    Create(Create),
    /// End a token at once.
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Create {
    /// What it is for.
    name: String,

    /// What it may do, never more than you: owner, admin, developer or qa_viewer.
    #[arg(long)]
    role: UserRole,

    /// How many days it is good for; default: until it is revoked.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=36_500))]
    days: Option<i64>,

    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Revoke {
    /// Name, id, or the characters that the list shows of it.
    token_name: String,

    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: TokenCommand, profile: &Profile) -> anyhow::Result<()> {
    match command {
        TokenCommand::List(it) => list(it, profile).await,
        TokenCommand::Create(it) => create(it, profile).await,
        TokenCommand::Revoke(it) => revoke(it, profile).await,
    }
}

async fn list(list: List, profile: &Profile) -> anyhow::Result<()> {
    let daemon = list.connection.open(profile)?;
    let tokens = daemon.list("/v1/api-tokens", "tokens", usize::MAX).await?;
    if list.json {
        say(json!({ "tokens": tokens }));
        return Ok(());
    }
    if tokens.is_empty() {
        note("There is no token.");
        return Ok(());
    }
    let now = Clock::system().now();
    let mut table = Table::new(&["NAME", "TOKEN", "ROLE", "STATUS", "OF", "USED"]);
    for token in &tokens {
        let status = match (&token["is_revoked"], &token["is_expired"]) {
            (Value::Bool(true), _) => "revoked",
            (_, Value::Bool(true)) => "expired",
            _ => "active",
        };
        table.row([
            cell(token["name"].as_str()),
            format!("{}…", cell(token["prefix"].as_str())),
            cell(token["role"].as_str()),
            status.to_owned(),
            cell(token["created_by_email"].as_str()),
            ago(token["last_used_at"].as_i64(), now),
        ]);
    }
    table.show();
    Ok(())
}

async fn create(create: Create, profile: &Profile) -> anyhow::Result<()> {
    let daemon = create.connection.open(profile)?;
    let expires_at = create.days.map(|days| Clock::system().now() + days * 86_400);
    let body = json!({ "name": create.name, "role": create.role, "expires_at": expires_at });
    let made = daemon.post("/v1/api-tokens", body).await?;
    if create.json {
        say(&made);
        return Ok(());
    }
    let token = made["token"].as_str();
    say(token.ok_or_else(|| Failure::failed("the daemon answered without a token"))?);
    note("Keep it now: it is not shown again.");
    Ok(())
}

async fn revoke(revoke: Revoke, profile: &Profile) -> anyhow::Result<()> {
    let daemon = revoke.connection.open(profile)?;
    let wanted = revoke.token_name.trim().trim_end_matches('…');
    let all = daemon.list("/v1/api-tokens", "tokens", usize::MAX).await?;
    let by_prefix = all.iter().find(|token| token["prefix"] == wanted).cloned();
    // A name may have been used before: what is revoked already is not meant.
    let live = |token: &Value| token["is_revoked"] != true;
    let token = match by_prefix {
        Some(token) => token,
        None => names::pick(&names::TOKEN, wanted, all.into_iter().filter(live).collect())?,
    };
    let answer = daemon.delete(&format!("/v1/api-tokens/{}", id(&token))).await?;
    if revoke.json {
        say(&answer);
    } else {
        say(format_args!("{} is revoked.", plain(token["name"].as_str().unwrap_or_default())));
    }
    Ok(())
}
