//! Variables and secrets; the value is sealed, whatever the kind.

use sea_orm::entity::prelude::*;

use crate::domain::id::{PipelineId, ProjectId, VariableId};
use crate::domain::variable::VariableKind;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variables")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VariableId,
    pub project_id: ProjectId,
    /// None for those of the whole project.
    pub pipeline_id: Option<PipelineId>,
    pub name: String,
    pub kind: VariableKind,
    /// Sealed for `variables/{id}/value`.
    pub value: Vec<u8>,
    /// Who set it last, as they were named then.
    pub updated_by: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
