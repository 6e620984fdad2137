//! What a log's text holds, without the text: its steps, lines, times and errors. It is made by
//! reading the log once, goes on where it stopped when the log has grown, and is kept in the packed
//! file. Its size is bounded, however long the log.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::blocking;
use super::causes::{self, Rank};
use super::file::{Log, Place};
use super::plain::plain;
use super::reader::{Reader, Record};
use super::text::{Lines, Origin, Reached, Seen};
use crate::error::Result;

/// Places beyond this number are thinned out.
const MAX_MARKS: usize = 8192;
/// Times that people see have seconds.
const FIRST_RESOLUTION_MS: i64 = 1000;
/// A place at least for each so many bytes of text, so that any line is near one.
const FIRST_SPACING: u64 = 1024 * 1024;
/// Stretches of errors beyond this number are counted only.
const MAX_ERRORS: usize = 1000;
/// How far back from a step's end a mere word may be its cause.
const LOOK_BACK: u64 = 400;
/// Records that are read in one go; a caller that gives up is noticed in between.
const BATCH: usize = 64;

/// What is known about a log up to some point.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outline {
    place: Place,
    lines: Lines,
    pub steps: Vec<StepOutline>,
    pub marks: Vec<Mark>,
    pub errors: Vec<ErrorLines>,
    /// How many lines are errors, also those that are not listed.
    pub error_lines: u64,
    resolution_ms: i64,
    spacing: u64,
    /// Where the line before began.
    previous: u64,
    #[serde(skip)]
    words: VecDeque<CauseLine>,
}

/// A step's part of the log. The first part has no name: it is what comes before the first step.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StepOutline {
    pub name: String,
    /// By the runner's count; 0 where nobody counted.
    #[serde(default)]
    step: u16,
    /// Number of its first line over the whole log, from 0.
    pub first_line: u64,
    /// Where its part of the text begins: with its marker.
    pub offset: u64,
    /// Where the marker of its end stands.
    pub end_marker: Option<u64>,
    pub started_ms: Option<i64>,
    pub ended_ms: Option<i64>,
    pub succeeded: Option<bool>,
    pub exit_code: Option<i32>,
    pub cause: Option<CauseLine>,
}

/// A line that says why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseLine {
    rank: Rank,
    /// Which known cause it is.
    pub known: Option<String>,
    pub line: u64,
    /// Where the line before it begins, for the context.
    pub context: u64,
    /// Where it begins.
    pub offset: u64,
}

/// A place in the log: the line that begins there, and when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub line: u64,
    pub offset: u64,
    pub sequence: u64,
    pub at_ms: i64,
}

/// Errors on consecutive lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorLines {
    pub line: u64,
    pub lines: u64,
}

impl Default for Outline {
    fn default() -> Self {
        Self {
            place: Place::default(),
            lines: Lines::default(),
            steps: vec![StepOutline::new(String::new(), 0, Origin::default())],
            marks: Vec::new(),
            errors: Vec::new(),
            error_lines: 0,
            resolution_ms: FIRST_RESOLUTION_MS,
            spacing: FIRST_SPACING,
            previous: 0,
            words: VecDeque::new(),
        }
    }
}

impl StepOutline {
    fn new(name: String, first_line: u64, origin: Origin) -> Self {
        Self {
            name,
            step: origin.step,
            first_line,
            offset: origin.offset,
            end_marker: None,
            started_ms: time(origin),
            ended_ms: None,
            succeeded: None,
            exit_code: None,
            cause: None,
        }
    }
}

impl Log {
    /// What the log holds up to now.
    pub async fn outline(self: &Arc<Self>) -> Result<Outline> {
        let mut outline = Arc::clone(&self.outline).lock_owned().await;
        loop {
            let log = Arc::clone(self);
            let (known, more) = blocking(move || {
                let more = outline.advance(&log)?;
                Ok((outline, more))
            })
            .await?;
            if !more {
                return Ok(known.finished());
            }
            outline = known;
        }
    }
}

impl Outline {
    /// Lines so far.
    pub fn lines(&self) -> u64 {
        self.lines.shown
    }

    /// Bytes of text so far.
    pub fn bytes(&self) -> u64 {
        self.lines.offset
    }

    /// The sequence after the last frame that was looked at.
    pub fn next_sequence(&self) -> u64 {
        self.place.sequence
    }

    /// The latest step of that name.
    pub fn step(&self, name: &str) -> Option<usize> {
        self.steps.iter().rposition(|step| step.name == name)
    }

    /// Name and first line of the step that a line belongs to.
    pub fn step_at(&self, line: u64) -> (&str, u64) {
        // An empty step begins with the same line as the one after it, which has the line.
        let begun = self.steps.partition_point(|step| step.first_line <= line);
        let step = begun.checked_sub(1).and_then(|last| self.steps.get(last));
        step.map_or(("", 0), |step| (&step.name, step.first_line))
    }

    /// The step that failed by its own marker, or else the last one.
    pub fn failed_step(&self) -> usize {
        let failed = self.steps.iter().position(|step| step.succeeded == Some(false));
        failed.unwrap_or(self.steps.len().saturating_sub(1))
    }

    /// How many lines a step has.
    pub fn lines_of(&self, step: usize) -> u64 {
        let end = self.steps.get(step + 1).map_or(self.lines.shown, |next| next.first_line);
        end - self.steps.get(step).map_or(end, |step| step.first_line)
    }

    /// The bytes of text that are a step's.
    pub fn text_of(&self, step: usize) -> std::ops::Range<u64> {
        let end = self.steps.get(step + 1).map_or(self.lines.offset, |next| next.offset);
        self.steps.get(step).map_or(end, |step| step.offset)..end
    }

    /// The last place at or before a line.
    pub fn mark_before(&self, line: u64) -> Option<Mark> {
        let count = self.marks.partition_point(|mark| mark.line <= line);
        count.checked_sub(1).and_then(|last| self.marks.get(last)).copied()
    }

    /// The state in which the line at `offset`, which has that number, is reached.
    pub(super) fn lines_at(&self, offset: u64, line: u64) -> Lines {
        let begun = self.steps.partition_point(|step| step.offset < offset).saturating_sub(1);
        let step = self.steps.get(begun).filter(|_| begun > 0);
        let open = step.filter(|step| step.end_marker.is_none_or(|end| end >= offset));
        let open = open.map(|step| step.name.clone());
        Lines::at(offset, line, Reached { open, step: step.map_or(0, |step| step.step), steps: begun })
    }

    /// Reads on; answers whether there is more.
    fn advance(&mut self, log: &Arc<Log>) -> Result<bool> {
        let mut reader = Reader::from_place(log.clone(), self.place);
        for _ in 0..BATCH {
            let Some(record) = reader.read()? else { return Ok(false) };
            self.take(&record);
            self.place = reader.place();
        }
        Ok(true)
    }

    fn take(&mut self, record: &Record) {
        let mut lines = std::mem::take(&mut self.lines);
        record.for_each(|sequence, frame| lines.take(sequence, &frame, &mut |seen| self.see(seen)));
        self.lines = lines;
    }

    /// The same as if the log ended here.
    fn finished(&self) -> Self {
        let mut whole = self.clone();
        let mut lines = std::mem::take(&mut whole.lines);
        lines.finish(&mut |seen| whole.see(seen));
        whole.lines = lines;
        whole.settle_cause(whole.lines.shown);
        whole.words.clear();
        whole
    }

    fn see(&mut self, seen: Seen<'_>) {
        match seen {
            Seen::Line { origin, number, bytes } => {
                self.mark(origin, number);
                self.judge(origin, number, bytes);
                self.previous = origin.offset;
            }
            Seen::Started { origin, number, name } => {
                self.settle_cause(number);
                self.steps.push(StepOutline::new(name, number, origin));
                self.previous = origin.offset;
            }
            Seen::Ended { origin, succeeded, exit_code } => {
                if let Some(step) = self.steps.last_mut() {
                    step.end_marker = Some(origin.offset);
                    step.ended_ms = time(origin);
                    step.succeeded = Some(succeeded);
                    step.exit_code = exit_code;
                }
            }
        }
    }

    fn mark(&mut self, origin: Origin, line: u64) {
        let at_ms = match (time(origin), self.marks.last()) {
            (Some(at_ms), _) => at_ms,
            // The line that counts what was left out has no time of its own.
            (None, Some(last)) => last.at_ms,
            (None, None) => 0,
        };
        let mark = Mark { line, offset: origin.offset, sequence: origin.sequence, at_ms };
        if self.marks.last().is_some_and(|last| !self.is_apart(last, &mark)) {
            return;
        }
        self.marks.push(mark);
        if self.marks.len() > MAX_MARKS {
            self.thin_out();
        }
    }

    fn is_apart(&self, last: &Mark, mark: &Mark) -> bool {
        let unit = |mark: &Mark| mark.at_ms.div_euclid(self.resolution_ms);
        unit(last) != unit(mark) || mark.offset - last.offset >= self.spacing
    }

    fn thin_out(&mut self) {
        self.resolution_ms *= 2;
        self.spacing *= 2;
        let mut kept: Vec<Mark> = Vec::with_capacity(MAX_MARKS);
        for mark in std::mem::take(&mut self.marks) {
            if kept.last().is_none_or(|last| self.is_apart(last, &mark)) {
                kept.push(mark);
            }
        }
        self.marks = kept;
    }

    fn judge(&mut self, origin: Origin, line: u64, bytes: &[u8]) {
        let is_plain = !bytes.iter().any(|byte| matches!(byte, 0x1b | b'\r'));
        let found = if is_plain { causes::of(bytes) } else { causes::of(plain(bytes).as_bytes()) };
        let Some(found) = found else { return };
        let candidate = CauseLine {
            rank: found.rank,
            known: found.cause.map(|cause| cause.id.to_owned()),
            line,
            context: self.previous,
            offset: origin.offset,
        };
        if found.rank == Rank::Word {
            while self.words.front().is_some_and(|word| word.line + LOOK_BACK <= line) {
                self.words.pop_front();
            }
            self.words.push_back(candidate);
            return;
        }
        self.error(line);
        let Some(step) = self.steps.last_mut() else { return };
        if step.cause.as_ref().is_none_or(|best| best.rank < candidate.rank) {
            step.cause = Some(candidate);
        }
    }

    fn error(&mut self, line: u64) {
        self.error_lines += 1;
        let is_full = self.errors.len() >= MAX_ERRORS;
        match self.errors.last_mut() {
            Some(last) if last.line + last.lines == line => last.lines += 1,
            Some(_) | None if !is_full => self.errors.push(ErrorLines { line, lines: 1 }),
            Some(_) | None => {}
        }
    }

    /// A step that said nothing better is judged by the first telling word near its end.
    fn settle_cause(&mut self, end: u64) {
        let words = std::mem::take(&mut self.words);
        let Some(step) = self.steps.last_mut() else { return };
        if step.cause.is_none() {
            step.cause = words.into_iter().find(|word| word.line + LOOK_BACK > end);
        }
    }
}

fn time(origin: Origin) -> Option<i64> {
    (origin.at_ms > 0).then_some(origin.at_ms)
}
