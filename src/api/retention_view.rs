//! Retention as clients see it: policies, what projects say otherwise, and the checks of what they send.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::db::Doc;
use crate::db::entity::{project_retention, retention_policy};
use crate::domain::build::BuildStatus;
use crate::domain::id::ProjectId;
use crate::domain::retention::{Cleanup, Policy, RetentionCleanupTarget, RetentionRule};
use crate::error::{Error, Result};

const MIN_INTERVAL_SECONDS: i64 = 60;
const DEFAULT_INTERVAL_SECONDS: i64 = 3600;

/// What is removed, when, and of which builds. The rules are looked at together: what one of them names goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionPolicy {
    pub enabled: bool,
    /// Days after its end that a build keeps what it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<i64>,
    /// How many builds of a project keep what they made, the newest of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_builds_per_project: Option<i64>,
    /// Bytes that the artifacts of a project's builds may take together; those of the oldest builds go first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_artifact_size_bytes: Option<i64>,
    pub cleanup_target: RetentionCleanupTarget,
    /// Builds that ended so are kept whatever the rules say.
    pub keep_statuses: Vec<BuildStatus>,
    /// Nothing is removed; the last clean-up tells what would have been.
    pub dry_run: bool,
    pub cleanup_interval_secs: i64,
    /// Days that a new artifact can be downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_ttl_days: Option<i64>,
    /// Bytes that the artifacts of all projects may take together; those of the oldest builds go first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_budget_bytes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionPolicyResponse {
    pub policy: RetentionPolicy,
}

/// The whole policy; a rule that is left out does not apply.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateRetentionPolicyRequest {
    pub enabled: bool,
    /// 1 or more.
    #[serde(default)]
    pub max_age_days: Option<i64>,
    /// 1 or more.
    #[serde(default)]
    pub max_builds_per_project: Option<i64>,
    /// 1 or more.
    #[serde(default)]
    pub max_artifact_size_bytes: Option<i64>,
    pub cleanup_target: RetentionCleanupTarget,
    #[serde(default)]
    pub keep_statuses: Vec<BuildStatus>,
    #[serde(default)]
    pub dry_run: bool,
    /// 60 or more; 3600 if left out.
    #[serde(default = "default_interval")]
    pub cleanup_interval_secs: i64,
    /// 1 or more.
    #[serde(default)]
    pub artifact_ttl_days: Option<i64>,
    /// 1 or more; left out it stays as it is, `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    pub disk_budget_bytes: Option<Option<i64>>,
}

fn default_interval() -> i64 {
    DEFAULT_INTERVAL_SECONDS
}

/// Tells `null` from what is left out.
fn given<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// What the last pass did.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionCleanupSummary {
    /// Builds that lost their artifacts or were deleted.
    pub builds_expired: i64,
    pub artifacts_deleted: i64,
    pub bytes_reclaimed: i64,
    /// Nothing was removed: this is what would have been.
    pub dry_run: bool,
    pub ran_at: i64,
}

impl From<Cleanup> for RetentionCleanupSummary {
    fn from(cleanup: Cleanup) -> Self {
        Self {
            builds_expired: cleanup.builds,
            artifacts_deleted: cleanup.artifacts,
            bytes_reclaimed: cleanup.bytes,
            dry_run: cleanup.dry_run,
            ran_at: cleanup.at,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionCleanupSummaryResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_cleanup: Option<RetentionCleanupSummary>,
}

/// What a project says otherwise; what is left out is as the instance says.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectRetentionOverride {
    pub project_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_builds_per_project: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_artifact_size_bytes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleanup_target: Option<RetentionCleanupTarget>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_statuses: Option<Vec<BuildStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_ttl_days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
}

/// Everything the project says otherwise; what is left out is as the instance says.
#[derive(Debug, Deserialize, ToSchema)]
pub struct UpdateProjectRetentionOverrideRequest {
    #[serde(default)]
    pub enabled: Option<bool>,
    /// 1 or more.
    #[serde(default)]
    pub max_age_days: Option<i64>,
    /// 1 or more.
    #[serde(default)]
    pub max_builds_per_project: Option<i64>,
    /// 1 or more.
    #[serde(default)]
    pub max_artifact_size_bytes: Option<i64>,
    #[serde(default)]
    pub cleanup_target: Option<RetentionCleanupTarget>,
    #[serde(default)]
    pub keep_statuses: Option<Vec<BuildStatus>>,
    /// 1 or more.
    #[serde(default)]
    pub artifact_ttl_days: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EffectiveProjectRetentionResponse {
    /// The policy that the project is under.
    pub effective: RetentionPolicy,
    pub has_override: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_fields: Option<ProjectRetentionOverride>,
}

/// What a policy would remove if it were saved and acted now.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionPreview {
    /// Builds that would lose their artifacts or be deleted.
    pub builds: i64,
    /// Those of them that would be deleted with their logs and outcomes.
    pub builds_deleted: i64,
    pub artifacts: i64,
    pub bytes: i64,
    /// What all artifacts in question take now, also those that stay.
    pub stored_bytes: i64,
    /// The same by the rule that names the builds; rules that name none are left out.
    pub rules: Vec<RetentionPreviewRule>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionPreviewRule {
    pub rule: RetentionRule,
    pub builds: i64,
    pub artifacts: i64,
    pub bytes: i64,
}

impl From<&retention_policy::Model> for RetentionPolicy {
    fn from(row: &retention_policy::Model) -> Self {
        shown(row, Policy::from(row), row.updated_at)
    }
}

pub fn shown(row: &retention_policy::Model, policy: Policy, updated_at: Option<i64>) -> RetentionPolicy {
    RetentionPolicy {
        enabled: policy.enabled,
        max_age_days: policy.max_age_days,
        max_builds_per_project: policy.max_builds,
        max_artifact_size_bytes: policy.max_artifact_bytes,
        cleanup_target: policy.target,
        keep_statuses: policy.keep_statuses,
        dry_run: row.dry_run,
        cleanup_interval_secs: row.cleanup_interval_secs,
        artifact_ttl_days: policy.artifact_ttl_days,
        disk_budget_bytes: row.disk_budget_bytes,
        updated_at,
    }
}

impl From<project_retention::Model> for ProjectRetentionOverride {
    fn from(row: project_retention::Model) -> Self {
        Self {
            project_id: row.project_id.to_string(),
            enabled: row.enabled,
            max_age_days: row.max_age_days,
            max_builds_per_project: row.max_builds_per_project,
            max_artifact_size_bytes: row.max_artifact_size_bytes,
            cleanup_target: row.cleanup_target,
            keep_statuses: row.keep_statuses.map(|statuses| statuses.0),
            artifact_ttl_days: row.artifact_ttl_days,
            updated_at: Some(row.updated_at),
        }
    }
}

impl UpdateRetentionPolicyRequest {
    /// The row it makes of the one there is.
    pub fn checked(self, stored: retention_policy::Model, now: i64) -> Result<retention_policy::Model> {
        let disk_budget_bytes = self.disk_budget_bytes.unwrap_or(stored.disk_budget_bytes);
        at_least("cleanup_interval_secs", Some(self.cleanup_interval_secs), MIN_INTERVAL_SECONDS)?;
        at_least("max_age_days", self.max_age_days, 1)?;
        at_least("max_builds_per_project", self.max_builds_per_project, 1)?;
        at_least("max_artifact_size_bytes", self.max_artifact_size_bytes, 1)?;
        at_least("artifact_ttl_days", self.artifact_ttl_days, 1)?;
        at_least("disk_budget_bytes", disk_budget_bytes, 1)?;
        Ok(retention_policy::Model {
            enabled: self.enabled,
            max_age_days: self.max_age_days,
            max_builds_per_project: self.max_builds_per_project,
            max_artifact_size_bytes: self.max_artifact_size_bytes,
            cleanup_target: self.cleanup_target,
            keep_statuses: Doc(distinct(self.keep_statuses)),
            dry_run: self.dry_run,
            cleanup_interval_secs: self.cleanup_interval_secs,
            artifact_ttl_days: self.artifact_ttl_days,
            disk_budget_bytes,
            updated_at: Some(now),
            ..stored
        })
    }
}

impl UpdateProjectRetentionOverrideRequest {
    pub fn checked(self, project_id: ProjectId, now: i64) -> Result<project_retention::Model> {
        at_least("max_age_days", self.max_age_days, 1)?;
        at_least("max_builds_per_project", self.max_builds_per_project, 1)?;
        at_least("max_artifact_size_bytes", self.max_artifact_size_bytes, 1)?;
        at_least("artifact_ttl_days", self.artifact_ttl_days, 1)?;
        Ok(project_retention::Model {
            project_id,
            enabled: self.enabled,
            max_age_days: self.max_age_days,
            max_builds_per_project: self.max_builds_per_project,
            max_artifact_size_bytes: self.max_artifact_size_bytes,
            cleanup_target: self.cleanup_target,
            keep_statuses: self.keep_statuses.map(distinct).map(Doc),
            artifact_ttl_days: self.artifact_ttl_days,
            updated_at: now,
        })
    }
}

fn at_least(field: &str, value: Option<i64>, least: i64) -> Result<()> {
    match value {
        Some(value) if value < least => {
            Err(Error::invalid("validation_error", format!("{field} must be {least} or more")))
        }
        Some(_) | None => Ok(()),
    }
}

fn distinct(mut statuses: Vec<BuildStatus>) -> Vec<BuildStatus> {
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}
