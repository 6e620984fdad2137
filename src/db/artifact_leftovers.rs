//! Queries on bytes that are to be removed from stores. They are noted in the transaction that makes them useless, so
//! none is forgotten, however long its store is away.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::Tx;
use super::entity::artifact_leftovers::{ActiveModel, Column, Entity, Model};
use super::entity::artifacts;
use crate::domain::artifact::ArtifactState;
use crate::domain::id::{ArtifactStoreId, BuildId, LeftoverId};
use crate::error::Result;

/// Builds a query: the variables that SQLite takes are limited.
const BUILDS: usize = 500;

/// Notes that everything under a prefix goes; answers the note.
pub async fn insert(
    tx: &Tx,
    store_id: Option<ArtifactStoreId>,
    prefix: String,
    due_at: i64,
) -> Result<LeftoverId> {
    let id = LeftoverId::new();
    let row = Model { id, store_id, prefix, due_at, tries: 0 };
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(id)
}

/// Notes that the artifacts of these builds go, wherever they are. What is still on its way to a store is looked for
/// once more `later`.
pub async fn insert_builds(tx: &Tx, builds: &[BuildId], now: i64, later: i64) -> Result<()> {
    for some in builds.chunks(BUILDS) {
        let of = artifacts::Entity::find().filter(artifacts::Column::BuildId.is_in(some.iter().copied()));
        let columns = of.select_only().columns([
            artifacts::Column::StoreId,
            artifacts::Column::BuildId,
            artifacts::Column::State,
        ]);
        let found: Vec<(Option<ArtifactStoreId>, BuildId, ArtifactState)> =
            columns.distinct().into_tuple().all(tx).await?;
        for (store, build, state) in found {
            insert(tx, store, build.to_string(), now).await?;
            if store.is_some() && state == ArtifactState::Pending {
                insert(tx, store, build.to_string(), later).await?;
            }
        }
    }
    Ok(())
}

/// The stores that something is due in.
pub async fn stores_due(db: &impl ConnectionTrait, now: i64) -> Result<Vec<Option<ArtifactStoreId>>> {
    let due = Entity::find().filter(Column::DueAt.lte(now)).select_only().column(Column::StoreId);
    Ok(due.distinct().into_tuple().all(db).await?)
}

/// What is due in a store, the least tried first.
pub async fn list_due(
    db: &impl ConnectionTrait,
    store: Option<ArtifactStoreId>,
    now: i64,
    limit: u64,
) -> Result<Vec<Model>> {
    let due = Entity::find().filter(Column::DueAt.lte(now));
    let due = match store {
        Some(store) => due.filter(Column::StoreId.eq(store)),
        None => due.filter(Column::StoreId.is_null()),
    };
    Ok(due.order_by_asc(Column::Tries).order_by_asc(Column::DueAt).limit(limit).all(db).await?)
}

/// Looks at it again at another time.
pub async fn postpone(tx: &Tx, id: LeftoverId, due_at: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(due_at))
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

pub async fn delete(tx: &Tx, id: LeftoverId) -> Result<()> {
    Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}
