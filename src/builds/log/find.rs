//! Searching a log on the daemon: a stretch at a time, so that neither time nor memory grows with
//! the log, and a caller who has gone stops the work. Patterns run in linear time.

use std::sync::Arc;
use std::time::Duration;

use regex::{Regex, RegexBuilder};

use super::blocking;
use super::file::Log;
use super::outline::Outline;
use super::plain::plain;
use super::reader::Reader;
use super::text::{Lines, Seen};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// One answer takes no longer than about this; then the caller asks on.
const MOST_TIME: Duration = Duration::from_millis(1500);
/// Records that are searched in one go; a caller that gives up is noticed in between.
const BATCH: usize = 32;
/// Bytes a compiled pattern may take.
const PATTERN_BYTES: usize = 1024 * 1024;
const MAX_PATTERN: usize = 1000;
/// Characters of a line that are quoted, and how many of them stand before the first match.
const EXCERPT: usize = 300;
const BEFORE: usize = 80;
/// Matches that are marked in one line.
const MAX_RANGES: usize = 50;

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// How letters are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    Any,
    Exact,
}

/// How the text of a pattern is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Plain,
    Regex,
}

/// A line that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Number over the whole log, from 0.
    pub line: u64,
    pub excerpt: String,
    /// Whether the excerpt begins, and ends, with the line.
    pub is_whole: bool,
    /// From and to, in characters of the excerpt.
    pub ranges: Vec<(usize, usize)>,
}

/// A stretch of the log that was searched.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// The line to go on with; none if the log was searched to its end.
    pub next: Option<u64>,
}

impl Pattern {
    /// # Errors
    /// 400 `invalid_pattern` for what is empty, too long, no pattern, or matches every line.
    pub fn new(text: &str, syntax: Syntax, letters: Letters) -> Result<Self> {
        if text.is_empty() || text.len() > MAX_PATTERN {
            return Err(refused(format!("a pattern has 1 to {MAX_PATTERN} bytes")));
        }
        let source = match syntax {
            Syntax::Plain => regex::escape(text),
            Syntax::Regex => text.to_owned(),
        };
        let regex = RegexBuilder::new(&source)
            .case_insensitive(letters == Letters::Any)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(4 * PATTERN_BYTES)
            .build()
            .map_err(|error| refused(error.to_string()))?;
        if regex.is_match("") {
            return Err(refused("the pattern matches everything".to_owned()));
        }
        Ok(Self(regex))
    }

    fn hit(&self, line: u64, bytes: &[u8]) -> Option<Hit> {
        let text = plain(bytes);
        let first = self.0.find(&text)?;
        let start = before(&text, first.start(), BEFORE);
        let end = after(&text, start, EXCERPT);
        let count = |to: usize| text[start..to.clamp(start, end)].chars().count();
        let matches = self.0.find_iter(&text).filter(|found| !found.is_empty() && found.start() < end);
        Some(Hit {
            line,
            ranges: matches
                .take(MAX_RANGES)
                .map(|found| (count(found.start()), count(found.end())))
                .collect(),
            is_whole: start == 0 && end == text.len(),
            excerpt: text[start..end].to_owned(),
        })
    }
}

fn refused(why: String) -> Error {
    Error::invalid("invalid_pattern", why)
        .hint("The syntax is that of Rust's regex crate: no look-around, no back references.")
}

/// Where the text `characters` before `at` begins.
fn before(text: &str, at: usize, characters: usize) -> usize {
    text[..at].char_indices().rev().take(characters).last().map_or(at, |(start, _)| start)
}

fn after(text: &str, from: usize, characters: usize) -> usize {
    text[from..].char_indices().nth(characters).map_or(text.len(), |(length, _)| from + length)
}

/// Finds up to `limit` lines, from the line `from` on.
pub async fn find(log: &Arc<Log>, clock: &Clock, pattern: Pattern, from: u64, limit: usize) -> Result<Found> {
    let outline = log.outline().await?;
    let until = clock.moment() + MOST_TIME;
    let mut search = Search::new(log, &outline, pattern, from, limit);
    loop {
        let (searched, more) = blocking(move || {
            let more = search.advance()?;
            Ok((search, more))
        })
        .await?;
        search = searched;
        if !more || search.found.next.is_some() {
            return Ok(search.found);
        }
        if clock.moment() >= until {
            search.found.next = Some(search.lines.shown.max(from));
            return Ok(search.found);
        }
    }
}

struct Search {
    reader: Reader,
    lines: Lines,
    /// Text before this was passed over.
    start: u64,
    pattern: Pattern,
    from: u64,
    limit: usize,
    found: Found,
}

impl Search {
    fn new(log: &Arc<Log>, outline: &Outline, pattern: Pattern, from: u64, limit: usize) -> Self {
        let mark = outline.mark_before(from);
        let (line, start) = mark.map_or((0, 0), |mark| (mark.line, mark.offset));
        let lines = outline.lines_at(start, line);
        let reader = Reader::from_text(log.clone(), start);
        Self { reader, lines, start, pattern, from, limit, found: Found::default() }
    }

    /// Reads on; answers whether there is more.
    fn advance(&mut self) -> Result<bool> {
        for _ in 0..BATCH {
            let Some(record) = self.reader.read()? else {
                let mut lines = std::mem::take(&mut self.lines);
                lines.finish(&mut |seen| self.see(seen));
                return Ok(false);
            };
            let mut lines = std::mem::take(&mut self.lines);
            record.frames_from_text(self.start, |sequence, frame| {
                lines.take(sequence, &frame, &mut |seen| self.see(seen))
            });
            self.lines = lines;
            if self.found.next.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn see(&mut self, seen: Seen<'_>) {
        let Seen::Line { number, bytes, .. } = seen else { return };
        if number < self.from || self.found.next.is_some() {
            return;
        }
        if self.found.hits.len() >= self.limit {
            self.found.next = Some(number);
        } else if let Some(hit) = self.pattern.hit(number, bytes) {
            self.found.hits.push(hit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(
        pattern: &str,
        syntax: Syntax,
        letters: Letters,
        line: &str,
    ) -> Option<(String, Vec<(usize, usize)>)> {
        let pattern = Pattern::new(pattern, syntax, letters).unwrap();
        pattern.hit(0, line.as_bytes()).map(|hit| (hit.excerpt, hit.ranges))
    }

    #[test]
    fn matches_are_marked_in_characters_of_what_is_shown() {
        let found = hit("Ä.", Syntax::Plain, Letters::Any, "\u{1b}[31mxä.\u{1b}[0m und Ä. x");
        assert_eq!(found, Some(("xä. und Ä. x".to_owned(), vec![(1, 3), (8, 10)])));
        assert_eq!(hit("Ä.", Syntax::Plain, Letters::Exact, "ä."), None);
        let found = hit(r"b+\d", Syntax::Regex, Letters::Exact, "abb1");
        assert_eq!(found, Some(("abb1".to_owned(), vec![(1, 4)])));
    }

    #[test]
    fn a_long_line_is_quoted_around_its_first_match() {
        let line = format!("{}needle{}", "ä".repeat(5000), "é".repeat(5000));
        let (excerpt, ranges) = hit("needle", Syntax::Plain, Letters::Any, &line).unwrap();
        assert_eq!((excerpt.chars().count(), ranges), (EXCERPT, vec![(BEFORE, BEFORE + 6)]));
    }

    #[test]
    fn useless_and_costly_patterns_are_refused() {
        for pattern in ["", "(", "a*", "(?=x)", r"\w{1000}{1000}", &"x".repeat(MAX_PATTERN + 1)] {
            let error = Pattern::new(pattern, Syntax::Regex, Letters::Any).unwrap_err();
            assert_eq!(error.code, "invalid_pattern", "{pattern}");
        }
    }
}
