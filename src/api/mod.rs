//! The HTTP edge: the route table and everything around it. A route and its description are one
//! thing (`routes!`), so none exists without the other. One file a resource.

mod active_builds;
pub mod api_tokens;
pub mod artifact_storage;
mod artifact_tokens;
pub mod artifacts;
pub mod audit_logs;
pub mod auth;
pub mod badge;
pub mod bootstrap;
pub mod browser;
pub mod build_view;
pub mod builds;
pub mod bytes;
mod changes;
pub mod checkout;
pub mod docs;
pub mod error;
pub mod events;
mod examples;
pub mod external_access;
pub mod external_oidc;
pub mod extract;
pub mod first_run;
pub mod github;
pub mod gitlab;
pub mod guard;
pub mod health;
pub mod home;
pub mod home_view;
pub mod identity;
pub mod incidents;
pub mod insights;
pub mod installations;
pub mod integrations;
pub mod job_artifacts;
mod job_signing;
pub mod jobs;
pub mod local_git;
pub mod log_stream;
pub mod log_views;
pub mod logs;
pub mod members;
pub mod messages;
pub mod metrics;
mod new_project;
mod notification_channel_view;
pub mod notification_channels;
pub mod notification_targets;
mod object;
pub mod oidc;
pub mod page;
pub mod pairing;
pub mod people_table;
pub mod pins;
mod pipeline_check;
pub mod pipelines;
mod plan_view;
mod project_health;
pub mod projects;
pub mod rejection;
mod related_builds;
pub mod releases;
pub mod retention;
pub mod retention_view;
pub mod route;
pub mod runner_enrolments;
pub mod runner_view;
pub mod runners;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod setup_access;
pub mod setup_oidc;
pub mod support_bundle;
pub mod table;
pub mod test_reports;
pub mod updates;
pub mod users;
pub mod variables;
pub mod webhook_body;
mod webhook_deliveries;
pub mod webhooks;
pub mod workflows;

use std::sync::Arc;

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};

use route::Routes;

use crate::app::App;

/// Largest JSON body, in bytes.
pub const JSON_BODY_LIMIT: usize = 2 * 1024 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Oore CI",
        description = include_str!("description.md"),
    ),
    components(schemas(error::ApiError)),
    modifiers(&Bearer),
)]
struct Document;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

fn routes() -> Routes {
    Routes::new()
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(support_bundle::routes())
        .merge(messages::routes())
        .merge(setup::routes())
        .merge(setup_access::routes())
        .merge(setup_oidc::routes())
        .merge(auth::routes())
        .merge(oidc::routes())
        .merge(pairing::routes())
        .merge(bootstrap::routes())
        .merge(events::routes())
        .merge(home::routes())
        .merge(insights::routes())
        .merge(first_run::routes())
        .merge(users::routes())
        .merge(identity::routes())
        .merge(people_table::routes())
        .merge(sessions::routes())
        .merge(settings::routes())
        .merge(retention::routes())
        .merge(pins::routes())
        .merge(updates::routes())
        .merge(external_access::routes())
        .merge(external_oidc::routes())
        .merge(audit_logs::routes())
        .merge(projects::routes())
        .merge(project_health::routes())
        .merge(new_project::routes())
        .merge(badge::routes())
        .merge(api_tokens::routes())
        .merge(members::routes())
        .merge(pipelines::routes())
        .merge(pipeline_check::routes())
        .merge(workflows::routes())
        .merge(variables::routes())
        .merge(integrations::routes())
        .merge(local_git::routes())
        .merge(github::routes())
        .merge(gitlab::routes())
        .merge(incidents::routes())
        .merge(installations::routes())
        .merge(builds::routes())
        .merge(related_builds::routes())
        .merge(changes::routes())
        .merge(logs::routes())
        .merge(log_views::routes())
        .merge(artifacts::routes())
        .merge(releases::routes())
        .merge(artifact_storage::routes())
        .merge(artifact_tokens::routes())
        .merge(runners::routes())
        .merge(runner_enrolments::routes())
        .merge(jobs::routes())
        .merge(job_artifacts::routes())
        .merge(job_signing::routes())
        .merge(webhooks::routes())
        .merge(webhook_deliveries::routes())
        .merge(checkout::routes())
        .merge(test_reports::routes())
        .merge(notification_channels::routes())
        .merge(notification_targets::routes())
}

/// The OpenAPI document.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = routes().describe_in(Document::openapi());
    operations(&mut document).for_each(mention_common_answers);
    examples::show(&mut document);
    document.paths.paths = std::mem::take(&mut document.paths.paths).into_iter().map(named_plainly).collect();
    document
}

fn operations(document: &mut utoipa::openapi::OpenApi) -> impl Iterator<Item = &mut Operation> {
    let items = document.paths.paths.values_mut();
    let methods = items
        .flat_map(|item| [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]);
    methods.flatten()
}

/// The document knows no parameter that spans several parts of a path.
fn named_plainly<T>((path, item): (String, T)) -> (String, T) {
    (path.replace("{*", "{"), item)
}

/// What operations of a kind can answer all, unless they say so in words of their own.
const SIGNED_IN: [(&str, &str); 3] = [
    ("401", "missing_auth, invalid_session"),
    ("429", "too_many_attempts"),
    ("500", "session_error, store_error, data_error"),
];
const WITH_JSON: [(&str, &str); 1] = [("413", "payload_too_large")];

fn mention_common_answers(operation: &mut Operation) {
    let takes_json = match &operation.request_body {
        Some(RefOr::T(body)) => body.content.contains_key("application/json"),
        Some(RefOr::Ref(_)) | None => false,
    };
    let signed_in = SIGNED_IN.iter().filter(|_| operation.security.is_some());
    for (status, codes) in signed_in.chain(WITH_JSON.iter().filter(|_| takes_json)) {
        let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("ApiError"))).build();
        let answer = ResponseBuilder::new().description(*codes).content("application/json", body);
        operation.responses.responses.entry((*status).to_owned()).or_insert_with(|| answer.build().into());
    }
}

/// Every API route, with the document at `/openapi.json` and a page to try it at `/docs`.
pub fn router(app: Arc<App>) -> Router {
    routes()
        .into_router()
        .with_state(app)
        .merge(docs::routes())
        .layer(axum::extract::DefaultBodyLimit::max(JSON_BODY_LIMIT))
}

/// Wraps all routes, pages included, in what every request passes through.
pub fn layered(app: Arc<App>, routes: Router) -> Router {
    routes
        .layer(cors(app.clone()))
        .layer(middleware::from_fn_with_state(app.clone(), guard::guard))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), error::render))
        .layer(middleware::from_fn_with_state(app, metrics::measure))
}

fn cors(app: Arc<App>) -> CorsLayer {
    // Figures are for programs, not for pages.
    let listed = AllowOrigin::predicate(move |origin: &HeaderValue, request: &Parts| {
        let is_of_pages = request.uri.path() != metrics::PATH;
        is_of_pages && origin.to_str().is_ok_and(|origin| guard::is_listed(&app, origin))
    });
    CorsLayer::new()
        .allow_origin(listed)
        .allow_credentials(true)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
        ])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            header::RANGE,
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([
            header::CONTENT_RANGE,
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("x-oore-log-sequence"),
            HeaderName::from_static("x-oore-log-steps"),
            guard::EVENTS,
        ])
}
