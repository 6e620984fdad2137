//! Whether a branch builds, in one word, for people who may see nothing else of a project.

use crate::app::App;
use crate::db;
use crate::db::builds::{latest, related};
use crate::db::entity::projects;
use crate::domain::id::PipelineId;
use crate::domain::text::given;
use crate::error::Result;
use crate::words;

words! {
    /// Whether a branch builds.
    Health {
        Passing = "passing",
        Failing = "failing",
        /// Nothing was built there.
        Unknown = "unknown",
    }
}

/// How the newest builds on a branch ended, of one pipeline or of all that are enabled. Without a branch it is the default one.
pub async fn health(
    app: &App,
    project: &projects::Model,
    branch: Option<&str>,
    pipeline: Option<PipelineId>,
) -> Result<Health> {
    let db = app.db.read();
    let branch = match given(branch).or_else(|| given(project.default_branch.as_deref())) {
        Some(branch) => Some(branch.to_owned()),
        None => match project.repository_id {
            Some(id) => db::repositories::find(db, id).await?.and_then(|row| row.default_branch),
            None => None,
        },
    };
    let Some(branch) = branch else { return Ok(Health::Unknown) };
    let mut worst = Health::Unknown;
    for row in db::pipelines::of_project(db, project.id).await? {
        if pipeline.map_or(!row.enabled, |wanted| wanted != row.id) {
            continue;
        }
        match of_pipeline(app, row.id, &branch).await? {
            Health::Failing => return Ok(Health::Failing),
            Health::Passing => worst = Health::Passing,
            Health::Unknown => {}
        }
    }
    Ok(worst)
}

async fn of_pipeline(app: &App, pipeline: PipelineId, branch: &str) -> Result<Health> {
    let Some(newest) = latest::of_branch(app.db.read(), pipeline, branch).await? else {
        return Ok(Health::Unknown);
    };
    let statuses = match newest.matrix_group {
        Some(group) => {
            related::group(app.db.read(), group).await?.into_iter().map(|one| one.status).collect()
        }
        None => vec![newest.status],
    };
    Ok(if statuses.iter().any(|status| status.is_failure()) { Health::Failing } else { Health::Passing })
}
