//! People as a table: many invited or given another role at once, and all of them to take away.

use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::ApiError;
use super::extract::{AppState, Bytes, Query};
use super::route::{Routes, routes};
use super::table::{self, PAGE, shown_time};
use crate::auth::caller::Caller;
use crate::auth::import::{ImportReport, Run, import};
use crate::db;
use crate::db::entity::users;
use crate::db::listing::{Direction, Page};
use crate::db::users::{Filter, Sort};
use crate::domain::permission::{Action, Resource};
use crate::error::{Error, Result};

/// Largest table, in bytes.
const MAX_TABLE: usize = 1024 * 1024;
const COLUMNS: [&str; 5] = ["email", "role", "status", "display_name", "created_at"];

pub fn routes() -> Routes {
    let import = Routes::new().routes(routes!(import_users)).layer(DefaultBodyLimit::max(MAX_TABLE));
    Routes::new().routes(routes!(export_users)).merge(import)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Only say what would happen.
    dry_run: Option<bool>,
}

/// Import accounts
///
/// A table with the columns `email` and `role`; others are ignored. Who is new is invited, who has another
/// role gets this one. Either every row is carried out, or, with `import_has_errors`, none; its details are
/// the report.
#[utoipa::path(post, path = "/v1/users/import", operation_id = "import_users", tag = "Users",
    security(("bearer" = [])), params(ImportQuery),
    request_body(content = String, content_type = "text/csv",
        example = json!("email,role\njonas@example.com,developer\naiko@example.com,qa_viewer\n")),
    responses(
        (status = 200, description = "What was done, or would be", body = ImportReport),
        (status = 400, description = "invalid_request, invalid_csv, too_many_rows, import_has_errors", body = ApiError),
        (status = 403, description = "permission_denied, origin_not_allowed", body = ApiError),
        (status = 413, description = "payload_too_large", body = ApiError),
    ))]
async fn import_users(
    State(app): AppState,
    caller: Caller,
    Query(query): Query<ImportQuery>,
    headers: HeaderMap,
    Bytes(table): Bytes,
) -> Result<axum::Json<ImportReport>> {
    caller.require(Resource::Users, Action::Invite)?;
    caller.require(Resource::Users, Action::Write)?;
    if !is_csv(&headers) {
        return Err(Error::invalid("invalid_request", "the body must be a table")
            .hint("Send Content-Type: text/csv."));
    }
    let run = if query.dry_run == Some(true) { Run::Dry } else { Run::Real };
    Ok(axum::Json(import(&app, &caller, &table, run).await?))
}

fn is_csv(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/csv"))
}

/// Export accounts
///
/// A table that can be imported again.
#[utoipa::path(get, path = "/v1/users/export", operation_id = "export_users", tag = "Users",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The table", content_type = "text/csv", body = String),
        (status = 403, description = "permission_denied", body = ApiError),
    ))]
async fn export_users(State(app): AppState, caller: Caller) -> Result<Response> {
    caller.require(Resource::Users, Action::Read)?;
    table::download("attachment; filename=\"people.csv\"", &COLUMNS, 0, move |offset| {
        let app = app.clone();
        async move {
            let filter = Filter { search: None, sort: Sort::CreatedAt, direction: Direction::Ascending };
            let page = Page { limit: PAGE, offset };
            let (rows, total) = db::users::list(app.db.read(), &filter, page).await?;
            let after = offset + PAGE;
            Ok((rows.into_iter().map(cells).collect(), (after < total).then_some(after)))
        }
    })
}

fn cells(user: users::Model) -> Vec<String> {
    vec![
        user.email,
        user.role.to_string(),
        user.status.to_string(),
        user.display_name.unwrap_or_default(),
        shown_time(user.created_at),
    ]
}
