//! Home: what needs somebody now, what runs, what ran last, how the projects go. One answer for the whole page, of which each
//! part fails alone.

use std::collections::HashMap;

use axum::Extension;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::active_builds::{self, ActiveBuild};
use super::build_view::{self, Build};
use super::error::{ApiError, RequestId};
use super::extract::{AppState, Query};
use super::home_view::{
    AttentionItem, FailedPart, FirstRun, HomePart, HomeProject, HomeResponse, HomeRunner, RecentBuilds, item,
    project,
};
use super::project_health::{self, ProjectHealth};
use super::route::{Routes, routes};
use super::runner_view;
use crate::app::App;
use crate::auth::access::Visible;
use crate::auth::caller::Caller;
use crate::builds::attention::{self, Sees, Trouble};
use crate::db;
use crate::db::builds::figures;
use crate::db::listing::{Direction, NamedSort, Page};
use crate::domain::id::ProjectId;
use crate::domain::permission::{Action, Resource};
use crate::domain::text::given;
use crate::error::{Error, Result};

const MAX_ATTENTION: usize = 30;
const MAX_ACTIVE: u64 = 30;
/// How many ended builds are shown.
const MAX_RECENT: u64 = 10;
/// Pinned projects, and how many there are in all.
const MAX_PINNED: usize = 7;
const MAX_PROJECTS: u64 = 6;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(get_home))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HomeQuery {
    /// Ids of the projects to show first, separated by commas; at most 7 count.
    pinned: Option<String>,
}

/// Read what home shows
///
/// Of the projects the caller can see. An error only if no part can be made.
#[utoipa::path(get, path = "/v1/home", operation_id = "get_home", tag = "Home", security(("bearer" = [])),
    params(HomeQuery),
    responses(
        (status = 200, description = "Home", body = HomeResponse),
        (status = 400, description = "invalid_request", body = ApiError),
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
            parts.first_run(home.first_run().await)
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

    /// It is no part of its own: without it home shows what it shows to everybody else.
    fn first_run(&self, made: Result<FirstRun>) -> Option<FirstRun> {
        let request_id = &self.request_id;
        made.inspect_err(|error| {
            tracing::error!(
                request_id,
                code = error.code,
                "the way to the first build could not be told: {error}"
            );
        })
        .ok()
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
        active_builds::show(self.app, figures::active(db, self.projects, MAX_ACTIVE).await?).await
    }

    async fn recent(&self) -> Result<RecentBuilds> {
        let db = self.app.db.read();
        let all = figures::newest_ended(db, self.projects, None, MAX_RECENT).await?;
        let mine = figures::newest_ended(db, self.projects, Some(self.caller.name()), MAX_RECENT).await?;
        Ok(RecentBuilds {
            all: build_view::show(self.app, all).await?,
            mine: build_view::show(self.app, mine).await?,
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
        let repositories = project_health::linked(self.app, &rows).await?;
        let mut shown = Vec::with_capacity(rows.len());
        for row in rows {
            let repository = repositories.iter().find(|repository| Some(repository.id) == row.repository_id);
            let name = repository.map(|repository| repository.full_name.clone());
            let health = ProjectHealth::read(self.app, &row, &repositories).await?;
            shown.push(project(row, name, health, pins));
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
