//! Artifacts of builds.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::artifact::{ArtifactState, ArtifactType};
use crate::domain::id::{ArtifactId, ArtifactStoreId, BuildId, ProjectId};

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "artifacts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ArtifactId,
    pub build_id: BuildId,
    pub project_id: ProjectId,
    pub name: String,
    pub artifact_type: ArtifactType,
    pub object_key: String,
    pub file_size: Option<i64>,
    pub checksum: Option<String>,
    pub metadata: Doc<serde_json::Value>,
    pub state: ArtifactState,
    pub stored_at: Option<i64>,
    pub error_message: Option<String>,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    /// The attempt that announced it; not known of old ones.
    pub attempt: Option<i32>,
    /// Where its bytes are; `None`: in the data folder.
    pub store_id: Option<ArtifactStoreId>,
    /// The store's own name of an upload in parts that is under way.
    pub upload_id: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
