//! Running a build again: a new build with the same snapshot and commit, linked to the first one.

use super::trigger::about;
use crate::app::App;
use crate::audit;
use crate::db;
use crate::db::builds::NewBuild;
use crate::db::entity::builds;
use crate::domain::audit::Entry;
use crate::domain::trigger::TriggerType;
use crate::error::{Error, Result};

/// Puts a copy of `source` into the queue; `entry` is what the audit log will say.
///
/// Errors: 409 `build_not_terminal`, 409 `source_changed`.
pub async fn rerun(
    app: &App,
    source: builds::Model,
    kind: TriggerType,
    entry: Entry,
) -> Result<builds::Model> {
    if !source.status.is_terminal() {
        return Err(Error::conflict("build_not_terminal", "the build is not over yet")
            .hint("Wait for its end, or cancel it first."));
    }
    let now_ms = app.clock.now_ms();
    app.db
        .write(async |tx| {
            let project = db::projects::find(tx, source.project_id).await?;
            let repository = project.and_then(|project| project.repository_id);
            let (Some(repository_id), true) = (repository, repository == source.repository_id) else {
                return Err(Error::conflict(
                    "source_changed",
                    "the project is linked to another repository than when this build was made",
                )
                .hint("Start a new build instead."));
            };
            let new = NewBuild {
                project_id: source.project_id,
                pipeline_id: source.pipeline_id,
                repository_id,
                trigger_type: kind,
                trigger_actor: entry.actor.name().map(str::to_owned),
                trigger_event: Some("rerun".to_owned()),
                trigger_ref: source.trigger_ref,
                commit_sha: source.commit_sha,
                commit_subject: source.commit_subject,
                commit_author: source.commit_author,
                branch: source.branch,
                changelog: source.changelog,
                source_build_id: Some(source.id),
                config_snapshot: source.config_snapshot.0,
                requirements: source.requirements.0,
                max_concurrent: source.max_concurrent,
                is_outdated: source.is_outdated,
            };
            let build = db::builds::insert(tx, new, now_ms).await?;
            audit::record(tx, app, entry.id(build.id).details(about(&build))).await?;
            Ok(build)
        })
        .await
}
