//! Why a build failed, as far as its steps and its log say. A guess where only the log speaks.

use super::log::Excerpt;
use crate::app::App;
use crate::db::entity::builds;
use crate::domain::step;
use crate::error::Result;

/// What is known of a failure.
#[derive(Debug, Default)]
pub struct Failure {
    /// The step that failed.
    pub step: Option<String>,
    pub exit_code: Option<i32>,
    /// The line at which that step begins, over the whole log, from 0.
    pub first_line: u64,
    pub excerpt: Excerpt,
}

/// Why a build failed.
pub async fn of(app: &App, build: &builds::Model) -> Result<Failure> {
    let failed = build.step_results.as_ref().and_then(|results| step::first_failed(&results.0));
    let failure = Failure {
        step: failed.map(|step| step.name.clone()),
        exit_code: failed.and_then(|step| step.exit_code).or(build.exit_code),
        ..Failure::default()
    };
    if build.log_removed_at.is_some() {
        return Ok(failure);
    }
    quoted(app, build, failure).await
}

/// Adds what the log says. Without results of steps, its own markers tell which one failed.
async fn quoted(app: &App, build: &builds::Model, failure: Failure) -> Result<Failure> {
    let log = app.logs.open(build.id, build.attempt).await?;
    let outline = log.outline().await?;
    let known = failure.step.as_deref().and_then(|name| outline.step(name));
    let step = known.unwrap_or_else(|| outline.failed_step());
    let Some(part) = outline.steps.get(step) else { return Ok(failure) };
    let (first_line, name, exit_code) = (part.first_line, part.name.clone(), part.exit_code);
    let excerpt = log.excerpt(outline, step).await?;
    Ok(Failure {
        step: failure.step.or((!name.is_empty()).then_some(name)),
        exit_code: failure.exit_code.or(exit_code),
        first_line,
        excerpt,
    })
}
