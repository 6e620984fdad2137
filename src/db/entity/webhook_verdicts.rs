//! What came of deliveries, for each pipeline.

use sea_orm::entity::prelude::*;

use crate::domain::delivery::Outcome;
use crate::domain::id::{BuildId, DeliveryId, PipelineId, ProjectId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_verdicts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery_id: DeliveryId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pipeline_id: PipelineId,
    pub project_id: ProjectId,
    pub outcome: Outcome,
    /// A sentence for people.
    pub reason: String,
    pub build_id: Option<BuildId>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
