//! Which place new artifacts go to: one row, or none.

use sea_orm::entity::prelude::*;

use crate::domain::artifact::ArtifactStorageProvider;
use crate::domain::id::ArtifactStoreId;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "artifact_storage_settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub provider: ArtifactStorageProvider,
    /// `None`: the data folder, or nothing at all if it is disabled.
    pub store_id: Option<ArtifactStoreId>,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
