//! Every kind of caller, and an instance that has one of everything that they may call for. What they may is not known here.

use oored::domain::role::{ProjectRole, UserRole};
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::{Client, Repository, Server};

/// What a caller proves with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    Nothing,
    Session,
    Token,
    RunnerToken,
}

/// A kind of caller.
pub struct Kind {
    pub name: &'static str,
    pub client: Client,
    pub proof: Proof,
    pub role: Option<UserRole>,
    pub in_project: Option<ProjectRole>,
}

/// An instance with one of everything.
pub struct World {
    pub owner: Client,
    pub repository: Repository,
    pub members: Vec<(String, &'static str)>,
    pub target: String,
    pub project: Value,
    pub pipeline: Value,
    pub build: Value,
    pub artifact: String,
    pub integration: String,
    pub agent: Agent,
    pub removable_runner: String,
    pub job: Value,
}

impl World {
    /// New things for the ones that a call has used up or changed.
    pub async fn renew(&mut self, server: &Server) {
        let user = server.person(&format!("{}@target", uuid::Uuid::now_v7()), UserRole::Developer).await;
        self.target = user.id().await;
        self.project = self.owner.project("Shop", &self.repository).await;
        let members = format!("/v1/projects/{}/members", self.project["id"].as_str().unwrap());
        let target = (self.target.clone(), "viewer");
        for (id, role) in self.members.iter().chain([&target]) {
            self.owner.post(&members, json!({"user_id": id, "role": role})).await.created();
        }
        self.pipeline = self.owner.pipeline(&self.project, "Android").await;
        self.build = self.owner.build(&self.pipeline).await;
        for (kind, one) in [("projects", &self.project), ("pipelines", &self.pipeline)] {
            let path = format!("/v1/{kind}/{}/variables/A", one["id"].as_str().unwrap());
            self.owner.put(&path, json!({"value": "s3cret"})).await.ok();
        }
        // The same as before, unless it has been deleted.
        self.artifact = stored(&self.agent, &self.job).await;
        self.removable_runner = Agent::register(&self.owner, "spare", 5).await.id;
    }

    /// The path with the ids of this world.
    pub async fn path(&self, operation: &str, template: &str) -> String {
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let spare = matches!(operation, "delete_runner" | "rotate_runner_token");
        let runner = if spare { &self.removable_runner } else { &self.agent.id };
        let mut path = template
            .replace("{project_id}", &id(&self.project))
            .replace("{pipeline_id}", &id(&self.pipeline))
            .replace("{build_id}", &id(&self.build))
            .replace("{artifact_id}", &self.artifact)
            .replace("{runner_id}", runner)
            .replace("{job_id}", self.job["build_id"].as_str().unwrap())
            .replace("{user_id}", &self.target)
            .replace("{session_id}", "unknown")
            .replace("{id}", &self.integration)
            .replace("{token}", "x")
            .replace("{git_path}", "group/app.git/info/refs")
            .replace("{name}", "A");
        for unknown in ["{token_id}", "{delivery_id}"] {
            path = path.replace(unknown, "00000000-0000-7000-8000-000000000000");
        }
        match operation {
            "append_log_frames" => format!("{path}?from=0"),
            "search_build_log" => format!("{path}?q=x"),
            "list_project_health" => format!("{path}?ids={}", id(&self.project)),
            "preview_build_changelog" => format!("{path}?pipeline_id={}", id(&self.pipeline)),
            _ => path,
        }
    }

    pub fn body(&self, operation: &str) -> Value {
        match operation {
            "update_me" => json!({"email": "owner@local"}),
            "create_api_token" => json!({"name": "t", "role": "qa_viewer"}),
            "list_build_artifacts" => json!({"build_ids": []}),
            "invite_user" => json!({"email": format!("{}@new", uuid::Uuid::now_v7()), "role": "developer"}),
            "update_user_role" => json!({"role": "qa_viewer"}),
            "update_instance_preferences" => json!({"key_storage_mode": "file"}),
            "update_retention_policy" | "preview_retention_policy" => {
                json!({"enabled": false, "cleanup_target": "artifacts_only"})
            }
            "update_artifact_storage_settings" => json!({"provider": "local"}),
            "create_local_git_integration" => json!({"repository_path": "/does/not/exist"}),
            "github_start" => {
                json!({"webhook_url": "https://ci.example.com/v1/webhooks/github", "redirect_url": "x"})
            }
            "github_complete" => json!({"code": "c"}),
            "gitlab_start" => json!({"host_url": "", "auth_mode": "personal_token"}),
            "gitlab_authorize" => json!({"integration_id": self.integration, "redirect_url": ""}),
            "replace_gitlab_personal_token" => json!({"access_token": ""}),
            "oidc_callback" | "setup_oidc_verify" => json!({"code": "c", "state": "s"}),
            "configure_external_access_oidc" => json!({"issuer_url": "", "client_id": ""}),
            "test_oidc_connection" => json!({"issuer_url": "nowhere"}),
            "frontend_pair" => json!({"code": "wrong"}),
            "verify_bootstrap_token" => json!({"token": "wrong"}),
            "update_external_access_network_settings" => json!({"allowed_origins": []}),
            "register_runner" => json!({"name": "r", "capabilities": {}}),
            "update_runner" => json!({"name": "renamed"}),
            "create_notification_channel" => {
                json!({"name": "n", "channel_type": "webhook", "url": "https://hooks.example.com/x"})
            }
            "update_notification_targets" => json!({"allowed_hosts": []}),
            "redeem_runner_enrolment" => json!({"token": "wrong", "name": "r"}),
            "validate_pipeline" => json!({}),
            "create_project" => json!({"name": "p", "local_repository_path": self.repository.path()}),
            "detect_project" => json!({"local_repository_path": self.repository.path()}),
            "start" => {
                json!({"local_repository_path": self.repository.path(), "pipelines": [{"name": "p"}]})
            }
            "add_project_member" => json!({"user_id": self.target, "role": "viewer"}),
            "update_project_member" => json!({"role": "developer"}),
            "create_pipeline" => json!({"name": "p"}),
            "set_project_variable" | "set_pipeline_variable" => json!({"value": "s3cret"}),
            "create_build" => json!({"pipeline_id": self.pipeline["id"]}),
            "claim_job" => json!({"protocol_version": 5, "wait_seconds": 0}),
            "runner_heartbeat" => json!({"status": "online", "capabilities": {}}),
            "create_artifact" => json!({"name": "a", "artifact_type": "apk"}),
            "append_build_logs" => json!({"chunks": []}),
            "update_job_status" => json!({"status": "running"}),
            _ => json!({}),
        }
    }
}

async fn stored(agent: &Agent, job: &Value) -> String {
    agent.store(job, "app.apk", b"bytes").await["id"].as_str().unwrap().to_owned()
}

/// An instance that has one of everything, and every kind of caller.
pub async fn world(server: &Server) -> (World, Vec<Kind>) {
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("First", &repository).await;
    let pipeline = owner.pipeline(&project, "Android").await;
    let build = owner.build(&pipeline).await;
    let agent = Agent::register(&owner, "mac", 5).await;
    let job = agent.begin().await;
    let artifact = stored(&agent, &job).await;
    let integration =
        owner.get("/v1/integrations").await.ok()["integrations"][0]["id"].as_str().unwrap().to_owned();
    let mut kinds = Vec::new();
    let mut members = Vec::new();
    let mut add = |name, client: &Client, proof, role, in_project| {
        kinds.push(Kind { name, client: client.clone(), proof, role, in_project });
    };
    use ProjectRole::{Developer, Maintainer, Viewer};
    use UserRole as U;
    add("anonymous", &server.anonymous(), Proof::Nothing, None, None);
    add("runner", &agent.client, Proof::RunnerToken, None, None);
    add("owner", &owner, Proof::Session, Some(U::Owner), Some(Maintainer));
    let people = [
        ("admin", U::Admin, None, Some(Maintainer)),
        ("developer", U::Developer, None, None),
        ("qa_viewer", U::QaViewer, None, None),
        ("developer, maintainer", U::Developer, Some("maintainer"), Some(Maintainer)),
        ("developer, developer", U::Developer, Some("developer"), Some(Developer)),
        ("developer, viewer", U::Developer, Some("viewer"), Some(Viewer)),
        ("qa_viewer, maintainer", U::QaViewer, Some("maintainer"), Some(Viewer)),
    ];
    for (name, role, membership, in_project) in people {
        let client = server.person(&format!("{}@x", name.replace(", ", "-")), role).await;
        if let Some(membership) = membership {
            members.push((client.id().await, membership));
        }
        add(name, &client, Proof::Session, Some(role), in_project);
        if name == "developer, maintainer" {
            let token = client.post("/v1/api-tokens", json!({"name": "t", "role": "developer"})).await.ok();
            let program = client.with_token(token["token"].as_str().unwrap());
            add("a maintainer's developer token", &program, Proof::Token, Some(role), Some(Developer));
        }
    }
    for (name, role, in_project) in [
        ("owner token", U::Owner, Some(Maintainer)),
        ("the owner's developer token", U::Developer, None),
        ("the owner's qa_viewer token", U::QaViewer, None),
    ] {
        let token = owner.post("/v1/api-tokens", json!({"name": name, "role": role})).await.ok();
        add(name, &owner.with_token(token["token"].as_str().unwrap()), Proof::Token, Some(role), in_project);
    }
    let world = World {
        owner,
        repository,
        members,
        target: String::new(),
        project,
        pipeline,
        build,
        artifact,
        integration,
        agent,
        removable_runner: String::new(),
        job,
    };
    (world, kinds)
}
