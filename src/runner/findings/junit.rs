//! JUnit's XML, which Gradle and many other tools write. Nothing in it is fetched or expanded; a report
//! that breaks off counts as far as it goes.

use std::io::BufRead;
use std::path::Path;

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::kept::{Finished, Kept, MAX_NAME, MAX_TEXT};
use super::tidy::Tidy;
use crate::domain::test_report::{TestCase, TestFailure, TestOutcome};

/// Most of the text in an element that is looked at, in bytes.
const MAX_HELD: usize = 256 * 1024;

/// What a file was.
#[derive(Debug)]
pub enum Outcome {
    Read(Finished),
    /// Read up to where it breaks off.
    Broken(Finished),
    /// XML of another kind, or none.
    Foreign,
}

/// Reads the file of this name to its end, or to where it makes no sense any more. Two files are two runs:
/// variants of an app have tests of the same names.
pub fn read(name: &Path, from: impl BufRead, tidy: &Tidy) -> Outcome {
    let mut reader = Reader::from_reader(from);
    let mut report = Report { tidy, kept: Kept::default(), is_one: false, case: None, text: None };
    let mut buffer = Vec::new();
    let whole = loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break report.is_whole(),
            Ok(event) => report.event(&event),
            Err(_) => break false,
        }
    };
    if !report.is_one {
        return Outcome::Foreign;
    }
    report.kept.tests.is_cut_off = !whole;
    let finished = report.kept.finish(name);
    if whole { Outcome::Read(finished) } else { Outcome::Broken(finished) }
}

struct Report<'a> {
    tidy: &'a Tidy,
    kept: Kept,
    is_one: bool,
    /// The test that is being read.
    case: Option<(TestCase, TestFailure)>,
    /// The text of a failure, as far as it has been read.
    text: Option<String>,
}

impl Report<'_> {
    /// Whether it doesn't end in the middle of a test.
    fn is_whole(&self) -> bool {
        self.case.is_none()
    }

    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(element) => self.begin(element),
            Event::Empty(element) => {
                self.begin(element);
                self.end(element.local_name().as_ref());
            }
            Event::End(element) => self.end(element.local_name().as_ref()),
            Event::Text(text) => self.add(&text.xml10_content()),
            Event::CData(text) => self.add(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().flatten();
                match character {
                    Some(character) => self.add(character.encode_utf8(&mut [0; 4])),
                    None => {
                        self.add(resolve_predefined_entity(&reference.xml10_content()).unwrap_or_default())
                    }
                }
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Eof => {}
        }
    }

    fn add(&mut self, piece: &str) {
        if let Some(text) = self.text.as_mut().filter(|text| text.len() < MAX_HELD) {
            text.push_str(piece);
        }
    }

    fn begin(&mut self, element: &BytesStart<'_>) {
        let name = element.local_name();
        let outcome = match name.as_ref() {
            "testsuites" | "testsuite" => {
                self.is_one = true;
                return;
            }
            "testcase" if self.is_one => {
                self.case = Some((self.case_of(element), TestFailure::default()));
                return;
            }
            "failure" => TestOutcome::Failed,
            "error" => TestOutcome::Error,
            "skipped" => TestOutcome::Skipped,
            _ => return,
        };
        let Some((case, why)) = &mut self.case else { return };
        // The worst counts, and the first failure says why.
        if !case.outcome.is_bad() {
            case.outcome = outcome;
            let message = attribute(element, "message").or_else(|| attribute(element, "type"));
            why.message = self.tidy.text(&message.unwrap_or_default(), MAX_TEXT);
            self.text = Some(String::new());
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "failure" | "error" | "skipped" => {
                let Some(text) = self.text.take() else { return };
                if let Some((_, why)) = &mut self.case {
                    why.stack = self.tidy.text(text.trim(), MAX_TEXT);
                }
            }
            "testcase" => {
                if let Some((case, why)) = self.case.take() {
                    let duration = &mut self.kept.tests.duration_ms;
                    *duration = duration.saturating_add(case.duration_ms);
                    self.kept.add(case, why);
                }
            }
            _ => {}
        }
    }

    fn case_of(&self, element: &BytesStart<'_>) -> TestCase {
        let name = attribute(element, "name").unwrap_or_default();
        let name = match attribute(element, "classname").filter(|class| !class.is_empty()) {
            Some(class) => format!("{class} {name}"),
            None => name,
        };
        TestCase {
            name: self.tidy.text(&name, MAX_NAME),
            file: attribute(element, "file").map(|file| self.tidy.path(&file)),
            line: attribute(element, "line").and_then(|line| line.parse().ok()),
            outcome: TestOutcome::Passed,
            duration_ms: attribute(element, "time").map_or(0, |time| milliseconds(&time)),
            failure: None,
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok()??;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// Seconds with a point, as `1.25`; some tools group digits with commas.
fn milliseconds(seconds: &str) -> u64 {
    let seconds: f64 = seconds.replace(',', "").parse().unwrap_or(0.0);
    u64::try_from(std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default().as_millis())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::test_report::TestCounts;
    use crate::runner::mask::Masks;

    const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE x [<!ENTITY boom "boom">]>
<testsuites><testsuite name="ATest" tests="4" time="1,001.5">
  <testcase name="adds" classname="com.example.ATest" time="0.25"/>
  <testcase name="fails" classname="com.example.ATest" file="/source/src/ATest.kt" time="1.5">
    <failure message="expected &lt;hunter22&gt;" type="AssertionError">at ATest(ATest.kt:7) &amp; &#x41;&boom;<![CDATA[<raw>]]></failure>
    <failure message="again"/>
    <system-out>much</system-out>
  </testcase>
  <testcase name="breaks"><error type="IOException"/></testcase>
  <testcase name="later"><skipped/></testcase>
</testsuite></testsuites>"#;

    fn tidy() -> Tidy {
        Tidy::new(Masks::of([&b"hunter22"[..]].into_iter()).unwrap(), Path::new("/source"), &[])
    }

    #[test]
    fn tests_and_why_they_failed_are_read() {
        let Outcome::Read(Finished { tests, .. }) = read(Path::new("a.xml"), REPORT.as_bytes(), &tidy())
        else {
            panic!()
        };
        assert_eq!(tests.counts, TestCounts { passed: 1, failed: 1, errors: 1, skipped: 1 });
        assert_eq!((tests.duration_ms, tests.is_cut_off), (1750, false));
        assert_eq!(tests.cases[0].name, "com.example.ATest adds");
        let failed = &tests.cases[1];
        assert_eq!((failed.file.as_deref(), failed.line), (Some("src/ATest.kt"), Some(7)));
        let why = failed.failure.as_ref().unwrap();
        assert_eq!(why.message, "expected <***>");
        assert_eq!(why.stack, "at ATest(ATest.kt:7) & A<raw>");
        assert_eq!(tests.cases[2].failure.as_ref().unwrap().message, "IOException");
    }

    #[test]
    fn what_is_no_report_is_left_alone_and_what_breaks_off_counts_as_far_as_it_goes() {
        for text in ["", "no xml", "<coverage><testcase name='a'/></coverage>", "\u{0}\u{1}<"] {
            assert!(matches!(read(Path::new("a.xml"), text.as_bytes(), &tidy()), Outcome::Foreign), "{text}");
        }
        let cut = &REPORT[..REPORT.find("<system-out>").unwrap() + 3];
        let Outcome::Broken(Finished { tests, .. }) = read(Path::new("a.xml"), cut.as_bytes(), &tidy())
        else {
            panic!()
        };
        assert_eq!((tests.counts.passed, tests.is_cut_off), (1, true));
        let foreign_bytes = [&REPORT.as_bytes()[..200], b"\xff\xfe<>"].concat();
        assert!(!matches!(read(Path::new("a.xml"), &foreign_bytes[..], &tidy()), Outcome::Read(_)));
    }

    proptest! {
        #[test]
        fn any_file_is_read_without_a_panic(pieces in proptest::collection::vec(prop_oneof![
            Just("<testsuite>".to_owned()), Just("<testcase name='a' time='-1'>".to_owned()), Just("</testcase>".to_owned()),
            Just("<failure>".to_owned()), Just("</failure>".to_owned()), Just("&#0;".to_owned()), "[a-z<>&;/ ]{0,20}",
        ], 0..30)) {
            read(Path::new("a.xml"), pieces.concat().as_bytes(), &tidy());
        }
    }
}
