//! Queries on what code hosts are shown: what is owed to them, noted together with what it tells of, and what they refuse.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Set,
    Statement,
};

use super::Tx;
use super::entity::report_refusals as refusals;
use super::entity::reports::{ActiveModel, Column, Entity, Model};
use crate::domain::id::{BuildId, InstallationId, IntegrationId, ProjectId, ReportId, RepositoryId};
use crate::domain::report::{ReportChannel, ReportKind};
use crate::domain::source::ScmProvider;
use crate::error::Result;

/// To whom a build is to be shown, and what the project lets show.
#[derive(Debug, FromQueryResult)]
struct Debt {
    project_id: ProjectId,
    repository_id: RepositoryId,
    commit_sha: String,
    report_statuses: bool,
    report_comment: bool,
}

/// Notes that how a build goes has to be told to its code host; local repositories have none.
pub async fn owe(tx: &Tx, build: BuildId, now_ms: i64) -> Result<()> {
    let Some(debt) = debt(tx, build).await? else { return Ok(()) };
    if debt.report_statuses {
        put(tx, row(&debt, ReportKind::Build, Some(build), None, now_ms), [Column::BuildId]).await?;
    }
    if debt.report_comment {
        let key = [Column::ProjectId, Column::RepositoryId, Column::Number];
        for number in requests(tx, debt.project_id, &debt.commit_sha).await? {
            put(tx, row(&debt, ReportKind::Request, None, Some(number), now_ms), key).await?;
        }
    }
    Ok(())
}

async fn debt(tx: &Tx, build: BuildId) -> Result<Option<Debt>> {
    let sql = "SELECT builds.project_id, builds.repository_id, builds.commit_sha, projects.report_statuses,
            projects.report_comment
        FROM builds
            JOIN repositories ON repositories.id = builds.repository_id
            JOIN integrations ON integrations.id = repositories.integration_id
            JOIN projects ON projects.id = builds.project_id
        WHERE builds.id = ? AND builds.commit_sha IS NOT NULL AND integrations.provider <> ?";
    let values = [build.into(), ScmProvider::LocalGit.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    Ok(Debt::find_by_statement(statement).one(tx).await?)
}

/// The pull and merge requests that a commit was built for.
async fn requests(tx: &Tx, project: ProjectId, sha: &str) -> Result<Vec<i64>> {
    use super::entity::builds::{Column, Entity};
    let query = Entity::find()
        .select_only()
        .column(Column::RequestNumber)
        .distinct()
        .filter(Column::ProjectId.eq(project))
        .filter(Column::CommitSha.eq(sha))
        .filter(Column::RequestNumber.is_not_null());
    Ok(query.into_tuple().all(tx).await?)
}

fn row(debt: &Debt, kind: ReportKind, build: Option<BuildId>, number: Option<i64>, now_ms: i64) -> Model {
    Model {
        id: ReportId::new(),
        project_id: debt.project_id,
        repository_id: debt.repository_id,
        kind,
        build_id: build,
        number,
        commit_sha: debt.commit_sha.clone(),
        external_id: None,
        shown: None,
        annotations: 0,
        revision: 1,
        due_at_ms: Some(now_ms),
        owed_at_ms: now_ms,
        attempts: 0,
        failure: None,
    }
}

/// What is owed already stays due when it was: a host that asked for patience gets it for newer news too.
async fn put(tx: &Tx, row: Model, key: impl IntoIterator<Item = Column>) -> Result<()> {
    let again = OnConflict::columns(key)
        .update_columns([Column::CommitSha, Column::OwedAtMs])
        .value(Column::Revision, Expr::cust("reports.revision + 1"))
        .value(
            Column::Attempts,
            Expr::cust("CASE WHEN reports.due_at_ms IS NULL THEN 0 ELSE reports.attempts END"),
        )
        .value(Column::DueAtMs, Expr::cust("COALESCE(reports.due_at_ms, excluded.due_at_ms)"))
        .to_owned();
    Entity::insert(ActiveModel::from(row)).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Due, and not refused on the last way that there is for it.
const OPEN: &str = "FROM reports
        JOIN repositories ON repositories.id = reports.repository_id
        LEFT JOIN report_refusals AS refused ON refused.installation_id = repositories.installation_id
            AND refused.channel = CASE reports.kind WHEN 'build' THEN 'statuses' ELSE 'comments' END
            AND refused.refused_at > 0
    WHERE reports.due_at_ms <= ? AND refused.channel IS NULL";

/// Nothing of what is owed is told any more.
pub async fn forget_owed(tx: &Tx) -> Result<()> {
    let settled = Entity::update_many().col_expr(Column::DueAtMs, Expr::value(Option::<i64>::None));
    settled.filter(Column::DueAtMs.is_not_null()).exec(tx).await?;
    Ok(())
}

/// The integrations to whose hosts something is due.
pub async fn hosts_due(db: &impl ConnectionTrait, now_ms: i64) -> Result<Vec<IntegrationId>> {
    let sql = format!("SELECT DISTINCT repositories.integration_id {OPEN}");
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [now_ms.into()]);
    let rows = db.query_all_raw(statement).await?;
    Ok(rows.iter().map(|row| row.try_get("", "integration_id")).collect::<Result<_, _>>()?)
}

/// What is due to the host of an integration, in the order it was first owed.
pub async fn due(
    db: &impl ConnectionTrait,
    integration: IntegrationId,
    now_ms: i64,
    limit: u64,
) -> Result<Vec<Model>> {
    let sql =
        format!("SELECT reports.* {OPEN} AND repositories.integration_id = ? ORDER BY reports.id LIMIT ?");
    let values = [now_ms.into(), integration.into(), limit.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    Ok(Entity::find().from_raw_sql(statement).all(db).await?)
}

/// What is owed since before `before_ms`, wherever.
pub async fn overdue(db: &impl ConnectionTrait, before_ms: i64, limit: u64) -> Result<Vec<Model>> {
    let query = Entity::find().filter(Column::DueAtMs.is_not_null()).filter(Column::OwedAtMs.lt(before_ms));
    Ok(query.limit(limit).all(db).await?)
}

/// Whatever an earlier run of the daemon was at is due at once.
pub async fn hasten(tx: &Tx, now_ms: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::DueAtMs, Expr::value(now_ms))
        .filter(Column::DueAtMs.gt(now_ms))
        .exec(tx)
        .await?;
    Ok(())
}

/// Counts one more attempt, after which the next comes when `due_at_ms` has come; answers the newest row, or none if it
/// is no longer due.
pub async fn begin(tx: &Tx, id: ReportId, now_ms: i64, due_at_ms: i64) -> Result<Option<Model>> {
    let begun = Entity::update_many()
        .col_expr(Column::Attempts, Expr::cust("attempts + 1"))
        .col_expr(Column::DueAtMs, Expr::value(due_at_ms))
        .filter(Column::Id.eq(id))
        .filter(Column::DueAtMs.lte(now_ms))
        .exec(tx)
        .await?;
    if begun.rows_affected == 0 {
        return Ok(None);
    }
    Ok(Entity::find_by_id(id).one(tx).await?)
}

/// What the host shows now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub external_id: Option<String>,
    pub digest: Option<String>,
    pub annotations: i64,
}

/// Keeps what the host shows.
pub async fn keep(tx: &Tx, id: ReportId, shown: &Shown) -> Result<()> {
    let row = ActiveModel {
        external_id: Set(shown.external_id.clone()),
        shown: Set(shown.digest.clone()),
        annotations: Set(shown.annotations),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// It is paid, or given up for the reason `failure`; unless there is newer news, which is due then.
pub async fn settle(tx: &Tx, row: &Model, failure: Option<&str>, now_ms: i64) -> Result<()> {
    let failure = failure.map(str::to_owned);
    let paid = ActiveModel {
        due_at_ms: Set(None),
        attempts: Set(0),
        failure: Set(failure.clone()),
        ..Default::default()
    };
    let same = Entity::update_many().set(paid).filter(Column::Id.eq(row.id));
    let settled = same.filter(Column::Revision.eq(row.revision)).exec(tx).await?;
    if settled.rows_affected == 0 {
        let next = ActiveModel {
            due_at_ms: Set(Some(now_ms)),
            attempts: Set(0),
            failure: Set(failure),
            ..Default::default()
        };
        Entity::update_many().set(next).filter(Column::Id.eq(row.id)).exec(tx).await?;
    }
    Ok(())
}

/// It did not work; it is tried again when it is due, or at `due_at_ms`.
pub async fn fail(tx: &Tx, id: ReportId, failure: &str, due_at_ms: Option<i64>) -> Result<()> {
    let row = ActiveModel {
        failure: Set(Some(failure.to_owned())),
        due_at_ms: super::set(due_at_ms.map(Some)),
        ..Default::default()
    };
    Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

/// Nothing is due to the repositories of an account before then.
pub async fn postpone(tx: &Tx, installation: InstallationId, due_at_ms: i64) -> Result<()> {
    let sql = "UPDATE reports SET due_at_ms = ? WHERE due_at_ms < ?
        AND repository_id IN (SELECT id FROM repositories WHERE installation_id = ?)";
    let values = [due_at_ms.into(), due_at_ms.into(), installation.into()];
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    Ok(())
}

/// The host does not let us go a way.
pub async fn refuse(
    tx: &Tx,
    installation_id: InstallationId,
    channel: ReportChannel,
    now: i64,
) -> Result<()> {
    let row = refusals::Model { installation_id, channel, refused_at: now };
    let key = [refusals::Column::InstallationId, refusals::Column::Channel];
    let again = OnConflict::columns(key).update_column(refusals::Column::RefusedAt).to_owned();
    refusals::Entity::insert(refusals::ActiveModel::from(row))
        .on_conflict(again)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Whether a way is closed at the moment.
pub async fn is_refused(
    db: &impl ConnectionTrait,
    installation: InstallationId,
    channel: ReportChannel,
) -> Result<bool> {
    let found = refusals::Entity::find_by_id((installation, channel)).one(db).await?;
    Ok(found.is_some_and(|row| row.refused_at > 0))
}

/// Whether a host has refused a way that there is no other for, and not let us go it since.
pub async fn any_refused(db: &impl ConnectionTrait, integration: IntegrationId) -> Result<bool> {
    let sql = "SELECT 1 FROM report_refusals
        JOIN installations ON installations.id = report_refusals.installation_id
        WHERE installations.integration_id = ? AND report_refusals.channel <> ?";
    let values = [integration.into(), ReportChannel::Checks.into()];
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    Ok(db.query_one_raw(statement).await?.is_some())
}

/// What was refused to these accounts is tried again; whether it is allowed now is not known.
pub async fn forgive(tx: &Tx, installations: Vec<InstallationId>) -> Result<()> {
    refusals::Entity::update_many()
        .col_expr(refusals::Column::RefusedAt, Expr::value(0))
        .filter(refusals::Column::InstallationId.is_in(installations))
        .exec(tx)
        .await?;
    Ok(())
}

/// A way is open.
pub async fn allow(tx: &Tx, installation: InstallationId, channel: ReportChannel) -> Result<()> {
    refusals::Entity::delete_by_id((installation, channel)).exec(tx).await?;
    Ok(())
}

/// How many reports of an integration wait, and how many were given up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromQueryResult)]
pub struct Tally {
    pub waiting: i64,
    pub failed: i64,
}

pub async fn tally(db: &impl ConnectionTrait, integration: IntegrationId) -> Result<Tally> {
    let sql =
        "SELECT COUNT(due_at_ms) AS waiting, COUNT(CASE WHEN due_at_ms IS NULL THEN failure END) AS failed
        FROM reports JOIN repositories ON repositories.id = reports.repository_id
        WHERE repositories.integration_id = ? AND (due_at_ms IS NOT NULL OR failure IS NOT NULL)";
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [integration.into()]);
    Ok(Tally::find_by_statement(statement).one(db).await?.unwrap_or_default())
}
