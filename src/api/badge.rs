//! The badge of a project: a small picture that says whether a branch builds, for everybody, if the project wants that. It
//! names no project, branch or person.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::bytes::{Content, Wanted};
use super::error::ApiError;
use super::extract::{AppState, Path, Query};
use super::route::{Routes, routes};
use crate::builds::badge::{self, Health};
use crate::db;
use crate::domain::id::{PipelineId, ProjectId};
use crate::error::{Error, Result};

pub fn routes() -> Routes {
    Routes::new().routes(routes!(project_badge))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BadgeQuery {
    /// Default: the project's default branch.
    branch: Option<String>,
    /// The id of a pipeline; default: all that are enabled.
    pipeline: Option<String>,
}

/// The badge of a project
///
/// A picture without names that says whether a branch builds. Everybody may see it if the project's settings say so; it is
/// not there otherwise.
#[utoipa::path(get, path = "/v1/projects/{project_id}/badge.svg", operation_id = "project_badge", tag = "Projects",
    params(("project_id" = String, Path), BadgeQuery),
    responses(
        (status = 200, description = "The picture", content_type = "image/svg+xml", body = String),
        (status = 304, description = "It is still the same"),
        (status = 400, description = "invalid_request", body = ApiError),
        (status = 404, description = "not_found", body = ApiError),
        (status = 500, description = "store_error, data_error", body = ApiError),
    ))]
async fn project_badge(
    State(app): AppState,
    Path(id): Path<ProjectId>,
    Query(query): Query<BadgeQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let project = db::projects::find(app.db.read(), id).await?.filter(|project| project.public_badge);
    let project = project.ok_or_else(|| Error::not_found("badge"))?;
    // What is no id names no pipeline.
    let pipeline = query.pipeline.as_deref().filter(|id| !id.is_empty());
    let pipeline = pipeline.map(|id| id.parse().unwrap_or_else(|_| PipelineId::new()));
    let health = badge::health(&app, &project, query.branch.as_deref(), pipeline).await?;
    let picture = drawn(health);
    let content = Content { size: picture.len() as u64, etag: format!("\"{health}-1\"") };
    let wanted = match content.wanted(&headers) {
        Ok(Wanted::Nothing) => Wanted::Nothing,
        Ok(Wanted::Whole | Wanted::Part(_)) | Err(_) => Wanted::Whole,
    };
    let mut response = content.respond(wanted, |_| Body::from(picture));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// White on colours that are dark enough for it, so that it can be read on any page.
fn drawn(health: Health) -> String {
    let (colour, right) = match health {
        Health::Passing => ("#1a7f37", 60),
        Health::Failing => ("#c62a2f", 54),
        Health::Unknown => ("#59636e", 66),
    };
    let left = 42;
    let whole = left + right;
    let (of_left, of_right) = (left / 2, left + right / 2);
    let (left_text, right_text) = (left - 14, right - 14);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" viewBox="0 0 {whole} 20" role="img" aria-label="build: {health}"><title>build: {health}</title><clipPath id="shape"><rect width="{whole}" height="20" rx="4"/></clipPath><g clip-path="url(#shape)"><rect width="{left}" height="20" fill="#3d444d"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g><g fill="#ffffff" font-family="Verdana, 'DejaVu Sans', sans-serif" font-size="11" text-anchor="middle"><text x="{of_left}" y="14" textLength="{left_text}">build</text><text x="{of_right}" y="14" textLength="{right_text}">{health}</text></g></svg>"##
    )
}
