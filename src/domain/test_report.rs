//! What the tests and the analysis of a build found: counts, single tests and single findings, as a runner
//! reports them, as they are stored and as clients read them. How tools write them is not its business.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words;

/// Most tests that are kept of one build; more are counted.
pub const MAX_CASES: usize = 20_000;
/// Most findings that are kept of one build; more are counted.
pub const MAX_FINDINGS: usize = 5_000;
/// Largest report as JSON, in bytes.
pub const MAX_REPORT_BYTES: usize = 4 * 1024 * 1024;

words! {
    /// How a test ended.
    TestOutcome {
        Passed = "passed",
        /// An expectation was not met.
        Failed = "failed",
        /// It threw something else, or never ended.
        Error = "error",
        Skipped = "skipped",
    }
}

impl TestOutcome {
    /// Whether the build should not have passed.
    pub fn is_bad(self) -> bool {
        matches!(self, TestOutcome::Failed | TestOutcome::Error)
    }
}

words! {
    /// How much a finding matters.
    FindingSeverity {
        Error = "error",
        Warning = "warning",
        Info = "info",
    }
}

/// What the tests and the analysis of a build found, as far as its steps left reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestReport {
    /// Absent if no step left a report of tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<Tests>,
    /// Absent if no step was seen to analyze.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
}

/// All tests of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tests {
    pub counts: TestCounts,
    /// How long the runs took, one after the other.
    pub duration_ms: u64,
    /// Whether a report ended before its tests did.
    #[serde(default)]
    pub is_cut_off: bool,
    /// Those that failed first.
    pub cases: Vec<TestCase>,
    /// How many are counted and not among the cases.
    #[serde(default)]
    pub left_out: u32,
}

/// How many tests ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestCounts {
    pub passed: u32,
    pub failed: u32,
    pub errors: u32,
    pub skipped: u32,
}

impl TestCounts {
    pub fn add(&mut self, outcome: TestOutcome) {
        let count = self.of(outcome);
        *count = count.saturating_add(1);
    }

    /// A test turned out to have ended otherwise.
    pub fn correct(&mut self, from: TestOutcome, to: TestOutcome) {
        let count = self.of(from);
        *count = count.saturating_sub(1);
        self.add(to);
    }

    pub fn merge(&mut self, other: TestCounts) {
        for outcome in TestOutcome::ALL {
            let (mut other, count) = (other, self.of(*outcome));
            *count = count.saturating_add(*other.of(*outcome));
        }
    }

    /// Those because of which a build should not have passed.
    pub fn bad(&self) -> u32 {
        self.failed.saturating_add(self.errors)
    }

    fn of(&mut self, outcome: TestOutcome) -> &mut u32 {
        match outcome {
            TestOutcome::Passed => &mut self.passed,
            TestOutcome::Failed => &mut self.failed,
            TestOutcome::Error => &mut self.errors,
            TestOutcome::Skipped => &mut self.skipped,
        }
    }
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestCase {
    /// With the names of its groups.
    pub name: String,
    /// Below the repository, where it is in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where it failed, else where it is defined; from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    pub outcome: TestOutcome,
    pub duration_ms: u64,
    /// Why it failed; absent also where there was no room to keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<TestFailure>,
}

/// Why a test failed. What is too long is cut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestFailure {
    pub message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stack: String,
    /// The last of what the test printed; where Flutter says what was expected.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

/// All findings of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Analysis {
    pub counts: FindingCounts,
    /// The worst first, then by place.
    pub findings: Vec<Finding>,
    /// How many are counted and not among the findings.
    #[serde(default)]
    pub left_out: u32,
}

/// How many findings there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingCounts {
    pub errors: u32,
    pub warnings: u32,
    pub infos: u32,
}

impl FindingCounts {
    pub fn add(&mut self, severity: FindingSeverity) {
        let count = match severity {
            FindingSeverity::Error => &mut self.errors,
            FindingSeverity::Warning => &mut self.warnings,
            FindingSeverity::Info => &mut self.infos,
        };
        *count = count.saturating_add(1);
    }
}

/// Something that the analysis found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    pub severity: FindingSeverity,
    /// Below the repository, where it is in there.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    pub message: String,
    /// The rule, such as `unused_import`; empty where the tool didn't say.
    pub code: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_kept_by_outcome_and_add_up() {
        let mut counts = TestCounts::default();
        TestOutcome::ALL.iter().for_each(|outcome| counts.add(*outcome));
        counts.correct(TestOutcome::Passed, TestOutcome::Error);
        let expected = TestCounts { passed: 0, failed: 1, errors: 2, skipped: 1 };
        assert_eq!((counts, counts.bad()), (expected, 3));
        counts.merge(expected);
        assert_eq!(counts, TestCounts { passed: 0, failed: 2, errors: 4, skipped: 2 });
    }

    #[test]
    fn the_worst_findings_come_first() {
        let finding = |severity, line| Finding {
            severity,
            file: "a".to_owned(),
            line,
            column: 1,
            message: String::new(),
            code: String::new(),
        };
        let mut all = [finding(FindingSeverity::Info, 1), finding(FindingSeverity::Error, 9)];
        all.sort();
        assert_eq!(all[0].line, 9);
    }
}
