//! The lines in which `flutter analyze` and `dart analyze` tell what they found: for people, for machines,
//! and those of `flutter analyze --write=FILE`.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::tidy::Tidy;
use crate::domain::test_report::{Analysis, Finding, FindingSeverity, MAX_FINDINGS};

/// Longest message and code that are kept, in bytes.
const MAX_MESSAGE: usize = 1000;
const MAX_CODE: usize = 100;
/// A longer line is none of the analysis.
const MAX_LINE: usize = 8 * 1024;
/// What is said when there is nothing to say.
const NOTHING: &str = "No issues found!";

/// `SEVERITY|TYPE|CODE|PATH|LINE|COLUMN|LENGTH|MESSAGE`, where `\` escapes.
static MACHINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?<severity>ERROR|WARNING|INFO)\|[A-Z_]+\|(?<code>[A-Z0-9_]+)\|(?<file>(?:[^|\\]|\\.)+)\|(?<line>\d+)\|(?<column>\d+)\|\d+\|(?<message>.*)$",
    )
});
/// `  info • message • lib/a.dart:3:7 • code`
static FLUTTER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(?<severity>error|warning|info) [•-] (?<message>.+) [•-] (?<file>\S.*):(?<line>\d+):(?<column>\d+) [•-] (?<code>\w+)$",
    )
});
/// `  info - lib/a.dart:3:7 - message - code`
static DART: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(?<severity>error|warning|info) [•-] (?<file>\S.*?):(?<line>\d+):(?<column>\d+) [•-] (?<message>.+) [•-] (?<code>\w+)$",
    )
});
/// `[info] message (/path/lib/a.dart:3:7)`
static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\[(?<severity>error|warning|info)\] (?<message>.+) \((?<file>\S.*):(?<line>\d+):(?<column>\d+)\)$",
    )
});

#[expect(clippy::expect_used, reason = "the patterns are constants, and the tests use each")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In what a step printed, among anything else.
    Output,
    /// In a file that was meant for us.
    File,
}

/// Everything found so far.
#[derive(Debug, Default)]
pub struct Collected {
    analysis: Option<Analysis>,
    /// Which finding is where, so that one that was told twice counts once.
    known: HashMap<Key, Option<usize>>,
}

/// What makes a finding the same: tools leave out the code, or the full stop.
type Key = (FindingSeverity, String, u32, u32, String);

impl Collected {
    /// Takes a line; answers whether it was one of the analysis.
    pub fn line(&mut self, line: &[u8], place: Place, tidy: &Tidy) -> bool {
        if line.len() > MAX_LINE {
            return false;
        }
        let Ok(line) = std::str::from_utf8(line) else { return false };
        let line = line.trim_end();
        if line.starts_with(NOTHING) {
            self.analysis.get_or_insert_default();
            return true;
        }
        let Some(finding) = finding_of(line, place, tidy) else { return false };
        self.add(finding);
        true
    }

    fn add(&mut self, finding: Finding) {
        let analysis = self.analysis.get_or_insert_default();
        let told = finding.message.trim_end_matches('.').to_owned();
        let key = (finding.severity, finding.file.clone(), finding.line, finding.column, told);
        if let Some(index) = self.known.get(&key) {
            let known = index.and_then(|index| analysis.findings.get_mut(index));
            if let Some(known) = known.filter(|known| known.code.is_empty()) {
                known.code = finding.code;
            }
            return;
        }
        analysis.counts.add(finding.severity);
        let room = analysis.findings.len() < MAX_FINDINGS;
        let index = room.then_some(analysis.findings.len());
        // What was told twice can't be known without an end; so many findings are none that anybody reads.
        if self.known.len() < 4 * MAX_FINDINGS {
            self.known.insert(key, index);
        }
        match index {
            Some(_) => analysis.findings.push(finding),
            None => analysis.left_out += 1,
        }
    }

    pub fn finish(self) -> Option<Analysis> {
        let mut analysis = self.analysis?;
        analysis.findings.sort();
        Some(analysis)
    }
}

fn finding_of(line: &str, place: Place, tidy: &Tidy) -> Option<Finding> {
    // The patterns cost more than the whole rest, and most lines are anything else.
    let begin = line.trim_start();
    let is_candidate = ["error ", "warning ", "info ", "ERROR|", "WARNING|", "INFO|", "["]
        .iter()
        .any(|word| begin.starts_with(word));
    if !is_candidate {
        return None;
    }
    if let Some(found) = MACHINE.captures(line) {
        let plain = |name| unescape(&found[name]);
        return finding(&found, &plain("file"), &plain("message"), &found["code"].to_lowercase(), tidy);
    }
    if let Some(found) = FLUTTER.captures(line).or_else(|| DART.captures(line)) {
        return finding(&found, &found["file"], &found["message"], &found["code"], tidy);
    }
    let found = WRITTEN.captures(line).filter(|_| place == Place::File)?;
    finding(&found, &found["file"], &found["message"], "", tidy)
}

fn finding(found: &Captures<'_>, file: &str, message: &str, code: &str, tidy: &Tidy) -> Option<Finding> {
    Some(Finding {
        severity: found["severity"].to_lowercase().parse().ok()?,
        file: tidy.path(file),
        line: found["line"].parse().ok()?,
        column: found["column"].parse().ok()?,
        message: tidy.text(message, MAX_MESSAGE),
        code: tidy.text(code, MAX_CODE),
    })
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let escaped = (character == '\\').then(|| characters.next()).flatten();
        plain.push(match escaped {
            Some('n') => '\n',
            Some(other) => other,
            None => character,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::runner::mask::Masks;

    fn read(lines: &[&str], place: Place) -> Option<Analysis> {
        let tidy = Tidy::new(Masks::of([&b"hunter22"[..]].into_iter()).unwrap(), Path::new("/source"), &[]);
        let mut collected = Collected::default();
        lines.iter().for_each(|line| {
            collected.line(line.as_bytes(), place, &tidy);
        });
        collected.finish()
    }

    fn shown(finding: &Finding) -> String {
        let Finding { severity, file, line, column, message, code } = finding;
        format!("{severity} {file}:{line}:{column} {message} [{code}]")
    }

    #[test]
    fn every_way_to_tell_a_finding_is_read() {
        for (line, expected) in [
            (
                "   info • Don't use 'print' - really • lib/a.dart:3:7 • avoid_print",
                "info lib/a.dart:3:7 Don't use 'print' - really [avoid_print]",
            ),
            (
                "  error - lib/a b.dart:3:7 - Undefined name 'x'. Try it. - undefined_identifier\r",
                "error lib/a b.dart:3:7 Undefined name 'x'. Try it. [undefined_identifier]",
            ),
            (
                r"WARNING|STATIC_WARNING|UNUSED_IMPORT|/source/lib/a.dart|1|8|22|Unused \| of hunter22\\x.",
                r"warning lib/a.dart:1:8 Unused | of ***\x. [unused_import]",
            ),
        ] {
            let analysis = read(&[line], Place::Output).unwrap();
            assert_eq!(analysis.findings.iter().map(shown).collect::<Vec<_>>(), [expected]);
        }
        let written = "[error] Expected to find ';' (/source/lib/a.dart:9:2)";
        assert_eq!(read(&[written], Place::Output), None);
        let analysis = read(&[written], Place::File).unwrap();
        assert_eq!(shown(&analysis.findings[0]), "error lib/a.dart:9:2 Expected to find ';' []");
    }

    #[test]
    fn lines_of_others_are_none() {
        for line in [
            "info: something",
            "warning - this is only a sentence",
            "error • it • broke",
            "INFO|x|y",
            "[error] failed (a:b)",
            "  error - lib/a.dart:99999999999:1 - too far - code",
            "",
        ] {
            assert_eq!(read(&[line], Place::File), None, "{line}");
        }
        let clean = read(&["No issues found! (ran in 1.2s)"], Place::Output).unwrap();
        assert_eq!(clean, Analysis::default());
    }

    #[test]
    fn a_finding_that_is_told_twice_counts_once_and_the_worst_come_first() {
        let lines = [
            "[info] Unused (/source/lib/a.dart:3:7)",
            "   info • Unused • lib/a.dart:3:7 • unused",
            "INFO|LINT|UNUSED|/source/lib/a.dart|3|7|2|Unused.",
            "  error • Broken • lib/z.dart:1:1 • broken",
        ];
        let analysis = read(&lines, Place::File).unwrap();
        assert_eq!((analysis.counts.errors, analysis.counts.infos), (1, 1));
        let seen: Vec<String> = analysis.findings.iter().map(shown).collect();
        assert_eq!(seen, ["error lib/z.dart:1:1 Broken [broken]", "info lib/a.dart:3:7 Unused [unused]"]);
    }

    #[test]
    fn more_findings_than_are_kept_are_counted() {
        let lines: Vec<String> =
            (0..MAX_FINDINGS + 7).map(|n| format!("info • A • lib/a.dart:{n}:1 • a")).collect();
        let analysis = read(&lines.iter().map(String::as_str).collect::<Vec<_>>(), Place::Output).unwrap();
        assert_eq!((analysis.findings.len(), analysis.left_out), (MAX_FINDINGS, 7));
        assert_eq!(analysis.counts.infos as usize, MAX_FINDINGS + 7);
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_a_panic(line in prop_oneof![
            "\\PC{0,80}",
            "(error|INFO|\\[info\\]) ?[•|-] ?[a-z:0-9|•\\\\() -]{0,60}",
        ]) {
            read(&[&line], Place::File);
        }
    }
}
