//! Bytes of artifacts that nobody needs any more and that are still to be removed from their store.

use sea_orm::entity::prelude::*;

use crate::domain::id::{ArtifactStoreId, LeftoverId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "artifact_leftovers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LeftoverId,
    /// `None`: the data folder.
    pub store_id: Option<ArtifactStoreId>,
    /// Everything whose key begins with it and a slash.
    pub prefix: String,
    pub due_at: i64,
    pub tries: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
