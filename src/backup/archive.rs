//! The container: a gzip of a tar of plain files, each with a name that is a known place in a data folder. It is written
//! beside its final name and appears there whole; it is read without trusting a word of it.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use super::leftovers;
use super::manifest::{self, FileEntry, Manifest};
use super::stop::Stop;
use crate::error::{Error, Result};
use crate::files;

pub(super) const HINT: &str = "Use another backup; this one cannot be restored.";
const BUFFER: usize = 256 * 1024;

/// An archive that is being made. Dropped before its end, it leaves nothing.
pub struct Writer {
    tar: Option<Builder<GzEncoder<BufWriter<File>>>>,
    partial: PathBuf,
    target: PathBuf,
    files: Vec<FileEntry>,
    names: HashSet<String>,
    stop: Stop,
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Once finished it has its final name, and this one is gone.
        let _ = std::fs::remove_file(&self.partial);
    }
}

impl Writer {
    /// # Errors
    /// `file_exists`: a backup never replaces a file.
    pub fn create(target: &Path, stop: &Stop) -> Result<Self> {
        if target.symlink_metadata().is_ok() {
            return Err(file_exists(target));
        }
        let partial = leftovers::partial(target);
        let file = leftovers::hold(&partial, |fresh| {
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(fresh)
        })?;
        // Most of it is packed already, or worth little effort.
        let gzip = GzEncoder::new(BufWriter::with_capacity(BUFFER, file), Compression::fast());
        let (files, names) = (Vec::new(), HashSet::new());
        let (tar, target) = (Some(Builder::new(gzip)), target.to_owned());
        Ok(Self { tar, partial, target, files, names, stop: stop.clone() })
    }

    /// How many files it holds.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Adds the first `bytes` of `source`.
    pub fn add(&mut self, name: &str, bytes: u64, source: impl Read) -> Result<()> {
        let mut source = Hashing::new(self.stop.heeded(source).take(bytes));
        self.append(name, bytes, &mut source)?;
        let (read, sha256) = source.end();
        if read != bytes {
            return Err(io::Error::other(format!("{name} shrank while it was read")).into());
        }
        self.names.insert(name.to_owned());
        self.files.push(FileEntry { name: name.to_owned(), bytes, sha256 });
        Ok(())
    }

    fn append(&mut self, name: &str, bytes: u64, source: impl Read) -> Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_size(bytes);
        let Some(tar) = &mut self.tar else { unreachable!("only the end takes it") };
        Ok(tar.append_data(&mut header, name, source)?)
    }

    /// Adds the manifest and gives the archive its name; answers it, and how large the archive is.
    pub fn finish(mut self, mut manifest: Manifest) -> Result<(Manifest, u64)> {
        manifest.files = std::mem::take(&mut self.files);
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::from)?;
        self.append(manifest::NAME, text.len() as u64, &text[..])?;
        let Some(tar) = self.tar.take() else { unreachable!("only this takes it") };
        let file = tar.into_inner()?.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        // Unlike a rename, a link never replaces what came meanwhile.
        if let Err(error) = std::fs::hard_link(&self.partial, &self.target) {
            let is_taken = error.kind() == io::ErrorKind::AlreadyExists;
            return Err(if is_taken { file_exists(&self.target) } else { error.into() });
        }
        files::sync_folder(&self.target)?;
        Ok((manifest, bytes))
    }
}

fn file_exists(target: &Path) -> Error {
    Error::conflict("file_exists", format!("there is a file at {} already", target.display()))
        .hint("Name another file with --output.")
}

/// Reads an archive to its end, handing each file to `take`, and answers its manifest when everything is as that says.
///
/// # Errors
/// `invalid_backup`, `unknown_backup_format`, and whatever `take` answers.
pub fn read(
    path: &Path,
    stop: &Stop,
    mut take: impl FnMut(&str, &mut dyn Read) -> Result<()>,
) -> Result<Manifest> {
    let file = File::open(path).map_err(|error| {
        Error::invalid("no_backup", format!("the backup {} cannot be read: {error}", path.display()))
            .hint("Check the path; a relative one begins at the present folder.")
    })?;
    let mut gzip = GzDecoder::new(BufReader::with_capacity(BUFFER, stop.heeded(file)));
    let mut found: Vec<FileEntry> = Vec::new();
    let mut names = HashSet::new();
    let mut manifest = None;
    {
        let mut tar = tar::Archive::new(&mut gzip);
        for entry in tar.entries().map_err(damaged)? {
            let mut entry = entry.map_err(damaged)?;
            let name = name_of(&entry)?;
            if manifest.is_some() {
                return Err(invalid("there is something behind its manifest"));
            }
            if name == manifest::NAME {
                manifest = Some(Manifest::parse(&short(&mut entry)?)?);
                continue;
            }
            if !is_known(&name) {
                return Err(invalid(format!("{name:?} does not belong into a backup")));
            }
            if !names.insert(name.clone()) {
                return Err(invalid(format!("{name:?} is in it twice")));
            }
            let announced = entry.size();
            let mut source = Hashing::new(&mut entry);
            take(&name, &mut source)?;
            io::copy(&mut source, &mut io::sink()).map_err(damaged)?;
            let (bytes, sha256) = source.end();
            if bytes != announced {
                return Err(invalid(format!("{name:?} is not whole")));
            }
            found.push(FileEntry { name, bytes, sha256 });
        }
    }
    // The check sum of the container stands at its very end.
    io::copy(&mut gzip, &mut io::sink()).map_err(damaged)?;
    let manifest = manifest.ok_or_else(|| invalid("it has no manifest: it was cut off, or is no backup"))?;
    match found.iter().zip(&manifest.files).find(|(found, told)| found != told) {
        Some((found, _)) => Err(invalid(format!("{:?} is not what its manifest says", found.name))),
        None if found.len() != manifest.files.len() => {
            Err(invalid("files that its manifest names are missing"))
        }
        None => Ok(manifest),
    }
}

fn name_of<R: Read>(entry: &tar::Entry<'_, R>) -> Result<String> {
    if entry.header().entry_type() != EntryType::Regular {
        return Err(invalid("it holds something that is no plain file"));
    }
    match std::str::from_utf8(&entry.path_bytes()) {
        Ok(name) => Ok(name.to_owned()),
        Err(_) => Err(invalid("it holds a name that is no text")),
    }
}

/// Whether a name is one of the places that backups speak of, and stays below it.
fn is_known(name: &str) -> bool {
    let mut parts = name.split('/');
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
    match parts.next() {
        Some(DATABASE | KEY | FORMER_KEY) => parts.next().is_none(),
        Some(LOGS | ARTIFACTS) => {
            let mut below = parts.peekable();
            below.peek().is_some() && below.all(is_plain)
        }
        Some(_) | None => false,
    }
}

pub const DATABASE: &str = "oore.db";
pub const KEY: &str = "encryption.key";
pub const FORMER_KEY: &str = "encryption.key.former";
pub const LOGS: &str = "logs";
pub const ARTIFACTS: &str = "artifacts";

fn short(source: &mut impl Read) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    source.take(manifest::MOST_BYTES + 1).read_to_end(&mut text).map_err(damaged)?;
    if text.len() as u64 > manifest::MOST_BYTES {
        return Err(invalid("its manifest is too large"));
    }
    Ok(text)
}

fn invalid(why: impl AsRef<str>) -> Error {
    Error::invalid("invalid_backup", format!("the backup is not usable: {}", why.as_ref())).hint(HINT)
}

fn damaged(error: io::Error) -> Error {
    invalid(format!("it is cut off or damaged ({error})"))
}

/// Hashes and counts what is read through it.
struct Hashing<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    fn end(self) -> (u64, String) {
        (self.bytes, hex::encode(self.hash.finalize()))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Makes a private file of all that comes.
pub fn unpack(source: &mut dyn Read, target: &Path) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(target)?;
    let mut file = BufWriter::with_capacity(BUFFER, file);
    let mut buffer = vec![0; BUFFER];
    loop {
        // What can't be read is the archive's fault, what can't be written is the disk's.
        let count = source.read(&mut buffer).map_err(damaged)?;
        if count == 0 {
            break;
        }
        file.write_all(&buffer[..count])?;
    }
    Ok(file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?)
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn only_names_of_places_in_a_data_folder_are_known() {
        for name in
            ["oore.db", "encryption.key", "encryption.key.former", "logs/a/1.log", "artifacts/b/c/app.apk"]
        {
            assert!(is_known(name), "{name}");
        }
        let strange = [
            "",
            "/",
            "/oore.db",
            "oore.db/x",
            "logs",
            "logs/",
            "logs//a",
            "logs/../a",
            "logs/./a",
            "../oore.db",
        ];
        let others =
            ["artifacts/..", "Oore.db", "runner/token", "logs/a\0b", "manifest.json/x", "oore.db-wal"];
        for name in strange.into_iter().chain(others) {
            assert!(!is_known(name), "{name}");
        }
    }
}
