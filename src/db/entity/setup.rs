//! The set-up under way; only hashes of tokens.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "setup")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub token_hash: Option<String>,
    pub token_expires_at: Option<i64>,
    pub token_consumed_at: Option<i64>,
    pub session_hash: Option<String>,
    pub session_expires_at: Option<i64>,
    pub owner_email: Option<String>,
    pub owner_subject: Option<String>,
    pub owner_avatar_url: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
