//! Signing in through a proxy that says who people are. The proxy is known by its address, and by a
//! secret if one is set; a name that came twice, or as a list, is nobody's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use sea_orm::ConnectionTrait;
use serde_json::json;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::account::{self, Claimed};
use super::modes::Modes;
use super::peer::{Origin, Visitor, is_loopback};
use super::people::checked_email;
use super::refusal;
use super::session::{self, NewSession};
use super::setup::{self, Owner};
use crate::app::App;
use crate::audit;
use crate::db::entity::{trusted_proxy_settings, users};
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::setup::{SetupMove, SetupState};
use crate::domain::subject;
use crate::error::{Error, Result, codes};
use crate::seal::Sealer;

/// The identity header unless another one is configured.
pub const DEFAULT_HEADER: &str = "X-Warpgate-Username";
/// The header of the shared secret.
pub const SECRET_HEADER: &str = "X-Oore-Trusted-Proxy-Secret";
/// What the secret is sealed for.
const SECRET_IDENTITY: &str = "trusted_proxy_settings/1/shared_secret";

/// Every value of a header of the request, in order.
pub type Headers<'a> = &'a (dyn Fn(&str) -> Vec<String> + Sync);

/// Signs in whom the proxy names. An invited account becomes active.
///
/// Errors: 429 `too_many_attempts`, 409 `setup_incomplete`, 403 `mode_restricted`, those of `identity`, 403 `user_not_found`.
pub async fn login(app: &App, visitor: &Visitor, headers: Headers<'_>) -> Result<(users::Model, NewSession)> {
    match admit(app, visitor, headers).await {
        Ok(done) => Ok(done),
        Err(error) => {
            let action = match error.code {
                "trusted_proxy_peer_not_allowed" => AuditAction::TrustedProxyLoginBlockedUntrustedPeer,
                _ => AuditAction::TrustedProxyLoginRefused,
            };
            Err(refusal::note(app, visitor.origin, action, None, error).await)
        }
    }
}

async fn admit(app: &App, visitor: &Visitor, headers: Headers<'_>) -> Result<(users::Model, NewSession)> {
    // Anybody can ask: who is refused must not hold up those who write.
    vouched(app, app.db.read(), visitor.origin, headers).await?;
    app.db
        .write(async |tx| {
            let email = vouched(app, tx, visitor.origin, headers).await?;
            sign_in(tx, app, visitor, &email).await
        })
        .await
}

/// The e-mail address that the proxy asserts, as the instance is configured now.
async fn vouched(
    app: &App,
    db: &impl ConnectionTrait,
    origin: Origin,
    headers: Headers<'_>,
) -> Result<String> {
    let instance = db::instance::get(db).await?;
    setup::require_ready(&instance)?;
    if !Modes::of(&instance).is_behind_proxy() {
        return Err(Error::forbidden(codes::MODE_RESTRICTED, "this instance does not use a trusted proxy"));
    }
    let settings = db::trusted_proxy_settings::find(db).await?;
    let settings = settings.ok_or_else(|| {
        Error::internal("trusted_proxy_config_invalid", "the trusted proxy is not configured", "no row")
    })?;
    identity(&app.sealer, &settings, origin, headers)
}

async fn sign_in(tx: &Tx, app: &App, visitor: &Visitor, email: &str) -> Result<(users::Model, NewSession)> {
    let origin = visitor.origin;
    let user = match db::users::find_by_email(tx, email).await? {
        Some(user) if account::is_active(&user) => user,
        Some(user) if account::is_invited(&user) => {
            let claimed = Claimed { subject: subject::trusted_proxy(email), avatar_url: None };
            account::activate(tx, app, &user, claimed, origin).await?
        }
        Some(_) | None => return Err(account::not_found(email)),
    };
    let session = session::start(tx, app, user.id, visitor).await?;
    let actor = Actor::Person { id: user.id, email: user.email.clone() };
    let entry = Entry::new(AuditAction::TrustedProxyLoginSucceeded, actor, AuditResource::User);
    audit::record(tx, app, entry.id(user.id).from(origin)).await?;
    Ok((user, session))
}

/// Makes whom the proxy names the owner, and moves the set-up on. Refusals are recorded too.
///
/// Errors: 409 `already_configured`, 409 `invalid_state`, 403 `mode_restricted`,
/// 409 `trusted_proxy_not_configured`, those of `identity`, 403 `trusted_proxy_owner_email_mismatch`.
pub async fn claim_owner(app: &App, origin: Origin, headers: Headers<'_>) -> Result<(SetupState, Owner)> {
    match become_owner(app, origin, headers).await {
        Ok(done) => Ok(done),
        Err(error) => Err(refusal::note(app, origin, AuditAction::SetupOwnerRefused, None, error).await),
    }
}

async fn become_owner(app: &App, origin: Origin, headers: Headers<'_>) -> Result<(SetupState, Owner)> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let state = setup::advance(tx, SetupMove::ProveOwner, now).await?;
            require_proxy_mode(tx).await?;
            let settings = db::trusted_proxy_settings::find(tx).await?;
            let settings = settings.ok_or_else(|| {
                Error::conflict("trusted_proxy_not_configured", "the trusted proxy is not configured yet")
            })?;
            let email = identity(&app.sealer, &settings, origin, headers)?;
            if settings.setup_owner_email.is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&email)) {
                let why = "the proxy names somebody else than the owner who was entered";
                return Err(Error::forbidden("trusted_proxy_owner_email_mismatch", why));
            }
            let owner = Owner { subject: subject::trusted_proxy(&email), email, avatar_url: None };
            setup::name_owner(tx, app, origin, &owner, "trusted_proxy").await?;
            Ok((state, owner))
        })
        .await
}

/// Refuses with 403 `mode_restricted` unless the instance is being set up for a proxy.
pub async fn require_proxy_mode(tx: &Tx) -> Result<()> {
    let instance = db::instance::get(tx).await?;
    if Modes::of(&instance).is_behind_proxy() {
        return Ok(());
    }
    Err(Error::forbidden(codes::MODE_RESTRICTED, "the instance is not being set up for a trusted proxy")
        .hint("Choose remote mode with a trusted proxy first."))
}

/// The e-mail address that a trusted proxy asserts.
///
/// Errors: 403 `trusted_proxy_peer_not_allowed`, 401 `trusted_proxy_shared_secret_missing`,
/// `trusted_proxy_shared_secret_invalid`, `trusted_proxy_identity_missing`,
/// `trusted_proxy_identity_invalid`, 500 `decryption_error`.
pub fn identity(
    sealer: &Sealer,
    settings: &trusted_proxy_settings::Model,
    origin: Origin,
    headers: Headers<'_>,
) -> Result<String> {
    if !is_peer(settings, origin) {
        return Err(Error::forbidden(
            "trusted_proxy_peer_not_allowed",
            "the request did not come from a trusted proxy",
        )
        .details(json!({"peer": origin.peer.remote.ip().to_canonical()})));
    }
    if let Some(secret) = secret(sealer, settings)? {
        check_secret(&secret, &headers(SECRET_HEADER))?;
    }
    named(&settings.user_email_header, headers)
}

/// The one e-mail address that this header of the request holds.
///
/// Errors: 401 `trusted_proxy_identity_missing`, `trusted_proxy_identity_invalid`.
pub fn named(header: &str, headers: Headers<'_>) -> Result<String> {
    let names = headers(header);
    let invalid = || {
        let why = format!("the header {header} does not hold one e-mail address");
        Error::unauthenticated("trusted_proxy_identity_invalid", why)
    };
    match names.as_slice() {
        [] => Err(Error::unauthenticated(
            "trusted_proxy_identity_missing",
            format!("the proxy sent no {header}"),
        )),
        [name] if name.trim().is_empty() => Err(Error::unauthenticated(
            "trusted_proxy_identity_missing",
            format!("the proxy sent an empty {header}"),
        )),
        [name] if !can_name(name) => Err(invalid()),
        [name] => checked_email(name).map_err(|_| invalid()),
        [_, _, ..] => Err(invalid()),
    }
}

/// Whether a proxy can name somebody with this address: it can't be taken for a list, or for more than that.
pub fn can_name(email: &str) -> bool {
    !email.contains([',', ';', '<', '>', '"', char::REPLACEMENT_CHARACTER])
}

/// Whether the request comes from where the proxy is.
pub fn is_peer(settings: &trusted_proxy_settings::Model, origin: Origin) -> bool {
    let peer = origin.peer.remote.ip().to_canonical();
    // Without a secret every process on the machine could speak for anybody.
    let here = is_loopback(peer) && settings.shared_secret.is_some();
    here || settings.cidrs.0.iter().filter_map(|cidr| range(cidr)).any(|range| range.contains(&peer))
}

/// The shared secret, if there is one.
///
/// Errors: 500 `decryption_error`.
pub fn secret(
    sealer: &Sealer,
    settings: &trusted_proxy_settings::Model,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    settings.shared_secret.as_deref().map(|sealed| sealer.open(SECRET_IDENTITY, sealed)).transpose()
}

fn check_secret(secret: &[u8], presented: &[String]) -> Result<()> {
    let invalid =
        || Error::unauthenticated(codes::TRUSTED_PROXY_SHARED_SECRET_INVALID, "the proxy's secret is wrong");
    match presented {
        [] => Err(Error::unauthenticated("trusted_proxy_shared_secret_missing", "the proxy sent no secret")
            .hint("Let the proxy send the header X-Oore-Trusted-Proxy-Secret.")),
        [one] if bool::from(one.as_bytes().ct_eq(secret)) => Ok(()),
        [_, ..] => Err(invalid()),
    }
}

/// Whether any request at all could come from the proxy.
pub fn is_usable(settings: &trusted_proxy_settings::Model) -> bool {
    settings.shared_secret.is_some() || !settings.cidrs.0.is_empty()
}

/// Seals a secret for its row.
pub fn seal_secret(sealer: &Sealer, secret: &str) -> Result<Vec<u8>> {
    sealer.seal(SECRET_IDENTITY, secret.as_bytes())
}

/// Addresses that no machine on the internet has: private networks, this machine, its links, shared carriers' space.
const PRIVATE: [IpNet; 9] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12)),
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10)),
];

/// A range of addresses: `10.0.0.0/8`, `fd00::/8` or one address.
pub fn range(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()
}

/// Whether a range may be trusted by its addresses alone: one address, or private ones only and no wider than /8, in
/// IPv6 /16.
pub fn is_narrow(range: IpNet) -> bool {
    let least = if range.addr().is_ipv4() { 8 } else { 16 };
    let is_private = || PRIVATE.iter().any(|block| block.contains(&range));
    range.prefix_len() == range.max_prefix_len() || (range.prefix_len() >= least && is_private())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(cidr: &str, ip: &str) -> bool {
        range(cidr).unwrap().contains(&ip.parse::<IpAddr>().unwrap().to_canonical())
    }

    #[test]
    fn a_range_holds_its_addresses_and_no_other() {
        assert!(contains("10.1.0.0/16", "10.1.255.255") && !contains("10.1.0.0/16", "10.2.0.0"));
        assert!(contains("192.0.2.7", "192.0.2.7") && !contains("192.0.2.7", "192.0.2.8"));
        assert!(contains("0.0.0.0/0", "203.0.113.9") && !contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("fd00::/8", "fd12::1") && !contains("fd00::/8", "fe80::1"));
        assert!(contains("::/0", "2001:db8::1") && !contains("::/0", "203.0.113.9"));
        assert!(contains("127.0.0.0/8", "::ffff:127.0.0.1"));
    }

    #[test]
    fn only_private_ranges_and_single_addresses_are_narrow() {
        let narrow = |text: &&str| is_narrow(range(text).unwrap());
        for text in
            ["10.0.0.0/8", "172.16.0.0/12", "192.168.7.0/24", "127.0.0.1", "fd12::/16", "fe80::/64", "::1"]
        {
            assert!(narrow(&text), "{text}");
        }
        for text in ["203.0.113.7", "203.0.113.7/32", "2001:db8::1"] {
            assert!(narrow(&text), "{text}");
        }
        for text in ["0.0.0.0/0", "::/0", "10.0.0.0/7", "8.0.0.0/8", "172.16.0.0/11", "203.0.113.0/24"] {
            assert!(!narrow(&text), "{text}");
        }
        for text in ["fc00::/7", "fd00::/8", "2001:db8::/64", "::/127"] {
            assert!(!narrow(&text), "{text}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "10.0.0.0/33", "fd00::/129", "10.0.0/8", "localhost", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(range(text).is_none(), "{text}");
        }
    }
}
