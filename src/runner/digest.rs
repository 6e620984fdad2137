//! SHA-256 as people and names of files have it. What is hashed is others' business.

use sha2::{Digest, Sha256};

/// The end of a hash, in hexadecimal.
pub fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
