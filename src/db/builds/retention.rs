//! Which builds the rules of retention take something from, and that they have: artifacts first, and with them whole
//! builds where a policy says so. Pinned builds are in none of these.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, Set, Statement, Value,
};

use super::super::entity::artifacts;
use super::super::entity::builds::{ActiveModel, Column, Entity, Model};
use super::super::{Tx, tallies};
use super::{Standing, get, standing};
use crate::domain::build::BuildStatus;
use crate::domain::id::{BuildId, ProjectId};
use crate::domain::retention::RetentionRule;
use crate::error::Result;

/// A build that a rule may take something from, and what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Candidate {
    pub id: BuildId,
    pub finished_at_ms: i64,
    /// How many artifacts can be downloaded of it.
    pub files: i64,
    pub bytes: i64,
    /// Its place among the candidates of its project, the newest first, from 1.
    pub place: i64,
    /// Bytes of its artifacts and of those of all newer candidates.
    pub newest_bytes: i64,
}

/// The limits of a project; `None` means none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bounds {
    /// A build that ended before is too old, in Unix milliseconds.
    pub before_ms: Option<i64>,
    pub builds: Option<i64>,
    pub bytes: Option<i64>,
}

/// The candidates of a project that are beyond one of its limits, oldest first; with `whole` also those without artifacts.
pub async fn beyond(
    db: &impl ConnectionTrait,
    project: ProjectId,
    statuses: &[BuildStatus],
    bounds: Bounds,
    whole: bool,
) -> Result<Vec<Candidate>> {
    let wanted = "(finished_at_ms < ? OR place > ? OR newest_bytes > ?) AND (? OR files > 0)";
    let values = [bounds.before_ms.into(), bounds.builds.into(), bounds.bytes.into(), whole.into()];
    candidates(db, project, statuses, wanted, values).await
}

/// The candidates of a project that have artifacts, oldest first.
pub async fn with_artifacts(
    db: &impl ConnectionTrait,
    project: ProjectId,
    statuses: &[BuildStatus],
) -> Result<Vec<Candidate>> {
    candidates(db, project, statuses, "files > 0", []).await
}

async fn candidates(
    db: &impl ConnectionTrait,
    project: ProjectId,
    statuses: &[BuildStatus],
    wanted: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Candidate>> {
    if statuses.is_empty() {
        return Ok(Vec::new());
    }
    let marks = vec!["?"; statuses.len()].join(", ");
    let sql = format!(
        "SELECT * FROM (
            SELECT build.id, build.finished_at_ms, COALESCE(own.files, 0) AS files, COALESCE(own.bytes, 0) AS bytes,
                ROW_NUMBER() OVER newest AS place, SUM(COALESCE(own.bytes, 0)) OVER newest AS newest_bytes
            FROM builds AS build
            LEFT JOIN (SELECT build_id, COUNT(*) AS files, SUM(COALESCE(file_size, 0)) AS bytes FROM artifacts
                WHERE project_id = ? AND state = 'available' GROUP BY build_id) AS own ON own.build_id = build.id
            WHERE build.project_id = ? AND build.pinned_at IS NULL AND build.finished_at_ms IS NOT NULL
                AND build.status IN ({marks})
            WINDOW newest AS (ORDER BY build.build_number DESC))
        WHERE {wanted} ORDER BY finished_at_ms, place DESC"
    );
    let mut all: Vec<Value> = vec![project.into(), project.into()];
    all.extend(statuses.iter().map(|status| Value::from(*status)));
    all.extend(values);
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, all);
    Ok(Candidate::find_by_statement(statement).all(db).await?)
}

/// Those of these builds that nobody has pinned.
pub async fn unpinned(db: &impl ConnectionTrait, builds: &[BuildId]) -> Result<Vec<Standing>> {
    let query = Entity::find().filter(Column::Id.is_in(builds.iter().copied()));
    Ok(Standing::of(query.filter(Column::PinnedAt.is_null())).all(db).await?)
}

/// Takes the artifacts of these builds out of sight, as far as nobody has pinned the builds meanwhile; answers how many
/// builds that were, and the artifacts. Their bytes are still to be removed.
pub async fn take(
    tx: &Tx,
    builds: &[(BuildId, RetentionRule)],
    now: i64,
) -> Result<(usize, Vec<artifacts::Model>)> {
    let ids: Vec<BuildId> = builds.iter().map(|(id, _)| *id).collect();
    let open = unpinned(tx, &ids).await?;
    let of_rule = |rule: RetentionRule| {
        let is_of = move |id: BuildId| builds.iter().any(|(one, by)| *one == id && *by == rule);
        open.iter().map(|build| build.id).filter(move |id| is_of(*id)).collect::<Vec<_>>()
    };
    for rule in RetentionRule::ALL {
        set_taken(tx, &of_rule(*rule), *rule, now).await?;
    }
    let ids: Vec<BuildId> = open.iter().map(|build| build.id).collect();
    let removed = super::super::artifacts::set_removed(tx, &ids).await?;
    open.iter().for_each(|build| tx.signal(build.changed()));
    Ok((open.len(), removed))
}

/// Records when and by which rule the artifacts of builds went.
pub async fn set_taken(tx: &Tx, builds: &[BuildId], rule: RetentionRule, now: i64) -> Result<()> {
    if builds.is_empty() {
        return Ok(());
    }
    Entity::update_many()
        .col_expr(Column::ArtifactsRemovedAt, Expr::value(now))
        .col_expr(Column::ArtifactsRemovedBy, Expr::value(rule))
        .filter(Column::Id.is_in(builds.iter().copied()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Deletes builds with everything that refers to them. Where their bytes are must be noted before.
pub async fn delete(tx: &Tx, builds: &[Standing]) -> Result<()> {
    for build in builds {
        tallies::remove(tx, build.project_id, build.pipeline_id, build.status).await?;
        tx.signal(build.changed());
    }
    Entity::delete_many().filter(Column::Id.is_in(builds.iter().map(|build| build.id))).exec(tx).await?;
    Ok(())
}

/// Pins a build, or lets it go. Who pinned it first stays.
pub async fn set_pinned(tx: &Tx, id: BuildId, by: Option<&str>, now: i64) -> Result<Model> {
    let (pinned_at, pinned_by) = by.map(|by| (now, by.to_owned())).unzip();
    let change = ActiveModel { pinned_at: Set(pinned_at), pinned_by: Set(pinned_by), ..Default::default() };
    let mut update = Entity::update_many().set(change).filter(Column::Id.eq(id));
    if by.is_some() {
        update = update.filter(Column::PinnedAt.is_null());
    }
    update.exec(tx).await?;
    tx.signal(standing(tx, id).await?.changed());
    get(tx, id).await
}
