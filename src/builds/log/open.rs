//! Opening a log that is there already: how far its records are whole, where they stand and which
//! steps they belong to. A tail that an append left behind in its middle is cut; damage anywhere
//! else is an error.

use std::fs::File;
use std::path::Path;

use super::file::{Durable, Place, Shape};
use super::record::{self, HEADER_BYTES, Header, Kind};
use super::source::Source;
use crate::error::{Error, Result, codes};

/// One append is never larger, so only this much at the end of a file can be torn.
const TAIL: u64 = 8 * 1024 * 1024;

/// What a file holds: read from its beginning, headers only where that is enough.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub durable: Durable,
    pub shape: Shape,
    /// The record that counts what is left out, and where it stands.
    pub left_out: Option<(u64, Header)>,
}

impl Scan {
    /// Reads a file that may still grow, and cuts its torn tail.
    pub fn growing(file: File, path: &Path) -> Result<(Self, File)> {
        let length = file.metadata()?.len();
        let source = Source::Plain(file);
        let scan = Self::whole(&source, length)?;
        let Source::Plain(file) = source else { return Err(damaged(path, 0)) };
        if scan.durable.file_bytes < length {
            scan.cut(&file, path, length)?;
        }
        Ok((scan, file))
    }

    /// Reads records as long as they are whole.
    fn whole(source: &Source, length: u64) -> Result<Self> {
        let mut scan = Self::default();
        while scan.durable.file_bytes < length {
            let Some((header, payload)) = scan.read(source, length)? else { break };
            scan.accept(header, payload.as_deref());
        }
        Ok(scan)
    }

    /// The record at the present end, if it is whole. The payload is read only where it is needed:
    /// near the end, to verify it, and where a step begins.
    fn read(&self, source: &Source, length: u64) -> Result<Option<(Header, Option<Vec<u8>>)>> {
        let offset = self.durable.file_bytes;
        let mut bytes = [0_u8; HEADER_BYTES];
        if length - offset < HEADER_BYTES as u64 {
            return Ok(None);
        }
        source.read_exact_at(&mut bytes, offset)?;
        let header = Header::decode(&bytes).filter(|header| {
            header.record_bytes() <= length - offset && header.first_sequence >= self.durable.next_sequence
        });
        let Some(header) = header else { return Ok(None) };
        if length - offset > TAIL && header.last_step <= self.shape.steps.last() {
            return Ok(Some((header, None)));
        }
        let mut payload = vec![0_u8; header.payload_bytes as usize];
        source.read_exact_at(&mut payload, offset + HEADER_BYTES as u64)?;
        Ok(record::is_intact(&bytes, &payload).then_some((header, Some(payload))))
    }

    fn accept(&mut self, header: Header, payload: Option<&[u8]>) {
        let place = Place {
            sequence: header.first_sequence,
            file_offset: self.durable.file_bytes,
            text_offset: self.durable.text_bytes,
        };
        self.shape.remember(place, &header);
        let mut start = place.text_offset;
        for frame in record::frames(payload.unwrap_or_default()) {
            self.shape.begin(frame.step, frame.content, start);
            start += record::text_bytes(&frame);
        }
        match header.kind {
            Kind::Frames => self.durable.frames += u64::from(header.frames),
            Kind::LeftOut => {
                self.durable.frames += 1;
                self.durable.left_out = header.left_out();
                self.left_out = Some((place.file_offset, header));
            }
        }
        self.durable.file_bytes += header.record_bytes();
        self.durable.text_bytes += header.shown_bytes();
        self.durable.next_sequence = header.next_sequence();
    }

    /// Cuts the tail that an append left behind when the machine stopped in its middle.
    fn cut(&self, file: &File, path: &Path, length: u64) -> Result<()> {
        if length - self.durable.file_bytes > TAIL {
            return Err(damaged(path, self.durable.file_bytes));
        }
        file.set_len(self.durable.file_bytes)?;
        file.sync_all()?;
        Ok(())
    }
}

fn damaged(path: &Path, at: u64) -> Error {
    let doing = format!("the log {} is damaged at byte {at}", path.display());
    Error::internal(codes::DATA_ERROR, doing, "a record in its middle is unreadable")
}
