//! The key files and their rules. `encryption.key` is the key in force; beside it lies the former one
//! while a rotation goes on and, for what it has signed, a short time after. A key is never made
//! beside an existing database, never read when others could read it, never half written.

use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::random;
use crate::error::{Error, Result};
use crate::files::{self, Unfit};

const KEY_BYTES: usize = 32;
const TIME_BYTES: usize = 8;
/// How many bytes of a hash name a key.
pub const ID_BYTES: usize = 4;

/// One key; everything is derived from it.
pub struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    fn new() -> Result<Self> {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        random(&mut key[..])?;
        Ok(Self(key))
    }

    fn from(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// Names the key without telling it.
    pub fn id(&self) -> [u8; ID_BYTES] {
        let hash = self.derive("key id");
        [hash[0], hash[1], hash[2], hash[3]]
    }

    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"oore key derivation v1\0");
        hash.update(&self.0[..]);
        hash.update(purpose.as_bytes());
        hash.finalize().into()
    }

    pub fn mac(&self, purpose: &str) -> Hmac<Sha256> {
        match <Hmac<Sha256> as Mac>::new_from_slice(&self.derive(purpose)) {
            Ok(mac) => mac,
            Err(_) => unreachable!("HMAC accepts keys of any length"),
        }
    }
}

/// A key that was in force before.
pub struct Former {
    pub key: Key,
    /// Unix seconds; `None` while values are still sealed with it.
    pub retired_at: Option<i64>,
}

/// The keys that exist.
pub struct Ring {
    pub current: Key,
    pub former: Option<Former>,
}

impl Ring {
    /// The key with this id.
    pub fn find(&self, id: &[u8]) -> Option<&Key> {
        let former = self.former.as_ref().map(|former| &former.key);
        std::iter::once(&self.current).chain(former).find(|key| key.id() == id)
    }

    /// The former key, while values may still be sealed with it.
    pub fn unfinished(&self) -> Option<&Key> {
        self.former.as_ref().filter(|former| former.retired_at.is_none()).map(|former| &former.key)
    }
}

/// Where the former key is, while there is one.
pub fn former_key(current: &Path) -> PathBuf {
    files::beside(current, ".former")
}

/// Where the keys are.
#[derive(Debug, Clone)]
pub struct KeyFiles {
    current: PathBuf,
}

/// Tells one state of the files from another without reading them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp([Option<(u64, u64, i64, i64)>; 2]);

impl KeyFiles {
    pub fn new(current: &Path) -> Self {
        Self { current: current.to_owned() }
    }

    fn next(&self) -> PathBuf {
        files::beside(&self.current, ".next")
    }

    fn former(&self) -> PathBuf {
        former_key(&self.current)
    }

    pub fn stamp(&self) -> Stamp {
        let of = |path: &Path| {
            let found = path.symlink_metadata().ok()?;
            Some((found.dev(), found.ino(), found.mtime(), found.mtime_nsec()))
        };
        Stamp([of(&self.current), of(&self.former())])
    }

    /// Reads the keys; makes the first one if neither it nor `database` exists yet.
    pub fn open_or_create(&self, database: &Path) -> Result<Ring> {
        if self.current.symlink_metadata().is_ok() {
            return self.read();
        }
        if database.symlink_metadata().is_ok() {
            let why = "is missing, but there is a database that was sealed with it";
            return Err(refuse(&self.current, why)
                .hint("Restore the key file from a backup. A new key can't read the stored secrets."));
        }
        // Who comes second takes the key of who was first.
        files::create_private(&self.current, &Key::new()?.0[..])?;
        self.read()
    }

    pub fn read(&self) -> Result<Ring> {
        let current = read(&self.current, KEY_BYTES)?;
        let current = Key::from(&current).ok_or_else(|| wrong_length(&self.current, KEY_BYTES))?;
        let path = self.former();
        if path.symlink_metadata().is_err() {
            return Ok(Ring { current, former: None });
        }
        let content = read(&path, KEY_BYTES + TIME_BYTES)?;
        let former = parse_former(&content).ok_or_else(|| wrong_length(&path, KEY_BYTES + TIME_BYTES))?;
        Ok(Ring { current, former: Some(former) })
    }

    /// Keeps others from rotating as long as the answer lives.
    ///
    /// Errors: `rotation_in_progress`.
    pub fn lock(&self) -> Result<File> {
        let path = files::beside(&self.current, ".lock");
        files::try_lock(&path)?.ok_or_else(|| {
            Error::conflict("rotation_in_progress", "the key is being rotated by somebody else")
        })
    }

    /// Puts a new key in force and keeps the present one as the former. Killed anywhere, it leaves
    /// keys that open everything, and can be called again.
    pub fn advance(&self, ring: &Ring) -> Result<()> {
        files::create_private(&self.next(), &Key::new()?.0[..])?;
        // An older run may have left it in a state that nobody could read.
        read(&self.next(), KEY_BYTES)?;
        self.write_former(&ring.current, None)?;
        std::fs::rename(self.next(), &self.current)?;
        Ok(files::sync_folder(&self.current)?)
    }

    /// Notes that nothing is sealed with the former key any more.
    pub fn retire(&self, former: &Key, now: i64) -> Result<()> {
        self.write_former(former, Some(now))
    }

    pub fn forget_former(&self) -> Result<()> {
        files::remove(&self.former())
    }

    fn write_former(&self, key: &Key, retired_at: Option<i64>) -> Result<()> {
        let time = retired_at.unwrap_or_default().to_le_bytes();
        let content = Zeroizing::new([&key.0[..], &time].concat());
        files::replace_private(&self.former(), &content)
    }
}

fn parse_former(content: &[u8]) -> Option<Former> {
    let (key, time) = content.split_at_checked(KEY_BYTES)?;
    let retired_at = i64::from_le_bytes(time.try_into().ok()?);
    Some(Former { key: Key::from(key)?, retired_at: (retired_at != 0).then_some(retired_at) })
}

fn read(path: &Path, length: usize) -> Result<Zeroizing<Vec<u8>>> {
    let content = match files::read_private(path, length as u64) {
        Ok(content) => content,
        Err(Unfit::TooLarge(_)) => return Err(wrong_length(path, length)),
        Err(why) => {
            let refused = refuse(path, &why.to_string());
            return Err(match why {
                Unfit::ReadableByOthers => refused.hint(why.hint(path)),
                Unfit::Missing
                | Unfit::Link
                | Unfit::NotAFile
                | Unfit::NotOurs
                | Unfit::TooLarge(_)
                | Unfit::Unreadable(_) => refused,
            });
        }
    };
    if content.len() == length { Ok(content) } else { Err(wrong_length(path, length)) }
}

fn wrong_length(path: &Path, length: usize) -> Error {
    refuse(path, &format!("does not hold exactly {length} bytes")).hint("Restore the key file from a backup.")
}

fn refuse(path: &Path, why: &str) -> Error {
    Error::invalid("invalid_key_file", format!("the key file {} {why}", path.display()))
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ring(key {})", hex::encode(self.current.id()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> (tempfile::TempDir, KeyFiles, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (files, database) = (KeyFiles::new(&folder.path().join("key")), folder.path().join("db"));
        (folder, files, database)
    }

    #[test]
    fn no_new_key_is_made_beside_an_existing_database() {
        let (folder, files, database) = folder();
        for make in [
            |path: &Path| std::fs::write(path, b"").unwrap(),
            |path: &Path| std::os::unix::fs::symlink("/nowhere", path).unwrap(),
        ] {
            make(&database);
            let error = files.open_or_create(&database).unwrap_err();
            assert!(error.message.contains("missing"), "{error}");
            std::fs::remove_file(&database).unwrap();
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_key_that_is_short_long_readable_by_others_or_a_link_is_refused() {
        let (folder, files, database) = folder();
        let key = folder.path().join("key");
        let put = |length: usize, mode: u32| {
            let _ = std::fs::remove_file(&key);
            std::fs::write(&key, vec![0; length]).unwrap();
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
            files.open_or_create(&database).map(|_| ()).map_err(|error| error.message)
        };
        assert!(put(32, 0o600).is_ok());
        assert!(put(31, 0o600).unwrap_err().contains("exactly 32 bytes"));
        assert!(put(33, 0o600).unwrap_err().contains("exactly 32 bytes"));
        assert!(put(0, 0o600).unwrap_err().contains("exactly 32 bytes"));
        assert!(put(32, 0o644).unwrap_err().contains("read by others"));
        assert!(put(32, 0o620).unwrap_err().contains("read by others"));
        put(32, 0o600).unwrap();
        std::fs::rename(&key, folder.path().join("other")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("other"), &key).unwrap();
        assert!(files.open_or_create(&database).unwrap_err().message.contains("symbolic link"));
    }

    #[test]
    fn many_that_start_at_once_have_one_key() {
        let (_folder, files, database) = folder();
        let ids: std::collections::HashSet<_> = std::thread::scope(|scope| {
            let open = || files.open_or_create(&database).unwrap().current.id();
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(ids.len(), 1);
    }

    #[test]
    fn a_new_key_keeps_the_former_one_and_what_an_interrupted_run_left() {
        let (folder, files, database) = folder();
        let first = files.open_or_create(&database).unwrap();
        let left = Key::new().unwrap();
        files::create_private(&folder.path().join("key.next"), &left.0[..]).unwrap();
        files.write_former(&first.current, None).unwrap();
        files.advance(&files.read().unwrap()).unwrap();
        let ring = files.read().unwrap();
        assert_eq!((ring.current.id(), ring.unfinished().unwrap().id()), (left.id(), first.current.id()));
        files.retire(&first.current, 7).unwrap();
        let ring = files.read().unwrap();
        assert_eq!((ring.unfinished().is_none(), ring.former.unwrap().retired_at), (true, Some(7)));
    }

    #[test]
    fn only_one_rotates_at_a_time() {
        let (_folder, files, database) = folder();
        files.open_or_create(&database).unwrap();
        let lock = files.lock().unwrap();
        assert_eq!(files.lock().unwrap_err().code, "rotation_in_progress");
        drop(lock);
        files.lock().unwrap();
    }
}
