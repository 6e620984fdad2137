//! The status of builds under any sequence of moves, compared with a naive model; and that the
//! tallies, the history and the rows never disagree.

use std::collections::HashMap;
use std::sync::Arc;

use oored::db::builds::{NewBuild, Transition, With};
use oored::db::entity::{build_events, integrations, pipelines, projects, repositories, users};
use oored::db::{self, Db, Doc, tallies};
use oored::domain::build::{BuildMove, BuildStatus};
use oored::domain::id::{
    BuildId, InstallationId, IntegrationId, PipelineId, ProjectId, RepositoryId, UserId,
};
use oored::domain::role::{UserRole, UserStatus};
use oored::domain::source::{IntegrationAuthMode, IntegrationStatus, ScmProvider};
use oored::domain::trigger::TriggerType;
use oored::events::Events;
use proptest::prelude::*;

struct World {
    _folder: tempfile::TempDir,
    db: Db,
    project: ProjectId,
    pipeline: PipelineId,
    repository: RepositoryId,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("db"), Arc::new(Events::new(1))).await.unwrap();
        let (project, pipeline, repository) = (ProjectId::new(), PipelineId::new(), RepositoryId::new());
        let (user, integration, installation) = (UserId::new(), IntegrationId::new(), InstallationId::new());
        db.write(async |tx| {
            let owner = users::Model {
                id: user,
                email: "a@b".to_owned(),
                display_name: None,
                role: UserRole::Owner,
                status: UserStatus::Active,
                subject: "s".to_owned(),
                avatar_url: None,
                created_at: 0,
                updated_at: 0,
            };
            db::users::insert(tx, owner).await?;
            let row = integrations::Model {
                id: integration,
                provider: ScmProvider::LocalGit,
                host_url: String::new(),
                auth_mode: IntegrationAuthMode::LocalPath,
                status: IntegrationStatus::Active,
                display_name: None,
                app_id: None,
                app_slug: None,
                created_by: user.to_string(),
                created_at: 0,
                updated_at: 0,
            };
            db::integrations::insert(tx, row).await?;
            let row = db::entity::installations::Model {
                id: installation,
                integration_id: integration,
                external_id: "1".to_owned(),
                account_name: "a".to_owned(),
                created_at: 0,
                updated_at: 0,
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
            db::repositories::insert(tx, row).await?;
            let row = projects::Model {
                id: project,
                name: "p".to_owned(),
                description: None,
                repository_id: Some(repository),
                settings: Doc(serde_json::json!({})),
                default_branch: None,
                last_build_number: 0,
                created_by: user,
                created_at: 0,
                updated_at: 0,
            };
            db::projects::insert(tx, row).await?;
            let row = pipelines::Model {
                id: pipeline,
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
            };
            db::pipelines::insert(tx, row).await
        })
        .await
        .unwrap();
        Self { _folder: folder, db, project, pipeline, repository }
    }

    async fn insert(&self, now_ms: i64) -> BuildId {
        let new = NewBuild {
            project_id: self.project,
            pipeline_id: self.pipeline,
            repository_id: self.repository,
            trigger_type: TriggerType::Manual,
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
            min_protocol: 4,
            max_concurrent: None,
        };
        self.db.write(async |tx| db::builds::insert(tx, new, now_ms).await).await.unwrap().id
    }

    async fn tally(&self, status: BuildStatus) -> u64 {
        let which = tallies::Which { statuses: &[status], ..tallies::Which::default() };
        tallies::total(self.db.read(), which).await.unwrap()
    }
}

/// The contract's table, written down once more by hand.
fn allowed(from: &str, to: &str) -> bool {
    let table = [
        ("queued", "scheduled canceled expired"),
        ("scheduled", "assigned queued canceled expired"),
        ("assigned", "running queued canceled timed_out"),
        ("running", "succeeded failed canceled timed_out"),
    ];
    table.iter().any(|(state, next)| *state == from && next.split(' ').any(|word| word == to))
}

fn target(by: BuildMove) -> &'static str {
    match by {
        BuildMove::Schedule => "scheduled",
        BuildMove::Assign => "assigned",
        BuildMove::Start => "running",
        BuildMove::Requeue => "queued",
        BuildMove::Succeed => "succeeded",
        BuildMove::Fail => "failed",
        BuildMove::Cancel => "canceled",
        BuildMove::TimeOut => "timed_out",
        BuildMove::Expire => "expired",
    }
}

fn history(events: &[build_events::Model]) -> Vec<String> {
    events.iter().map(|event| event.to_status.to_string()).collect()
}

async fn check(steps: Vec<(usize, BuildMove)>) {
    let world = World::new().await;
    let mut model: Vec<(BuildId, Vec<String>)> = Vec::new();
    for n in 0..3 {
        model.push((world.insert(n).await, vec!["queued".to_owned()]));
    }
    for (step, (which, by)) in steps.into_iter().enumerate() {
        let (id, past) = &mut model[which];
        let by_now = past.last().unwrap().clone();
        let transition =
            Transition { by, actor: None, reason: "r", now_ms: step as i64, with: With::Nothing };
        let done = world.db.write(async |tx| db::builds::transition(tx, *id, transition).await).await;
        if allowed(&by_now, target(by)) {
            assert_eq!(done.unwrap().status.as_str(), target(by));
            past.push(target(by).to_owned());
        } else {
            assert_eq!(done.unwrap_err().code, "invalid_transition", "{by_now} by {by}");
        }
    }
    let mut counts: HashMap<String, u64> = HashMap::new();
    for (id, past) in &model {
        let row = db::builds::get(world.db.read(), *id).await.unwrap();
        assert_eq!(history(&db::builds::events(world.db.read(), *id).await.unwrap()), *past);
        assert_eq!(row.status.as_str(), past.last().unwrap());
        assert_eq!(row.finished_at_ms.is_some(), row.status.is_terminal());
        *counts.entry(row.status.to_string()).or_default() += 1;
    }
    for status in BuildStatus::ALL {
        assert_eq!(world.tally(*status).await, counts.get(status.as_str()).copied().unwrap_or(0), "{status}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sequence_of_moves_gives_what_the_contracts_table_says(
        steps in proptest::collection::vec((0..3_usize, proptest::sample::select(BuildMove::ALL)), 0..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(steps));
    }
}

#[tokio::test]
async fn numbers_count_up_within_a_project_also_under_load() {
    let world = Arc::new(World::new().await);
    let inserts: Vec<_> = (0..20)
        .map(|n| {
            let world = world.clone();
            tokio::spawn(async move { world.insert(n).await })
        })
        .collect();
    let mut numbers = Vec::new();
    for insert in inserts {
        numbers.push(db::builds::get(world.db.read(), insert.await.unwrap()).await.unwrap().build_number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
}
