//! Checking a configuration before it is saved, and telling what a build of it would do.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::active_builds;
use super::error::ApiError;
use super::extract::{AppState, Json};
use super::pipelines::{PipelineSettings, problems, tidied};
use super::plan_view::{PipelinePlan, PlanRunner};
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::builds::fit;
use crate::domain::permission::{Action, ProjectPermission, Resource};
use crate::error::Result;
use crate::pipeline::diagnostic::Diagnostic;
use crate::pipeline::parse::{self, PipelineFile};

/// Runners that are told of in a plan.
const MAX_RUNNERS: usize = 50;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(validate_pipeline))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ValidatePipelineResponse {
    pub valid: bool,
    /// One sentence for each thing that is wrong, with its place.
    pub errors: Vec<String>,
    /// The same for programs, in the same order.
    pub diagnostics: Vec<Diagnostic>,
    /// What a build of it does: of the file, or of the settings without one. Absent of what is not valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PipelinePlan>,
}

/// A configuration to check.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ValidatePipelineRequest {
    /// The text of a repository's file; checked by the strict rules of files.
    #[serde(default)]
    pub repository_yaml: Option<String>,
    /// The pipeline that it is for, so that the plan says how long its builds take.
    #[serde(default)]
    pub pipeline_id: Option<String>,
    #[serde(flatten)]
    pub settings: PipelineSettings,
}

/// Check a configuration
///
/// Always 200; what is wrong is in `errors`.
#[utoipa::path(post, path = "/v1/pipelines/validate", operation_id = "validate_pipeline", tag = "Pipelines",
    security(("bearer" = [])), request_body = ValidatePipelineRequest,
    responses(
        (status = 200, description = "What is wrong, if anything", body = ValidatePipelineResponse),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn validate_pipeline(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<ValidatePipelineRequest>,
) -> Result<axum::Json<ValidatePipelineResponse>> {
    caller.require(Resource::Pipelines, Action::Read)?;
    let mut diagnostics: Vec<Diagnostic> = problems(&request.settings)
        .into_iter()
        .flat_map(|(_, fields)| fields)
        .map(|field| Diagnostic::of_file(format!("{}: {}", field.field, field.message)))
        .collect();
    let file = request.repository_yaml.as_deref().map(parse::parse).transpose();
    let file = file.unwrap_or_else(|found| {
        diagnostics.extend(found);
        None
    });
    let errors = diagnostics.iter().map(ToString::to_string).collect();
    let valid = diagnostics.is_empty();
    let plan = match valid.then(|| planned(file.as_ref(), &request.settings)).flatten() {
        Some(plan) => Some(foretold(&app, &caller, plan, request.pipeline_id.as_deref()).await?),
        None => None,
    };
    Ok(axum::Json(ValidatePipelineResponse { valid, errors, diagnostics, plan }))
}

fn planned(file: Option<&PipelineFile>, settings: &PipelineSettings) -> Option<PipelinePlan> {
    let labels = tidied(settings.runner_labels.clone()).unwrap_or_default();
    match file {
        Some(file) => PipelinePlan::of_file(file, &labels),
        None => PipelinePlan::of_settings(settings.execution_config.as_ref()?, &labels),
    }
}

/// The plan, with what the instance makes of it.
async fn foretold(
    app: &App,
    caller: &Caller,
    plan: PipelinePlan,
    pipeline: Option<&str>,
) -> Result<PipelinePlan> {
    let usual_ms = match pipeline.and_then(|id| id.parse().ok()) {
        Some(id) if plan.builds == 1 => {
            let (pipeline, _) = caller.pipeline(app, id, ProjectPermission::Read).await?;
            active_builds::usual_ms(app, pipeline.id, None).await?
        }
        Some(_) | None => None,
    };
    let runners = match caller.require(Resource::Runners, Action::Read) {
        Ok(()) => Some(fit::of(app, &plan.requirements).await?),
        Err(_) => None,
    };
    let runners = runners.map(|fits| fits.into_iter().take(MAX_RUNNERS).map(PlanRunner::from).collect());
    Ok(PipelinePlan { usual_ms, runners, ..plan })
}
