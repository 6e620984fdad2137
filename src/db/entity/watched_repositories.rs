//! Repositories whose heads are known.

use sea_orm::entity::prelude::*;

use crate::domain::id::RepositoryId;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "watched_repositories")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub repository_id: RepositoryId,
    /// Of the first look, in Unix seconds.
    pub since: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
