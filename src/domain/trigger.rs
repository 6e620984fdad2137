//! What started a build.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words;

words! {
    /// The kind of trigger.
    TriggerType {
        Manual = "manual",
        Api = "api",
        Webhook = "webhook",
        Schedule = "schedule",
    }
}

impl TriggerType {
    /// The higher, the sooner: somebody who waits comes before a push, and a push before the clock.
    pub fn priority(self) -> i32 {
        match self {
            TriggerType::Manual | TriggerType::Api => 2,
            TriggerType::Webhook => 1,
            TriggerType::Schedule => 0,
        }
    }
}

words! {
    /// Events of a code host that a pipeline may listen to.
    TriggerEvent {
        Push = "push",
        PullRequest = "pull_request",
        TagPush = "tag_push",
    }
}

/// What GitHub calls events of pull requests, and GitLab those of merge requests.
pub const PULL_REQUEST_EVENT: &str = "pull_request";
pub const MERGE_REQUEST_EVENT: &str = "Merge Request Hook";

/// What a pipeline's file says about what starts it. It replaces the pipeline's settings as a whole, also for
/// what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriggerRules {
    /// Empty: no event of a code host starts it.
    pub events: Vec<TriggerEvent>,
    /// Globs of branches for `push`, of target branches for `pull_request`. Empty: any.
    pub branches: Vec<String>,
    /// Globs of tags for `tag_push`. Empty: any.
    pub tags: Vec<String>,
    /// Globs, of which a changed file must match one. Empty: any change counts.
    pub paths: Vec<String>,
    /// Globs of files whose change counts for nothing.
    pub paths_ignore: Vec<String>,
    pub schedule: Vec<Schedule>,
    /// Whether a mark in the commit's message, such as `[skip ci]`, keeps events from starting it.
    pub skip_ci: bool,
}

impl Default for TriggerRules {
    fn default() -> Self {
        let (branches, tags, paths, paths_ignore) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { events: Vec::new(), branches, tags, paths, paths_ignore, schedule: Vec::new(), skip_ci: true }
    }
}

/// Times at which a pipeline starts by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Schedule {
    /// Five fields, as `pipeline::schedule` reads them.
    pub cron: String,
    /// A name of the time zone database. Without one the times are UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Without one it is the project's default branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}
