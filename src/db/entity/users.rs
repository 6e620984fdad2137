//! Accounts of people.

use sea_orm::entity::prelude::*;

use crate::domain::id::UserId;
use crate::domain::role::{UserRole, UserStatus};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    pub email: String,
    pub display_name: Option<String>,
    pub role: UserRole,
    pub status: UserStatus,
    pub subject: String,
    pub avatar_url: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
