//! How projects go on their default branches: the bars and figures of a list of projects.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Query};
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::builds::insights::{Spread, rate};
use crate::db;
use crate::db::builds::figures;
use crate::db::entity::{projects, repositories};
use crate::domain::build::BuildStatus;
use crate::domain::id::ProjectId;
use crate::error::{Error, Result};

/// How many builds a row of bars has.
const BARS: i64 = 30;
const MAX_PROJECTS: usize = 50;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(list_project_health))
}

/// How a project goes on its default branch.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectHealth {
    pub project_id: String,
    /// Absent for a project without a repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// The last 30 builds there that are over, oldest first.
    pub builds: Vec<BuildBar>,
    /// Of 100 of those that were not canceled, how many passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_rate: Option<f64>,
    /// How long those ran that passed.
    pub run: Spread,
}

/// As much of a build as a bar shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuildBar {
    pub id: String,
    pub build_number: i64,
    pub status: BuildStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_ms: Option<i64>,
}

impl From<figures::Bar> for BuildBar {
    fn from(bar: figures::Bar) -> Self {
        Self {
            id: bar.id.to_string(),
            build_number: bar.build_number,
            status: bar.status,
            run_ms: bar.run_ms.map(|ms| ms.max(0)),
        }
    }
}

impl ProjectHealth {
    /// Reads how a project goes; `repositories` are those that projects are linked to.
    pub async fn read(
        app: &App,
        row: &projects::Model,
        repositories: &[repositories::Model],
    ) -> Result<Self> {
        let repository = repositories.iter().find(|repository| Some(repository.id) == row.repository_id);
        let branch = row.default_branch.clone().or_else(|| repository?.default_branch.clone());
        let bars = match &branch {
            Some(branch) => figures::bars(app.db.read(), row.id, branch, BARS).await?,
            None => Vec::new(),
        };
        Ok(Self::of(row.id, branch, bars))
    }

    /// `bars` come newest first.
    fn of(project: ProjectId, default_branch: Option<String>, bars: Vec<figures::Bar>) -> Self {
        let passed = bars.iter().filter(|bar| bar.status == BuildStatus::Succeeded);
        let passes = passed.clone().count();
        let judged = passes + bars.iter().filter(|bar| bar.status.is_failure()).count();
        Self {
            project_id: project.to_string(),
            default_branch,
            success_rate: (judged > 0).then(|| rate(passes as u64, judged as u64)),
            run: Spread::of(passed.filter_map(|bar| bar.run_ms).collect()),
            builds: bars.into_iter().rev().map(BuildBar::from).collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListProjectHealthResponse {
    /// In the order that was asked for.
    pub projects: Vec<ProjectHealth>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HealthQuery {
    /// Which ones: their ids, separated by commas, 50 at most.
    ids: String,
}

/// List how projects go
///
/// On their default branches. Projects that the caller can't see are left out.
#[utoipa::path(get, path = "/v1/projects/health", operation_id = "list_project_health", tag = "Projects",
    security(("bearer" = [])), params(HealthQuery),
    responses(
        (status = 200, description = "How they go", body = ListProjectHealthResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
    ))]
async fn list_project_health(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<HealthQuery>,
) -> Result<axum::Json<ListProjectHealthResponse>> {
    let given: Vec<&str> = query.ids.split(',').collect();
    if given.len() > MAX_PROJECTS {
        return Err(Error::invalid_field("ids", format!("at most {MAX_PROJECTS} projects can be given")));
    }
    let visible = caller.visible(&app).await?;
    let ids = given.iter().filter_map(|id| id.trim().parse::<ProjectId>().ok());
    let ids: Vec<ProjectId> = ids.filter(|id| visible.contains(*id)).collect();
    let mut rows = db::projects::find_all(app.db.read(), ids.clone()).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    let repositories = linked(&app, &rows).await?;
    let mut projects = Vec::with_capacity(rows.len());
    for row in &rows {
        projects.push(ProjectHealth::read(&app, row, &repositories).await?);
    }
    Ok(axum::Json(ListProjectHealthResponse { projects }))
}

/// The repositories of projects.
pub async fn linked(app: &App, rows: &[projects::Model]) -> Result<Vec<repositories::Model>> {
    let ids = rows.iter().filter_map(|row| row.repository_id).collect();
    db::repositories::find_all(app.db.read(), ids).await
}
