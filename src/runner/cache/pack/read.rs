//! Reading a pack into a new folder: it believes nothing. What it finds beyond files, folders and links that stay
//! inside makes the whole pack damaged, and nothing is ever written outside of the folder.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use sha2::Digest;

use super::{END, FILE, FOLDER, GoOn, Hashing, LINK, MAGIC, MAX_ENTRIES, MAX_PATH, PIECE, stays_inside};

/// Why a pack can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// Fills the empty folder `into`: root 0 becomes `into/0`, and so on. What is there after an error is worth
/// nothing.
pub fn read(pack: File, digest: &str, roots: usize, into: &Path, go_on: GoOn<'_>) -> Result<u64, ReadError> {
    let input = Hashing::new(BufReader::with_capacity(PIECE, pack));
    let mut reader = Reader { input, go_on, roots, into, folders: HashSet::new(), modes: Vec::new() };
    let read = reader.all();
    let mut input = reader.input;
    match read {
        Ok(()) => {}
        Err(ReadError::File(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(ReadError::Damaged("it is cut off"));
        }
        Err(error) => return Err(error),
    }
    if input.read(&mut [0])? != 0 {
        return Err(ReadError::Damaged("it goes on after its end"));
    }
    let bytes = input.bytes;
    if hex::encode(input.hash.finalize()) != digest {
        return Err(ReadError::Damaged("its content is not what its name says"));
    }
    // Last, so that nothing stands in our own way.
    for (path, mode) in reader.modes.into_iter().rev() {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
    }
    Ok(bytes)
}

struct Reader<'a, R> {
    input: Hashing<R>,
    go_on: GoOn<'a>,
    roots: usize,
    into: &'a Path,
    /// Folders that this pack made: whatever else is at a path leads nowhere.
    folders: HashSet<PathBuf>,
    modes: Vec<(PathBuf, u32)>,
}

impl<R: Read> Reader<'_, R> {
    fn all(&mut self) -> Result<(), ReadError> {
        if &self.array::<8>()? != MAGIC {
            return Err(ReadError::Damaged("it is no pack"));
        }
        for _ in 0..MAX_ENTRIES {
            let [kind] = self.array::<1>()?;
            if kind == END {
                return Ok(());
            }
            (self.go_on)(self.input.bytes)?;
            self.entry(kind)?;
        }
        Err(ReadError::Damaged("it has too many entries"))
    }

    fn entry(&mut self, kind: u8) -> Result<(), ReadError> {
        let root = u16::from_le_bytes(self.array()?);
        let mode = u32::from(u16::from_le_bytes(self.array()?));
        let seconds = u64::from_le_bytes(self.array()?);
        let nanos = u32::from_le_bytes(self.array()?);
        let length = u64::from_le_bytes(self.array()?);
        let path_length = usize::from(u16::from_le_bytes(self.array()?));
        if usize::from(root) >= self.roots
            || mode & !0o777 != 0
            || path_length > MAX_PATH
            || nanos >= 1_000_000_000
        {
            return Err(ReadError::Damaged("an entry makes no sense"));
        }
        let path = PathBuf::from(OsString::from_vec(self.bytes(path_length)?));
        let depth = plain_depth(&path).ok_or(ReadError::Damaged("a path leads out"))?;
        let place =
            self.into.join(root.to_string()).components().chain(path.components()).collect::<PathBuf>();
        if depth > 0 && !place.parent().is_some_and(|parent| self.folders.contains(parent)) {
            return Err(ReadError::Damaged("an entry lies in no folder"));
        }
        match kind {
            FOLDER if length == 0 => {
                new(DirBuilder::new().mode(0o700).create(&place))?;
                // Its owner must be able to remove it again.
                self.modes.push((place.clone(), mode | 0o700));
                self.folders.insert(place);
                Ok(())
            }
            FILE => {
                let options = OpenOptions::new().write(true).create_new(true).mode(0o600).to_owned();
                let mut file = new(options.open(&place))?;
                self.copy(&mut file, length)?;
                let modified = UNIX_EPOCH.checked_add(Duration::new(seconds, nanos));
                file.set_modified(modified.ok_or(ReadError::Damaged("an entry makes no sense"))?)?;
                Ok(file.set_permissions(Permissions::from_mode(mode))?)
            }
            LINK => {
                let length = usize::try_from(length).ok().filter(|length| *length <= MAX_PATH);
                let target = self.bytes(length.ok_or(ReadError::Damaged("an entry makes no sense"))?)?;
                if depth == 0 || !stays_inside(depth - 1, &target) {
                    return Err(ReadError::Damaged("a link leads out"));
                }
                Ok(new(std::os::unix::fs::symlink(OsString::from_vec(target), &place))?)
            }
            _ => Err(ReadError::Damaged("an entry makes no sense")),
        }
    }

    fn copy(&mut self, file: &mut File, length: u64) -> Result<(), ReadError> {
        let mut left = length;
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        while left > 0 {
            let wanted = piece.len().min(usize::try_from(left).unwrap_or(PIECE));
            self.input.read_exact(&mut piece[..wanted])?;
            file.write_all(&piece[..wanted])?;
            left -= wanted as u64;
            (self.go_on)(self.input.bytes)?;
        }
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// At most `MAX_PATH`.
    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, ReadError> {
        let mut bytes = vec![0; length];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// A name that is there already was in the pack before.
fn new<T>(made: io::Result<T>) -> Result<T, ReadError> {
    made.map_err(|error| match error {
        error if error.kind() == io::ErrorKind::AlreadyExists => ReadError::Damaged("a name is there twice"),
        error => error.into(),
    })
}

/// How many folders deep a path is that consists of names only; the root itself is 0.
fn plain_depth(path: &Path) -> Option<usize> {
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() {
        return Some(0);
    }
    let names = bytes.split(|byte| *byte == b'/');
    names.map(|name| (!matches!(name, b"" | b"." | b"..") && !name.contains(&0)).then_some(1)).sum()
}
