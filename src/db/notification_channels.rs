//! Queries on channels of notifications. Secrets come and go sealed.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::Tx;
use super::entity::notification_channels::{ActiveModel, Column, Entity, Model};
use super::listing::{Direction, Page, contains};
use crate::domain::id::NotificationChannelId;
use crate::error::{Error, Result};
use crate::events::Change;
use crate::words;

words! {
    /// What the list is sorted by.
    Sort {
        Name = "name",
        Type = "type",
        Status = "status",
        UpdatedAt = "updated_at",
    }
}

/// Those whose name contains `search`, and how many there are.
pub async fn list(
    db: &impl ConnectionTrait,
    search: Option<&str>,
    (sort, direction): (Sort, Direction),
    page: Page,
) -> Result<(Vec<Model>, u64)> {
    let mut query = Entity::find();
    if let Some(search) = search {
        query = query.filter(contains(&[Column::Name], search));
    }
    let total = query.clone().count(db).await?;
    let column = match sort {
        Sort::Name => Column::Name,
        Sort::Type => Column::ChannelType,
        Sort::Status => Column::Enabled,
        Sort::UpdatedAt => Column::UpdatedAt,
    };
    let query = query.order_by(column, direction.into()).order_by_asc(Column::Id);
    Ok((query.limit(page.limit).offset(page.offset).all(db).await?, total))
}

pub async fn find(db: &impl ConnectionTrait, id: NotificationChannelId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

pub async fn get(db: &impl ConnectionTrait, id: NotificationChannelId) -> Result<Model> {
    find(db, id).await?.ok_or_else(|| Error::not_found("notification channel"))
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    tx.signal(Change::Notifications {});
    Ok(())
}

/// Replaces a row that is there.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    ActiveModel::from(row).reset_all().update(tx).await?;
    tx.signal(Change::Notifications {});
    Ok(())
}

/// Deletes a channel with everything that was told through it.
pub async fn delete(tx: &Tx, id: NotificationChannelId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    tx.signal(Change::Notifications {});
    Ok(())
}
