//! How builds went over the last days, in figures, for charts and tables.

use std::collections::HashMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Query};
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::access::Visible;
use crate::auth::caller::Caller;
use crate::builds::insights::{
    self, BusyFigures, DayFigures, Figures, Recovery, SizeFigures, Span, Spread, rate,
};
use crate::db;
use crate::db::builds::figures::{self, Which};
use crate::domain::failure::FailureReason;
use crate::domain::id::{PipelineId, ProjectId};
use crate::domain::permission::{Action, Resource};
use crate::domain::text::given;
use crate::error::{Error, Result};

const DEFAULT_DAYS: i64 = 30;
const MAX_DAYS: i64 = 90;
/// Time zones are at most so far from UTC, in minutes.
const MAX_OFFSET: i64 = 14 * 60;
/// Most builds that are added up, and most of which the steps are.
const MAX_BUILDS: u64 = 20_000;
const MAX_STEPPED: u64 = 1_000;
/// Most runs of which the runners are looked up, and most files of which the sizes are.
const MAX_BUSY: u64 = 5_000;
const MAX_RUNNERS: usize = 50;
const MAX_SIZES: usize = 20;
const MAX_PIPELINES: usize = 50;
const MAX_STEPS: usize = 100;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(get_insights))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InsightsQuery {
    /// The last days, today included: 1 to 90, by default 30.
    days: Option<i64>,
    /// Of one project.
    project_id: Option<String>,
    /// Of one pipeline.
    pipeline_id: Option<String>,
    /// Exactly this branch.
    branch: Option<String>,
    /// How many minutes the caller's wall clock is ahead of UTC, for where days begin. Default: 0.
    utc_offset: Option<i64>,
}

/// How builds went that ended in some days.
#[derive(Debug, Serialize, ToSchema)]
pub struct InsightsResponse {
    /// When the first day began.
    pub from: i64,
    pub to: i64,
    /// How many builds ended.
    pub builds: u64,
    /// Whether there were more than are added up: the oldest are left out.
    pub truncated: bool,
    pub total: Figures,
    /// How long default branches stayed broken.
    pub recovery: Recovery,
    /// Every day, the oldest first.
    pub days: Vec<DayFigures>,
    /// Those with the most builds first; at most 50.
    pub pipelines: Vec<PipelineInsights>,
    /// Of the newest 1000 builds, those that took the most time first; at most 100.
    pub steps: Vec<StepInsights>,
    /// Why builds failed, the commonest reason first.
    pub failures: Vec<FailureCount>,
    /// How busy runners were with the newest 5000 builds, the busiest first; at most 50. Empty for those who may not see runners,
    /// and without those that were removed.
    pub runners: Vec<RunnerInsights>,
    /// How large apps were, by the newest 5000 files, those of the most days first; at most 20.
    pub sizes: Vec<SizeInsights>,
}

/// How busy one runner was with builds that are over.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunnerInsights {
    pub runner_id: String,
    pub runner_name: String,
    pub builds: u64,
    /// Milliseconds; builds at the same time add up.
    pub busy_ms: i64,
    /// Of 100 moments in which a slot of it could have had a build since it was registered or the first day began, in how many one
    /// did.
    pub utilisation: f64,
    /// The milliseconds of each day, in the order of `days`.
    pub days: Vec<i64>,
}

/// How large one app of a pipeline was.
#[derive(Debug, Serialize, ToSchema)]
pub struct SizeInsights {
    pub pipeline_id: String,
    pub pipeline_name: String,
    /// The file.
    pub name: String,
    /// Bytes after the last build of each day that left it, in the order of `days`; null on days without one.
    pub days: Vec<Option<i64>>,
}

/// How the builds of one pipeline went.
#[derive(Debug, Serialize, ToSchema)]
pub struct PipelineInsights {
    pub project_id: String,
    pub project_name: String,
    pub pipeline_id: String,
    pub pipeline_name: String,
    pub figures: Figures,
}

/// How one step of a pipeline went.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepInsights {
    pub pipeline_id: String,
    pub pipeline_name: String,
    pub name: String,
    /// How often it ran.
    pub runs: u64,
    pub failed: u64,
    /// At how many commits it both failed and passed.
    pub flaky: u64,
    pub time: Spread,
}

/// How often builds failed for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailureCount {
    pub reason: FailureReason,
    pub builds: u64,
}

/// Read how builds went
///
/// Of the projects the caller can see. Durations are those of builds that passed, waits those of builds that began.
#[utoipa::path(get, path = "/v1/insights", operation_id = "get_insights", tag = "Insights", security(("bearer" = [])),
    params(InsightsQuery),
    responses(
        (status = 200, description = "The figures", body = InsightsResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn get_insights(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<InsightsQuery>,
) -> Result<axum::Json<InsightsResponse>> {
    caller.require(Resource::Builds, Action::Write)?;
    let now = app.clock.now();
    let span = query.span(now)?;
    let projects = query.projects(caller.visible(&app).await?);
    let which = Which {
        projects: projects.as_deref(),
        // An id that can't be one matches nothing.
        pipeline: given(query.pipeline_id.as_deref())
            .map(|id| id.parse().unwrap_or_else(|_| PipelineId::new())),
        branch: given(query.branch.as_deref()),
        since_ms: span.begin() * 1000,
    };
    let mut rows = figures::finished(app.db.read(), &which, MAX_BUILDS + 1).await?;
    let truncated = rows.len() as u64 > MAX_BUILDS;
    rows.truncate(usize::try_from(MAX_BUILDS).unwrap_or(usize::MAX));
    let mut pipelines = insights::by_pipeline(&rows);
    pipelines.truncate(MAX_PIPELINES);
    let mut steps = insights::steps(&figures::steps(app.db.read(), &which, MAX_STEPPED).await?);
    steps.truncate(MAX_STEPS);
    let ids = rows.iter().map(|row| (row.project_id, row.pipeline_id));
    let names = Names::read(&app, ids).await?;
    let failures = insights::failures(&rows).into_iter();
    let mut sizes = insights::sizes(&figures::sizes(app.db.read(), &which, MAX_BUSY).await?, &span);
    sizes.truncate(MAX_SIZES);
    Ok(axum::Json(InsightsResponse {
        from: span.begin(),
        to: now,
        builds: rows.len() as u64,
        truncated,
        total: insights::total(&rows),
        recovery: insights::recovery(&rows, &names.branches),
        days: span.each(&rows),
        pipelines: pipelines.into_iter().filter_map(|of| names.pipeline(of)).collect(),
        steps: steps.into_iter().filter_map(|step| names.step(step)).collect(),
        failures: failures.map(|(reason, builds)| FailureCount { reason, builds }).collect(),
        runners: match caller.require(Resource::Runners, Action::Read) {
            Ok(()) => runners(&app, &which, &span, now).await?,
            Err(_) => Vec::new(),
        },
        sizes: sizes.into_iter().filter_map(|size| names.size(size)).collect(),
    }))
}

async fn runners(app: &App, which: &Which<'_>, span: &Span, now: i64) -> Result<Vec<RunnerInsights>> {
    let mut busy = insights::busy(&figures::runs(app.db.read(), which, MAX_BUSY).await?, span);
    busy.truncate(MAX_RUNNERS);
    let known = db::runners::find_all(app.db.read(), busy.iter().map(|one| one.runner).collect()).await?;
    let shown = |one: BusyFigures| {
        let row = known.iter().find(|row| row.id == one.runner)?;
        let busy_ms: i64 = one.days.iter().sum();
        Some(RunnerInsights {
            runner_id: one.runner.to_string(),
            runner_name: row.name.clone(),
            builds: one.builds,
            busy_ms,
            utilisation: utilisation(busy_ms, row.slots(), now - span.begin().max(row.created_at)),
            days: one.days,
        })
    };
    Ok(busy.into_iter().filter_map(shown).collect())
}

/// Per cent of the time that so many slots had in `seconds`; never more than all of it.
fn utilisation(busy_ms: i64, slots: usize, seconds: i64) -> f64 {
    let possible = u64::try_from(seconds.max(1) * 1000).unwrap_or(1) * slots.max(1) as u64;
    rate(u64::try_from(busy_ms).unwrap_or(0), possible).min(100.0)
}

impl InsightsQuery {
    fn span(&self, now: i64) -> Result<Span> {
        let days = self.days.unwrap_or(DEFAULT_DAYS);
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(Error::invalid_field("days", format!("must be between 1 and {MAX_DAYS}")));
        }
        let offset = self.utc_offset.unwrap_or(0);
        if !(-MAX_OFFSET..=MAX_OFFSET).contains(&offset) {
            let why = format!("must be between -{MAX_OFFSET} and {MAX_OFFSET}");
            return Err(Error::invalid_field("utc_offset", why));
        }
        Ok(Span::new(days, offset * 60, now))
    }

    fn projects(&self, visible: Visible) -> Option<Vec<ProjectId>> {
        if let Some(id) = given(self.project_id.as_deref()) {
            let id: Option<ProjectId> = id.parse().ok();
            return Some(id.filter(|id| visible.contains(*id)).into_iter().collect());
        }
        match visible {
            Visible::All => None,
            Visible::Only(projects) => Some(projects.into_iter().collect()),
        }
    }
}

/// What the figures are named by, and the branches that count as default.
struct Names {
    projects: HashMap<ProjectId, String>,
    pipelines: HashMap<PipelineId, String>,
    branches: HashMap<ProjectId, String>,
}

impl Names {
    async fn read(app: &App, ids: impl Iterator<Item = (ProjectId, PipelineId)>) -> Result<Self> {
        let db = app.db.read();
        let (mut projects, mut pipelines): (Vec<_>, Vec<_>) = ids.unzip();
        projects.sort_unstable();
        projects.dedup();
        pipelines.sort_unstable();
        pipelines.dedup();
        let projects = db::projects::find_all(db, projects).await?;
        let pipelines = db::pipelines::find_all(db, pipelines).await?;
        let repositories = projects.iter().filter_map(|row| row.repository_id).collect();
        let repositories = db::repositories::find_all(db, repositories).await?;
        let own = |id| repositories.iter().find(|row| Some(row.id) == id)?.default_branch.clone();
        let branch = |row: &db::entity::projects::Model| {
            Some((row.id, row.default_branch.clone().or_else(|| own(row.repository_id))?))
        };
        Ok(Self {
            branches: projects.iter().filter_map(branch).collect(),
            projects: projects.into_iter().map(|row| (row.id, row.name)).collect(),
            pipelines: pipelines.into_iter().map(|row| (row.id, row.name)).collect(),
        })
    }

    /// Absent if it has just been deleted.
    fn pipeline(
        &self,
        (project, pipeline, figures): (ProjectId, PipelineId, Figures),
    ) -> Option<PipelineInsights> {
        Some(PipelineInsights {
            project_id: project.to_string(),
            project_name: self.projects.get(&project)?.clone(),
            pipeline_id: pipeline.to_string(),
            pipeline_name: self.pipelines.get(&pipeline)?.clone(),
            figures,
        })
    }

    fn size(&self, size: SizeFigures) -> Option<SizeInsights> {
        Some(SizeInsights {
            pipeline_id: size.pipeline.to_string(),
            pipeline_name: self.pipelines.get(&size.pipeline)?.clone(),
            name: size.name,
            days: size.days,
        })
    }

    fn step(&self, step: insights::StepFigures) -> Option<StepInsights> {
        Some(StepInsights {
            pipeline_id: step.pipeline.to_string(),
            pipeline_name: self.pipelines.get(&step.pipeline)?.clone(),
            name: step.name,
            runs: step.runs,
            failed: step.failed,
            flaky: step.flaky,
            time: step.time,
        })
    }
}
