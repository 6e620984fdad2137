//! Logs of builds that are over, compressed: blocks that can be unpacked one by one, then what is
//! known about the log, then a footer that says where that is. A packed file stands under its name
//! only when it is whole, synced and compared with the file it replaces.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use parking_lot::Mutex;
use serde::{Deserialize, Deserializer, Serialize};

use super::file::{Durable, Place, Shape};
use super::outline::Outline;
use super::steps::{MAX_STEPS, Steps};
use crate::error::{Error, Result, codes};

/// Bytes of the log in one block: what a reader unpacks and holds.
const BLOCK: usize = 256 * 1024;
const MAGIC: [u8; 8] = *b"OLOGZ\0\0\x01";
/// Offset, length and checksum of the summary, then the magic bytes.
const FOOTER: usize = 8 + 4 + 4 + MAGIC.len();

/// What is known about a packed log without unpacking it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    blocks: Vec<Block>,
    pub durable: Durable,
    pub places: Vec<Place>,
    pub steps: Steps,
    #[serde(default)]
    pub starts: Vec<u64>,
    #[serde(deserialize_with = "if_readable")]
    pub outline: Outline,
}

/// An outline in the form of another version, or one that believed a step that told of more steps than there can be, is
/// made anew when somebody asks for it.
fn if_readable<'de, D: Deserializer<'de>>(from: D) -> Result<Outline, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    let known =
        serde_json::from_value(value).ok().filter(|outline: &Outline| outline.steps.len() <= 1 + MAX_STEPS);
    Ok(known.unwrap_or_default())
}

/// One block as it stands in the packed file.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Block {
    offset: u64,
    length: u32,
    checksum: u32,
}

/// Where the blocks of a packed file are.
#[derive(Debug)]
pub(super) struct Table {
    blocks: Vec<Block>,
    size: u64,
}

/// A packed file being read; holds the block that was read last.
#[derive(Debug)]
pub(super) struct Packed {
    file: File,
    table: Arc<Table>,
    last: Mutex<Option<(usize, Vec<u8>)>>,
}

impl Packed {
    pub fn new(file: File, table: Arc<Table>) -> Self {
        Self { file, table, last: Mutex::default() }
    }

    pub fn read_exact_at(&self, mut into: &mut [u8], mut offset: u64) -> io::Result<()> {
        let mut last = self.last.lock();
        while !into.is_empty() {
            let number = usize::try_from(offset / BLOCK as u64).unwrap_or(usize::MAX);
            let block = match last.take() {
                Some((known, block)) if known == number => block,
                _ => self.table.unpack(&self.file, number)?,
            };
            let from = usize::try_from(offset % BLOCK as u64).unwrap_or(usize::MAX);
            let rest = block.get(from..).filter(|rest| !rest.is_empty());
            let rest = rest.ok_or(io::ErrorKind::UnexpectedEof)?;
            let length = rest.len().min(into.len());
            let (now, later) = into.split_at_mut(length);
            now.copy_from_slice(&rest[..length]);
            *last = Some((number, block));
            into = later;
            offset += length as u64;
        }
        Ok(())
    }
}

impl Table {
    fn unpack(&self, file: &File, number: usize) -> io::Result<Vec<u8>> {
        let block = self.blocks.get(number).ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut packed = vec![0; block.length as usize];
        file.read_exact_at(&mut packed, block.offset)?;
        if crc32fast::hash(&packed) != block.checksum {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a block of a packed log is damaged"));
        }
        let mut bytes = Vec::with_capacity(BLOCK);
        DeflateDecoder::new(packed.as_slice()).take(BLOCK as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Reads what a packed file says about itself.
pub(super) fn open(file: &File) -> Result<(Table, Summary)> {
    let length = file.metadata()?.len();
    let start = length.checked_sub(FOOTER as u64).ok_or_else(|| damaged("it is too short"))?;
    let mut footer = [0; FOOTER];
    file.read_exact_at(&mut footer, start)?;
    let (offset, size, checksum) = parse(&footer).ok_or_else(|| damaged("its footer is unreadable"))?;
    if offset.checked_add(u64::from(size)) != Some(start) {
        return Err(damaged("its footer points elsewhere"));
    }
    let mut packed = vec![0; size as usize];
    file.read_exact_at(&mut packed, offset)?;
    if crc32fast::hash(&packed) != checksum {
        return Err(damaged("the checksum of its summary is wrong"));
    }
    let summary: Summary =
        serde_json::from_reader(io::BufReader::new(DeflateDecoder::new(packed.as_slice())))
            .map_err(|error| Error::internal(codes::DATA_ERROR, DAMAGED, error))?;
    let table = Table { blocks: summary.blocks.clone(), size: summary.durable.file_bytes };
    Ok((table, summary))
}

fn parse(footer: &[u8; FOOTER]) -> Option<(u64, u32, u32)> {
    let (offset, rest) = footer.split_first_chunk::<8>()?;
    let (size, rest) = rest.split_first_chunk::<4>()?;
    let (checksum, magic) = rest.split_first_chunk::<4>()?;
    let parsed = (u64::from_le_bytes(*offset), u32::from_le_bytes(*size), u32::from_le_bytes(*checksum));
    (*magic == MAGIC).then_some(parsed)
}

const DAMAGED: &str = "a packed log is damaged";

fn damaged(why: &'static str) -> Error {
    Error::internal(codes::DATA_ERROR, DAMAGED, why)
}

/// Writes the first bytes of `plain`, as many as are durable, into a new file at `path`, reads them
/// back and compares; answers the bytes on the disk. The file is synced, its name is not.
pub(super) fn write(
    plain: &File,
    path: &Path,
    durable: Durable,
    shape: &Shape,
    outline: Outline,
) -> Result<u64> {
    let mut file =
        File::options().write(true).read(true).create(true).truncate(true).mode(0o600).open(path)?;
    let (mut blocks, mut end) = (Vec::new(), 0);
    for bytes in stretches(plain, durable.file_bytes) {
        let packed = deflated(&bytes?)?;
        file.write_all(&packed)?;
        let length = u32::try_from(packed.len()).map_err(io::Error::other)?;
        blocks.push(Block { offset: end, length, checksum: crc32fast::hash(&packed) });
        end += u64::from(length);
    }
    let table = Table { blocks: blocks.clone(), size: durable.file_bytes };
    let (places, steps, starts) = (shape.places.clone(), shape.steps.clone(), shape.starts.clone());
    let summary = serde_json::to_vec(&Summary { blocks, durable, places, steps, starts, outline })
        .map_err(|error| Error::internal(codes::DATA_ERROR, "a log's summary could not be written", error))?;
    let summary = deflated(&summary)?;
    file.write_all(&summary)?;
    file.write_all(&end.to_le_bytes())?;
    file.write_all(&u32::try_from(summary.len()).map_err(io::Error::other)?.to_le_bytes())?;
    file.write_all(&crc32fast::hash(&summary).to_le_bytes())?;
    file.write_all(&MAGIC)?;
    file.sync_all()?;
    compare(plain, &file, &table)?;
    Ok(file.metadata()?.len())
}

/// Everything that is durable, block by block.
fn stretches(plain: &File, size: u64) -> impl Iterator<Item = io::Result<Vec<u8>>> {
    (0..size).step_by(BLOCK).map(move |offset| {
        let length = usize::try_from((size - offset).min(BLOCK as u64)).unwrap_or(BLOCK);
        let mut bytes = vec![0; length];
        plain.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    })
}

fn deflated(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    DeflateEncoder::new(bytes, Compression::default()).read_to_end(&mut packed)?;
    Ok(packed)
}

fn compare(plain: &File, packed: &File, table: &Table) -> Result<()> {
    for (number, bytes) in stretches(plain, table.size).enumerate() {
        if bytes? != table.unpack(packed, number)? {
            return Err(damaged("it differs from the log it was made of"));
        }
    }
    Ok(())
}
