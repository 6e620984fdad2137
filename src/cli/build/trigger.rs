//! `oore build trigger`: starts a build as the button of the web UI does.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use super::told_or_followed;
use crate::cli::http::Connection;
use crate::cli::names;
use crate::cli::profile::Profile;
use crate::cli::run::pair;
use crate::domain::spec::BuildPlatform;

#[derive(Debug, Args)]
pub struct Trigger {
    /// PROJECT/PIPELINE, PROJECT if it has one pipeline only, or the id of a pipeline.
    pipeline: String,

    #[command(flatten)]
    connection: Connection,

    /// The branch to build; default: the project's.
    #[arg(long)]
    branch: Option<String>,

    /// The commit to build; default: the newest of the branch.
    #[arg(long)]
    commit: Option<String>,

    /// A tag or full ref name to build instead of a branch.
    #[arg(long = "ref", value_name = "REF", conflicts_with = "branch")]
    reference: Option<String>,

    /// Only this platform; can be repeated.
    #[arg(long = "platform", value_name = "PLATFORM")]
    platforms: Vec<BuildPlatform>,

    /// The value of an input; can be repeated.
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    inputs: Vec<(String, String)>,

    /// Only combinations of the matrix with this value; can be repeated.
    #[arg(long = "matrix", value_name = "AXIS=VALUE", value_parser = pair)]
    matrix: Vec<(String, String)>,

    /// What has changed, for whoever gets the build.
    #[arg(long, value_name = "TEXT")]
    changelog: Option<String>,

    /// Follow it to its end; the exit code is its outcome.
    #[arg(long)]
    watch: bool,

    /// Print a JSON object; with --watch one for each line of the log.
    #[arg(long)]
    json: bool,
}

pub async fn run(trigger: Trigger, profile: &Profile) -> anyhow::Result<()> {
    let daemon = trigger.connection.open(profile)?;
    let pipeline = names::pipeline(&daemon, trigger.pipeline.trim()).await?;
    let project = pipeline["project_id"].as_str().unwrap_or_default();
    let path = format!("/v1/projects/{project}/builds");
    let answer = daemon.post(&path, trigger.body(&pipeline)).await?;
    let all = answer["builds"].as_array().filter(|builds| !builds.is_empty()).cloned();
    let builds = all.unwrap_or_else(|| vec![answer["build"].clone()]);
    told_or_followed(&daemon, &answer, &builds, trigger.json, trigger.watch).await
}

impl Trigger {
    fn body(&self, pipeline: &Value) -> Value {
        let mut body = json!({ "pipeline_id": pipeline["id"] });
        let texts = [
            ("branch", &self.branch),
            ("commit_sha", &self.commit),
            ("trigger_ref", &self.reference),
            ("changelog", &self.changelog),
        ];
        for (key, value) in texts {
            if let Some(value) = value {
                body[key] = json!(value);
            }
        }
        if !self.platforms.is_empty() {
            body["platforms"] = json!(self.platforms);
        }
        if !self.inputs.is_empty() {
            body["inputs"] = json!(self.inputs.iter().cloned().collect::<BTreeMap<_, _>>());
        }
        if !self.matrix.is_empty() {
            let mut wanted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            self.matrix.iter().for_each(|(axis, value)| wanted.entry(axis).or_default().push(value));
            body["matrix"] = json!(wanted);
        }
        body
    }
}
