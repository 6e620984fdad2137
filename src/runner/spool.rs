//! The log of a build on the runner's own disk: an append-only file of frames. It is complete before
//! anything is sent, so that neither a slow nor an absent daemon costs a byte. Sending is `replicate`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use serde_json::json;
use tokio::sync::watch;

use super::mask::Masks;
use super::platform;
use super::protocol::FrameRef;
use crate::clock::{Clock, Moment};
use crate::domain::log::{LogStream, MAX_FRAME_BYTES};
use crate::domain::step::StepResult;

/// Room that is left on the disk, so that the end of a build can still be recorded.
const DISK_RESERVE: u64 = 16 * 1024 * 1024;
/// How much is written between two looks at the free disk.
const LOOK_EVERY: u64 = 8 * 1024 * 1024;
/// How much of a command the marker of its step tells.
const MOST_COMMAND_CHARS: usize = 2048;

/// How far the file reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub bytes: u64,
    pub frames: i64,
    /// Whether nothing more will come.
    pub closed: bool,
}

/// The log file of one build and its one writer.
pub struct Spool {
    path: PathBuf,
    clock: Clock,
    /// Bytes of output that are kept; 0 means all.
    limit: u64,
    /// What must not get into the log.
    masks: Masks,
    file: Mutex<Writer>,
    progress: watch::Sender<Progress>,
}

struct Writer {
    file: File,
    buffer: Vec<u8>,
    step: u16,
    /// The step whose last line has no newline yet.
    unfinished: Option<u16>,
    kept: u64,
    left_out: u64,
    unchecked: u64,
    last_output: Moment,
}

impl Spool {
    /// Starts an empty log.
    pub fn create(path: &Path, clock: Clock, limit: u64) -> io::Result<Self> {
        let writer = Writer {
            file: platform::private_file(path)?,
            buffer: Vec::new(),
            step: 0,
            unfinished: None,
            kept: 0,
            left_out: 0,
            unchecked: LOOK_EVERY,
            last_output: clock.moment(),
        };
        Ok(Self {
            path: path.to_owned(),
            clock,
            limit,
            masks: Masks::default(),
            file: Mutex::new(writer),
            progress: watch::Sender::new(Progress::default()),
        })
    }

    /// Masks these secrets in everything from now on.
    pub fn masking(mut self, masks: Masks) -> Self {
        self.masks = masks;
        self
    }

    pub fn masks(&self) -> &Masks {
        &self.masks
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Sees the file grow.
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// How long no step has printed anything.
    pub fn silence(&self) -> Duration {
        self.clock.moment().saturating_sub(self.writer().last_output)
    }

    /// Appends what a process printed, masked already; `cut` calls back with each piece and whether it ends a line.
    pub fn output(&self, stream: LogStream, cut: impl FnOnce(&mut dyn FnMut(&[u8], bool))) -> io::Result<()> {
        let (at_ms, limit) = (self.clock.now_ms(), self.limit);
        let mut writer = self.writer();
        writer.last_output = self.clock.moment();
        let mut frames = 0;
        let Writer { buffer, step, unfinished, kept, left_out, .. } = &mut *writer;
        cut(&mut |content, newline| {
            let size = content.len() as u64 + u64::from(newline);
            if limit > 0 && *kept + size > limit {
                *left_out += size;
                return;
            }
            *kept += size;
            frames += 1;
            *unfinished = (!newline).then_some(*step);
            FrameRef { stream, newline, step: *step, at_ms, content }.encode(buffer);
        });
        self.append(&mut writer, frames)
    }

    /// Begins a step: its marker is the first frame of the next step index.
    pub fn begin_step(&self, name: &str, command: &str) -> io::Result<()> {
        // The marker must fit into one frame, and the name stands behind the command.
        let command: String = self.masks.text(command).chars().take(MOST_COMMAND_CHARS).collect();
        let marker = json!({ "event": "start", "name": name, "command": command });
        self.writer().step += 1;
        self.write(&format!("[oore-step] {marker}"))
    }

    pub fn end_step(&self, result: &StepResult) -> io::Result<()> {
        let marker = json!({
            "event": "end",
            "name": result.name,
            "status": result.status,
            "exit_code": result.exit_code,
        });
        self.write(&format!("[oore-step] {marker}"))
    }

    /// Appends lines of our own, also where a process left its last line open; there may be something of the
    /// build's in them. The limit doesn't apply.
    pub fn say(&self, text: &str) -> io::Result<()> {
        self.write(&self.masks.text(text))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let at_ms = self.clock.now_ms();
        let mut writer = self.writer();
        writer.last_output = self.clock.moment();
        let mut frames = 0;
        let step = writer.step;
        if let Some(step) = writer.unfinished.take() {
            FrameRef { stream: LogStream::Stdout, newline: true, step, at_ms, content: b"" }
                .encode(&mut writer.buffer);
            frames += 1;
        }
        for line in text.lines() {
            let mut rest = line.as_bytes();
            loop {
                let (content, more) = rest.split_at(rest.len().min(MAX_FRAME_BYTES));
                let newline = more.is_empty();
                FrameRef { stream: LogStream::Stdout, newline, step, at_ms, content }
                    .encode(&mut writer.buffer);
                frames += 1;
                rest = more;
                if newline {
                    break;
                }
            }
        }
        self.append(&mut writer, frames)
    }

    /// Ends the log. What the limit left out is counted in a last line.
    pub fn close(&self) -> io::Result<Progress> {
        let left_out = self.writer().left_out;
        let said = if left_out > 0 {
            self.say(&format!(
                "[oore] the log limit of {} bytes was reached; {left_out} bytes were left out",
                self.limit
            ))
        } else {
            Ok(())
        };
        self.progress.send_modify(|progress| progress.closed = true);
        said.map(|()| *self.progress.borrow())
    }

    /// Writes the buffer as a whole or not at all.
    fn append(&self, writer: &mut Writer, frames: i64) -> io::Result<()> {
        if frames == 0 {
            return Ok(());
        }
        let size = writer.buffer.len() as u64;
        let written = room(writer, &self.path, size).and_then(|()| writer.file.write_all(&writer.buffer));
        writer.buffer.clear();
        if written.is_err() {
            use std::io::{Seek, SeekFrom};
            let whole = self.progress.borrow().bytes;
            writer.file.set_len(whole)?;
            writer.file.seek(SeekFrom::Start(whole))?;
            return written;
        }
        self.progress.send_modify(|progress| {
            progress.bytes += size;
            progress.frames += frames;
        });
        Ok(())
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.file.lock()
    }
}

/// Looks at the free disk now and then.
fn room(writer: &mut Writer, path: &Path, size: u64) -> io::Result<()> {
    writer.unchecked += size;
    if writer.unchecked < LOOK_EVERY {
        return Ok(());
    }
    if platform::free_disk(path)? < DISK_RESERVE {
        // Small writes, such as the end of the build, are still let through.
        return if size > 4096 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) };
    }
    writer.unchecked = 0;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::protocol::decode_frame;
    use super::*;

    fn frames(path: &Path) -> Vec<(u16, String, bool)> {
        let bytes = std::fs::read(path).unwrap();
        let mut rest = &bytes[..];
        let mut found = Vec::new();
        while let Some(frame) = decode_frame(&mut rest, 0).unwrap() {
            found.push((frame.step, String::from_utf8_lossy(frame.content).into_owned(), frame.newline));
        }
        found
    }

    #[test]
    fn a_marker_is_the_first_frame_of_its_step() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::create(&folder.path().join("a.frames"), Clock::system(), 0).unwrap();
        spool.say("before").unwrap();
        spool.begin_step("build-1", "echo \"x\"\nls").unwrap();
        spool.output(LogStream::Stdout, |emit| emit(b"x", true)).unwrap();
        spool.begin_step("build-2", "y").unwrap();
        let progress = spool.close().unwrap();
        assert_eq!(progress.frames, 4);
        let found = frames(spool.path());
        assert_eq!(found.iter().map(|frame| frame.0).collect::<Vec<_>>(), [0, 1, 1, 2]);
        let marker = found[1].1.strip_prefix("[oore-step] ").unwrap();
        let marker: serde_json::Value = serde_json::from_str(marker).unwrap();
        assert_eq!(marker, json!({"event": "start", "name": "build-1", "command": "echo \"x\"\nls"}));
    }

    #[test]
    fn a_marker_begins_a_line_also_where_a_process_left_one_open() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::create(&folder.path().join("a.frames"), Clock::system(), 0).unwrap();
        spool.begin_step("build-1", "printf x").unwrap();
        spool.output(LogStream::Stdout, |emit| emit(b"x", false)).unwrap();
        spool.begin_step("build-2", "y").unwrap();
        let found = frames(spool.path());
        assert_eq!(
            found.iter().map(|frame| (frame.0, frame.2)).collect::<Vec<_>>(),
            [(1, true), (1, false), (1, true), (2, true)]
        );
    }

    #[test]
    fn what_the_limit_leaves_out_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::create(&folder.path().join("a.frames"), Clock::system(), 10).unwrap();
        for _ in 0..5 {
            spool.output(LogStream::Stderr, |emit| emit(b"abcd", true)).unwrap();
        }
        spool.say("[oore-step] {}").unwrap();
        spool.close().unwrap();
        let lines: Vec<String> = frames(spool.path()).into_iter().map(|frame| frame.1).collect();
        let mark = "[oore] the log limit of 10 bytes was reached; 15 bytes were left out";
        assert_eq!(lines, ["abcd", "abcd", "[oore-step] {}", mark]);
    }
}
