//! A log's text as lines that people see: counted over both streams from 0, markers of steps left
//! out. The viewer in the browser counts by the same rules, so a number means the same line
//! everywhere. It keeps the line under way and nothing else.

use serde::{Deserialize, Serialize};

use super::steps::Marker;
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
    /// The line under way.
    begun: Option<Begun>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Begun {
    origin: Origin,
    bytes: Vec<u8>,
}

/// Where and when a line began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// Byte of the text.
    pub offset: u64,
    pub sequence: u64,
    pub at_ms: i64,
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
    /// The state at the beginning of a line: where it is, its number, and which step is open.
    pub fn at(offset: u64, number: u64, open: Option<String>) -> Self {
        Self { offset, shown: number, open, begun: None }
    }

    /// Goes on with a frame.
    pub fn take(&mut self, sequence: u64, frame: &FrameRef<'_>, see: &mut impl FnMut(Seen<'_>)) {
        let at_ms = frame.at_ms;
        let mut rest = frame.content;
        // A frame is a line, nearly always. Only older runners send newlines inside of one.
        if rest.contains(&b'\n') {
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                self.end_line(&rest[..end], sequence, at_ms, see);
                rest = &rest[end + 1..];
            }
        }
        if frame.newline {
            self.end_line(rest, sequence, at_ms, see);
        } else if !rest.is_empty() {
            self.hold(rest, sequence, at_ms);
        }
    }

    /// Takes the line under way for a whole one: the log ends here.
    pub fn finish(&mut self, see: &mut impl FnMut(Seen<'_>)) {
        if let Some(begun) = self.begun.take() {
            self.settle(begun.origin, &begun.bytes, see);
        }
    }

    fn origin(&self, sequence: u64, at_ms: i64) -> Origin {
        Origin { offset: self.offset, sequence, at_ms }
    }

    fn end_line(&mut self, bytes: &[u8], sequence: u64, at_ms: i64, see: &mut impl FnMut(Seen<'_>)) {
        if self.begun.is_some() {
            self.hold(bytes, sequence, at_ms);
            self.offset += 1;
            return self.finish(see);
        }
        let origin = self.origin(sequence, at_ms);
        self.offset += bytes.len() as u64 + 1;
        self.settle(origin, &bytes[..bytes.len().min(MAX_LINE_BYTES)], see);
    }

    fn hold(&mut self, bytes: &[u8], sequence: u64, at_ms: i64) {
        let origin = self.origin(sequence, at_ms);
        let begun = self.begun.get_or_insert(Begun { origin, bytes: Vec::new() });
        let room = MAX_LINE_BYTES - begun.bytes.len();
        begun.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.offset += bytes.len() as u64;
    }

    /// A marker counts only where it can be true: a start while no step is open, an end for the step
    /// that is open. Everything else is a line, whatever it looks like.
    fn settle(&mut self, origin: Origin, bytes: &[u8], see: &mut impl FnMut(Seen<'_>)) {
        match Marker::parse(bytes) {
            Some(Marker::Start { name }) if self.open.is_none() => {
                self.open = Some(name.clone());
                return see(Seen::Started { origin, number: self.shown, name });
            }
            Some(Marker::End { name, status, exit_code }) if self.open.as_ref() == Some(&name) => {
                self.open = None;
                return see(Seen::Ended { origin, succeeded: status == "succeeded", exit_code });
            }
            Some(Marker::Start { .. } | Marker::End { .. }) | None => {}
        }
        let number = self.shown;
        self.shown += 1;
        see(Seen::Line { origin, number, bytes });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::log::LogStream;

    fn told(frames: &[(&str, bool)]) -> Vec<String> {
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
        for (sequence, (content, newline)) in (0..).zip(frames) {
            let frame = FrameRef {
                stream: LogStream::Stdout,
                newline: *newline,
                step: 0,
                at_ms: 5,
                content: content.as_bytes(),
            };
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
}
