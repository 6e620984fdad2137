//! Where a log's records are read from: the file as it was appended, or the packed one that took
//! its place. Offsets are the same in both, so whoever reads need not know which it is.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::pack::Packed;

#[derive(Debug)]
pub(super) enum Source {
    Plain(File),
    Packed(Packed),
}

impl Source {
    pub fn read_exact_at(&self, into: &mut [u8], offset: u64) -> io::Result<()> {
        match self {
            Source::Plain(file) => file.read_exact_at(into, offset),
            Source::Packed(packed) => packed.read_exact_at(into, offset),
        }
    }
}
