//! The daemon as it answers: whether it does, whether it is able to work, what it is set up for; and for who is
//! signed in, what it says of its runners and code hosts. Addresses and sign-in are in `access`.

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap};
use serde_json::Value;

use super::access;
use crate::cli::failure::Failure;
use crate::cli::http::Daemon;
use crate::cli::terminal::plain;
use crate::clock::Clock;
use crate::config::here;
use crate::domain::doctor::{CheckStatus, DoctorCheck, good, missing, warning};

const OWN_VERSION: &str = env!("CARGO_PKG_VERSION");
/// Seconds between two clocks from which on links and tokens seem to end too early.
const CLOCK_TOLERANCE: i64 = 30;
/// Projects beyond this number are not looked at one by one.
const PROJECTS: usize = 100;

pub struct Instance {
    pub checks: Vec<DoctorCheck>,
    /// Whether the daemon runs on this machine.
    pub is_here: bool,
}

pub async fn look(daemon: &Daemon) -> Instance {
    let (headers, health) = match daemon.look("/healthz").await {
        Ok((_, headers, health)) => (headers, health),
        Err(failure) => return Instance { checks: vec![away(&failure)], is_here: false },
    };
    let version = text(&health["version"]);
    let mut checks = vec![good("daemon", format!("the daemon at {} answers", daemon.url)), alike(&version)];
    checks.extend(clocks(&headers));
    checks.extend(ready(daemon).await);
    if daemon.is_exposed() {
        let what = format!("what is sent to {} can be read on the way, also the session", daemon.url);
        checks.push(warning("transport", what, "Use an https:// address."));
    }
    match daemon.get("/v1/public/setup-status").await {
        Ok(setup) => {
            checks.push(set_up(&setup));
            checks.extend(inside(daemon, &setup).await);
        }
        Err(failure) => checks.push(unclear("setup", &failure)),
    }
    Instance { checks, is_here: here(&daemon.url).is_some() }
}

/// The finding that something could not be found out.
pub fn unclear(name: &str, failure: &Failure) -> DoctorCheck {
    warning(name, failure.to_string(), failure.way_out().unwrap_or("Look into the log of the daemon."))
}

fn away(failure: &Failure) -> DoctorCheck {
    missing("daemon", &failure.to_string(), failure.way_out().unwrap_or("Start it with `oored run`."))
}

fn alike(version: &str) -> DoctorCheck {
    if version == OWN_VERSION {
        return good("version", format!("daemon and command line are version {version}"));
    }
    let what = format!("the daemon is version {version}, this command line {OWN_VERSION}");
    warning("version", what, "Update the older one, and restart the daemon after its update.")
}

/// Links and tokens end by the daemon's clock.
fn clocks(headers: &HeaderMap) -> Option<DoctorCheck> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let theirs = DateTime::parse_from_rfc2822(date).ok()?.timestamp();
    let apart = (Clock::system().now() - theirs).abs();
    if apart <= CLOCK_TOLERANCE {
        return Some(good("clock", "this clock and the daemon's agree".to_owned()));
    }
    let what = format!(
        "this clock and the daemon's are {apart} seconds apart; links and tokens end too early or too late"
    );
    Some(warning(
        "clock",
        what,
        "Let both machines keep time: `timedatectl set-ntp true`, or System Settings, Date & Time.",
    ))
}

async fn ready(daemon: &Daemon) -> Vec<DoctorCheck> {
    let answer = match daemon.look("/readyz").await {
        Ok((_, _, answer)) => answer,
        Err(failure) => return vec![unclear("ready", &failure)],
    };
    let told: Vec<DoctorCheck> = serde_json::from_value(answer["checks"].clone()).unwrap_or_default();
    let mut wrong: Vec<_> = told.into_iter().filter(|check| check.status != CheckStatus::Ok).collect();
    for check in &mut wrong {
        check.what = format!("{} of the daemon: {}", check.name, check.what);
        check.name = "ready".to_owned();
    }
    if !wrong.is_empty() {
        return wrong;
    }
    if answer["ok"] == true {
        return vec![good("ready", "database, schema, key and disk of the daemon work".to_owned())];
    }
    vec![missing("ready", "the daemon is not able to work", "Look into the log of the daemon.")]
}

fn set_up(setup: &Value) -> DoctorCheck {
    let (state, mode) = (text(&setup["state"]), text(&setup["runtime_mode"]));
    if setup["is_configured"] == true {
        return good("setup", format!("the instance is set up, in {mode} mode"));
    }
    missing("setup", &format!("the instance is not set up: {state}"), "oore setup")
}

/// What only somebody who is signed in may know.
async fn inside(daemon: &Daemon, setup: &Value) -> Vec<DoctorCheck> {
    let sign_in = "oore login";
    if daemon.token.is_none() {
        let what = "nobody is signed in here, so runners, addresses and code hosts were not looked at";
        return vec![warning("session", what.to_owned(), sign_in)];
    }
    let bootstrap = match daemon.get("/v1/bootstrap").await {
        Ok(bootstrap) => bootstrap,
        Err(failure) => return vec![warning("session", failure.to_string(), sign_in)],
    };
    let user = &bootstrap["user"];
    let mut checks =
        vec![good("session", format!("signed in as {} ({})", text(&user["email"]), text(&user["role"])))];
    checks.extend(access::look(daemon, setup, &bootstrap).await);
    checks.extend(allowed("runners", runners(daemon).await));
    checks.extend(allowed("integrations", integrations(daemon).await));
    checks.extend(allowed("incidents", incidents(daemon).await));
    checks.extend(allowed("pushes", pushes(daemon).await));
    checks
}

/// What this person may not see is not there for them.
pub fn allowed(name: &str, found: Result<Vec<DoctorCheck>, Failure>) -> Vec<DoctorCheck> {
    match found {
        Ok(checks) => checks,
        Err(failure) if failure.code.as_deref() == Some("permission_denied") => Vec::new(),
        Err(failure) => vec![unclear(name, &failure)],
    }
}

async fn runners(daemon: &Daemon) -> Result<Vec<DoctorCheck>, Failure> {
    let runners = daemon.list("/v1/runners", "runners", usize::MAX).await?;
    let away: Vec<String> = runners
        .iter()
        .filter(|runner| runner["status"] == "offline")
        .map(|runner| text(&runner["name"]))
        .collect();
    let all = runners.len();
    let look = "Look at that machine: `oore runner start`, or the log of its service.";
    Ok(vec![match (all, away.len()) {
        (0, _) => missing("runners", "there is no runner: no build can run", "oore runner register"),
        (all, offline) if all == offline => {
            missing("runners", &format!("no runner is online: {}", away.join(", ")), look)
        }
        (_, 0) => good("runners", format!("runners online: {all}")),
        _ => warning("runners", format!("offline: {}", away.join(", ")), look),
    }])
}

async fn integrations(daemon: &Daemon) -> Result<Vec<DoctorCheck>, Failure> {
    let all = daemon.list("/v1/integrations", "integrations", usize::MAX).await?;
    let broken = all.iter().filter(|integration| integration["status"] != "active");
    Ok(broken
        .map(|integration| {
            let name = integration["display_name"].as_str().or(integration["host_url"].as_str());
            let why = integration["status_reason"].as_str().or(integration["status"].as_str());
            let what = format!(
                "{} does not work: {}",
                plain(name.unwrap_or_default()),
                plain(why.unwrap_or_default())
            );
            warning("integration", what, "Mend it in the web UI under Settings, Integrations.")
        })
        .collect())
}

async fn incidents(daemon: &Daemon) -> Result<Vec<DoctorCheck>, Failure> {
    let answer = daemon.get("/v1/operator-incidents").await?;
    let open = answer["incidents"].as_array().into_iter().flatten();
    Ok(open
        .map(|incident| {
            let what = format!(
                "{}: {}",
                text(&incident["resource_name"]),
                text(&incident["reason"]).replace('_', " ")
            );
            warning("incident", what, &text(&incident["repair_action"]))
        })
        .collect())
}

/// How pushes are heard of, project by project.
async fn pushes(daemon: &Daemon) -> Result<Vec<DoctorCheck>, Failure> {
    let mut checks = Vec::new();
    for project in daemon.list("/v1/projects", "projects", PROJECTS).await? {
        let detail = daemon.get(&format!("/v1/projects/{}", text(&project["id"]))).await?;
        let (pushes, name) = (&detail["pushes"], text(&project["name"]));
        let hosted = matches!(project["repository_provider"].as_str(), Some("github" | "gitlab"));
        if let Some(problem) = pushes["problem"].as_str() {
            let what = format!("{name}: its repository could not be looked at: {}", plain(problem));
            checks.push(warning(
                "pushes",
                what,
                "Check the integration, and that the repository still exists.",
            ));
        } else if hosted && pushes["webhook_at"].is_null() {
            checks.push(no_webhook(&name, pushes["looked_every"].as_u64()));
        }
    }
    Ok(checks)
}

fn no_webhook(name: &str, looked_every: Option<u64>) -> DoctorCheck {
    let what = format!("{name}: no webhook has told of it yet");
    let fix = "Check at the code host that the webhook exists and reaches the public URL; `oore why COMMIT` says what came.";
    match looked_every {
        Some(seconds) => {
            good("pushes", format!("{what}; its repository is looked at every {seconds} seconds instead"))
        }
        None => warning(
            "pushes",
            format!("{what}, and its repository is not looked at: pushes start no builds"),
            fix,
        ),
    }
}

/// A text of the daemon's answer, made harmless.
pub fn text(value: &Value) -> String {
    plain(value.as_str().unwrap_or("unknown"))
}
