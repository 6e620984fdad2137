//! The runner behind a request: found by its own kind of token. Every proven call renews its lease.

use super::caller::bearer;
use super::limits;
use super::peer::Origin;
use super::token;
use crate::app::App;
use crate::db::{self, entity::runners};
use crate::error::{Error, Result, codes};
use crate::events::Change;

/// Finds the runner of an `Authorization` header; `path_id` is the runner the path names.
///
/// Errors: 401 `missing_auth`, 401 `invalid_token`, 429 `too_many_attempts`, 403 `runner_mismatch`.
pub async fn identify(
    app: &App,
    origin: Origin,
    authorization: Option<&str>,
    path_id: &str,
) -> Result<runners::Model> {
    let hash = token::hash(bearer(authorization)?);
    let runner = db::runners::find_by_token(app.db.read(), &hash).await?.ok_or_else(|| {
        let unknown = Error::unauthenticated(codes::INVALID_TOKEN, "the runner token is unknown")
            .hint("Register the runner again.");
        limits::wrong_token(app, origin, unknown)
    })?;
    if path_id.parse().ok() != Some(runner.id) {
        return Err(Error::forbidden(
            "runner_mismatch",
            "the token belongs to another runner than the path names",
        ));
    }
    if app.leases.heard(runner.id, runner.protocol()) {
        let held = db::builds::list_held(app.db.read(), Some(runner.id)).await?;
        let status = app.leases.status_of(&runner, !held.is_empty());
        let reachable = held.iter().map(db::builds::Standing::changed);
        app.events.publish(reachable.chain([Change::Runner { runner_id: runner.id, status }]));
        remember(app, &runner).await;
    }
    Ok(runner)
}

/// Notes that the runner is online, for a daemon that starts when it is not any more. Without the note it works all the same.
async fn remember(app: &App, runner: &runners::Model) {
    if runner.online_since.is_some() {
        return;
    }
    let now = app.clock.now();
    let noted = app.db.write(async |tx| db::runners::set_online(tx, runner.id, now).await).await;
    if let Err(error) = noted {
        tracing::warn!(runner = %runner.id, "it could not be noted that a runner is online: {error}");
    }
}
