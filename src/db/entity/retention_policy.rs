//! The one row about how long the instance keeps what builds made.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::build::BuildStatus;
use crate::domain::retention::{Cleanup, RetentionCleanupTarget};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "retention_policy")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub enabled: bool,
    pub max_age_days: Option<i64>,
    pub max_builds_per_project: Option<i64>,
    pub max_artifact_size_bytes: Option<i64>,
    pub cleanup_target: RetentionCleanupTarget,
    pub keep_statuses: Doc<Vec<BuildStatus>>,
    /// Only says what would be removed.
    pub dry_run: bool,
    pub cleanup_interval_secs: i64,
    pub artifact_ttl_days: Option<i64>,
    /// Bytes that the artifacts of all projects may take together.
    pub disk_budget_bytes: Option<i64>,
    pub updated_at: Option<i64>,
    pub last_cleanup: Option<Doc<Cleanup>>,
}

impl Model {
    /// The budget that counts: none while nothing is removed at all.
    pub fn budget_in_force(&self) -> Option<i64> {
        self.disk_budget_bytes.filter(|_| self.enabled)
    }
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
