//! The words of a build's log: streams and frames. How frames are kept on disk is `builds::log`.

use crate::words;

words! {
    /// Where a step wrote the bytes.
    LogStream {
        Stdout = "stdout",
        Stderr = "stderr",
    }
}

/// Longest content of one frame, in bytes; longer lines come in several frames.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

/// One numbered piece of a log: a line, or a piece of a line too long for one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub stream: LogStream,
    /// Whether a newline followed the content in what the step wrote.
    pub newline: bool,
    /// How many steps had begun when it was written; 0 before the first.
    pub step: u16,
    /// When the runner read it, in Unix milliseconds. For showing only.
    pub at_ms: i64,
    /// Exactly what the step wrote, without the newline.
    pub content: Vec<u8>,
}
