//! Bearer tokens: 256 random bits behind a prefix that names the kind, and a check part, so that
//! secret scanners and people recognise one. Only SHA-256 hashes of tokens are ever stored.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use crate::error::Result;
use crate::seal::random;

const SECRET_BYTES: usize = 32;
const SHOWN_CHARS: usize = 8;

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    Session,
    Api,
    Bootstrap,
    Recovery,
    Setup,
    Runner,
    Enrolment,
    Signing,
    Stream,
    Artifact,
}

impl TokenKind {
    fn word(self) -> &'static str {
        match self {
            TokenKind::Session => "session",
            TokenKind::Api => "api",
            TokenKind::Bootstrap => "bootstrap",
            TokenKind::Recovery => "recovery",
            TokenKind::Setup => "setup",
            TokenKind::Runner => "runner",
            TokenKind::Enrolment => "enrol",
            TokenKind::Signing => "signing",
            TokenKind::Stream => "stream",
            TokenKind::Artifact => "artifact",
        }
    }
}

/// A new token: `oore_<kind>_<64 hex><8 hex check>`.
pub fn mint(kind: TokenKind) -> Result<String> {
    let mut secret = [0_u8; SECRET_BYTES];
    random(&mut secret)?;
    let body = format!("oore_{}_{}", kind.word(), hex::encode(secret));
    let check = crc32fast::hash(body.as_bytes());
    Ok(format!("{body}{check:08x}"))
}

/// Whether a token says of itself that it is of this kind.
pub fn claims(token: &str, kind: TokenKind) -> bool {
    token
        .strip_prefix("oore_")
        .and_then(|rest| rest.strip_prefix(kind.word()))
        .is_some_and(|rest| rest.starts_with('_'))
}

/// The part of a token that is shown to tell it from others: 8 characters after its kind.
pub fn prefix(token: &str) -> String {
    let secret = token.rsplit('_').next().unwrap_or_default();
    secret.chars().take(SHOWN_CHARS).collect()
}

/// SHA-256 of a token.
pub type Digest = [u8; 32];

pub fn digest(token: &str) -> Digest {
    Sha256::digest(token.as_bytes()).into()
}

/// The stored form: SHA-256 in lower-case hex.
pub fn hash(token: &str) -> String {
    hex::encode(digest(token))
}

/// Whether two stored forms are equal; how long it takes tells nothing of where they differ.
pub fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn tokens_are_unique_and_carry_their_kind_and_check() {
        let tokens: HashSet<String> = (0..1000).map(|_| mint(TokenKind::Session).unwrap()).collect();
        assert_eq!(tokens.len(), 1000);
        for token in tokens {
            let (body, check) = token.split_at(token.len() - 8);
            assert!(body.starts_with("oore_session_"), "{token}");
            assert_eq!(check, format!("{:08x}", crc32fast::hash(body.as_bytes())));
        }
    }
}
