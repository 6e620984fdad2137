//! Which builds' logs have been kept long enough, and that they are gone.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::super::entity::builds::{Column, Entity};
use super::super::{Tx, test_reports};
use super::Standing;
use crate::domain::id::BuildId;
use crate::error::Result;

/// Records that the logs go of builds that ended before a time, oldest first, but of no pinned one; answers which. What
/// their tests found goes with them; the files are still to be removed.
pub async fn give_up(tx: &Tx, before_ms: i64, limit: u64, now: i64) -> Result<Vec<BuildId>> {
    let query = Entity::find()
        .filter(Column::FinishedAtMs.lt(before_ms))
        .filter(Column::LogRemovedAt.is_null())
        .filter(Column::PinnedAt.is_null())
        .order_by_asc(Column::FinishedAtMs);
    let builds = Standing::of(query.limit(limit)).all(tx).await?;
    if builds.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<BuildId> = builds.iter().map(|build| build.id).collect();
    Entity::update_many()
        .col_expr(Column::LogRemovedAt, Expr::value(now))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    test_reports::empty(tx, ids.iter().copied()).await?;
    builds.iter().for_each(|build| tx.signal(build.changed()));
    Ok(ids)
}

/// Those of these builds that are there and keep their logs.
pub async fn kept(db: &impl ConnectionTrait, builds: &[BuildId]) -> Result<Vec<BuildId>> {
    let query = Entity::find().select_only().column(Column::Id).filter(Column::LogRemovedAt.is_null());
    Ok(query.filter(Column::Id.is_in(builds.iter().copied())).into_tuple().all(db).await?)
}
