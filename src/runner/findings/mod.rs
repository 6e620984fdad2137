//! Finds out what the tests and the analysis of a build found: in the files that steps left in
//! `$OORE_REPORTS`, and in what they printed. Everything is whatever a build wrote: sizes and counts are
//! bounded, links are not followed, and a report that can't be read costs a line in the log, never the build.

mod analysis;
mod dart;
mod junit;
mod kept;
mod lines;
mod tidy;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use self::analysis::{Collected, Place};
use self::kept::{Finished, MAX_FAILURES};
use self::lines::Lines;
use self::tidy::Tidy;
use super::collect::unfit;
use super::files::open_inside;
use super::folder::Workspace;
use super::process::Stage;
use super::protocol::decode_frame;
use super::stop::Stop;
use crate::domain::log::LogStream;
use crate::domain::test_report::{Analysis, MAX_CASES, MAX_REPORT_BYTES, TestReport, Tests};

/// Most files that are read, and how deep they may be.
const MAX_FILES: usize = 200;
const MAX_DEPTH: usize = 8;
/// Most bytes that are read of all files, of one file of XML, and of the log.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
const MAX_XML: u64 = 16 * 1024 * 1024;
const MAX_LOG: u64 = 1024 * 1024 * 1024;
/// How long all of it may take, and most runs that count.
const TIME_LIMIT: Duration = Duration::from_secs(20);
const MAX_RUNS: usize = 1000;
/// How much of the log is read at once.
const PIECE: usize = 256 * 1024;
/// Most lines that are said about reports that can't be read.
const MAX_REMARKS: usize = 20;
/// How much of a report the failures, the tests with them, and the findings may take.
const FAILURE_BYTES: usize = MAX_REPORT_BYTES / 2;
const CASE_BYTES: usize = MAX_REPORT_BYTES / 4 * 3;
const FINDING_BYTES: usize = MAX_REPORT_BYTES / 5;

/// What was found, and what a person should know about it.
#[derive(Debug, Default)]
struct Gathered {
    report: TestReport,
    remarks: Vec<String>,
}

/// What the steps of a build found, also told in its log. Nothing here is a reason for a build to fail.
/// `folders` are those below the checkout in which steps ran.
pub async fn find(stage: &Stage, workspace: &Workspace, source: &Path, folders: Vec<String>) -> TestReport {
    let tidy = Tidy::new(stage.spool.masks().clone(), source, &folders);
    let (reports, log) = (workspace.reports(), stage.spool.path().to_owned());
    let enough = CancellationToken::new();
    let gathering = Gathering::new(tidy, enough.clone());
    let mut looking = tokio::task::spawn_blocking(move || gather(gathering, &reports, &log));
    let looked = tokio::select! {
        looked = &mut looking => looked,
        () = enough_of(&stage.stop) => {
            enough.cancel();
            looking.await
        }
    };
    let Ok(Gathered { report, remarks }) = looked else {
        tracing::error!("looking for reports of tests was interrupted");
        return TestReport::default();
    };
    for line in remarks.into_iter().chain(summary(&report)) {
        if let Err(error) = stage.spool.say(&format!("[oore] {line}")) {
            tracing::warn!("the log can't tell of the tests: {error}");
        }
    }
    report
}

/// Waits until it has taken too long, or nobody wants to know any more.
async fn enough_of(stop: &Stop) {
    let unwanted = async {
        if stop.triggered().await.is_told() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = unwanted => {}
        () = tokio::time::sleep(TIME_LIMIT) => {}
    }
}

/// Looks through the folder of reports and the log.
fn gather(mut gathering: Gathering, reports: &Path, log: &Path) -> Gathered {
    gathering.folder(reports);
    if let Err(error) = gathering.log(log) {
        gathering.remark(format!("the log could not be searched for reports: {error}"));
    }
    gathering.finish()
}

struct Gathering {
    tidy: Tidy,
    tests: Option<Tests>,
    /// Runs that were seen, so that one that was written to two places counts once.
    known: HashSet<u64>,
    analysis: Collected,
    /// Bytes of files that may still be read.
    left: u64,
    remarks: Vec<String>,
    /// Asks it to come to an end.
    enough: CancellationToken,
    /// Whether it did before its end.
    is_cut_off: bool,
    has_more_runs: bool,
}

/// One stream of lines: a file, or what a step prints.
#[derive(Default)]
struct Source {
    lines: Lines,
    dart: dart::Reader,
    /// Lines that belong to a report.
    taken: u64,
    /// Lines that should, and make no sense.
    unusable: u64,
}

impl Gathering {
    fn new(tidy: Tidy, enough: CancellationToken) -> Self {
        Self {
            tidy,
            tests: None,
            known: HashSet::new(),
            analysis: Collected::default(),
            left: MAX_BYTES,
            remarks: Vec::new(),
            enough,
            is_cut_off: false,
            has_more_runs: false,
        }
    }

    fn is_enough(&mut self) -> bool {
        self.is_cut_off |= self.enough.is_cancelled();
        self.is_cut_off
    }

    fn remark(&mut self, remark: String) {
        if self.remarks.len() < MAX_REMARKS {
            self.remarks.push(remark);
        }
    }

    fn folder(&mut self, root: &Path) {
        let mut found = Vec::new();
        match root.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => self.list(root, Path::new(""), 0, &mut found),
            Ok(_) => self.remark("the folder of reports was replaced by something else".to_owned()),
            // A step may remove it.
            Err(_) => {}
        }
        found.sort();
        if found.len() > MAX_FILES {
            self.remark(format!("only {MAX_FILES} of {} reports were read", found.len()));
            found.truncate(MAX_FILES);
        }
        for path in found {
            if self.is_enough() {
                return;
            }
            if let Err(why) = self.file(root, &path) {
                self.remark(format!("the report {} {why}", path.display()));
            }
        }
    }

    fn list(&mut self, root: &Path, folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { return };
        for entry in entries.flatten() {
            // Enough to say that there are too many.
            if found.len() > 10 * MAX_FILES {
                return;
            }
            let path = folder.join(entry.file_name());
            match entry.path().symlink_metadata() {
                Ok(metadata) if metadata.is_dir() && depth < MAX_DEPTH => {
                    self.list(root, &path, depth + 1, found);
                }
                Ok(metadata) if metadata.is_dir() => {}
                Ok(metadata) => match unfit(&metadata) {
                    None => found.push(path),
                    Some(why) => self.remark(format!("the report {} {why}", path.display())),
                },
                Err(_) => {}
            }
        }
    }

    /// Reads one file. Errors with the rest of a sentence.
    fn file(&mut self, root: &Path, path: &Path) -> Result<(), String> {
        let file = open_inside(root, path).map_err(|error| error.to_string())?;
        let size = file.metadata().map_err(|error| error.to_string())?.len();
        if size == 0 {
            return Ok(());
        }
        let is_xml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"));
        if self.left == 0 || (is_xml && size > MAX_XML) {
            return Err("is too large to be read".to_owned());
        }
        if is_xml { self.xml(path, file) } else { self.text(file) }
    }

    fn xml(&mut self, path: &Path, file: File) -> Result<(), String> {
        let most = MAX_XML.min(self.left);
        let mut limited = BufReader::new(file.take(most));
        let outcome = junit::read(path, &mut limited, &self.tidy);
        self.left -= most - limited.get_ref().limit();
        match outcome {
            junit::Outcome::Read(finished) => self.run(finished),
            junit::Outcome::Broken(finished) => {
                self.run(finished);
                return Err("breaks off".to_owned());
            }
            junit::Outcome::Foreign => return Err("is XML, but not JUnit's".to_owned()),
        }
        Ok(())
    }

    fn text(&mut self, file: File) -> Result<(), String> {
        let (mut source, most) = (Source::default(), self.left);
        let mut limited = file.take(most.saturating_add(1));
        let mut lines = std::mem::take(&mut source.lines);
        let read = lines.read(&mut limited, most, &mut |line| source.line(line, Place::File, self));
        self.left = limited.limit().saturating_sub(1);
        source.end(self);
        let unusable = source.unusable + lines.too_long;
        match read {
            Err(error) => Err(format!("can't be read: {error}")),
            Ok(false) => Err("is too large; its beginning was read".to_owned()),
            Ok(true) if unusable > 0 => Err(format!("has {unusable} lines that make no sense")),
            Ok(true) if source.taken == 0 => Err("has neither tests nor findings in it".to_owned()),
            Ok(true) => Ok(()),
        }
    }

    /// Reads what the steps printed.
    fn log(&mut self, path: &Path) -> io::Result<()> {
        let mut file = File::open(path)?.take(MAX_LOG);
        let (mut out, mut err) = (Source::default(), Source::default());
        let (mut step, mut unusable) = (0, 0);
        let mut held = Vec::new();
        loop {
            if self.is_enough() {
                break;
            }
            let before = held.len();
            (&mut file).take(PIECE as u64).read_to_end(&mut held)?;
            if held.len() == before {
                break;
            }
            let mut rest = &held[..];
            // The last frame may be cut off by the size of a piece.
            while let Ok(Some(frame)) = decode_frame(&mut rest, 0) {
                if frame.step != step {
                    unusable += out.over(self) + err.over(self);
                    step = frame.step;
                }
                let source = match frame.stream {
                    LogStream::Stdout => &mut out,
                    LogStream::Stderr => &mut err,
                };
                source.piece(frame.content, frame.newline, self);
            }
            let whole = held.len() - rest.len();
            // A piece is larger than any frame.
            if whole == 0 && held.len() >= PIECE {
                return Err(io::ErrorKind::InvalidData.into());
            }
            held.drain(..whole);
        }
        unusable += out.over(self) + err.over(self);
        if unusable > 0 {
            self.remark(format!("{unusable} lines of test reports in the log make no sense"));
        }
        if file.limit() == 0 {
            self.remark("only the beginning of the log was searched for reports".to_owned());
        }
        Ok(())
    }

    fn run(&mut self, Finished { tests, fingerprint }: Finished) {
        if self.known.contains(&fingerprint) {
            return;
        }
        if self.known.len() >= MAX_RUNS {
            self.has_more_runs = true;
            return;
        }
        self.known.insert(fingerprint);
        let all = self.tests.get_or_insert_default();
        all.counts.merge(tests.counts);
        all.duration_ms = all.duration_ms.saturating_add(tests.duration_ms);
        all.is_cut_off |= tests.is_cut_off;
        all.left_out = all.left_out.saturating_add(tests.left_out);
        all.cases.extend(tests.cases);
        all.cases.sort_by_key(|case| !case.outcome.is_bad());
        leave_out(&mut all.cases, MAX_CASES, &mut all.left_out);
        let explained = all.cases.iter_mut().filter(|case| case.failure.is_some());
        explained.skip(MAX_FAILURES).for_each(|case| case.failure = None);
    }

    fn finish(mut self) -> Gathered {
        if self.is_cut_off {
            self.remarks.push("only the beginning was searched for reports: it took too long".to_owned());
        }
        if self.has_more_runs {
            self.remarks.push(format!("only the first {MAX_RUNS} runs of tests were counted"));
        }
        let mut report = TestReport { tests: self.tests, analysis: self.analysis.finish() };
        report.tests.as_mut().map(fit_tests);
        report.analysis.as_mut().map(fit_analysis);
        Gathered { report, remarks: self.remarks }
    }
}

impl Source {
    fn line(&mut self, line: &[u8], place: Place, gathering: &mut Gathering) {
        if gathering.is_enough() {
            return;
        }
        let mut runs = Vec::new();
        match self.dart.line(line, &gathering.tidy, &mut |run| runs.push(run)) {
            dart::Read::Taken => self.taken += 1,
            dart::Read::Unusable => self.unusable += 1,
            dart::Read::Foreign => {
                self.taken += u64::from(gathering.analysis.line(line, place, &gathering.tidy));
            }
        }
        runs.into_iter().for_each(|run| gathering.run(run));
    }

    fn piece(&mut self, content: &[u8], newline: bool, gathering: &mut Gathering) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.push(content, newline, &mut |line| self.line(line, Place::Output, gathering));
        self.lines = lines;
    }

    /// No more lines will come.
    fn end(&mut self, gathering: &mut Gathering) {
        let mut runs = Vec::new();
        self.dart.end(&mut |run| runs.push(run));
        runs.into_iter().for_each(|run| gathering.run(run));
    }

    /// The step is over. Answers how many of its lines should have been of a report and make no sense.
    fn over(&mut self, gathering: &mut Gathering) -> u64 {
        let mut lines = std::mem::take(&mut self.lines);
        lines.end(&mut |line| self.line(line, Place::Output, gathering));
        self.end(gathering);
        std::mem::take(&mut self.unusable)
    }
}

/// Keeps so many, and counts the others.
fn leave_out<T>(all: &mut Vec<T>, most: usize, left_out: &mut u32) {
    let more = all.len().saturating_sub(most);
    all.truncate(most);
    *left_out = left_out.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
}

/// Makes the tests fit into a report.
fn fit_tests(tests: &mut Tests) {
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

fn fit_analysis(analysis: &mut Analysis) {
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

/// What a person reads at the end of the log; nothing if nothing was found.
fn summary(report: &TestReport) -> Option<String> {
    let words = |counts: &[(u32, &str)]| {
        let some: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if some.is_empty() { "none".to_owned() } else { some.join(", ") }
    };
    let tests = report.tests.as_ref().map(|tests| {
        let counts = tests.counts;
        let counts = [
            (counts.passed, "passed"),
            (counts.failed, "failed"),
            (counts.errors, "with errors"),
            (counts.skipped, "skipped"),
        ];
        let cut_off = if tests.is_cut_off { "; a report ends before its tests did" } else { "" };
        format!("tests: {}{cut_off}", words(&counts))
    });
    let analysis = report.analysis.as_ref().map(|analysis| {
        let counts = analysis.counts;
        let counts = [(counts.errors, "errors"), (counts.warnings, "warnings"), (counts.infos, "infos")];
        format!("analysis: {}", words(&counts))
    });
    let parts: Vec<String> = tests.into_iter().chain(analysis).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::clock::Clock;
    use crate::domain::test_report::{Finding, FindingSeverity, TestCase, TestFailure, TestOutcome};
    use crate::runner::mask::Masks;
    use crate::runner::spool::Spool;

    const RUN: &str = concat!(
        r#"{"protocolVersion":"0.1.1","runnerVersion":"1","pid":7,"type":"start","time":0}"#,
        "\n",
        r#"{"test":{"id":3,"name":"a","suiteID":0},"type":"testStart","time":1}"#,
        "\n",
        r#"{"testID":3,"result":"success","type":"testDone","time":5}"#,
        "\n",
        r#"{"success":true,"type":"done","time":9}"#,
        "\n",
    );

    struct Build {
        folder: tempfile::TempDir,
        spool: Spool,
    }

    impl Build {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("reports")).unwrap();
            let spool = Spool::create(&folder.path().join("log"), Clock::system(), 0).unwrap();
            Self { folder, spool }
        }

        fn report(&self, name: &str, content: impl AsRef<[u8]>) {
            fs::write(self.folder.path().join("reports").join(name), content).unwrap();
        }

        fn gather(&self) -> Gathered {
            let tidy = Tidy::new(Masks::default(), &self.folder.path().join("source"), &[]);
            self.gather_with(Gathering::new(tidy, CancellationToken::new()))
        }

        fn gather_with(&self, gathering: Gathering) -> Gathered {
            gather(gathering, &self.folder.path().join("reports"), self.spool.path())
        }
    }

    #[test]
    fn files_and_output_are_read_and_the_same_run_counts_once() {
        let build = Build::new();
        build.report("tests.json", RUN);
        build.report("analysis.txt", "[info] Unused (/w/lib/a.dart:3:7)\n");
        build.spool.begin_step("Test", "flutter test").unwrap();
        // In pieces, and with another stream in between.
        let (first, second) = RUN.as_bytes().split_at(50);
        build.spool.output(LogStream::Stdout, |emit| emit(first, false)).unwrap();
        build
            .spool
            .output(LogStream::Stderr, |emit| {
                emit(b"  error \xe2\x80\xa2 Broken \xe2\x80\xa2 a.dart:1:1 \xe2\x80\xa2 broken", true)
            })
            .unwrap();
        build
            .spool
            .output(LogStream::Stdout, |emit| {
                second.split(|byte| *byte == b'\n').for_each(|line| emit(line, true))
            })
            .unwrap();
        let Gathered { report, remarks } = build.gather();
        assert_eq!(report.tests.as_ref().unwrap().counts.passed, 1, "{report:?}");
        assert_eq!(report.analysis.as_ref().unwrap().findings.len(), 2);
        assert_eq!(remarks, [] as [&str; 0]);
        assert_eq!(summary(&report).unwrap(), "tests: 1 passed; analysis: 1 errors, 1 infos");
    }

    #[test]
    fn whoever_has_enough_gets_what_was_found_so_far_and_is_told() {
        let build = Build::new();
        build.report("tests.json", RUN);
        let tidy = Tidy::new(Masks::default(), &build.folder.path().join("source"), &[]);
        let enough = CancellationToken::new();
        enough.cancel();
        let Gathered { report, remarks } = build.gather_with(Gathering::new(tidy, enough));
        assert_eq!((report, remarks.len()), (TestReport::default(), 1));
        assert!(remarks[0].starts_with("only the beginning was searched"), "{remarks:?}");
    }

    #[test]
    fn a_log_that_is_none_is_not_read_to_its_end() {
        let build = Build::new();
        fs::write(build.spool.path(), vec![0xff; 4 * PIECE]).unwrap();
        let remarks = build.gather().remarks;
        assert!(remarks[0].contains("could not be searched"), "{remarks:?}");
    }

    #[test]
    fn of_many_runs_with_many_failures_not_all_are_kept() {
        let tidy = Tidy::new(Masks::default(), Path::new("/source"), &[]);
        let mut gathering = Gathering::new(tidy, CancellationToken::new());
        let case = |name: String| TestCase {
            name,
            file: None,
            line: None,
            outcome: TestOutcome::Failed,
            duration_ms: 1,
            failure: Some(TestFailure::default()),
        };
        for run in 0..=MAX_RUNS {
            let cases = vec![case(format!("test {run}"))];
            gathering.run(Finished { tests: Tests { cases, ..Tests::default() }, fingerprint: run as u64 });
        }
        let cases = &gathering.tests.as_ref().unwrap().cases;
        assert_eq!(cases.len(), MAX_RUNS);
        assert_eq!(cases.iter().filter(|case| case.failure.is_some()).count(), MAX_FAILURES);
        assert!(gathering.finish().remarks[0].contains("runs of tests"));
    }

    #[test]
    fn a_run_ends_with_its_step() {
        let build = Build::new();
        for pid in [7, 8] {
            build.spool.begin_step("Test", "flutter test").unwrap();
            let cut = RUN.replace("\"pid\":7", &format!("\"pid\":{pid}"));
            for line in cut.lines().take(2) {
                build.spool.output(LogStream::Stdout, |emit| emit(line.as_bytes(), true)).unwrap();
            }
        }
        let tests = build.gather().report.tests.unwrap();
        assert_eq!((tests.counts.errors, tests.is_cut_off), (2, true));
    }

    #[test]
    fn what_can_not_be_read_costs_a_line_and_nothing_else() {
        let build = Build::new();
        build.report("a.json", RUN);
        build.report("b.json", [&RUN.as_bytes()[..150], b"\xff\xfe\n{\"type\":3\n"].concat());
        build.report("c.xml", "<coverage/>");
        build.report("d.txt", "nothing of interest");
        build.report("e.json", "");
        let secret = build.folder.path().join("secret");
        fs::write(&secret, RUN).unwrap();
        symlink(&secret, build.folder.path().join("reports/link.json")).unwrap();
        fs::hard_link(&secret, build.folder.path().join("reports/hard.json")).unwrap();
        symlink(build.folder.path(), build.folder.path().join("reports/out")).unwrap();
        let Gathered { report, remarks } = build.gather();
        assert_eq!(report.tests.unwrap().counts.passed, 1);
        for (name, why) in [
            ("b.json", "make no sense"),
            ("c.xml", "not JUnit's"),
            ("d.txt", "neither"),
            ("link.json", "symbolic link"),
            ("hard.json", "hard link"),
            ("out", "symbolic link"),
        ] {
            assert!(
                remarks.iter().any(|remark| remark.contains(name) && remark.contains(why)),
                "{name} {remarks:?}"
            );
        }
        assert_eq!(remarks.len(), 6, "{remarks:?}");
    }

    #[test]
    fn a_folder_that_became_a_link_is_not_followed() {
        let build = Build::new();
        build.report("a.json", RUN);
        let reports = build.folder.path().join("reports");
        fs::rename(&reports, build.folder.path().join("elsewhere")).unwrap();
        symlink(build.folder.path().join("elsewhere"), &reports).unwrap();
        let Gathered { report, remarks } = build.gather();
        assert_eq!((report, remarks.len()), (TestReport::default(), 1));
    }

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
