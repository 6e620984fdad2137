//! Addresses that carry their own permission: who has one may upload or download one artifact until
//! it expires. They are signatures, not rows, so a restart of the daemon breaks none.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::domain::id::ArtifactId;
use crate::seal::SIGNED_FOR_SECONDS;

const PURPOSE: &str = "artifact link";
const VERSION: &[u8] = b"1";

/// What a link lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    Upload,
    Download,
}

impl LinkKind {
    pub fn ttl_seconds(self) -> i64 {
        match self {
            LinkKind::Upload => SIGNED_FOR_SECONDS,
            LinkKind::Download => 900,
        }
    }

    /// Method and disposition are part of what is signed.
    fn signed(self) -> (&'static [u8], &'static [u8]) {
        match self {
            LinkKind::Upload => (b"PUT", b""),
            LinkKind::Download => (b"GET", b"attachment"),
        }
    }
}

/// A link just made.
#[derive(Debug)]
pub struct Link {
    /// One segment of a path.
    pub token: String,
    /// Unix seconds.
    pub expires_at: i64,
}

pub fn make(app: &App, kind: LinkKind, artifact: ArtifactId) -> Link {
    let expires_at = app.clock.now() + kind.ttl_seconds();
    let signature = signed(kind, artifact, expires_at, |parts| app.sealer.sign(PURPOSE, parts));
    Link { token: format!("{artifact}.{expires_at}.{}", URL_SAFE_NO_PAD.encode(signature)), expires_at }
}

/// The artifact of a link that is genuine and has not expired.
pub fn verify(app: &App, kind: LinkKind, token: &str) -> Option<ArtifactId> {
    let mut parts = token.split('.');
    let artifact: ArtifactId = parts.next()?.parse().ok()?;
    let expires_at: i64 = parts.next()?.parse().ok()?;
    let signature = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    let genuine = signed(kind, artifact, expires_at, |parts| {
        app.sealer.verify_expiring(PURPOSE, parts, &signature, expires_at)
    });
    (genuine && parts.next().is_none() && expires_at > app.clock.now()).then_some(artifact)
}

/// Hands the signed parts of a link to `work`.
fn signed<T>(kind: LinkKind, artifact: ArtifactId, expires_at: i64, work: impl FnOnce(&[&[u8]]) -> T) -> T {
    let (method, disposition) = kind.signed();
    let (artifact, expiry) = (artifact.to_string(), expires_at.to_string());
    work(&[VERSION, artifact.as_bytes(), method, expiry.as_bytes(), disposition])
}
