//! Pairing a web server of its own with the daemon: an invitation minted on the host is exchanged, once
//! and by a trusted peer, for the secret by which the server proves itself afterwards.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::modes::Modes;
use super::peer::Origin;
use super::refusal;
use super::setup;
use super::token;
use super::trusted_proxy;
use crate::app::App;
use crate::audit;
use crate::db::entity::{host_capabilities, trusted_proxy_settings};
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::credential::CapabilityPurpose;
use crate::error::{Error, Result, codes};
use crate::seal::random;

/// Longest life of an invitation, in seconds.
pub const MAX_TTL: i64 = 3600;
/// Longest code that is looked at, in characters.
const MAX_CODE: usize = 128;

/// An invitation just made. The code is shown this once.
#[derive(Debug)]
pub struct Invitation {
    pub code: String,
    pub expires_at: i64,
}

/// What a paired server gets.
pub struct Paired {
    pub backend_proof: String,
    pub user_email_header: String,
}

/// Mints an invitation as part of `tx`; an older one is void.
///
/// Errors: 409 `setup_incomplete`, 409 `trusted_proxy_not_configured`.
pub async fn invite(tx: &Tx, ttl_seconds: i64, now: i64) -> Result<Invitation> {
    settings(tx).await?;
    let mut secret = Zeroizing::new([0_u8; 24]);
    random(&mut secret[..])?;
    let code = format!("fp_{}", URL_SAFE_NO_PAD.encode(&secret[..]));
    let expires_at = now + ttl_seconds;
    db::host_capabilities::delete_for(tx, CapabilityPurpose::Pairing).await?;
    let row = host_capabilities::Model {
        token_hash: token::hash(&code),
        purpose: CapabilityPurpose::Pairing,
        user_id: None,
        created_at: now,
        expires_at,
    };
    db::host_capabilities::insert(tx, row).await?;
    Ok(Invitation { code, expires_at })
}

/// The settings of a proxy that has a secret to hand over.
async fn settings(tx: &Tx) -> Result<trusted_proxy_settings::Model> {
    let instance = db::instance::get(tx).await?;
    setup::require_ready(&instance)?;
    let stored = db::trusted_proxy_settings::find(tx).await?;
    let usable = stored.filter(|stored| stored.shared_secret.is_some());
    usable.filter(|_| Modes::of(&instance).is_behind_proxy()).ok_or_else(|| {
        Error::conflict("trusted_proxy_not_configured", "no trusted proxy with a shared secret is in use")
            .hint("Let people sign in through a trusted proxy, and set its shared secret.")
    })
}

/// Uses an invitation up and hands over what the server needs. Refusals are recorded too.
///
/// Errors: 409 `setup_incomplete`, 409 `trusted_proxy_not_configured`, 403 `pairing_peer_not_allowed`,
/// 401 `invalid_pairing_code`, 429 `too_many_attempts`, 500 `decryption_failed`.
pub async fn pair(app: &App, origin: Origin, code: &str) -> Result<Paired> {
    match app.db.write(async |tx| exchange(tx, app, origin, code.trim()).await).await {
        Ok(paired) => Ok(paired),
        Err(error) => Err(refusal::note(app, origin, AuditAction::FrontendPairingRefused, None, error).await),
    }
}

async fn exchange(tx: &Tx, app: &App, origin: Origin, code: &str) -> Result<Paired> {
    let settings = settings(tx).await?;
    if !trusted_proxy::is_peer(&settings, origin) {
        let why = "the request did not come from a trusted proxy";
        return Err(Error::forbidden("pairing_peer_not_allowed", why));
    }
    let invalid = || {
        Error::unauthenticated(codes::INVALID_PAIRING_CODE, "the code is unknown, used or expired")
            .hint("Mint a new one on the daemon's machine with `oore frontend invite`.")
    };
    if code.chars().count() > MAX_CODE {
        return Err(invalid());
    }
    let (hash, now) = (token::hash(code), app.clock.now());
    db::host_capabilities::take(tx, CapabilityPurpose::Pairing, &hash, now).await?.ok_or_else(invalid)?;
    let proof = proof(app, &settings)?;
    let entry =
        Entry::new(AuditAction::FrontendPairingCompleted, Actor::Unknown, AuditResource::ExternalAccess);
    audit::record(tx, app, entry.from(origin)).await?;
    Ok(Paired { backend_proof: proof, user_email_header: settings.user_email_header })
}

fn proof(app: &App, settings: &trusted_proxy_settings::Model) -> Result<String> {
    let failed = |why| Error::internal("decryption_failed", "the proxy's secret cannot be read", why);
    let secret = trusted_proxy::secret(&app.sealer, settings).map_err(|error| failed(error.to_string()))?;
    let secret = secret.ok_or_else(|| failed("there is none".to_owned()))?;
    String::from_utf8(secret.to_vec()).map_err(|_| failed("it is not text".to_owned()))
}
