//! Connecting GitHub: two operations for programs, and three pages that a browser passes on its way to GitHub and back.
//! The pages answer 200 whatever happens, since people read them.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, SET_COOKIE};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::browser::{Cookie, is_of_same_origin};
use super::error::ApiError;
use super::extract::{AppState, Json, Query};
use super::guard;
use super::integrations::Integration;
use super::page::{Page, told};
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::peer::Origin;
use crate::auth::redirect;
use crate::config::{bare_url, base_url};
use crate::db;
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::permission::{Action, Resource};
use crate::domain::source::ScmProvider;
use crate::domain::text::given;
use crate::error::{Error, Result};
use crate::forge::github::PUBLIC_HOST;
use crate::sources::github::connect::{self, INSTALL_SECONDS, STATE_SECONDS, Wanted};
use crate::sources::{github, require_remote};

/// Says on the way back from installing which app it is.
const INSTALLING: Cookie = Cookie {
    name: "oore_gh_install_state",
    path: "/v1/integrations/github/installed",
    seconds: INSTALL_SECONDS,
};
/// Says on the way to the new app and back which browser it is.
const CREATING: Cookie =
    Cookie { name: "oore_gh_app_state", path: "/v1/integrations/github", seconds: STATE_SECONDS };
const MAX_URL: usize = 2048;

pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(github_start))
        .routes(routes!(github_create_page))
        .routes(routes!(github_callback))
        .routes(routes!(github_installed))
        .routes(routes!(github_complete))
}

#[derive(Debug, Deserialize, ToSchema)]
pub struct GitHubAppStartRequest {
    /// Where GitHub is to send its events: this instance's `/v1/webhooks/github`, as GitHub reaches it.
    pub webhook_url: String,
    /// The page to end at, of an allowed origin.
    pub redirect_url: String,
    /// Scheme and host of GitHub Enterprise; default: `https://github.com`.
    #[serde(default)]
    pub host_url: Option<String>,
    /// The organization that is to own the app; default: the person at GitHub.
    #[serde(default)]
    pub organization: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GitHubAppStartResponse {
    /// Where the browser goes now.
    pub create_url: String,
}

#[derive(Deserialize, ToSchema)]
pub struct GitHubAppCompleteRequest {
    /// What GitHub sent the person back with.
    pub code: String,
    /// Scheme and host of GitHub Enterprise; default: `https://github.com`.
    #[serde(default)]
    pub host_url: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GitHubAppCompleteResponse {
    pub integration: Integration,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CreateQuery {
    state: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InstalledQuery {
    /// GitHub's number of the installation.
    installation_id: Option<String>,
    setup_action: Option<String>,
}

/// Begin to connect GitHub
#[utoipa::path(post, path = "/v1/integrations/github/start", operation_id = "github_start", tag = "Integrations",
    security(("bearer" = [])), request_body = GitHubAppStartRequest,
    responses(
        (status = 200, description = "Where to go", body = GitHubAppStartResponse),
        (status = 400, description = "invalid_input, invalid_redirect_url, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error", body = ApiError),
    ))]
async fn github_start(
    State(app): AppState,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<GitHubAppStartRequest>,
) -> Result<([(HeaderName, String); 1], axum::Json<GitHubAppStartResponse>)> {
    caller.require(Resource::Integrations, Action::Write)?;
    require_remote(&app).await?;
    let organization = given(request.organization.as_deref());
    let wanted = Wanted {
        host_url: host(&app, request.host_url.as_deref())?,
        organization: organization.map(checked_organization).transpose()?,
        webhook_url: checked_webhook(request.webhook_url.trim())?,
        redirect_url: redirect::page(&app.network.reach(), request.redirect_url.trim())?,
        person: caller.user.id,
        browser: CREATING.known_by(&headers)?,
        is_bound: is_of_same_origin(&headers, &redirect::origin(&guard::base_url(&app))),
    };
    let state = connect::begin(&app, &wanted).await?;
    let base = guard::base_url(&app);
    let create_url = format!("{base}/v1/integrations/github/create?state={state}");
    let cookie = [(SET_COOKIE, CREATING.kept(&app, &wanted.browser))];
    Ok((cookie, axum::Json(GitHubAppStartResponse { create_url })))
}

/// The page that posts the app's manifest to GitHub
#[utoipa::path(get, path = "/v1/integrations/github/create", operation_id = "github_create_page",
    tag = "Integrations", params(CreateQuery),
    responses((status = 200, description = "The page, or what went wrong", content_type = "text/html", body = String)))]
async fn github_create_page(
    State(app): AppState,
    headers: HeaderMap,
    Query(query): Query<CreateQuery>,
) -> Response {
    let base = guard::base_url(&app);
    let state = query.state.as_deref().unwrap_or_default();
    match connect::form(&app, state, CREATING.of(&headers), &base).await {
        Ok(form) => {
            let page = Page {
                title: "On to GitHub",
                text: "GitHub asks you for the name of the new app. If nothing happens, press the button."
                    .to_owned(),
                form: Some((&form.action, "manifest", &form.manifest)),
                ..Page::default()
            };
            ([(SET_COOKIE, CREATING.kept(&app, &form.browser))], page).into_response()
        }
        Err(error) => told(&app, ScmProvider::Github, &error),
    }
}

/// The way back from GitHub with a new app
///
/// Exchanges the code and sends the browser on to install the app.
#[utoipa::path(get, path = "/v1/integrations/github/callback", operation_id = "github_callback",
    tag = "Integrations", params(CallbackQuery),
    responses(
        (status = 200, description = "What went wrong", content_type = "text/html", body = String),
        (status = 303, description = "Connected"),
    ))]
async fn github_callback(
    State(app): AppState,
    origin: Origin,
    headers: HeaderMap,
    Query(query): Query<CallbackQuery>,
) -> Response {
    let (code, state) = (query.code.unwrap_or_default(), query.state.unwrap_or_default());
    match connect::come_back(&app, &code, &state, CREATING.of(&headers), origin).await {
        Ok(connected) => sent_on(&app, &connected),
        Err(error) => told(&app, ScmProvider::Github, &error),
    }
}

fn sent_on(app: &App, connected: &connect::Connected) -> Response {
    ([(SET_COOKIE, INSTALLING.kept(app, &connected.cookie))], Redirect::to(&connected.next)).into_response()
}

/// The way back from GitHub with an installed app
///
/// Reads which repositories it may see and sends the browser on to the integration's page.
#[utoipa::path(get, path = "/v1/integrations/github/installed", operation_id = "github_installed",
    tag = "Integrations", params(InstalledQuery),
    responses((status = 200, description = "The page, or what went wrong", content_type = "text/html", body = String)))]
async fn github_installed(
    State(app): AppState,
    headers: HeaderMap,
    Query(query): Query<InstalledQuery>,
) -> Response {
    if let Err(error) = require_remote(&app).await {
        return told(&app, ScmProvider::Github, &error);
    }
    let asked = query.setup_action.as_deref() == Some("request");
    let installing = INSTALLING.of(&headers).and_then(|cookie| connect::installing(&app, cookie));
    let Some(installing) = installing else {
        let base = guard::base_url(&app);
        let next = Some(format!("{base}/settings/integrations?github=success"));
        let text = "Synchronise the integration to see its repositories.".to_owned();
        return Page { title: "GitHub has installed the app", text, next, ..Page::default() }.into_response();
    };
    let read = async {
        let integration = db::integrations::get(app.db.read(), installing.integration).await?;
        github::sync::sync(&app, &integration, query.installation_id.as_deref(), None).await
    };
    let (title, text) = match read.await {
        Ok(()) if asked => {
            ("The installation was requested", "An owner of the organization has to approve it.".to_owned())
        }
        Ok(()) => ("GitHub is connected", "Its repositories are there now.".to_owned()),
        Err(error) => ("GitHub is connected", format!("Its repositories could not be read yet: {error}.")),
    };
    let frontend = redirect::origin(&installing.redirect_url);
    let next = Some(format!("{frontend}/settings/integrations/{}?installed=true", installing.integration));
    Page { title, text, next, ..Page::default() }.into_response()
}

/// Make an integration of a new app's code
#[utoipa::path(post, path = "/v1/integrations/github/complete", operation_id = "github_complete",
    tag = "Integrations", security(("bearer" = [])), request_body = GitHubAppCompleteRequest,
    responses(
        (status = 200, description = "Connected", body = GitHubAppCompleteResponse),
        (status = 400, description = "invalid_input, invalid_request", body = ApiError),
        (status = 403, description = "permission_denied, mode_restricted, origin_not_allowed", body = ApiError),
        (status = 500, description = "session_error, store_error, encryption_error", body = ApiError),
        (status = 502, description = "github_conversion_failed", body = ApiError),
    ))]
async fn github_complete(
    State(app): AppState,
    caller: Caller,
    Json(request): Json<GitHubAppCompleteRequest>,
) -> Result<axum::Json<GitHubAppCompleteResponse>> {
    caller.require(Resource::Integrations, Action::Write)?;
    let entry = caller.did(AuditAction::IntegrationCreated, AuditResource::Integration);
    let host = host(&app, request.host_url.as_deref())?;
    let made = connect::complete(&app, &host, request.code.trim(), caller.user.id, entry).await?;
    Ok(axum::Json(GitHubAppCompleteResponse { integration: made.into() }))
}

fn host(app: &App, url: Option<&str>) -> Result<String> {
    let Some(url) = given(url) else { return Ok(PUBLIC_HOST.to_owned()) };
    let url = bare_url(url).map_err(|why| Error::invalid_field("host_url", why))?;
    match app.forge.outgoing.may_ask(&url) {
        Ok(()) => Ok(url),
        Err(why) => Err(Error::invalid_field("host_url", why.to_string())),
    }
}

fn checked_organization(name: &str) -> Result<String> {
    let is_name =
        name.len() <= 100 && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    if is_name {
        return Ok(name.to_owned());
    }
    Err(Error::invalid_field("organization", "is not the name of an organization"))
}

fn checked_webhook(url: &str) -> Result<String> {
    let checked = base_url(url).ok().filter(|_| url.len() <= MAX_URL);
    let refused = || Error::invalid_field("webhook_url", "must be an http or https address");
    checked.map(|_| url.to_owned()).ok_or_else(refused)
}
