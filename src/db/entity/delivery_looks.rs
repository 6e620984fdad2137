//! Up to which delivery each GitHub App was looked at.

use sea_orm::entity::prelude::*;

use crate::domain::id::IntegrationId;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery_looks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub integration_id: IntegrationId,
    /// GitHub's number of it; later ones are higher.
    pub newest: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
