//! Queries on how far the deliveries of GitHub Apps were looked at.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::Tx;
use super::entity::delivery_looks::{ActiveModel, Column, Entity, Model};
use crate::domain::id::IntegrationId;
use crate::error::Result;

/// The newest delivery that was looked at.
pub async fn newest(db: &impl ConnectionTrait, integration: IntegrationId) -> Result<Option<i64>> {
    Ok(Entity::find_by_id(integration).one(db).await?.map(|row| row.newest))
}

pub async fn put(tx: &Tx, integration_id: IntegrationId, newest: i64) -> Result<()> {
    let row = Model { integration_id, newest };
    let replace = OnConflict::column(Column::IntegrationId).update_column(Column::Newest).to_owned();
    Entity::insert(ActiveModel::from(row)).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}
