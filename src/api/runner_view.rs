//! A runner as people see it: its wire type, made of its row and of what is held in memory about it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::db::listing::Direction;
use crate::db::{self, entity::runners};
use crate::domain::runner::{RunnerFigures, RunnerStatus};
use crate::error::{Error, Result};

/// A program that executes builds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Runner {
    pub id: String,
    pub name: String,
    pub status: RunnerStatus,
    /// What it is and has: operating system, architecture, version, tools, SDKs.
    #[schema(value_type = Object)]
    pub capabilities: serde_json::Value,
    /// What it has at the moment, as it last said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<RunnerFigures>,
    /// How many builds it executes at a time.
    pub slots: usize,
    /// How many of them have a build.
    pub busy_slots: usize,
    /// Whether it is the daemon's own.
    pub embedded: bool,
    /// Whether the daemon's runner mode keeps builds from it.
    pub excluded_by_mode: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_heartbeat_at: Option<i64>,
    /// Who registered it; absent for the daemon's own runner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_by: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    /// Labels that people gave it.
    pub labels: Vec<String>,
    /// Labels that follow from its capabilities.
    pub detected_labels: Vec<String>,
    /// Present while somebody keeps new builds from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain: Option<RunnerDrain>,
}

/// Who keeps new builds from a runner.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunnerDrain {
    pub since: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

pub async fn show(app: &App, rows: Vec<runners::Model>) -> Result<Vec<Runner>> {
    let held = db::builds::list_held(app.db.read(), None).await?;
    let shown = |row: runners::Model| {
        let busy_slots = held.iter().filter(|build| build.runner_id == Some(row.id)).count();
        Runner {
            status: app.leases.status_of(&row, busy_slots > 0),
            slots: row.slots(),
            busy_slots,
            detected_labels: row.offer().detected(),
            drain: row.drained_at.map(|since| RunnerDrain {
                since,
                by: row.drained_by,
                reason: row.drain_reason,
            }),
            labels: row.labels.0,
            figures: app.leases.figures(row.id),
            embedded: row.embedded,
            excluded_by_mode: !app.config.runner_mode.serves(row.embedded),
            id: row.id.to_string(),
            name: row.name,
            capabilities: row.capabilities.0,
            last_heartbeat_at: app.leases.last_heard(row.id).or(row.last_heartbeat_at),
            registered_by: row.registered_by.map(|id| id.to_string()),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    };
    Ok(rows.into_iter().map(shown).collect())
}

pub async fn show_one(app: &App, row: runners::Model) -> Result<Runner> {
    let shown = show(app, vec![row]).await?.pop();
    shown.ok_or_else(|| Error::not_found("runner"))
}

/// Sorts by a known word; runners come in order of registration otherwise.
pub fn order(runners: &mut [Runner], sort: Option<&str>, direction: Direction) {
    match sort {
        Some("name") => runners.sort_by_key(|runner| runner.name.to_lowercase()),
        Some("status") => runners.sort_by_key(|runner| runner.status.as_str()),
        Some("last_heartbeat_at") => runners.sort_by_key(|runner| runner.last_heartbeat_at),
        Some(_) | None => {}
    }
    if direction == Direction::Descending {
        runners.reverse();
    }
}
