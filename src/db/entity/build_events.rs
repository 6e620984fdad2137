//! Every status move of every build.

use sea_orm::entity::prelude::*;

use crate::domain::build::BuildStatus;
use crate::domain::id::{BuildEventId, BuildId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "build_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BuildEventId,
    pub build_id: BuildId,
    pub from_status: Option<BuildStatus>,
    pub to_status: BuildStatus,
    pub actor: Option<String>,
    pub reason: Option<String>,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
