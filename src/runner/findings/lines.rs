//! Cuts what a build wrote into lines, whatever it is: memory is bounded by the longest line that is read.

use std::io::{self, BufRead, BufReader, Read};

/// A longer line is no line of a report.
pub const MAX_LINE: usize = 1024 * 1024;

/// Puts lines together from pieces.
#[derive(Debug, Default)]
pub struct Lines {
    held: Vec<u8>,
    /// Whether the present line is too long already.
    overflowed: bool,
    /// Lines that were too long.
    pub too_long: u64,
}

impl Lines {
    /// Takes a piece, after which the line may end, and emits lines that are complete.
    pub fn push(&mut self, piece: &[u8], ends: bool, emit: &mut dyn FnMut(&[u8])) {
        if self.held.is_empty() && !self.overflowed && ends && piece.len() <= MAX_LINE {
            return emit(piece);
        }
        if self.held.len() + piece.len() > MAX_LINE {
            self.overflowed = true;
            self.held = Vec::new();
        }
        if !self.overflowed {
            self.held.extend_from_slice(piece);
        }
        if ends {
            self.end(emit);
        }
    }

    /// Ends a line without a newline.
    pub fn end(&mut self, emit: &mut dyn FnMut(&[u8])) {
        if self.overflowed {
            self.too_long += 1;
        } else {
            emit(&self.held);
        }
        self.overflowed = false;
        self.held.clear();
    }

    /// Emits the lines of at most so many bytes. Answers whether that was all.
    pub fn read(&mut self, from: impl Read, most: u64, emit: &mut dyn FnMut(&[u8])) -> io::Result<bool> {
        let mut reader = BufReader::with_capacity(64 * 1024, from.take(most.saturating_add(1)));
        let mut left = most;
        loop {
            let piece = reader.fill_buf()?;
            if piece.is_empty() {
                break;
            }
            let newline = piece.iter().position(|byte| *byte == b'\n');
            let line = &piece[..newline.unwrap_or(piece.len())];
            let length = line.len() + usize::from(newline.is_some());
            let Some(rest) = left.checked_sub(length as u64) else { return Ok(false) };
            left = rest;
            self.push(line, newline.is_some(), emit);
            reader.consume(length);
        }
        if !self.held.is_empty() || self.overflowed {
            self.end(emit);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8], most: u64) -> (Vec<Vec<u8>>, bool, u64) {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        let is_all = lines.read(bytes, most, &mut |line| found.push(line.to_vec())).unwrap();
        (found, is_all, lines.too_long)
    }

    #[test]
    fn a_line_that_is_too_long_is_counted_and_the_next_one_is_read() {
        let endless = io::repeat(b'x').take(3 * MAX_LINE as u64);
        let bytes = io::Read::chain(endless, &b"\nnext\n"[..]);
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        assert!(lines.read(bytes, u64::MAX, &mut |line| found.push(line.to_vec())).unwrap());
        assert_eq!((found, lines.too_long), (vec![b"next".to_vec()], 1));
        assert!(lines.held.capacity() <= 2 * MAX_LINE);
    }

    #[test]
    fn no_more_than_is_allowed_is_read() {
        assert_eq!(read(b"ab\ncd", 5), (vec![b"ab".to_vec(), b"cd".to_vec()], true, 0));
        assert_eq!(read(b"ab\ncd", 4), (vec![b"ab".to_vec()], false, 0));
        assert_eq!(read(b"", 0), (vec![], true, 0));
    }

    proptest! {
        #[test]
        fn lines_are_the_same_however_the_pieces_come(
            text in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..300),
        ) {
            let (found, _, _) = read(&text, 1000);
            let mut expected: Vec<Vec<u8>> = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            expected.pop_if(|last| last.is_empty());
            prop_assert_eq!(&found, &expected);
            let (mut lines, mut again) = (Lines::default(), Vec::new());
            for byte in &text {
                let piece = if *byte == b'\n' { &[][..] } else { std::slice::from_ref(byte) };
                lines.push(piece, *byte == b'\n', &mut |line| again.push(line.to_vec()));
            }
            if !lines.held.is_empty() {
                lines.end(&mut |line| again.push(line.to_vec()));
            }
            prop_assert_eq!(again, expected);
        }
    }
}
