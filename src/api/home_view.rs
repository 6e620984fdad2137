//! Home as clients see it: its wire types, and how they are made of what was found.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::active_builds::ActiveBuild;
use super::build_view::Build;
use super::project_health::{BuildBar, ProjectHealth};
use super::runner_view::Runner;
use crate::builds::attention::{AttentionKind, Disk, Trouble};
use crate::builds::insights::Spread;
use crate::db::entity::projects;
use crate::domain::id::ProjectId;
use crate::domain::incident::{IncidentReason, OperatorIncidentSeverity, repair};
use crate::domain::runner::{RunnerFigures, RunnerStatus};
use crate::words;

/// A person's home. A part that could not be made is absent and named in `failed`.
#[derive(Debug, Serialize, ToSchema)]
pub struct HomeResponse {
    /// What needs somebody, the worst first; at most 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<Vec<AttentionItem>>,
    /// What runs and waits, in the order it was queued; at most 30.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<Vec<ActiveBuild>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recent: Option<RecentBuilds>,
    /// Pinned ones in the order that was asked for, then those that changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub projects: Option<Vec<HomeProject>>,
    /// Absent also for those who may not see runners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runners: Option<Vec<HomeRunner>>,
    /// How far the way to the first build is gone; absent once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_run: Option<FirstRun>,
    pub failed: Vec<FailedPart>,
}

words! {
    /// A part of home.
    HomePart {
        Attention = "attention",
        Active = "active",
        Recent = "recent",
        Projects = "projects",
        Runners = "runners",
    }
}

/// A part that could not be made.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailedPart {
    pub part: HomePart,
    /// The code of the error.
    pub code: String,
    pub error: String,
    /// To find it in the daemon's log.
    pub request_id: String,
}

/// One thing that needs somebody. What it is about is there as far as it is about that.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionItem {
    /// The same as long as the same thing is wrong: for putting it off.
    pub key: String,
    pub kind: AttentionKind,
    pub severity: OperatorIncidentSeverity,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runner: Option<AttentionRunner>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk: Option<AttentionDisk>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<AttentionSource>,
    /// What the person said who paused building.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A runner by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionRunner {
    pub id: String,
    pub name: String,
}

/// A disk that is nearly full; the daemon's own unless the item names a runner.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionDisk {
    pub free_bytes: u64,
    pub total_bytes: u64,
    /// Whether no build starts until there is more room.
    pub stops_builds: bool,
}

/// A code host that does not work, or soon will not.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionSource {
    pub id: String,
    pub name: String,
    pub reason: IncidentReason,
    /// What to do about it.
    pub repair_action: String,
}

/// Builds that are over, newest first; at most 10 each.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecentBuilds {
    pub all: Vec<Build>,
    /// Those that the caller started.
    pub mine: Vec<Build>,
}

/// How a project goes on its default branch.
#[derive(Debug, Serialize, ToSchema)]
pub struct HomeProject {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository_full_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    pub pinned: bool,
    /// The last 30 builds there that are over, oldest first.
    pub builds: Vec<BuildBar>,
    /// Of 100 of those that were not canceled, how many passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_rate: Option<f64>,
    /// How long those ran that passed.
    pub run: Spread,
}

/// As much of a runner as home shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct HomeRunner {
    pub id: String,
    pub name: String,
    pub status: RunnerStatus,
    pub slots: usize,
    pub busy_slots: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<RunnerFigures>,
}

/// How far the way to the first build is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct FirstRun {
    /// Whether a code host is connected, or a folder.
    pub has_source: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_name: Option<String>,
    pub has_pipeline: bool,
}

/// A project and how it goes.
pub fn project(
    row: projects::Model,
    repository_full_name: Option<String>,
    health: ProjectHealth,
    pins: &[ProjectId],
) -> HomeProject {
    HomeProject {
        pinned: pins.contains(&row.id),
        id: row.id.to_string(),
        name: row.name,
        repository_full_name,
        default_branch: health.default_branch,
        builds: health.builds,
        success_rate: health.success_rate,
        run: health.run,
    }
}

impl From<Runner> for HomeRunner {
    fn from(runner: Runner) -> Self {
        Self {
            id: runner.id,
            name: runner.name,
            status: runner.status,
            slots: runner.slots,
            busy_slots: runner.busy_slots,
            figures: runner.figures,
        }
    }
}

/// `builds` are those that troubles are about, by id.
pub fn item(trouble: Trouble, builds: &mut HashMap<String, Build>) -> AttentionItem {
    let mut item = AttentionItem {
        key: trouble.key(),
        kind: trouble.kind(),
        severity: trouble.severity(),
        since: trouble.since(),
        build: None,
        runner: None,
        disk: None,
        source: None,
        reason: None,
    };
    match trouble {
        Trouble::BuildFailed(build) | Trouble::BuildWaiting(build) => {
            item.build = builds.remove(&build.id.to_string());
        }
        Trouble::Paused(reason) => item.reason = reason,
        Trouble::NoRunner => {}
        Trouble::RunnerOffline { runner, .. } => {
            item.runner = Some(AttentionRunner { id: runner.id.to_string(), name: runner.name });
        }
        Trouble::DiskLow(Disk { runner, free, total, stops }) => {
            item.runner =
                runner.map(|runner| AttentionRunner { id: runner.id.to_string(), name: runner.name });
            item.disk = Some(AttentionDisk { free_bytes: free, total_bytes: total, stops_builds: stops });
        }
        Trouble::Source { incident, source } => {
            item.source = Some(AttentionSource {
                id: source.id.to_string(),
                name: source.display_name.clone().unwrap_or_else(|| source.host_url.clone()),
                reason: incident.reason,
                repair_action: repair(incident.reason, source.auth_mode).to_owned(),
            });
        }
    }
    item
}
