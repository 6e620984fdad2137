//! Looks through the files of reports and the log, and puts together what tests and analysis found, within bounds of
//! bytes, files and time. What a line or a file means is its readers' business, and telling of it is `super`'s.

mod source;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use self::source::Source;
use super::super::collect::unfit;
use super::super::files::open_inside;
use super::super::protocol::take_frames;
use super::analysis::{Collected, Place};
use super::fit::{fit_analysis, fit_tests, leave_out};
use super::junit;
use super::kept::{Finished, MAX_FAILURES};
use super::tidy::Tidy;
use crate::domain::log::LogStream;
use crate::domain::test_report::{MAX_CASES, TestReport, Tests};

/// Most files that are read, and how deep they may be.
const MAX_FILES: usize = 200;
const MAX_DEPTH: usize = 8;
/// Most bytes that are read of all files, of one file of XML, and of the log.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
const MAX_XML: u64 = 16 * 1024 * 1024;
const MAX_LOG: u64 = 1024 * 1024 * 1024;
/// Most runs that count.
const MAX_RUNS: usize = 1000;
/// How much of the log is read at once.
const PIECE: usize = 256 * 1024;
/// Most lines that are said about reports that can't be read.
const MAX_REMARKS: usize = 20;

/// What was found, and what a person should know about it.
#[derive(Debug, Default)]
pub struct Gathered {
    pub report: TestReport,
    pub remarks: Vec<String>,
}

/// Looks through the folder of reports and the log.
pub fn gather(mut gathering: Gathering, reports: &Path, log: &Path) -> Gathered {
    gathering.folder(reports);
    if let Err(error) = gathering.log(log) {
        gathering.remark(format!("the log could not be searched for reports: {error}"));
    }
    gathering.finish()
}

/// The look through everything, as far as it has come.
pub struct Gathering {
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

impl Gathering {
    pub fn new(tidy: Tidy, enough: CancellationToken) -> Self {
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
        let entries = match fs::read_dir(root.join(folder)) {
            Ok(entries) => entries,
            Err(error) => {
                return self.remark(format!("$OORE_REPORTS/{} can't be read: {error}", folder.display()));
            }
        };
        for entry in entries.flatten() {
            // Enough to say that there are too many.
            if found.len() > 10 * MAX_FILES || self.is_enough() {
                return;
            }
            let path = folder.join(entry.file_name());
            match entry.path().symlink_metadata() {
                Ok(metadata) if metadata.is_dir() && depth < MAX_DEPTH => {
                    self.list(root, &path, depth + 1, found);
                }
                Ok(metadata) if metadata.is_dir() => {
                    self.remark(format!("$OORE_REPORTS/{} is too deep to be searched", path.display()));
                }
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
            let whole = take_frames(&held, |frame| {
                if frame.step != step {
                    unusable += out.over(self) + err.over(self);
                    step = frame.step;
                }
                let source = match frame.stream {
                    LogStream::Stdout => &mut out,
                    LogStream::Stderr => &mut err,
                };
                source.piece(frame.content, frame.newline, self);
            });
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::super::summary;
    use super::*;
    use crate::clock::Clock;
    use crate::domain::test_report::{TestCase, TestFailure, TestOutcome};
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
    fn a_folder_that_is_not_searched_costs_a_line_too() {
        use std::os::unix::fs::PermissionsExt;
        let build = Build::new();
        let reports = build.folder.path().join("reports");
        let deepest = reports.join("1/2/3/4/5/6/7/8");
        fs::create_dir_all(deepest.join("9")).unwrap();
        fs::write(deepest.join("a.json"), RUN).unwrap();
        fs::write(deepest.join("9/b.json"), RUN.replace("\"pid\":7", "\"pid\":8")).unwrap();
        let closed = reports.join("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        let Gathered { report, remarks } = build.gather();
        assert_eq!(report.tests.unwrap().counts.passed, 1);
        let said = |name: &str, why: &str| {
            remarks.iter().filter(|remark| remark.contains(name) && remark.contains(why)).count()
        };
        assert_eq!(said("$OORE_REPORTS/1/2/3/4/5/6/7/8/9", "too deep"), 1, "{remarks:?}");
        // Whoever may do anything reads it all the same.
        let unreadable = usize::from(fs::read_dir(&closed).is_err());
        assert_eq!(said("$OORE_REPORTS/closed", "can't be read"), unreadable, "{remarks:?}");
        assert_eq!(remarks.len(), 1 + unreadable, "{remarks:?}");
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
}
