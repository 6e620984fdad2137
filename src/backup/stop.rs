//! Ending a backup before it is done: what waits is dropped, what copies fails at its next read. Either way all that was
//! made meanwhile is dropped too, and takes its files with it.

use std::io::{self, Read};

use tokio_util::sync::CancellationToken;

use crate::error::Result;

/// Whether somebody wants it to end.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    pub fn trigger(&self) {
        self.0.cancel();
    }

    /// Does the work. If it is to end before, whatever it holds is dropped.
    pub async fn unless<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.0.cancelled() => Err(stopped().into()),
            done = work => done,
        }
    }

    /// The same bytes, as long as nobody wants it to end.
    pub fn heeded<R: Read>(&self, inner: R) -> Heeded<R> {
        Heeded { inner, stop: self.clone() }
    }
}

/// Copying never waits for anything, so each read looks.
pub struct Heeded<R> {
    inner: R,
    stop: Stop,
}

impl<R: Read> Read for Heeded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.0.is_cancelled() {
            return Err(stopped());
        }
        self.inner.read(buffer)
    }
}

fn stopped() -> io::Error {
    io::Error::other("it was ended before it was done")
}
