//! Secrets at rest and signatures of our own: AES-256-GCM with the row's identity as associated
//! data, HMAC-SHA-256 with keys derived per purpose. Which keys there are is `ring`'s business; a
//! rotation by another process is noticed before the next use.

mod ring;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::Mac;
use parking_lot::RwLock;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use self::ring::former_key;
use self::ring::{ID_BYTES, Key, KeyFiles, Ring, Stamp};
use crate::error::{Error, Result, codes};

const NONCE_BYTES: usize = 12;
const FORMAT: u8 = 1;
/// Longest life of anything signed that expires: so long a retired key is good for what it signed.
pub const SIGNED_FOR_SECONDS: i64 = 1800;

/// Seals, opens and signs. Clones share the keys.
#[derive(Clone)]
pub struct Sealer {
    files: KeyFiles,
    loaded: Arc<RwLock<(Stamp, Arc<Ring>)>>,
}

/// How far a rotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// There is one key.
    None,
    /// Values may still be sealed with the former key.
    Unfinished,
    /// The former key only verifies what it signed before this moment (Unix seconds).
    Retired(i64),
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer(key {})", self.key_id())
    }
}

impl Sealer {
    /// Reads the key file, or makes it if neither it nor `database` exists yet.
    pub fn open_or_create(path: &Path, database: &Path) -> Result<Self> {
        let files = KeyFiles::new(path);
        let stamp = files.stamp();
        let ring = files.open_or_create(database)?;
        Ok(Self { files, loaded: Arc::new(RwLock::new((stamp, Arc::new(ring)))) })
    }

    /// The keys as they are on the disk now. While they can't be read the known ones stay in use.
    fn ring(&self) -> Arc<Ring> {
        let stamp = self.files.stamp();
        {
            let loaded = self.loaded.read();
            if loaded.0 == stamp {
                return loaded.1.clone();
            }
        }
        self.reload(stamp)
    }

    fn reload(&self, stamp: Stamp) -> Arc<Ring> {
        let mut loaded = self.loaded.write();
        match self.files.read() {
            Ok(ring) => *loaded = (stamp, Arc::new(ring)),
            Err(error) => {
                tracing::error!(
                    "the key files changed and cannot be read, the known keys stay in use: {error}"
                );
                loaded.0 = stamp;
            }
        }
        loaded.1.clone()
    }

    /// Names the key in force without telling it: the first 8 hex digits of a hash of it.
    pub fn key_id(&self) -> String {
        hex::encode(self.ring().current.id())
    }

    /// The keys that a database may be sealed with: the one in force and, during a rotation, the former.
    pub fn key_ids(&self) -> Vec<String> {
        let ring = self.ring();
        std::iter::once(&ring.current).chain(ring.unfinished()).map(|key| hex::encode(key.id())).collect()
    }

    /// How every value begins that is sealed with the key in force.
    pub fn mark(&self) -> [u8; 1 + ID_BYTES] {
        mark(&self.ring().current)
    }

    /// Encrypts `secret` so that it opens only for the same `identity` (`table/id/column`).
    pub fn seal(&self, identity: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0_u8; NONCE_BYTES];
        random(&mut nonce)?;
        let ring = self.ring();
        let payload = Payload { msg: secret, aad: identity.as_bytes() };
        let sealed = cipher(&ring.current)
            .encrypt(Nonce::from_slice(&nonce), payload)
            .map_err(|_| Error::internal("encryption_error", "sealing a secret failed", "AES-GCM"))?;
        Ok([&mark(&ring.current)[..], &nonce, &sealed].concat())
    }

    /// Decrypts what `seal` made for the same `identity`.
    pub fn open(&self, identity: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let failed = |why: String| {
            Error::internal(codes::DECRYPTION_ERROR, "a stored secret cannot be decrypted", why)
        };
        let short = || failed("it is too short".to_owned());
        let (mark, rest) = sealed.split_at_checked(1 + ID_BYTES).ok_or_else(short)?;
        let (nonce, body) = rest.split_at_checked(NONCE_BYTES).ok_or_else(short)?;
        if mark[0] != FORMAT {
            return Err(failed(format!("format {} is unknown", mark[0])));
        }
        let id = &mark[1..];
        let known = self.ring();
        // A rotation may have come between the look at the files and the sealing.
        let ring = if known.find(id).is_some() { known } else { self.reload(self.files.stamp()) };
        let key = ring.find(id).ok_or_else(|| failed(format!("there is no key {}", hex::encode(id))))?;
        let payload = Payload { msg: body, aad: identity.as_bytes() };
        let secret = cipher(key).decrypt(Nonce::from_slice(nonce), payload);
        secret.map(Zeroizing::new).map_err(|_| failed("AES-GCM".to_owned()))
    }

    /// HMAC-SHA-256 over length-prefixed parts, with a key derived for `purpose`.
    pub fn sign(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        sign(&self.ring().current, purpose, parts)
    }

    /// Whether `signature` is what `sign` gave for the same purpose and parts: now or, during a
    /// rotation, before it.
    pub fn verify(&self, purpose: &str, parts: &[&[u8]], signature: &[u8]) -> bool {
        let ring = self.ring();
        std::iter::once(&ring.current)
            .chain(ring.unfinished())
            .any(|key| sign(key, purpose, parts).ct_eq(signature).into())
    }

    /// The same for what expires at a time that is one of the parts: a retired key is good for what it
    /// can have signed while it was in force.
    pub fn verify_expiring(&self, purpose: &str, parts: &[&[u8]], signature: &[u8], expires_at: i64) -> bool {
        let ring = self.ring();
        let retired = ring.former.as_ref().filter(|former| {
            former.retired_at.is_some_and(|at| expires_at <= at.saturating_add(SIGNED_FOR_SECONDS))
        });
        self.verify(purpose, parts, signature)
            || retired.is_some_and(|former| sign(&former.key, purpose, parts).ct_eq(signature).into())
    }

    pub fn rotation(&self) -> Rotation {
        // Once: another process may rotate between two looks.
        let ring = self.ring();
        match &ring.former {
            None => Rotation::None,
            // Left behind before the new key was in force.
            Some(former) if former.key.id() == ring.current.id() => Rotation::None,
            Some(former) => former.retired_at.map_or(Rotation::Unfinished, Rotation::Retired),
        }
    }

    /// Keeps others from rotating as long as the answer lives.
    ///
    /// Errors: `rotation_in_progress`.
    pub fn lock_rotation(&self) -> Result<File> {
        self.files.lock()
    }

    /// Puts a new key in force; the present one still opens and verifies everything.
    pub fn begin_rotation(&self) -> Result<()> {
        self.files.advance(&self.ring())
    }

    /// Retires the former key: nothing may be sealed with it any more.
    pub fn finish_rotation(&self, now: i64) -> Result<()> {
        match &self.ring().former {
            Some(former) => self.files.retire(&former.key, now),
            None => Ok(()),
        }
    }

    /// Removes a retired key for good.
    pub fn forget_former(&self) -> Result<()> {
        self.files.forget_former()
    }
}

fn mark(key: &Key) -> [u8; 1 + ID_BYTES] {
    let [a, b, c, d] = key.id();
    [FORMAT, a, b, c, d]
}

fn cipher(key: &Key) -> Aes256Gcm {
    Aes256Gcm::new(aes_gcm::Key::<Aes256Gcm>::from_slice(&key.derive("secrets at rest")))
}

fn sign(key: &Key, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = key.mac(purpose);
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Fills `buffer` with random bytes of the operating system.
pub fn random(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer).map_err(|error| {
        Error::internal("random_error", "no random bytes from the system", error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(dir: &tempfile::TempDir) -> Sealer {
        Sealer::open_or_create(&dir.path().join("key"), &dir.path().join("db")).unwrap()
    }

    #[test]
    fn a_secret_opens_only_for_its_own_row() {
        let dir = tempfile::tempdir().unwrap();
        let sealer = sealer(&dir);
        let sealed = sealer.seal("integrations/1/token", b"s3cret").unwrap();
        assert_eq!(&sealer.open("integrations/1/token", &sealed).unwrap()[..], b"s3cret");
        assert!(sealer.open("integrations/2/token", &sealed).is_err());
        assert!(!sealed.windows(6).any(|window| window == b"s3cret"));
    }

    #[test]
    fn a_changed_byte_anywhere_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let sealer = sealer(&dir);
        let sealed = sealer.seal("t/1/c", b"s3cret").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer.open("t/1/c", &changed).is_err(), "byte {at}");
            assert!(sealer.open("t/1/c", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn moving_a_border_between_signed_parts_changes_the_signature() {
        let dir = tempfile::tempdir().unwrap();
        let sealer = sealer(&dir);
        assert_ne!(sealer.sign("p", &[b"ab", b"c"]), sealer.sign("p", &[b"a", b"bc"]));
        assert_ne!(sealer.sign("p", &[b"ab"]), sealer.sign("q", &[b"ab"]));
    }

    /// Another process rotates; this one only sees the files.
    #[test]
    fn a_rotation_elsewhere_is_noticed_before_the_next_use() {
        let dir = tempfile::tempdir().unwrap();
        let (here, there) = (sealer(&dir), sealer(&dir));
        let (before, signed) = (here.seal("t/1/c", b"s3cret").unwrap(), here.sign("p", &[b"x"]));
        there.begin_rotation().unwrap();
        assert_eq!((here.rotation(), here.key_id()), (Rotation::Unfinished, there.key_id()));
        assert!(before[..5] != here.mark() && here.seal("t/1/c", b"x").unwrap()[..5] == here.mark());
        assert_eq!(&here.open("t/1/c", &before).unwrap()[..], b"s3cret");
        assert!(here.verify("p", &[b"x"], &signed));
        there.finish_rotation(1000).unwrap();
        assert_eq!((here.rotation(), here.key_ids()), (Rotation::Retired(1000), vec![there.key_id()]));
        assert!(!here.verify("p", &[b"x"], &signed));
        assert!(here.verify_expiring("p", &[b"x"], &signed, 1000 + SIGNED_FOR_SECONDS));
        assert!(!here.verify_expiring("p", &[b"x"], &signed, 1001 + SIGNED_FOR_SECONDS));
        there.forget_former().unwrap();
        assert!(here.open("t/1/c", &before).is_err());
        assert!(!here.verify_expiring("p", &[b"x"], &signed, 1));
    }

    #[test]
    fn key_files_that_become_unreadable_leave_the_known_keys_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let sealer = sealer(&dir);
        let sealed = sealer.seal("t/1/c", b"s3cret").unwrap();
        std::fs::write(dir.path().join("key"), b"short").unwrap();
        assert_eq!(&sealer.open("t/1/c", &sealed).unwrap()[..], b"s3cret");
        std::fs::remove_file(dir.path().join("key")).unwrap();
        assert_eq!(&sealer.open("t/1/c", &sealed).unwrap()[..], b"s3cret");
    }
}
