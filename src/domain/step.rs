//! The result of one step, as runners report it and clients read it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words;

words! {
    /// How a step ended.
    StepStatus {
        Succeeded = "succeeded",
        Failed = "failed",
        /// It did not run; its log says why.
        Skipped = "skipped",
    }
}

/// One step that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepResult {
    /// `pre_build-1`, `build-1`, `checkout` …, or a name from the file.
    pub name: String,
    pub status: StepStatus,
    /// Absent when a signal ended the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Unix seconds.
    pub started_at: i64,
    /// Unix seconds.
    pub finished_at: i64,
    pub duration_ms: i64,
    /// Whether it may fail without failing the build.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tolerated: bool,
}

/// Parts that every build has; no step of a file is called like one.
pub const PARTS: [&str; 5] = ["checkout", "restore caches", "flutter", "artifacts", "save caches"];

/// The step or part whose failure was the build's.
pub fn first_failed(results: &[StepResult]) -> Option<&StepResult> {
    results.iter().find(|step| step.status == StepStatus::Failed && !step.tolerated)
}

/// The step of the file whose failure was the build's, if it was one.
pub fn failed(results: &[StepResult]) -> Option<&StepResult> {
    first_failed(results).filter(|first| !PARTS.contains(&first.name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_is_tolerated_is_not_the_builds() {
        let step = |name: &str, status, tolerated| StepResult {
            name: name.to_owned(),
            status,
            exit_code: Some(1),
            started_at: 0,
            finished_at: 0,
            duration_ms: 0,
            tolerated,
        };
        let results = [step("Lint", StepStatus::Failed, true), step("checkout", StepStatus::Failed, false)];
        assert_eq!(first_failed(&results).unwrap().name, "checkout");
        assert_eq!(failed(&results), None, "it is no step of the file");
    }
}
