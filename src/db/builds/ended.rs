//! Which builds have ended since somebody looked last. Moves are recorded one after another and their ids rise, also when
//! the clock is set back (`domain::id`), so that the id of the last one is where to go on.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::super::entity::build_events::{Column, Entity};
use crate::domain::build::BuildStatus;
use crate::domain::id::{BuildEventId, BuildId};
use crate::error::Result;

/// The last move of any build.
pub async fn last(db: &impl ConnectionTrait) -> Result<Option<BuildEventId>> {
    let query = Entity::find().select_only().column(Column::Id).order_by_desc(Column::Id);
    Ok(query.into_tuple().one(db).await?)
}

/// The moves after `after` that ended builds, in order.
pub async fn after(
    db: &impl ConnectionTrait,
    after: Option<BuildEventId>,
    limit: u64,
) -> Result<Vec<(BuildEventId, BuildId)>> {
    let ends = BuildStatus::ALL.iter().copied().filter(|status| status.is_terminal());
    let mut query = Entity::find()
        .select_only()
        .columns([Column::Id, Column::BuildId])
        .filter(Column::ToStatus.is_in(ends))
        .order_by_asc(Column::Id)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    Ok(query.into_tuple().all(db).await?)
}
