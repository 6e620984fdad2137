//! The list of builds: filters, sorts, pages by offset with a total and pages by key without one.
//! The total comes from the tallies wherever they know it.

use sea_orm::sea_query::{Expr, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
};

use super::super::entity::build_events;
use super::super::entity::builds::{Column, Entity, Model};
use crate::db::listing::{self, Direction, Page};
use crate::db::tallies;
use crate::domain::build::BuildStatus;
use crate::domain::id::{BuildId, MatrixGroupId, PipelineId, ProjectId, RunnerId};
use crate::domain::runner::actor_of;
use crate::domain::spec::BuildPlatform;
use crate::domain::trigger::TriggerType;
use crate::error::Result;
use crate::words;

words! {
    /// What a list of builds is ordered by.
    BuildSort {
        CreatedAt = "created_at",
        Status = "status",
        ProjectName = "project_name",
        PipelineName = "pipeline_name",
        Branch = "branch",
    }
}

/// Which builds are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The projects the caller may see, or the one asked for; `None` means all.
    pub projects: Option<Vec<ProjectId>>,
    pub pipeline: Option<PipelineId>,
    /// Builds that were handed to this runner, also after their end.
    pub runner: Option<RunnerId>,
    /// Empty means any.
    pub statuses: Vec<BuildStatus>,
    pub branch: Option<String>,
    pub trigger_type: Option<TriggerType>,
    pub author: Option<Author>,
    pub platform: Option<BuildPlatform>,
    /// Made at this time or later, in Unix seconds.
    pub from: Option<i64>,
    /// Made at this time or sooner, in Unix seconds.
    pub to: Option<i64>,
    pub matrix: Option<MatrixGroupId>,
    /// Build number, beginning of the commit, part of branch or commit subject.
    pub q: Option<String>,
}

/// Whose builds are wanted.
#[derive(Debug, Clone)]
pub enum Author {
    /// Theirs whose name, as the commit or the trigger has it, holds this text.
    Named(String),
    /// Those that somebody started or committed who goes by one of these names.
    Person(Vec<String>),
}

/// The place after one build in a list by time of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    pub created_at: i64,
    pub id: BuildId,
}

/// One page of builds and how many there are in all.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    sort: BuildSort,
    direction: Direction,
    page: Page,
) -> Result<(Vec<Model>, u64)> {
    let selected = select(filter);
    let total = total(db, filter, &selected).await?;
    let rows = sorted(selected, sort, direction).limit(page.limit).offset(page.offset).all(db).await?;
    Ok((rows, total))
}

/// The builds after `key` by time of creation; costs the same at any depth.
pub async fn list_after(
    db: &impl ConnectionTrait,
    filter: &Filter,
    key: Option<Key>,
    direction: Direction,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = select(filter);
    if let Some(Key { created_at, id }) = key {
        let same_second = Condition::all().add(Column::CreatedAt.eq(created_at));
        query = query.filter(match direction {
            Direction::Ascending => {
                Condition::any().add(Column::CreatedAt.gt(created_at)).add(same_second.add(Column::Id.gt(id)))
            }
            Direction::Descending => {
                Condition::any().add(Column::CreatedAt.lt(created_at)).add(same_second.add(Column::Id.lt(id)))
            }
        });
    }
    Ok(sorted(query, BuildSort::CreatedAt, direction).limit(limit).all(db).await?)
}

async fn total(db: &impl ConnectionTrait, filter: &Filter, selected: &Select<Entity>) -> Result<u64> {
    if !is_tallied(filter) {
        return Ok(selected.clone().count(db).await?);
    }
    let which = tallies::Which {
        projects: filter.projects.as_deref(),
        pipeline: filter.pipeline,
        statuses: &filter.statuses,
    };
    tallies::total(db, which).await
}

/// Whether the tallies know how many there are.
fn is_tallied(filter: &Filter) -> bool {
    let Filter {
        projects: _,
        pipeline: _,
        statuses: _,
        runner,
        branch,
        trigger_type,
        author,
        platform,
        from,
        to,
        matrix,
        q,
    } = filter;
    let origin = branch.is_none() && trigger_type.is_none() && author.is_none() && matrix.is_none();
    origin && runner.is_none() && platform.is_none() && from.is_none() && to.is_none() && q.is_none()
}

fn select(filter: &Filter) -> Select<Entity> {
    let mut query = Entity::find();
    if let Some(projects) = &filter.projects {
        query = query.filter(Column::ProjectId.is_in(projects.iter().copied()));
    }
    if let Some(pipeline) = filter.pipeline {
        query = query.filter(Column::PipelineId.eq(pipeline));
    }
    if let Some(runner) = filter.runner {
        query = query.filter(Column::Id.in_subquery(handed_to(runner)));
    }
    if !filter.statuses.is_empty() {
        query = query.filter(Column::Status.is_in(filter.statuses.iter().copied()));
    }
    if let Some(branch) = &filter.branch {
        query = query.filter(Column::Branch.eq(branch.as_str()));
    }
    if let Some(trigger) = filter.trigger_type {
        query = query.filter(Column::TriggerType.eq(trigger));
    }
    if let Some(author) = &filter.author {
        query = query.filter(is_by(author));
    }
    if let Some(platform) = filter.platform {
        // A list of words in JSON.
        query = query.filter(Column::Platforms.contains(format!("\"{platform}\"")));
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::CreatedAt.gte(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(Column::CreatedAt.lte(to));
    }
    if let Some(group) = filter.matrix {
        query = query.filter(Column::MatrixGroup.eq(group));
    }
    match &filter.q {
        Some(q) => query.filter(matches_text(q)),
        None => query,
    }
}

/// A build forgets its runner when it ends; its history doesn't.
fn handed_to(runner: RunnerId) -> SelectStatement {
    let events = build_events::Entity::find().select_only().column(build_events::Column::BuildId);
    // Not as a parameter: the index is of such events only, which the database must see.
    let assigned = Expr::cust("to_status = 'assigned'");
    let by = build_events::Column::Actor.eq(actor_of(runner));
    events.filter(by).filter(assigned).into_query()
}

fn is_by(author: &Author) -> Condition {
    match author {
        Author::Named(text) => listing::contains(&[Column::CommitAuthor, Column::TriggerActor], text),
        Author::Person(names) => Condition::any()
            .add(Column::TriggerActor.is_in(names.iter().map(String::as_str)))
            .add(Column::CommitAuthor.is_in(names.iter().map(String::as_str))),
    }
}

fn matches_text(q: &str) -> Condition {
    let mut condition = listing::contains(&[Column::Branch, Column::CommitSubject], q);
    if let Ok(number) = q.trim_start_matches('#').parse::<i64>() {
        condition = condition.add(Column::BuildNumber.eq(number));
    }
    if q.len() >= 4 && q.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        condition = condition.add(Column::CommitSha.starts_with(q.to_ascii_lowercase()));
    }
    condition
}

fn sorted(query: Select<Entity>, sort: BuildSort, direction: Direction) -> Select<Entity> {
    let order = Order::from(direction);
    let query = match sort {
        BuildSort::CreatedAt => query.order_by(Column::CreatedAt, order.clone()),
        BuildSort::Status => query.order_by(Column::Status, order.clone()),
        BuildSort::ProjectName => query.order_by(name_of("projects", "project_id"), order.clone()),
        BuildSort::PipelineName => query.order_by(name_of("pipelines", "pipeline_id"), order.clone()),
        BuildSort::Branch => query.order_by(Column::Branch, order.clone()),
    };
    query.order_by(Column::Id, order)
}

/// The name of the row a build refers to, upper and lower case alike.
fn name_of(table: &str, column: &str) -> SimpleExpr {
    Expr::cust(format!("(SELECT lower(name) FROM {table} WHERE {table}.id = builds.{column})"))
}
