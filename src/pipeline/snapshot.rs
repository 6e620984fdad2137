//! What the daemon records of a build when it is triggered, and the plan that follows from it and from the
//! file of the commit. The daemon plans with it to check what it is asked, the runner to execute.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::parse::{self, PipelineFile};
use super::plan::{self, Choice, Origin, Plan};
use crate::domain::matrix::Combination;
use crate::domain::spec::{BuildPlatform, PipelineExecutionConfig};

/// The recorded part of a build, as far as its execution goes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    pub repo_url: String,
    /// Where the daemon passes the repository on, below its address, if it does.
    pub checkout_proxy_path: Option<String>,
    /// A word of `TriggerType`.
    pub trigger_type: String,
    /// Whether its code was brought by somebody without the right to push, as in the pull request of a fork. What
    /// such a build leaves behind must not reach later builds.
    pub untrusted: bool,
    /// The ref by which the repository keeps a commit that is on none of its branches.
    pub checkout_ref: Option<String>,
    config_path: Option<String>,
    config_path_explicit: bool,
    ui_execution_config: PipelineExecutionConfig,
    selected_platforms: Vec<BuildPlatform>,
    inputs: BTreeMap<String, String>,
    matrix: Combination,
    /// The step it begins with.
    from_step: Option<String>,
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
