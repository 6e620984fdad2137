//! What a process prints, cut into log frames: a line, or a piece of a line that is too long for one
//! frame. Secrets are masked first; no other byte is changed, memory never grows.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::sync::CancellationToken;

use super::spool::Spool;
use super::stop::{Stop, StopReason};
use crate::domain::log::{LogStream, MAX_FRAME_BYTES};

/// How long the beginning of a line is held back for its rest.
const PARTIAL_LINE_DELAY: Duration = Duration::from_millis(300);

/// Cuts bytes into lines and pieces of lines.
#[derive(Debug, Default)]
pub struct Splitter {
    /// The beginning of a line that isn't complete yet; at most one frame.
    held: Vec<u8>,
}

impl Splitter {
    /// Takes bytes and emits what is complete: content, and whether a newline followed.
    pub fn push(&mut self, mut bytes: &[u8], emit: &mut dyn FnMut(&[u8], bool)) {
        while !bytes.is_empty() {
            let room = MAX_FRAME_BYTES - self.held.len();
            let window = &bytes[..bytes.len().min(room + 1)];
            match window.iter().position(|byte| *byte == b'\n') {
                Some(end) => {
                    self.emit(&bytes[..end], true, emit);
                    bytes = &bytes[end + 1..];
                }
                None if window.len() > room => {
                    self.emit(&bytes[..room], false, emit);
                    bytes = &bytes[room..];
                }
                None => {
                    self.held.extend_from_slice(bytes);
                    return;
                }
            }
        }
    }

    /// Emits what is held back.
    pub fn flush(&mut self, emit: &mut dyn FnMut(&[u8], bool)) {
        if !self.held.is_empty() {
            self.emit(&[], false, emit);
        }
    }

    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    fn emit(&mut self, rest: &[u8], newline: bool, emit: &mut dyn FnMut(&[u8], bool)) {
        if self.held.is_empty() {
            return emit(rest, newline);
        }
        self.held.extend_from_slice(rest);
        emit(&self.held, newline);
        self.held.clear();
    }
}

/// Moves everything from a pipe to the spool, until its end or until it is closed from our side.
pub async fn pump(
    mut pipe: impl AsyncRead + Unpin,
    stream: LogStream,
    spool: &Spool,
    stop: &Stop,
    closing: &CancellationToken,
) {
    let mut splitter = Splitter::default();
    let mut masking = spool.masks().stream();
    let mut buffer = vec![0_u8; MAX_FRAME_BYTES];
    loop {
        let read = tokio::select! {
            biased;
            () = closing.cancelled() => break,
            read = pipe.read(&mut buffer) => read,
            () = tokio::time::sleep(PARTIAL_LINE_DELAY), if splitter.holds() => {
                keep(spool.output(stream, |emit| splitter.flush(emit)), stop);
                continue;
            }
        };
        match read {
            Ok(0) | Err(_) => break,
            Ok(length) => {
                let bytes = &buffer[..length];
                let masked = |emit: &mut dyn FnMut(&[u8], bool)| {
                    masking.push(bytes, &mut |part| splitter.push(part, emit));
                };
                keep(spool.output(stream, masked), stop);
            }
        }
    }
    let rest = |emit: &mut dyn FnMut(&[u8], bool)| {
        masking.flush(&mut |part| splitter.push(part, emit));
        splitter.flush(emit);
    };
    keep(spool.output(stream, rest), stop);
}

/// A log that can't be kept ends the build.
fn keep(written: std::io::Result<()>, stop: &Stop) {
    if written.is_err() {
        stop.trigger(StopReason::DiskFull);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(pieces: &[Vec<u8>]) -> Vec<(Vec<u8>, bool)> {
        let mut splitter = Splitter::default();
        let mut frames = Vec::new();
        let mut emit = |content: &[u8], newline| frames.push((content.to_vec(), newline));
        for piece in pieces {
            splitter.push(piece, &mut emit);
        }
        splitter.flush(&mut emit);
        frames
    }

    fn joined(frames: &[(Vec<u8>, bool)]) -> Vec<u8> {
        let newline = |newline: bool| if newline { &b"\n"[..] } else { b"" };
        frames.iter().flat_map(|(content, end)| [content, newline(*end)].concat()).collect()
    }

    #[test]
    fn lines_are_frames_and_carriage_returns_stay() {
        let frames = split(&[b"a\r\nb\xff".to_vec(), b"c\n\nrest".to_vec()]);
        let expected: [(&[u8], bool); 4] = [(b"a\r", true), (b"b\xffc", true), (b"", true), (b"rest", false)];
        assert_eq!(frames.iter().map(|(c, n)| (c.as_slice(), *n)).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_line_of_exactly_one_frame_keeps_its_newline() {
        let mut line = vec![b'x'; MAX_FRAME_BYTES];
        line.push(b'\n');
        assert_eq!(
            split(&[line.clone()]).iter().map(|(c, n)| (c.len(), *n)).collect::<Vec<_>>(),
            [(MAX_FRAME_BYTES, true)]
        );
        line.insert(0, b'y');
        assert_eq!(
            split(&[line]).iter().map(|(c, n)| (c.len(), *n)).collect::<Vec<_>>(),
            [(MAX_FRAME_BYTES, false), (1, true)]
        );
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_or_changed(
            pieces in proptest::collection::vec(
                prop_oneof![
                    proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..50),
                    (60_000_usize..140_000).prop_map(|length| vec![b'z'; length]),
                ],
                0..8,
            )
        ) {
            let frames = split(&pieces);
            prop_assert_eq!(joined(&frames), pieces.concat());
            prop_assert!(frames.iter().all(|(content, _)| content.len() <= MAX_FRAME_BYTES));
            prop_assert!(frames.iter().all(|(content, _)| !content.contains(&b'\n')));
        }
    }
}
