//! What the tests and the analysis of builds found; one row a build at most.

use sea_orm::entity::prelude::*;

use crate::domain::id::BuildId;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "test_reports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub build_id: BuildId,
    /// The attempt that found it.
    pub attempt: i32,
    /// Whether there were tests; else only an analysis.
    pub has_tests: bool,
    pub passed: i64,
    /// Also those that ended with an error.
    pub failed: i64,
    pub skipped: i64,
    /// Unix seconds.
    pub created_at: i64,
    /// A `TestReport`, packed; empty once it was kept long enough.
    pub content: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
