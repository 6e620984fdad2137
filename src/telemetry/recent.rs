//! What the daemon said last, kept in memory for support. It belongs to the process, as the subscriber does.

use std::collections::VecDeque;
use std::io::{self, Write};

use parking_lot::Mutex;
use tracing_subscriber::fmt::MakeWriter;

/// Bytes that are kept.
const KEPT: usize = 256 * 1024;

static SAID: Mutex<VecDeque<u8>> = Mutex::new(VecDeque::new());

/// The last messages, whole lines only, oldest first.
pub fn messages() -> String {
    let said: Vec<u8> = SAID.lock().iter().copied().collect();
    let text = String::from_utf8_lossy(&said);
    // The oldest line may have lost its beginning.
    let whole = if said.len() < KEPT { &*text } else { text.split_once('\n').map_or("", |(_, rest)| rest) };
    whole.to_owned()
}

/// Where the subscriber writes to.
#[derive(Debug, Clone, Copy)]
pub struct Writer;

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut said = SAID.lock();
        said.extend(bytes);
        let too_many = said.len().saturating_sub(KEPT);
        said.drain(..too_many);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        *self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_messages_are_kept_in_whole_lines_and_in_bounds() {
        let line = format!("{}\n", "é".repeat(500));
        for number in 0..2 * KEPT / line.len() {
            write!(Writer, "{number} {line}").unwrap();
        }
        let kept = messages();
        assert!(kept.len() <= KEPT && kept.len() > KEPT - 2 * line.len());
        let is_whole =
            |line: &str| line.ends_with('é') && line.split(' ').next().unwrap().parse::<u32>().is_ok();
        assert!(kept.lines().all(is_whole));
    }
}
