//! Handing a build to a runner: one transaction that takes the next build the runner may have, begins an
//! attempt and grants access to signing. A request may be held until there is work. A runner whose
//! answer was lost gets the same build again.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::app::App;
use crate::db::builds::{Outcome, Standing, Transition, With};
use crate::db::{self, Tx, entity};
use crate::domain::build::{BuildMove, BuildStatus};
use crate::domain::failure::FailureReason;
use crate::domain::id::{BuildId, RunnerId};
use crate::domain::label::Offer;
use crate::domain::runner::{PROTOCOL_OWN, PROTOCOL_REFERENCE, RunnerStatus};
use crate::domain::source::{IntegrationStatus, ScmProvider};
use crate::error::{Error, Result, codes};
use crate::runner::protocol::{ClaimJobRequest, ClaimedJob, HeldJob, MAX_WAIT_SECONDS, Timeouts};

use crate::sources::health;

use super::variables::{self, Handed};
use super::{checkout, code, queue, runner_actor};

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
    let claimant =
        Claimant { runner: runner.id, protocol: request.protocol_version, holds: &request.holds, grant };
    for build in db::builds::list_held(app.db.read(), Some(runner.id)).await? {
        if claimant.works_on(&build) {
            app.leases.mentions(build.id);
        }
    }
    // Only now: whoever is seen to ask for work has said what it holds.
    app.leases.asks_for_work(runner.id);
    let wait = Duration::from_secs(request.wait_seconds.unwrap_or(0).min(MAX_WAIT_SECONDS));
    let until = app.clock.moment() + wait;
    loop {
        let turn = app.events.line.turn();
        let (seen, kind) = match try_claim(app, &claimant).await? {
            Found::Job(job) if claimant.protocol == PROTOCOL_OWN => {
                // Others need not wait for a code host.
                turn.pass();
                return Ok(Some(code::with_credential(app, *job).await));
            }
            Found::Job(job) => return Ok(Some(*job)),
            Found::Rejected => continue,
            Found::NothingForIt => (turn.pass(), None),
            Found::NothingForItsLike(offer) => (turn.nothing_for(&offer), Some(offer)),
            Found::Nothing(offer) => (turn.is_last(), Some(offer)),
        };
        let left = until.saturating_sub(app.clock.moment());
        tokio::select! {
            () = app.events.line.wait(seen, kind), if !left.is_zero() => {}
            () = tokio::time::sleep(left) => return Ok(None),
            () = app.stopping.cancelled() => return Ok(None),
        }
    }
}

/// Who asks for work, and how.
struct Claimant<'a> {
    runner: RunnerId,
    protocol: i64,
    holds: &'a [HeldJob],
    grant: Grant,
}

impl Claimant<'_> {
    fn works_on(&self, build: &Standing) -> bool {
        let id = build.id.to_string();
        self.holds.iter().any(|job| job.build_id == id && job.attempt == build.attempt)
    }

    /// A build that it was given in an answer which never arrived.
    fn missed<'b>(&self, held: &'b [Standing]) -> Option<&'b Standing> {
        held.iter().find(|build| build.status == BuildStatus::Assigned && !self.works_on(build))
    }

    fn is_full(&self, row: &entity::runners::Model, held: &[Standing]) -> bool {
        let slots = if self.protocol == PROTOCOL_OWN { row.slots() } else { 1 };
        held.len() >= slots
    }
}

/// What a runner finds in the queue.
enum Found {
    Job(Box<ClaimedJob>),
    /// A build that can't be run was in the way; it no longer is.
    Rejected,
    /// There are builds, and this runner may have none of them.
    NothingForIt,
    /// There are builds, and no runner with this offer may have any of them.
    NothingForItsLike(Offer),
    /// There is nothing for any runner, such as this one with its offer.
    Nothing(Offer),
}

async fn try_claim(app: &App, claimant: &Claimant<'_>) -> Result<Found> {
    if let Some(nothing) = reason_not_to_try(app, claimant).await? {
        return Ok(nothing);
    }
    let found = app.db.write(async |tx| take(tx, app, claimant).await).await?;
    if let Found::Job(job) = &found
        && let Ok(build) = job.build_id.parse()
    {
        app.leases.mentions(build);
    }
    Ok(found)
}

/// Looks without writing, so that many waiting runners don't queue for the one writer.
async fn reason_not_to_try(app: &App, claimant: &Claimant<'_>) -> Result<Option<Found>> {
    let runner = claimant.runner;
    let db = app.db.read();
    let row = present(db, runner).await?;
    let held = db::builds::list_held(db, Some(runner)).await?;
    if claimant.missed(&held).is_some() {
        return Ok(None);
    }
    if claimant.is_full(&row, &held) {
        return Ok(Some(Found::NothingForIt));
    }
    if !app.config.runner_mode.serves(row.embedded) {
        return Ok(Some(Found::NothingForIt));
    }
    let offer = row.offer().speaking(claimant.protocol);
    if queue::disk_is_low(app)
        || db::instance::get(db).await?.runners_paused
        || db::builds::queue::is_empty(db).await?
    {
        return Ok(Some(Found::Nothing(offer)));
    }
    if app.leases.status_of(&row, !held.is_empty()) == RunnerStatus::Draining {
        return Ok(Some(Found::NothingForIt));
    }
    let except = queue::out_of_reach(db, &offer).await?;
    let next = db::builds::queue::next(db, &except).await?;
    Ok(next.is_none().then_some(Found::NothingForItsLike(offer)))
}

/// The runner as it is now: a request may be held for long.
async fn present(db: &impl ConnectionTrait, runner: RunnerId) -> Result<entity::runners::Model> {
    let row = db::runners::find(db, runner).await?;
    row.ok_or_else(|| Error::unauthenticated(codes::INVALID_TOKEN, "the runner has been removed"))
}

/// Takes the next build. Its job is made before it is assigned, so that a build of which none can be made is in
/// nobody's way.
async fn take(tx: &Tx, app: &App, claimant: &Claimant<'_>) -> Result<Found> {
    let Claimant { runner, grant, .. } = claimant;
    let row = present(tx, *runner).await?;
    let actor = runner_actor(&row);
    let now_ms = app.clock.now_ms();
    let by = |by, reason, with| Transition { by, actor: Some(&actor), reason, now_ms, with };
    let held = db::builds::list_held(tx, Some(*runner)).await?;
    if let Some(build) = claimant.missed(&held) {
        let Prepared::Runnable(parts) = prepare(tx, app, build.id, claimant).await? else {
            db::builds::shift(tx, build.id, &by(BuildMove::Requeue, "no job could be made", With::Nothing))
                .await?;
            return Ok(Found::Rejected);
        };
        db::builds::set_grant(tx, build.id, grant.hash.clone()).await?;
        return Ok(Found::Job(Box::new(parts.job(app, build.attempt, grant))));
    }
    if claimant.is_full(&row, &held) || row.is_drained() || db::instance::get(tx).await?.runners_paused {
        return Ok(Found::NothingForIt);
    }
    let offer = row.offer().speaking(claimant.protocol);
    let except = queue::out_of_reach(tx, &offer).await?;
    let Some(id) = db::builds::queue::next(tx, &except).await? else {
        return Ok(Found::NothingForItsLike(offer));
    };
    match prepare(tx, app, id, claimant).await? {
        Prepared::Runnable(parts) => {
            let assignment = With::Assignment {
                runner_id: *runner,
                runner_name: row.name.clone(),
                signing_token_hash: grant.hash.clone(),
            };
            db::builds::shift(tx, id, &by(BuildMove::Schedule, "claimed by runner", With::Nothing)).await?;
            let assigned =
                db::builds::shift(tx, id, &by(BuildMove::Assign, "assigned to runner", assignment)).await?;
            Ok(Found::Job(Box::new(parts.job(app, assigned.attempt, grant))))
        }
        Prepared::NotRunnable(why) => {
            tracing::warn!(build = %id, "a build can't be run: {why}");
            let outcome = Outcome {
                failure_reason: Some(FailureReason::NotRunnable),
                error_message: Some(why),
                ..Outcome::default()
            };
            let reject = Transition {
                by: BuildMove::Reject,
                actor: None,
                reason: "no job could be made",
                now_ms,
                with: With::Outcome(outcome),
            };
            db::builds::shift(tx, id, &reject).await?;
            Ok(Found::Rejected)
        }
    }
}

enum Prepared {
    Runnable(Box<Parts>),
    /// No job can be made of the build, and why.
    NotRunnable(String),
}

/// Everything about a build that its runner is told.
struct Parts {
    build: entity::builds::Model,
    snapshot: Value,
    handed: Handed,
}

/// Reads what a job is made of. What makes this build alone impossible must not keep others waiting behind it.
async fn prepare(tx: &Tx, app: &App, id: BuildId, claimant: &Claimant<'_>) -> Result<Prepared> {
    match read(tx, app, id, claimant).await {
        Err(error) if error.code == codes::DATA_ERROR => Ok(Prepared::NotRunnable(
            "What is stored about this build is unreadable. Start a new build.".to_owned(),
        )),
        Err(error) if error.code == codes::SOURCE_NOT_CONFIGURED => Ok(Prepared::NotRunnable(format!(
            "Its code can't be fetched: {}. Link the project's repository again.",
            error.message
        ))),
        prepared => prepared,
    }
}

async fn read(tx: &Tx, app: &App, id: BuildId, claimant: &Claimant<'_>) -> Result<Prepared> {
    let build = db::builds::get(tx, id).await?;
    let mut snapshot = build.config_snapshot.0.clone();
    let Some(fields) = snapshot.as_object_mut() else {
        return Ok(Prepared::NotRunnable(
            "The build's copy of its pipeline's settings is unreadable. Start a new build.".to_owned(),
        ));
    };
    if let Some(repository) = build.repository_id {
        let (repository, integration) = db::repositories::with_integration(tx, repository).await?;
        if integration.status == IntegrationStatus::Error {
            let why = integration.status_reason.as_deref().unwrap_or("its source does not work.");
            return Ok(Prepared::NotRunnable(health::unfetchable(why)));
        }
        let is_passed_on = match integration.provider {
            ScmProvider::Gitlab => true,
            // Ours get a credential, which fetches submodules too; older ones have no field for one.
            ScmProvider::Github => claimant.protocol != PROTOCOL_OWN && repository.is_private,
            ScmProvider::LocalGit => false,
        };
        if is_passed_on {
            let path = checkout::path(claimant.runner, id, &repository.full_name);
            fields.insert("checkout_proxy_path".to_owned(), path.into());
        }
        fields.insert("repo_url".to_owned(), repository.clone_url.into());
    }
    let handed = match claimant.protocol {
        PROTOCOL_OWN => variables::of_build(tx, app, &build).await?,
        // It knows no field for them, and would not mask them.
        _ => Handed::default(),
    };
    Ok(Prepared::Runnable(Box::new(Parts { build, snapshot, handed })))
}

impl Parts {
    fn job(self, app: &App, attempt: i32, grant: &Grant) -> ClaimedJob {
        let build = self.build;
        ClaimedJob {
            build_id: build.id.to_string(),
            project_id: build.project_id.to_string(),
            pipeline_id: build.pipeline_id.to_string(),
            build_number: build.build_number,
            config_snapshot: self.snapshot,
            commit_sha: build.commit_sha,
            branch: build.branch,
            lease_expires_at: app.clock.now() + LEASE_SECONDS,
            signing_token: grant.token.clone(),
            attempt,
            timeouts: Timeouts {
                build_seconds: app.config.build_timeout.as_secs(),
                no_output_seconds: app.config.no_output_timeout.as_secs(),
            },
            log_limit_bytes: app.config.log_limit_bytes,
            variables: self.handed.variables,
            unreadable_variables: self.handed.unreadable,
            clone_credential: None,
            clone_refused: None,
        }
    }
}
