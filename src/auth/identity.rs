//! What ties an account to an identity outside, as far as people change it: an identity is forgotten, so
//! that another one with the same verified address may take its place. Nothing here signs anybody in.

use serde_json::json;

use super::caller::Caller;
use super::people::{find, only_owner_touches_admins, record};
use crate::app::App;
use crate::db::{self, entity::users};
use crate::domain::audit::AuditAction;
use crate::domain::role::UserRole;
use crate::domain::subject;
use crate::error::{Error, Result};

/// Unties an account from its identity: the next verified sign-in with its address takes it over. Its
/// sessions go on, so that the owner is not shut out in between.
///
/// Errors: 404 `user_not_found`, 403 `cannot_change_owner`, 403 `insufficient_role`.
pub async fn forget(app: &App, caller: &Caller, id: &str) -> Result<users::Model> {
    app.db
        .write(async |tx| {
            let target = find(tx, id).await?;
            if target.role == UserRole::Owner && target.id != caller.user.id {
                let why = "only the owner unties their own account";
                return Err(Error::forbidden("cannot_change_owner", why));
            }
            only_owner_touches_admins(caller, target.role)?;
            if subject::is_unclaimed(&target.subject) {
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
