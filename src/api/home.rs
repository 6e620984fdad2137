//! Home: what needs somebody now, what runs, what ran last, how the projects go. One answer for the whole page, of which each
//! part fails alone.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::build_view::{self, Build};
use super::error::{ApiError, RequestId};
use super::extract::{AppState, Query};
use super::runner_view::{self, Runner};
use crate::app::App;
use crate::auth::access::Visible;
use crate::auth::caller::Caller;
use crate::builds::attention::{self, AttentionKind, Disk, Sees, Trouble};
use crate::builds::insights::Spread;
use crate::db::builds::figures;
use crate::db::listing::{Direction, NamedSort, Page};
use crate::db::{self, entity::builds, entity::projects};
use crate::domain::build::BuildStatus;
use crate::domain::id::ProjectId;
use crate::domain::incident::{IncidentReason, OperatorIncidentSeverity, repair};
use crate::domain::permission::{Action, Resource};
use crate::domain::runner::{RunnerFigures, RunnerStatus};
use crate::domain::text::given;
use crate::error::{Error, Result};
use crate::words;

const MAX_ATTENTION: usize = 30;
const MAX_ACTIVE: u64 = 30;
/// How many ended builds are shown, and how many are read to find them.
const MAX_RECENT: usize = 10;
const RECENT_READ: u64 = 40;
/// Pinned projects, and how many there are in all.
const MAX_PINNED: usize = 7;
const MAX_PROJECTS: u64 = 6;
const BARS: i64 = 30;
/// So few runs say nothing about how long one takes.
const FEWEST_RUNS: usize = 3;

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(get_home))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HomeQuery {
    /// Ids of the projects to show first, separated by commas; at most 7 count.
    pinned: Option<String>,
}

/// A person's home. A part that could not be made is absent and named in `failed`.
#[derive(Debug, Serialize, ToSchema)]
pub struct HomeResponse {
    /// What needs somebody, the worst first; at most 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<Vec<AttentionItem>>,
    /// What runs and waits, in the order it was queued; at most 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<Vec<ActiveBuild>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recent: Option<RecentBuilds>,
    /// Pinned ones in the order that was asked for, then those that changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<HomeProject>>,
    /// Absent also for those who may not see runners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runners: Option<Vec<HomeRunner>>,
    /// How far the way to the first build is gone; absent once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_run: Option<FirstRun>,
    pub failed: Vec<FailedPart>,
}

words! {
    /// A part of home.
    HomePart {
        Attention = "attention",
        Active = "active",
        Recent = "recent",
        Projects = "projects",
        Runners = "runners",
    }
}

/// A part that could not be made.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailedPart {
    pub part: HomePart,
    /// The code of the error.
    pub code: String,
    pub error: String,
    /// To find it in the daemon's log.
    pub request_id: String,
}

/// One thing that needs somebody. What it is about is there as far as it is about that.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionItem {
    /// The same as long as the same thing is wrong: for putting it off.
    pub key: String,
    pub kind: AttentionKind,
    pub severity: OperatorIncidentSeverity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner: Option<AttentionRunner>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<AttentionDisk>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<AttentionSource>,
    /// What the person said who paused building.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A runner by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionRunner {
    pub id: String,
    pub name: String,
}

/// A disk that is nearly full; the daemon's own unless the item names a runner.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionDisk {
    pub free_bytes: u64,
    pub total_bytes: u64,
    /// Whether no build starts until there is more room.
    pub stops_builds: bool,
}

/// A code host that does not work, or soon will not.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionSource {
    pub id: String,
    pub name: String,
    pub reason: IncidentReason,
    /// What to do about it.
    pub repair_action: String,
}

/// A build that is not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveBuild {
    pub build: Build,
    /// How long such builds usually run; absent if there are too few that passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_ms: Option<i64>,
}

/// Builds that are over, newest first; at most 10 each.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentBuilds {
    pub all: Vec<Build>,
    /// Those that the caller started.
    pub mine: Vec<Build>,
}

/// How a project goes on its default branch.
#[derive(Debug, Serialize, ToSchema)]
pub struct HomeProject {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    pub pinned: bool,
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

/// As much of a runner as home shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct HomeRunner {
    pub id: String,
    pub name: String,
    pub status: RunnerStatus,
    pub slots: usize,
    pub busy_slots: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<RunnerFigures>,
}

/// How far the way to the first build is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct FirstRun {
    /// Whether a code host is connected, or a folder.
    pub has_source: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_name: Option<String>,
    pub has_pipeline: bool,
}

/// Read what home shows
///
/// Of the projects the caller can see. An error only if no part can be made.
#[utoipa::path(get, path = "/v1/home", operation_id = "get_home", tag = "Home", security(("bearer" = [])),
    params(HomeQuery),
    responses(
        (status = 200, description = "Home", body = HomeResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 401, description = "missing_auth, invalid_session", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error", body = ApiError),
    ))]
async fn get_home(
    State(app): AppState,
    caller: Caller,
    Extension(RequestId(request_id)): Extension<RequestId>,
    Query(query): Query<HomeQuery>,
) -> Result<axum::Json<HomeResponse>> {
    let projects = match caller.visible(&app).await? {
        Visible::All => None,
        Visible::Only(projects) => Some(projects.into_iter().collect::<Vec<_>>()),
    };
    let home = Home { app: &app, caller: &caller, projects: projects.as_deref() };
    let pins = pins(query.pinned.as_deref());
    let (attention, active, recent, shown, runners) =
        tokio::join!(home.attention(), home.active(), home.recent(), home.projects(&pins), home.runners(),);
    let mut parts = Parts { request_id, failed: Vec::new(), last: None };
    let first_run = match (&active, &recent) {
        (Ok(active), Ok(recent)) if active.is_empty() && recent.all.is_empty() => {
            Some(home.first_run().await?)
        }
        (Ok(_) | Err(_), _) => None,
    };
    let response = HomeResponse {
        attention: parts.take(HomePart::Attention, attention),
        active: parts.take(HomePart::Active, active),
        recent: parts.take(HomePart::Recent, recent),
        projects: parts.take(HomePart::Projects, shown),
        runners: parts.take(HomePart::Runners, runners).flatten(),
        first_run,
        failed: Vec::new(),
    };
    parts.into_answer(response).map(axum::Json)
}

/// The parts that could not be made.
struct Parts {
    request_id: String,
    failed: Vec<FailedPart>,
    last: Option<Error>,
}

impl Parts {
    fn take<T>(&mut self, part: HomePart, made: Result<T>) -> Option<T> {
        match made {
            Ok(made) => Some(made),
            Err(error) => {
                let request_id = self.request_id.clone();
                tracing::error!(request_id, code = error.code, %part, "a part of home could not be made: {error}");
                let (code, message) = (error.code.to_owned(), error.message.clone());
                self.failed.push(FailedPart { part, code, error: message, request_id });
                self.last = Some(error);
                None
            }
        }
    }

    fn into_answer(self, response: HomeResponse) -> Result<HomeResponse> {
        match self.last {
            Some(error) if self.failed.len() == HomePart::ALL.len() => Err(error),
            Some(_) | None => Ok(HomeResponse { failed: self.failed, ..response }),
        }
    }
}

fn pins(list: Option<&str>) -> Vec<ProjectId> {
    let ids = given(list).unwrap_or_default().split(',').filter_map(|id| id.trim().parse().ok());
    let mut pins: Vec<ProjectId> = Vec::new();
    for id in ids {
        if pins.len() < MAX_PINNED && !pins.contains(&id) {
            pins.push(id);
        }
    }
    pins
}

/// Whose home, and of which projects; `None` means all.
#[derive(Clone, Copy)]
struct Home<'a> {
    app: &'a App,
    caller: &'a Caller,
    projects: Option<&'a [ProjectId]>,
}

impl Home<'_> {
    async fn attention(&self) -> Result<Vec<AttentionItem>> {
        let may = |resource, action| self.caller.require(resource, action).is_ok();
        let sees = Sees {
            runners: may(Resource::Runners, Action::Read),
            instance: may(Resource::InstanceSettings, Action::Read),
            sources: may(Resource::Integrations, Action::Write),
        };
        let mut found = attention::look(self.app, sees, self.projects).await?;
        found.truncate(MAX_ATTENTION);
        let rows = found.iter().filter_map(|trouble| match trouble {
            Trouble::BuildFailed(build) | Trouble::BuildWaiting(build) => Some((**build).clone()),
            Trouble::Paused(_)
            | Trouble::NoRunner
            | Trouble::RunnerOffline { .. }
            | Trouble::DiskLow(_)
            | Trouble::Source { .. } => None,
        });
        let builds = build_view::show(self.app, rows.collect()).await?;
        let mut builds: HashMap<String, Build> =
            builds.into_iter().map(|build| (build.id.clone(), build)).collect();
        Ok(found.into_iter().map(|trouble| item(trouble, &mut builds)).collect())
    }

    async fn active(&self) -> Result<Vec<ActiveBuild>> {
        let db = self.app.db.read();
        let rows = figures::active(db, self.projects, MAX_ACTIVE).await?;
        let mut usual = Vec::with_capacity(rows.len());
        for row in &rows {
            let runs = match row.status == BuildStatus::Running {
                true => figures::usual_runs(db, row).await?,
                false => Vec::new(),
            };
            usual.push((runs.len() >= FEWEST_RUNS).then(|| Spread::of(runs).p50_ms).flatten());
        }
        let shown = build_view::show(self.app, rows).await?;
        let active = shown.into_iter().zip(usual);
        Ok(active.map(|(build, usual_ms)| ActiveBuild { build, usual_ms }).collect())
    }

    async fn recent(&self) -> Result<RecentBuilds> {
        let db = self.app.db.read();
        let all = figures::newest(db, self.projects, None, RECENT_READ).await?;
        let mine = figures::newest(db, self.projects, Some(self.caller.name()), RECENT_READ).await?;
        Ok(RecentBuilds {
            all: build_view::show(self.app, ended(all)).await?,
            mine: build_view::show(self.app, ended(mine)).await?,
        })
    }

    async fn projects(&self, pins: &[ProjectId]) -> Result<Vec<HomeProject>> {
        let db = self.app.db.read();
        let is_visible = |id: &ProjectId| self.projects.is_none_or(|visible| visible.contains(id));
        let pinned = pins.iter().copied().filter(is_visible).collect();
        let mut rows = db::projects::find_all(db, pinned).await?;
        rows.sort_by_key(|row| pins.iter().position(|id| *id == row.id));
        let filter = db::projects::Filter {
            only: self.projects.map(<[ProjectId]>::to_vec),
            search: None,
            integration_id: None,
            sort: NamedSort::UpdatedAt,
            direction: Direction::Descending,
        };
        let newest = db::projects::list(db, &filter, Page { limit: MAX_PROJECTS, offset: 0 }).await?.0;
        let known = rows.len();
        for row in newest {
            if rows.len() >= known.max(usize::try_from(MAX_PROJECTS).unwrap_or(known)) {
                break;
            }
            if rows.iter().all(|shown| shown.id != row.id) {
                rows.push(row);
            }
        }
        let repositories = rows.iter().filter_map(|row| row.repository_id).collect();
        let repositories = db::repositories::find_all(db, repositories).await?;
        let mut shown = Vec::with_capacity(rows.len());
        for row in rows {
            let repository = repositories.iter().find(|repository| Some(repository.id) == row.repository_id);
            let branch = row.default_branch.clone().or_else(|| repository?.default_branch.clone());
            let bars = match &branch {
                Some(branch) => figures::bars(db, row.id, branch, BARS).await?,
                None => Vec::new(),
            };
            let name = repository.map(|repository| repository.full_name.clone());
            shown.push(project(row, name, branch, pins, bars));
        }
        Ok(shown)
    }

    async fn runners(&self) -> Result<Option<Vec<HomeRunner>>> {
        if self.caller.require(Resource::Runners, Action::Read).is_err() {
            return Ok(None);
        }
        let rows = db::runners::list(self.app.db.read(), None).await?;
        let shown = runner_view::show(self.app, rows).await?;
        let serving = shown.into_iter().filter(|runner| !runner.excluded_by_mode);
        Ok(Some(serving.map(HomeRunner::from).collect()))
    }

    async fn first_run(&self) -> Result<FirstRun> {
        let db = self.app.db.read();
        let filter = db::projects::Filter {
            only: self.projects.map(<[ProjectId]>::to_vec),
            search: None,
            integration_id: None,
            sort: NamedSort::CreatedAt,
            direction: Direction::Ascending,
        };
        let project = db::projects::list(db, &filter, Page { limit: 1, offset: 0 }).await?.0.pop();
        let has_pipeline = match &project {
            Some(project) => db::pipelines::count(db, project.id).await? > 0,
            None => false,
        };
        let any = db::integrations::Filter {
            provider: None,
            search: None,
            sort: db::integrations::Sort::Name,
            direction: Direction::Ascending,
        };
        let (_, _, in_use) = db::integrations::list(db, &any, Page { limit: 1, offset: 0 }).await?;
        Ok(FirstRun {
            has_source: in_use > 0,
            project_id: project.as_ref().map(|project| project.id.to_string()),
            project_name: project.map(|project| project.name),
            has_pipeline,
        })
    }
}

fn ended(rows: Vec<builds::Model>) -> Vec<builds::Model> {
    rows.into_iter().filter(|row| row.status.is_terminal()).take(MAX_RECENT).collect()
}

fn project(
    row: projects::Model,
    repository_full_name: Option<String>,
    default_branch: Option<String>,
    pins: &[ProjectId],
    bars: Vec<figures::Bar>,
) -> HomeProject {
    let is = |wanted: &[BuildStatus]| bars.iter().filter(|bar| wanted.contains(&bar.status)).count();
    let passed = is(&[BuildStatus::Succeeded]);
    let judged = passed + is(&[BuildStatus::Failed, BuildStatus::TimedOut]);
    #[allow(clippy::cast_precision_loss)]
    let rate = |part: usize, all: usize| (part as f64 * 1000.0 / all as f64).round() / 10.0;
    let runs = bars.iter().filter(|bar| bar.status == BuildStatus::Succeeded).filter_map(|bar| bar.run_ms);
    HomeProject {
        pinned: pins.contains(&row.id),
        id: row.id.to_string(),
        name: row.name,
        repository_full_name,
        default_branch,
        success_rate: (judged > 0).then(|| rate(passed, judged)),
        run: Spread::of(runs.collect()),
        builds: bars.into_iter().rev().map(BuildBar::from).collect(),
    }
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

impl From<Runner> for HomeRunner {
    fn from(runner: Runner) -> Self {
        Self {
            id: runner.id,
            name: runner.name,
            status: runner.status,
            slots: runner.slots,
            busy_slots: runner.busy_slots,
            figures: runner.figures,
        }
    }
}

fn item(trouble: Trouble, builds: &mut HashMap<String, Build>) -> AttentionItem {
    let mut item = AttentionItem {
        key: trouble.key(),
        kind: trouble.kind(),
        severity: trouble.severity(),
        since: trouble.since(),
        build: None,
        runner: None,
        disk: None,
        source: None,
        reason: None,
    };
    match trouble {
        Trouble::BuildFailed(build) | Trouble::BuildWaiting(build) => {
            item.build = builds.remove(&build.id.to_string());
        }
        Trouble::Paused(reason) => item.reason = reason,
        Trouble::NoRunner => {}
        Trouble::RunnerOffline { runner, .. } => {
            item.runner = Some(AttentionRunner { id: runner.id.to_string(), name: runner.name });
        }
        Trouble::DiskLow(Disk { runner, free, total, stops }) => {
            item.runner =
                runner.map(|runner| AttentionRunner { id: runner.id.to_string(), name: runner.name });
            item.disk = Some(AttentionDisk { free_bytes: free, total_bytes: total, stops_builds: stops });
        }
        Trouble::Source { incident, source } => {
            item.source = Some(AttentionSource {
                id: source.id.to_string(),
                name: source.display_name.clone().unwrap_or_else(|| source.host_url.clone()),
                reason: incident.reason,
                repair_action: repair(incident.reason, source.auth_mode).to_owned(),
            });
        }
    }
    item
}
