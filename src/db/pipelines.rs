//! Queries on pipelines.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, Func};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use super::entity::pipelines::{ActiveModel, Column, Entity, Model};
use super::listing::{Direction, NamedSort, Page, contains};
use super::{Doc, Tx, set};
use crate::domain::id::{PipelineId, ProjectId};
use crate::domain::spec::{ConcurrencyPolicy, PipelineExecutionConfig, TriggerConfig};
use crate::error::{Error, Result};

/// Which pipelines of a project, in which order.
#[derive(Debug)]
pub struct Filter {
    pub project_id: ProjectId,
    pub search: Option<String>,
    pub sort: NamedSort,
    pub direction: Direction,
}

/// What to change; `None` leaves a column as it is.
#[derive(Debug, Default)]
pub struct Change {
    pub name: Option<String>,
    pub config_path: Option<String>,
    pub config_path_explicit: Option<bool>,
    pub execution_config: Option<PipelineExecutionConfig>,
    pub trigger_config: Option<TriggerConfig>,
    pub concurrency: Option<ConcurrencyPolicy>,
    pub enabled: Option<bool>,
    pub runner_labels: Option<Vec<String>>,
}

pub async fn find(db: &impl ConnectionTrait, id: PipelineId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Several at once, in no order.
pub async fn find_all(db: &impl ConnectionTrait, ids: Vec<PipelineId>) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// How many builds may run at a time, of those of the pipelines that limit it: what the file of the build that is next
/// says, else the settings. What is unreadable limits nothing.
pub async fn limits(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = PipelineId>,
) -> Result<HashMap<PipelineId, i64>> {
    let of_next = Expr::cust(
        "(SELECT max_concurrent FROM builds WHERE builds.status = 'queued' AND builds.pipeline_id = pipelines.id
            ORDER BY builds.priority DESC, builds.queued_at_ms, builds.id LIMIT 1)",
    );
    let query = Entity::find().select_only().columns([Column::Id, Column::Concurrency]);
    let query = query.expr_as(of_next, "of_next").filter(Column::Id.is_in(ids));
    let rows: Vec<(PipelineId, String, Option<i64>)> = query.into_tuple().all(db).await?;
    let set = |text: &str| serde_json::from_str::<ConcurrencyPolicy>(text).ok()?.max_concurrent;
    let limit =
        |(id, text, of_next): (PipelineId, String, Option<i64>)| Some((id, of_next.or_else(|| set(&text))?));
    Ok(rows.into_iter().filter_map(limit).collect())
}

/// A page of pipelines and how many there are in all.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter, page: Page) -> Result<(Vec<Model>, u64)> {
    let mut query = Entity::find().filter(Column::ProjectId.eq(filter.project_id));
    if let Some(search) = &filter.search {
        query = query.filter(contains(&[Column::Name], search));
    }
    let total = query.clone().count(db).await?;
    let order = filter.direction.into();
    let query = match filter.sort {
        NamedSort::CreatedAt => query.order_by(Column::CreatedAt, order),
        NamedSort::UpdatedAt => query.order_by(Column::UpdatedAt, order),
        NamedSort::Name => query.order_by(Expr::expr(Func::lower(Expr::col(Column::Name))), order),
    };
    let rows = query.order_by_asc(Column::Id).limit(page.limit).offset(page.offset).all(db).await?;
    Ok((rows, total))
}

/// Every pipeline of a project, oldest first.
pub async fn of_project(db: &impl ConnectionTrait, project: ProjectId) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::ProjectId.eq(project));
    Ok(query.order_by_asc(Column::Id).all(db).await?)
}

/// Every pipeline that may start, of all projects.
pub async fn enabled(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(Column::Enabled.eq(true)).order_by_asc(Column::Id).all(db).await?)
}

pub async fn count(db: &impl ConnectionTrait, project: ProjectId) -> Result<u64> {
    Ok(Entity::find().filter(Column::ProjectId.eq(project)).count(db).await?)
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn update(tx: &Tx, id: PipelineId, change: Change, now: i64) -> Result<Model> {
    let row = ActiveModel {
        name: set(change.name),
        config_path: set(change.config_path),
        config_path_explicit: set(change.config_path_explicit),
        execution_config: set(change.execution_config.map(Doc)),
        trigger_config: set(change.trigger_config.map(Doc)),
        concurrency: set(change.concurrency.map(Doc)),
        enabled: set(change.enabled),
        runner_labels: set(change.runner_labels.map(Doc)),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    find(tx, id).await?.ok_or_else(|| Error::not_found("pipeline"))
}

/// Deletes the pipeline with its builds.
pub async fn delete(tx: &Tx, id: PipelineId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
