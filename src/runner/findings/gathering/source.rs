//! One stream of lines that may hold events of tests and findings of the analysis.

use super::super::analysis::Place;
use super::super::dart;
use super::super::lines::Lines;
use super::Gathering;

/// One stream of lines: a file, or what a step prints.
#[derive(Default)]
pub(super) struct Source {
    pub(super) lines: Lines,
    pub(super) dart: dart::Reader,
    /// Lines that belong to a report.
    pub(super) taken: u64,
    /// Lines that should, and make no sense.
    pub(super) unusable: u64,
}

impl Source {
    pub(super) fn line(&mut self, line: &[u8], place: Place, gathering: &mut Gathering) {
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

    pub(super) fn piece(&mut self, content: &[u8], newline: bool, gathering: &mut Gathering) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.push(content, newline, &mut |line| self.line(line, Place::Output, gathering));
        self.lines = lines;
    }

    /// No more lines will come.
    pub(super) fn end(&mut self, gathering: &mut Gathering) {
        let mut runs = Vec::new();
        self.dart.end(&mut |run| runs.push(run));
        runs.into_iter().for_each(|run| gathering.run(run));
    }

    /// The step is over. Answers how many of its lines should have been of a report and make no sense.
    pub(super) fn over(&mut self, gathering: &mut Gathering) -> u64 {
        let mut lines = std::mem::take(&mut self.lines);
        lines.end(&mut |line| self.line(line, Place::Output, gathering));
        self.end(gathering);
        std::mem::take(&mut self.unusable)
    }
}
