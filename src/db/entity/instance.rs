//! The one row about this installation.

use sea_orm::entity::prelude::*;

use crate::domain::id::InstanceId;
use crate::domain::setup::{KeyStorageMode, RemoteAuthMode, RuntimeMode, SetupState};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instance")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub instance_id: InstanceId,
    pub setup_state: SetupState,
    pub runtime_mode: RuntimeMode,
    pub remote_auth_mode: RemoteAuthMode,
    pub key_storage_mode: KeyStorageMode,
    pub runners_paused: bool,
    pub created_at: i64,
    pub updated_at: i64,
    pub pause_reason: Option<String>,
    /// How often it was restored from a backup.
    pub epoch: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
