//! Who has read of an incident.

use sea_orm::entity::prelude::*;

use crate::domain::id::{IncidentId, UserId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incident_reads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub incident_id: IncidentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    pub read_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
