//! Projects.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::delivery::ForkBuilds;
use crate::domain::id::{ProjectId, RepositoryId, UserId};
use crate::domain::source::Polling;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "projects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProjectId,
    pub name: String,
    pub description: Option<String>,
    pub repository_id: Option<RepositoryId>,
    pub settings: Doc<serde_json::Value>,
    pub default_branch: Option<String>,
    pub last_build_number: i64,
    pub created_by: UserId,
    pub created_at: i64,
    pub updated_at: i64,
    pub fork_builds: ForkBuilds,
    /// Whether its code host is shown a check or a status of each build.
    pub report_statuses: bool,
    /// Whether it gets a comment on pull and merge requests.
    pub report_comment: bool,
    /// Whether everybody may see whether it builds.
    pub public_badge: bool,
    pub polling: Polling,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
