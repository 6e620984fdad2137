//! Queries on deliveries of webhooks and on their verdicts. Bodies come and go sealed.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, OnConflict, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, Set, Statement,
};

use super::Tx;
use super::entity::webhook_deliveries::{ActiveModel, Column, Entity, Model};
use super::entity::webhook_verdicts as verdicts;
use super::listing::contains;
use crate::domain::delivery::{Arrival, DeliveryStatus, Outcome};
use crate::domain::id::{DeliveryId, IntegrationId, PipelineId, RepositoryId};
use crate::error::Result;
use crate::events::Change;

/// Which deliveries, newest first.
#[derive(Debug, Default)]
pub struct Filter {
    /// Of these repositories; `None`: all, those that belong to no repository too.
    pub only: Option<HashSet<RepositoryId>>,
    pub integration_id: Option<IntegrationId>,
    pub repository_id: Option<RepositoryId>,
    pub status: Option<DeliveryStatus>,
    pub outcome: Option<Outcome>,
    pub event: Option<String>,
    pub arrived_by: Option<Arrival>,
    /// How the commit begins.
    pub commit: Option<String>,
    /// Text in the repository's name, the ref or the sender.
    pub search: Option<String>,
    /// Older than this one.
    pub before: Option<DeliveryId>,
}

/// A delivery without its body.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Told {
    pub id: DeliveryId,
    pub integration_id: IntegrationId,
    pub repository_id: Option<RepositoryId>,
    pub external_id: String,
    pub event: String,
    pub action: Option<String>,
    pub repository_name: Option<String>,
    pub git_ref: Option<String>,
    pub commit_sha: Option<String>,
    pub before_sha: Option<String>,
    pub pushed_at: Option<i64>,
    pub number: Option<i64>,
    pub sender: Option<String>,
    pub has_body: bool,
    pub body_bytes: i64,
    pub status: DeliveryStatus,
    pub outcome: Option<Outcome>,
    pub reason: Option<String>,
    pub duplicate_of: Option<DeliveryId>,
    pub attempts: i32,
    pub received_at_ms: i64,
    pub finished_at_ms: Option<i64>,
    pub arrived_by: Arrival,
}

fn told(query: Select<Entity>) -> sea_orm::Selector<sea_orm::SelectModel<Told>> {
    let columns = [
        Column::Id,
        Column::IntegrationId,
        Column::RepositoryId,
        Column::ExternalId,
        Column::Event,
        Column::Action,
        Column::RepositoryName,
        Column::CommitSha,
        Column::BeforeSha,
        Column::PushedAt,
        Column::Number,
        Column::Sender,
        Column::BodyBytes,
        Column::Status,
        Column::Outcome,
        Column::Reason,
        Column::DuplicateOf,
        Column::Attempts,
        Column::ReceivedAtMs,
        Column::FinishedAtMs,
        Column::ArrivedBy,
    ];
    let query = query.select_only().columns(columns).column_as(Column::GitRef, "git_ref");
    query.column_as(Column::Body.is_not_null(), "has_body").into_model()
}

pub async fn find(db: &impl ConnectionTrait, id: DeliveryId) -> Result<Option<Told>> {
    Ok(told(Entity::find_by_id(id)).one(db).await?)
}

/// The stored body of a delivery, if it is kept.
pub async fn body(db: &impl ConnectionTrait, id: DeliveryId) -> Result<Option<Vec<u8>>> {
    let query = Entity::find_by_id(id).select_only().column(Column::Body);
    Ok(query.into_tuple::<Option<Vec<u8>>>().one(db).await?.flatten())
}

/// At most `limit` deliveries, newest first.
pub async fn list(db: &impl ConnectionTrait, filter: &Filter, limit: u64) -> Result<Vec<Told>> {
    let mut all = Condition::all()
        .add_option(filter.integration_id.map(|id| Column::IntegrationId.eq(id)))
        .add_option(filter.repository_id.map(|id| Column::RepositoryId.eq(id)))
        .add_option(filter.status.map(|status| Column::Status.eq(status)))
        .add_option(filter.outcome.map(|outcome| Column::Outcome.eq(outcome)))
        .add_option(filter.arrived_by.map(|arrival| Column::ArrivedBy.eq(arrival)))
        .add_option(filter.event.as_ref().map(|event| Column::Event.eq(event.as_str())))
        .add_option(filter.before.map(|id| Column::Id.lt(id)));
    if let Some(only) = &filter.only {
        all = all.add(Column::RepositoryId.is_in(only.iter().copied()));
    }
    if let Some(search) = &filter.search {
        all = all.add(contains(&[Column::RepositoryName, Column::GitRef, Column::Sender], search));
    }
    if let Some(commit) = &filter.commit {
        let end = format!("{commit}g");
        all = all.add(Column::CommitSha.gte(commit.as_str())).add(Column::CommitSha.lt(end));
    }
    let query = Entity::find().filter(all).order_by_desc(Column::Id).limit(limit);
    Ok(told(query).all(db).await?)
}

/// The verdicts of several deliveries.
pub async fn verdicts_of(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = DeliveryId>,
) -> Result<Vec<verdicts::Model>> {
    let query = verdicts::Entity::find().filter(verdicts::Column::DeliveryId.is_in(ids));
    Ok(query.order_by_asc(verdicts::Column::PipelineId).all(db).await?)
}

/// The delivery that the host gave this id.
pub async fn known(
    db: &impl ConnectionTrait,
    integration: IntegrationId,
    external_id: &str,
) -> Result<Option<DeliveryId>> {
    let query = Entity::find()
        .filter(Column::IntegrationId.eq(integration))
        .filter(Column::ExternalId.eq(external_id))
        .select_only()
        .column(Column::Id);
    Ok(query.into_tuple().one(db).await?)
}

/// Whether something failed that came of a delivery, and another try may do better.
pub async fn has_failed(db: &impl ConnectionTrait, id: DeliveryId) -> Result<bool> {
    let row = find(db, id).await?;
    if row.as_ref().is_none_or(|row| row.status == DeliveryStatus::Waiting) {
        return Ok(false);
    }
    let failed = verdicts::Entity::find()
        .filter(verdicts::Column::DeliveryId.eq(id))
        .filter(verdicts::Column::Outcome.eq(Outcome::Failed));
    Ok(row.is_some_and(|row| row.status == DeliveryStatus::Failed) || failed.count(db).await? > 0)
}

/// Whether something told that the ref, or the request, of a delivery is at its commit, and that did not fail. What was told
/// before it came to where it was last does not count: it may have gone back.
pub async fn is_told(db: &impl ConnectionTrait, row: &Model) -> Result<bool> {
    let at = |sha: &Option<String>| {
        let query = Entity::find()
            .filter(Column::RepositoryId.eq(row.repository_id))
            .filter(Column::GitRef.eq(row.git_ref.as_deref()))
            .filter(Column::CommitSha.eq(sha.as_deref()))
            .filter(numbered(row.number));
        query.order_by_desc(Column::Id).select_only().column(Column::Id)
    };
    let before = match &row.before_sha {
        Some(_) => at(&row.before_sha).into_tuple::<DeliveryId>().one(db).await?,
        None => None,
    };
    let query = at(&row.commit_sha).filter(Column::Status.ne(DeliveryStatus::Failed));
    let told = query.into_tuple::<DeliveryId>().one(db).await?;
    Ok(told.is_some() && told > before)
}

/// Of this request, or of none.
fn numbered(number: Option<i64>) -> SimpleExpr {
    number.map_or_else(|| Column::Number.is_null(), |number| Column::Number.eq(number))
}

/// How the newest word of a repository came.
pub async fn newest_arrival(db: &impl ConnectionTrait, repository: RepositoryId) -> Result<Option<Arrival>> {
    let query = Entity::find().filter(Column::RepositoryId.eq(repository)).order_by_desc(Column::Id);
    Ok(query.select_only().column(Column::ArrivedBy).into_tuple().one(db).await?)
}

/// When a webhook last came of a repository, among the deliveries that are kept.
pub async fn last_webhook_ms(db: &impl ConnectionTrait, repository: RepositoryId) -> Result<Option<i64>> {
    newest_webhook_ms(db, Column::RepositoryId.eq(repository)).await
}

async fn newest_webhook_ms(db: &impl ConnectionTrait, of: SimpleExpr) -> Result<Option<i64>> {
    let query = Entity::find().filter(of).filter(Column::ArrivedBy.eq(Arrival::Webhook));
    let newest = query.order_by_desc(Column::Id).select_only().column(Column::ReceivedAtMs);
    Ok(newest.into_tuple().one(db).await?)
}

/// Puts a delivery in the place of one that its host calls the same. What came of that is judged anew, but for what was
/// built.
pub async fn replace(tx: &Tx, old: DeliveryId, row: Model) -> Result<()> {
    let built = verdicts_of(tx, [old]).await?.into_iter().filter(|verdict| verdict.outcome == Outcome::Built);
    let delivery_id = row.id;
    Entity::delete_by_id(old).exec(tx).await?;
    insert(tx, row).await?;
    for verdict in built {
        judge(tx, verdicts::Model { delivery_id, ..verdict }).await?;
    }
    Ok(())
}

/// When an integration's last webhook came, among the deliveries that are kept.
pub async fn last_at_ms(db: &impl ConnectionTrait, integration: IntegrationId) -> Result<Option<i64>> {
    newest_webhook_ms(db, Column::IntegrationId.eq(integration)).await
}

/// The first delivery that said the same.
pub async fn with_body(
    db: &impl ConnectionTrait,
    integration: IntegrationId,
    body_hash: &str,
) -> Result<Option<DeliveryId>> {
    let query = Entity::find()
        .filter(Column::IntegrationId.eq(integration))
        .filter(Column::BodyHash.eq(body_hash))
        .order_by_asc(Column::Id)
        .select_only()
        .column(Column::Id);
    Ok(query.into_tuple().one(db).await?)
}

/// How many deliveries are to be worked off, and when the oldest of them was received, in Unix milliseconds.
pub async fn waiting(db: &impl ConnectionTrait) -> Result<(i64, Option<i64>)> {
    let query = Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "deliveries")
        .column_as(Column::ReceivedAtMs.min(), "oldest")
        .filter(Column::Status.eq(DeliveryStatus::Waiting));
    Ok(query.into_tuple().one(db).await?.unwrap_or_default())
}

pub async fn insert(tx: &Tx, row: Model) -> Result<()> {
    Entity::insert(ActiveModel::from(row)).exec_without_returning(tx).await?;
    tx.signal(Change::Deliveries {});
    Ok(())
}

/// Whose deliveries are worked off one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane {
    pub integration: IntegrationId,
    /// `None`: those of the integration that belong to no repository.
    pub repository: Option<RepositoryId>,
}

impl Told {
    pub fn lane(&self) -> Lane {
        Lane { integration: self.integration_id, repository: self.repository_id }
    }
}

/// Deliveries that are due, oldest first, but for those of these lanes and integrations.
pub async fn due(
    db: &impl ConnectionTrait,
    now_ms: i64,
    limit: u64,
    lanes: &[Lane],
    integrations: &[IntegrationId],
) -> Result<Vec<Told>> {
    let busy = lanes.iter().fold(Condition::any(), |any, lane| {
        let repository = match lane.repository {
            Some(id) => Column::RepositoryId.eq(id),
            None => Column::RepositoryId.is_null(),
        };
        any.add(Condition::all().add(Column::IntegrationId.eq(lane.integration)).add(repository))
    });
    let query = Entity::find()
        .filter(Column::Status.eq(DeliveryStatus::Waiting))
        .filter(Column::DueAtMs.lte(now_ms))
        .filter(Column::IntegrationId.is_not_in(integrations.iter().copied()))
        .order_by_asc(Column::Id)
        .limit(limit);
    // No lane at all would exclude everything.
    let query = if lanes.is_empty() { query } else { query.filter(busy.not()) };
    Ok(told(query).all(db).await?)
}

/// Takes deliveries up: unless they are worked off before, they are due again when `due_at_ms` has come.
pub async fn take(tx: &Tx, ids: impl IntoIterator<Item = DeliveryId>, due_at_ms: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DueAtMs, Expr::value(due_at_ms))
        .filter(Column::Id.is_in(ids))
        .exec(tx)
        .await?;
    Ok(())
}

/// Counts one more attempt, which begins; the next one, if there is one, comes when `due_at_ms` has come.
pub async fn begin(tx: &Tx, id: DeliveryId, due_at_ms: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Attempts, Expr::cust("attempts + 1"))
        .col_expr(Column::DueAtMs, Expr::value(due_at_ms))
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whatever an earlier run of the daemon was at is due at once.
pub async fn hasten(tx: &Tx, now_ms: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DueAtMs, Expr::value(now_ms))
        .filter(Column::Status.eq(DeliveryStatus::Waiting))
        .filter(Column::DueAtMs.gt(now_ms))
        .exec(tx)
        .await?;
    Ok(())
}

/// What came of a delivery as a whole.
#[derive(Debug, Clone)]
pub struct End {
    pub status: DeliveryStatus,
    pub outcome: Outcome,
    pub reason: Option<String>,
}

pub async fn finish(tx: &Tx, id: DeliveryId, end: End, now_ms: i64) -> Result<()> {
    let row = ActiveModel {
        status: Set(end.status),
        outcome: Set(Some(end.outcome)),
        reason: Set(end.reason),
        finished_at_ms: Set(Some(now_ms)),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    tx.signal(Change::Deliveries {});
    Ok(())
}

/// Lets it be worked off once more: what was not built is judged anew.
pub async fn renew(tx: &Tx, id: DeliveryId, now_ms: i64) -> Result<()> {
    verdicts::Entity::delete_many()
        .filter(verdicts::Column::DeliveryId.eq(id))
        .filter(verdicts::Column::Outcome.ne(Outcome::Built))
        .exec(tx)
        .await?;
    let row = ActiveModel {
        status: Set(DeliveryStatus::Waiting),
        outcome: Set(None),
        reason: Set(None),
        attempts: Set(0),
        due_at_ms: Set(now_ms),
        finished_at_ms: Set(None),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    tx.signal(Change::Deliveries {});
    Ok(())
}

/// Records what came of a delivery for one pipeline, in place of what was recorded before.
pub async fn judge(tx: &Tx, row: verdicts::Model) -> Result<()> {
    let key = [verdicts::Column::DeliveryId, verdicts::Column::PipelineId];
    let values = [verdicts::Column::Outcome, verdicts::Column::Reason, verdicts::Column::BuildId];
    let replace = OnConflict::columns(key).update_columns(values).to_owned();
    verdicts::Entity::insert(verdicts::ActiveModel::from(row))
        .on_conflict(replace)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What came of a delivery for one pipeline.
pub async fn verdict(
    db: &impl ConnectionTrait,
    id: DeliveryId,
    pipeline: PipelineId,
) -> Result<Option<verdicts::Model>> {
    Ok(verdicts::Entity::find_by_id((id, pipeline)).one(db).await?)
}

/// Verdicts of a pipeline that wait for approval, of earlier deliveries about another commit of the same request.
pub async fn older_waiting(
    db: &impl ConnectionTrait,
    delivery: &Told,
    pipeline: PipelineId,
) -> Result<Vec<verdicts::Model>> {
    let (Some(repository), Some(number)) = (delivery.repository_id, delivery.number) else {
        return Ok(Vec::new());
    };
    let same = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::RepositoryId.eq(repository))
        .filter(Column::Number.eq(number))
        .filter(Column::CommitSha.ne(delivery.commit_sha.as_deref()))
        .filter(Column::Id.lt(delivery.id));
    let query = verdicts::Entity::find()
        .filter(verdicts::Column::PipelineId.eq(pipeline))
        .filter(verdicts::Column::Outcome.eq(Outcome::AwaitsApproval))
        .filter(verdicts::Column::DeliveryId.in_subquery(sea_orm::QueryTrait::into_query(same)));
    Ok(query.all(db).await?)
}

/// Says anew what came of a delivery as a whole, after one of its verdicts has changed.
pub async fn sum_up(tx: &Tx, id: DeliveryId) -> Result<()> {
    let outcome = verdicts_of(tx, [id]).await?.into_iter().map(|verdict| verdict.outcome).min();
    Entity::update_many()
        .set(ActiveModel { outcome: Set(outcome), ..Default::default() })
        .filter(Column::Id.eq(id))
        .exec(tx)
        .await?;
    tx.signal(Change::Deliveries {});
    Ok(())
}

/// Whether a newer push of the same ref, or of the same request, was built for the pipeline: one that began where this
/// one ended, or one that its host says was later.
pub async fn is_outdated(db: &impl ConnectionTrait, delivery: &Told, pipeline: PipelineId) -> Result<bool> {
    let (Some(repository), Some(git_ref), Some(sha)) =
        (delivery.repository_id, &delivery.git_ref, &delivery.commit_sha)
    else {
        return Ok(false);
    };
    // What this one has undone began where it ends, and is older all the same.
    let undone = delivery.before_sha.as_deref().map(|before| Column::CommitSha.ne(before));
    let mut newer =
        Condition::any().add(Condition::all().add(Column::BeforeSha.eq(sha.as_str())).add_option(undone));
    if let Some(pushed_at) = delivery.pushed_at {
        newer = newer.add(Column::PushedAt.gt(pushed_at));
    }
    let built = verdicts::Entity::find()
        .select_only()
        .column(verdicts::Column::DeliveryId)
        .filter(verdicts::Column::PipelineId.eq(pipeline))
        .filter(verdicts::Column::Outcome.eq(Outcome::Built));
    let query = Entity::find()
        .filter(Column::RepositoryId.eq(repository))
        .filter(Column::GitRef.eq(git_ref.as_str()))
        .filter(Column::Event.eq(delivery.event.as_str()))
        .filter(numbered(delivery.number))
        .filter(Column::Id.ne(delivery.id))
        .filter(newer)
        .filter(Column::Id.in_subquery(sea_orm::QueryTrait::into_query(built)))
        .select_only()
        .column(Column::Id);
    Ok(query.into_tuple::<DeliveryId>().one(db).await?.is_some())
}

/// Whether a delivery made a build for a pipeline, which may have been removed since.
pub async fn is_built(db: &impl ConnectionTrait, id: DeliveryId, pipeline: PipelineId) -> Result<bool> {
    let row = verdict(db, id, pipeline).await?;
    Ok(row.is_some_and(|row| row.outcome == Outcome::Built))
}

/// What is kept of deliveries.
#[derive(Debug, Clone, Copy)]
pub struct Keep {
    /// Received after then.
    pub after_ms: i64,
    /// So many, the newest.
    pub most: u64,
    /// Stored bytes of bodies, the newest.
    pub body_bytes: u64,
}

/// Removes what is not kept; what waits stays.
pub async fn tidy(tx: &Tx, keep: Keep) -> Result<()> {
    let old = "DELETE FROM webhook_deliveries WHERE status <> 'waiting' AND (received_at_ms < ? OR id IN \
        (SELECT id FROM webhook_deliveries ORDER BY id DESC LIMIT -1 OFFSET ?))";
    let values = [keep.after_ms.into(), keep.most.into()];
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, old, values)).await?;
    let large = "UPDATE webhook_deliveries SET body = NULL WHERE status <> 'waiting' AND id IN (SELECT id FROM \
        (SELECT id, SUM(length(body)) OVER (ORDER BY id DESC) AS total FROM webhook_deliveries \
        WHERE body IS NOT NULL) WHERE total > ?)";
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, large, [keep.body_bytes.into()]))
        .await?;
    Ok(())
}
