//! One log file: appending to it, how far it is durable, and packing it when its build is over. A
//! record is acknowledged after its fsync and never read before.

use std::fs::File;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use parking_lot::{RwLock, RwLockReadGuard};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::open::Scan;
use super::outline::Outline;
use super::pack::{self, Packed, Table};
use super::reader::Reader;
use super::record::{self, Header, Kind, LeftOut, TARGET_PAYLOAD};
use super::source::Source;
use super::steps::Steps;
use super::{Limits, blocking};
use crate::error::{Error, Kind as ErrorKind, Result, codes};
use crate::runner::protocol::decode_frame;
use crate::storage::disk;

/// From so many steps on it is not told where they begin: it is said in a header.
const MOST_STARTS: usize = 256;
/// A place is remembered for each so many bytes of file.
const PLACE_EVERY: u64 = 256 * 1024;
/// Sequences a runner may leap over where gaps are accepted.
const MAX_GAP: u64 = 1_000_000;

/// How far a log is on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Durable {
    pub next_sequence: u64,
    /// Frames a reader sees.
    pub frames: u64,
    /// Bytes of text a reader sees.
    pub text_bytes: u64,
    /// What a line at the end counts, when the log has reached its limit.
    pub left_out: Option<LeftOut>,
    pub(super) file_bytes: u64,
}

/// Whether sequences may be leapt over: protocol 4 knows no answer that says one is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gaps {
    Refused,
    Accepted,
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    pub next_sequence: u64,
    pub new_frames: u64,
}

/// Where in the file and in the text a record begins.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Place {
    pub sequence: u64,
    pub file_offset: u64,
    pub text_offset: u64,
}

/// The log of one attempt.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    limits: Limits,
    durable: watch::Sender<Durable>,
    shape: RwLock<Shape>,
    writer: Arc<Mutex<Writer>>,
    /// Set when a packed file has taken the place of the one that was appended to.
    packed: OnceLock<Arc<Table>>,
    /// What is known of the text so far; it catches up when somebody asks.
    pub(super) outline: Arc<Mutex<Outline>>,
}

/// What packing a log did, in bytes on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packing {
    pub before: u64,
    pub after: u64,
}

/// What is known about the durable part.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub places: Vec<Place>,
    pub steps: Steps,
    /// Where in the text each step begins; none in what was packed by a version that did not look.
    pub starts: Vec<u64>,
}

#[derive(Debug, Default)]
struct Writer {
    file: Option<Arc<File>>,
    /// The record that counts what is left out, and where it stands: the last one of the file.
    left_out: Option<(u64, Header)>,
}

impl Log {
    /// Reads what is there; makes no file before the first append.
    pub(super) fn open(path: PathBuf, limits: Limits) -> Result<Self> {
        if let Some(file) = found(File::open(packed_path(&path)))? {
            let (table, summary) = pack::open(&file)?;
            let shape = Shape { places: summary.places, steps: summary.steps, starts: summary.starts };
            let log = Self::new(path, limits, Scan { durable: summary.durable, shape, left_out: None }, None);
            return Ok(Self {
                packed: OnceLock::from(Arc::new(table)),
                outline: Arc::new(Mutex::new(summary.outline)),
                ..log
            });
        }
        let file = found(File::options().read(true).write(true).open(&path))?;
        let Some((scan, file)) = file.map(|file| Scan::growing(file, &path)).transpose()? else {
            return Ok(Self::new(path, limits, Scan::default(), None));
        };
        Ok(Self::new(path, limits, scan, Some(Arc::new(file))))
    }

    fn new(path: PathBuf, limits: Limits, scan: Scan, file: Option<Arc<File>>) -> Self {
        Self {
            path,
            limits,
            durable: watch::Sender::new(scan.durable),
            shape: RwLock::new(scan.shape),
            writer: Arc::new(Mutex::new(Writer { file, left_out: scan.left_out })),
            packed: OnceLock::new(),
            outline: Arc::default(),
        }
    }

    /// How far the log is durable now.
    pub fn durable(&self) -> Durable {
        *self.durable.borrow()
    }

    /// Tells whenever the log has grown.
    pub fn watch(&self) -> watch::Receiver<Durable> {
        self.durable.subscribe()
    }

    /// The name of the step with this index.
    pub fn step_name(&self, index: u16) -> Option<String> {
        self.shape().steps.name(index).filter(|name| !name.is_empty()).map(str::to_owned)
    }

    /// How many steps have begun.
    pub fn last_step(&self) -> u16 {
        self.shape().steps.last()
    }

    /// Where in the text the steps begin that the runner counted; none if that is not known, or they are too many to tell.
    pub fn step_starts(&self) -> Option<Vec<u64>> {
        let shape = self.shape();
        let is_known = shape.steps.last() == 0 || !shape.starts.is_empty();
        (is_known && shape.starts.len() < MOST_STARTS).then(|| shape.starts.clone())
    }

    /// Where in the text the frame `sequence` begins; the end, if there is none yet.
    pub async fn text_offset(self: &Arc<Self>, sequence: u64) -> Result<u64> {
        if sequence == 0 {
            return Ok(0);
        }
        let end = self.durable();
        let mut reader = Reader::from_sequence(Arc::clone(self), sequence).upto(end);
        let Some(record) = reader.next().await? else { return Ok(end.text_bytes) };
        Ok(record.text_offset_of(sequence))
    }

    /// The file to read from now.
    pub(super) fn source(&self) -> Result<Source> {
        if self.packed.get().is_none()
            && let Some(file) = found(File::open(&self.path))?
        {
            return Ok(Source::Plain(file));
        }
        // Either it was packed before, or between the two looks.
        let file = match self.packed.get() {
            Some(table) => found(File::open(packed_path(&self.path)))?.zip(Some(Arc::clone(table))),
            None => None,
        };
        file.map(|(file, table)| Source::Packed(Packed::new(file, table))).ok_or_else(super::removed)
    }

    /// The last remembered place for which `before` holds.
    pub(super) fn place(&self, before: impl Fn(&Place) -> bool) -> Place {
        let shape = self.shape();
        let count = shape.places.partition_point(before);
        count.checked_sub(1).and_then(|last| shape.places.get(last)).copied().unwrap_or_default()
    }

    /// Appends the frames in `body`, the first of which has the sequence `first`. What is there
    /// already is ignored. On return everything is on the disk.
    ///
    /// # Errors
    /// `invalid_request` for bytes that are no frames; `log_gap` with the expected sequence;
    /// `disk_full`. After an error nothing of `body` has been added.
    pub async fn append(self: &Arc<Self>, first: u64, body: &[u8], gaps: Gaps) -> Result<Appended> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        let (log, body) = (Arc::clone(self), body.to_vec());
        // The lock goes along: a caller that gives up in the middle must not let another one write
        // to the same place at the same time.
        blocking(move || log.append_locked(writer, first, &body, gaps)).await
    }

    fn append_locked(
        &self,
        mut writer: OwnedMutexGuard<Writer>,
        first: u64,
        body: &[u8],
        gaps: Gaps,
    ) -> Result<Appended> {
        if self.packed.get().is_some() {
            return Err(Error::conflict(
                "log_closed",
                "the log is closed: its build has been over for a while",
            ));
        }
        let before = self.durable();
        self.refuse_gap(first, before.next_sequence, gaps)?;
        let mut draft = Draft::new(before, writer.left_out, self.limits.log_bytes);
        draft.take(first, body)?;
        if draft.new_frames > 0 {
            self.write(&mut writer, &draft)?;
            self.publish(&draft);
            writer.left_out = draft.left_out;
        }
        Ok(Appended { next_sequence: draft.after.next_sequence, new_frames: draft.new_frames })
    }

    /// Puts a compressed file in the place of one that nothing is appended to any more; `None` if
    /// there is nothing to do. At every moment one of the two is whole and has its name.
    pub async fn pack(self: &Arc<Self>) -> Result<Option<Packing>> {
        let outline = self.outline().await?;
        let writer = Arc::clone(&self.writer).lock_owned().await;
        let log = Arc::clone(self);
        blocking(move || log.pack_locked(writer, outline)).await
    }

    fn pack_locked(&self, mut writer: OwnedMutexGuard<Writer>, outline: Outline) -> Result<Option<Packing>> {
        let Some(plain) = found(File::open(&self.path))? else { return Ok(None) };
        let durable = self.durable();
        let mut packing = None;
        if self.packed.get().is_none() {
            let (packed, fresh) = (packed_path(&self.path), self.path.with_extension("logz.new"));
            disk::require(&self.limits.folder, self.limits.reserve_bytes.saturating_add(durable.file_bytes))?;
            let after = pack::write(&plain, &fresh, durable, &self.shape(), outline)?;
            std::fs::rename(&fresh, &packed)?;
            sync_folder(&packed)?;
            let (table, _) = pack::open(&File::open(&packed)?)?;
            let _ = self.packed.set(Arc::new(table));
            writer.file = None;
            packing = Some(Packing { before: durable.file_bytes, after });
        }
        std::fs::remove_file(&self.path)?;
        sync_folder(&self.path)?;
        Ok(packing)
    }

    fn refuse_gap(&self, first: u64, expected: u64, gaps: Gaps) -> Result<()> {
        let leap = first.saturating_sub(expected);
        match gaps {
            Gaps::Refused if leap > 0 => {
                Err(Error::conflict(codes::LOG_GAP, format!("log frame {expected} is missing"))
                    .details(json!({ "expected_sequence": expected })))
            }
            Gaps::Accepted if leap > MAX_GAP => {
                Err(Error::invalid("invalid_request", format!("sequence {first} is far beyond {expected}")))
            }
            Gaps::Refused | Gaps::Accepted => Ok(()),
        }
    }

    fn write(&self, writer: &mut Writer, draft: &Draft) -> Result<()> {
        let file = match &writer.file {
            Some(file) => Arc::clone(file),
            None => Arc::new(create(&self.path)?),
        };
        disk::require(
            &self.limits.folder,
            self.limits.reserve_bytes.saturating_add(draft.bytes.len() as u64),
        )?;
        let written = file.write_all_at(&draft.bytes, draft.offset).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // Gives the space back; a tail that stays is overwritten by the next append.
            let _ = file.set_len(draft.before.file_bytes);
            return Err(error.into());
        }
        writer.file = Some(file);
        Ok(())
    }

    fn publish(&self, draft: &Draft) {
        let mut shape = self.shape.write();
        for (place, header) in &draft.records {
            shape.remember(*place, header);
        }
        for (step, content, start) in &draft.steps {
            shape.begin(*step, content, *start);
        }
        drop(shape);
        self.durable.send_replace(draft.after);
    }

    fn shape(&self) -> RwLockReadGuard<'_, Shape> {
        self.shape.read()
    }
}

impl Shape {
    /// Takes note of a frame, which stands at `start` in the text.
    pub fn begin(&mut self, step: u16, content: &[u8], start: u64) {
        if step > self.steps.last() && self.starts.len() < MOST_STARTS {
            self.starts.push(start);
        }
        self.steps.see(step, content);
    }

    pub fn remember(&mut self, place: Place, header: &Header) {
        let last = self.places.last();
        let far = last.is_none_or(|last| place.file_offset >= last.file_offset + PLACE_EVERY);
        if far && header.kind == Kind::Frames {
            self.places.push(place);
        }
    }
}

/// Makes the file and its folder, readable by nobody else, and makes its name durable.
fn create(path: &Path) -> Result<File> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let file = File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
    sync_folder(path)?;
    Ok(file)
}

/// Makes the names in the folder of `path` durable.
fn sync_folder(path: &Path) -> Result<()> {
    Ok(File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?)
}

fn packed_path(path: &Path) -> PathBuf {
    path.with_extension("logz")
}

fn found(opened: std::io::Result<File>) -> Result<Option<File>> {
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// An append being prepared.
struct Draft {
    before: Durable,
    after: Durable,
    limit: u64,
    /// Where in the file `bytes` go.
    offset: u64,
    bytes: Vec<u8>,
    records: Vec<(Place, Header)>,
    /// First frames of new steps, and where they stand in the text.
    steps: Vec<(u16, Vec<u8>, u64)>,
    left_out: Option<(u64, Header)>,
    new_frames: u64,
    payload: Vec<u8>,
    open: Option<Header>,
}

impl Draft {
    fn new(before: Durable, left_out: Option<(u64, Header)>, limit: u64) -> Self {
        let offset = left_out.map_or(before.file_bytes, |(offset, _)| offset);
        Self {
            before,
            after: before,
            limit,
            offset,
            bytes: Vec::new(),
            records: Vec::new(),
            steps: Vec::new(),
            left_out,
            new_frames: 0,
            payload: Vec::new(),
            open: None,
        }
    }

    fn take(&mut self, first: u64, body: &[u8]) -> Result<()> {
        let (mut rest, mut sequence) = (body, first);
        loop {
            let offset = body.len() - rest.len();
            let start = rest;
            let frame = decode_frame(&mut rest, offset)
                .map_err(|malformed| Error::invalid("invalid_request", malformed.to_string()))?;
            let Some(frame) = frame else { break };
            if sequence >= self.after.next_sequence {
                let encoded = &start[..start.len() - rest.len()];
                let start = self.after.text_bytes + self.open_text();
                self.add(sequence, frame.step, record::text_bytes(&frame), encoded);
                if self.steps.last().is_none_or(|(last, ..)| frame.step > *last) {
                    self.steps.push((frame.step, frame.content.to_vec(), start));
                }
            }
            sequence = sequence.checked_add(1).ok_or_else(|| {
                Error::new(ErrorKind::Invalid, "invalid_request", "the sequence is too large")
            })?;
        }
        self.flush();
        if let Some((_, header)) = &self.left_out
            && self.new_frames > 0
        {
            header.encode(&[], &mut self.bytes);
        }
        Ok(())
    }

    fn add(&mut self, sequence: u64, step: u16, text: u64, encoded: &[u8]) {
        self.new_frames += 1;
        let beyond = self.limit > 0 && self.after.text_bytes + self.open_text() + text > self.limit;
        if beyond || self.left_out.is_some() {
            self.leave_out(sequence, text);
            return;
        }
        let gap = self.open.is_some_and(|open| open.next_sequence() != sequence);
        if gap || self.payload.len() >= TARGET_PAYLOAD {
            self.flush();
        }
        let open = self.open.get_or_insert(Header {
            kind: Kind::Frames,
            payload_bytes: 0,
            frames: 0,
            first_sequence: sequence,
            text_bytes: 0,
            last_step: 0,
        });
        open.frames += 1;
        open.text_bytes += text;
        open.last_step = open.last_step.max(step);
        self.payload.extend_from_slice(encoded);
        self.after.next_sequence = sequence + 1;
    }

    fn open_text(&self) -> u64 {
        self.open.map_or(0, |open| open.text_bytes)
    }

    fn leave_out(&mut self, sequence: u64, text: u64) {
        self.flush();
        if self.left_out.is_none() {
            let header = Header {
                kind: Kind::LeftOut,
                payload_bytes: 0,
                frames: 0,
                first_sequence: sequence,
                text_bytes: 0,
                last_step: 0,
            };
            let place = self.after.file_bytes;
            self.after.file_bytes += header.record_bytes();
            self.after.text_bytes += header.shown_bytes();
            self.after.frames += 1;
            self.left_out = Some((place, header));
        }
        if let Some((_, header)) = &mut self.left_out {
            let frames = sequence + 1 - header.first_sequence;
            header.frames = u32::try_from(frames).unwrap_or(u32::MAX);
            header.text_bytes += text;
            self.after.left_out = header.left_out();
        }
        self.after.next_sequence = sequence + 1;
    }

    /// Closes the record under way.
    fn flush(&mut self) {
        let Some(mut header) = self.open.take() else { return };
        header.payload_bytes = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        let place = Place {
            sequence: header.first_sequence,
            file_offset: self.after.file_bytes,
            text_offset: self.after.text_bytes,
        };
        header.encode(&self.payload, &mut self.bytes);
        self.payload.clear();
        self.after.file_bytes += header.record_bytes();
        self.after.text_bytes += header.text_bytes;
        self.after.frames += u64::from(header.frames);
        self.records.push((place, header));
    }
}
