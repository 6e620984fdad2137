//! What code hosts are shown, one row a build and one a pull or merge request. What is owed is due.

use sea_orm::entity::prelude::*;

use crate::domain::id::{BuildId, ProjectId, ReportId, RepositoryId};
use crate::domain::report::ReportKind;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReportId,
    pub project_id: ProjectId,
    pub repository_id: RepositoryId,
    pub kind: ReportKind,
    /// Of one build.
    pub build_id: Option<BuildId>,
    /// Of one pull or merge request.
    pub number: Option<i64>,
    pub commit_sha: String,
    /// What the host calls what it shows.
    pub external_id: Option<String>,
    /// The digest of what it was last told.
    pub shown: Option<String>,
    /// How many annotations it has.
    pub annotations: i64,
    /// Counts how often it was owed anew.
    pub revision: i64,
    /// Not before then it is tried; none if nothing is owed.
    pub due_at_ms: Option<i64>,
    /// Since when the newest is owed.
    pub owed_at_ms: i64,
    /// How often it was tried, or begun to be, since it is owed.
    pub attempts: i32,
    /// Why it did not work the last time.
    pub failure: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
