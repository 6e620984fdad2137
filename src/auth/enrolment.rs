//! Enrolment: a person who may add runners makes a token with which one machine becomes a runner within
//! minutes, so that no session of theirs has to be on that machine.

use super::token::{self, TokenKind};
use crate::db::entity::{host_capabilities, users};
use crate::db::{self, Tx};
use crate::domain::credential::CapabilityPurpose;
use crate::domain::id::UserId;
use crate::domain::permission::{Action, Resource, instance_allows};
use crate::domain::role::UserStatus;
use crate::error::{Error, Result, codes};

/// How long a token lives, in seconds.
pub const TTL_SECONDS: i64 = 15 * 60;
/// Most tokens that live at a time.
const MOST: u64 = 256;

/// A token just made. It is shown this once.
#[derive(Debug)]
pub struct Enrolment {
    pub token: String,
    pub expires_at: i64,
}

/// Makes a token as part of `tx`.
///
/// Errors: 409 `too_many_enrolments`.
pub async fn create(tx: &Tx, maker: UserId, now: i64) -> Result<Enrolment> {
    db::host_capabilities::delete_expired(tx, now).await?;
    if db::host_capabilities::count(tx, CapabilityPurpose::Enrolment).await? >= MOST {
        let why = "too many enrolment tokens are waiting to be used";
        return Err(Error::conflict("too_many_enrolments", why).hint("Use one of them, or wait 15 minutes."));
    }
    let (token, expires_at) = (token::mint(TokenKind::Enrolment)?, now + TTL_SECONDS);
    let row = host_capabilities::Model {
        token_hash: token::hash(&token),
        purpose: CapabilityPurpose::Enrolment,
        user_id: Some(maker),
        created_at: now,
        expires_at,
    };
    db::host_capabilities::insert(tx, row).await?;
    Ok(Enrolment { token, expires_at })
}

/// Uses a token up as part of `tx`; answers who made it. They must still be allowed to add runners.
///
/// Errors: 401 `invalid_enrolment_token`.
pub async fn redeem(tx: &Tx, token: &str, now: i64) -> Result<users::Model> {
    let hash = token::hash(token.trim());
    let taken = db::host_capabilities::take(tx, CapabilityPurpose::Enrolment, &hash, now).await?;
    let maker = match taken.and_then(|row| row.user_id) {
        Some(id) => db::users::find(tx, id).await?,
        None => None,
    };
    let allowed = |maker: &users::Model| {
        maker.status == UserStatus::Active && instance_allows(maker.role, Resource::Runners, Action::Write)
    };
    maker.filter(allowed).ok_or_else(|| {
        Error::unauthenticated(
            codes::INVALID_ENROLMENT_TOKEN,
            "the enrolment token is unknown, used or expired",
        )
        .hint("Make a new one in the web UI: Runners, Add a runner.")
    })
}
