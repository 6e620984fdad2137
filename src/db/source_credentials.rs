//! Queries on what is known of credentials of code hosts.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::Tx;
use super::entity::source_credentials::{ActiveModel, Column, Entity, Model};
use crate::domain::id::IntegrationId;
use crate::error::Result;

pub async fn find(db: &impl ConnectionTrait, id: IntegrationId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Puts it in the place of what was known.
pub async fn put(tx: &Tx, row: Model) -> Result<()> {
    let replace = OnConflict::column(Column::IntegrationId)
        .update_columns([Column::Status, Column::ExpiresAt, Column::CheckedAt])
        .to_owned();
    Entity::insert(ActiveModel::from(row)).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}
