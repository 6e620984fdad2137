//! The unit in which a log file grows: a header with length, checksum and position, then frames in
//! their wire form. What the bytes of one frame mean is in `runner::protocol`.

use serde::{Deserialize, Serialize};

use crate::runner::protocol::{FrameRef, decode_frame};

/// Bytes of a header on disk.
pub(super) const HEADER_BYTES: usize = 36;
/// Frames are packed into records of about this size, which is what a reader holds in memory.
pub(super) const TARGET_PAYLOAD: usize = 64 * 1024;
/// No payload is longer: the target plus one frame of the largest size.
pub(super) const MAX_PAYLOAD: u32 = 256 * 1024;

const MAGIC: u32 = u32::from_le_bytes(*b"OLG1");
const FRAMES: u16 = 0;
const LEFT_OUT: u16 = 1;

/// What a record stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its frames are in the payload.
    Frames,
    /// Its frames were beyond the limit of the log: counted, not kept. Always the last record.
    LeftOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub kind: Kind,
    pub payload_bytes: u32,
    pub frames: u32,
    pub first_sequence: u64,
    /// Bytes of text the frames hold, newlines included.
    pub text_bytes: u64,
    /// The highest step index among the frames.
    pub last_step: u16,
}

impl Header {
    /// The sequence after the last frame.
    pub fn next_sequence(&self) -> u64 {
        self.first_sequence + u64::from(self.frames)
    }

    /// Bytes of the whole record on disk.
    pub fn record_bytes(&self) -> u64 {
        HEADER_BYTES as u64 + u64::from(self.payload_bytes)
    }

    /// What the record counts, if it stands for frames that were left out.
    pub fn left_out(&self) -> Option<LeftOut> {
        match self.kind {
            Kind::Frames => None,
            Kind::LeftOut => Some(LeftOut { frames: self.frames, bytes: self.text_bytes }),
        }
    }

    /// Bytes the record contributes to the text of the log.
    pub fn shown_bytes(&self) -> u64 {
        match self.kind {
            Kind::Frames => self.text_bytes,
            Kind::LeftOut => LeftOut { frames: self.frames, bytes: self.text_bytes }.mark().len() as u64 + 1,
        }
    }

    /// Appends header and payload.
    pub fn encode(&self, payload: &[u8], into: &mut Vec<u8>) {
        let start = into.len();
        let kind = match self.kind {
            Kind::Frames => FRAMES,
            Kind::LeftOut => LEFT_OUT,
        };
        into.extend_from_slice(&MAGIC.to_le_bytes());
        into.extend_from_slice(&[0; 4]);
        into.extend_from_slice(&self.payload_bytes.to_le_bytes());
        into.extend_from_slice(&self.frames.to_le_bytes());
        into.extend_from_slice(&self.first_sequence.to_le_bytes());
        into.extend_from_slice(&self.text_bytes.to_le_bytes());
        into.extend_from_slice(&self.last_step.to_le_bytes());
        into.extend_from_slice(&kind.to_le_bytes());
        into.extend_from_slice(payload);
        let checksum = crc32fast::hash(&into[start + 8..]);
        into[start + 4..start + 8].copy_from_slice(&checksum.to_le_bytes());
    }

    /// Reads a header; `None` if these bytes are none.
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Header> {
        let kind = match (u32_at(bytes, 0), u16_at(bytes, 34)) {
            (MAGIC, FRAMES) => Kind::Frames,
            (MAGIC, LEFT_OUT) => Kind::LeftOut,
            _ => return None,
        };
        let header = Header {
            kind,
            payload_bytes: u32_at(bytes, 8),
            frames: u32_at(bytes, 12),
            first_sequence: u64_at(bytes, 16),
            text_bytes: u64_at(bytes, 24),
            last_step: u16_at(bytes, 32),
        };
        (header.payload_bytes <= MAX_PAYLOAD).then_some(header)
    }
}

/// Whether header and payload are as they were written.
pub(super) fn is_intact(header: &[u8; HEADER_BYTES], payload: &[u8]) -> bool {
    let mut hash = crc32fast::Hasher::new();
    hash.update(&header[8..]);
    hash.update(payload);
    hash.finalize() == u32_at(header, 4)
}

/// What was beyond the limit of a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub frames: u32,
    pub bytes: u64,
}

impl LeftOut {
    /// The line a reader sees in place of the frames. Its length never changes, so that byte
    /// positions in the text stay what they were while the counts grow.
    pub(super) fn mark(self) -> String {
        format!(
            "[oore] the log has reached its limit; left out: {:>10} lines, {:>15} bytes",
            self.frames, self.bytes
        )
    }
}

/// Bytes a frame contributes to the text.
pub(super) fn text_bytes(frame: &FrameRef<'_>) -> u64 {
    frame.content.len() as u64 + u64::from(frame.newline)
}

/// The frames of a payload that is known to be whole.
pub(super) fn frames(mut payload: &[u8]) -> impl Iterator<Item = FrameRef<'_>> {
    std::iter::from_fn(move || decode_frame(&mut payload, 0).ok().flatten())
}

fn u16_at(bytes: &[u8; HEADER_BYTES], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8; HEADER_BYTES], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8; HEADER_BYTES], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
