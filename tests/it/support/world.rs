//! A database without a daemon: projects, pipelines and builds as rows, for tests of the state core.

use std::sync::Arc;

use oored::db::builds::NewBuild;
use oored::db::entity::{installations, integrations, pipelines, projects, repositories, users};
use oored::db::{self, Db, Doc};
use oored::domain::delivery::ForkBuilds;
use oored::domain::id::{
    BuildId, InstallationId, IntegrationId, PipelineId, ProjectId, RepositoryId, UserId,
};
use oored::domain::role::{UserRole, UserStatus};
use oored::domain::source::{IntegrationAuthMode, IntegrationStatus, Polling, ScmProvider};
use oored::domain::trigger::TriggerType;
use oored::events::Events;

/// One repository, and projects made of it.
pub struct World {
    _folder: tempfile::TempDir,
    pub db: Db,
    owner: UserId,
    repository: RepositoryId,
}

/// A pipeline and its project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    pub project: ProjectId,
    pub pipeline: PipelineId,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("db"), Arc::new(Events::new(1))).await.unwrap();
        let (owner, repository) = (UserId::new(), RepositoryId::new());
        let (integration, installation) = (IntegrationId::new(), InstallationId::new());
        db.write(async |tx| {
            let row = users::Model {
                id: owner,
                email: "a@b".to_owned(),
                display_name: None,
                role: UserRole::Owner,
                status: UserStatus::Active,
                subject: "s".to_owned(),
                avatar_url: None,
                created_at: 0,
                updated_at: 0,
            };
            db::users::insert(tx, row).await?;
            let row = integrations::Model {
                id: integration,
                provider: ScmProvider::LocalGit,
                host_url: String::new(),
                auth_mode: IntegrationAuthMode::LocalPath,
                status: IntegrationStatus::Active,
                display_name: None,
                app_id: None,
                app_slug: None,
                created_by: owner.to_string(),
                created_at: 0,
                updated_at: 0,
                status_reason: None,
                synced_at: None,
            };
            db::integrations::insert(tx, row).await?;
            let row = installations::Model {
                id: installation,
                integration_id: integration,
                external_id: "1".to_owned(),
                account_name: "a".to_owned(),
                created_at: 0,
                updated_at: 0,
                account_type: None,
            };
            db::integrations::insert_installation(tx, row).await?;
            let row = repositories::Model {
                id: repository,
                integration_id: integration,
                installation_id: installation,
                external_id: "1".to_owned(),
                full_name: "a/b".to_owned(),
                default_branch: None,
                is_private: true,
                avatar_url: None,
                clone_url: "/x".to_owned(),
                created_at: 0,
                updated_at: 0,
            };
            db::repositories::insert(tx, row).await
        })
        .await
        .unwrap();
        Self { _folder: folder, db, owner, repository }
    }

    /// A new project with one pipeline.
    pub async fn project(&self) -> Lane {
        let id = ProjectId::new();
        let row = projects::Model {
            id,
            name: "p".to_owned(),
            description: None,
            repository_id: Some(self.repository),
            settings: Doc(serde_json::json!({})),
            default_branch: None,
            last_build_number: 0,
            created_by: self.owner,
            created_at: 0,
            updated_at: 0,
            fork_builds: ForkBuilds::Blocked,
            report_statuses: true,
            report_comment: true,
            public_badge: false,
            polling: Polling::Auto,
        };
        self.db.write(async |tx| db::projects::insert(tx, row).await).await.unwrap();
        self.pipeline(id).await
    }

    /// One more pipeline of a project.
    pub async fn pipeline(&self, project: ProjectId) -> Lane {
        let id = PipelineId::new();
        let row = pipelines::Model {
            id,
            project_id: project,
            name: "l".to_owned(),
            config_path: ".oore.yaml".to_owned(),
            config_path_explicit: false,
            execution_config: Doc(Default::default()),
            trigger_config: Doc(Default::default()),
            concurrency: Doc(Default::default()),
            enabled: true,
            created_at: 0,
            updated_at: 0,
            runner_labels: Doc(Vec::new()),
        };
        self.db.write(async |tx| db::pipelines::insert(tx, row).await).await.unwrap();
        Lane { project, pipeline: id }
    }

    /// A queued build.
    pub async fn insert(
        &self,
        lane: Lane,
        trigger: TriggerType,
        requirements: &[&str],
        now_ms: i64,
    ) -> BuildId {
        let new = NewBuild {
            project_id: lane.project,
            pipeline_id: lane.pipeline,
            repository_id: self.repository,
            trigger_type: trigger,
            trigger_actor: None,
            trigger_event: None,
            trigger_ref: None,
            commit_sha: None,
            commit_subject: None,
            commit_author: None,
            branch: None,
            changelog: None,
            source_build_id: None,
            config_snapshot: serde_json::json!({}),
            max_concurrent: None,
            is_outdated: false,
            request_number: None,
            matrix: None,
            platforms: Vec::new(),
            requirements: requirements.iter().map(|label| (*label).to_owned()).collect(),
        };
        self.db.write(async |tx| db::builds::insert(tx, new, now_ms).await).await.unwrap().id
    }
}
