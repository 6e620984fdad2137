//! One file that holds folders: written and read as a stream and hashed on the way, so that its name can be
//! the hash of its content. It holds files, folders and links that stay inside, nothing else. This file is the format.

mod read;
mod write;

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use sha2::{Digest, Sha256};

pub use self::read::{ReadError, read};
pub use self::write::{Packed, Root, write};

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

impl<T> Hashing<T> {
    fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }
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
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::*;
    use rustix::fs::{CWD, Mode};
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
        hex::encode(Sha256::digest(bytes))
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
