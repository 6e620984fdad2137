//! Reading a log at the reader's own pace. A reader holds one record and its place in the file,
//! whatever the size of the log; it never looks beyond what is durable.

use std::sync::Arc;

use super::blocking;
use super::file::{Durable, Log, Place};
use super::record::{self, HEADER_BYTES, Header, Kind};
use super::source::Source;
use crate::domain::log::LogStream;
use crate::error::{Error, Result, codes};
use crate::runner::protocol::FrameRef;

/// One reader's place in a log.
#[derive(Debug)]
pub struct Reader {
    log: Arc<Log>,
    source: Option<Arc<Source>>,
    place: Place,
    /// Records that end before this sequence are passed over unread.
    from_sequence: u64,
    /// Records that end before this byte of the text are passed over unread.
    from_text: u64,
    /// Where to stop although the log may have grown.
    upto: Option<Durable>,
}

/// A stretch of frames.
#[derive(Debug)]
pub struct Record {
    header: Header,
    payload: Vec<u8>,
    /// Where its text begins in the text of the whole log.
    pub text_offset: u64,
}

impl Reader {
    /// Starts with the frame `sequence`.
    pub fn from_sequence(log: Arc<Log>, sequence: u64) -> Self {
        let place = log.place(|place| place.sequence <= sequence);
        Self { log, source: None, place, from_sequence: sequence, from_text: 0, upto: None }
    }

    /// Starts with the record that holds byte `offset` of the text.
    pub fn from_text(log: Arc<Log>, offset: u64) -> Self {
        let place = log.place(|place| place.text_offset <= offset);
        Self { log, source: None, place, from_sequence: 0, from_text: offset, upto: None }
    }

    /// Goes on where another reader of the same log stopped.
    pub(super) fn from_place(log: Arc<Log>, place: Place) -> Self {
        Self { log, source: None, place, from_sequence: 0, from_text: 0, upto: None }
    }

    /// Where the next record begins.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Sees the log as it was at `durable`, whatever is appended meanwhile.
    pub fn upto(self, durable: Durable) -> Self {
        Self { upto: Some(durable), ..self }
    }

    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// The next record; `None` when everything durable has been read. Its first frames may lie
    /// before the start that was asked for.
    pub async fn next(&mut self) -> Result<Option<Record>> {
        if self.is_at_end() {
            return Ok(None);
        }
        let mut ahead = Self { log: self.log.clone(), source: self.source.clone(), ..*self };
        let (ahead, record) = blocking(move || {
            let record = ahead.read()?;
            Ok((ahead, record))
        })
        .await?;
        *self = ahead;
        Ok(record)
    }

    /// The same for whoever may block the thread.
    pub(super) fn read(&mut self) -> Result<Option<Record>> {
        let end = self.end();
        if self.place.file_offset >= end.file_bytes {
            return Ok(None);
        }
        let source = match &self.source {
            Some(source) => source.clone(),
            None => Arc::new(self.log.source()?),
        };
        self.source = Some(source.clone());
        while self.place.file_offset < end.file_bytes {
            let start = self.place;
            let mut bytes = [0_u8; HEADER_BYTES];
            source.read_exact_at(&mut bytes, start.file_offset)?;
            let mut header = Header::decode(&bytes).ok_or_else(damaged)?;
            // A record that counts what is left out may be rewritten while it is read.
            if let (Kind::LeftOut, Some(counted)) = (header.kind, end.left_out) {
                (header.frames, header.text_bytes) = (counted.frames, counted.bytes);
            }
            self.place = Place {
                sequence: header.next_sequence(),
                file_offset: start.file_offset + header.record_bytes(),
                text_offset: start.text_offset + header.shown_bytes(),
            };
            if self.place.sequence > self.from_sequence && self.place.text_offset > self.from_text {
                let mut payload = vec![0_u8; header.payload_bytes as usize];
                source.read_exact_at(&mut payload, start.file_offset + HEADER_BYTES as u64)?;
                if header.kind == Kind::Frames && !record::is_intact(&bytes, &payload) {
                    return Err(damaged());
                }
                return Ok(Some(Record { header, payload, text_offset: start.text_offset }));
            }
        }
        Ok(None)
    }

    fn is_at_end(&self) -> bool {
        self.place.file_offset >= self.end().file_bytes
    }

    fn end(&self) -> Durable {
        self.upto.unwrap_or_else(|| self.log.durable())
    }
}

fn damaged() -> Error {
    Error::internal(codes::DATA_ERROR, "a log is damaged", "a record's checksum or header is wrong")
}

impl Record {
    /// Calls `each` with every frame and its sequence.
    pub fn for_each(&self, mut each: impl FnMut(u64, FrameRef<'_>)) {
        match self.header.kind {
            Kind::Frames => {
                for (sequence, frame) in (self.header.first_sequence..).zip(record::frames(&self.payload)) {
                    each(sequence, frame);
                }
            }
            Kind::LeftOut => {
                let mark = self.header.left_out().unwrap_or_default().mark();
                let content = mark.as_bytes();
                let frame = FrameRef { stream: LogStream::Stderr, newline: true, step: 0, at_ms: 0, content };
                each(self.header.first_sequence, frame);
            }
        }
    }

    /// Where in the text of the whole log the frame `sequence` begins.
    pub(super) fn text_offset_of(&self, sequence: u64) -> u64 {
        let mut at = self.text_offset;
        self.for_each(|known, frame| at += if known < sequence { record::text_bytes(&frame) } else { 0 });
        at
    }

    /// Calls `each` with the frames from byte `start` of the text on, where a line begins.
    pub(super) fn frames_from_text(&self, start: u64, mut each: impl FnMut(u64, FrameRef<'_>)) {
        let mut at = self.text_offset;
        self.for_each(|sequence, frame| {
            let end = at + record::text_bytes(&frame);
            if at >= start {
                each(sequence, frame);
            } else if let Some(content) =
                usize::try_from(start - at).ok().and_then(|n| frame.content.get(n..))
                && end > start
            {
                each(sequence, FrameRef { content, ..frame });
            }
            at = end;
        });
    }

    /// The sequence of the last frame.
    pub fn last_sequence(&self) -> u64 {
        self.header.next_sequence().saturating_sub(1)
    }
}
