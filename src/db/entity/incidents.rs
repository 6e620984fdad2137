//! Sources that stopped working or are about to.

use sea_orm::entity::prelude::*;

use crate::domain::id::{IncidentId, IntegrationId};
use crate::domain::incident::{IncidentReason, OperatorIncidentSeverity};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incidents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IncidentId,
    pub integration_id: IntegrationId,
    pub reason: IncidentReason,
    pub severity: OperatorIncidentSeverity,
    /// How often it was found so.
    pub occurrences: i64,
    pub first_at: i64,
    pub latest_at: i64,
    /// None while it is open; an integration has at most one open one.
    pub resolved_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
