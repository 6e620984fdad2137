//! What projects say otherwise about how long they keep what their builds made; NULL takes what the instance says.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::build::BuildStatus;
use crate::domain::id::ProjectId;
use crate::domain::retention::RetentionCleanupTarget;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "project_retention")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project_id: ProjectId,
    pub enabled: Option<bool>,
    pub max_age_days: Option<i64>,
    pub max_builds_per_project: Option<i64>,
    pub max_artifact_size_bytes: Option<i64>,
    pub cleanup_target: Option<RetentionCleanupTarget>,
    pub keep_statuses: Option<Doc<Vec<BuildStatus>>>,
    pub artifact_ttl_days: Option<i64>,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
