//! `oore build list`: builds by filters, as the API has them.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::http::{Connection, with_query};
use crate::cli::names::{self, id, name_of_build};
use crate::cli::profile::Profile;
use crate::cli::table::{Table, cell, status_cell};
use crate::cli::terminal::{note, say};
use crate::cli::times::{ago, length};
use crate::clock::Clock;
use crate::domain::build::BuildStatus;
use crate::domain::spec::BuildPlatform;
use crate::domain::trigger::TriggerType;

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    connection: Connection,

    /// Only of this project, by name or id.
    #[arg(long)]
    project: Option<String>,

    /// Only of this pipeline: PROJECT/PIPELINE, or its id.
    #[arg(long, conflicts_with = "project")]
    pipeline: Option<String>,

    /// Only with this status; can be repeated.
    #[arg(long = "status", value_name = "STATUS")]
    statuses: Vec<BuildStatus>,

    /// Only of exactly this branch.
    #[arg(long)]
    branch: Option<String>,

    /// Only started so: manual, api, webhook or schedule.
    #[arg(long)]
    trigger: Option<TriggerType>,

    /// Only of this author of the commit, or of who started it; `me` for your own.
    #[arg(long, value_name = "TEXT")]
    author: Option<String>,

    /// Only for this platform.
    #[arg(long)]
    platform: Option<BuildPlatform>,

    /// Only with this in number, commit, branch or subject.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    /// How many at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(list: List, profile: &Profile) -> anyhow::Result<()> {
    let daemon = list.connection.open(profile)?;
    let project = match &list.project {
        Some(wanted) => Some(id(&names::project(&daemon, wanted).await?).to_owned()),
        None => None,
    };
    let pipeline = match &list.pipeline {
        Some(wanted) => Some(id(&names::pipeline(&daemon, wanted).await?).to_owned()),
        None => None,
    };
    let statuses: Vec<&str> = list.statuses.iter().map(|status| status.as_str()).collect();
    let query = [
        ("project_id", project),
        ("pipeline_id", pipeline),
        ("status", (!statuses.is_empty()).then(|| statuses.join(","))),
        ("branch", list.branch),
        ("trigger_type", list.trigger.map(|trigger| trigger.to_string())),
        ("author", list.author),
        ("platform", list.platform.map(|platform| platform.to_string())),
        ("q", list.search),
    ];
    let builds = daemon.list(&with_query("/v1/builds", &query), "builds", list.limit as usize).await?;
    if list.json {
        say(json!({ "builds": builds }));
    } else {
        show(&builds);
    }
    Ok(())
}

fn show(builds: &[Value]) {
    if builds.is_empty() {
        note("There is no such build.");
        return;
    }
    let now = Clock::system().now();
    let mut table = Table::new(&["BUILD", "STATUS", "PIPELINE", "BRANCH", "COMMIT", "CREATED", "TOOK"]);
    for build in builds {
        let commit: String = cell(build["commit_sha"].as_str()).chars().take(7).collect();
        table.row([
            name_of_build(build),
            status_cell(build["status"].as_str()),
            cell(build["context"]["pipeline_name"].as_str()),
            cell(build["branch"].as_str()),
            commit,
            ago(build["created_at"].as_i64(), now),
            build["run_ms"].as_i64().map(|ms| length(ms / 1000)).unwrap_or_default(),
        ]);
    }
    table.show();
}
