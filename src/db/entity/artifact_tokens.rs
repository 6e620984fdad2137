//! Links to one artifact that people hand on; only the hash of the token is stored.

use sea_orm::entity::prelude::*;

use crate::domain::id::{ArtifactId, ArtifactTokenId, UserId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "artifact_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ArtifactTokenId,
    pub artifact_id: ArtifactId,
    pub token_hash: String,
    /// The first characters of its secret part.
    pub prefix: String,
    pub created_by: UserId,
    pub single_use: bool,
    pub created_at: i64,
    pub expires_at: i64,
    pub used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
