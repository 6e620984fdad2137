//! Copies the log file of a build to the daemon. The file is the truth: after any failure the copy
//! goes on from where the daemon says it stands.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use super::client::Refusal;
use super::job::{Appended, JobClient};
use super::protocol::take_frames;
use super::spool::Progress;

/// Most bytes of one request; the protocol allows more, memory is what counts.
const BATCH_BYTES: u64 = 1024 * 1024;
/// How long output is gathered after a request, unless it fills one before.
const GATHER: Duration = Duration::from_millis(50);
/// Bytes before the content of a frame, and where in them the length stands.
const HEADER_BYTES: usize = 15;

/// Why the copy ended before the log did.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the log file can't be read: {0}")]
    File(#[from] io::Error),
}

/// A place in the log: the sequence of a frame and where it begins in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    sequence: i64,
    offset: u64,
}

/// Sends everything from the given sequence on, until the log is closed and complete at the daemon.
pub async fn replicate(
    job: &JobClient,
    path: &Path,
    mut progress: watch::Receiver<Progress>,
    from: i64,
) -> Result<(), Broken> {
    let mut place = place_of(path, from)?;
    loop {
        let reached = wait_for_more(&mut progress, place.offset).await;
        if place.offset >= reached.bytes {
            return Ok(());
        }
        let (batch, next) = batch(path, place, reached.bytes)?;
        let wanted = match job.append(place.sequence, batch).await? {
            Appended::Next(sequence) | Appended::Gap(sequence) => sequence,
        };
        place = if wanted == next.sequence { next } else { place_of(path, wanted)? };
        let full = progress.wait_for(|reached| reached.closed || reached.bytes >= place.offset + BATCH_BYTES);
        let _gathered = tokio::time::timeout(GATHER, full).await;
    }
}

/// The newest progress, once there is something to send or nothing more will come.
async fn wait_for_more(progress: &mut watch::Receiver<Progress>, sent: u64) -> Progress {
    let reached =
        progress.wait_for(|reached| reached.bytes > sent || reached.closed).await.map(|reached| *reached);
    reached.unwrap_or_else(|_| Progress { closed: true, ..*progress.borrow() })
}

/// Whole frames from a place on, and the place after them.
fn batch(path: &Path, from: Place, end: u64) -> io::Result<(Bytes, Place)> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from.offset))?;
    let wanted = BATCH_BYTES.min(end.saturating_sub(from.offset));
    let mut bytes = Vec::with_capacity(usize::try_from(wanted).unwrap_or(0));
    file.take(wanted).read_to_end(&mut bytes)?;
    let mut frames = 0;
    let whole = take_frames(&bytes, |_| frames += 1);
    if frames == 0 {
        return Err(io::Error::other("the log file is damaged"));
    }
    bytes.truncate(whole);
    let next = Place { sequence: from.sequence + frames, offset: from.offset + whole as u64 };
    Ok((bytes.into(), next))
}

/// Where a frame begins.
fn place_of(path: &Path, sequence: i64) -> io::Result<Place> {
    let whole = walk(path, Some(sequence))?;
    if whole.sequence == sequence {
        return Ok(whole);
    }
    Err(io::Error::other(format!("the daemon asks for log frame {sequence}; there are {}", whole.sequence)))
}

/// The end of the whole frames of a file, as after a crash.
pub fn whole_frames(path: &Path) -> io::Result<Progress> {
    let end = walk(path, None)?;
    Ok(Progress { bytes: end.offset, frames: end.sequence, closed: true })
}

/// Walks over whole frames, to the given sequence or to the end.
fn walk(path: &Path, until: Option<i64>) -> io::Result<Place> {
    let mut file = BufReader::new(File::open(path)?);
    let length = file.get_ref().metadata()?.len();
    let mut place = Place { sequence: 0, offset: 0 };
    while until.is_none_or(|sequence| place.sequence < sequence) {
        let mut header = [0_u8; HEADER_BYTES];
        match file.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
        let content = u32::from_le_bytes([header[3], header[4], header[5], header[6]]);
        let next = place.offset + HEADER_BYTES as u64 + u64::from(content);
        if next > length {
            break;
        }
        file.seek_relative(i64::from(content))?;
        place = Place { sequence: place.sequence + 1, offset: next };
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::super::spool::Spool;
    use super::*;
    use crate::clock::Clock;
    use crate::domain::log::LogStream;

    fn log(folder: &Path, lines: usize) -> (std::path::PathBuf, Progress) {
        let path = folder.join("a.frames");
        let spool = Spool::create(&path, Clock::system(), 0).unwrap();
        for line in 0..lines {
            let content = vec![b'x'; line * 700];
            spool.output(LogStream::Stdout, |emit| emit(&content, true)).unwrap();
        }
        (path, spool.close().unwrap())
    }

    #[test]
    fn batches_are_whole_frames_and_together_the_whole_log() {
        let folder = tempfile::tempdir().unwrap();
        let (path, progress) = log(folder.path(), 90);
        let mut place = place_of(&path, 0).unwrap();
        let mut all = Vec::new();
        let mut batches = 0;
        while place.offset < progress.bytes {
            let (bytes, next) = batch(&path, place, progress.bytes).unwrap();
            assert_eq!(place_of(&path, next.sequence).unwrap(), next);
            all.extend_from_slice(&bytes);
            place = next;
            batches += 1;
        }
        assert_eq!(all, std::fs::read(&path).unwrap());
        assert_eq!(place.sequence, progress.frames);
        assert!(batches > 1);
    }

    #[test]
    fn a_frame_that_was_cut_off_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let (path, progress) = log(folder.path(), 5);
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(progress.bytes - 1).unwrap();
        let whole = whole_frames(&path).unwrap();
        assert_eq!(whole.frames, progress.frames - 1);
        assert!(place_of(&path, progress.frames).is_err());
    }
}
