//! What code hosts delivered, what came of it and why: to read, and to work off once more.

use std::collections::{HashMap, HashSet};

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::error::ApiError;
use super::extract::{AppState, Path, Query, parsed, searched};
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::access::Visible;
use crate::auth::caller::Caller;
use crate::builds::deliveries::{self, Approval};
use crate::db;
use crate::db::deliveries::{Filter, Told};
use crate::db::entity::{projects, webhook_verdicts};
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::delivery::{Arrival, DeliveryStatus, ForkBuilds, Outcome};
use crate::domain::id::{DeliveryId, IntegrationId, PipelineId, ProjectId, RepositoryId};
use crate::domain::permission::{Action, ProjectPermission, Resource, project_allows};
use crate::domain::source::ScmProvider;
use crate::domain::text::given;
use crate::error::{Error, Kind, Result};

const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 200;
/// As many digits as the longest name of a commit has.
const MAX_COMMIT: usize = 64;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_webhook_deliveries))
        .routes(routes!(get_webhook_delivery))
        .routes(routes!(replay_webhook_delivery))
        .routes(routes!(approve_fork_build))
}

/// A webhook that was received, or what else told of a push.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookDelivery {
    pub id: String,
    pub integration_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ScmProvider>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<String>,
    /// As the code host called it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_name: Option<String>,
    /// What the code host calls the delivery.
    pub external_id: String,
    /// What the code host calls the event.
    pub event: String,
    /// How it got here: by a webhook, by one that had failed and was asked for, or by a look at the repository.
    pub arrived_by: Arrival,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub git_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    /// The number of the pull or merge request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The login of who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    pub status: DeliveryStatus,
    /// What came of it as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Why nothing came of it for any pipeline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<String>,
    pub attempts: i32,
    pub body_bytes: i64,
    /// Whether it can be worked off once more.
    pub can_replay: bool,
    pub received_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
    /// Of the pipelines that the caller may see.
    pub verdicts: Vec<WebhookVerdict>,
}

/// What came of a delivery for one pipeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookVerdict {
    pub project_id: String,
    pub project_name: String,
    pub pipeline_id: String,
    pub pipeline_name: String,
    pub outcome: Outcome,
    /// A sentence for people.
    pub reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_number: Option<i64>,
    /// Whether the caller may let it be built.
    pub can_approve: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListWebhookDeliveriesResponse {
    /// Newest first.
    pub deliveries: Vec<WebhookDelivery>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookDeliveryResponse {
    pub delivery: WebhookDelivery,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    integration_id: Option<String>,
    repository_id: Option<String>,
    /// `waiting`, `done` or `failed`.
    status: Option<String>,
    /// What came of it, for instance `built` or `filtered`.
    outcome: Option<String>,
    /// What the code host calls the event.
    event: Option<String>,
    /// `webhook`, `redelivery` or `poll`.
    arrived_by: Option<String>,
    /// How the commit's id begins.
    commit: Option<String>,
    /// Text in the repository's name, the ref or the login.
    search: Option<String>,
    /// How many at most: 50 unless given, 200 at most.
    limit: Option<i64>,
    /// Where an earlier page said that the next one begins.
    cursor: Option<String>,
}

impl DeliveriesQuery {
    fn filter(self) -> Result<(Filter, u64)> {
        let limit = match self.limit {
            None => DEFAULT_LIMIT,
            Some(limit) => {
                u64::try_from(limit).ok().filter(|limit| *limit > 0).ok_or_else(|| invalid("limit"))?
            }
        };
        let filter = Filter {
            only: None,
            integration_id: parsed::<IntegrationId>(self.integration_id.as_deref(), "integration_id")?,
            repository_id: parsed::<RepositoryId>(self.repository_id.as_deref(), "repository_id")?,
            status: parsed(self.status.as_deref(), "status")?,
            outcome: parsed(self.outcome.as_deref(), "outcome")?,
            event: given(self.event.as_deref()).map(str::to_owned),
            arrived_by: parsed(self.arrived_by.as_deref(), "arrived_by")?,
            commit: given(self.commit.as_deref()).map(str::to_lowercase),
            search: searched(self.search.as_deref(), "search")?,
            before: parsed::<DeliveryId>(self.cursor.as_deref(), "cursor")?,
        };
        let is_commit =
            |text: &String| text.len() <= MAX_COMMIT && text.bytes().all(|c| c.is_ascii_hexdigit());
        if !filter.commit.as_ref().is_none_or(is_commit) {
            return Err(invalid("commit"));
        }
        Ok((filter, limit.min(MAX_LIMIT)))
    }
}

fn invalid(name: &str) -> Error {
    Error::invalid("invalid_input", format!("{name} is not one that there can be"))
}

/// List deliveries of webhooks
///
/// Newest first. Who does not administer integrations sees those of repositories of their projects.
#[utoipa::path(get, path = "/v1/webhook-deliveries", operation_id = "list_webhook_deliveries", tag = "Webhooks",
    security(("bearer" = [])), params(DeliveriesQuery),
    responses(
        (status = 200, description = "The deliveries", body = ListWebhookDeliveriesResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn list_webhook_deliveries(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<DeliveriesQuery>,
) -> Result<axum::Json<ListWebhookDeliveriesResponse>> {
    caller.require(Resource::Integrations, Action::Read)?;
    let (filter, limit) = query.filter()?;
    let sight = Sight::of(&app, &caller).await?;
    let filter = Filter { only: sight.repositories.clone(), ..filter };
    let mut rows = db::deliveries::list(app.db.read(), &filter, limit + 1).await?;
    let is_more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = rows.last().filter(|_| is_more).map(|row| row.id.to_string());
    Ok(axum::Json(ListWebhookDeliveriesResponse {
        deliveries: shown(&app, &caller, &sight, rows).await?,
        next_cursor,
    }))
}

/// Read a delivery of a webhook
#[utoipa::path(get, path = "/v1/webhook-deliveries/{delivery_id}", operation_id = "get_webhook_delivery",
    tag = "Webhooks", security(("bearer" = [])), params(("delivery_id" = String, Path)),
    responses(
        (status = 200, description = "The delivery", body = WebhookDeliveryResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn get_webhook_delivery(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<DeliveryId>,
) -> Result<axum::Json<WebhookDeliveryResponse>> {
    caller.require(Resource::Integrations, Action::Read)?;
    let sight = Sight::of(&app, &caller).await?;
    let row = db::deliveries::find(app.db.read(), id).await?.filter(|row| sight.covers(row));
    let row = row.ok_or_else(|| Error::not_found("delivery"))?;
    one(&app, &caller, &sight, row).await
}

/// Work off a delivery once more
///
/// What was built stays; everything else is judged anew, by the settings and files as they are now.
#[utoipa::path(post, path = "/v1/webhook-deliveries/{delivery_id}/replay", operation_id = "replay_webhook_delivery",
    tag = "Webhooks", security(("bearer" = [])), params(("delivery_id" = String, Path)),
    responses(
        (status = 200, description = "It waits to be worked off", body = WebhookDeliveryResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "delivery_waiting, duplicate_delivery", body = ApiError),
        (status = 410, description = "payload_removed", body = ApiError),
    ))]
async fn replay_webhook_delivery(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<DeliveryId>,
) -> Result<axum::Json<WebhookDeliveryResponse>> {
    caller.require(Resource::Integrations, Action::Write)?;
    let sight = Sight::of(&app, &caller).await?;
    let now_ms = app.clock.now_ms();
    let row = app
        .db
        .write(async |tx| {
            let missing = || Error::not_found("delivery");
            let row =
                db::deliveries::find(tx, id).await?.filter(|row| sight.covers(row)).ok_or_else(missing)?;
            refuse_replay(&row)?;
            let details =
                json!({"event": row.event, "repository": row.repository_name, "outcome": row.outcome});
            let entry = caller.did(AuditAction::WebhookReplayed, AuditResource::WebhookDelivery);
            audit::record(tx, &app, entry.id(id).details(details)).await?;
            db::deliveries::renew(tx, id, now_ms).await?;
            db::deliveries::find(tx, id).await?.ok_or_else(missing)
        })
        .await?;
    app.inbox.call();
    one(&app, &caller, &sight, row).await
}

/// Let a commit of a fork be built
///
/// Once, for one pipeline. The build gets no secrets and leaves nothing behind for other builds; a newer commit of the
/// request has to be approved anew.
#[utoipa::path(post, path = "/v1/webhook-deliveries/{delivery_id}/verdicts/{pipeline_id}/approve",
    operation_id = "approve_fork_build", tag = "Webhooks", security(("bearer" = [])),
    params(("delivery_id" = String, Path), ("pipeline_id" = String, Path)),
    responses(
        (status = 200, description = "It is built", body = WebhookDeliveryResponse),
        (status = 400, description = "invalid_input, invalid_ref", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "not_awaiting_approval, fork_builds_blocked, pipeline_disabled, source_changed, \
            source_not_configured, source_unresolvable, missing_credentials, gitlab_reconnect_required", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, key_error, jwt_error", body = ApiError),
        (status = 502, description = "github_api_error, gitlab_api_error", body = ApiError),
    ))]
async fn approve_fork_build(
    State(app): AppState,
    caller: Caller,
    Path((id, pipeline)): Path<(DeliveryId, PipelineId)>,
) -> Result<axum::Json<WebhookDeliveryResponse>> {
    let (pipeline, access) = caller.pipeline(&app, pipeline, ProjectPermission::TriggerBuild).await?;
    let sight = Sight::of(&app, &caller).await?;
    let seen = async || -> Result<Told> {
        let found = db::deliveries::find(app.db.read(), id).await?.filter(|row| sight.covers(row));
        found.ok_or_else(deliveries::not_waiting)
    };
    let delivery = seen().await?;
    let approval = Approval {
        delivery: &delivery,
        project: &access.project,
        pipeline,
        by: caller.name(),
        approved: caller.did(AuditAction::ForkBuildApproved, AuditResource::WebhookDelivery),
        created: caller.did(AuditAction::BuildCreated, AuditResource::Build),
    };
    deliveries::approve(&app, approval).await?;
    one(&app, &caller, &sight, seen().await?).await
}

fn refuse_replay(row: &Told) -> Result<()> {
    if let Some(first) = row.duplicate_of {
        return Err(Error::conflict("duplicate_delivery", "another delivery said the same")
            .details(json!({"duplicate_of": first}))
            .hint("Replay the first one instead."));
    }
    if row.status == DeliveryStatus::Waiting {
        return Err(Error::conflict("delivery_waiting", "the delivery waits to be worked off already"));
    }
    if !row.has_body {
        return Err(Error::new(Kind::Gone, "payload_removed", "the payload is not kept any more")
            .hint("Deliver it again from the code host, or start a build by hand."));
    }
    Ok(())
}

/// What a caller sees of deliveries.
struct Sight {
    projects: Visible,
    /// `None`: all, also those that belong to no repository.
    repositories: Option<HashSet<RepositoryId>>,
}

impl Sight {
    async fn of(app: &App, caller: &Caller) -> Result<Self> {
        let projects = caller.visible(app).await?;
        let repositories = match &projects {
            Visible::All => None,
            Visible::Only(ids) => {
                let rows = db::projects::find_all(app.db.read(), ids.iter().copied().collect()).await?;
                Some(rows.into_iter().filter_map(|row| row.repository_id).collect())
            }
        };
        Ok(Self { projects, repositories })
    }

    fn covers(&self, row: &Told) -> bool {
        let listed = |ids: &HashSet<RepositoryId>| row.repository_id.is_some_and(|id| ids.contains(&id));
        self.repositories.as_ref().is_none_or(listed)
    }
}

async fn one(
    app: &App,
    caller: &Caller,
    sight: &Sight,
    row: Told,
) -> Result<axum::Json<WebhookDeliveryResponse>> {
    let delivery =
        shown(app, caller, sight, vec![row]).await?.pop().ok_or_else(|| Error::not_found("delivery"))?;
    Ok(axum::Json(WebhookDeliveryResponse { delivery }))
}

async fn shown(app: &App, caller: &Caller, sight: &Sight, rows: Vec<Told>) -> Result<Vec<WebhookDelivery>> {
    let mut verdicts = verdicts(app, caller, sight, &rows).await?;
    let ids = rows.iter().map(|row| row.integration_id).collect::<HashSet<_>>().into_iter().collect();
    let integrations = db::integrations::find_all(app.db.read(), ids).await?;
    let integrations: HashMap<_, _> = integrations.into_iter().map(|row| (row.id, row)).collect();
    let show = |row: Told| {
        let integration = integrations.get(&row.integration_id);
        WebhookDelivery {
            can_replay: refuse_replay(&row).is_ok(),
            verdicts: verdicts.remove(&row.id).unwrap_or_default(),
            id: row.id.to_string(),
            integration_id: row.integration_id.to_string(),
            integration_name: integration.and_then(|found| found.display_name.clone()),
            provider: integration.map(|found| found.provider),
            repository_id: row.repository_id.map(|id| id.to_string()),
            repository_name: row.repository_name,
            external_id: row.external_id,
            event: row.event,
            arrived_by: row.arrived_by,
            action: row.action,
            git_ref: row.git_ref,
            commit_sha: row.commit_sha,
            number: row.number,
            sender: row.sender,
            status: row.status,
            outcome: row.outcome,
            reason: row.reason,
            duplicate_of: row.duplicate_of.map(|id| id.to_string()),
            attempts: row.attempts,
            body_bytes: row.body_bytes,
            received_at: row.received_at_ms.div_euclid(1000),
            finished_at: row.finished_at_ms.map(|at| at.div_euclid(1000)),
        }
    };
    Ok(rows.into_iter().map(show).collect())
}

/// The verdicts of deliveries that the caller may see.
async fn verdicts(
    app: &App,
    caller: &Caller,
    sight: &Sight,
    rows: &[Told],
) -> Result<HashMap<DeliveryId, Vec<WebhookVerdict>>> {
    let db = app.db.read();
    let mut verdicts = db::deliveries::verdicts_of(db, rows.iter().map(|row| row.id)).await?;
    verdicts.retain(|verdict| sight.projects.contains(verdict.project_id));
    let projects = verdicts.iter().map(|verdict| verdict.project_id).collect::<HashSet<_>>();
    let pipelines = verdicts.iter().map(|verdict| verdict.pipeline_id).collect::<HashSet<_>>();
    let projects = db::projects::find_all(db, projects.into_iter().collect()).await?;
    let pipelines = db::pipelines::find_all(db, pipelines.into_iter().collect()).await?;
    let numbers = db::builds::numbers(db, verdicts.iter().filter_map(|verdict| verdict.build_id)).await?;
    let approvable = approvable(app, caller, &verdicts).await?;
    let takes_forks = |row: &&projects::Model| row.fork_builds == ForkBuilds::Approval;
    let open: HashSet<_> = projects.iter().filter(takes_forks).map(|row| row.id).collect();
    let enabled: HashSet<_> = pipelines.iter().filter(|row| row.enabled).map(|row| row.id).collect();
    let projects: HashMap<_, _> = projects.into_iter().map(|row| (row.id, row.name)).collect();
    let pipelines: HashMap<_, _> = pipelines.into_iter().map(|row| (row.id, row.name)).collect();
    let numbers: HashMap<_, _> = numbers.into_iter().collect();
    let mut by_delivery: HashMap<_, Vec<_>> = HashMap::new();
    for verdict in verdicts {
        let webhook_verdicts::Model { delivery_id, pipeline_id, project_id, outcome, reason, build_id } =
            verdict;
        by_delivery.entry(delivery_id).or_default().push(WebhookVerdict {
            project_id: project_id.to_string(),
            project_name: projects.get(&project_id).cloned().unwrap_or_default(),
            pipeline_id: pipeline_id.to_string(),
            pipeline_name: pipelines.get(&pipeline_id).cloned().unwrap_or_default(),
            outcome,
            reason,
            build_id: build_id.map(|id| id.to_string()),
            build_number: build_id.and_then(|id| numbers.get(&id).copied()),
            can_approve: outcome == Outcome::AwaitsApproval
                && approvable.contains(&project_id)
                && open.contains(&project_id)
                && enabled.contains(&pipeline_id),
        });
    }
    Ok(by_delivery)
}

/// The projects in which the caller may let commits of forks be built, of those that have some which wait.
async fn approvable(
    app: &App,
    caller: &Caller,
    verdicts: &[webhook_verdicts::Model],
) -> Result<HashSet<ProjectId>> {
    let waiting = verdicts.iter().filter(|verdict| verdict.outcome == Outcome::AwaitsApproval);
    let mut found = HashSet::new();
    for project in waiting.map(|verdict| verdict.project_id).collect::<HashSet<_>>() {
        let role = caller.project_role(app, project).await?;
        if role.is_some_and(|role| project_allows(role, ProjectPermission::TriggerBuild)) {
            found.insert(project);
        }
    }
    Ok(found)
}
