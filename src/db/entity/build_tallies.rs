//! How many builds there are per project, pipeline and status, so that lists need no COUNT.

use sea_orm::entity::prelude::*;

use crate::domain::build::BuildStatus;
use crate::domain::id::{PipelineId, ProjectId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "build_tallies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project_id: ProjectId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pipeline_id: PipelineId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub status: BuildStatus,
    pub builds: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
