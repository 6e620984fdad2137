//! Recovering access: the operator of the machine mints a capability for one account, good for one
//! local sign-in within minutes. It names the account and proves who minted it; it lifts no rule.

use super::local;
use super::setup;
use super::token::{self, TokenKind};
use crate::db::entity::{host_capabilities, users};
use crate::db::{self, Tx};
use crate::domain::credential::CapabilityPurpose;
use crate::domain::role::UserStatus;
use crate::error::{Error, Result, codes};

/// Longest life of a capability, in seconds.
pub const MAX_TTL: i64 = 300;
/// Most capabilities that live at a time.
const MOST: u64 = 32;

/// A capability just made. It is shown this once.
#[derive(Debug)]
pub struct Minted {
    pub capability: String,
    pub user: users::Model,
    pub expires_at: i64,
}

/// Mints a capability for the active account with this address, or the only one, as part of `tx`.
///
/// Errors: 409 `setup_incomplete`, 400 `email_required`, 403 `user_not_found`,
/// 409 `too_many_recovery_capabilities`.
pub async fn mint(tx: &Tx, email: Option<&str>, ttl_seconds: i64, now: i64) -> Result<Minted> {
    setup::require_ready(&db::instance::get(tx).await?)
        .map_err(|error| error.hint("There is nothing to recover yet: finish the set-up."))?;
    let user = local::account(tx, email).await?;
    db::host_capabilities::delete_expired(tx, now).await?;
    if db::host_capabilities::count(tx, CapabilityPurpose::Recovery).await? >= MOST {
        let why = "too many recovery capabilities are waiting to be used";
        return Err(Error::conflict("too_many_recovery_capabilities", why)
            .hint("Use one of them, or wait five minutes."));
    }
    let (capability, expires_at) = (token::mint(TokenKind::Recovery)?, now + ttl_seconds);
    let row = host_capabilities::Model {
        token_hash: token::hash(&capability),
        purpose: CapabilityPurpose::Recovery,
        user_id: Some(user.id),
        created_at: now,
        expires_at,
    };
    db::host_capabilities::insert(tx, row).await?;
    Ok(Minted { capability, user, expires_at })
}

/// Uses a capability up as part of `tx`; answers the account it is for. A refusal leaves it as it was.
///
/// Errors: 403 `local_recovery_capability_invalid`, 403 `local_recovery_account_mismatch`.
pub async fn redeem(tx: &Tx, capability: &str, email: Option<&str>, now: i64) -> Result<users::Model> {
    let taken =
        db::host_capabilities::take(tx, CapabilityPurpose::Recovery, &token::hash(capability), now).await?;
    let user = match taken.and_then(|row| row.user_id) {
        Some(id) => db::users::find(tx, id).await?.filter(|user| user.status == UserStatus::Active),
        None => None,
    };
    let user = user.ok_or_else(|| {
        Error::forbidden(
            codes::LOCAL_RECOVERY_CAPABILITY_INVALID,
            "the recovery capability is unknown, used or expired",
        )
        .hint("Mint a new one on the daemon's machine with `oore recovery`.")
    })?;
    if email.is_some_and(|email| !email.eq_ignore_ascii_case(&user.email)) {
        let why = "the recovery capability is for another account";
        return Err(Error::forbidden("local_recovery_account_mismatch", why)
            .hint("Leave the e-mail address out, or mint a capability for it."));
    }
    Ok(user)
}
