//! Pipelines of projects.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::id::{PipelineId, ProjectId};
use crate::domain::spec::{ConcurrencyPolicy, PipelineExecutionConfig, TriggerConfig};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pipelines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PipelineId,
    pub project_id: ProjectId,
    pub name: String,
    pub config_path: String,
    pub config_path_explicit: bool,
    pub execution_config: Doc<PipelineExecutionConfig>,
    pub trigger_config: Doc<TriggerConfig>,
    pub concurrency: Doc<ConcurrencyPolicy>,
    pub enabled: bool,
    pub created_at: i64,
    pub updated_at: i64,
    /// Labels that its builds ask of a runner, beyond what their platforms need.
    pub runner_labels: Doc<Vec<String>>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
