//! What the daemon records of a build when it is triggered, and the plan that follows from it and from the
//! file of the commit. The daemon plans with it to check what it is asked, the runner to execute. Nobody else knows its keys but
//! the queries that look for `from_step`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parse::{self, PipelineFile};
use super::plan::{self, Choice, Origin, Plan};
use crate::domain::id::RepositoryId;
use crate::domain::matrix::Combination;
use crate::domain::spec::{BuildPlatform, PipelineExecutionConfig};

const UNTRUSTED: &str = "untrusted";
const FROM_STEP: &str = "from_step";

/// Everything that a runner needs to know about a build, as it was when the build was triggered; later changes of the pipeline don't
/// touch it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// The form of this record.
    pub snapshot_version: i64,
    pub config_resolution_policy: String,
    pub config_path: Option<String>,
    pub config_path_explicit: bool,
    pub ui_execution_config: PipelineExecutionConfig,
    pub artifact_patterns: Vec<String>,
    /// A word of `TriggerType`.
    pub trigger_type: String,
    pub commit_sha: String,
    pub branch: Option<String>,
    pub repo_url: String,
    pub repository_id: Option<RepositoryId>,
    /// Seconds.
    pub captured_at: i64,
    /// Where the daemon passes the repository on, below its address, if it does; told with the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout_proxy_path: Option<String>,
    /// Whether its code was brought by somebody without the right to push, as in the pull request of a fork. What
    /// such a build leaves behind must not reach later builds.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub untrusted: bool,
    /// The ref by which the repository keeps a commit that is on none of its branches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout_ref: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub selected_platforms: Vec<BuildPlatform>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, String>,
    /// Empty without a matrix.
    #[serde(skip_serializing_if = "Combination::is_empty")]
    pub matrix: Combination,
    /// The step it begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_step: Option<String>,
}

/// Whether a record says that code was brought by somebody who may not push. One that says something else than yes or no is not
/// trusted.
pub fn is_untrusted(recorded: &Value) -> bool {
    recorded.get(UNTRUSTED).is_some_and(|said| said != false)
}

/// The step that the build of a record begins with, if not with the first.
pub fn from_step(recorded: &Value) -> Option<&str> {
    recorded.get(FROM_STEP).and_then(Value::as_str)
}

/// The same record for a build that begins with `step`, or with the first. One that is unreadable stays as it is.
pub fn beginning_with(mut recorded: Value, step: Option<&str>) -> Value {
    let Some(keys) = recorded.as_object_mut() else { return recorded };
    keys.remove(FROM_STEP);
    if let Some(step) = step {
        keys.insert(FROM_STEP.to_owned(), step.into());
    }
    recorded
}

impl Snapshot {
    /// Where its file may be, in this order.
    pub fn candidates(&self) -> Vec<&str> {
        parse::candidates(self.config_path.as_deref(), self.config_path_explicit)
    }

    /// What the build does. Without a file the recorded settings count.
    ///
    /// Errors with a sentence when what was chosen makes no sense.
    pub fn plan(&self, file: Option<&PipelineFile>) -> Result<Plan, String> {
        let plan = match file {
            Some(file) => {
                let Self { selected_platforms: platforms, inputs, matrix, .. } = self;
                plan::plan_file(file, Choice { platforms, inputs, matrix })?
            }
            None => plan::plan(&self.ui_execution_config, Origin::Ui, &self.selected_platforms)?,
        };
        match &self.from_step {
            Some(step) => plan.beginning_with(step),
            None => Ok(plan),
        }
    }
}
