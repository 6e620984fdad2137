//! Secrets at rest and signatures of our own: AES-256-GCM with the row's identity as associated
//! data, HMAC-SHA-256 with keys derived per purpose. It owns the key file and its rules: a key is
//! never made beside an existing database, never read when others could read it.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// Seals, opens and signs. Cloning shares nothing secret beyond the process.
#[derive(Clone)]
pub struct Sealer {
    key: Zeroizing<[u8; KEY_BYTES]>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer(key {})", self.key_id())
    }
}

impl Sealer {
    /// Reads the key file, or makes it if neither it nor `database` exists yet.
    pub fn open_or_create(path: &Path, database: &Path) -> Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Self::read(path);
        }
        if database.exists() {
            return Err(refuse(path, "is missing, but there is a database that was sealed with it")
                .hint("Restore the key file from a backup. A new key can't read the stored secrets."));
        }
        Self::create(path)
    }

    fn create(path: &Path) -> Result<Self> {
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        random(&mut key[..])?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(&key[..])?;
        file.sync_all()?;
        Ok(Self { key })
    }

    fn read(path: &Path) -> Result<Self> {
        let found = path.symlink_metadata()?;
        if !found.is_file() {
            return Err(refuse(path, "is not a regular file"));
        }
        if found.mode() & 0o077 != 0 {
            return Err(refuse(path, "can be read by others").hint(format!("chmod 600 {}", path.display())));
        }
        if found.len() != KEY_BYTES as u64 {
            return Err(
                refuse(path, "does not hold exactly 32 bytes").hint("Restore the key file from a backup.")
            );
        }
        let mut key = Zeroizing::new([0_u8; KEY_BYTES]);
        File::open(path)?.read_exact(&mut key[..])?;
        Ok(Self { key })
    }

    /// Names the key without telling it: the first 8 hex digits of a hash of it.
    pub fn key_id(&self) -> String {
        hex(&self.derive("key id")[..4])
    }

    /// Encrypts `secret` so that it opens only for the same `identity` (table, row, column).
    pub fn seal(&self, identity: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0_u8; NONCE_BYTES];
        random(&mut nonce)?;
        let payload = Payload { msg: secret, aad: identity.as_bytes() };
        let sealed = self
            .cipher()
            .encrypt(Nonce::from_slice(&nonce), payload)
            .map_err(|_| Error::internal("encryption_error", "sealing a secret failed", "AES-GCM"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Decrypts what `seal` made for the same `identity`.
    pub fn open(&self, identity: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let failed = || Error::internal("decryption_error", "a stored secret cannot be decrypted", "AES-GCM");
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(failed)?;
        let payload = Payload { msg: body, aad: identity.as_bytes() };
        let secret = self.cipher().decrypt(Nonce::from_slice(nonce), payload).map_err(|_| failed())?;
        Ok(Zeroizing::new(secret))
    }

    /// HMAC-SHA-256 over length-prefixed parts, with a key derived for `purpose`.
    pub fn sign(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.mac(purpose);
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Whether `signature` is what `sign` gives for the same purpose and parts.
    pub fn verify(&self, purpose: &str, parts: &[&[u8]], signature: &[u8]) -> bool {
        self.sign(purpose, parts).ct_eq(signature).into()
    }

    fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"oore key derivation v1\0");
        hash.update(&self.key[..]);
        hash.update(purpose.as_bytes());
        hash.finalize().into()
    }

    fn mac(&self, purpose: &str) -> Hmac<Sha256> {
        match <Hmac<Sha256> as Mac>::new_from_slice(&self.derive(purpose)) {
            Ok(mac) => mac,
            Err(_) => unreachable!("HMAC accepts keys of any length"),
        }
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&self.derive("secrets at rest")))
    }
}

/// Fills `buffer` with random bytes of the operating system.
pub fn random(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer).map_err(|error| {
        Error::internal("random_error", "no random bytes from the system", error.to_string())
    })
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn refuse(path: &Path, why: &str) -> Error {
    Error::invalid("invalid_key_file", format!("the key file {} {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_secret_opens_only_for_its_own_row() {
        let dir = folder();
        let sealer = Sealer::open_or_create(&dir.path().join("key"), &dir.path().join("db")).unwrap();
        let sealed = sealer.seal("integrations/1/token", b"s3cret").unwrap();
        assert_eq!(&sealer.open("integrations/1/token", &sealed).unwrap()[..], b"s3cret");
        assert!(sealer.open("integrations/2/token", &sealed).is_err());
        assert!(!sealed.windows(6).any(|window| window == b"s3cret"));
    }

    #[test]
    fn no_new_key_is_made_beside_an_existing_database() {
        let dir = folder();
        std::fs::write(dir.path().join("db"), b"").unwrap();
        let error = Sealer::open_or_create(&dir.path().join("key"), &dir.path().join("db")).unwrap_err();
        assert!(error.message.contains("missing"), "{error}");
        assert!(!dir.path().join("key").exists());
    }

    #[test]
    fn a_key_that_is_short_readable_by_others_or_a_link_is_refused() {
        let dir = folder();
        let key = dir.path().join("key");
        let open = || Sealer::open_or_create(&key, &dir.path().join("db"));
        std::fs::write(&key, [0; 31]).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(open().is_err());
        std::fs::write(&key, [0; 32]).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(open().is_err());
        std::fs::rename(&key, dir.path().join("other")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("other"), &key).unwrap();
        assert!(open().is_err());
    }

    #[test]
    fn moving_a_border_between_signed_parts_changes_the_signature() {
        let dir = folder();
        let sealer = Sealer::open_or_create(&dir.path().join("key"), &dir.path().join("db")).unwrap();
        assert_ne!(sealer.sign("p", &[b"ab", b"c"]), sealer.sign("p", &[b"a", b"bc"]));
        assert_ne!(sealer.sign("p", &[b"ab"]), sealer.sign("q", &[b"ab"]));
    }
}
