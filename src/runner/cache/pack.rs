//! One file that holds folders: written and read as a stream and hashed on the way, so that its name can be
//! the hash of its content. It holds files, folders and links that stay inside, nothing else; what a reader
//! finds beyond that makes the whole pack damaged, and nothing is ever written outside of the new folder it fills.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, RawMode, Stat, openat, readlinkat, statat};
use sha2::{Digest, Sha256};

use super::super::digest::hex;

const MAGIC: &[u8; 8] = b"oorepk1\n";
const FOLDER: u8 = b'd';
const FILE: u8 = b'f';
const LINK: u8 = b'l';
const END: u8 = b'.';
/// Deepest folder, longest path and most entries; far beyond what package managers make.
const MAX_DEPTH: usize = 128;
const MAX_PATH: usize = 4096;
const MAX_ENTRIES: u64 = 4_000_000;
/// How many bytes go by between two looks at whether to go on.
const PIECE: usize = 256 * 1024;

/// Asked again and again while a pack is written or read; an error is the end of it.
pub type GoOn<'a> = &'a dyn Fn(u64) -> io::Result<()>;

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

/// Why a pack can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// A folder or file to be packed, by its path below a folder of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    pub below: PathBuf,
    pub path: PathBuf,
}

/// Puts the roots into `file`. What is absent is absent in the pack.
pub fn write(roots: &[Root], file: File, go_on: GoOn<'_>) -> io::Result<Packed> {
    let out = Hashing { inner: BufWriter::with_capacity(PIECE, file), hash: Sha256::new(), bytes: 0 };
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
    Ok(Packed { digest: hex(out.hash), bytes: out.bytes, left_out, is_empty: entries == 0 })
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

/// Fills the empty folder `into`: root 0 becomes `into/0`, and so on. What is there after an error is worth
/// nothing.
pub fn read(pack: File, digest: &str, roots: usize, into: &Path, go_on: GoOn<'_>) -> Result<u64, ReadError> {
    let input = Hashing { inner: BufReader::with_capacity(PIECE, pack), hash: Sha256::new(), bytes: 0 };
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
    if hex(input.hash) != digest {
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

/// Whether a link in a folder that is `depth` below the root can't lead out of the root. `..` counts only at
/// the beginning, where the folders are real ones; behind a name, which may be another link, it could mean anything.
fn stays_inside(depth: usize, target: &[u8]) -> bool {
    let mut up = 0;
    let mut named = false;
    for component in Path::new(OsStr::from_bytes(target)).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if !named => up += 1,
            Component::Normal(_) => named = true,
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    up <= depth && !target.is_empty() && target.len() <= MAX_PATH && !target.contains(&0)
}

/// Hashes and counts what goes through.
struct Hashing<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.hash.update(&into[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, symlink};

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;

    fn always(_: u64) -> io::Result<()> {
        Ok(())
    }

    fn roots(below: &Path, paths: &[&str]) -> Vec<Root> {
        paths.iter().map(|path| Root { below: below.to_owned(), path: path.into() }).collect()
    }

    fn packed(below: &Path, paths: &[&str]) -> (TempDir, Packed) {
        let folder = tempfile::tempdir().unwrap();
        let file = File::create(folder.path().join("pack")).unwrap();
        let packed = write(&roots(below, paths), file, &always).unwrap();
        (folder, packed)
    }

    fn unpacked(bytes: &[u8], digest: &str) -> Result<TempDir, String> {
        let folder = tempfile::tempdir().unwrap();
        let pack = folder.path().join("pack");
        fs::write(&pack, bytes).unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        read(File::open(&pack).unwrap(), digest, 2, &folder.path().join("in"), &always)
            .map(|_| folder)
            .map_err(|error| error.to_string())
    }

    fn digest(bytes: &[u8]) -> String {
        hex(Sha256::new_with_prefix(bytes))
    }

    /// An entry as nobody but an attacker would write it.
    fn entry(kind: u8, path: &str, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind, 0, 0, 0xed, 0x01];
        bytes.extend([0; 12]);
        bytes.extend((content.len() as u64).to_le_bytes());
        bytes.extend((path.len() as u16).to_le_bytes());
        bytes.extend(path.as_bytes());
        bytes.extend(content);
        bytes
    }

    fn pack_of(entries: &[Vec<u8>]) -> Vec<u8> {
        [MAGIC.to_vec(), entries.concat(), vec![END]].concat()
    }

    #[test]
    fn a_tree_comes_back_with_its_links_modes_and_times() {
        let tree = tempfile::tempdir().unwrap();
        let at = |name: &str| tree.path().join(name);
        fs::create_dir_all(at("a/deep")).unwrap();
        fs::write(at("a/tool"), "#!/bin/sh").unwrap();
        fs::set_permissions(at("a/tool"), Permissions::from_mode(0o4755)).unwrap();
        fs::write(at("a/deep/read-only"), vec![7; 600_000]).unwrap();
        fs::set_permissions(at("a/deep/read-only"), Permissions::from_mode(0o444)).unwrap();
        symlink("deep/read-only", at("a/link")).unwrap();
        symlink("../tool", at("a/deep/up")).unwrap();
        fs::set_permissions(at("a/deep"), Permissions::from_mode(0o555)).unwrap();
        fs::write(at("single"), "one").unwrap();
        let old = UNIX_EPOCH + Duration::new(1_000_000_000, 5);
        File::options().write(true).open(at("single")).unwrap().set_modified(old).unwrap();
        let (folder, packed) = packed(tree.path(), &["a", "single"]);
        let bytes = fs::read(folder.path().join("pack")).unwrap();
        assert_eq!((packed.bytes, packed.left_out), (bytes.len() as u64, 0));
        assert_eq!(packed.digest, digest(&bytes));
        let found = unpacked(&bytes, &packed.digest).unwrap();
        let at = |name: &str| found.path().join("in").join(name);
        assert_eq!(fs::read(at("0/deep/read-only")).unwrap(), vec![7; 600_000]);
        assert_eq!(fs::metadata(at("0/deep/read-only")).unwrap().mode() & 0o7777, 0o444);
        assert_eq!(fs::metadata(at("0/tool")).unwrap().mode() & 0o7777, 0o755, "no set-uid");
        assert_eq!(fs::metadata(at("0/deep")).unwrap().mode() & 0o777, 0o755, "its owner can remove it");
        assert_eq!(fs::read_link(at("0/link")).unwrap(), Path::new("deep/read-only"));
        assert_eq!(fs::read_link(at("0/deep/up")).unwrap(), Path::new("../tool"));
        assert_eq!(fs::read_to_string(at("1")).unwrap(), "one");
        assert_eq!(fs::metadata(at("1")).unwrap().modified().unwrap(), old);
    }

    #[test]
    fn what_leads_out_or_is_no_file_is_left_out() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "s3cret").unwrap();
        let tree = tempfile::tempdir().unwrap();
        let at = |name: &str| tree.path().join("root").join(name);
        fs::create_dir_all(at("sub")).unwrap();
        symlink(outside.path(), at("absolute")).unwrap();
        symlink("../../x", at("sub/out")).unwrap();
        symlink("sub/../../x", at("winding")).unwrap();
        symlink("../sub", at("sub/inside")).unwrap();
        rustix::fs::mkfifoat(CWD, at("pipe"), Mode::RUSR).unwrap();
        symlink(outside.path(), tree.path().join("other")).unwrap();
        let (folder, packed) =
            packed(tree.path(), &["root", "other", "other/secret", "absent", "absent/too"]);
        assert_eq!(packed.left_out, 6);
        let bytes = fs::read(folder.path().join("pack")).unwrap();
        assert!(!bytes.windows(6).any(|part| part == b"s3cret"));
        let found = unpacked(&bytes, &packed.digest).unwrap();
        let names = fs::read_dir(found.path().join("in/0")).unwrap().count();
        assert_eq!(names, 1);
        assert!(found.path().join("in/0/sub/inside").symlink_metadata().is_ok());
    }

    #[test]
    fn nothing_hostile_is_unpacked() {
        let root = entry(FOLDER, "", b"");
        let sub = entry(FOLDER, "sub", b"");
        for (what, entries) in [
            ("up", vec![root.clone(), entry(FILE, "../x", b"1")]),
            ("up behind a name", vec![root.clone(), sub.clone(), entry(FILE, "sub/../../x", b"1")]),
            ("absolute", vec![root.clone(), entry(FILE, "/tmp/oore-x", b"1")]),
            ("an empty name", vec![root.clone(), sub.clone(), entry(FILE, "sub//x", b"1")]),
            ("a NUL", vec![root.clone(), entry(FILE, "a\0b", b"1")]),
            (
                "through a link",
                vec![root.clone(), sub.clone(), entry(LINK, "l", b"sub"), entry(FILE, "l/x", b"1")],
            ),
            ("a link out", vec![root.clone(), entry(LINK, "l", b"../x")]),
            ("an absolute link", vec![root.clone(), entry(LINK, "l", b"/etc")]),
            ("a winding link", vec![root.clone(), sub.clone(), entry(LINK, "l", b"sub/../../../x")]),
            ("an empty link", vec![root.clone(), entry(LINK, "l", b"")]),
            ("the root as a link", vec![entry(LINK, "", b"x")]),
            ("twice", vec![root.clone(), entry(FILE, "x", b"1"), entry(FILE, "x", b"2")]),
            ("a file, then a folder", vec![root.clone(), entry(FILE, "x", b"1"), entry(FOLDER, "x", b"")]),
            ("over a link", vec![root.clone(), entry(LINK, "x", b"y"), entry(FILE, "x", b"2")]),
            ("below a file", vec![root.clone(), entry(FILE, "x", b"1"), entry(FILE, "x/y", b"2")]),
            ("no folder", vec![root.clone(), entry(FILE, "a/b", b"1")]),
            ("no root", vec![entry(FILE, "a", b"1")]),
            ("a device", vec![root.clone(), entry(b'c', "x", b"")]),
            ("a folder with content", vec![root.clone(), entry(FOLDER, "x", b"1")]),
        ] {
            let bytes = pack_of(&entries);
            let refused = unpacked(&bytes, &digest(&bytes)).err();
            assert!(
                refused.as_ref().is_some_and(|why| why.starts_with("it is damaged")),
                "{what}: {refused:?}"
            );
        }
        let mut other_root = entry(FOLDER, "", b"");
        other_root[1] = 2;
        let mut set_uid = entry(FILE, "x", b"");
        set_uid[4] = 0x09;
        let mut huge = entry(FILE, "x", b"");
        huge[17..25].copy_from_slice(&u64::MAX.to_le_bytes());
        for entries in [vec![other_root], vec![root.clone(), set_uid], vec![root, huge]] {
            let bytes = pack_of(&entries);
            assert!(unpacked(&bytes, &digest(&bytes)).is_err());
        }
    }

    #[test]
    fn damage_is_noticed_wherever_it_is() {
        let good = pack_of(&[entry(FOLDER, "", b""), entry(FILE, "x", b"content")]);
        let sum = digest(&good);
        assert!(unpacked(&good, &sum).is_ok());
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert!(unpacked(&bad, &sum).is_err(), "byte {at}");
            assert!(unpacked(&good[..at], &sum).is_err(), "cut at {at}");
        }
        assert!(unpacked(&[good.clone(), vec![0]].concat(), &sum).is_err());
    }

    #[test]
    fn writing_and_reading_end_when_they_may_not_go_on() {
        let tree = tempfile::tempdir().unwrap();
        fs::write(tree.path().join("x"), vec![0; PIECE * 4]).unwrap();
        let enough = |bytes: u64| if bytes > PIECE as u64 { Err(io::Error::other("enough")) } else { Ok(()) };
        let out = File::create(tree.path().join("pack")).unwrap();
        assert_eq!(write(&roots(tree.path(), &["x"]), out, &enough).unwrap_err().to_string(), "enough");
        let (folder, packed) = packed(tree.path(), &["x"]);
        let pack = File::open(folder.path().join("pack")).unwrap();
        assert_eq!(read(pack, &packed.digest, 1, folder.path(), &enough).unwrap_err().to_string(), "enough");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [MAGIC.to_vec(), bytes].concat();
            let _ = unpacked(&bytes, &digest(&bytes));
        }

        #[test]
        fn a_link_that_stays_inside_never_resolves_outside(parts in proptest::collection::vec("[.]{1,2}|[ab]", 0..6), depth in 0..4_usize) {
            let target = parts.join("/");
            if stays_inside(depth, target.as_bytes()) {
                let mut level = i64::try_from(depth).unwrap();
                for part in &parts {
                    level += match part.as_str() { "." => 0, ".." => -1, _ => 1 };
                    prop_assert!(level >= 0, "{} at {}", target, depth);
                }
            }
        }
    }
}
