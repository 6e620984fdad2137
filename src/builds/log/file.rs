//! One log file: opening it after a crash, appending to it, and how far it is durable. A record is
//! acknowledged after its fsync and never read before; a torn tail is cut when the file is opened.

use std::fs::File;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use serde_json::json;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::record::{self, HEADER_BYTES, Header, Kind, TARGET_PAYLOAD};
use super::steps::Steps;
use super::{Limits, blocking};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::runner::protocol::decode_frame;
use crate::storage::disk;

/// A place is remembered for each so many bytes of file.
const PLACE_EVERY: u64 = 256 * 1024;
/// One append is never larger, so only this much at the end of a file can be torn.
const TAIL: u64 = 8 * 1024 * 1024;
/// Sequences a runner may leap over where gaps are accepted.
const MAX_GAP: u64 = 1_000_000;

/// How far a log is on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Durable {
    pub next_sequence: u64,
    /// Frames a reader sees.
    pub frames: u64,
    /// Bytes of text a reader sees.
    pub text_bytes: u64,
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
#[derive(Debug, Clone, Copy, Default)]
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
}

/// What is known about the durable part.
#[derive(Debug, Default)]
struct Shape {
    places: Vec<Place>,
    steps: Steps,
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
        let mut scan = Scan::default();
        let file = match File::options().read(true).write(true).open(&path) {
            Ok(file) => {
                scan.run(&file, &path)?;
                Some(Arc::new(file))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            path,
            limits,
            durable: watch::Sender::new(scan.durable),
            shape: RwLock::new(scan.shape),
            writer: Arc::new(Mutex::new(Writer { file, left_out: scan.left_out })),
        })
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

    /// The index of the latest step with this name.
    pub fn step_index(&self, name: &str) -> Option<u16> {
        self.shape().steps.index(name)
    }

    /// How many steps have begun.
    pub fn last_step(&self) -> u16 {
        self.shape().steps.last()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
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

    fn refuse_gap(&self, first: u64, expected: u64, gaps: Gaps) -> Result<()> {
        let leap = first.saturating_sub(expected);
        match gaps {
            Gaps::Refused if leap > 0 => {
                Err(Error::conflict("log_gap", format!("log frame {expected} is missing"))
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
        let mut shape = self.shape.write().unwrap_or_else(PoisonError::into_inner);
        for (place, header) in &draft.records {
            shape.remember(*place, header);
        }
        for (step, content) in &draft.steps {
            shape.steps.see(*step, content);
        }
        drop(shape);
        self.durable.send_replace(draft.after);
    }

    fn shape(&self) -> RwLockReadGuard<'_, Shape> {
        self.shape.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shape {
    fn remember(&mut self, place: Place, header: &Header) {
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
    File::open(folder)?.sync_all()?;
    Ok(file)
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
    /// First frames of new steps.
    steps: Vec<(u16, Vec<u8>)>,
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
                self.add(sequence, frame.step, record::text_bytes(&frame), encoded);
                if self.steps.last().is_none_or(|(last, _)| frame.step > *last) {
                    self.steps.push((frame.step, frame.content.to_vec()));
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

/// Reads a file from its beginning, headers only where that is enough.
#[derive(Default)]
struct Scan {
    durable: Durable,
    shape: Shape,
    left_out: Option<(u64, Header)>,
}

impl Scan {
    fn run(&mut self, file: &File, path: &Path) -> Result<()> {
        let length = file.metadata()?.len();
        while self.durable.file_bytes < length {
            let Some((header, payload)) = self.read(file, length)? else {
                return self.cut(file, path, length);
            };
            self.accept(header, payload.as_deref());
        }
        Ok(())
    }

    /// The record at the present end, if it is whole. The payload is read only where it is needed:
    /// near the end, to verify it, and where a step begins.
    fn read(&self, file: &File, length: u64) -> Result<Option<(Header, Option<Vec<u8>>)>> {
        let offset = self.durable.file_bytes;
        let mut bytes = [0_u8; HEADER_BYTES];
        if length - offset < HEADER_BYTES as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut bytes, offset)?;
        let header = Header::decode(&bytes).filter(|header| {
            header.record_bytes() <= length - offset && header.first_sequence >= self.durable.next_sequence
        });
        let Some(header) = header else { return Ok(None) };
        if length - offset > TAIL && header.last_step <= self.shape.steps.last() {
            return Ok(Some((header, None)));
        }
        let mut payload = vec![0_u8; header.payload_bytes as usize];
        file.read_exact_at(&mut payload, offset + HEADER_BYTES as u64)?;
        Ok(record::is_intact(&bytes, &payload).then_some((header, Some(payload))))
    }

    fn accept(&mut self, header: Header, payload: Option<&[u8]>) {
        let place = Place {
            sequence: header.first_sequence,
            file_offset: self.durable.file_bytes,
            text_offset: self.durable.text_bytes,
        };
        self.shape.remember(place, &header);
        for frame in record::frames(payload.unwrap_or_default()) {
            self.shape.steps.see(frame.step, frame.content);
        }
        match header.kind {
            Kind::Frames => self.durable.frames += u64::from(header.frames),
            Kind::LeftOut => {
                self.durable.frames += 1;
                self.left_out = Some((place.file_offset, header));
            }
        }
        self.durable.file_bytes += header.record_bytes();
        self.durable.text_bytes += header.shown_bytes();
        self.durable.next_sequence = header.next_sequence();
    }

    /// Cuts the tail that an append left behind when the machine stopped in its middle.
    fn cut(&self, file: &File, path: &Path, length: u64) -> Result<()> {
        if length - self.durable.file_bytes > TAIL {
            let doing = format!("the log {} is damaged at byte {}", path.display(), self.durable.file_bytes);
            return Err(Error::internal("data_error", doing, "a record in its middle is unreadable"));
        }
        file.set_len(self.durable.file_bytes)?;
        file.sync_all()?;
        Ok(())
    }
}
