//! The account behind an identity that was proved elsewhere: found, or taken over once by the person
//! who was invited.

use serde_json::json;

use super::peer::Origin;
use crate::app::App;
use crate::audit;
use crate::db::entity::users;
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::role::UserStatus;
use crate::error::{Error, Result};

/// What an account is tied to when its person signs in for the first time.
#[derive(Debug, Clone)]
pub struct Claimed {
    pub subject: String,
    pub avatar_url: Option<String>,
}

pub fn is_active(user: &users::Model) -> bool {
    user.status == UserStatus::Active
}

pub fn is_invited(user: &users::Model) -> bool {
    user.status == UserStatus::Invited
}

/// Ties the account to the identity that signs in, as part of `tx`; it is active from now on.
pub async fn activate(
    tx: &Tx,
    app: &App,
    user: &users::Model,
    claimed: Claimed,
    origin: Origin,
) -> Result<users::Model> {
    let row = db::users::claim(tx, user.id, claimed.subject, claimed.avatar_url, app.clock.now()).await?;
    let actor = Actor::Person { id: row.id, email: row.email.clone() };
    let entry = Entry::new(AuditAction::UserActivated, actor, AuditResource::User).id(row.id).from(origin);
    audit::record(tx, app, entry).await?;
    Ok(row)
}

/// 403 `user_not_found`: unknown, disabled and foreign accounts are not told apart. Whoever asks has
/// proved to be `email`, and may have taken the wrong one of their identities.
pub fn not_found(email: &str) -> Error {
    Error::forbidden("user_not_found", "no account matches")
        .hint("Ask an owner or admin of this instance for an invitation.")
        .details(json!({ "email": email }))
}
