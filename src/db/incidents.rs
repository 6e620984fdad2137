//! Queries on incidents and on who has read of them.

use std::collections::HashMap;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::Tx;
use super::entity::incident_reads as reads;
use super::entity::incidents::{ActiveModel, Column, Entity, Model};
use crate::domain::id::{IncidentId, IntegrationId, UserId};
use crate::domain::incident::OperatorIncidentStatus;
use crate::error::Result;

/// How many are listed at most: newer ones say what older ones did.
const MOST: u64 = 200;

/// Which incidents are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub status: Option<OperatorIncidentStatus>,
    pub integration: Option<IntegrationId>,
}

pub async fn find(db: &impl ConnectionTrait, id: IncidentId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The open one of an integration.
pub async fn find_open(db: &impl ConnectionTrait, integration: IntegrationId) -> Result<Option<Model>> {
    let open =
        Entity::find().filter(Column::IntegrationId.eq(integration)).filter(Column::ResolvedAt.is_null());
    Ok(open.one(db).await?)
}

/// The latest first.
pub async fn list(db: &impl ConnectionTrait, filter: Filter) -> Result<Vec<Model>> {
    let mut query = Entity::find();
    match filter.status {
        Some(OperatorIncidentStatus::Open) => query = query.filter(Column::ResolvedAt.is_null()),
        Some(OperatorIncidentStatus::Resolved) => query = query.filter(Column::ResolvedAt.is_not_null()),
        None => {}
    }
    if let Some(integration) = filter.integration {
        query = query.filter(Column::IntegrationId.eq(integration));
    }
    let latest = query.order_by_desc(Column::LatestAt).order_by_desc(Column::Id);
    Ok(latest.limit(MOST).all(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    ActiveModel::from(row).reset_all().update(tx).await?;
    Ok(())
}

/// When somebody has read of each of these.
pub async fn read_by(
    db: &impl ConnectionTrait,
    user: UserId,
    incidents: Vec<IncidentId>,
) -> Result<HashMap<IncidentId, i64>> {
    let query = reads::Entity::find()
        .filter(reads::Column::UserId.eq(user))
        .filter(reads::Column::IncidentId.is_in(incidents));
    Ok(query.all(db).await?.into_iter().map(|row| (row.incident_id, row.read_at)).collect())
}

/// Notes that somebody has read of it; the first time counts.
pub async fn mark_read(tx: &Tx, row: reads::Model) -> Result<()> {
    let keys = [reads::Column::IncidentId, reads::Column::UserId];
    let keep = OnConflict::columns(keys).update_column(reads::Column::UserId).to_owned();
    let row = reads::ActiveModel::from(row);
    reads::Entity::insert(row).on_conflict(keep).exec_without_returning(tx).await?;
    Ok(())
}

/// It is news again, for everybody.
pub async fn forget_reads(tx: &Tx, incident: IncidentId) -> Result<()> {
    reads::Entity::delete_many().filter(reads::Column::IncidentId.eq(incident)).exec(tx).await?;
    Ok(())
}
