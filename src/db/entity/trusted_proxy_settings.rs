//! The proxy that says who people are; its secret is sealed.

use sea_orm::entity::prelude::*;

use crate::db::Doc;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "trusted_proxy_settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub user_email_header: String,
    pub cidrs: Doc<Vec<String>>,
    pub shared_secret: Option<Vec<u8>>,
    pub setup_owner_email: Option<String>,
    pub updated_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
