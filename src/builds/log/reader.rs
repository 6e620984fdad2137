//! Reading a log at the reader's own pace. A reader holds one record and its place in the file,
//! whatever the size of the log; it never looks beyond what is durable.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::blocking;
use super::file::{Log, Place};
use super::record::{self, HEADER_BYTES, Header, Kind};
use crate::domain::log::LogStream;
use crate::error::{Error, Result};
use crate::runner::protocol::FrameRef;

/// One reader's place in a log.
#[derive(Debug)]
pub struct Reader {
    log: Arc<Log>,
    file: Option<Arc<File>>,
    place: Place,
    /// Records that end before this sequence are passed over unread.
    from_sequence: u64,
    /// Records that end before this byte of the text are passed over unread.
    from_text: u64,
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
        Self { log, file: None, place, from_sequence: sequence, from_text: 0 }
    }

    /// Starts with the record that holds byte `offset` of the text.
    pub fn from_text(log: Arc<Log>, offset: u64) -> Self {
        let place = log.place(|place| place.text_offset <= offset);
        Self { log, file: None, place, from_sequence: 0, from_text: offset }
    }

    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// The next record; `None` when everything durable has been read. Its first frames may lie
    /// before the start that was asked for.
    pub async fn next(&mut self) -> Result<Option<Record>> {
        let end = self.log.durable().file_bytes;
        if self.place.file_offset >= end {
            return Ok(None);
        }
        let (place, from_sequence, from_text) = (self.place, self.from_sequence, self.from_text);
        let (file, path) = (self.file.clone(), self.log.path().to_owned());
        let (file, place, record) = blocking(move || {
            let file = match file {
                Some(file) => file,
                None => Arc::new(File::open(path)?),
            };
            let (place, record) = read(&file, place, end, from_sequence, from_text)?;
            Ok((file, place, record))
        })
        .await?;
        self.file = Some(file);
        self.place = place;
        Ok(record)
    }
}

fn read(
    file: &File,
    mut place: Place,
    end: u64,
    from_sequence: u64,
    from_text: u64,
) -> Result<(Place, Option<Record>)> {
    while place.file_offset < end {
        let mut bytes = [0_u8; HEADER_BYTES];
        file.read_exact_at(&mut bytes, place.file_offset)?;
        let header = Header::decode(&bytes).ok_or_else(damaged)?;
        let next = Place {
            sequence: header.next_sequence(),
            file_offset: place.file_offset + header.record_bytes(),
            text_offset: place.text_offset + header.shown_bytes(),
        };
        if next.sequence > from_sequence && next.text_offset > from_text {
            let mut payload = vec![0_u8; header.payload_bytes as usize];
            file.read_exact_at(&mut payload, place.file_offset + HEADER_BYTES as u64)?;
            // A record that counts what is left out may be rewritten while it is read.
            if header.kind == Kind::Frames && !record::is_intact(&bytes, &payload) {
                return Err(damaged());
            }
            return Ok((next, Some(Record { header, payload, text_offset: place.text_offset })));
        }
        place = next;
    }
    Ok((place, None))
}

fn damaged() -> Error {
    Error::internal("data_error", "a log is damaged", "a record's checksum or header is wrong")
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
                let mark = record::left_out_mark(&self.header);
                let content = mark.as_bytes();
                let frame = FrameRef { stream: LogStream::Stderr, newline: true, step: 0, at_ms: 0, content };
                each(self.header.first_sequence, frame);
            }
        }
    }

    /// The sequence of the last frame.
    pub fn last_sequence(&self) -> u64 {
        self.header.next_sequence().saturating_sub(1)
    }
}
