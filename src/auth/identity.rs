//! What ties an account to an identity outside, as far as people change it: an identity is forgotten, so
//! that another one with the same verified address may take its place. Nothing here signs anybody in.

use serde_json::json;

use super::caller::Caller;
use super::people::{AccountAction, find, is_done, may, record};
use crate::app::App;
use crate::db::{self, entity::users};
use crate::domain::audit::AuditAction;
use crate::domain::subject;
use crate::error::Result;

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
