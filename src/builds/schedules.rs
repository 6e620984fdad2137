//! Pipelines that start by the clock. The file of the default branch says when, or else the settings; rows keep
//! when that is next, so that a time that passed while the daemon was down is made up for: once, however many
//! times they were.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::DateTime;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use super::beside::beside;
use super::file::{self, Found};
use super::trigger::{self, Cause, Request, Standing};
use crate::app::App;
use crate::db::entity::{pipelines, projects, schedules};
use crate::db::schedules::Ran;
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::id::{IntegrationId, PipelineId, ScheduleId};
use crate::domain::source::RefSpec;
use crate::domain::trigger::{Schedule, TriggerType};
use crate::error::{Error, Result};
use crate::events::Change;
use crate::pipeline::schedule::Timetable;
use crate::sources;

/// How long until another try if the code host does not answer, in seconds.
const RETRY: i64 = 30;
/// Longest time between two looks, and the time between two while something is being started.
const MOST: Duration = Duration::from_secs(60);
const MEANWHILE: Duration = Duration::from_secs(1);
/// What builds of schedules say that started them.
const EVENT: &str = "schedule";

/// How long until something is due.
pub async fn next_look(app: &App) -> Result<Duration> {
    let Some(next) = db::schedules::next(app.db.read()).await? else { return Ok(MOST) };
    let left_ms = next.saturating_mul(1000) - app.clock.now_ms();
    Ok(Duration::from_millis(u64::try_from(left_ms).unwrap_or(0)).min(MOST))
}

/// Starts what is due, and what becomes due meanwhile: that of one integration one after another, that of several beside
/// each other, so that a code host that is slow keeps nobody waiting but its own.
pub async fn start_due(app: &App) -> Result<()> {
    let (mut running, mut lanes, mut ended) = (FuturesUnordered::new(), Lanes::default(), Ok(()));
    loop {
        let mut over = Vec::new();
        for (lane, rows) in beside(lanes.due(app), &mut running, &mut over).await? {
            // Boxed, because the compiler takes minutes over futures of futures.
            running.push(async move { (lane, start_in_order(app, rows).await) }.boxed());
        }
        if over.is_empty() {
            tokio::select! {
                done = running.next() => match done {
                    Some(done) => over.push(done),
                    None => return ended,
                },
                () = tokio::time::sleep(MEANWHILE) => {}
            }
        }
        for (lane, started) in over {
            lanes.busy.remove(&lane);
            ended = ended.and(started);
        }
    }
}

/// Whose schedules are worked on.
#[derive(Debug, Default)]
struct Lanes {
    busy: HashSet<Option<IntegrationId>>,
    /// What was begun, and for which time: what fails for a reason of ours is not begun again at once.
    begun: HashSet<(ScheduleId, i64, Option<i64>)>,
}

impl Lanes {
    /// What is due of integrations that nothing is begun of, which is begun now.
    async fn due(&mut self, app: &App) -> Result<HashMap<Option<IntegrationId>, Vec<schedules::Model>>> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for row in db::schedules::due(app.db.read(), app.clock.now()).await? {
            let lane = integration(app, &row).await?;
            if !self.busy.contains(&lane) && self.begun.insert((row.id, row.next_at, row.retry_at)) {
                found.entry(lane).or_default().push(row);
            }
        }
        self.busy.extend(found.keys());
        Ok(found)
    }
}

/// Where the code of a schedule's pipeline comes from.
async fn integration(app: &App, row: &schedules::Model) -> Result<Option<IntegrationId>> {
    let repository = lane(app, row.pipeline_id).await?.and_then(|(project, _)| project.repository_id);
    match repository {
        Some(id) => {
            Ok(db::repositories::find(app.db.read(), id).await?.map(|repository| repository.integration_id))
        }
        None => Ok(None),
    }
}

/// Starts schedules one after another; answers the first error that is ours.
async fn start_in_order(app: &App, rows: Vec<schedules::Model>) -> Result<()> {
    let mut ended = Ok(());
    for row in rows {
        ended = ended.and(start_or_put_off(app, &row).await);
    }
    ended
}

async fn start_or_put_off(app: &App, row: &schedules::Model) -> Result<()> {
    let Err(error) = start(app, row).await else { return Ok(()) };
    if !error.kind.is_passing() {
        return advance(app, row, Ran::Failed(error.message)).await;
    }
    tracing::warn!(task = "schedules", pipeline = %row.pipeline_id, "{error}");
    let (id, why, retry_at) = (row.id, error.message, app.clock.now() + RETRY);
    app.db.write(async |tx| db::schedules::put_off(tx, id, retry_at, why).await).await
}

async fn advance(app: &App, row: &schedules::Model, how: Ran) -> Result<()> {
    let now = app.clock.now();
    let Some(next_at) = next_after(row, now) else {
        return app.db.write(async |tx| db::schedules::delete(tx, vec![row.id]).await).await;
    };
    app.db.write(async |tx| db::schedules::ran(tx, row, next_at, now, how).await).await?;
    Ok(())
}

fn next_after(row: &schedules::Model, now: i64) -> Option<i64> {
    let zone = Some(row.timezone.as_str()).filter(|zone| !zone.is_empty());
    let next = Timetable::parse(&row.cron, zone).ok()?.next_after(DateTime::from_timestamp(now, 0)?)?;
    Some(next.timestamp())
}

async fn start(app: &App, row: &schedules::Model) -> Result<()> {
    let Some((project, pipeline)) = lane(app, row.pipeline_id).await? else { return Ok(()) };
    if !pipeline.enabled {
        return advance(app, row, Ran::Failed("the pipeline is disabled".to_owned())).await;
    }
    let branch = Some(row.branch.clone()).filter(|branch| !branch.is_empty());
    let request = Request { branch: branch.clone(), ..Request::default() };
    let pinned = trigger::pin(app, &project, pipeline.clone(), request).await?;
    if let (None, Some(wanted)) = (branch, wanted(pinned.found(), &pipeline)) {
        // The file may say something else by now.
        if !wanted.iter().any(|schedule| is_of(row, schedule)) {
            let now = app.clock.now();
            return app.db.write(async |tx| keep(tx, pipeline.id, &wanted, now).await.map(|_| ())).await;
        }
    }
    let now_ms = app.clock.now_ms();
    let now = now_ms.div_euclid(1000);
    let next_at =
        next_after(row, now).ok_or_else(|| Error::invalid("invalid_schedule", "it never comes again"))?;
    let entry = Entry::new(AuditAction::BuildCreated, Actor::Schedule, AuditResource::Build);
    let (kind, standing) = (TriggerType::Schedule, Standing::Newest);
    let cause = Cause { kind, event: Some(EVENT), standing, entry: &entry };
    app.db
        .write(async |tx| {
            let builds = trigger::queue(tx, app, pinned, cause, now_ms).await?;
            let first = builds.first().ok_or_else(|| Error::not_found("build"))?;
            if db::schedules::ran(tx, row, next_at, now, Ran::Built(first.id)).await? {
                return Ok(());
            }
            Err(Error::conflict("concurrent_modification", "the schedule has just been changed"))
        })
        .await
}

async fn lane(app: &App, id: PipelineId) -> Result<Option<(projects::Model, pipelines::Model)>> {
    let Some(pipeline) = db::pipelines::find(app.db.read(), id).await? else { return Ok(None) };
    let project = db::projects::find(app.db.read(), pipeline.project_id).await?;
    Ok(project.map(|project| (project, pipeline)))
}

/// Reads anew when every pipeline starts. One that can't be read keeps its times.
pub async fn refresh_all(app: &App) -> Result<()> {
    for pipeline in db::pipelines::enabled(app.db.read()).await? {
        if let Err(error) = refresh(app, pipeline.id).await {
            tracing::error!(task = "schedules", pipeline = %pipeline.id, "{error}");
        }
    }
    Ok(())
}

/// Reads anew when a pipeline starts, from the file of its default branch or else from its settings.
pub async fn refresh(app: &App, id: PipelineId) -> Result<()> {
    let Some((project, pipeline)) = lane(app, id).await? else { return Ok(()) };
    match found(app, &project, &pipeline).await {
        Ok(found) => learn(app, &pipeline, &found).await,
        Err(error) => {
            tracing::debug!(task = "schedules", pipeline = %id, "{error}");
            Ok(())
        }
    }
}

/// Takes over what was found at the default branch of a pipeline.
pub async fn learn(app: &App, pipeline: &pipelines::Model, found: &Found) -> Result<()> {
    let Some(wanted) = wanted(found, pipeline) else { return Ok(()) };
    let (id, wanted) = (pipeline.id, if pipeline.enabled { wanted } else { Vec::new() });
    let rows = db::schedules::of_pipeline(app.db.read(), id).await?;
    if rows.len() == wanted.len() && rows.iter().all(|row| wanted.iter().any(|schedule| is_of(row, schedule)))
    {
        return Ok(());
    }
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            // Who starts pipelines has to look at their times again.
            if keep(tx, id, &wanted, now).await? {
                tx.signal(Change::Pipeline { pipeline_id: id, project_id: pipeline.project_id });
            }
            Ok(())
        })
        .await
}

async fn found(app: &App, project: &projects::Model, pipeline: &pipelines::Model) -> Result<Found> {
    let Some(repository) = project.repository_id else { return Ok(Found::Nothing) };
    let repository = sources::open(app, repository).await?;
    let default = project.default_branch.as_ref().or(repository.source.default_branch.as_ref());
    let Some(branch) = default else { return Ok(Found::Nothing) };
    let commit = repository.resolve(&RefSpec::Branch(branch.clone())).await?;
    file::read(&repository, &commit.sha, pipeline).await
}

/// When the pipeline starts, by what was found at its default branch; `None` if that can't be told.
fn wanted(found: &Found, pipeline: &pipelines::Model) -> Option<Vec<Schedule>> {
    match (found, found.triggers()) {
        (Found::Invalid { .. }, _) => None,
        (Found::File(_) | Found::Nothing, Some(rules)) => Some(rules.schedule.clone()),
        (Found::File(_) | Found::Nothing, None) => Some(pipeline.trigger_config.0.schedule.clone()),
    }
}

/// Makes the rows of a pipeline those that are wanted; those that stay keep their times. Answers whether any came or went.
async fn keep(tx: &Tx, pipeline: PipelineId, wanted: &[Schedule], now: i64) -> Result<bool> {
    let rows = db::schedules::of_pipeline(tx, pipeline).await?;
    let gone = rows.iter().filter(|row| !wanted.iter().any(|schedule| is_of(row, schedule)));
    let gone: Vec<ScheduleId> = gone.map(|row| row.id).collect();
    let mut is_other = !gone.is_empty();
    if is_other {
        db::schedules::delete(tx, gone).await?;
    }
    let mut seen: HashSet<(String, String, String)> = HashSet::new();
    for schedule in wanted {
        let key = (schedule.cron.clone(), text(&schedule.timezone), text(&schedule.branch));
        if rows.iter().any(|row| is_of(row, schedule)) || !seen.insert(key) {
            continue;
        }
        let mut row = schedules::Model {
            id: ScheduleId::new(),
            pipeline_id: pipeline,
            cron: schedule.cron.clone(),
            timezone: text(&schedule.timezone),
            branch: text(&schedule.branch),
            next_at: now,
            retry_at: None,
            last_at: None,
            last_build_id: None,
            last_error: None,
        };
        let Some(next_at) = next_after(&row, now) else { continue };
        row.next_at = next_at;
        db::schedules::insert(tx, row).await?;
        is_other = true;
    }
    Ok(is_other)
}

fn text(optional: &Option<String>) -> String {
    optional.clone().unwrap_or_default()
}

fn is_of(row: &schedules::Model, schedule: &Schedule) -> bool {
    row.cron == schedule.cron
        && row.timezone == text(&schedule.timezone)
        && row.branch == text(&schedule.branch)
}
