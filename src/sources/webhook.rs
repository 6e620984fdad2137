//! Who sends a webhook: whose secret its signature or token is made with. Signatures are of the bytes as they
//! came; nothing here understands them, but for the project that GitLab's name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::app::App;
use crate::db;
use crate::db::entity::repositories;
use crate::db::integration_secrets::Holder;
use crate::domain::id::IntegrationId;
use crate::domain::source::{IntegrationSecretKind, ScmProvider};
use crate::error::{Error, Result, codes};
use crate::sources::secrets;

/// How far the time of a signature may be off, in seconds.
const MOST_OFF: i64 = 300;
/// A signature may be made with an old and a new secret; nobody needs more.
const MOST_SIGNATURES: usize = 8;

type Signature = [u8; 32];

/// What GitHub shows.
#[derive(Debug)]
pub struct GithubProof(Signature);

impl GithubProof {
    /// Reads the values of `X-Hub-Signature-256`, of which there must be one.
    ///
    /// Errors: 401 `missing_signature`, 401 `invalid_signature`.
    pub fn read(values: &[&[u8]]) -> Result<Self> {
        let [value] = values else {
            return match values {
                [] => Err(Error::unauthenticated("missing_signature", "the delivery is not signed")
                    .hint("Give the webhook a secret; signatures are expected in X-Hub-Signature-256.")),
                _ => Err(invalid_signature("there is more than one signature")),
            };
        };
        let digits = value.strip_prefix(b"sha256=").filter(|digits| digits.len() == 64);
        let plain = |digits: &&[u8]| digits.iter().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        let digits = digits.filter(plain).and_then(|digits| std::str::from_utf8(digits).ok());
        let signature = digits.and_then(|digits| hex::decode(digits).ok()?.try_into().ok());
        signature
            .map(Self)
            .ok_or_else(|| invalid_signature("the signature is no SHA-256 in lower-case hexadecimal"))
    }

    /// The app whose secret it is made with.
    ///
    /// Errors: 401 `invalid_signature`, 500 `decryption_error`.
    pub fn of<'a>(&self, body: &[u8], secrets: &'a [Secret]) -> Result<&'a Secret> {
        let matching = secrets.iter().find(|secret| made_with(secret.value.as_bytes(), &[body], &self.0));
        matching.ok_or_else(|| invalid_signature("the signature does not fit the body and any app's secret"))
    }
}

/// A secret, and whose it is.
pub struct Secret {
    pub integration: IntegrationId,
    value: Zeroizing<String>,
}

/// The secrets of every GitHub App that is listened to.
pub async fn github_secrets(app: &App) -> Result<Vec<Secret>> {
    let db = app.db.read();
    let senders = db::integrations::listened_to(db, ScmProvider::Github).await?;
    let rows = db::integration_secrets::list(db, senders, IntegrationSecretKind::WebhookSecret).await?;
    rows.iter()
        .map(|row| Ok(Secret { integration: row.integration_id, value: secrets::open(&app.sealer, row)? }))
        .collect()
}

/// What GitLab shows: a token, a signature, or both, of which each must be right.
#[derive(Debug)]
pub struct GitlabProof {
    token: Option<Vec<u8>>,
    signed: Option<Signed>,
}

/// A signature after <https://www.standardwebhooks.com>.
#[derive(Debug)]
struct Signed {
    id: Vec<u8>,
    timestamp: Vec<u8>,
    signatures: Vec<Signature>,
}

/// The values of the headers that GitLab proves itself with.
#[derive(Debug)]
pub struct GitlabHeaders<'a> {
    pub token: Vec<&'a [u8]>,
    pub signature: Vec<&'a [u8]>,
    pub id: Vec<&'a [u8]>,
    pub timestamp: Vec<&'a [u8]>,
}

impl GitlabProof {
    /// Reads the headers; `now` is in Unix seconds.
    ///
    /// Errors: 401 `missing_token`, 401 `invalid_token`, 401 `invalid_signature`.
    pub fn read(headers: &GitlabHeaders<'_>, now: i64) -> Result<Self> {
        let token = match headers.token[..] {
            [] => None,
            [token] => Some(token.to_vec()),
            _ => return Err(invalid_token("there is more than one token")),
        };
        let signed = if headers.signature.is_empty() { None } else { Some(Signed::read(headers, now)?) };
        if token.is_none() && signed.is_none() {
            return Err(Error::unauthenticated("missing_token", "the delivery shows no token")
                .hint("Enter the repository's webhook secret as the secret token of the webhook."));
        }
        Ok(Self { token, signed })
    }

    fn fits(&self, secret: &[u8], body: &[u8]) -> bool {
        let token = self.token.as_ref().is_none_or(|token| same(token, secret));
        token && self.signed.as_ref().is_none_or(|signed| signed.fits(secret, body))
    }
}

impl Signed {
    fn read(headers: &GitlabHeaders<'_>, now: i64) -> Result<Self> {
        let (&[value], &[id], &[timestamp]) =
            (&headers.signature[..], &headers.id[..], &headers.timestamp[..])
        else {
            return Err(invalid_signature(
                "webhook-signature, webhook-id and webhook-timestamp must be there once",
            ));
        };
        let seconds = std::str::from_utf8(timestamp).ok().and_then(|text| text.parse::<i64>().ok());
        if seconds.is_none_or(|seconds| seconds.abs_diff(now) > MOST_OFF.unsigned_abs()) {
            return Err(invalid_signature("the delivery was signed more than five minutes ago, or will be")
                .hint("Check the clocks of GitLab and of this machine."));
        }
        let text = std::str::from_utf8(value).unwrap_or_default();
        let versions = text.split(' ').filter_map(|one| one.strip_prefix("v1,")).take(MOST_SIGNATURES);
        let signatures = versions.filter_map(|one| STANDARD.decode(one).ok()?.try_into().ok());
        Ok(Self { id: id.to_vec(), timestamp: timestamp.to_vec(), signatures: signatures.collect() })
    }

    fn fits(&self, secret: &[u8], body: &[u8]) -> bool {
        let decoded =
            secret.strip_prefix(b"whsec_").and_then(|key| STANDARD.decode(key).ok()).map(Zeroizing::new);
        let key = decoded.as_ref().map_or(secret, |key| &key[..]);
        let parts = [&self.id[..], b".", &self.timestamp, b".", body];
        self.signatures.iter().any(|signature| made_with(key, &parts, signature))
    }
}

/// The repository whose own secret a delivery proves, among those that `project` names at any GitLab that is
/// listened to.
///
/// Errors: 401 `invalid_token`, 401 `invalid_signature`, 500 `decryption_error`.
pub async fn gitlab_sender(
    app: &App,
    proof: &GitlabProof,
    project: Option<&str>,
    body: &[u8],
) -> Result<repositories::Model> {
    let db = app.db.read();
    let senders = db::integrations::listened_to(db, ScmProvider::Gitlab).await?;
    let named = match project {
        Some(project) => db::repositories::named(db, senders, project).await?,
        None => Vec::new(),
    };
    for repository in named {
        let holder = Holder::Repository(repository.integration_id, repository.id);
        let kind = IntegrationSecretKind::WebhookSecret;
        let secret = secrets::find(db, &app.sealer, holder, kind).await?;
        if secret.is_some_and(|secret| proof.fits(secret.as_bytes(), body)) {
            return Ok(repository);
        }
    }
    Err(match proof.signed {
        Some(_) => invalid_signature("the signature does not fit the body and the project's secret"),
        None => invalid_token("the token is not that of the project the delivery is about"),
    })
}

fn made_with(secret: &[u8], parts: &[&[u8]], signature: &Signature) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return false };
    parts.iter().for_each(|part| mac.update(part));
    mac.verify_slice(signature).is_ok()
}

/// Without telling by the time it takes how much of them is the same, or how long they are.
fn same(one: &[u8], other: &[u8]) -> bool {
    Sha256::digest(one)[..].ct_eq(&Sha256::digest(other)[..]).into()
}

fn invalid_signature(why: &str) -> Error {
    Error::unauthenticated("invalid_signature", why)
        .hint("Check that the webhook's secret is the one that this instance knows.")
}

fn invalid_token(why: &str) -> Error {
    Error::unauthenticated(codes::INVALID_TOKEN, why)
        .hint("Rotate the repository's webhook secret and enter the new one at GitLab.")
}
