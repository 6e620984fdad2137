//! What the tests and the analysis of a build found: taken from its runner, shown to people.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Json, Limits, ListQuery, Path, Query};
use super::jobs::JobPath;
use super::route::{Routes, routes};
use crate::auth::caller::Caller;
use crate::builds::job::Speaker;
use crate::builds::test_reports;
use crate::db::listing::Page;
use crate::domain::id::BuildId;
use crate::domain::permission::ProjectPermission;
use crate::domain::test_report::{
    Analysis, Finding, FindingCounts, MAX_REPORT_BYTES, TestCase, TestCounts, TestOutcome, TestReport,
};
use crate::error::{Error, Result};

const LIMITS: Limits = Limits::Strict { default: 50, max: 500 };
/// How many failures come with why they failed, and how many findings come with them.
const MAX_FAILURES: usize = 200;
const FIRST_FINDINGS: usize = 200;
const SLOWEST: usize = 10;

pub fn routes() -> Routes {
    let put = Routes::new().routes(routes!(put_job_tests));
    Routes::new()
        .routes(routes!(get_build_tests))
        .routes(routes!(list_build_test_cases))
        .routes(routes!(list_build_test_findings))
        .merge(put.layer(DefaultBodyLimit::max(MAX_REPORT_BYTES)))
}

/// Tell what the tests found (protocol 5)
///
/// Before the end of the build, with the attempt in `x-oore-attempt`. Takes the place of what was told before.
#[utoipa::path(put, path = "/v1/runners/{runner_id}/jobs/{job_id}/tests", operation_id = "put_job_tests",
    tag = "Builds", security(("bearer" = [])), params(("runner_id" = String, Path), ("job_id" = String, Path)),
    request_body = TestReport,
    responses(
        (status = 204, description = "Kept"),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_token", body = ApiError),
        (status = 403, description = "runner_mismatch", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "attempt_superseded", body = ApiError),
        (status = 500, description = "store_error, data_error, storage_error", body = ApiError),
        (status = 507, description = "disk_full", body = ApiError),
    ))]
async fn put_job_tests(
    State(app): AppState,
    speaker: Speaker,
    Path(path): Path<JobPath>,
    Json(report): Json<TestReport>,
) -> Result<StatusCode> {
    test_reports::take(&app, &speaker, path.job_id, report).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the tests and the analysis of a build found.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuildTests {
    /// Absent if no step left a report of tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestSummary>,
    /// Tests that failed or ended with an error, with the reason where it was kept; the first 200.
    pub failures: Vec<TestCase>,
    /// The tests that took longest, without reasons; 10 at most.
    pub slowest: Vec<TestCase>,
    /// Absent if no step was seen to analyze.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis: Option<AnalysisSummary>,
}

/// All tests of a build in a few numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestSummary {
    pub counts: TestCounts,
    /// How long the runs took, one after the other.
    pub duration_ms: u64,
    /// Whether a report ended before its tests did.
    pub is_cut_off: bool,
    /// How many tests are counted and not in the list.
    pub left_out: u32,
}

/// What the analysis of a build found, as far as it is worth reading at once.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnalysisSummary {
    pub counts: FindingCounts,
    /// The worst first, then by place; the first 200.
    pub findings: Vec<Finding>,
    /// How many findings can be listed.
    pub total: u64,
    /// How many are counted and not among these findings.
    pub left_out: u64,
}

/// A page of what the analysis of a build found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListBuildTestFindingsResponse {
    /// The worst first, then by place.
    pub findings: Vec<Finding>,
    /// How many can be listed.
    pub total: u64,
}

/// A page of the tests of a build.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListBuildTestCasesResponse {
    /// Without reasons.
    pub cases: Vec<TestCase>,
    /// How many match.
    pub total: u64,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FindingsQuery {
    /// How many at most.
    limit: Option<i64>,
    /// How many to leave out first.
    offset: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CasesQuery {
    /// Only tests that ended so: one or more outcomes, separated by commas.
    outcome: Option<String>,
    /// Only tests with this in their name or file, whatever the case of its letters.
    q: Option<String>,
    /// How many at most.
    limit: Option<i64>,
    /// How many to leave out first.
    offset: Option<i64>,
}

/// Read what the tests of a build found
///
/// Counts, failures, the slowest tests, and what the analysis found. Empty until the steps of the build are over.
#[utoipa::path(get, path = "/v1/builds/{build_id}/tests", operation_id = "get_build_tests", tag = "Builds",
    security(("bearer" = [])), params(("build_id" = String, Path)),
    responses(
        (status = 200, description = "What was found, as far as there were reports", body = BuildTests),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn get_build_tests(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
) -> Result<axum::Json<BuildTests>> {
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    test_reports::of_build(&app, &build, BuildTests::of).await.map(axum::Json)
}

/// List the tests of a build
///
/// Those that failed first, then as they ended.
/// A page has 50 rows unless `limit` says otherwise, and 500 at most.
#[utoipa::path(get, path = "/v1/builds/{build_id}/tests/cases", operation_id = "list_build_test_cases",
    tag = "Builds", security(("bearer" = [])), params(("build_id" = String, Path), CasesQuery),
    responses(
        (status = 200, description = "A page of tests", body = ListBuildTestCasesResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_build_test_cases(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
    Query(query): Query<CasesQuery>,
) -> Result<axum::Json<ListBuildTestCasesResponse>> {
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    let page = ListQuery { limit: query.limit, offset: query.offset, direction: None }.page(LIMITS)?;
    let outcomes = outcomes(query.outcome.as_deref())?;
    let wanted = query.q.unwrap_or_default().to_lowercase();
    let filter = move |case: &TestCase| {
        let has = |text: &str| text.to_lowercase().contains(&wanted);
        let is_named = wanted.is_empty() || has(&case.name) || case.file.as_deref().is_some_and(has);
        is_named && (outcomes.is_empty() || outcomes.contains(&case.outcome))
    };
    let view = move |report: TestReport| page_of(report.tests.unwrap_or_default().cases, filter, page);
    test_reports::of_build(&app, &build, view).await.map(axum::Json)
}

fn page_of(
    mut cases: Vec<TestCase>,
    filter: impl Fn(&TestCase) -> bool,
    page: Page,
) -> ListBuildTestCasesResponse {
    cases.retain(filter);
    let total = cases.len() as u64;
    ListBuildTestCasesResponse { cases: cut(cases, page).map(without_reason).collect(), total }
}

fn cut<T>(all: Vec<T>, page: Page) -> impl Iterator<Item = T> {
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    all.into_iter().skip(size(page.offset)).take(size(page.limit))
}

/// List what the analysis of a build found
///
/// The worst first, then by place. A page has 50 rows unless `limit` says otherwise, and 500 at most.
#[utoipa::path(get, path = "/v1/builds/{build_id}/tests/findings", operation_id = "list_build_test_findings",
    tag = "Builds", security(("bearer" = [])), params(("build_id" = String, Path), FindingsQuery),
    responses(
        (status = 200, description = "A page of findings", body = ListBuildTestFindingsResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn list_build_test_findings(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<BuildId>,
    Query(query): Query<FindingsQuery>,
) -> Result<axum::Json<ListBuildTestFindingsResponse>> {
    let (build, _) = caller.build(&app, id, ProjectPermission::Read).await?;
    let page = ListQuery { limit: query.limit, offset: query.offset, direction: None }.page(LIMITS)?;
    let view = move |report: TestReport| {
        let findings = report.analysis.unwrap_or_default().findings;
        let total = findings.len() as u64;
        ListBuildTestFindingsResponse { findings: cut(findings, page).collect(), total }
    };
    test_reports::of_build(&app, &build, view).await.map(axum::Json)
}

fn outcomes(list: Option<&str>) -> Result<Vec<TestOutcome>> {
    let words = list.unwrap_or_default().split(',').filter(|word| !word.is_empty());
    let refuse = |word| Error::invalid("invalid_input", format!("'{word}' is no outcome of a test"));
    words.map(|word| word.parse().map_err(|_| refuse(word))).collect()
}

fn without_reason(case: TestCase) -> TestCase {
    TestCase { failure: None, ..case }
}

impl BuildTests {
    fn of(TestReport { tests, analysis }: TestReport) -> Self {
        let analysis = analysis.map(AnalysisSummary::of);
        let Some(tests) = tests else {
            return Self { tests: None, failures: Vec::new(), slowest: Vec::new(), analysis };
        };
        let mut by_time: Vec<&TestCase> = tests.cases.iter().collect();
        by_time.sort_by_key(|case| std::cmp::Reverse(case.duration_ms));
        let slowest = by_time.into_iter().take(SLOWEST).cloned().map(without_reason).collect();
        let summary = TestSummary {
            counts: tests.counts,
            duration_ms: tests.duration_ms,
            is_cut_off: tests.is_cut_off,
            left_out: tests.left_out,
        };
        let failures = tests.cases.into_iter().filter(|case| case.outcome.is_bad()).take(MAX_FAILURES);
        Self { tests: Some(summary), failures: failures.collect(), slowest, analysis }
    }
}

impl AnalysisSummary {
    fn of(Analysis { counts, mut findings, left_out }: Analysis) -> Self {
        let total = findings.len();
        findings.truncate(FIRST_FINDINGS);
        let left_out = u64::from(left_out) + (total - findings.len()) as u64;
        Self { counts, findings, total: total as u64, left_out }
    }
}
