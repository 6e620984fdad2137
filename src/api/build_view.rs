//! Builds as clients see them: rows with the names around them, what they wait for, and without
//! the values of environment variables, which nobody but a runner may read.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::pipelines::REDACTED;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::builds::queue::{self, RunnerPolicyBlockReason, RunnerWait, RunnerWaitReason, Situation};
use crate::builds::rerun;
use crate::db;
use crate::db::entity::{build_events, builds, integrations, pipelines, projects, repositories, runners};
use crate::db::test_reports::Tally;
use crate::domain::build::BuildStatus;
use crate::domain::cache::CacheResult;
use crate::domain::failure::FailureReason;
use crate::domain::id::{BuildId, IntegrationId, PipelineId, ProjectId, RepositoryId, RunnerId};
use crate::domain::matrix::Combination;
use crate::domain::permission::{Action, Resource};
use crate::domain::retention::RetentionRule;
use crate::domain::source::ScmProvider;
use crate::domain::spec::BuildPlatform;
use crate::domain::step::StepResult;
use crate::domain::trigger::TriggerType;
use crate::error::Result;

/// One build.
#[derive(Debug, Serialize, ToSchema)]
pub struct Build {
    pub id: String,
    pub project_id: String,
    pub pipeline_id: String,
    /// Counts the builds of the project from 1.
    pub build_number: i64,
    pub status: BuildStatus,
    /// How often it was handed to a runner.
    pub attempt: i32,
    /// A rule that holds a queued build back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner_policy_block_reason: Option<RunnerPolicyBlockReason>,
    /// What a queued build waits for, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_reason: Option<String>,
    pub trigger_type: TriggerType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_event: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changelog: Option<String>,
    /// The build that this one runs again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_build_id: Option<String>,
    /// The combination of the pipeline's matrix that it builds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Combination>,
    /// What it has in common with the other builds of one trigger, and with their reruns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix_group: Option<String>,
    /// The pipeline's settings at the time of the trigger; values of variables are left out.
    #[schema(value_type = Object)]
    pub config_snapshot: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner_id: Option<String>,
    /// Its runner has fallen silent; if it stays so the build is given up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unreachable: bool,
    /// What it builds for; empty for builds of a time when that was not recorded.
    pub platforms: Vec<BuildPlatform>,
    /// Labels a runner must offer to take it.
    pub requirements: Vec<String>,
    pub context: BuildContext,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_results: Option<Vec<StepResult>>,
    /// What its tests found, if a step left a report of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests: Option<BuildTestCounts>,
    /// What its runner found for its caches; absent until it is over, and of a build without caches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caches: Option<Vec<CacheResult>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<FailureReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    pub queued_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
    /// When its log was removed because it had been kept long enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_removed_at: Option<i64>,
    /// Whether retention takes nothing from it, and since when and by whom.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_by: Option<String>,
    /// When retention removed its artifacts, and by which rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifacts_removed_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifacts_removed_by: Option<RetentionRule>,
    /// Milliseconds it waited, or has been waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<i64>,
    /// Milliseconds it ran, or has been running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_ms: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// How many tests of a build ended how.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct BuildTestCounts {
    pub passed: i64,
    /// Also those that ended with an error.
    pub failed: i64,
    pub skipped: i64,
}

/// The names around a build.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct BuildContext {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_avatar_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_provider: Option<ScmProvider>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_host_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_name: Option<String>,
    /// The runner that has it, or had it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner_name: Option<String>,
}

/// A move of a build's status.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuildEvent {
    pub id: String,
    pub build_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_status: Option<BuildStatus>,
    pub to_status: BuildStatus,
    /// A person, `runner:<id>`, or nobody when the daemon did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub created_at: i64,
}

/// A build with its history, oldest move first.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuildDetailResponse {
    pub build: Build,
    pub events: Vec<BuildEvent>,
    /// Why it waits, while it is queued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// How it can be run again, once it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rerun: Option<RerunOptions>,
}

/// How a build can be run again beside from its start.
#[derive(Debug, Serialize, ToSchema)]
pub struct RerunOptions {
    /// The step that failed, if `from: failed_step` has one to begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_step: Option<String>,
}

/// Why a queued build waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Waiting {
    /// Its place in the queue of the instance, by priority and age, from 1.
    pub position: i64,
    pub sentence: String,
    /// Why each runner does not take it; only for those who may see runners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runners: Option<Vec<WaitingRunner>>,
}

/// Why one runner does not take a build.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitingRunner {
    pub id: String,
    pub name: String,
    pub reason: RunnerWaitReason,
    /// The labels it lacks.
    pub missing: Vec<String>,
    /// Why it is drained, if somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl From<RunnerWait> for WaitingRunner {
    fn from(wait: RunnerWait) -> Self {
        Self {
            id: wait.id.to_string(),
            name: wait.name,
            reason: wait.reason,
            missing: wait.missing,
            note: wait.note,
        }
    }
}

impl From<build_events::Model> for BuildEvent {
    fn from(row: build_events::Model) -> Self {
        Self {
            id: row.id.to_string(),
            build_id: row.build_id.to_string(),
            from_status: row.from_status,
            to_status: row.to_status,
            actor: row.actor,
            reason: row.reason,
            created_at: row.created_at,
        }
    }
}

/// Builds as clients see them, in the same order.
pub async fn show(app: &App, rows: Vec<builds::Model>) -> Result<Vec<Build>> {
    let names = Names::read(app, &rows).await?;
    let situation = queue::look(app, &rows).await?;
    let now_ms = app.clock.now_ms();
    Ok(rows.into_iter().map(|row| shown(app, row, &names, situation.as_ref(), now_ms)).collect())
}

/// One build as clients see it.
pub async fn show_one(app: &App, row: builds::Model) -> Result<Build> {
    let names = Names::read(app, std::slice::from_ref(&row)).await?;
    let situation = queue::look(app, std::slice::from_ref(&row)).await?;
    Ok(shown(app, row, &names, situation.as_ref(), app.clock.now_ms()))
}

/// One build with its history, and why it waits as far as `viewer` may know.
pub async fn detail(app: &App, row: builds::Model, viewer: Option<&Caller>) -> Result<BuildDetailResponse> {
    let events = db::builds::events(app.db.read(), row.id).await?;
    let failed_step = rerun::failed_step(&row).map(str::to_owned);
    let rerun = row.status.is_terminal().then_some(RerunOptions { failed_step });
    let names = Names::read(app, std::slice::from_ref(&row)).await?;
    let situation = queue::look(app, std::slice::from_ref(&row)).await?;
    let waiting = match (&situation, viewer) {
        (Some(situation), Some(viewer)) => waiting(app, viewer, situation, &row).await?,
        (None, _) | (_, None) => None,
    };
    Ok(BuildDetailResponse {
        build: shown(app, row, &names, situation.as_ref(), app.clock.now_ms()),
        rerun,
        events: events.into_iter().map(BuildEvent::from).collect(),
        waiting,
    })
}

async fn waiting(
    app: &App,
    viewer: &Caller,
    situation: &Situation,
    row: &builds::Model,
) -> Result<Option<Waiting>> {
    let Some(found) = situation.waiting(row) else { return Ok(None) };
    let may_see_runners = viewer.require(Resource::Runners, Action::Read).is_ok();
    let runners = || situation.runners(row).into_iter().map(WaitingRunner::from).collect();
    Ok(Some(Waiting {
        position: db::builds::queue::position(app.db.read(), row).await?,
        sentence: found.sentence,
        runners: may_see_runners.then(runners),
    }))
}

fn shown(app: &App, row: builds::Model, names: &Names, situation: Option<&Situation>, now_ms: i64) -> Build {
    let runner = row.runner_id.and_then(|id| names.runners.get(&id));
    let unreachable = row.status.is_held() && runner.is_some_and(|runner| app.leases.is_silent(runner));
    let waiting = situation.and_then(|situation| situation.waiting(&row));
    let tests = names.tests.get(&row.id).filter(|tally| tally.attempt == row.attempt);
    let over = row.started_at_ms.or(row.finished_at_ms);
    let run_ms = row.started_at_ms.map(|started| row.finished_at_ms.unwrap_or(now_ms) - started);
    Build {
        context: names.context(&row),
        id: row.id.to_string(),
        project_id: row.project_id.to_string(),
        pipeline_id: row.pipeline_id.to_string(),
        build_number: row.build_number,
        status: row.status,
        attempt: row.attempt,
        runner_policy_block_reason: waiting.as_ref().and_then(|waiting| waiting.blocked_by),
        waiting_reason: waiting.map(|waiting| waiting.sentence),
        trigger_type: row.trigger_type,
        trigger_actor: row.trigger_actor,
        trigger_event: row.trigger_event,
        trigger_ref: row.trigger_ref,
        commit_sha: row.commit_sha,
        commit_subject: row.commit_subject,
        commit_author: row.commit_author,
        branch: row.branch,
        changelog: row.changelog,
        source_build_id: row.source_build_id.map(|id| id.to_string()),
        matrix: row.matrix.map(|matrix| matrix.0),
        matrix_group: row.matrix_group.map(|id| id.to_string()),
        config_snapshot: redacted(row.config_snapshot.0),
        runner_id: row.runner_id.map(|id| id.to_string()),
        unreachable,
        platforms: row.platforms.0,
        requirements: row.requirements.0,
        tests: tests.map(|tally| BuildTestCounts {
            passed: tally.passed,
            failed: tally.failed,
            skipped: tally.skipped,
        }),
        step_results: row.step_results.map(|steps| steps.0),
        caches: row.cache_results.map(|caches| caches.0),
        exit_code: row.exit_code,
        failure_reason: row.failure_reason,
        error_message: row.error_message,
        queued_at: row.queued_at_ms.div_euclid(1000),
        started_at: row.started_at_ms.map(|ms| ms.div_euclid(1000)),
        finished_at: row.finished_at_ms.map(|ms| ms.div_euclid(1000)),
        log_removed_at: row.log_removed_at,
        pinned: row.pinned_at.is_some(),
        pinned_at: row.pinned_at,
        pinned_by: row.pinned_by,
        artifacts_removed_at: row.artifacts_removed_at,
        artifacts_removed_by: row.artifacts_removed_by,
        wait_ms: Some((over.unwrap_or(now_ms) - row.queued_at_ms).max(0)),
        run_ms: run_ms.map(|ms| ms.max(0)),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn redacted(mut snapshot: Value) -> Value {
    let variables = snapshot.pointer_mut("/ui_execution_config/env").and_then(Value::as_array_mut);
    for variable in variables.into_iter().flatten() {
        if let Some(value) = variable.get_mut("value") {
            *value = REDACTED.into();
        }
    }
    snapshot
}

/// Everything a page of builds refers to by id, and what is told of them elsewhere.
struct Names {
    projects: HashMap<ProjectId, projects::Model>,
    pipelines: HashMap<PipelineId, pipelines::Model>,
    repositories: HashMap<RepositoryId, repositories::Model>,
    integrations: HashMap<IntegrationId, integrations::Model>,
    runners: HashMap<RunnerId, runners::Model>,
    tests: HashMap<BuildId, Tally>,
}

impl Names {
    async fn read(app: &App, rows: &[builds::Model]) -> Result<Self> {
        let db = app.db.read();
        let runners = distinct(rows.iter().filter_map(|row| row.runner_id));
        let repositories = distinct(rows.iter().filter_map(|row| row.repository_id));
        let repositories = match repositories.is_empty() {
            true => Vec::new(),
            false => db::repositories::find_all(db, repositories).await?,
        };
        let integrations = distinct(repositories.iter().map(|row| row.integration_id));
        let projects = db::projects::find_all(db, distinct(rows.iter().map(|row| row.project_id))).await?;
        let pipelines = db::pipelines::find_all(db, distinct(rows.iter().map(|row| row.pipeline_id))).await?;
        let integrations = db::integrations::find_all(db, integrations).await?;
        let runners = match runners.is_empty() {
            true => Vec::new(),
            false => db::runners::find_all(db, runners).await?,
        };
        // Reports come from runners: a build that no runner has had has none.
        let begun: Vec<BuildId> = rows.iter().filter(|row| row.attempt > 0).map(|row| row.id).collect();
        let tests = match begun.is_empty() {
            true => Vec::new(),
            false => db::test_reports::tallies(db, begun).await?,
        };
        Ok(Self {
            projects: projects.into_iter().map(|row| (row.id, row)).collect(),
            pipelines: pipelines.into_iter().map(|row| (row.id, row)).collect(),
            repositories: repositories.into_iter().map(|row| (row.id, row)).collect(),
            integrations: integrations.into_iter().map(|row| (row.id, row)).collect(),
            runners: runners.into_iter().map(|row| (row.id, row)).collect(),
            tests: tests.into_iter().map(|tally| (tally.build_id, tally)).collect(),
        })
    }

    fn context(&self, row: &builds::Model) -> BuildContext {
        let repository = row.repository_id.and_then(|id| self.repositories.get(&id));
        let integration = repository.and_then(|found| self.integrations.get(&found.integration_id));
        let runner = row.runner_id.and_then(|id| self.runners.get(&id));
        BuildContext {
            project_name: self.projects.get(&row.project_id).map(|found| found.name.clone()),
            repository_id: row.repository_id.map(|id| id.to_string()),
            project_avatar_url: repository.and_then(|found| found.avatar_url.clone()),
            repository_full_name: repository.map(|found| found.full_name.clone()),
            repository_provider: integration.map(|found| found.provider),
            repository_host_url: integration.map(|found| found.host_url.clone()),
            pipeline_name: self.pipelines.get(&row.pipeline_id).map(|found| found.name.clone()),
            runner_name: runner.map(|found| found.name.clone()).or_else(|| row.runner_name.clone()),
        }
    }
}

fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
