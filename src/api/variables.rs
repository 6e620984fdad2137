//! Variables and secrets of projects and pipelines. What is secret goes in and never comes out: no
//! answer, no entry of the audit log and no error carries the value of one.

use axum::extract::State;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::error::ApiError;
use super::extract::{AppState, Json, Path};
use super::pipelines::REDACTED;
use super::projects::OkResponse;
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::access::ProjectAccess;
use crate::auth::caller::Caller;
use crate::builds::variables::{identity, open};
use crate::db::entity::variables::Model;
use crate::db::variables::Scope;
use crate::db::{self, Tx};
use crate::domain::audit::{AuditAction, AuditResource, Entry};
use crate::domain::id::{PipelineId, ProjectId, VariableId};
use crate::domain::permission::{ProjectPermission, project_allows};
use crate::domain::variable::{MAX_ALL_BYTES, MAX_VARIABLES, VariableKind, name_refused, value_refused};
use crate::error::{Error, FieldError, Result};
use crate::events::Change;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list_project_variables))
        .routes(routes!(set_project_variable, delete_project_variable))
        .routes(routes!(list_pipeline_variables))
        .routes(routes!(set_pipeline_variable, delete_pipeline_variable))
}

/// A variable of a project or a pipeline.
#[derive(Debug, Serialize, ToSchema)]
pub struct Variable {
    pub name: String,
    pub kind: VariableKind,
    /// Of a plain variable, for those who may change pipelines; `[REDACTED]` for others. A secret is
    /// never read back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Who set it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ListVariablesResponse {
    pub variables: Vec<Variable>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VariableResponse {
    pub variable: Variable,
}

/// What a variable is to be.
#[derive(Deserialize, ToSchema)]
pub struct SetVariableRequest {
    /// `plain`, `secret` or `file`; secret if it is left out.
    #[serde(default)]
    pub kind: Option<VariableKind>,
    /// At most 32 KiB, for a file 64 KiB; a secret has at least 4 bytes.
    #[serde(deserialize_with = "untold")]
    pub value: String,
}

/// Refuses what is no text without repeating it in the error.
fn untold<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<String, D::Error> {
    String::deserialize(value).map_err(|_| D::Error::custom("value must be a text"))
}

/// A scope with everything that is said of it.
struct Place {
    project: ProjectId,
    pipeline: Option<PipelineId>,
}

impl Place {
    fn of_project(access: &ProjectAccess) -> Self {
        Self { project: access.project.id, pipeline: None }
    }

    fn of_pipeline(pipeline: PipelineId, access: &ProjectAccess) -> Self {
        Self { project: access.project.id, pipeline: Some(pipeline) }
    }

    fn scope(&self) -> Scope {
        self.pipeline.map_or(Scope::Project(self.project), Scope::Pipeline)
    }

    fn change(&self) -> Change {
        match self.pipeline {
            Some(pipeline_id) => Change::Pipeline { pipeline_id, project_id: self.project },
            None => Change::Project { project_id: self.project },
        }
    }

    fn did(&self, caller: &Caller, action: AuditAction, row: &Model) -> Entry {
        let details = json!({
            "name": row.name, "kind": row.kind, "project_id": self.project, "pipeline_id": self.pipeline,
        });
        caller.did(action, AuditResource::Variable).id(row.id).details(details)
    }
}

/// List the variables of a project
///
/// Every pipeline of the project gets them, unless it has one of the same name.
#[utoipa::path(get, path = "/v1/projects/{project_id}/variables", operation_id = "list_project_variables",
    tag = "Variables", security(("bearer" = [])), params(("project_id" = String, Path)),
    responses(
        (status = 200, description = "The variables, by name", body = ListVariablesResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 500, description = "decryption_error, session_error, store_error, data_error", body = ApiError),
    ))]
async fn list_project_variables(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<ProjectId>,
) -> Result<axum::Json<ListVariablesResponse>> {
    let access = caller.project(&app, id, ProjectPermission::Read).await?;
    list(&app, &access, &Place::of_project(&access)).await
}

/// Set a variable of a project
///
/// Creates it, or replaces kind and value.
#[utoipa::path(put, path = "/v1/projects/{project_id}/variables/{name}", operation_id = "set_project_variable",
    tag = "Variables", security(("bearer" = [])), params(("project_id" = String, Path), ("name" = String, Path)),
    request_body = SetVariableRequest,
    responses(
        (status = 200, description = "The variable", body = VariableResponse),
        (status = 400, description = "invalid_variable, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "too_many_variables", body = ApiError),
        (status = 500, description = "encryption_error, session_error, store_error, data_error", body = ApiError),
    ))]
async fn set_project_variable(
    State(app): AppState,
    caller: Caller,
    Path((id, name)): Path<(ProjectId, String)>,
    Json(request): Json<SetVariableRequest>,
) -> Result<axum::Json<VariableResponse>> {
    let access = caller.project(&app, id, ProjectPermission::Write).await?;
    set(&app, &caller, &Place::of_project(&access), name, request).await
}

/// Delete a variable of a project
#[utoipa::path(delete, path = "/v1/projects/{project_id}/variables/{name}",
    operation_id = "delete_project_variable", tag = "Variables", security(("bearer" = [])),
    params(("project_id" = String, Path), ("name" = String, Path)),
    responses(
        (status = 200, description = "Deleted", body = OkResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn delete_project_variable(
    State(app): AppState,
    caller: Caller,
    Path((id, name)): Path<(ProjectId, String)>,
) -> Result<axum::Json<OkResponse>> {
    let access = caller.project(&app, id, ProjectPermission::Write).await?;
    delete(&app, &caller, &Place::of_project(&access), &name).await
}

/// List the variables of a pipeline
///
/// Those of its project, which it gets as well, are not among them.
#[utoipa::path(get, path = "/v1/pipelines/{pipeline_id}/variables", operation_id = "list_pipeline_variables",
    tag = "Variables", security(("bearer" = [])), params(("pipeline_id" = String, Path)),
    responses(
        (status = 200, description = "The variables, by name", body = ListVariablesResponse),
        (status = 403, description = "permission_denied", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 500, description = "decryption_error, session_error, store_error, data_error", body = ApiError),
    ))]
async fn list_pipeline_variables(
    State(app): AppState,
    caller: Caller,
    Path(id): Path<PipelineId>,
) -> Result<axum::Json<ListVariablesResponse>> {
    let (_, access) = caller.pipeline(&app, id, ProjectPermission::Read).await?;
    list(&app, &access, &Place::of_pipeline(id, &access)).await
}

/// Set a variable of a pipeline
///
/// Creates it, or replaces kind and value. It takes the place of the project's of the same name.
#[utoipa::path(put, path = "/v1/pipelines/{pipeline_id}/variables/{name}", operation_id = "set_pipeline_variable",
    tag = "Variables", security(("bearer" = [])), params(("pipeline_id" = String, Path), ("name" = String, Path)),
    request_body = SetVariableRequest,
    responses(
        (status = 200, description = "The variable", body = VariableResponse),
        (status = 400, description = "invalid_variable, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 409, description = "too_many_variables", body = ApiError),
        (status = 500, description = "encryption_error, session_error, store_error, data_error", body = ApiError),
    ))]
async fn set_pipeline_variable(
    State(app): AppState,
    caller: Caller,
    Path((id, name)): Path<(PipelineId, String)>,
    Json(request): Json<SetVariableRequest>,
) -> Result<axum::Json<VariableResponse>> {
    let (_, access) = caller.pipeline(&app, id, ProjectPermission::Write).await?;
    set(&app, &caller, &Place::of_pipeline(id, &access), name, request).await
}

/// Delete a variable of a pipeline
#[utoipa::path(delete, path = "/v1/pipelines/{pipeline_id}/variables/{name}",
    operation_id = "delete_pipeline_variable", tag = "Variables", security(("bearer" = [])),
    params(("pipeline_id" = String, Path), ("name" = String, Path)),
    responses(
        (status = 200, description = "Deleted", body = OkResponse),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
    ))]
async fn delete_pipeline_variable(
    State(app): AppState,
    caller: Caller,
    Path((id, name)): Path<(PipelineId, String)>,
) -> Result<axum::Json<OkResponse>> {
    let (_, access) = caller.pipeline(&app, id, ProjectPermission::Write).await?;
    delete(&app, &caller, &Place::of_pipeline(id, &access), &name).await
}

async fn list(app: &App, access: &ProjectAccess, place: &Place) -> Result<axum::Json<ListVariablesResponse>> {
    let rows = db::variables::list(app.db.read(), place.scope()).await?;
    let readable = project_allows(access.role, ProjectPermission::ManagePipelines);
    let with_value = |row: Model| {
        let value = match (row.kind.is_hidden(), readable) {
            (true, _) => None,
            (false, true) => Some(open(&app.sealer, &row)?),
            (false, false) => Some(REDACTED.to_owned()),
        };
        Ok(shown(row, value))
    };
    let variables = rows.into_iter().map(with_value).collect::<Result<_>>()?;
    Ok(axum::Json(ListVariablesResponse { variables }))
}

async fn set(
    app: &App,
    caller: &Caller,
    place: &Place,
    name: String,
    request: SetVariableRequest,
) -> Result<axum::Json<VariableResponse>> {
    let SetVariableRequest { kind, value } = request;
    let kind = kind.unwrap_or(VariableKind::Secret);
    check(&name, kind, &value)?;
    let (scope, now) = (place.scope(), app.clock.now());
    let row = app
        .db
        .write(async |tx| {
            make_room(tx, scope, &name, value.len()).await?;
            let former = db::variables::find(tx, scope, &name).await?;
            let id = former.as_ref().map_or_else(VariableId::new, |former| former.id);
            let row = Model {
                id,
                project_id: place.project,
                pipeline_id: place.pipeline,
                name: name.clone(),
                kind,
                value: app.sealer.seal(&identity(id), value.as_bytes())?,
                updated_by: Some(caller.name().to_owned()),
                created_at: former.as_ref().map_or(now, |former| former.created_at),
                updated_at: now,
            };
            match former {
                Some(_) => db::variables::update(tx, row.clone()).await?,
                None => db::variables::insert(tx, row.clone()).await?,
            }
            tx.signal(place.change());
            audit::record(tx, app, place.did(caller, AuditAction::VariableSet, &row)).await?;
            Ok(row)
        })
        .await?;
    let value = (!kind.is_hidden()).then_some(value);
    Ok(axum::Json(VariableResponse { variable: shown(row, value) }))
}

async fn delete(app: &App, caller: &Caller, place: &Place, name: &str) -> Result<axum::Json<OkResponse>> {
    app.db
        .write(async |tx| {
            let missing = || Error::not_found("variable");
            let row = db::variables::find(tx, place.scope(), name).await?.ok_or_else(missing)?;
            db::variables::delete(tx, row.id).await?;
            tx.signal(place.change());
            audit::record(tx, app, place.did(caller, AuditAction::VariableDeleted, &row)).await
        })
        .await?;
    Ok(axum::Json(OkResponse { ok: true }))
}

fn check(name: &str, kind: VariableKind, value: &str) -> Result<()> {
    let name = name_refused(name).map(|why| FieldError::new("name", why));
    let value = value_refused(kind, value).map(|why| FieldError::new("value", why));
    let fields: Vec<FieldError> = name.into_iter().chain(value).collect();
    if fields.is_empty() { Ok(()) } else { Err(Error::invalid_fields("invalid_variable", fields)) }
}

/// Every build carries all of them.
async fn make_room(tx: &Tx, scope: Scope, name: &str, bytes: usize) -> Result<()> {
    let others = db::variables::volume_without(tx, scope, name).await?;
    let limit = format!("at most {MAX_VARIABLES} variables of {} KiB in all", MAX_ALL_BYTES / 1024);
    if others.count < MAX_VARIABLES && others.bytes + bytes as u64 <= MAX_ALL_BYTES {
        return Ok(());
    }
    Err(Error::conflict("too_many_variables", limit).hint("Delete variables that no build needs."))
}

fn shown(row: Model, value: Option<String>) -> Variable {
    Variable {
        name: row.name,
        kind: row.kind,
        value,
        updated_by: row.updated_by,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
