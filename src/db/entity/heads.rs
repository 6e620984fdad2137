//! Where branches, tags and requests of watched repositories were at the last look.

use sea_orm::entity::prelude::*;

use crate::domain::id::RepositoryId;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "heads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub repository_id: RepositoryId,
    /// A ref, or `requests/` and its number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub sha: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
