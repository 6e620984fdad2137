//! Handing a build to a runner: one transaction that takes the oldest eligible build, begins an
//! attempt and grants access to signing. A request may be held until there is work. A runner whose
//! answer was lost gets the same build again.

use std::time::Duration;

use crate::app::App;
use crate::db::builds::{Transition, With};
use crate::db::{self, Tx, entity};
use crate::domain::build::{BuildMove, BuildStatus};
use crate::domain::runner::{PROTOCOL_OWN, PROTOCOL_REFERENCE, RunnerStatus};
use crate::error::{Error, Result};
use crate::runner::protocol::{ClaimJobRequest, ClaimedJob, MAX_WAIT_SECONDS, Timeouts};

use super::{queue, runner_actor};

/// Seconds a claimed build may stay untouched, as told to runners.
const LEASE_SECONDS: i64 = 300;

/// A new signing grant; only its hash is stored.
#[derive(Debug)]
pub struct Grant {
    pub token: String,
    pub hash: String,
}

/// Work for the runner, or nothing when the time it would wait is over.
///
/// Errors: 409 `runner_protocol_mismatch`.
pub async fn claim(
    app: &App,
    runner: &entity::runners::Model,
    request: &ClaimJobRequest,
    grant: Grant,
) -> Result<Option<ClaimedJob>> {
    if !matches!(request.protocol_version, PROTOCOL_REFERENCE | PROTOCOL_OWN) {
        return Err(Error::conflict(
            "runner_protocol_mismatch",
            format!("this daemon speaks the runner protocols {PROTOCOL_REFERENCE} and {PROTOCOL_OWN}"),
        )
        .hint("Update the runner."));
    }
    app.leases.asks_for_work(runner.id);
    let wait = Duration::from_secs(request.wait_seconds.unwrap_or(0).min(MAX_WAIT_SECONDS));
    let until = app.clock.moment() + wait;
    let mut queue = app.events.queue();
    loop {
        queue.mark_unchanged();
        if let Some(build) = try_claim(app, runner, request.protocol_version, &grant).await? {
            return job(app, build, grant).await.map(Some);
        }
        let left = until.saturating_sub(app.clock.moment());
        tokio::select! {
            changed = queue.changed(), if !left.is_zero() => if changed.is_err() { return Ok(None) },
            () = tokio::time::sleep(left) => return Ok(None),
            () = app.stopping.cancelled() => return Ok(None),
        }
    }
}

async fn try_claim(
    app: &App,
    runner: &entity::runners::Model,
    protocol: i64,
    grant: &Grant,
) -> Result<Option<entity::builds::Model>> {
    if !worth_trying(app, runner, protocol).await? {
        return Ok(None);
    }
    let now_ms = app.clock.now_ms();
    let claimed = app.db.write(async |tx| take(tx, runner, protocol, grant, now_ms).await).await?;
    if let Some(build) = &claimed {
        app.leases.mentions(build.id);
    }
    Ok(claimed)
}

/// Looks without writing, so that many waiting runners don't queue for the one writer.
async fn worth_trying(app: &App, runner: &entity::runners::Model, protocol: i64) -> Result<bool> {
    let db = app.db.read();
    let held = db::builds::list_held(db, Some(runner.id)).await?;
    if !held.is_empty() {
        return Ok(held.iter().any(|build| build.status == BuildStatus::Assigned));
    }
    if app.leases.status(runner.id, false) == RunnerStatus::Draining || queue::disk_is_low(app) {
        return Ok(false);
    }
    if db::instance::get(db).await?.runners_paused {
        return Ok(false);
    }
    let claimable = queue::claimable(db, protocol).await?;
    Ok(db::builds::oldest_eligible(db, &claimable).await?.is_some())
}

async fn take(
    tx: &Tx,
    runner: &entity::runners::Model,
    protocol: i64,
    grant: &Grant,
    now_ms: i64,
) -> Result<Option<entity::builds::Model>> {
    let held = db::builds::list_held(tx, Some(runner.id)).await?;
    if let Some(build) = held.iter().find(|build| build.status == BuildStatus::Assigned) {
        db::builds::set_grant(tx, build.id, grant.hash.clone()).await?;
        return Ok(Some(build.clone()));
    }
    if !held.is_empty() || db::instance::get(tx).await?.runners_paused {
        return Ok(None);
    }
    let claimable = queue::claimable(tx, protocol).await?;
    let Some(build) = db::builds::oldest_eligible(tx, &claimable).await? else {
        return Ok(None);
    };
    let actor = runner_actor(runner);
    let by = |by, reason, with| Transition { by, actor: Some(&actor), reason, now_ms, with };
    let assignment = With::Assignment { runner_id: runner.id, signing_token_hash: grant.hash.clone() };
    db::builds::transition(tx, build.id, by(BuildMove::Schedule, "claimed by runner", With::Nothing)).await?;
    let build =
        db::builds::transition(tx, build.id, by(BuildMove::Assign, "assigned to runner", assignment)).await?;
    Ok(Some(build))
}

async fn job(app: &App, build: entity::builds::Model, grant: Grant) -> Result<ClaimedJob> {
    let mut snapshot = build.config_snapshot.0;
    if let Some(repository) = build.repository_id {
        let source = db::repositories::source(app.db.read(), repository).await?;
        snapshot["repo_url"] = source.clone_url.into();
    }
    Ok(ClaimedJob {
        build_id: build.id.to_string(),
        project_id: build.project_id.to_string(),
        pipeline_id: build.pipeline_id.to_string(),
        build_number: build.build_number,
        config_snapshot: snapshot,
        commit_sha: build.commit_sha,
        branch: build.branch,
        lease_expires_at: app.clock.now() + LEASE_SECONDS,
        signing_token: grant.token,
        attempt: build.attempt,
        timeouts: Timeouts {
            build_seconds: app.config.build_timeout.as_secs(),
            no_output_seconds: app.config.no_output_timeout.as_secs(),
        },
        log_limit_bytes: app.config.log_limit_bytes,
    })
}
