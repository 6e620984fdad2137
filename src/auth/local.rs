//! Signing in on the machine itself, without a password. Loopback only, in every mode. In local mode
//! the first sign-in finishes the set-up and makes the owner.

use super::attribution;
use super::peer::{Origin, Visitor};
use super::recovery;
use super::refusal;
use super::session::{self, NewSession};
use super::setup::{self, Owner};
use crate::app::App;
use crate::audit;
use crate::db::{self, Tx, entity::users};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::role::UserStatus;
use crate::domain::setup::{RuntimeMode, SetupMove, SetupState};
use crate::error::{Error, Result, codes};

/// Who wants to sign in, as they say.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub email: Option<&'a str>,
    /// A capability minted on the host to recover access.
    pub capability: Option<&'a str>,
}

/// Signs in the account that the capability is for, the one named by its e-mail address, or the only
/// active one. Refusals are recorded too.
///
/// Errors: 403 `local_login_loopback_required`, 403 `local_login_from_build`, 403 `mode_restricted`, 400 `email_required`,
/// 403 `user_not_found`, 403 `local_recovery_capability_invalid`, 403 `local_recovery_account_mismatch`.
pub async fn login(app: &App, visitor: &Visitor, wanted: Wanted<'_>) -> Result<(users::Model, NewSession)> {
    let email = wanted.email.map(str::trim).filter(|email| !email.is_empty());
    match admit(app, visitor, Wanted { email, ..wanted }).await {
        Ok(done) => Ok(done),
        Err(error) => {
            let action = match wanted.capability {
                Some(_) => AuditAction::LocalRecoveryLoginFailed,
                None => AuditAction::LocalLoginRefused,
            };
            Err(refusal::note(app, visitor.origin, action, email, error).await)
        }
    }
}

async fn admit(app: &App, visitor: &Visitor, wanted: Wanted<'_>) -> Result<(users::Model, NewSession)> {
    if !visitor.origin.is_local() {
        return Err(Error::forbidden(
            "local_login_loopback_required",
            "local sign-in works only on the machine that runs the daemon",
        )
        .hint("Open http://localhost on that machine, or set up external access for other machines."));
    }
    attribution::refuse_builds(app, visitor.origin).await?;
    app.db
        .write(async |tx| {
            let (user, action) = match wanted.capability {
                Some(capability) => {
                    let user = recovery::redeem(tx, capability, wanted.email, app.clock.now()).await?;
                    (user, AuditAction::LocalRecoveryLoginSucceeded)
                }
                None => {
                    finish_setup(tx, app, visitor.origin).await?;
                    (account(tx, wanted.email).await?, AuditAction::LocalLoginSucceeded)
                }
            };
            let session = session::start(tx, app, user.id, visitor).await?;
            audit::record(tx, app, entry(action, &user, visitor.origin)).await?;
            Ok((user, session))
        })
        .await
}

fn entry(action: AuditAction, user: &users::Model, origin: Origin) -> Entry {
    let actor = Actor::Person { id: user.id, email: user.email.clone() };
    Entry::new(action, actor, AuditResource::User).id(user.id).from(origin)
}

/// In local mode, before `ready`: makes the owner and declares the instance ready.
async fn finish_setup(tx: &Tx, app: &App, origin: Origin) -> Result<()> {
    let instance = db::instance::get(tx).await?;
    if instance.setup_state == SetupState::Ready {
        return Ok(());
    }
    if instance.runtime_mode == RuntimeMode::Remote {
        return Err(Error::forbidden(
            codes::MODE_RESTRICTED,
            "this instance is being set up for remote access",
        )
        .hint("Finish the set-up first."));
    }
    let now = app.clock.now();
    if db::users::find_owner(tx).await?.is_none() {
        let named = setup::named_owner(&db::setup::get(tx).await?);
        let owner = named.unwrap_or_else(Owner::local).account(now);
        audit::record(tx, app, entry(AuditAction::OwnerCreatedAutoLocal, &owner, origin)).await?;
        db::users::insert(tx, owner).await?;
    }
    setup::advance(tx, SetupMove::SignInLocally, now).await?;
    Ok(())
}

/// The active account with this address, or the only one.
///
/// Errors: 400 `email_required`, 403 `user_not_found`.
pub async fn account(tx: &Tx, email: Option<&str>) -> Result<users::Model> {
    let not_found = || {
        Error::forbidden("user_not_found", "no active account matches")
            .hint("Ask an owner of this instance for an invitation.")
    };
    if let Some(email) = email {
        let user = db::users::find_by_email(tx, email).await?;
        return user.filter(|user| user.status == UserStatus::Active).ok_or_else(not_found);
    }
    let mut active = db::users::first_active(tx).await?;
    if active.len() > 1 {
        return Err(Error::invalid(
            "email_required",
            "there are several accounts: say which one by its e-mail",
        ));
    }
    active.pop().ok_or_else(not_found)
}
