//! Ways to show something that an account's code host does not let us go.

use sea_orm::entity::prelude::*;

use crate::domain::id::InstallationId;
use crate::domain::report::ReportChannel;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "report_refusals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub installation_id: InstallationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel: ReportChannel,
    /// Unix seconds; 0 if it may be tried again.
    pub refused_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
