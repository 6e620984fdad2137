//! Somebody pressed the button of a check at their code host: its build runs again, or the newest of each pipeline at the
//! commit do. Only builds of the repository that the delivery is about; the verdict is recorded together with them.

use std::collections::BTreeMap;

use super::super::rerun;
use crate::app::App;
use crate::db::builds::latest;
use crate::db::deliveries::{End, Told};
use crate::db::entity::{builds, webhook_verdicts};
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::delivery::{Again, DeliveryStatus, Outcome};
use crate::domain::id::{BuildId, PipelineId, RepositoryId};
use crate::domain::trigger::TriggerType;
use crate::error::{Error, Result};

/// Most builds that one press of a button runs again.
const MOST: u64 = 200;

/// Runs again what is asked for; answers what came of it.
pub async fn work_off(
    app: &App,
    delivery: &Told,
    repository: RepositoryId,
    again: &Again,
    sender: Option<String>,
) -> Result<End> {
    let found = wanted(app, repository, again).await?;
    if found.is_empty() {
        let reason = Some("there is no build of it in this repository".to_owned());
        return Ok(End { status: DeliveryStatus::Done, outcome: Outcome::Ignored, reason });
    }
    let mut by_pipeline: BTreeMap<PipelineId, Vec<builds::Model>> = BTreeMap::new();
    for build in found {
        by_pipeline.entry(build.pipeline_id).or_default().push(build);
    }
    let actor = sender.map_or(Actor::Unknown, Actor::AtCodeHost);
    let entry = Entry::new(AuditAction::BuildRerun, actor, AuditResource::Build);
    let mut outcomes = Vec::new();
    for (pipeline, builds) in by_pipeline {
        outcomes.push(run_again(app, delivery, pipeline, builds, &entry).await?);
    }
    let outcome = outcomes.into_iter().min().unwrap_or(Outcome::Ignored);
    let status = if outcome == Outcome::Failed { DeliveryStatus::Failed } else { DeliveryStatus::Done };
    Ok(End { status, outcome, reason: None })
}

async fn wanted(app: &App, repository: RepositoryId, again: &Again) -> Result<Vec<builds::Model>> {
    let db = app.db.read();
    match again {
        Again::Build(id) => {
            let Ok(id) = id.parse::<BuildId>() else { return Ok(Vec::new()) };
            let found = db::builds::find(db, id).await?;
            Ok(found.into_iter().filter(|build| build.repository_id == Some(repository)).collect())
        }
        Again::Commit(sha) => latest::of_repository(db, repository, sha, MOST).await,
    }
}

/// All of a pipeline, or none and why.
async fn run_again(
    app: &App,
    delivery: &Told,
    pipeline: PipelineId,
    sources: Vec<builds::Model>,
    entry: &Entry,
) -> Result<Outcome> {
    let Some(project_id) = sources.first().map(|build| build.project_id) else { return Ok(Outcome::Ignored) };
    let (delivery_id, pipeline_id) = (delivery.id, pipeline);
    let verdict = |outcome, reason, build_id| webhook_verdicts::Model {
        delivery_id,
        pipeline_id,
        project_id,
        outcome,
        reason,
        build_id,
    };
    let done = app
        .db
        .write(async |tx| {
            if db::deliveries::is_built(tx, delivery_id, pipeline_id).await? {
                return Ok(());
            }
            let (reason, build) = copies(tx, app, sources, entry).await?;
            db::deliveries::judge(tx, verdict(Outcome::Built, reason, build)).await
        })
        .await;
    let (outcome, reason) = match done {
        Ok(()) => return Ok(Outcome::Built),
        Err(error) if error.kind.is_passing() => return Err(error),
        Err(error) => refused(error),
    };
    let row = verdict(outcome, reason, None);
    app.db.write(async |tx| db::deliveries::judge(tx, row).await).await?;
    Ok(outcome)
}

async fn copies(
    tx: &Tx,
    app: &App,
    sources: Vec<builds::Model>,
    entry: &Entry,
) -> Result<(String, Option<BuildId>)> {
    let now_ms = app.clock.now_ms();
    let (mut said, mut first) = (Vec::new(), None);
    for source in sources {
        let before = source.build_number;
        let build = rerun::queue(tx, app, source, TriggerType::Webhook, entry.clone(), now_ms).await?;
        first = first.or(Some(build.id));
        said.push(format!("#{before} again as #{}", build.build_number));
    }
    Ok((format!("built {}", said.join(", ")), first))
}

fn refused(error: Error) -> (Outcome, String) {
    let outcome = match error.code {
        "build_not_terminal" => Outcome::AlreadyBuilt,
        _ => Outcome::Failed,
    };
    (outcome, error.message)
}
