//! `oore status`: whether the daemon runs, how far it is set up and, for who is signed in, what it is
//! doing. The JSON object's keys are part of the contract with scripts.

use clap::Args;
use serde_json::{Value, json};

use super::failure::{Exit, Failure};
use super::http::{Connection, Daemon};
use super::profile::Profile;
use super::terminal::{plain, row, say, warn};
use crate::auth::network::NO_PUBLIC_URL;

#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

/// What only somebody who is signed in may know.
struct Inside {
    bootstrap: Value,
    queued: Value,
    active: Value,
    recent: Value,
    runners: Value,
    warnings: Vec<String>,
}

pub async fn run(status: Status, profile: &Profile) -> anyhow::Result<()> {
    let daemon = status.connection.open(profile)?;
    let health = daemon.get("/healthz").await?;
    let setup = daemon.get("/v1/public/setup-status").await?;
    let inside = match inside(&daemon, &setup).await {
        Ok(inside) => Some(inside),
        Err(failure) if failure.exit == Exit::NotAllowed => None,
        Err(failure) => return Err(failure.into()),
    };
    if status.json {
        say(as_json(&daemon, &setup, inside.as_ref()));
    } else {
        show(&daemon, &health, &setup, inside.as_ref());
    }
    for warning in inside.iter().flat_map(|inside| &inside.warnings) {
        warn(plain(warning));
    }
    if inside.is_none() && daemon.token.is_some() {
        return Err(not_signed_in(&status.connection).into());
    }
    Ok(())
}

/// Who shows a token wants to be known by it.
fn not_signed_in(connection: &Connection) -> Failure {
    let (message, hint) = match connection.token {
        Some(_) => (
            "the token is wrong, or not valid any more",
            "Check --token and OORE_SESSION_TOKEN, or leave both out and sign in with `oore login`.",
        ),
        None => ("the stored session is not valid any more", "Sign in again with `oore login`."),
    };
    Failure::new(Exit::NotAllowed, message).hint(hint)
}

async fn inside(daemon: &Daemon, setup: &Value) -> Result<Inside, Failure> {
    let bootstrap = daemon.get("/v1/bootstrap").await?;
    let count = async |statuses: &str| {
        let builds = daemon.get(&format!("/v1/builds?limit=1&status={statuses}")).await?;
        Ok::<_, Failure>(builds["total"].clone())
    };
    Ok(Inside {
        queued: count("queued").await?,
        active: count("scheduled,assigned,running").await?,
        recent: daemon.get("/v1/builds?limit=5").await?["builds"].clone(),
        runners: allowed(daemon.get("/v1/runners?limit=100").await)?["runners"].clone(),
        warnings: warnings(daemon, setup, &bootstrap).await?,
        bootstrap,
    })
}

/// What the settings would warn of, as far as this person may read them.
async fn warnings(daemon: &Daemon, setup: &Value, bootstrap: &Value) -> Result<Vec<String>, Failure> {
    if setup["runtime_mode"] != "remote" {
        return Ok(Vec::new());
    }
    let mut warnings = Vec::new();
    if bootstrap["instance"]["public_url"].is_null() {
        warnings.push(NO_PUBLIC_URL.to_owned());
    }
    if setup["remote_auth_mode"] == "trusted_proxy" {
        let settings = allowed(daemon.get("/v1/settings/external-access/trusted-proxy").await)?;
        let found = settings["settings"]["warnings"].as_array().into_iter().flatten();
        warnings.extend(found.filter_map(Value::as_str).map(str::to_owned));
    }
    Ok(warnings)
}

/// What this person may not see is not there for them.
fn allowed(answer: Result<Value, Failure>) -> Result<Value, Failure> {
    match answer {
        Err(failure) if failure.exit == Exit::NotAllowed => Ok(Value::Null),
        answer => answer,
    }
}

fn as_json(daemon: &Daemon, setup: &Value, inside: Option<&Inside>) -> Value {
    let known = |part: fn(&Inside) -> &Value| inside.map_or(Value::Null, |inside| part(inside).clone());
    let mut status = json!({
        "daemon_url": daemon.url,
        "setup_status": setup,
        "authenticated": inside.is_some(),
        "queue_depth": known(|inside| &inside.queued),
        "active_builds": known(|inside| &inside.active),
        "recent_builds": known(|inside| &inside.recent),
        "runners": known(|inside| &inside.runners),
    });
    let web_url = known(|inside| &inside.bootstrap["instance"]["public_url"]);
    if web_url.is_string() {
        status["web_url"] = web_url;
    }
    status
}

fn show(daemon: &Daemon, health: &Value, setup: &Value, inside: Option<&Inside>) {
    row("daemon", format_args!("{}, version {}", daemon.url, text(&health["version"])));
    row("instance", text(&setup["instance_id"]));
    row("set-up", format_args!("{}, {} mode", text(&setup["state"]), text(&setup["runtime_mode"])));
    let Some(inside) = inside else {
        row("signed in", "no; `oore login` shows more");
        return;
    };
    let user = &inside.bootstrap["user"];
    row("signed in", format_args!("{} ({})", text(&user["email"]), text(&user["role"])));
    row("builds", format_args!("{} waiting, {} under way", inside.queued, inside.active));
    if let Some(runners) = inside.runners.as_array() {
        let away = runners.iter().filter(|runner| runner["status"] == "offline").count();
        row("runners", format_args!("{} of {} online", runners.len() - away, runners.len()));
    }
    for build in inside.recent.as_array().into_iter().flatten() {
        let number = format!("#{}", build["build_number"]);
        row(
            "",
            format_args!(
                "{number:<6} {:<10} {}",
                text(&build["status"]),
                text(&build["context"]["project_name"])
            ),
        );
    }
}

fn text(value: &Value) -> String {
    plain(value.as_str().unwrap_or("unknown"))
}
