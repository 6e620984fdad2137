//! `oore why`: what code hosts told of a commit, or what one delivery told, and what came of it: the build, or
//! the reason why there is none. The JSON's keys are those of the API.

use clap::Args;
use serde_json::{Value, json};
use uuid::Uuid;

use super::failure::Failure;
use super::http::{Connection, Daemon};
use super::profile::Profile;
use super::terminal::{plain, row, say};

/// Fewer digits of a commit's id name too many.
const LEAST_DIGITS: usize = 7;

#[derive(Debug, Args)]
pub struct Why {
    /// A commit's id, of which 7 digits are enough, or the id of a delivery.
    subject: String,

    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(why: Why, profile: &Profile) -> anyhow::Result<()> {
    let daemon = why.connection.open(profile)?;
    let deliveries = find(&daemon, why.subject.trim()).await?;
    if why.json {
        say(json!({ "deliveries": deliveries }));
        return Ok(());
    }
    deliveries.iter().for_each(|delivery| show(delivery, &daemon.url));
    Ok(())
}

async fn find(daemon: &Daemon, subject: &str) -> Result<Vec<Value>, Failure> {
    if subject.contains('-') && Uuid::parse_str(subject).is_ok() {
        let found = daemon.get(&format!("/v1/webhook-deliveries/{subject}")).await?;
        return Ok(vec![found["delivery"].clone()]);
    }
    let is_commit =
        (LEAST_DIGITS..=64).contains(&subject.len()) && subject.bytes().all(|c| c.is_ascii_hexdigit());
    if !is_commit {
        return Err(Failure::usage(format!("'{}' is neither a commit nor a delivery", plain(subject)))
            .hint("Give 7 or more hexadecimal digits of a commit, or the id of a delivery."));
    }
    let found = daemon.get(&format!("/v1/webhook-deliveries?limit=50&commit={subject}")).await?;
    match found["deliveries"].as_array() {
        Some(deliveries) if !deliveries.is_empty() => Ok(deliveries.clone()),
        Some(_) | None => Err(Failure::failed(format!("nothing told of commit {subject}"))
            .hint("Check at the code host that the webhook exists, and what came of its deliveries there.")),
    }
}

/// How it got here, unless it came as it should.
fn arrival(by: Option<&str>) -> &'static str {
    match by {
        Some("redelivery") => " (had failed, and was asked for)",
        Some("poll") => " (found by looking at the repository)",
        Some(_) | None => "",
    }
}

fn show(delivery: &Value, base: &str) {
    let text = |key: &str| plain(delivery[key].as_str().unwrap_or_default());
    let place = [text("repository_name"), text("ref")].join(" ");
    row(&text("event"), format_args!("{} {}", place.trim(), text("commit_sha")));
    row("delivery", format_args!("{}{}", text("id"), arrival(delivery["arrived_by"].as_str())));
    let verdicts = delivery["verdicts"].as_array().into_iter().flatten();
    for verdict in verdicts {
        let text = |key: &str| plain(verdict[key].as_str().unwrap_or_default());
        say(format_args!("  {} / {}: {}", text("project_name"), text("pipeline_name"), text("reason")));
        if verdict["outcome"] == "awaits_approval" {
            let id = plain(delivery["id"].as_str().unwrap_or_default());
            say(format_args!("    approve it at {base}/settings/deliveries/{id}"));
        }
    }
    let whole = match (delivery["reason"].as_str(), delivery["status"].as_str()) {
        (Some(reason), _) => plain(reason),
        (None, Some("waiting")) => "waits to be worked off".to_owned(),
        (None, _) => return,
    };
    say(format_args!("  {whole}"));
}
