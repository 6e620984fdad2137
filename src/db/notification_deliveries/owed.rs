//! What is owed to channels: found out and noted in the transaction in which it happens. A channel that can't be read keeps
//! nobody's build from ending.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, Statement,
};
use serde::de::DeserializeOwned;

use super::super::Tx;
use super::super::builds::Standing;
use super::super::entity::notification_channels::{Column as Channel, Entity as Channels};
use super::super::entity::{runners, users};
use super::{insert, new};
use crate::domain::build::BuildStatus;
use crate::domain::id::{NotificationChannelId, UserId};
use crate::domain::notification::{
    BuildDetails, BuildFacts, BuildNotice, Notice, NotificationEvent, NotificationRules, Person, RunnerFacts,
    RunnerNotice, Subject,
};
use crate::domain::runner::RunnerStatus;
use crate::error::Result;

/// A channel that is on.
struct Listener {
    id: NotificationChannelId,
    events: Vec<NotificationEvent>,
    rules: NotificationRules,
}

/// What a build's notice is made of, as it is stored: no text in it may keep the others from being read.
#[derive(Debug, FromQueryResult)]
struct Row {
    branch: Option<String>,
    commit_sha: Option<String>,
    commit_subject: Option<String>,
    commit_author: Option<String>,
    trigger_type: String,
    trigger_actor: Option<String>,
    failure_reason: Option<String>,
    request_number: Option<i64>,
    matrix: Option<String>,
    project_name: String,
    pipeline_name: String,
}

/// Notes that a build has ended, for whoever wants to know. `reason` is why.
pub async fn build(tx: &Tx, build: &Standing, reason: &str, now_ms: i64) -> Result<()> {
    let Some(event) = NotificationEvent::of(build.status) else { return Ok(()) };
    let listeners = listeners(tx).await?;
    if listeners.is_empty() {
        return Ok(());
    }
    let Some(row) = row(tx, build).await? else { return Ok(()) };
    let is_fixed = build.status == BuildStatus::Succeeded && follows_a_failure(tx, build, &row).await?;
    let happened = if is_fixed { vec![event, NotificationEvent::Fixed] } else { vec![event] };
    let subject = Subject {
        project: build.project_id,
        branch: row.branch.as_deref(),
        actor: row.trigger_actor.as_deref(),
        author: row.commit_author.as_deref(),
    };
    let notice = notice(build, &row, (reason, is_fixed), now_ms);
    for listener in listeners {
        let person = match listener.rules.person_id {
            Some(id) => person(tx, id).await?,
            None => None,
        };
        let is_wanted = NotificationEvent::any_wanted(&listener.events, &happened);
        if is_wanted && listener.rules.mean(subject, person.as_ref()) {
            insert(tx, new(listener.id, Some(build.id), notice.clone(), now_ms)).await?;
        }
    }
    Ok(())
}

/// Notes that a runner fell silent, for whoever wants to know: those who ask for it, and those who ask for everything.
pub async fn runner(tx: &Tx, runner: &runners::Model, from: RunnerStatus, now_ms: i64) -> Result<()> {
    let facts = RunnerFacts {
        id: runner.id,
        name: runner.name.clone(),
        from_status: from,
        to_status: RunnerStatus::Offline,
    };
    let notice = Notice::Runner(RunnerNotice { runner: facts, timestamp: now_ms.div_euclid(1000) });
    for listener in listeners(tx).await? {
        let is_listed = listener.events.contains(&NotificationEvent::RunnerOffline);
        if is_listed || (listener.events.is_empty() && listener.rules.is_empty()) {
            insert(tx, new(listener.id, None, notice.clone(), now_ms)).await?;
        }
    }
    Ok(())
}

async fn listeners(tx: &Tx) -> Result<Vec<Listener>> {
    use sea_orm::QuerySelect;
    let query = Channels::find().select_only().columns([Channel::Id, Channel::Events, Channel::Rules]);
    let on = query.filter(Channel::Enabled.eq(true));
    let rows: Vec<(NotificationChannelId, String, String)> = on.into_tuple().all(tx).await?;
    let listener = |(id, events, rules): (NotificationChannelId, String, String)| {
        Some(Listener { id, events: read(id, &events)?, rules: read(id, &rules)? })
    };
    Ok(rows.into_iter().filter_map(listener).collect())
}

fn read<T: DeserializeOwned>(id: NotificationChannelId, text: &str) -> Option<T> {
    let read = serde_json::from_str(text);
    read.inspect_err(|error| tracing::error!(channel = %id, "a notification channel is unreadable: {error}"))
        .ok()
}

async fn row(tx: &Tx, build: &Standing) -> Result<Option<Row>> {
    let sql = "SELECT builds.branch, builds.commit_sha, builds.commit_subject, builds.commit_author,
            builds.trigger_type, builds.trigger_actor, builds.failure_reason, builds.request_number,
            builds.matrix, projects.name AS project_name, pipelines.name AS pipeline_name
        FROM builds
            JOIN projects ON projects.id = builds.project_id
            JOIN pipelines ON pipelines.id = builds.pipeline_id
        WHERE builds.id = ?";
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [build.id.into()]);
    Ok(Row::find_by_statement(statement).one(tx).await?)
}

/// Whether the last build before this one that says anything of the same pipeline, branch, request and combination
/// failed.
async fn follows_a_failure(tx: &Tx, build: &Standing, row: &Row) -> Result<bool> {
    let sql = "SELECT status FROM builds
        WHERE pipeline_id = ? AND branch IS ? AND request_number IS ? AND matrix IS ? AND build_number < ?
            AND status IN (?, ?, ?)
        ORDER BY build_number DESC LIMIT 1";
    let values = [
        build.pipeline_id.into(),
        row.branch.clone().into(),
        row.request_number.into(),
        row.matrix.clone().into(),
        build.build_number.into(),
        BuildStatus::Succeeded.into(),
        BuildStatus::Failed.into(),
        BuildStatus::TimedOut.into(),
    ];
    let found = tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    let status = found.map(|row| row.try_get::<BuildStatus>("", "status")).transpose()?;
    Ok(status.is_some_and(|status| status != BuildStatus::Succeeded))
}

async fn person(tx: &Tx, id: UserId) -> Result<Option<Person>> {
    let found = users::Entity::find_by_id(id).one(tx).await?;
    Ok(found.map(|user| Person { email: user.email, display_name: user.display_name }))
}

fn notice(build: &Standing, row: &Row, (reason, is_fixed): (&str, bool), now_ms: i64) -> Notice {
    let seconds = |ms: i64| ms.div_euclid(1000);
    let facts = BuildFacts {
        id: build.id,
        project_id: build.project_id,
        pipeline_id: build.pipeline_id,
        build_number: build.build_number,
        status: build.status.to_string(),
        branch: row.branch.clone(),
        commit_sha: row.commit_sha.clone(),
        trigger_type: row.trigger_type.clone(),
        started_at: build.started_at_ms.map(seconds),
        finished_at: build.finished_at_ms.map(seconds),
    };
    let more = BuildDetails {
        is_fixed,
        reason: reason.to_owned(),
        failure_reason: row.failure_reason.clone(),
        actor: row.trigger_actor.clone(),
        author: row.commit_author.clone(),
        subject: row.commit_subject.clone(),
    };
    Notice::Build(Box::new(BuildNotice {
        event: format!("build.{}", build.status),
        build: facts,
        project_name: row.project_name.clone(),
        pipeline_name: row.pipeline_name.clone(),
        timestamp: seconds(now_ms),
        more,
    }))
}
