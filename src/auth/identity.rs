//! What ties an account to an identity outside, as far as people change it: an identity is forgotten, so
//! that another one with the same verified address may take its place; people without one correct their
//! address. Nothing here signs anybody in.

use serde_json::json;

use super::caller::Caller;
use super::modes::Modes;
use super::people::{AccountAction, checked_email, email_exists, find, is_done, is_placeholder, may, record};
use crate::app::App;
use crate::db::{self, Tx, entity::users};
use crate::domain::audit::AuditAction;
use crate::domain::subject;
use crate::error::{Error, Result};

/// Unties an account from its identity: the next verified sign-in with its address takes it over. Its
/// sessions go on, so that the owner is not shut out in between.
///
/// Errors: 404 `user_not_found`, those of `may`.
pub async fn forget(app: &App, caller: &Caller, id: &str) -> Result<users::Model> {
    app.db
        .write(async |tx| {
            let target = find(tx, id).await?;
            may(caller, &target, AccountAction::ForgetIdentity)?;
            if is_done(&target, AccountAction::ForgetIdentity) {
                return Ok(target);
            }
            let (pending, now) = (subject::pending(target.id), app.clock.now());
            let row = db::users::set_subject(tx, target.id, pending, now).await?;
            let details = json!({"email": row.email, "forgotten": target.subject});
            record(tx, app, caller, (AuditAction::UserIdentityForgotten, &row), details).await?;
            Ok(row)
        })
        .await
}

/// Gives the caller's account the address under which they will sign in from now on. Sessions go on.
///
/// Errors: 400 `invalid_email`, 409 `email_exists`, 403 `external_access_loopback_required`, those of `may`.
pub async fn change_email(app: &App, caller: &Caller, email: &str) -> Result<users::Model> {
    let email = checked_email(email)?;
    if is_placeholder(&email) {
        return Err(Error::invalid("invalid_email", "an address that ends in @local is nobody's")
            .hint("Enter the address by which your identity provider or proxy knows you."));
    }
    app.db
        .write(async |tx| {
            let target = find(tx, &caller.user.id.to_string()).await?;
            may(caller, &target, AccountAction::ChangeEmail)?;
            refuse_through_proxy(tx, caller).await?;
            if target.email == email {
                return Ok(target);
            }
            let holder = db::users::find_by_email(tx, &email).await?;
            if holder.is_some_and(|holder| holder.id != target.id) {
                return Err(email_exists());
            }
            let subject = subject::with_email(&target.subject, &email);
            let row = db::users::set_email(tx, target.id, email, subject, app.clock.now()).await?;
            let details = json!({"from": target.email, "to": row.email});
            record(tx, app, caller, (AuditAction::UserEmailChanged, &row), details).await?;
            Ok(row)
        })
        .await
}

/// A trusted proxy knows people by their address alone: who came through it and changed it would be shut
/// out, or be taken for somebody else.
async fn refuse_through_proxy(tx: &Tx, caller: &Caller) -> Result<()> {
    let behind_proxy = Modes::of(&db::instance::get(tx).await?).is_behind_proxy();
    if !behind_proxy || caller.origin.is_some_and(|origin| origin.is_local()) {
        return Ok(());
    }
    let why = "behind a trusted proxy an address is changed on the daemon's machine only";
    Err(Error::forbidden("external_access_loopback_required", why)
        .hint("Sign in there at http://localhost, and change it."))
}
