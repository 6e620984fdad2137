//! `oore build cancel` and `rerun`.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::{Which, told_or_followed};
use crate::cli::names::{id, name_of_build};
use crate::cli::profile::Profile;
use crate::cli::run::pair;
use crate::cli::terminal::{plain, say};

#[derive(Debug, Args)]
pub struct Cancel {
    #[command(flatten)]
    which: Which,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Rerun {
    #[command(flatten)]
    which: Which,

    /// Begin with this step; those before it are skipped.
    #[arg(long, value_name = "NAME")]
    from_step: Option<String>,

    /// Begin with the step that failed.
    #[arg(long, conflicts_with = "from_step")]
    failed_step: bool,

    /// Another value of an input; can be repeated. The other inputs stay as they were.
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    inputs: Vec<(String, String)>,

    /// Follow it to its end; the exit code is its outcome.
    #[arg(long)]
    watch: bool,

    /// Print a JSON object; with --watch one for each line of the log.
    #[arg(long)]
    json: bool,
}

pub async fn cancel(cancel: Cancel, profile: &Profile) -> anyhow::Result<()> {
    let (daemon, build) = cancel.which.open(profile).await?;
    let answer = daemon.post(&format!("/v1/builds/{}/cancel", id(&build)), json!({})).await?;
    if cancel.json {
        say(&answer);
    } else {
        let status = plain(answer["build"]["status"].as_str().unwrap_or("unknown"));
        say(format_args!("{} is {status}.", name_of_build(&build)));
    }
    Ok(())
}

pub async fn rerun(rerun: Rerun, profile: &Profile) -> anyhow::Result<()> {
    let (daemon, build) = rerun.which.open(profile).await?;
    let mut body = match &rerun.from_step {
        Some(step) => json!({ "from_step": step }),
        None if rerun.failed_step => json!({ "from": "failed_step" }),
        None => json!({}),
    };
    if !rerun.inputs.is_empty() {
        body["inputs"] = json!(rerun.inputs.into_iter().collect::<BTreeMap<_, _>>());
    }
    let answer = daemon.post(&format!("/v1/builds/{}/rerun", id(&build)), body).await?;
    let builds = [answer["build"].clone()];
    told_or_followed(&daemon, &answer, &builds, rerun.json, rerun.watch).await
}
