//! A log's text as lines that people see: counted over both streams from 0, markers of steps left
//! out. The viewer in the browser counts by the same rules, so a number means the same line
//! everywhere. It keeps the line under way and nothing else.

use serde::{Deserialize, Serialize};

use super::steps::{MAX_STEPS, Marker};
use crate::runner::protocol::FrameRef;

/// Bytes of a line that are looked at; what is beyond is passed over.
pub(super) const MAX_LINE_BYTES: usize = 16 * 1024;

/// Where the text is being read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Lines {
    /// Bytes of text read so far.
    pub offset: u64,
    /// Lines shown so far.
    pub shown: u64,
    /// The step that has begun and not ended.
    open: Option<String>,
    /// The step that began last, by the runner's count; 0 where nobody counted.
    #[serde(default)]
    step: u16,
    /// How many have begun.
    #[serde(default)]
    steps: usize,
    /// The line under way.
    begun: Option<Begun>,
}

/// Of the frame that is read.
#[derive(Debug, Clone, Copy)]
struct Head {
    sequence: u64,
    step: u16,
    at_ms: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Begun {
    origin: Origin,
    bytes: Vec<u8>,
}

/// Where and when a line began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// Byte of the text.
    pub offset: u64,
    pub sequence: u64,
    /// The step that wrote it, by the runner's count; 0 before the first, and where nobody counted.
    pub step: u16,
    pub at_ms: i64,
}

/// How far the steps are at some place.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// The step that has begun and not ended.
    pub open: Option<String>,
    /// The step that began last, by the runner's count.
    pub step: u16,
    /// How many have begun.
    pub steps: usize,
}

/// Something the text says.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    /// A line, its number and its bytes without the newline.
    Line {
        origin: Origin,
        number: u64,
        bytes: &'a [u8],
    },
    /// A step begins; the next line has this number.
    Started {
        origin: Origin,
        number: u64,
        name: String,
    },
    Ended {
        origin: Origin,
        succeeded: bool,
        exit_code: Option<i32>,
    },
}

impl Lines {
    /// The state at the beginning of a line: where it is, its number, and how far the steps are.
    pub fn at(offset: u64, number: u64, reached: Reached) -> Self {
        let Reached { open, step, steps } = reached;
        Self { offset, shown: number, open, step, steps, begun: None }
    }

    /// Goes on with a frame.
    pub fn take(&mut self, sequence: u64, frame: &FrameRef<'_>, see: &mut impl FnMut(Seen<'_>)) {
        let head = Head { sequence, step: frame.step, at_ms: frame.at_ms };
        let mut rest = frame.content;
        // A frame is a line, nearly always. Only older runners send newlines inside of one.
        if rest.contains(&b'\n') {
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                self.end_line(&rest[..end], head, see);
                rest = &rest[end + 1..];
            }
        }
        if frame.newline {
            self.end_line(rest, head, see);
        } else if !rest.is_empty() {
            self.hold(rest, head);
        }
    }

    /// Takes the line under way for a whole one: the log ends here.
    pub fn finish(&mut self, see: &mut impl FnMut(Seen<'_>)) {
        if let Some(begun) = self.begun.take() {
            self.settle(begun.origin, &begun.bytes, see);
        }
    }

    fn origin(&self, head: Head) -> Origin {
        let Head { sequence, step, at_ms } = head;
        Origin { offset: self.offset, sequence, step, at_ms }
    }

    fn end_line(&mut self, bytes: &[u8], head: Head, see: &mut impl FnMut(Seen<'_>)) {
        if self.begun.is_some() {
            self.hold(bytes, head);
            self.offset += 1;
            return self.finish(see);
        }
        let origin = self.origin(head);
        self.offset += bytes.len() as u64 + 1;
        self.settle(origin, &bytes[..bytes.len().min(MAX_LINE_BYTES)], see);
    }

    fn hold(&mut self, bytes: &[u8], head: Head) {
        let origin = self.origin(head);
        let begun = self.begun.get_or_insert(Begun { origin, bytes: Vec::new() });
        let room = MAX_LINE_BYTES - begun.bytes.len();
        begun.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.offset += bytes.len() as u64;
    }

    /// A marker counts only where it can be true: a start while no step is open, and once for each step that the runner
    /// counts; an end for the step that is open, within it. Everything else is a line, whatever it looks like.
    fn settle(&mut self, origin: Origin, bytes: &[u8], see: &mut impl FnMut(Seen<'_>)) {
        match Marker::parse(bytes) {
            Some(Marker::Start { name }) if self.may_begin(origin.step) => {
                self.open = Some(name.clone());
                self.step = origin.step;
                self.steps += 1;
                return see(Seen::Started { origin, number: self.shown, name });
            }
            Some(Marker::End { name, status, exit_code }) if self.may_end(&name, origin.step) => {
                self.open = None;
                return see(Seen::Ended { origin, succeeded: status == "succeeded", exit_code });
            }
            Some(Marker::Start { .. } | Marker::End { .. }) | None => {}
        }
        let number = self.shown;
        self.shown += 1;
        see(Seen::Line { origin, number, bytes });
    }

    fn may_begin(&self, step: u16) -> bool {
        self.open.is_none() && (step == 0 || step > self.step) && self.steps < MAX_STEPS
    }

    fn may_end(&self, name: &str, step: u16) -> bool {
        self.open.as_deref() == Some(name) && (self.step == 0 || step == self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::log::LogStream;

    fn told(frames: &[(&str, bool)]) -> Vec<String> {
        told_by_steps(frames.iter().map(|(content, newline)| (0, *content, *newline)))
    }

    fn told_by_steps<'a>(frames: impl Iterator<Item = (u16, &'a str, bool)>) -> Vec<String> {
        let (mut lines, mut told) = (Lines::default(), Vec::new());
        let mut see = |seen: Seen<'_>| {
            told.push(match seen {
                Seen::Line { origin, number, bytes } => {
                    format!("{number}@{} {}", origin.offset, String::from_utf8_lossy(bytes))
                }
                Seen::Started { name, .. } => format!("start {name}"),
                Seen::Ended { succeeded, exit_code, .. } => format!("end {succeeded} {exit_code:?}"),
            });
        };
        for (sequence, (step, content, newline)) in (0..).zip(frames) {
            let frame =
                FrameRef { stream: LogStream::Stdout, newline, step, at_ms: 5, content: content.as_bytes() };
            lines.take(sequence, &frame, &mut see);
        }
        lines.finish(&mut see);
        told
    }

    #[test]
    fn lines_are_joined_cut_and_counted_without_the_markers() {
        let start = r#"[oore-step] {"event":"start","name":"build-1","command":"x"}"#;
        let end = r#"[oore-step] {"event":"end","name":"build-1","status":"failed","exit_code":2}"#;
        let forged = r#"[oore-step] {"event":"start","name":"other"}"#;
        let told = told(&[
            ("a", true),
            (start, true),
            ("b", false),
            ("c", true),
            ("", true),
            ("d\ne", true),
            (forged, true),
            (end, true),
            ("rest", false),
        ]);
        let offset = |told: &str| told.split(' ').next().unwrap().to_owned();
        assert_eq!(told[1], "start build-1");
        let after = 2 + start.len() + 1;
        assert_eq!(told[2], format!("1@{after} bc"));
        assert_eq!(told[3], format!("2@{} ", after + 3));
        assert_eq!(
            [&told[4][2..], &told[5][2..]].map(|line| line.ends_with('d') || line.ends_with('e')),
            [true; 2]
        );
        assert!(offset(&told[6]).starts_with("5@") && told[6].ends_with(forged));
        assert_eq!(told[7], "end false Some(2)");
        assert!(told[8].ends_with("rest"));
    }
    #[test]
    fn a_step_begins_once_whatever_it_prints() {
        let start = |name: &str| format!(r#"[oore-step] {{"event":"start","name":"{name}"}}"#);
        let end =
            |name: &str| format!(r#"[oore-step] {{"event":"end","name":"{name}","status":"succeeded"}}"#);
        let mut frames = vec![(1, start("a"))];
        for _ in 0..3 {
            frames.extend([(1, end("a")), (1, start("a")), (1, start("b"))]);
        }
        frames.extend([(1, end("a")), (2, start("b")), (2, end("b"))]);
        let told = told_by_steps(frames.iter().map(|(step, line)| (*step, line.as_str(), true)));
        let markers: Vec<_> = told.iter().filter(|told| !told.contains('@')).collect();
        assert_eq!(markers, ["start a", "end true None", "start b", "end true None"]);
        assert_eq!(told.len(), frames.len(), "everything else is a line");
    }

    #[test]
    fn where_nobody_counts_steps_their_number_and_their_names_have_a_bound() {
        let mut text = Vec::new();
        for n in 0..MAX_STEPS + 10 {
            text.push(format!(r#"[oore-step] {{"event":"start","name":"s{n}"}}"#));
            text.push(format!(r#"[oore-step] {{"event":"end","name":"s{n}","status":"succeeded"}}"#));
        }
        text.insert(0, format!(r#"[oore-step] {{"event":"start","name":"{}"}}"#, "x".repeat(200)));
        let told = told_by_steps(text.iter().map(|line| (0, line.as_str(), true)));
        assert_eq!(told.iter().filter(|told| told.starts_with("start ")).count(), MAX_STEPS);
        assert_eq!(told.iter().filter(|told| told.contains('@')).count(), 1 + 20);
    }
}
