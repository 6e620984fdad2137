//! The trusted proxy's settings as somebody enters them: checked, sealed, saved; never so that nobody
//! could sign in any more.

use serde_json::json;

use super::caller::Caller;
use super::modes::{self, would_lock_out};
use super::peer::{Origin, is_forwarding};
use super::trusted_proxy::{
    DEFAULT_HEADER, Headers, SECRET_HEADER, is_narrow, is_peer, is_usable, named, range, seal_secret,
};
use crate::app::App;
use crate::audit;
use crate::db::entity::trusted_proxy_settings::Model;
use crate::db::trusted_proxy_settings::ROW;
use crate::db::{self, Doc, Tx};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::error::{Error, FieldError, Result};
use crate::seal::Sealer;

/// Why a secret is worth having.
pub const NO_SECRET: &str =
    "without a shared secret every program at the proxy's addresses can speak for anybody";

/// Why a range is not trusted by itself.
const TOO_WIDE: &str = "is too wide without a shared secret: set one, or enter private addresses (at most /8, in IPv6 /16) \
                        and each public one by itself";

const MAX_SECRET: usize = 1024;
const MAX_HEADER: usize = 128;
const MAX_CIDRS: usize = 256;

/// What happens to the stored secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    Keep,
    Clear,
    Set(String),
}

impl Secret {
    /// Absent keeps, empty clears.
    pub fn entered(text: Option<String>) -> Self {
        match text {
            None => Secret::Keep,
            Some(text) if text.is_empty() => Secret::Clear,
            Some(text) => Secret::Set(text),
        }
    }
}

/// What to change; `None` leaves a setting as it is.
pub struct Change {
    pub user_email_header: Option<String>,
    pub cidrs: Option<Vec<String>>,
    pub shared_secret: Secret,
    pub setup_owner_email: Option<String>,
}

/// Refuses a ticket of Warpgate: there is no install link that it could open. An empty one removes what isn't there.
///
/// Errors: 400 `invalid_input`.
pub fn refuse_ticket(ticket: Option<&str>) -> Result<()> {
    match ticket {
        None | Some("") => Ok(()),
        Some(_) => {
            let why = "can't be kept: no link of this instance uses a ticket; leave it out";
            Err(Error::invalid_fields("invalid_input", vec![FieldError::new("warpgate_ticket", why)]))
        }
    }
}

/// Saves the settings as part of `tx`.
///
/// Errors: 400 `invalid_input`.
pub async fn save(tx: &Tx, sealer: &Sealer, change: Change, now: i64) -> Result<Model> {
    let stored = db::trusted_proxy_settings::find(tx).await?;
    let header =
        change.user_email_header.map(|header| header.trim().to_owned()).filter(|header| !header.is_empty());
    let user_email_header = header
        .or_else(|| stored.as_ref().map(|stored| stored.user_email_header.clone()))
        .unwrap_or_else(|| DEFAULT_HEADER.to_owned());
    let kept = stored.as_ref().map(|stored| stored.cidrs.0.clone()).unwrap_or_default();
    let cidrs: Vec<String> = change.cidrs.unwrap_or(kept).iter().map(|cidr| cidr.trim().to_owned()).collect();
    let secret_stored = stored.as_ref().is_some_and(|stored| stored.shared_secret.is_some());
    let is_secret = match &change.shared_secret {
        Secret::Keep => secret_stored,
        Secret::Clear => false,
        Secret::Set(_) => true,
    };
    check(&user_email_header, &cidrs, &change.shared_secret, is_secret)?;
    let shared_secret = match change.shared_secret {
        Secret::Keep => stored.and_then(|stored| stored.shared_secret),
        Secret::Clear => None,
        Secret::Set(secret) => Some(seal_secret(sealer, &secret)?),
    };
    let row = Model {
        id: ROW,
        user_email_header,
        cidrs: Doc(cidrs),
        shared_secret,
        setup_owner_email: change.setup_owner_email,
        updated_at: now,
    };
    db::trusted_proxy_settings::replace(tx, row.clone()).await?;
    Ok(row)
}

/// Changes the settings of an instance that is set up.
///
/// Errors: 403 `external_access_loopback_required`, 400 `invalid_input`, 400 `trusted_proxy_shared_secret_required` if
/// nobody could sign in any more, 409 `external_access_would_lock_out`.
pub async fn change(
    app: &App,
    caller: &Caller,
    (origin, headers): (Origin, Headers<'_>),
    change: Change,
) -> Result<Model> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let modes = modes::changed_from(tx, origin).await?;
            let before = db::trusted_proxy_settings::find(tx).await?;
            let row = save(tx, &app.sealer, change, now).await?;
            if modes.is_behind_proxy() {
                if !is_usable(&row) {
                    return Err(locked_out());
                }
                require_trusted(app, before.as_ref(), &row, (origin, headers))?;
            }
            let details = recorded(&row);
            let entry = caller
                .did(AuditAction::ExternalAccessTrustedProxySettingsUpdated, AuditResource::ExternalAccess);
            audit::record(tx, app, entry.details(details)).await?;
            Ok(row)
        })
        .await
}

/// The settings as the audit log has them.
pub fn recorded(row: &Model) -> serde_json::Value {
    json!({
        "user_email_header": row.user_email_header,
        "cidrs": row.cidrs.0,
        "has_shared_secret": row.shared_secret.is_some(),
    })
}

fn locked_out() -> Error {
    Error::invalid("trusted_proxy_shared_secret_required", "nobody could sign in any more")
        .hint("Keep a shared secret, or enter the addresses of the proxy.")
}

/// Refuses settings under which the request that asks for them, as the proxy passes it on now, would no
/// longer be trusted. A new secret is not judged: it has to be set on both sides, one after the other.
fn require_trusted(
    app: &App,
    before: Option<&Model>,
    after: &Model,
    (origin, headers): (Origin, Headers<'_>),
) -> Result<()> {
    let Some(before) = before.filter(|before| !origin.is_local() && is_peer(before, origin)) else {
        return Ok(());
    };
    if !is_peer(after, origin) {
        let peer = origin.peer.remote.ip().to_canonical();
        return Err(would_lock_out(app, format!("you come from {peer}, which would no longer be the proxy")));
    }
    let name = named(&before.user_email_header, headers).ok();
    if name.is_none() || named(&after.user_email_header, headers).ok() == name {
        return Ok(());
    }
    let (old, new) = (&before.user_email_header, &after.user_email_header);
    Err(would_lock_out(app, format!("the proxy names you in {old}, and does not in {new}")))
}

/// Whether settings could be saved; `is_secret` says that the proxy will have one.
///
/// Errors: 400 `invalid_input`.
pub fn check(header: &str, cidrs: &[String], secret: &Secret, is_secret: bool) -> Result<()> {
    let mut wrong = Vec::new();
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if header.len() > MAX_HEADER || !header.bytes().all(token) || is_reserved(header) {
        wrong.push(FieldError::new("user_email_header", "can't be the name of this header"));
    }
    if cidrs.len() > MAX_CIDRS {
        wrong.push(FieldError::new("trusted_proxy_cidrs", format!("must have at most {MAX_CIDRS} entries")));
    }
    for (n, cidr) in cidrs.iter().enumerate() {
        let problem = match range(cidr) {
            None => "is neither a range nor an address",
            Some(range) if !is_secret && !is_narrow(range) => TOO_WIDE,
            Some(_) => continue,
        };
        wrong.push(FieldError::new(format!("trusted_proxy_cidrs[{n}]"), problem));
    }
    let odd =
        |text: &str| text.len() > MAX_SECRET || text.trim() != text || text.chars().any(char::is_control);
    if matches!(secret, Secret::Set(text) if odd(text)) {
        let why = format!("must have at most {MAX_SECRET} bytes and no space around it");
        wrong.push(FieldError::new("shared_secret", why));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid_fields("invalid_input", wrong)) }
}

/// Headers that clients, browsers and proxies set for another purpose must never name a person.
fn is_reserved(header: &str) -> bool {
    let reserved =
        ["host", "origin", "authorization", "cookie", "user-agent", "referer", "from", "content-type"];
    let header = header.to_ascii_lowercase();
    reserved.contains(&header.as_str())
        || header.eq_ignore_ascii_case(SECRET_HEADER)
        || is_forwarding(&header)
}
