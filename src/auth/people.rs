//! Who may do what to whose account. The owner is one, and stays it; only the owner touches admins;
//! nobody shuts out themselves. Every change is checked and recorded in one transaction.

use serde_json::json;

use super::caller::Caller;
use crate::app::App;
use crate::audit;
use crate::db::{self, Tx, entity::users};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::id::UserId;
use crate::domain::permission::{Action, Resource};
use crate::domain::role::{UserRole, UserStatus};
use crate::domain::subject;
use crate::error::{Error, Kind, Result, codes};
use crate::words;

const MAX_EMAIL: usize = 256;

/// Makes an account that its person takes over at the first sign-in.
///
/// Errors: 400 `invalid_email`, 409 `email_exists`.
pub async fn invite(app: &App, caller: &Caller, email: &str, role: UserRole) -> Result<users::Model> {
    let email = checked_email(email)?;
    app.db
        .write(async |tx| {
            if db::users::find_by_email(tx, &email).await?.is_some() {
                return Err(email_exists());
            }
            add(tx, app, caller, email, role).await
        })
        .await
}

pub(super) fn email_exists() -> Error {
    Error::conflict("email_exists", "there is an account with this e-mail address")
}

/// Makes the account of somebody who has none, as part of `tx`.
pub async fn add(tx: &Tx, app: &App, caller: &Caller, email: String, role: UserRole) -> Result<users::Model> {
    let (id, now) = (UserId::new(), app.clock.now());
    let row = users::Model {
        id,
        email: email.clone(),
        display_name: None,
        role,
        status: UserStatus::Invited,
        subject: subject::pending(id),
        avatar_url: None,
        created_at: now,
        updated_at: now,
    };
    db::users::insert(tx, row.clone()).await?;
    let details = json!({"email": email, "role": role});
    record(tx, app, caller, (AuditAction::UserInvited, &row), details).await?;
    Ok(row)
}

words! {
    /// What is done to somebody's account.
    AccountAction {
        ChangeRole = "change_role",
        Disable = "disable",
        Enable = "enable",
        ForgetIdentity = "forget_identity",
        ChangeEmail = "change_email",
    }
}

impl AccountAction {
    /// What a role must hold for it; `None` for what people do to their own account.
    fn permission(self) -> Option<Action> {
        match self {
            AccountAction::ChangeRole | AccountAction::ForgetIdentity => Some(Action::Write),
            AccountAction::Disable => Some(Action::Delete),
            AccountAction::Enable => Some(Action::Enable),
            AccountAction::ChangeEmail => None,
        }
    }
}

/// Refuses with 403 `permission_denied` whom the role keeps from doing this to anybody.
pub fn require(caller: &Caller, action: AccountAction) -> Result<()> {
    action.permission().map_or(Ok(()), |permission| caller.require(Resource::Users, permission))
}

/// Whether the caller may do this to the account as it is: the one rule, for the deed and for what
/// clients are told beforehand.
///
/// Errors: 403 `permission_denied`, 403 `insufficient_role`; 403 `cannot_change_owner`;
/// 400 `cannot_delete_self`, 403 `cannot_delete_owner`; 400 `cannot_enable_self`,
/// 403 `cannot_enable_owner`, 409 `not_disabled`; 401 `invalid_session`, 409 `email_from_provider`.
pub fn may(caller: &Caller, target: &users::Model, action: AccountAction) -> Result<()> {
    require(caller, action)?;
    let (own, owner) = (target.id == caller.user.id, target.role == UserRole::Owner);
    match action {
        AccountAction::ChangeRole if owner => {
            return Err(Error::forbidden("cannot_change_owner", "the owner stays the owner"));
        }
        AccountAction::Disable if own => {
            return Err(Error::invalid(codes::CANNOT_DELETE_SELF, "nobody can disable their own account"));
        }
        AccountAction::Disable if owner => {
            return Err(Error::forbidden("cannot_delete_owner", "the owner cannot be disabled"));
        }
        AccountAction::Enable if own => {
            return Err(Error::invalid(codes::CANNOT_ENABLE_SELF, "nobody can enable their own account"));
        }
        AccountAction::Enable if owner => {
            return Err(Error::forbidden("cannot_enable_owner", "the owner is never disabled"));
        }
        AccountAction::ForgetIdentity if owner && !own => {
            return Err(Error::forbidden("cannot_change_owner", "only the owner unties their own account"));
        }
        AccountAction::ChangeEmail => return may_change_email(caller, target),
        AccountAction::ChangeRole
        | AccountAction::Disable
        | AccountAction::Enable
        | AccountAction::ForgetIdentity => {}
    }
    only_owner_touches_admins(caller, target.role)?;
    if action == AccountAction::Enable && is_done(target, action) {
        return Err(Error::conflict("not_disabled", "the account is not disabled"));
    }
    Ok(())
}

/// An address that a provider vouches for comes from there; a program never changes its person's.
fn may_change_email(caller: &Caller, target: &users::Model) -> Result<()> {
    caller.session_id()?;
    if target.id != caller.user.id {
        return Err(Error::forbidden("permission_denied", "people change their own address only"));
    }
    if subject::is_unclaimed(&target.subject) {
        return Ok(());
    }
    let why = "the address of this account comes from the identity provider";
    Err(Error::conflict("email_from_provider", why)
        .hint("Change it there. If another provider is in use now, let an owner or admin forget the account's identity first."))
}

/// What the caller may do to the account now, as far as it would change something.
pub fn allowed(caller: &Caller, target: &users::Model) -> Vec<AccountAction> {
    let every = AccountAction::ALL.iter().copied().filter(|action| !is_done(target, *action));
    every.filter(|action| may(caller, target, *action).is_ok()).collect()
}

/// Whether the account is already as this would make it.
pub fn is_done(target: &users::Model, action: AccountAction) -> bool {
    match action {
        AccountAction::Disable => target.status == UserStatus::Disabled,
        AccountAction::Enable => target.status != UserStatus::Disabled,
        AccountAction::ForgetIdentity => subject::is_unclaimed(&target.subject),
        AccountAction::ChangeRole | AccountAction::ChangeEmail => false,
    }
}

/// The roles that the caller may give to the account.
pub fn assignable_to(caller: &Caller, target: &users::Model) -> Vec<UserRole> {
    let every = UserRole::ALL.iter().copied().filter(|role| is_assignable(*role));
    every.filter(|role| may_give_role(caller, target, *role).is_ok()).collect()
}

fn is_assignable(role: UserRole) -> bool {
    role != UserRole::Owner
}

/// A role that can be given: there is one owner, who stays it.
///
/// Errors: 400 `invalid_role`.
pub fn assignable(word: &str) -> Result<UserRole> {
    let role = word.parse().ok().filter(|role| is_assignable(*role));
    role.ok_or_else(|| Error::invalid("invalid_role", "role must be admin, developer or qa_viewer"))
}

/// An e-mail address without the space around it.
pub fn checked_email(email: &str) -> Result<String> {
    let email = email.trim();
    let odd = |c: char| c.is_control() || c.is_whitespace();
    let whole = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !whole || email.len() > MAX_EMAIL || email.chars().any(odd) {
        return Err(Error::invalid("invalid_email", "this is not an e-mail address"));
    }
    Ok(email.to_owned())
}

/// Whether an address stands for whoever is at the machine: nobody elsewhere can prove to have it.
pub fn is_placeholder(email: &str) -> bool {
    email.rsplit_once('@').is_some_and(|(_, host)| host.eq_ignore_ascii_case("local"))
}

/// Gives an account another role; its sessions keep working with the new one.
///
/// Errors: 404 `user_not_found`, those of `may`.
pub async fn change_role(app: &App, caller: &Caller, id: &str, role: UserRole) -> Result<users::Model> {
    app.db
        .write(async |tx| {
            let target = find(tx, id).await?;
            may_give_role(caller, &target, role)?;
            give_role(tx, app, caller, &target, role).await
        })
        .await
}

/// Whether the caller may give the account this role.
///
/// Errors: those of `may`, 403 `insufficient_role`.
pub fn may_give_role(caller: &Caller, target: &users::Model, role: UserRole) -> Result<()> {
    may(caller, target, AccountAction::ChangeRole)?;
    only_owner_touches_admins(caller, role)
}

/// Gives an account another role as part of `tx`.
pub async fn give_role(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    target: &users::Model,
    role: UserRole,
) -> Result<users::Model> {
    let row = db::users::set_role(tx, target.id, role, app.clock.now()).await?;
    let details = json!({"email": row.email, "from": target.role, "to": role});
    record(tx, app, caller, (AuditAction::RoleChanged, &row), details).await?;
    Ok(row)
}

/// Shuts an account out: its sessions and tokens end now. It stays, for the histories that name it.
///
/// Errors: 404 `user_not_found`, those of `may`.
pub async fn disable(app: &App, caller: &Caller, id: &str) -> Result<()> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let target = find(tx, id).await?;
            may(caller, &target, AccountAction::Disable)?;
            if is_done(&target, AccountAction::Disable) {
                return Ok(());
            }
            let row = db::users::set_status(tx, target.id, UserStatus::Disabled, now).await?;
            db::sessions::delete_of(tx, row.id).await?;
            db::host_capabilities::delete_of(tx, row.id).await?;
            db::api_tokens::revoke_of(tx, row.id, now).await?;
            record(tx, app, caller, (AuditAction::UserDisabled, &row), json!({"email": row.email})).await
        })
        .await
}

/// Lets a disabled account in again.
///
/// Errors: 404 `user_not_found`, those of `may`.
pub async fn enable(app: &App, caller: &Caller, id: &str) -> Result<users::Model> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let target = find(tx, id).await?;
            may(caller, &target, AccountAction::Enable)?;
            // Who never signed in is still only invited.
            let pending = subject::is_pending(&target.subject);
            let status = if pending { UserStatus::Invited } else { UserStatus::Active };
            let row = db::users::set_status(tx, target.id, status, now).await?;
            record(tx, app, caller, (AuditAction::UserEnabled, &row), json!({"email": row.email})).await?;
            Ok(row)
        })
        .await
}

pub(super) async fn find(tx: &Tx, id: &str) -> Result<users::Model> {
    let missing = || Error::new(Kind::NotFound, "user_not_found", "there is no such account");
    let id = id.parse().map_err(|_| missing())?;
    db::users::find(tx, id).await?.ok_or_else(missing)
}

fn only_owner_touches_admins(caller: &Caller, role: UserRole) -> Result<()> {
    if role == UserRole::Admin && caller.role() != UserRole::Owner {
        return Err(Error::forbidden(
            "insufficient_role",
            "only the owner promotes, changes or shuts out admins",
        )
        .hint("Ask the owner of this instance."));
    }
    Ok(())
}

pub(super) async fn record(
    tx: &Tx,
    app: &App,
    caller: &Caller,
    (action, target): (AuditAction, &users::Model),
    details: serde_json::Value,
) -> Result<()> {
    let entry = caller.did(action, AuditResource::User).id(target.id).details(details);
    audit::record(tx, app, entry).await
}
