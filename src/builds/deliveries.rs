//! Deliveries of webhooks become builds, or reasons why not: one verdict for each pipeline, recorded together
//! with the build it tells of. Whatever is done twice here is done once: a crash at any place costs nothing.

mod again;
mod body;
mod forks;
mod lanes;

use super::file::Found;
use super::schedules;
use super::trigger::{self, Cause, Pinned, Request, Standing};
use crate::app::App;
use crate::db::deliveries::{End, Told};
use crate::db::entity::{pipelines, projects, repositories, webhook_deliveries, webhook_verdicts};
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::delivery::{
    Arrival, DeliveryStatus, Notice, Outcome, Place, RemoteRepository, Report, Revision,
};
use crate::domain::id::{DeliveryId, IntegrationId};
use crate::domain::source::{ScmProvider, Since};
use crate::domain::spec::TriggerConfig;
use crate::domain::trigger::TriggerType;
use crate::error::{Error, Kind, Result, codes};
use crate::forge;
use crate::pipeline::triggers::{Refusal, Triggers};
use crate::sources;

pub use body::{Packed, unpack};
pub use forks::{Approval, approve, not_waiting};
pub use lanes::{resume, work};

/// How often one is tried, and how long after each other.
const ATTEMPTS: i32 = 5;
const RETRY_MS: i64 = 30_000;

/// What was received, before it is stored.
#[derive(Debug)]
pub struct Received {
    pub integration: IntegrationId,
    /// What the host calls the delivery, or a name for it.
    pub external_id: String,
    pub event: String,
    pub notice: Notice,
    pub packed: Packed,
    pub arrived_by: Arrival,
}

/// The row of a delivery that has just arrived.
pub async fn row(app: &App, received: Received) -> Result<webhook_deliveries::Model> {
    let Received { integration, external_id, event, notice, packed, arrived_by } = received;
    let remote = notice.repository.as_ref();
    let repository = match remote {
        Some(remote) => db::repositories::named(app.db.read(), vec![integration], &remote.id).await?.pop(),
        None => None,
    };
    let (revision, now_ms, id) = (revision(&notice), app.clock.now_ms(), DeliveryId::new());
    Ok(webhook_deliveries::Model {
        id,
        integration_id: integration,
        repository_id: repository.map(|row| row.id),
        external_id,
        event,
        repository_name: remote.map(|remote| remote.full_name.clone()),
        git_ref: revision.map(|revision| revision.place.git_ref()),
        commit_sha: revision.map(|revision| revision.sha.clone()),
        before_sha: revision.and_then(|revision| revision.before.clone()),
        pushed_at: revision.and_then(|revision| revision.pushed_at),
        number: revision.and_then(|revision| revision.place.number()),
        action: notice.action,
        sender: notice.sender,
        body_bytes: packed.bytes,
        body_hash: packed.hash.clone(),
        body: Some(packed.seal(app, id)?),
        status: DeliveryStatus::Waiting,
        outcome: None,
        reason: None,
        duplicate_of: None,
        attempts: 0,
        due_at_ms: now_ms,
        received_at_ms: now_ms,
        finished_at_ms: None,
        arrived_by,
    })
}

fn revision(notice: &Notice) -> Option<&Revision> {
    match &notice.report {
        Report::Revision(revision) => Some(revision),
        Report::Again(_) | Report::Nothing(_) => None,
    }
}

async fn finish(app: &App, id: DeliveryId, end: End) -> Result<()> {
    let (now_ms, outcome) = (app.clock.now_ms(), end.outcome);
    app.db.write(async |tx| db::deliveries::finish(tx, id, end, now_ms).await).await?;
    app.metrics.webhooks.with_label_values(&[outcome.as_str()]).inc();
    Ok(())
}

/// A delivery whose repository is known, and what it reports.
struct Case<'a> {
    delivery: &'a Told,
    provider: ScmProvider,
    revision: Revision,
    sender: Option<String>,
}

async fn work_off(app: &App, delivery: &Told) -> Result<()> {
    let ignored = |reason: String| End {
        status: DeliveryStatus::Done,
        outcome: Outcome::Ignored,
        reason: Some(reason),
    };
    let provider = db::integrations::get(app.db.read(), delivery.integration_id).await?.provider;
    let notice = match read(app, delivery, provider).await {
        Ok(read) => read,
        Err(error) if error.kind == Kind::Invalid => {
            return finish(app, delivery.id, ignored(error.message)).await;
        }
        Err(error) => return Err(error),
    };
    let Notice { repository: remote, sender, report, .. } = notice;
    let known = repository(app, delivery, remote.as_ref()).await?;
    let unknown =
        || format!("unknown repository {}", remote.map(|remote| remote.full_name).unwrap_or_default());
    let (revision, repository) = match (report, known) {
        (Report::Revision(revision), Some(repository)) => (revision, repository),
        (Report::Again(again), Some(repository)) => {
            let end = again::work_off(app, delivery, repository.id, &again, sender).await?;
            return finish(app, delivery.id, end).await;
        }
        (Report::Revision(_) | Report::Again(_), None) => {
            return finish(app, delivery.id, ignored(unknown())).await;
        }
        (Report::Nothing(_), _) if tells_of_access(delivery) => {
            let reason = read_again(app, delivery.integration_id).await?;
            return finish(app, delivery.id, ignored(reason)).await;
        }
        (Report::Nothing(reason), _) => return finish(app, delivery.id, ignored(reason)).await,
    };
    let case = Case { delivery, provider, revision, sender };
    let targets = pipelines(app, &repository).await?;
    if targets.is_empty() {
        let reason = format!("no project with a pipeline uses {}", repository.full_name);
        return finish(app, delivery.id, ignored(reason)).await;
    }
    let mut outcomes = Vec::with_capacity(targets.len());
    for (project, pipeline) in targets {
        outcomes.push(decide(app, &case, &project, pipeline).await?);
    }
    let Some(outcomes) = outcomes.into_iter().collect::<Option<Vec<Outcome>>>() else {
        return Ok(());
    };
    let outcome = outcomes.into_iter().min().unwrap_or(Outcome::Ignored);
    let status = if outcome == Outcome::Failed { DeliveryStatus::Failed } else { DeliveryStatus::Done };
    finish(app, delivery.id, End { status, outcome, reason: None }).await
}

/// Whether it says that a GitHub App may see other repositories now.
fn tells_of_access(delivery: &Told) -> bool {
    matches!(delivery.event.as_str(), "installation" | "installation_repositories")
}

/// Asks GitHub what the app may see; answers what came of it, unless it is worth another try.
async fn read_again(app: &App, integration: IntegrationId) -> Result<String> {
    let integration = db::integrations::get(app.db.read(), integration).await?;
    if integration.provider != ScmProvider::Github {
        return Ok("only GitHub tells of installations".to_owned());
    }
    match sources::github::sync::sync(app, &integration, None, None).await.map_err(No::from) {
        Ok(()) => Ok("the repositories that the app may see were read again".to_owned()),
        Err(No::Because(_, why)) => Ok(format!("the app's repositories could not be read: {why}")),
        Err(No::NotNow(error)) => Err(error),
    }
}

/// The payload, read again.
async fn read(app: &App, delivery: &Told, provider: ScmProvider) -> Result<Notice> {
    let sealed = db::deliveries::body(app.db.read(), delivery.id).await?;
    let sealed = sealed.ok_or_else(|| Error::invalid("body_gone", "its payload is not kept any more"))?;
    let body = unpack(app, delivery.id, &sealed)?;
    match delivery.arrived_by {
        Arrival::Webhook | Arrival::Redelivery => forge::hook::read(provider, &delivery.event, &body),
        Arrival::Poll => serde_json::from_slice(&body)
            .map_err(|error| Error::internal(codes::DATA_ERROR, "what a look found is unreadable", error)),
    }
}

async fn repository(
    app: &App,
    delivery: &Told,
    remote: Option<&RemoteRepository>,
) -> Result<Option<repositories::Model>> {
    let Some(remote) = remote else { return Ok(None) };
    Ok(db::repositories::named(app.db.read(), vec![delivery.integration_id], &remote.id).await?.pop())
}

/// The pipelines of all projects that use a repository.
async fn pipelines(
    app: &App,
    repository: &repositories::Model,
) -> Result<Vec<(projects::Model, pipelines::Model)>> {
    let mut found = Vec::new();
    for project in db::projects::of_repository(app.db.read(), repository.id).await? {
        let pipelines = db::pipelines::of_project(app.db.read(), project.id).await?;
        found.extend(pipelines.into_iter().map(|pipeline| (project.clone(), pipeline)));
    }
    Ok(found)
}

/// Judges one pipeline and records the verdict; `None` if it has to be tried again.
async fn decide(
    app: &App,
    case: &Case<'_>,
    project: &projects::Model,
    pipeline: pipelines::Model,
) -> Result<Option<Outcome>> {
    let verdict = Verdict { case, project, pipeline: pipeline.clone() };
    if db::deliveries::is_built(app.db.read(), case.delivery.id, pipeline.id).await? {
        return Ok(Some(Outcome::Built));
    }
    let pinned = match judge(app, case, project, pipeline).await {
        Ok(pinned) => pinned,
        Err(No::Because(outcome, reason)) => return Ok(Some(verdict.record(app, outcome, reason).await?)),
        Err(No::NotNow(error)) if case.delivery.attempts < ATTEMPTS => {
            tracing::warn!(task = "deliveries", delivery = %case.delivery.id, "{error}");
            return Ok(None);
        }
        Err(No::NotNow(error)) => {
            return Ok(Some(verdict.record(app, Outcome::Failed, error.message).await?));
        }
    };
    match verdict.build(app, pinned).await {
        Ok(outcome) => Ok(Some(outcome)),
        Err(error) if error.kind == Kind::Invalid => {
            Ok(Some(verdict.record(app, Outcome::Invalid, error.message).await?))
        }
        Err(error) => Err(error),
    }
}

/// Why a pipeline does not start.
enum No {
    Because(Outcome, String),
    /// It can't be told at the moment.
    NotNow(Error),
}

/// A host may tell of a push some seconds before its own API knows of it.
fn no(revision: &Revision, error: Error) -> No {
    match &revision.place {
        Place::Branch(_) | Place::Tag(_) if error.code == codes::INVALID_REF => No::NotNow(error),
        Place::Branch(_) | Place::Tag(_) | Place::Request { .. } => error.into(),
    }
}

impl From<Error> for No {
    fn from(error: Error) -> Self {
        if error.kind.is_passing() {
            return No::NotNow(error);
        }
        let is_nothing_of_ours = matches!(error.kind, Kind::Invalid | Kind::NotFound | Kind::Gone);
        let outcome = if is_nothing_of_ours { Outcome::Ignored } else { Outcome::Failed };
        No::Because(outcome, error.message)
    }
}

async fn judge<'a>(
    app: &App,
    case: &Case<'_>,
    project: &'a projects::Model,
    pipeline: pipelines::Model,
) -> std::result::Result<Pinned<'a>, No> {
    if !pipeline.enabled {
        return Err(No::Because(Outcome::Disabled, "the pipeline is disabled".to_owned()));
    }
    let revision = &case.revision;
    if let Some(fork) = &revision.fork {
        forks::admit(project, fork)?;
    }
    let pinned =
        trigger::pin(app, project, pipeline, request(case)).await.map_err(|error| no(revision, error))?;
    learn_schedules(app, project, revision, &pinned).await?;
    let triggers = match pinned.found() {
        Found::Invalid { path, diagnostics, .. } => {
            let first = diagnostics.first().map(ToString::to_string).unwrap_or_default();
            return Err(No::Because(Outcome::Invalid, format!("file invalid: {path}: {first}")));
        }
        found @ (Found::File(_) | Found::Nothing) => match found.triggers() {
            Some(rules) => Triggers::of_file(rules),
            None => Triggers::of_settings(&settings(&pinned)?),
        },
    };
    let message = revision.message.as_deref().unwrap_or(&pinned.commit().message);
    triggers.judge(revision, message)?;
    if triggers.look_at_paths(revision) {
        triggers.judge_paths(changed(revision, &pinned).await?.as_deref())?;
    }
    match &revision.fork {
        Some(fork) => Err(forks::hold(app, case, fork, &pinned).await?),
        None => Ok(pinned),
    }
}

/// What a pipeline's settings say starts it. Who commits in a folder of the machine does so all the time: there
/// nothing starts a pipeline that does not say what.
fn settings(pinned: &Pinned<'_>) -> std::result::Result<TriggerConfig, No> {
    let config = &pinned.pipeline().trigger_config.0;
    if config.events.is_empty() && pinned.repository().source.provider == ScmProvider::LocalGit {
        let why = "neither the pipeline's file nor its settings say that commits start it";
        return Err(No::Because(Outcome::Filtered, why.to_owned()));
    }
    Ok(config.clone())
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Filtered(why) => No::Because(Outcome::Filtered, why),
            Refusal::Skipped(why) => No::Because(Outcome::Skipped, why),
        }
    }
}

/// Every path that changed: as the host told, or else as it tells when it is asked.
async fn changed(revision: &Revision, pinned: &Pinned<'_>) -> Result<Option<Vec<String>>> {
    if revision.changed.is_some() {
        return Ok(revision.changed.clone());
    }
    let since = match &revision.place {
        Place::Request { target, .. } => Some(Since::Left(target)),
        Place::Branch(_) => revision.before.as_deref().map(Since::Was),
        Place::Tag(_) => None,
    };
    match since {
        Some(since) => pinned.repository().changed_paths(since, &revision.sha).await,
        None => Ok(None),
    }
}

/// The file of the default branch says when its pipeline starts by the clock.
async fn learn_schedules(
    app: &App,
    project: &projects::Model,
    revision: &Revision,
    pinned: &Pinned<'_>,
) -> Result<()> {
    let default = project.default_branch.as_ref().or(pinned.repository().source.default_branch.as_ref());
    if !matches!(&revision.place, Place::Branch(name) if Some(name) == default) {
        return Ok(());
    }
    schedules::learn(app, pinned.pipeline(), pinned.found()).await
}

fn request(case: &Case<'_>) -> Request {
    let revision = &case.revision;
    if let Some(request) = forks::request_of(case) {
        return request;
    }
    let branch = revision.place.branch().map(str::to_owned);
    Request {
        trigger_ref: Some(branch.clone().unwrap_or_else(|| revision.place.git_ref())),
        branch,
        commit_sha: Some(revision.sha.clone()),
        request_number: revision.place.number(),
        ..Request::default()
    }
}

/// What is recorded for one pipeline.
struct Verdict<'a> {
    case: &'a Case<'a>,
    project: &'a projects::Model,
    pipeline: pipelines::Model,
}

impl Verdict<'_> {
    async fn record(&self, app: &App, outcome: Outcome, reason: String) -> Result<Outcome> {
        app.db
            .write(async |tx| {
                let row = self.row(outcome, reason);
                forks::replace_older(tx, self.case.delivery, &row).await?;
                db::deliveries::judge(tx, row).await
            })
            .await?;
        Ok(outcome)
    }

    fn row(&self, outcome: Outcome, reason: String) -> webhook_verdicts::Model {
        webhook_verdicts::Model {
            delivery_id: self.case.delivery.id,
            pipeline_id: self.pipeline.id,
            project_id: self.project.id,
            outcome,
            reason,
            build_id: None,
        }
    }

    /// Builds it unless there is such a build, and records which it is, in one transaction.
    async fn build(&self, app: &App, pinned: Pinned<'_>) -> Result<Outcome> {
        let now_ms = app.clock.now_ms();
        app.db
            .write(async |tx| {
                if db::deliveries::is_built(tx, self.case.delivery.id, self.pipeline.id).await? {
                    return Ok(Outcome::Built);
                }
                let row = self.verdict(tx, app, pinned, now_ms).await?;
                let outcome = row.outcome;
                db::deliveries::judge(tx, row).await?;
                Ok(outcome)
            })
            .await
    }

    async fn verdict(
        &self,
        tx: &Tx,
        app: &App,
        pinned: Pinned<'_>,
        now_ms: i64,
    ) -> Result<webhook_verdicts::Model> {
        let Case { delivery, revision, sender, .. } = self.case;
        let trigger_ref = request(self.case).trigger_ref.unwrap_or_default();
        let event = delivery.event.as_str();
        let (pipeline, sha) = (self.pipeline.id, &pinned.commit().sha);
        let built = db::builds::triggered::made_by_event(tx, pipeline, sha, event, &trigger_ref).await?;
        if let Some(build) = built {
            let reason = format!("the commit was built already, as #{}", build.build_number);
            return Ok(self.row(Outcome::AlreadyBuilt, reason));
        }
        // Nothing takes the place of a tag.
        let of = match &revision.place {
            Place::Branch(_) => Some("push of the branch"),
            Place::Request { .. } => Some("commit of the request"),
            Place::Tag(_) => None,
        };
        let is_outdated = of.is_some() && db::deliveries::is_outdated(tx, delivery, pipeline).await?;
        let standing = if is_outdated { Standing::Outdated } else { Standing::Newest };
        if let (true, Some(of)) = (is_outdated && pinned.concurrency().cancel_previous, of) {
            let reason = format!("a newer {of} was built before, and it replaces older builds");
            return Ok(self.row(Outcome::Superseded, reason));
        }
        let actor = sender.clone().map_or(Actor::Unknown, Actor::AtCodeHost);
        let entry = Entry::new(AuditAction::BuildCreated, actor, AuditResource::Build);
        let cause = Cause { kind: TriggerType::Webhook, event: Some(event), standing, entry: &entry };
        let builds = trigger::queue(tx, app, pinned, cause, now_ms).await?;
        let reason = forks::built(&builds);
        let build_id = builds.first().map(|build| build.id);
        Ok(webhook_verdicts::Model { build_id, ..self.row(Outcome::Built, reason) })
    }
}

/// What is kept, and for how long.
const KEPT_MS: i64 = 30 * 24 * 3600 * 1000;
const MOST_KEPT: u64 = 50_000;
const BODIES_KEPT_BYTES: u64 = 256 * 1024 * 1024;

/// Removes old deliveries and, of those that stay, the bodies that take too much room.
pub async fn remove_old(app: &App) -> Result<()> {
    let keep = db::deliveries::Keep {
        after_ms: app.clock.patient_ms() - KEPT_MS,
        most: MOST_KEPT,
        body_bytes: BODIES_KEPT_BYTES,
    };
    app.db.write(async |tx| db::deliveries::tidy(tx, keep).await).await
}
