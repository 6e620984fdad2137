//! `oore runner register`: this machine becomes a runner, by the operator's session or by an enrolment token
//! that somebody made for it. The runner's own token goes into a private file and is never printed.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use clap::Args;
use serde_json::{Value, json};

use super::{File, read};
use crate::auth::token::{TokenKind, claims};
use crate::cli::failure::Failure;
use crate::cli::http::{Connection, Daemon};
use crate::cli::profile::ProfileSettings;
use crate::cli::terminal::{note, plain, row, say};
use crate::config::{SlotSettings, is_private_way};
use crate::files;
use crate::runner::capabilities::Capabilities;
use crate::runner::client::Registration;

#[derive(Debug, Args)]
pub struct Register {
    #[command(flatten)]
    connection: Connection,

    /// Name in lists; default: this machine's.
    #[arg(long)]
    name: Option<String>,

    #[command(flatten)]
    file: File,

    #[command(flatten)]
    slots: SlotSettings,

    /// Replace the registration that is there.
    #[arg(long)]
    replace: bool,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(register: Register, profile: &ProfileSettings) -> anyhow::Result<()> {
    let path = register.file.path(profile)?;
    let before = read(&path)?;
    if let Some(known) = before.as_ref().filter(|_| !register.replace) {
        return Err(already(&path, known).into());
    }
    let name = register.name.clone().unwrap_or_else(host_name);
    let daemon = register.connection.open(&profile.open()?)?;
    if !is_private_way(&daemon.url) {
        return Err(exposed(&daemon.url).into());
    }
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let slots = register.slots.slots;
    let made = ask(&daemon, &name, slots).await?;
    let registration = registration(&daemon, &made, slots)?;
    keep(&path, &registration, register.replace)?;
    register.report(&path, &registration);
    if let Some(before) = before {
        note(format_args!(
            "The runner {} stays in the list: `oore runner remove` ends it.",
            before.runner_id
        ));
    }
    Ok(())
}

/// Registers this machine with the session that is kept for the daemon.
pub async fn local(
    file: File,
    name: Option<String>,
    daemon_url: Option<String>,
    profile: &ProfileSettings,
) -> anyhow::Result<()> {
    let (connection, slots) = (Connection { daemon_url, token: None }, SlotSettings { slots: None });
    run(Register { connection, name, file, slots, replace: false, json: false }, profile).await
}

/// Either kind of token is enough; an enrolment token is no session and goes into the body.
async fn ask(daemon: &Daemon, name: &str, slots: Option<u32>) -> Result<Value, Failure> {
    let mut capabilities = Capabilities::detect().await.to_json();
    capabilities["slots"] = slots.unwrap_or(1).into();
    let mut body = json!({ "name": name, "capabilities": capabilities });
    match daemon.token.as_deref().filter(|token| claims(token, TokenKind::Enrolment)) {
        Some(token) => {
            body["token"] = token.into();
            daemon.without_token().post("/v1/runners/enrolments/redeem", body).await
        }
        None => daemon.post("/v1/runners/register", body).await,
    }
}

pub fn registration(daemon: &Daemon, made: &Value, slots: Option<u32>) -> Result<Registration, Failure> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (id, token) = (text(&made["runner"]["id"]), text(&made["token"]));
    match (id, token, text(&made["runner"]["name"])) {
        (Some(runner_id), Some(runner_token), Some(name)) => {
            Ok(Registration { runner_id, runner_token, daemon_url: daemon.url.clone(), name, slots })
        }
        _ => Err(Failure::failed("the daemon answered without a runner")),
    }
}

fn keep(path: &Path, registration: &Registration, replace: bool) -> anyhow::Result<()> {
    let content = serde_json::to_vec_pretty(registration)?;
    if replace {
        return Ok(files::replace_private(path, &content)?);
    }
    files::create_private(path, &content)?;
    // Somebody else may have registered this machine meanwhile.
    match read(path)? {
        Some(kept) if kept == *registration => Ok(()),
        Some(other) => Err(already(path, &other).into()),
        None => Err(Failure::failed(format!("the file {} is gone", path.display())).into()),
    }
}

fn already(path: &Path, known: &Registration) -> Failure {
    let what = format!(
        "this machine is a runner of {} already: the file {} is there",
        known.daemon_url,
        path.display()
    );
    Failure::usage(what)
        .hint("Start it with `oore runner start`, or replace it with --replace, or name another --config.")
}

fn exposed(url: &str) -> Failure {
    Failure::usage(format!("a runner's token must not be sent to {url}: it is not encrypted"))
        .hint("Use an https:// address; on the daemon's own machine http://127.0.0.1:PORT.")
}

fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    name.split('.').next().filter(|name| !name.is_empty()).unwrap_or("runner").to_owned()
}

impl Register {
    fn report(&self, path: &Path, registration: &Registration) {
        let Registration { runner_id, daemon_url, name, .. } = registration;
        if self.json {
            say(json!({
                "runner_id": runner_id, "name": name, "daemon_url": daemon_url, "config": path,
            }));
            return;
        }
        row("runner", format_args!("{} ({runner_id})", plain(name)));
        row("daemon", daemon_url);
        row("file", path.display());
        say("Start it with `oore runner start`, or keep it running with `oore runner install-service`.");
    }
}
