//! Which builds' logs have been kept long enough, and that they are gone.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::super::entity::builds::{Column, Entity};
use super::super::{Tx, test_reports};
use super::Standing;
use crate::error::Result;

/// Builds that ended before a time and still have their logs, oldest first.
pub async fn list_ended_before(
    db: &impl ConnectionTrait,
    before_ms: i64,
    limit: u64,
) -> Result<Vec<Standing>> {
    let query = Entity::find()
        .filter(Column::FinishedAtMs.lt(before_ms))
        .filter(Column::LogRemovedAt.is_null())
        .order_by_asc(Column::FinishedAtMs);
    Ok(Standing::of(query.limit(limit)).all(db).await?)
}

/// Records that the logs of these builds were removed. What their tests found goes with them.
pub async fn set_removed(tx: &Tx, builds: &[Standing], now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::LogRemovedAt, Expr::value(now))
        .filter(Column::Id.is_in(builds.iter().map(|build| build.id)))
        .exec(tx)
        .await?;
    test_reports::empty(tx, builds.iter().map(|build| build.id)).await?;
    builds.iter().for_each(|build| tx.signal(build.changed()));
    Ok(())
}
