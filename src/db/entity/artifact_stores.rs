//! Places that artifacts are stored in; their keys are sealed.

use sea_orm::entity::prelude::*;

use crate::domain::artifact::ArtifactStorageProvider;
use crate::domain::id::ArtifactStoreId;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "artifact_stores")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ArtifactStoreId,
    pub provider: ArtifactStorageProvider,
    pub base_dir: Option<String>,
    pub bucket: Option<String>,
    pub region: Option<String>,
    pub endpoint: Option<String>,
    pub access_key_id: Option<Vec<u8>>,
    pub secret_access_key: Option<Vec<u8>>,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
