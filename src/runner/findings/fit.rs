//! Makes what was found fit into a report: what comes first stays, what is beyond is counted. It judges nothing else.

use crate::domain::test_report::{Analysis, MAX_REPORT_BYTES, Tests};

/// How much of a report the failures, the tests with them, and the findings may take.
const FAILURE_BYTES: usize = MAX_REPORT_BYTES / 2;
const CASE_BYTES: usize = MAX_REPORT_BYTES / 4 * 3;
const FINDING_BYTES: usize = MAX_REPORT_BYTES / 5;

/// Keeps so many, and counts the others.
pub fn leave_out<T>(all: &mut Vec<T>, most: usize, left_out: &mut u32) {
    let more = all.len().saturating_sub(most);
    all.truncate(most);
    *left_out = left_out.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
}

/// Makes the tests fit into a report.
pub fn fit_tests(tests: &mut Tests) {
    let mut room = FAILURE_BYTES;
    for case in tests.cases.iter_mut().filter(|case| case.failure.is_some()) {
        let size = size_of_json(&case.failure);
        if size > room {
            case.failure = None;
        } else {
            room -= size;
        }
    }
    let fitting = fitting(&tests.cases, CASE_BYTES);
    leave_out(&mut tests.cases, fitting, &mut tests.left_out);
}

/// Makes the findings fit into a report.
pub fn fit_analysis(analysis: &mut Analysis) {
    let fitting = fitting(&analysis.findings, FINDING_BYTES);
    leave_out(&mut analysis.findings, fitting, &mut analysis.left_out);
}

/// How many from the first on fit into so many bytes of JSON.
fn fitting<T: serde::Serialize>(all: &[T], mut room: usize) -> usize {
    let fits = |one: &&T| match room.checked_sub(size_of_json(*one) + 1) {
        Some(rest) => {
            room = rest;
            true
        }
        None => false,
    };
    all.iter().take_while(fits).count()
}

fn size_of_json(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX - 1, |bytes| bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_report::{
        Finding, FindingSeverity, MAX_CASES, TestCase, TestFailure, TestOutcome, TestReport,
    };

    #[test]
    fn whatever_was_found_fits_into_a_report() {
        let failure =
            TestFailure { message: "\u{1}".repeat(8000), stack: "s".repeat(8000), output: String::new() };
        let case = |outcome| TestCase {
            name: "n".repeat(500),
            file: Some("f".repeat(500)),
            line: Some(1),
            outcome,
            duration_ms: 1,
            failure: (outcome == TestOutcome::Failed).then(|| failure.clone()),
        };
        let mut cases = vec![case(TestOutcome::Failed); 500];
        cases.extend(vec![case(TestOutcome::Passed); MAX_CASES - 500]);
        let finding = Finding {
            severity: FindingSeverity::Info,
            file: "f".repeat(500),
            line: 1,
            column: 1,
            message: "m".repeat(1000),
            code: String::new(),
        };
        let (mut tests, mut analysis) = (Tests { cases, ..Tests::default() }, Analysis::default());
        analysis.findings = vec![finding; 5000];
        fit_tests(&mut tests);
        fit_analysis(&mut analysis);
        assert!(tests.cases.iter().filter(|case| case.failure.is_some()).count() >= 20);
        assert_eq!(tests.cases.len() + tests.left_out as usize, MAX_CASES);
        let report = TestReport { tests: Some(tests), analysis: Some(analysis) };
        let size = size_of_json(&report);
        assert!((MAX_REPORT_BYTES / 2..MAX_REPORT_BYTES).contains(&size), "{size}");
    }
}
