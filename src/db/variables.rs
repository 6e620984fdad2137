//! Queries on variables of projects and pipelines. Values come and go sealed.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::Tx;
use super::entity::variables::{ActiveModel, Column, Entity, Model};
use crate::domain::id::{PipelineId, ProjectId, VariableId};
use crate::error::Result;

/// Where a variable counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In every pipeline of the project.
    Project(ProjectId),
    Pipeline(PipelineId),
}

/// How much a scope holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    pub count: u64,
    pub bytes: u64,
}

impl Scope {
    fn condition(self) -> Condition {
        match self {
            Scope::Project(project) => {
                Condition::all().add(Column::ProjectId.eq(project)).add(Column::PipelineId.is_null())
            }
            Scope::Pipeline(pipeline) => Condition::all().add(Column::PipelineId.eq(pipeline)),
        }
    }
}

/// The variables of a scope, by name.
pub async fn list(db: &impl ConnectionTrait, scope: Scope) -> Result<Vec<Model>> {
    Ok(Entity::find().filter(scope.condition()).order_by_asc(Column::Name).all(db).await?)
}

pub async fn find(db: &impl ConnectionTrait, scope: Scope, name: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(scope.condition()).filter(Column::Name.eq(name)).one(db).await?)
}

/// What a scope holds without one of its variables.
pub async fn volume_without(db: &impl ConnectionTrait, scope: Scope, name: &str) -> Result<Volume> {
    let query = Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "count")
        .column_as(Expr::cust("COALESCE(SUM(LENGTH(value)), 0)"), "bytes")
        .filter(scope.condition())
        .filter(Column::Name.ne(name));
    let found: Option<(i64, i64)> = query.into_tuple().one(db).await?;
    let (count, bytes) = found.unwrap_or_default();
    Ok(Volume { count: count.unsigned_abs(), bytes: bytes.unsigned_abs() })
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces kind and value of a row that is there.
pub async fn update(tx: &Tx, row: Model) -> Result<()> {
    ActiveModel::from(row).reset_all().update(tx).await?;
    Ok(())
}

pub async fn delete(tx: &Tx, id: VariableId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
