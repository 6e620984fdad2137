//! Queries on what the tests of builds found.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::Tx;
use super::entity::test_reports::{ActiveModel, Column, Entity, Model};
use crate::domain::id::BuildId;
use crate::error::Result;

/// How many tests of a build ended how.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Tally {
    pub build_id: BuildId,
    pub attempt: i32,
    pub passed: i64,
    pub failed: i64,
    pub skipped: i64,
}

/// What an attempt at a build found.
pub async fn find(db: &impl ConnectionTrait, build: BuildId, attempt: i32) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(build).filter(Column::Attempt.eq(attempt)).one(db).await?)
}

/// The counts of those of these builds that had tests.
pub async fn tallies(db: &impl ConnectionTrait, builds: Vec<BuildId>) -> Result<Vec<Tally>> {
    let columns = [Column::BuildId, Column::Attempt, Column::Passed, Column::Failed, Column::Skipped];
    let query = Entity::find()
        .select_only()
        .columns(columns)
        .filter(Column::BuildId.is_in(builds))
        .filter(Column::HasTests.eq(true));
    Ok(query.into_model().all(db).await?)
}

/// Puts a report in the place of what there was.
pub async fn replace(tx: &Tx, row: Model) -> Result<()> {
    let columns = [
        Column::Attempt,
        Column::HasTests,
        Column::Passed,
        Column::Failed,
        Column::Skipped,
        Column::CreatedAt,
        Column::Content,
    ];
    let upsert = OnConflict::column(Column::BuildId).update_columns(columns).to_owned();
    Entity::insert(ActiveModel::from(row)).on_conflict(upsert).exec_without_returning(tx).await?;
    Ok(())
}

/// Lets what these builds found go, but for the counts.
pub async fn empty(tx: &Tx, builds: impl IntoIterator<Item = BuildId>) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Content, Expr::value(""))
        .filter(Column::BuildId.is_in(builds))
        .exec(tx)
        .await?;
    Ok(())
}
