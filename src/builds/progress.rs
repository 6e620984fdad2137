//! What runners report about a build under way: that it runs, and how it ended. A report that
//! comes again, because its answer was lost, changes nothing and is answered as the first time.

use serde_json::json;

use super::job::Speaker;
use super::tell_released;
use crate::app::App;
use crate::db::builds::{Outcome, Transition, With};
use crate::db::entity::builds;
use crate::db::{self, Tx};
use crate::domain::build::{BuildMove, BuildStatus};
use crate::domain::cache::{CacheResult, MAX_CACHE_NAME, MAX_CACHES};
use crate::domain::failure::FailureReason;
use crate::domain::id::BuildId;
use crate::domain::step::StepStatus;
use crate::error::{Error, Result, codes};
use crate::runner::protocol::UpdateJobStatusRequest;

const REASON: &str = "status update from runner";
const MAX_MESSAGE_CHARS: usize = 8000;

/// Takes a report.
///
/// Errors: 400 `invalid_status`, 400 `invalid_runner_status`, 403 `runner_mismatch`, 409
/// `attempt_superseded`, 409 `log_incomplete`, 409 `invalid_transition`.
pub async fn report(
    app: &App,
    speaker: &Speaker,
    build: BuildId,
    request: UpdateJobStatusRequest,
) -> Result<builds::Model> {
    let by = reported_move(&request.status, speaker)?;
    let row = db::builds::find(app.db.read(), build).await?.ok_or_else(|| Error::not_found("job"))?;
    if is_repeated(app, speaker, &row, &request.status).await? {
        return Ok(row);
    }
    speaker.check(&row)?;
    if let Some(frames) = request.log_frames.filter(|_| by != BuildMove::Start) {
        require_log(app, &row, frames).await?;
    }
    let now_ms = app.clock.now_ms();
    let moved = app.db.write(async |tx| accept(tx, app, speaker, build, by, request, now_ms).await).await?;
    if moved.status.is_terminal() {
        app.leases.forget(build);
    } else {
        app.leases.running_for(build, 0);
    }
    Ok(moved)
}

fn reported_move(status: &str, speaker: &Speaker) -> Result<BuildMove> {
    let known: BuildStatus = status
        .parse()
        .map_err(|_| Error::invalid("invalid_status", format!("'{status}' is not a status of a build")))?;
    match known {
        BuildStatus::Running => Ok(BuildMove::Start),
        BuildStatus::Succeeded => Ok(BuildMove::Succeed),
        BuildStatus::Failed => Ok(BuildMove::Fail),
        BuildStatus::TimedOut if speaker.attempt.is_some() => Ok(BuildMove::TimeOut),
        BuildStatus::TimedOut
        | BuildStatus::Queued
        | BuildStatus::Scheduled
        | BuildStatus::Assigned
        | BuildStatus::Canceled
        | BuildStatus::Expired => {
            Err(Error::invalid("invalid_runner_status", format!("a runner can't report '{status}'")))
        }
    }
}

/// Whether this runner has ended this attempt with the same status before.
async fn is_repeated(app: &App, speaker: &Speaker, row: &builds::Model, status: &str) -> Result<bool> {
    let same_attempt = speaker.attempt.is_none_or(|attempt| attempt == row.attempt);
    if !row.status.is_terminal() || row.status.as_str() != status || !same_attempt {
        return Ok(false);
    }
    let events = db::builds::events(app.db.read(), row.id).await?;
    Ok(events.last().is_some_and(|last| last.actor == Some(speaker.actor())))
}

/// A build ends only when every frame of its log has arrived.
async fn require_log(app: &App, row: &builds::Model, frames: i64) -> Result<()> {
    let held = app.logs.open(row.id, row.attempt).await?.durable().next_sequence;
    if u64::try_from(frames).is_ok_and(|frames| frames <= held) {
        return Ok(());
    }
    Err(Error::conflict(codes::LOG_INCOMPLETE, format!("only {held} of {frames} log frames have arrived"))
        .details(json!({ "expected_sequence": held })))
}

async fn accept(
    tx: &Tx,
    app: &App,
    speaker: &Speaker,
    build: BuildId,
    by: BuildMove,
    request: UpdateJobStatusRequest,
    now_ms: i64,
) -> Result<builds::Model> {
    let row = speaker.job(tx, build).await?;
    if by == BuildMove::Start && row.status == BuildStatus::Running {
        if !request.steps.is_empty() {
            db::builds::set_steps(tx, build, request.steps).await?;
        }
        return db::builds::get(tx, build).await;
    }
    let actor = speaker.actor();
    let with =
        if by == BuildMove::Start { With::Nothing } else { With::Outcome(outcome(by, speaker, request)) };
    let transition = Transition { by, actor: Some(&actor), reason: REASON, now_ms, with };
    let moved = db::builds::transition(tx, build, transition).await?;
    if !moved.status.is_held() {
        tell_released(tx, app, row.runner_id).await?;
    }
    Ok(moved)
}

fn outcome(by: BuildMove, speaker: &Speaker, request: UpdateJobStatusRequest) -> Outcome {
    let step_failed = request.steps.iter().any(|step| step.status == StepStatus::Failed);
    let presumed = if by == BuildMove::TimeOut {
        Some(FailureReason::TimedOut)
    } else {
        (by == BuildMove::Fail && step_failed).then_some(FailureReason::StepFailed)
    };
    Outcome {
        failure_reason: request.failure_reason.or(presumed).filter(|_| by != BuildMove::Succeed),
        caches: caches(request.caches, speaker),
        steps: (!request.steps.is_empty()).then_some(request.steps),
        exit_code: request.exit_code,
        error_message: request.error_message.map(|text| text.chars().take(MAX_MESSAGE_CHARS).collect()),
    }
}

/// What a runner of protocol 5 says of caches, as far as a file could have asked for them.
fn caches(told: Vec<CacheResult>, speaker: &Speaker) -> Vec<CacheResult> {
    let fits = |cache: &CacheResult| (1..=MAX_CACHE_NAME).contains(&cache.name.len());
    let told = told.into_iter().filter(|cache| speaker.attempt.is_some() && fits(cache));
    told.take(MAX_CACHES).collect()
}
