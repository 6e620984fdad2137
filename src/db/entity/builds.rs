//! Builds. `status` is written by one function in `db::builds` only.

use sea_orm::entity::prelude::*;

use crate::db::Doc;
use crate::domain::build::BuildStatus;
use crate::domain::cache::CacheResult;
use crate::domain::failure::FailureReason;
use crate::domain::id::{BuildId, MatrixGroupId, PipelineId, ProjectId, RepositoryId, RunnerId};
use crate::domain::matrix::Combination;
use crate::domain::retention::RetentionRule;
use crate::domain::spec::BuildPlatform;
use crate::domain::step::StepResult;
use crate::domain::trigger::TriggerType;

#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "builds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BuildId,
    pub project_id: ProjectId,
    pub pipeline_id: PipelineId,
    pub build_number: i64,
    pub status: BuildStatus,
    pub attempt: i32,
    pub trigger_type: TriggerType,
    pub trigger_actor: Option<String>,
    pub trigger_event: Option<String>,
    pub trigger_ref: Option<String>,
    pub commit_sha: Option<String>,
    pub commit_subject: Option<String>,
    pub commit_author: Option<String>,
    pub branch: Option<String>,
    pub changelog: Option<String>,
    pub source_build_id: Option<BuildId>,
    pub config_snapshot: Doc<serde_json::Value>,
    pub repository_id: Option<RepositoryId>,
    /// The runner that has it; nobody once it is over.
    pub runner_id: Option<RunnerId>,
    /// How the runner of the last attempt was called when it got the build.
    pub runner_name: Option<String>,
    pub signing_token_hash: Option<String>,
    pub step_results: Option<Doc<Vec<StepResult>>>,
    pub cache_results: Option<Doc<Vec<CacheResult>>>,
    pub exit_code: Option<i32>,
    pub failure_reason: Option<FailureReason>,
    pub error_message: Option<String>,
    /// What its file says about builds at the same time, instead of the pipeline's settings.
    pub max_concurrent: Option<i64>,
    /// The combination of the matrix that it builds.
    pub matrix: Option<Doc<Combination>>,
    pub matrix_group: Option<MatrixGroupId>,
    pub queued_at_ms: i64,
    pub started_at_ms: Option<i64>,
    pub finished_at_ms: Option<i64>,
    /// Unix seconds.
    pub log_removed_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    /// The higher, the sooner.
    pub priority: i32,
    /// What it builds for; empty for builds of a time when that was not recorded.
    pub platforms: Doc<Vec<BuildPlatform>>,
    /// Labels a runner must offer.
    pub requirements: Doc<Vec<String>>,
    /// A newer push of its branch was built before: it is never the latest.
    pub is_outdated: bool,
    /// The pull or merge request that it was started by.
    pub request_number: Option<i64>,
    /// Since when no rule may take anything from it, in Unix seconds.
    pub pinned_at: Option<i64>,
    pub pinned_by: Option<String>,
    /// When its artifacts were removed, in Unix seconds, and by which rule.
    pub artifacts_removed_at: Option<i64>,
    pub artifacts_removed_by: Option<RetentionRule>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
