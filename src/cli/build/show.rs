//! `oore build show`: all about one build but its log.

use clap::Args;
use serde_json::Value;

use super::Which;
use crate::cli::failure::Failure;
use crate::cli::http::Daemon;
use crate::cli::names::{id, name_of_build};
use crate::cli::profile::Profile;
use crate::cli::table::{Table, cell, status_cell};
use crate::cli::terminal::{coloured, row, say};
use crate::cli::times::{ago, length};
use crate::clock::Clock;

#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    which: Which,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(show: Show, profile: &Profile) -> anyhow::Result<()> {
    let (daemon, build) = show.which.open(profile).await?;
    let mut detail = daemon.get(&format!("/v1/builds/{}", id(&build))).await?;
    detail["failure"] = failure(&daemon, &detail["build"]).await?;
    if show.json {
        say(&detail);
        return Ok(());
    }
    print(&detail);
    row("page", format_args!("{}/builds/{}", daemon.url, id(&build)));
    Ok(())
}

/// Why it failed, as far as the log tells.
async fn failure(daemon: &Daemon, build: &Value) -> Result<Value, Failure> {
    if !matches!(build["status"].as_str(), Some("failed" | "timed_out")) {
        return Ok(Value::Null);
    }
    match daemon.get(&format!("/v1/builds/{}/failure", id(build))).await {
        Err(failure) if failure.code.is_some() => Ok(Value::Null),
        answer => answer,
    }
}

fn print(detail: &Value) {
    let (build, now) = (&detail["build"], Clock::system().now());
    row("build", name_of_build(build));
    row("status", status_cell(build["status"].as_str()));
    optional("waits", &detail["waiting"]["sentence"]);
    optional("failed", &build["error_message"]);
    optional("pipeline", &build["context"]["pipeline_name"]);
    optional("branch", &build["branch"]);
    let commit = [cell(build["commit_sha"].as_str()), cell(build["commit_subject"].as_str())].join(" ");
    row("commit", commit.trim());
    let by = [cell(build["trigger_type"].as_str()), cell(build["trigger_actor"].as_str())].join(" ");
    row("trigger", by.trim());
    let each: Vec<String> = build["matrix"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(axis, value)| format!("{}={}", cell(Some(axis)), cell(value.as_str())))
        .collect();
    if !each.is_empty() {
        row("matrix", each.join(" "));
    }
    optional("runner", &build["context"]["runner_name"]);
    row("created", ago(build["created_at"].as_i64(), now));
    if let Some(ms) = build["run_ms"].as_i64() {
        row("took", length(ms / 1000));
    }
    steps(build);
    excerpt(&detail["failure"]);
}

fn optional(name: &str, value: &Value) {
    if let Some(text) = value.as_str() {
        row(name, cell(Some(text)));
    }
}

fn steps(build: &Value) {
    let results: Vec<&Value> = build["step_results"].as_array().into_iter().flatten().collect();
    if results.is_empty() {
        return;
    }
    say("");
    let mut table = Table::new(&["STEP", "STATUS", "TOOK"]);
    for step in results {
        let took = step["duration_ms"].as_i64().map(|ms| length(ms / 1000)).unwrap_or_default();
        table.row([cell(step["name"].as_str()), status_cell(step["status"].as_str()), took]);
    }
    table.show();
}

fn excerpt(failure: &Value) {
    for line in failure["excerpt"].as_array().into_iter().flatten() {
        let mark = if line["is_error"] == true { ">" } else { " " };
        say(format_args!("{mark} {}", coloured(line["text"].as_str().unwrap_or_default())));
    }
    optional("cause", &failure["cause"]["title"]);
    optional("help", &failure["cause"]["hint"]);
}
