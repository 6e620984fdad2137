//! How long builds keep what they made: the policy of an instance, what a project says otherwise, and which rule took
//! something away. It removes nothing and knows no clock.

use serde::{Deserialize, Serialize};

use super::build::BuildStatus;
use crate::words;

words! {
    /// What goes when a build's time is over.
    RetentionCleanupTarget {
        /// The artifacts; the build, its log and its outcome stay.
        ArtifactsOnly = "artifacts_only",
        /// The build with everything that belongs to it.
        Full = "full",
    }
}

words! {
    /// The rule that took a build's artifacts away.
    RetentionRule {
        /// It ended too long ago.
        Age = "age",
        /// Too many builds of the project are newer.
        Count = "count",
        /// The artifacts of the project's newer builds fill what they may take.
        Size = "size",
        /// The artifacts of the instance took more than they may, and these were the oldest.
        DiskBudget = "disk_budget",
        /// The artifacts themselves had been given a time to live.
        Ttl = "ttl",
    }
}

/// What a pass did, or would have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleanup {
    /// Builds that lost their artifacts, or were deleted.
    pub builds: i64,
    pub artifacts: i64,
    pub bytes: i64,
    /// It removed nothing.
    pub dry_run: bool,
    /// Unix seconds.
    pub at: i64,
}

/// The rules for the builds of a project; `None` means no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub enabled: bool,
    pub max_age_days: Option<i64>,
    pub max_builds: Option<i64>,
    /// Bytes of the artifacts of the project's builds together.
    pub max_artifact_bytes: Option<i64>,
    pub target: RetentionCleanupTarget,
    /// Builds that ended so are kept whatever the rules say.
    pub keep_statuses: Vec<BuildStatus>,
    pub artifact_ttl_days: Option<i64>,
}

/// What a project says otherwise; `None` takes what the instance says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Override {
    pub enabled: Option<bool>,
    pub max_age_days: Option<i64>,
    pub max_builds: Option<i64>,
    pub max_artifact_bytes: Option<i64>,
    pub target: Option<RetentionCleanupTarget>,
    pub keep_statuses: Option<Vec<BuildStatus>>,
    pub artifact_ttl_days: Option<i64>,
}

impl Policy {
    /// This policy with what a project says otherwise, field by field.
    pub fn with(&self, own: Override) -> Self {
        Self {
            enabled: own.enabled.unwrap_or(self.enabled),
            max_age_days: own.max_age_days.or(self.max_age_days),
            max_builds: own.max_builds.or(self.max_builds),
            max_artifact_bytes: own.max_artifact_bytes.or(self.max_artifact_bytes),
            target: own.target.unwrap_or(self.target),
            keep_statuses: own.keep_statuses.unwrap_or_else(|| self.keep_statuses.clone()),
            artifact_ttl_days: own.artifact_ttl_days.or(self.artifact_ttl_days),
        }
    }

    /// Whether a rule looks at builds; time to live looks at artifacts.
    pub fn has_rules(&self) -> bool {
        self.max_age_days.is_some() || self.max_builds.is_some() || self.max_artifact_bytes.is_some()
    }

    /// The statuses of the builds that the rules may take something from.
    pub fn candidates(&self) -> Vec<BuildStatus> {
        let over = BuildStatus::ALL.iter().copied().filter(|status| status.is_terminal());
        over.filter(|status| !self.keep_statuses.contains(status)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_instance() -> Policy {
        Policy {
            enabled: true,
            max_age_days: Some(30),
            max_builds: None,
            max_artifact_bytes: Some(7),
            target: RetentionCleanupTarget::ArtifactsOnly,
            keep_statuses: vec![BuildStatus::Succeeded],
            artifact_ttl_days: None,
        }
    }

    #[test]
    fn a_project_changes_what_it_names_and_nothing_else() {
        let own = Override { max_builds: Some(5), keep_statuses: Some(Vec::new()), ..Override::default() };
        let merged = of_instance().with(own);
        let expected = Policy { max_builds: Some(5), keep_statuses: Vec::new(), ..of_instance() };
        assert_eq!(merged, expected);
        assert_eq!(of_instance().with(Override::default()), of_instance());
    }

    #[test]
    fn builds_that_are_not_over_or_ended_as_named_are_never_taken() {
        use BuildStatus::{Canceled, Expired, Failed, TimedOut};
        assert_eq!(of_instance().candidates(), [Failed, Canceled, TimedOut, Expired]);
    }
}
