//! Queries on how long builds keep what they made: the policy of the instance and what projects say otherwise.

use std::collections::HashMap;

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, QuerySelect, Set, Unchanged};

use super::entity::{project_retention, projects, retention_policy};
use super::{Doc, Tx};
use crate::domain::id::ProjectId;
use crate::domain::retention::{Cleanup, Override, Policy};
use crate::error::{Error, Result, codes};
use crate::events::Change;

/// The id of the one row.
const ROW: i32 = 1;

/// The policy of the instance. The row is made with its table.
pub async fn get(db: &impl ConnectionTrait) -> Result<retention_policy::Model> {
    let row = retention_policy::Entity::find_by_id(ROW).one(db).await?;
    row.ok_or_else(|| Error::internal(codes::DATA_ERROR, "stored data is unreadable", "no retention policy"))
}

/// Puts another policy in its place; what the last pass did stays.
pub async fn update(tx: &Tx, row: &retention_policy::Model) -> Result<()> {
    let mut change = retention_policy::ActiveModel::from(row.clone()).reset_all();
    change.id = Unchanged(ROW);
    change.last_cleanup = sea_orm::NotSet;
    retention_policy::Entity::update(change).exec(tx).await?;
    tx.signal(Change::Retention);
    Ok(())
}

/// Notes what a pass did.
pub async fn set_last_cleanup(tx: &Tx, cleanup: Cleanup) -> Result<()> {
    let change = retention_policy::ActiveModel {
        id: Unchanged(ROW),
        last_cleanup: Set(Some(Doc(cleanup))),
        ..Default::default()
    };
    retention_policy::Entity::update(change).exec(tx).await?;
    Ok(())
}

pub async fn find_override(
    db: &impl ConnectionTrait,
    project: ProjectId,
) -> Result<Option<project_retention::Model>> {
    Ok(project_retention::Entity::find_by_id(project).one(db).await?)
}

/// Puts `row` in the place of what the project said.
pub async fn replace_override(tx: &Tx, row: project_retention::Model) -> Result<()> {
    delete_override(tx, row.project_id).await?;
    let row = project_retention::ActiveModel::from(row);
    project_retention::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn delete_override(tx: &Tx, project: ProjectId) -> Result<()> {
    project_retention::Entity::delete_by_id(project).exec(tx).await?;
    tx.signal(Change::Project { project_id: project });
    Ok(())
}

/// The policy that each project is under when the instance has `policy`.
pub async fn policies(
    db: &impl ConnectionTrait,
    policy: &retention_policy::Model,
) -> Result<Vec<(ProjectId, Policy)>> {
    let instance = Policy::from(policy);
    let ids: Vec<ProjectId> =
        projects::Entity::find().select_only().column(projects::Column::Id).into_tuple().all(db).await?;
    let rows = project_retention::Entity::find().all(db).await?;
    let mut own: HashMap<ProjectId, Override> =
        rows.into_iter().map(|row| (row.project_id, Override::from(&row))).collect();
    let effective = |id| (id, instance.with(own.remove(&id).unwrap_or_default()));
    Ok(ids.into_iter().map(effective).collect())
}

/// The policy that one project is under.
pub async fn policy_of(db: &impl ConnectionTrait, project: ProjectId) -> Result<Policy> {
    let own = find_override(db, project).await?;
    let own = own.as_ref().map(Override::from).unwrap_or_default();
    Ok(Policy::from(&get(db).await?).with(own))
}

impl From<&retention_policy::Model> for Policy {
    fn from(row: &retention_policy::Model) -> Self {
        Self {
            enabled: row.enabled,
            max_age_days: row.max_age_days,
            max_builds: row.max_builds_per_project,
            max_artifact_bytes: row.max_artifact_size_bytes,
            target: row.cleanup_target,
            keep_statuses: row.keep_statuses.0.clone(),
            artifact_ttl_days: row.artifact_ttl_days,
        }
    }
}

impl From<&project_retention::Model> for Override {
    fn from(row: &project_retention::Model) -> Self {
        Self {
            enabled: row.enabled,
            max_age_days: row.max_age_days,
            max_builds: row.max_builds_per_project,
            max_artifact_bytes: row.max_artifact_size_bytes,
            target: row.cleanup_target,
            keep_statuses: row.keep_statuses.clone().map(|statuses| statuses.0),
            artifact_ttl_days: row.artifact_ttl_days,
        }
    }
}
