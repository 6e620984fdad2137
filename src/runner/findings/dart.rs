//! The events of the Dart test runner, one JSON object a line, as `flutter test --machine` prints them
//! and `--file-reporter json:FILE` writes them. Other tools' lines may stand between them.

mod event;

use std::collections::HashMap;

use serde::de::IgnoredAny;

use self::event::{Event, Suite, Test};
use super::kept::{Finished, Kept, MAX_NAME, MAX_TEXT};
use super::tidy::Tidy;
use crate::domain::test_report::{MAX_CASES, TestCase, TestFailure, TestOutcome};

/// Most tests that run at a time, and most suites.
const MAX_OPEN: usize = 10_000;
/// Most of what tests that have not ended printed and failed with, in bytes.
const MAX_HELD: usize = 8 * 1024 * 1024;

/// A test that has begun and not ended.
#[derive(Debug)]
struct Open {
    name: String,
    file: Option<String>,
    line: Option<u32>,
    since: u64,
    /// The first error.
    error: Option<(TestOutcome, TestFailure)>,
    printed: String,
}

/// One run of the test runner, as far as its events have been read.
#[derive(Debug, Default)]
struct Run {
    pid: Option<i64>,
    suites: HashMap<i64, String>,
    open: HashMap<i64, Open>,
    /// Where the tests that have ended are among the cases; `None` for those that are not counted.
    ended: HashMap<i64, Option<usize>>,
    kept: Kept,
    /// Bytes of what open tests printed and failed with.
    held: usize,
    last_time: u64,
    is_done: bool,
}

/// What became of a line.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// None of ours.
    Foreign,
    Taken,
    /// It was to be an event, but isn't one or makes no sense.
    Unusable,
}

/// Reads the lines of one stream, in which one run follows the other.
#[derive(Debug, Default)]
pub struct Reader {
    run: Option<Run>,
}

impl Reader {
    /// Takes a line; `over` gets the runs that have ended.
    pub fn line(&mut self, line: &[u8], tidy: &Tidy, over: &mut dyn FnMut(Finished)) -> Read {
        let line = line.trim_ascii();
        if !line.starts_with(b"{") {
            return Read::Foreign;
        }
        let text = String::from_utf8_lossy(line);
        if self.run.is_none() && !text.contains("\"protocolVersion\"") {
            return Read::Foreign;
        }
        let event = match serde_json::from_str(&text) {
            Ok(event) => event,
            Err(_) => return unreadable(&text),
        };
        match (event, &mut self.run) {
            (Event::Start { protocol_version, pid }, _) => {
                if !protocol_version.starts_with("0.") && !protocol_version.starts_with("1.") {
                    return Read::Unusable;
                }
                self.end(over);
                self.run = Some(Run { pid, ..Run::default() });
                Read::Taken
            }
            (_, None) => Read::Foreign,
            (event, Some(run)) => {
                let read = run.event(event, tidy);
                if run.is_done {
                    self.end(over);
                }
                read
            }
        }
    }

    /// Nothing more will come.
    pub fn end(&mut self, over: &mut dyn FnMut(Finished)) {
        if let Some(run) = self.run.take() {
            over(run.finish());
        }
    }
}

/// Others may print objects of theirs in between; half an object is one of ours that was torn.
fn unreadable(text: &str) -> Read {
    let is_torn = text.starts_with("{\"") && serde_json::from_str::<IgnoredAny>(text).is_err();
    if is_torn || text.contains("\"type\"") { Read::Unusable } else { Read::Foreign }
}

impl Run {
    fn event(&mut self, event: Event, tidy: &Tidy) -> Read {
        match event {
            Event::Suite { suite: Suite { id, path: Some(path) } } if self.suites.len() < MAX_OPEN => {
                self.suites.insert(id, tidy.path(&path));
                Read::Taken
            }
            Event::TestStart { test, time } => self.begin(test, time, tidy),
            Event::TestDone { test, result, hidden, skipped, time } => {
                self.last_time = self.last_time.max(time);
                let Some(open) = self.open.remove(&test) else { return Read::Unusable };
                self.held -= open.held();
                let outcome = outcome_of(&result, skipped, &open);
                let is_hidden = hidden && outcome == TestOutcome::Passed;
                let index = if is_hidden { None } else { self.close(open, outcome, time) };
                if self.ended.len() < MAX_CASES + MAX_OPEN {
                    self.ended.insert(test, index);
                }
                Read::Taken
            }
            Event::Error { test, error, stack_trace, is_failure } => {
                let outcome = if is_failure { TestOutcome::Failed } else { TestOutcome::Error };
                let failure = TestFailure {
                    message: tidy.text(error.trim_end(), MAX_TEXT),
                    stack: tidy.text(stack_trace.trim_end(), MAX_TEXT),
                    output: String::new(),
                };
                self.fail(test, outcome, failure)
            }
            Event::Print { test, message } => {
                if let Some(open) = self.open.get_mut(&test) {
                    self.held -= open.printed.len();
                    open.print(&message, tidy, MAX_HELD.saturating_sub(self.held));
                    self.held += open.printed.len();
                }
                Read::Taken
            }
            Event::Done { success, time } => {
                self.last_time = self.last_time.max(time);
                self.is_done = true;
                self.kept.tests.is_cut_off = success.is_none();
                Read::Taken
            }
            Event::Suite { .. } | Event::Other | Event::Start { .. } => Read::Taken,
        }
    }

    fn begin(&mut self, test: Test, time: u64, tidy: &Tidy) -> Read {
        let is_known = self.open.contains_key(&test.id) || self.ended.contains_key(&test.id);
        if is_known || self.open.len() >= MAX_OPEN {
            return Read::Unusable;
        }
        self.last_time = self.last_time.max(time);
        let file = self.suites.get(&test.suite).cloned();
        let at_url = || test.url.as_deref().map(|url| tidy.path(url));
        let line = test.root_line.or_else(|| test.line.filter(|_| file.is_none() || at_url() == file));
        let open = Open {
            name: name_of(&test.name, tidy),
            file,
            line,
            since: time,
            error: None,
            printed: String::new(),
        };
        self.open.insert(test.id, open);
        Read::Taken
    }

    fn close(&mut self, open: Open, outcome: TestOutcome, time: u64) -> Option<usize> {
        let case = TestCase {
            name: open.name,
            file: open.file,
            line: open.line,
            outcome,
            duration_ms: time.saturating_sub(open.since),
            failure: None,
        };
        let mut why = open.error.map(|(_, failure)| failure).unwrap_or_default();
        why.output = open.printed.trim_end().to_owned();
        self.kept.add(case, why)
    }

    /// A test can also fail after it has ended.
    fn fail(&mut self, test: i64, outcome: TestOutcome, failure: TestFailure) -> Read {
        if let Some(open) = self.open.get_mut(&test) {
            match &mut open.error {
                Some((worst, _)) if outcome == TestOutcome::Error => *worst = outcome,
                Some(_) => {}
                none => {
                    let bytes = failure.message.len() + failure.stack.len();
                    let fits = self.held + bytes <= MAX_HELD;
                    self.held += if fits { bytes } else { 0 };
                    *none = Some((outcome, if fits { failure } else { TestFailure::default() }));
                }
            }
            return Read::Taken;
        }
        match self.ended.get(&test) {
            Some(Some(index)) => {
                self.kept.fail(*index, outcome, failure);
                Read::Taken
            }
            Some(None) | None => Read::Unusable,
        }
    }

    /// Tests that never ended did not pass.
    fn finish(mut self) -> Finished {
        if !self.is_done {
            self.kept.tests.is_cut_off = true;
        }
        let mut open: Vec<(i64, Open)> = std::mem::take(&mut self.open).into_iter().collect();
        open.sort_unstable_by_key(|(id, _)| *id);
        for (_, mut open) in open {
            let message = "The report ends before this test does.".to_owned();
            let unfinished = TestFailure { message, ..TestFailure::default() };
            open.error.get_or_insert((TestOutcome::Error, unfinished));
            let time = self.last_time;
            self.close(open, TestOutcome::Error, time);
        }
        self.kept.tests.duration_ms = self.last_time;
        self.kept.finish(self.pid)
    }
}

impl Open {
    /// Bytes of what it printed and failed with.
    fn held(&self) -> usize {
        let failed =
            self.error.as_ref().map_or(0, |(_, failure)| failure.message.len() + failure.stack.len());
        failed + self.printed.len()
    }

    /// Keeps the last of what a test prints.
    fn print(&mut self, message: &str, tidy: &Tidy, room: usize) {
        self.printed.push_str(&tidy.end(message, MAX_TEXT));
        self.printed.push('\n');
        let most = MAX_TEXT.min(room);
        if self.printed.len() > most {
            let from = self.printed.ceil_char_boundary(self.printed.len() - most);
            self.printed.drain(..from);
        }
    }
}

/// What loads a suite, which can fail like a test, is named by the tool with an absolute path.
fn name_of(name: &str, tidy: &Tidy) -> String {
    match name.strip_prefix("loading ") {
        Some(path) => format!("loading {}", tidy.path(path)),
        None => tidy.text(name, MAX_NAME),
    }
}

fn outcome_of(result: &str, skipped: bool, open: &Open) -> TestOutcome {
    let failed = open.error.as_ref().map(|(outcome, _)| *outcome);
    match result {
        "success" => failed.unwrap_or(if skipped { TestOutcome::Skipped } else { TestOutcome::Passed }),
        "failure" => TestOutcome::Failed,
        _ => TestOutcome::Error,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::test_report::TestCounts;
    use crate::runner::mask::Masks;

    const START: &str =
        r#"{"protocolVersion":"0.1.1","runnerVersion":"1.26","pid":7,"type":"start","time":0}"#;
    const SUITE: &str =
        r#"{"suite":{"id":0,"platform":"vm","path":"/source/test/a_test.dart"},"type":"suite","time":1}"#;
    const DONE: &str = r#"{"success":false,"type":"done","time":900}"#;

    fn tidy() -> Tidy {
        let masks = Masks::of([&b"hunter22"[..]].into_iter()).unwrap();
        Tidy::new(masks, Path::new("/source"), &[])
    }

    fn begins(id: i64, name: &str, time: u64) -> String {
        format!(
            r#"{{"test":{{"id":{id},"name":"{name}","suiteID":0,"groupIDs":[2],"line":5,"column":3,"url":"file:///source/test/a_test.dart"}},"type":"testStart","time":{time}}}"#
        )
    }

    fn ends(id: i64, result: &str, more: &str, time: u64) -> String {
        format!(r#"{{"testID":{id},"result":"{result}"{more},"type":"testDone","time":{time}}}"#)
    }

    fn error(id: i64, is_failure: bool) -> String {
        format!(
            r#"{{"testID":{id},"error":"Expected: hunter22","stackTrace":"package:matcher expect\ntest/a_test.dart 12:5  main.<fn>\n","isFailure":{is_failure},"type":"error","time":50}}"#
        )
    }

    fn read(lines: &[&str]) -> (Vec<Finished>, u32) {
        let (mut reader, mut runs, mut unusable) = (Reader::default(), Vec::new(), 0);
        for line in lines {
            let read = reader.line(line.as_bytes(), &tidy(), &mut |run| runs.push(run));
            unusable += u32::from(read == Read::Unusable);
        }
        reader.end(&mut |run| runs.push(run));
        (runs, unusable)
    }

    #[test]
    fn tests_are_counted_and_failures_explained() {
        let (runs, unusable) = read(&[
            "Resolving dependencies...",
            START,
            SUITE,
            &begins(1, "loading /source/test/a_test.dart", 0),
            &ends(1, "success", r#","hidden":true,"skipped":false"#, 10),
            &begins(3, "adds", 20),
            r#"[{"event":"test.startedProcess","params":{}}]"#,
            &ends(3, "success", "", 40),
            &begins(4, "shows hunter22", 40),
            r#"{"testID":4,"messageType":"print","message":"EXCEPTION hunter22","type":"print","time":45}"#,
            &error(4, true),
            &ends(4, "failure", "", 90),
            &begins(5, "later", 90),
            &ends(5, "success", r#","skipped":true"#, 91),
            &begins(6, "fails when it is over", 91),
            &ends(6, "success", "", 92),
            &error(6, false),
            DONE,
        ]);
        assert_eq!((runs.len(), unusable), (1, 0));
        let tests = &runs[0].tests;
        assert_eq!(tests.counts, TestCounts { passed: 1, failed: 1, errors: 1, skipped: 1 });
        assert_eq!((tests.duration_ms, tests.is_cut_off, tests.cases.len()), (900, false, 4));
        let failed = &tests.cases[1];
        assert_eq!((failed.name.as_str(), failed.duration_ms), ("shows ***", 50));
        assert_eq!((failed.file.as_deref(), failed.line), (Some("test/a_test.dart"), Some(12)));
        let why = failed.failure.as_ref().unwrap();
        assert_eq!((why.message.as_str(), why.output.as_str()), ("Expected: ***", "EXCEPTION ***"));
        assert!(why.stack.ends_with("main.<fn>"));
        assert_eq!(tests.cases[0].line, Some(5));
        assert_eq!(tests.cases[3].outcome, TestOutcome::Error);
    }

    #[test]
    fn what_never_ended_did_not_pass() {
        let (runs, _) = read(&[
            START,
            SUITE,
            &begins(3, "hangs", 20),
            &begins(4, "good", 30),
            &ends(4, "success", "", 40),
        ]);
        let tests = &runs[0].tests;
        assert!(tests.is_cut_off);
        assert_eq!(tests.counts, TestCounts { passed: 1, errors: 1, ..TestCounts::default() });
        assert!(tests.cases[1].failure.as_ref().unwrap().message.contains("ends before"));
    }

    #[test]
    fn ids_that_come_twice_and_torn_lines_count_once_and_never() {
        let torn = begins(9, "torn", 1);
        let (runs, unusable) = read(&[
            "{\"type\":\"testDone\"}",
            START,
            &torn[..torn.len() - 40],
            &begins(3, "a", 20),
            &begins(3, "b", 20),
            &ends(3, "success", "", 30),
            &ends(3, "failure", "", 30),
            &begins(3, "c", 31),
            &ends(77, "success", "", 30),
            r#"{"level":"info"}"#,
            r#"{"suite":{"id":1e400},"type":"suite"}"#,
            DONE,
            &ends(3, "failure", "", 30),
        ]);
        assert_eq!(runs[0].tests.counts, TestCounts { passed: 1, ..TestCounts::default() });
        assert_eq!((runs.len(), unusable), (1, 6));
    }

    #[test]
    fn a_run_that_was_written_to_two_places_can_be_told_from_another() {
        let run = |pid: &str, second: &str| {
            let start = START.replace("\"pid\":7", pid);
            let lines = [
                &start,
                &begins(3, "a", 1),
                &ends(3, "success", "", 9),
                &begins(4, second, 1),
                &ends(4, "success", "", 9),
            ];
            read(&lines.map(String::as_str)).0[0].fingerprint
        };
        assert_eq!(run("\"pid\":7", "b"), run("\"pid\":7", "b"));
        assert_ne!(run("\"pid\":7", "b"), run("\"pid\":8", "b"));
        assert_ne!(run("\"pid\":7", "b"), run("\"pid\":7", "c"));
    }

    #[test]
    fn what_tests_print_is_bounded() {
        let mut run = Run::default();
        for id in 0..3000 {
            run.begin(
                Test { id, name: "t".to_owned(), suite: 0, line: None, url: None, root_line: None },
                0,
                &tidy(),
            );
            run.event(Event::Print { test: id, message: "ä".repeat(MAX_TEXT) }, &tidy());
        }
        assert!(run.open.values().map(|open| open.printed.len()).sum::<usize>() <= MAX_HELD + MAX_TEXT);
    }

    proptest! {
        #[test]
        fn any_lines_are_read_without_a_panic(lines in proptest::collection::vec(prop_oneof![
            Just(START.to_owned()), Just(SUITE.to_owned()), Just(DONE.to_owned()),
            (0_i64..4, 0_u64..9).prop_map(|(id, time)| begins(id, "t", time)),
            (0_i64..4, prop_oneof![Just("success"), Just("failure"), Just("?")], 0_u64..9)
                .prop_map(|(id, result, time)| ends(id, result, "", time)),
            (0_i64..4, any::<bool>()).prop_map(|(id, failure)| error(id, failure)),
            "\\PC{0,40}",
            (0_i64..4).prop_map(|id| { let line = begins(id, "t", 1); line[..line.len() / 2].to_owned() }),
        ], 0..60)) {
            let (runs, _) = read(&lines.iter().map(String::as_str).collect::<Vec<_>>());
            for Finished { tests, .. } in runs {
                let counts = tests.counts;
                let all = counts.passed + counts.skipped + counts.bad();
                prop_assert_eq!(all as usize, tests.cases.len() + tests.left_out as usize);
            }
        }
    }
}
