//! A file of a store on its way out: read on other threads than the one that sends it, and a little ahead of it.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

/// How much is read at a time, in bytes.
const PIECE: usize = 256 * 1024;
/// How many pieces are in memory: one that is sent and one that is read.
const PIECES: usize = 2;

/// Bytes to be read.
#[derive(Debug)]
pub struct Blob {
    file: Arc<File>,
    /// In bytes.
    pub size: u64,
}

impl Blob {
    pub(super) fn new(file: File, size: u64) -> Self {
        Self { file: Arc::new(file), size }
    }

    /// The bytes of a stretch. A file that became shorter meanwhile is an error, never a shorter answer.
    pub fn stretch(self, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> + Send {
        let starts = range.clone().step_by(PIECE);
        let read = move |start: u64| {
            let file = self.file.clone();
            let length = usize::try_from(range.end - start).map_or(PIECE, |left| left.min(PIECE));
            async move {
                let read = tokio::task::spawn_blocking(move || {
                    let mut bytes = vec![0; length];
                    file.read_exact_at(&mut bytes, start)?;
                    Ok(Bytes::from(bytes))
                });
                read.await.map_err(io::Error::other)?
            }
        };
        stream::iter(starts).map(read).buffered(PIECES)
    }
}
