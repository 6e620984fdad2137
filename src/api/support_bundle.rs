//! What helps somebody to help: an archive of how the instance is set up and how it is doing. It holds no secret and nothing of
//! what builds said or made. Configuration tells which keys are set, and values of numbers and words only; names of projects
//! and people are nowhere but in messages of the daemon.

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::error::ApiError;
use super::extract::AppState;
use super::metrics;
use super::route::{Routes, routes};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::builds::readiness;
use crate::config::{Config, MACHINE, OS};
use crate::db;
use crate::domain::audit::{AuditAction, AuditResource};
use crate::domain::doctor;
use crate::domain::runner::RunnerFigures;
use crate::error::{Error, Result};
use crate::telemetry::recent;

pub fn routes() -> Routes {
    Routes::new().routes(routes!(get_support_bundle))
}

/// Download a support bundle
///
/// An archive (tar.gz) with version, set-up, configuration, checks, runners, sizes of tables, figures and the last messages of
/// the daemon. Without secrets and logs of builds.
#[utoipa::path(get, path = "/v1/system/support-bundle", operation_id = "get_support_bundle", tag = "System",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The archive", content_type = "application/gzip", body = Vec<u8>),
        (status = 403, description = "insufficient_role", body = ApiError),
        (status = 500, description = "session_error, store_error, data_error, internal_error", body = ApiError),
    ))]
async fn get_support_bundle(State(app): AppState, caller: Caller) -> Result<Response> {
    caller.require_owner()?;
    let files = files(&app).await?;
    let now = app.clock.now();
    let archive = tokio::task::spawn_blocking(move || packed(&files, now)).await;
    let archive = archive.map_err(unpacked)?.map_err(unpacked)?;
    let entry = caller.did(AuditAction::SupportBundleDownloaded, AuditResource::Instance);
    app.db.write(async |tx| audit::record(tx, &app, entry).await).await?;
    let name = format!("attachment; filename=\"oore-support-{now}.tar.gz\"");
    Ok(([(CONTENT_TYPE, "application/gzip".to_owned()), (CONTENT_DISPOSITION, name)], archive)
        .into_response())
}

fn unpacked(error: impl std::fmt::Display) -> Error {
    Error::internal("internal_error", "the archive could not be made", error.to_string())
}

/// Names and contents.
type Files = Vec<(&'static str, String)>;

async fn files(app: &App) -> Result<Files> {
    let readiness = readiness::look(app).await;
    let shown = |value: Value| serde_json::to_string_pretty(&value).unwrap_or_default();
    let migrations = db::migrations(app.db.read()).await?;
    let mut files = vec![
        ("README.txt", README.to_owned()),
        ("about.json", shown(about(app).await?)),
        ("configuration.json", shown(configuration(&app.config))),
        ("checks.json", shown(json!(readiness.checks))),
        ("runners.json", shown(runners(app).await?)),
        ("tables.json", shown(json!(db::table_sizes(app.db.read()).await?))),
        ("migrations.json", shown(json!(migrations))),
        ("messages.jsonl", recent::messages()),
    ];
    if !app.config.metrics_projects {
        files.push(("metrics.txt", metrics::text(app).await?));
    }
    Ok(files)
}

const README: &str = "Made by Oore CI for whoever helps you. It holds no secrets and no logs of builds. The messages of the daemon \
(messages.jsonl) may name repositories, servers and people. Look through it before you send it: everything is text.\n";

async fn about(app: &App) -> Result<Value> {
    let instance = db::instance::get(app.db.read()).await?;
    Ok(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "os": OS,
        "arch": MACHINE,
        "at": app.clock.now(),
        "setup_state": instance.setup_state,
        "runtime_mode": instance.runtime_mode,
        "remote_auth_mode": instance.remote_auth_mode,
        "builds_held_back": instance.runners_paused,
    }))
}

/// Addresses, names and paths only say whether they are set.
fn configuration(config: &Config) -> Value {
    json!({
        "listens_on_loopback_only": config.listen.ip().is_loopback(),
        "public_url_set": config.public_url.is_some(),
        "cors_origins": config.cors_origins.len(),
        "allowed_hosts": config.allowed_hosts.len(),
        "cookie_secure": config.cookie_secure,
        "max_connections": config.max_connections,
        "runner_mode": config.runner_mode.as_str(),
        "lost_after_seconds": config.lost_after.as_secs(),
        "queue_timeout_seconds": config.queue_timeout.as_secs(),
        "build_timeout_seconds": config.build_timeout.as_secs(),
        "no_output_timeout_seconds": config.no_output_timeout.as_secs(),
        "min_free_disk_bytes": config.min_free_disk_bytes,
        "log_limit_bytes": config.log_limit_bytes,
        "log_retention_seconds": config.log_retention.map(|kept| kept.as_secs()),
        "metrics_projects": config.metrics_projects,
        "otlp_endpoint_set": config.otlp_endpoint.is_some(),
    })
}

async fn runners(app: &App) -> Result<Value> {
    let held = db::builds::list_held(app.db.read(), None).await?;
    let rows = db::runners::list(app.db.read(), None).await?;
    let shown = rows.iter().map(|row| {
        let said = &row.capabilities.0;
        let holds = held.iter().filter(|build| build.runner_id == Some(row.id)).count();
        let figures = app.leases.figures(row.id);
        json!({
            "id": row.id,
            "status": app.leases.status_of(row, holds > 0),
            "builds": holds,
            "embedded": row.embedded,
            "os": said["os"],
            "arch": said["arch"],
            "protocol": row.protocol(),
            "figures": figures,
            "checks": checks(said, figures),
        })
    });
    Ok(shown.collect())
}

/// What was found says where tools are, and with that who somebody is.
fn checks(said: &Value, figures: Option<RunnerFigures>) -> Value {
    let checks = doctor::examine(said, figures);
    checks.iter().map(|check| json!({"name": check.name, "status": check.status})).collect()
}

fn packed(files: &[(&'static str, String)], now: i64) -> std::io::Result<Vec<u8>> {
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut archive = tar::Builder::new(encoder);
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(now).unwrap_or_default());
        archive.append_data(&mut header, format!("oore-support/{name}"), content.as_bytes())?;
    }
    archive.into_inner()?.finish()
}
