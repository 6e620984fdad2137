//! The tests of one run as they end: all are counted, so many are kept, and of so many failures it is kept
//! why. How a tool tells of them is not its business.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::domain::test_report::{MAX_CASES, TestCase, TestFailure, TestOutcome, Tests};

/// Longest name of a test, and longest message, stack and output that are kept, in bytes.
pub const MAX_NAME: usize = 500;
pub const MAX_TEXT: usize = 8 * 1024;
/// Failures of which it is kept why.
pub const MAX_FAILURES: usize = 200;

/// Tests that have ended.
#[derive(Debug, Default)]
pub struct Kept {
    pub tests: Tests,
    explained: usize,
}

/// A run that is over.
#[derive(Debug)]
pub struct Finished {
    pub tests: Tests,
    /// The same for the same run, whoever wrote it down.
    pub fingerprint: u64,
}

impl Kept {
    /// Counts a test, and keeps it if there is room; failures find room. Answers where it is kept.
    pub fn add(&mut self, mut case: TestCase, why: TestFailure) -> Option<usize> {
        self.tests.counts.add(case.outcome);
        let explained = self.explain(&mut case, why);
        if self.tests.cases.len() >= MAX_CASES && !explained {
            self.tests.left_out += 1;
            return None;
        }
        self.tests.cases.push(case);
        Some(self.tests.cases.len() - 1)
    }

    /// A test that is kept turned out to have failed. One that is known to have failed stays as it is.
    pub fn fail(&mut self, index: usize, outcome: TestOutcome, why: TestFailure) {
        let Some(case) = self.tests.cases.get_mut(index).filter(|case| !case.outcome.is_bad()) else {
            return;
        };
        self.tests.counts.correct(case.outcome, outcome);
        case.outcome = outcome;
        let mut case = case.clone();
        self.explain(&mut case, why);
        self.tests.cases[index] = case;
    }

    /// Adds why a test failed, and where, if its stack says so.
    fn explain(&mut self, case: &mut TestCase, why: TestFailure) -> bool {
        if !case.outcome.is_bad() || self.explained >= MAX_FAILURES {
            return false;
        }
        let file = case.file.as_deref().and_then(|file| file.rsplit('/').next());
        case.line = file.and_then(|file| line_in(&why.stack, file)).or(case.line);
        case.failure = Some(why);
        self.explained += 1;
        true
    }

    /// Ends the run; `identity` is what is known of it besides its tests.
    pub fn finish(self, identity: impl Hash) -> Finished {
        let mut hasher = DefaultHasher::new();
        identity.hash(&mut hasher);
        self.tests.left_out.hash(&mut hasher);
        let cases = self.tests.cases.iter();
        let mut cases: Vec<_> = cases.map(|case| (&case.name, &case.file, case.outcome)).collect();
        cases.sort_unstable();
        cases.hash(&mut hasher);
        Finished { tests: self.tests, fingerprint: hasher.finish() }
    }
}

/// The first line of a file that a stack names: `a_test.dart 12:5` or `a_test.dart:12:5`.
fn line_in(stack: &str, file: &str) -> Option<u32> {
    stack.match_indices(file).find_map(|(at, _)| {
        let rest = stack[at + file.len()..].strip_prefix([' ', ':'])?;
        let digits = rest.split(|one: char| !one.is_ascii_digit()).next()?;
        digits.parse().ok().filter(|line| *line > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_tests_than_are_kept_are_counted_and_a_failure_among_them_is_kept() {
        let case = |outcome: TestOutcome| TestCase {
            name: outcome.to_string(),
            file: None,
            line: None,
            outcome,
            duration_ms: 1,
            failure: None,
        };
        let mut kept = Kept::default();
        for _ in 0..MAX_CASES + 5 {
            kept.add(case(TestOutcome::Passed), TestFailure::default());
        }
        assert!(kept.add(case(TestOutcome::Failed), TestFailure::default()).is_some());
        let Finished { tests, .. } = kept.finish(0);
        assert_eq!((tests.left_out, tests.cases.len()), (5, MAX_CASES + 1));
        assert!(tests.cases.last().unwrap().failure.is_some());
        assert_eq!((tests.counts.passed as usize, tests.counts.failed), (MAX_CASES + 5, 1));
    }

    #[test]
    fn of_too_many_failures_some_are_not_explained() {
        let mut kept = Kept::default();
        let case = TestCase {
            name: String::new(),
            file: None,
            line: None,
            outcome: TestOutcome::Error,
            duration_ms: 1,
            failure: None,
        };
        for _ in 0..MAX_FAILURES + 1 {
            kept.add(case.clone(), TestFailure::default());
        }
        let cases = kept.tests.cases;
        assert_eq!(cases.iter().filter(|case| case.failure.is_some()).count(), MAX_FAILURES);
    }

    #[test]
    fn a_stack_says_where_a_test_failed() {
        for (stack, line) in [
            ("package:matcher expect\ntest/a_test.dart 12:5  main.<fn>", Some(12)),
            ("#4  main.<anonymous closure> (file:///w/test/a_test.dart:19:5)", Some(19)),
            ("at com.example.ATest.adds(ATest.kt:7)\na_test.dart is no place\na_test.dart 0:1", None),
            ("", None),
        ] {
            assert_eq!(line_in(stack, "a_test.dart"), line, "{stack}");
        }
        assert_eq!(line_in("at ATest.adds(ATest.kt:7)", "ATest.kt"), Some(7));
    }
}
