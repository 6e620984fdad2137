//! Queries on what is told through channels: what is owed is noted together with what it tells of, so that neither exists
//! without the other.

pub mod owed;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set, Statement, Value,
};

use super::entity::notification_deliveries::{ActiveModel, Column, Entity, Model};
use super::{Doc, Tx};
use crate::domain::id::{BuildId, NotificationChannelId, NotificationDeliveryId};
use crate::domain::notification::{Notice, NotificationDeliveryStatus as Status};
use crate::error::Result;
use crate::events::Change;

/// After so many attempts of one it is no longer believed that what keeps it keeps the others of its channel too.
pub const HOLDS_OTHERS: i32 = 6;

/// What is owed has an index of its own, so that a channel's history, however long, costs nothing while nobody else can
/// write.
pub mod sql {
    /// Until when what is owed through a channel waits already.
    pub const HELD: &str =
        "SELECT MAX(due_at_ms) FROM notification_deliveries INDEXED BY notification_deliveries_owed
        WHERE channel_id = ? AND due_at_ms IS NOT NULL AND attempts <= ?";
    pub const CHANNELS_DUE: &str = "SELECT DISTINCT channel_id FROM notification_deliveries
        INDEXED BY notification_deliveries_owed WHERE due_at_ms IS NOT NULL AND due_at_ms <= ?";
    pub const DUE: &str = "SELECT id FROM notification_deliveries INDEXED BY notification_deliveries_owed
        WHERE channel_id = ? AND due_at_ms IS NOT NULL AND due_at_ms <= ? ORDER BY id LIMIT ?";
    pub const POSTPONE: &str = "UPDATE notification_deliveries INDEXED BY notification_deliveries_owed
        SET due_at_ms = ? WHERE channel_id = ? AND due_at_ms IS NOT NULL AND due_at_ms < ?";
    pub const RELEASE: &str = "UPDATE notification_deliveries INDEXED BY notification_deliveries_owed
        SET due_at_ms = ? WHERE channel_id = ? AND due_at_ms IS NOT NULL AND due_at_ms > ? AND attempts <= ?";
}

fn statement<const N: usize>(sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

/// The newest of a channel, and how many there are.
pub async fn list(
    db: &impl ConnectionTrait,
    channel: NotificationChannelId,
    limit: u64,
) -> Result<(Vec<Model>, u64)> {
    let query = Entity::find().filter(Column::ChannelId.eq(channel));
    let total = query.clone().count(db).await?;
    Ok((query.order_by_desc(Column::Id).limit(limit).all(db).await?, total))
}

/// Something that is to be told.
pub fn new(
    channel_id: NotificationChannelId,
    build_id: Option<BuildId>,
    notice: Notice,
    now_ms: i64,
) -> Model {
    Model {
        id: NotificationDeliveryId::new(),
        channel_id,
        build_id,
        event_type: notice.event().to_owned(),
        notice: Doc(notice),
        status: Status::Pending,
        reached: Doc(Vec::new()),
        attempts: 0,
        due_at_ms: Some(now_ms),
        last_error: None,
        created_at: now_ms.div_euclid(1000),
        delivered_at: None,
    }
}

/// Something that was told at once, or why not.
pub fn tried(
    id: NotificationDeliveryId,
    channel_id: NotificationChannelId,
    notice: Notice,
    failure: Option<String>,
    now: i64,
) -> Model {
    let status = if failure.is_none() { Status::Delivered } else { Status::Failed };
    let delivered_at = failure.is_none().then_some(now);
    let new = new(channel_id, None, notice, now.saturating_mul(1000));
    Model { id, status, attempts: 1, due_at_ms: None, last_error: failure, delivered_at, ..new }
}

/// What is owed waits with what its channel is kept from telling already, so that it does not overtake it.
pub async fn insert(tx: &Tx, mut row: Model) -> Result<()> {
    if row.due_at_ms.is_some() {
        let held = statement(sql::HELD, [row.channel_id.into(), HOLDS_OTHERS.into()]);
        let held = tx.query_one_raw(held).await?.map(|held| held.try_get_by_index(0)).transpose()?;
        row.due_at_ms = row.due_at_ms.max(held.flatten());
    }
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    tx.signal(Change::Notifications {});
    Ok(())
}

/// The channels through which something is due.
pub async fn channels_due(db: &impl ConnectionTrait, now_ms: i64) -> Result<Vec<NotificationChannelId>> {
    let rows = db.query_all_raw(statement(sql::CHANNELS_DUE, [now_ms.into()])).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

/// What is due through a channel, in the order it was owed.
pub async fn due(
    db: &impl ConnectionTrait,
    channel: NotificationChannelId,
    now_ms: i64,
    limit: u64,
) -> Result<Vec<NotificationDeliveryId>> {
    let rows = db.query_all_raw(statement(sql::DUE, [channel.into(), now_ms.into(), limit.into()])).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?)
}

/// What is owed since before then, wherever.
pub async fn overdue(
    db: &impl ConnectionTrait,
    before: i64,
    limit: u64,
) -> Result<Vec<(NotificationDeliveryId, Option<String>)>> {
    let query = Entity::find().select_only().columns([Column::Id, Column::LastError]);
    let overdue = query.filter(Column::DueAtMs.is_not_null()).filter(Column::CreatedAt.lt(before));
    Ok(overdue.limit(limit).into_tuple().all(db).await?)
}

/// Whatever an earlier run of the daemon was at is due at once.
pub async fn hasten(tx: &Tx, now_ms: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DueAtMs, Expr::value(now_ms))
        .filter(Column::DueAtMs.is_not_null())
        .filter(Column::DueAtMs.gt(now_ms))
        .exec(tx)
        .await?;
    Ok(())
}

/// Counts one more attempt, after which the next comes when `due_at_ms` has come; answers the row, or none if it is no
/// longer due.
pub async fn begin(
    tx: &Tx,
    id: NotificationDeliveryId,
    now_ms: i64,
    pause_ms: impl Fn(i32) -> Result<i64>,
) -> Result<Option<Model>> {
    let Some(row) = Entity::find_by_id(id).filter(Column::DueAtMs.lte(now_ms)).one(tx).await? else {
        return Ok(None);
    };
    let due_at_ms = Some(now_ms + pause_ms(row.attempts)?);
    let row = Model { attempts: row.attempts.saturating_add(1), due_at_ms, ..row };
    let change = ActiveModel { attempts: Set(row.attempts), due_at_ms: Set(due_at_ms), ..Default::default() };
    Entity::update_many().set(change).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(Some(row))
}

/// Keeps who has it already.
pub async fn keep_reached(tx: &Tx, id: NotificationDeliveryId, reached: &[String]) -> Result<()> {
    let change = ActiveModel { reached: Set(Doc(reached.to_vec())), ..Default::default() };
    Entity::update_many().set(change).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// It has arrived.
pub async fn deliver(tx: &Tx, id: NotificationDeliveryId, now: i64) -> Result<()> {
    let change = ActiveModel {
        status: Set(Status::Delivered),
        due_at_ms: Set(None),
        last_error: Set(None),
        delivered_at: Set(Some(now)),
        ..Default::default()
    };
    settle(tx, id, change).await
}

/// It is given up.
pub async fn give_up(tx: &Tx, id: NotificationDeliveryId, why: &str) -> Result<()> {
    settle(tx, id, failed(why)).await
}

/// It did not work, and is tried again when it is due; not before `due_at_ms`.
pub async fn fail(tx: &Tx, id: NotificationDeliveryId, why: &str, due_at_ms: Option<i64>) -> Result<()> {
    let change = ActiveModel {
        last_error: Set(Some(why.to_owned())),
        due_at_ms: super::set(due_at_ms.map(Some)),
        ..Default::default()
    };
    settle(tx, id, change).await
}

async fn settle(tx: &Tx, id: NotificationDeliveryId, change: ActiveModel) -> Result<()> {
    let pending = Entity::update_many().set(change).filter(Column::Id.eq(id));
    pending.filter(Column::Status.eq(Status::Pending)).exec(tx).await?;
    tx.signal(Change::Notifications {});
    Ok(())
}

/// Nothing is due through a channel before then.
pub async fn postpone(tx: &Tx, channel: NotificationChannelId, due_at_ms: i64) -> Result<()> {
    let values = [due_at_ms.into(), channel.into(), due_at_ms.into()];
    tx.execute_raw(statement(sql::POSTPONE, values)).await?;
    Ok(())
}

/// The channel tells again: what waited for it is due.
pub async fn release(tx: &Tx, channel: NotificationChannelId, now_ms: i64) -> Result<()> {
    let values = [now_ms.into(), channel.into(), now_ms.into(), HOLDS_OTHERS.into()];
    tx.execute_raw(statement(sql::RELEASE, values)).await?;
    Ok(())
}

/// Nothing more is told through a channel.
pub async fn give_up_all(tx: &Tx, channel: NotificationChannelId, why: &str) -> Result<()> {
    let owed = Entity::update_many().set(failed(why)).filter(Column::ChannelId.eq(channel));
    let owed = owed.filter(Column::DueAtMs.is_not_null());
    owed.filter(Column::Status.eq(Status::Pending)).exec(tx).await?;
    Ok(())
}

/// Nothing of what is owed is told any more.
pub async fn give_up_everywhere(tx: &Tx, why: &str) -> Result<()> {
    let pending = Entity::update_many().set(failed(why)).filter(Column::Status.eq(Status::Pending));
    pending.exec(tx).await?;
    Ok(())
}

fn failed(why: &str) -> ActiveModel {
    ActiveModel {
        status: Set(Status::Failed),
        due_at_ms: Set(None),
        last_error: Set(Some(why.to_owned())),
        ..Default::default()
    }
}

/// Removes at most `limit` that are over since before then; answers how many.
pub async fn delete_old(tx: &Tx, before: i64, limit: u64) -> Result<u64> {
    let sql = "DELETE FROM notification_deliveries WHERE id IN
        (SELECT id FROM notification_deliveries WHERE status <> ? AND created_at < ? LIMIT ?)";
    let values = [Status::Pending.into(), before.into(), limit.into()];
    Ok(tx.execute_raw(statement(sql, values)).await?.rows_affected())
}
