//! Times at which pipelines start by themselves.

use sea_orm::entity::prelude::*;

use crate::domain::id::{BuildId, PipelineId, ScheduleId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schedules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ScheduleId,
    pub pipeline_id: PipelineId,
    pub cron: String,
    /// Empty: UTC.
    pub timezone: String,
    /// Empty: the project's default branch.
    pub branch: String,
    /// Unix seconds, as all times here.
    pub next_at: i64,
    /// When it is tried again, if it could not be started at its time.
    pub retry_at: Option<i64>,
    pub last_at: Option<i64>,
    pub last_build_id: Option<BuildId>,
    pub last_error: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
