//! Queries on the times at which pipelines start by themselves.

use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use super::Tx;
use super::entity::schedules::{ActiveModel, Column, Entity, Model};
use crate::domain::id::{BuildId, PipelineId, ScheduleId};
use crate::error::Result;

pub async fn of_pipeline(db: &impl ConnectionTrait, pipeline: PipelineId) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::PipelineId.eq(pipeline));
    Ok(query.order_by_asc(Column::Id).all(db).await?)
}

/// What is due, the longest overdue first.
pub async fn due(db: &impl ConnectionTrait, now: i64) -> Result<Vec<Model>> {
    let may_retry = Condition::any().add(Column::RetryAt.is_null()).add(Column::RetryAt.lte(now));
    let query = Entity::find().filter(Column::NextAt.lte(now)).filter(may_retry);
    Ok(query.order_by_asc(Column::NextAt).order_by_asc(Column::Id).all(db).await?)
}

/// When something is due next.
pub async fn next(db: &impl ConnectionTrait) -> Result<Option<i64>> {
    let time = Func::coalesce([Expr::col(Column::RetryAt), Expr::col(Column::NextAt)]);
    let query = Entity::find().select_only().expr(Expr::expr(time).min());
    Ok(query.into_tuple::<Option<i64>>().one(db).await?.flatten())
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn delete(tx: &Tx, ids: Vec<ScheduleId>) -> Result<()> {
    Entity::delete_many().filter(Column::Id.is_in(ids)).exec(tx).await?;
    Ok(())
}

/// How a start at its time went.
#[derive(Debug, Clone)]
pub enum Ran {
    Built(BuildId),
    Failed(String),
}

/// Records a start that was due, unless another one has recorded it; answers whether it did.
pub async fn ran(tx: &Tx, row: &Model, next_at: i64, now: i64, how: Ran) -> Result<bool> {
    let (build, error) = match how {
        Ran::Built(build) => (Some(build), None),
        Ran::Failed(why) => (None, Some(why)),
    };
    let change = ActiveModel {
        next_at: Set(next_at),
        retry_at: Set(None),
        last_at: Set(Some(now)),
        last_build_id: Set(build),
        last_error: Set(error),
        ..Default::default()
    };
    let same = Entity::update_many()
        .set(change)
        .filter(Column::Id.eq(row.id))
        .filter(Column::NextAt.eq(row.next_at));
    Ok(same.exec(tx).await?.rows_affected > 0)
}

/// Tries it again later.
pub async fn put_off(tx: &Tx, id: ScheduleId, retry_at: i64, why: String) -> Result<()> {
    let change =
        ActiveModel { retry_at: Set(Some(retry_at)), last_error: Set(Some(why)), ..Default::default() };
    Entity::update_many().set(change).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}
