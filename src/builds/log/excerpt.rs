//! The few lines of a failed step that say why it failed, with their numbers. It reads those lines
//! and no others.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::blocking;
use super::causes::{self, KnownCause};
use super::file::Log;
use super::outline::{CauseLine, Outline};
use super::plain::plain;
use super::reader::Reader;
use super::text::Seen;
use crate::error::Result;

/// Lines that are quoted.
const LENGTH: usize = 12;
/// Without a telling line the end of the step is quoted; it lies in these bytes.
const TAIL: u64 = 64 * 1024;
/// Characters of a quoted line.
const MAX_CHARACTERS: usize = 500;

/// Why a step failed, as far as its log says.
#[derive(Debug, Default)]
pub struct Excerpt {
    /// The line that says it.
    pub cause_line: Option<u64>,
    pub cause: Option<KnownCause>,
    /// Numbers over the whole log, from 0, and what stands there.
    pub lines: Vec<(u64, String)>,
}

impl Log {
    /// Quotes what a step says about its failure.
    pub async fn excerpt(self: &Arc<Self>, outline: Outline, step: usize) -> Result<Excerpt> {
        let log = Arc::clone(self);
        blocking(move || read(&log, &outline, step)).await
    }
}

fn read(log: &Arc<Log>, outline: &Outline, step: usize) -> Result<Excerpt> {
    let text = outline.text_of(step);
    let found = outline.steps.get(step).and_then(|step| step.cause.as_ref());
    let lines = match found {
        Some(found) => around(log, outline, found, text)?,
        None => last(log, outline, step, text)?,
    };
    Ok(Excerpt {
        cause_line: found.map(|found| found.line),
        cause: found.and_then(|found| causes::known(found.known.as_deref()?)),
        lines,
    })
}

fn around(
    log: &Arc<Log>,
    outline: &Outline,
    found: &CauseLine,
    text: Range<u64>,
) -> Result<Vec<(u64, String)>> {
    let has_context = found.context >= text.start && found.context < found.offset;
    let first_of_step = outline.steps.iter().any(|step| step.first_line == found.line);
    let (offset, line) = match has_context && !first_of_step {
        true => (found.context, found.line - 1),
        false => (found.offset, found.line),
    };
    let mut quoted = Vec::new();
    walk(log, outline, offset..text.end, line, |line, text| {
        quoted.push((line, text));
        quoted.len() < LENGTH
    })?;
    quoted.retain(|(_, text)| !text.is_empty());
    Ok(quoted)
}

/// The last lines of a step. Counted backwards from its end, because its beginning isn't read.
fn last(log: &Arc<Log>, outline: &Outline, step: usize, text: Range<u64>) -> Result<Vec<(u64, String)>> {
    let near = outline.marks.partition_point(|mark| mark.offset + TAIL <= text.end);
    let mark = near.checked_sub(1).and_then(|last| outline.marks.get(last));
    let first = outline.steps.get(step).map_or(0, |step| step.first_line);
    let (offset, line) = match mark {
        Some(mark) if mark.offset > text.start => (mark.offset, mark.line),
        Some(_) | None => (text.start, first),
    };
    let mut quoted = VecDeque::new();
    walk(log, outline, offset..text.end, line, |line, text| {
        if !text.is_empty() {
            quoted.push_back((line, text));
        }
        if quoted.len() > LENGTH {
            quoted.pop_front();
        }
        true
    })?;
    Ok(quoted.into())
}

/// Calls `each` with the lines of a stretch, the first of which has the number `line`, until it
/// answers that it has enough.
fn walk(
    log: &Arc<Log>,
    outline: &Outline,
    text: Range<u64>,
    line: u64,
    mut each: impl FnMut(u64, String) -> bool,
) -> Result<()> {
    let mut lines = outline.lines_at(text.start, line);
    let mut reader = Reader::from_text(log.clone(), text.start);
    let mut more = true;
    while more && lines.offset < text.end {
        let Some(record) = reader.read()? else { break };
        record.frames_from_text(text.start, |sequence, frame| {
            lines.take(sequence, &frame, &mut |seen| more = more && quote(&seen, text.end, &mut each));
        });
    }
    if more {
        lines.finish(&mut |seen| {
            quote(&seen, text.end, &mut each);
        });
    }
    Ok(())
}

/// Whether more is wanted.
fn quote(seen: &Seen<'_>, end: u64, each: &mut impl FnMut(u64, String) -> bool) -> bool {
    match seen {
        Seen::Line { origin, number, bytes } => {
            let shown = plain(bytes);
            let quoted = || shown.trim_end().chars().take(MAX_CHARACTERS).collect();
            origin.offset < end && each(*number, quoted())
        }
        Seen::Started { .. } | Seen::Ended { .. } => true,
    }
}
