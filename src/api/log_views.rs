//! What a log holds, without sending all of it: its outline, a search in it, and why its build
//! failed.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::changes::EarlierBuild;
use super::error::ApiError;
use super::extract::{AppState, Path, Query};
use super::logs::log_of;
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::builds::failure;
use crate::builds::log::{self, KnownCause, Letters, Outline, Pattern, StepOutline, Syntax};
use crate::builds::streak;
use crate::domain::build::BuildStatus;
use crate::domain::failure::FailureReason;
use crate::domain::id::BuildId;
use crate::domain::permission::ProjectPermission;
use crate::domain::step::StepStatus;
use crate::error::{Error, Result};

const DEFAULT_HITS: usize = 100;
const MAX_HITS: usize = 1000;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(get_build_log_index))
        .routes(routes!(search_build_log))
        .routes(routes!(get_build_failure))
}

/// What a log holds. Lines are those that are shown: the markers of steps are none, and they are
/// counted from 1 over the whole log.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuildLogIndex {
    /// The last chunk that is taken into account; -1 for an empty log.
    pub sequence: i64,
    pub lines: u64,
    /// Bytes of the text.
    pub bytes: u64,
    /// The first one has no name: it is what was written before the first step.
    pub steps: Vec<LogStep>,
    /// Where the time changes, and at least one for a few MiB of text.
    pub places: Vec<LogPlace>,
    /// Stretches of lines that look like errors; the first thousand.
    pub errors: Vec<LogErrors>,
    /// How many lines look like errors in all.
    pub error_lines: u64,
}

/// A step's part of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogStep {
    pub name: String,
    /// The number of its first line.
    pub first_line: u64,
    pub lines: u64,
    /// Where its part of the text begins: with its marker.
    pub first_byte: u64,
    pub bytes: u64,
    /// Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    /// Unix milliseconds; absent while it runs, and if it was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// Absent while it runs, and if it was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StepStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// A line, where its text begins and when it was written. The lines up to the next place are as old,
/// to the second.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogPlace {
    pub line: u64,
    pub byte: u64,
    pub sequence: u64,
    /// Unix milliseconds.
    pub at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LogErrors {
    pub line: u64,
    pub lines: u64,
}

impl From<Outline> for BuildLogIndex {
    fn from(outline: Outline) -> Self {
        let steps = outline.steps.iter().enumerate().map(|(index, step)| LogStep::of(&outline, index, step));
        Self {
            sequence: i64::try_from(outline.next_sequence()).unwrap_or(i64::MAX) - 1,
            lines: outline.lines(),
            bytes: outline.bytes(),
            steps: steps.collect(),
            places: (outline.marks.iter())
                .map(|mark| LogPlace {
                    line: mark.line + 1,
                    byte: mark.offset,
                    sequence: mark.sequence,
                    at: mark.at_ms,
                })
                .collect(),
            errors: (outline.errors.iter())
                .map(|errors| LogErrors { line: errors.line + 1, lines: errors.lines })
                .collect(),
            error_lines: outline.error_lines,
        }
    }
}

impl LogStep {
    fn of(outline: &Outline, index: usize, step: &StepOutline) -> Self {
        let text = outline.text_of(index);
        let status = |succeeded| if succeeded { StepStatus::Succeeded } else { StepStatus::Failed };
        Self {
            name: step.name.clone(),
            first_line: step.first_line + 1,
            lines: outline.lines_of(index),
            first_byte: text.start,
            bytes: text.end - text.start,
            started_at: step.started_ms,
            ended_at: step.ended_ms,
            status: step.succeeded.map(status),
            exit_code: step.exit_code,
        }
    }
}

/// Read what a log holds
///
/// Steps, times and errors with their lines and bytes, so that a client can show times, jump, and fetch
/// parts of the raw log by `Range`.
#[utoipa::path(get, path = "/v1/builds/{build_id}/logs/index", operation_id = "get_build_log_index",
    tag = "Build Logs", security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "The outline", body = BuildLogIndex),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 410, description = "log_removed", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, storage_error", body = ApiError),
    ))]
async fn get_build_log_index(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<BuildLogIndex>> {
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    let outline = log_of(&app, &build).await?.outline().await?;
    Ok(axum::Json(outline.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// What to look for: 1 to 1000 bytes.
    q: String,
    /// Whether `q` is a regular expression; false if left out.
    regex: Option<bool>,
    /// Whether capital and small letters differ; false if left out.
    case: Option<bool>,
    /// 100 if left out, 1000 at most.
    limit: Option<i64>,
    /// Only lines after this one; `next_after` of the answer before.
    after: Option<u64>,
}

/// Lines that match, and whether there may be more.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchBuildLogResponse {
    pub matches: Vec<LogMatch>,
    /// Present if the search stopped before the end of the log, because of the limit or of the time it
    /// took: ask again with it as `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_after: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LogMatch {
    /// Counted from 1 over the whole log.
    pub line: u64,
    /// Empty for what was written before the first step.
    pub step: String,
    /// Counted from 1 within the step.
    pub step_line: u64,
    /// The line as it is shown, without colours; of a long one the part around the first match.
    pub excerpt: String,
    /// Whether the excerpt is the whole line.
    pub is_whole: bool,
    /// Where in the excerpt it matches, in characters.
    pub ranges: Vec<LogRange>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LogRange {
    pub from: usize,
    pub to: usize,
}

/// Search a log
///
/// Line by line, in what people see of it: without colours, of a line that rewrites itself the last
/// state. The syntax of regular expressions is that of Rust's regex crate, which takes linear time.
#[utoipa::path(get, path = "/v1/builds/{build_id}/logs/search", operation_id = "search_build_log",
    tag = "Build Logs", security(("bearer" = [])), params(("build_id" = String, Path), SearchQuery),
    responses(
        (status = 200, description = "A page of matches", body = SearchBuildLogResponse),
        (status = 400, description = "invalid_request, invalid_pattern", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 410, description = "log_removed", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, storage_error", body = ApiError),
    ))]
async fn search_build_log(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
    Query(query): Query<SearchQuery>,
) -> Result<axum::Json<SearchBuildLogResponse>> {
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    let syntax = if query.regex == Some(true) { Syntax::Regex } else { Syntax::Plain };
    let letters = if query.case == Some(true) { Letters::Exact } else { Letters::Any };
    let pattern = Pattern::new(&query.q, syntax, letters)?;
    let limit =
        query.limit.map_or(DEFAULT_HITS, |limit| usize::try_from(limit).unwrap_or(1).clamp(1, MAX_HITS));
    let log = log_of(&app, &build).await?;
    // Lines are counted from 1 outside and from 0 inside: the line after `after` has its number.
    let found = log::find(&log, &app.clock, pattern, query.after.unwrap_or(0), limit).await?;
    let outline = log.outline().await?;
    let matches = found.hits.into_iter().map(|hit| LogMatch::of(&outline, hit)).collect();
    Ok(axum::Json(SearchBuildLogResponse { matches, next_after: found.next }))
}

impl LogMatch {
    fn of(outline: &Outline, hit: log::Hit) -> Self {
        let (step, first_line) = outline.step_at(hit.line);
        Self {
            line: hit.line + 1,
            step: step.to_owned(),
            step_line: hit.line - first_line + 1,
            excerpt: hit.excerpt,
            is_whole: hit.is_whole,
            ranges: hit.ranges.into_iter().map(|(from, to)| LogRange { from, to }).collect(),
        }
    }
}

/// Why a build failed, as far as its steps and its log say.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuildFailure {
    pub status: BuildStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<FailureReason>,
    /// The step that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// A cause that is known, and what helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<KnownCause>,
    /// The lines that most likely say why: those around the first error, or the last ones of the step.
    /// A guess. Empty if there is no log.
    pub excerpt: Vec<FailureLine>,
    /// How many builds of the same pipeline, branch and combination failed right before it, none that passed in between; 200 at
    /// most.
    pub failures_before: usize,
    /// The first of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_failed: Option<EarlierBuild>,
    /// The last one that passed before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_passed: Option<EarlierBuild>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FailureLine {
    /// Counted from 1 over the whole log.
    pub line: u64,
    /// Counted from 1 within the step.
    pub step_line: u64,
    /// Without colours.
    pub text: String,
    /// Whether this is the first error.
    pub is_error: bool,
}

/// Read why a build failed
#[utoipa::path(get, path = "/v1/builds/{build_id}/failure", operation_id = "get_build_failure",
    tag = "Builds", security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "Step, exit code, known cause and the lines that say it", body = BuildFailure),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "build_not_failed", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, storage_error", body = ApiError),
    ))]
async fn get_build_failure(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<BuildFailure>> {
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    if !build.status.is_failure() {
        return Err(Error::conflict("build_not_failed", format!("the build is {}", build.status)));
    }
    let found = failure::of(&app, &build).await?;
    let before = streak::before(&app, &build).await?;
    let line = |(line, text): (u64, String)| FailureLine {
        line: line + 1,
        step_line: line - found.first_line + 1,
        text,
        is_error: found.excerpt.cause_line == Some(line),
    };
    Ok(axum::Json(BuildFailure {
        status: build.status,
        reason: build.failure_reason,
        step: found.step,
        exit_code: found.exit_code,
        cause: found.excerpt.cause,
        excerpt: found.excerpt.lines.into_iter().map(line).collect(),
        failures_before: before.failures,
        first_failed: before.first_failed.map(EarlierBuild::from),
        last_passed: before.last_passed.map(EarlierBuild::from),
    }))
}
