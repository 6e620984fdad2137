//! Writing a pack: walks the folders without ever following a link. What is no file, folder or harmless link is left
//! out and counted.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, RawMode, Stat, openat, readlinkat, statat};
use sha2::Digest;

use super::{
    END, FILE, FOLDER, GoOn, Hashing, LINK, MAGIC, MAX_DEPTH, MAX_ENTRIES, MAX_PATH, PIECE, stays_inside,
};

/// A pack that was written.
#[derive(Debug, PartialEq, Eq)]
pub struct Packed {
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
    pub bytes: u64,
    /// How many links, devices and unreadable things are not in it.
    pub left_out: u64,
    /// Whether there is anything in it.
    pub is_empty: bool,
}

/// A folder or file to be packed, by its path below a folder of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    pub below: PathBuf,
    pub path: PathBuf,
}

/// Puts the roots into `file`. What is absent is absent in the pack.
pub fn write(roots: &[Root], file: File, go_on: GoOn<'_>) -> io::Result<Packed> {
    let out = Hashing::new(BufWriter::with_capacity(PIECE, file));
    let mut writer = Writer { out, go_on, root: 0, entries: 0, left_out: 0 };
    writer.out.write_all(MAGIC)?;
    for (number, root) in roots.iter().enumerate() {
        writer.root = u16::try_from(number).map_err(io::Error::other)?;
        writer.root(root)?;
    }
    writer.out.write_all(&[END])?;
    writer.out.flush()?;
    let Writer { out, entries, left_out, .. } = writer;
    out.inner.get_ref().sync_all()?;
    Ok(Packed {
        digest: hex::encode(out.hash.finalize()),
        bytes: out.bytes,
        left_out,
        is_empty: entries == 0,
    })
}

struct Writer<'a, W> {
    out: Hashing<W>,
    go_on: GoOn<'a>,
    root: u16,
    entries: u64,
    left_out: u64,
}

impl<W: Write> Writer<'_, W> {
    /// No part of the way may be a link: what a build put in its place could lead to anything.
    fn root(&mut self, root: &Root) -> io::Result<()> {
        let folders = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let mut folder = match openat(CWD, &root.below, folders, Mode::empty()) {
            Err(rustix::io::Errno::NOENT) => return Ok(()),
            opened => opened?,
        };
        let mut names = root.path.iter().peekable();
        while let Some(name) = names.next() {
            let found = match statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Err(rustix::io::Errno::NOENT) => return Ok(()),
                found => found?,
            };
            if names.peek().is_none() {
                return self.entry(&folder, name, Path::new(""), &found, 0);
            }
            if FileType::from_raw_mode(found.st_mode) != FileType::Directory {
                self.left_out += 1;
                return Ok(());
            }
            folder = openat(&folder, name, folders, Mode::empty())?;
        }
        Ok(())
    }

    /// What `name` is in the folder; `path` is where it lies below the root.
    fn entry(
        &mut self,
        folder: impl AsFd,
        name: &OsStr,
        path: &Path,
        found: &Stat,
        depth: usize,
    ) -> io::Result<()> {
        let nofollow = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
        match FileType::from_raw_mode(found.st_mode) {
            FileType::Directory => {
                let opened = openat(&folder, name, nofollow | OFlags::DIRECTORY, Mode::empty());
                match opened {
                    Ok(opened) if depth < MAX_DEPTH => self.folder(&opened, path, found, depth),
                    opened => self.leave_out(opened),
                }
            }
            FileType::RegularFile => {
                match openat(&folder, name, nofollow | OFlags::NONBLOCK, Mode::empty()) {
                    Ok(opened) => self.file(opened.into(), path),
                    opened @ Err(_) => self.leave_out(opened),
                }
            }
            FileType::Symlink if depth > 0 => {
                let target = readlinkat(&folder, name, Vec::new())?;
                if !stays_inside(depth - 1, target.as_bytes()) {
                    self.left_out += 1;
                    return Ok(());
                }
                self.header(LINK, path, 0, (0, 0), target.as_bytes().len() as u64)?;
                self.out.write_all(target.as_bytes())
            }
            FileType::Symlink
            | FileType::Fifo
            | FileType::Socket
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => {
                self.left_out += 1;
                Ok(())
            }
        }
    }

    /// Something that is too deep, or that even its owner may not open.
    fn leave_out(&mut self, opened: rustix::io::Result<OwnedFd>) -> io::Result<()> {
        match opened {
            Ok(_) | Err(rustix::io::Errno::ACCESS) => {
                self.left_out += 1;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn folder(&mut self, folder: &OwnedFd, path: &Path, found: &Stat, depth: usize) -> io::Result<()> {
        self.header(FOLDER, path, found.st_mode, (0, 0), 0)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(folder)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        names.sort();
        for name in names {
            let path = path.join(&name);
            if path.as_os_str().len() > MAX_PATH {
                self.left_out += 1;
                continue;
            }
            let found = statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            self.entry(folder, &name, &path, &found, depth + 1)?;
        }
        Ok(())
    }

    fn file(&mut self, mut file: File, path: &Path) -> io::Result<()> {
        let found = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return Err(io::Error::other("a file was replaced while it was read"));
        }
        let modified = file.metadata()?.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut left = u64::try_from(found.st_size).unwrap_or(0);
        self.header(FILE, path, found.st_mode, (modified.as_secs(), modified.subsec_nanos()), left)?;
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        while left > 0 {
            let wanted = piece.len().min(usize::try_from(left).unwrap_or(PIECE));
            file.read_exact(&mut piece[..wanted])?;
            self.out.write_all(&piece[..wanted])?;
            left -= wanted as u64;
            (self.go_on)(self.out.bytes)?;
        }
        Ok(())
    }

    fn header(
        &mut self,
        kind: u8,
        path: &Path,
        mode: RawMode,
        (seconds, nanos): (u64, u32),
        length: u64,
    ) -> io::Result<()> {
        self.entries += 1;
        if self.entries >= MAX_ENTRIES {
            return Err(io::Error::other(format!("it has more than {MAX_ENTRIES} files and folders")));
        }
        (self.go_on)(self.out.bytes)?;
        let path = path.as_os_str().as_bytes();
        self.out.write_all(&[kind])?;
        self.out.write_all(&self.root.to_le_bytes())?;
        self.out.write_all(&u16::try_from(mode & 0o777).unwrap_or(0).to_le_bytes())?;
        self.out.write_all(&seconds.to_le_bytes())?;
        self.out.write_all(&nanos.to_le_bytes())?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(&u16::try_from(path.len()).map_err(io::Error::other)?.to_le_bytes())?;
        self.out.write_all(path)
    }
}
