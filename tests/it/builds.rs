//! Builds as people see them: triggering, listing, canceling and running again.

use oored::db;
use oored::domain::id::UserId;
use oored::domain::role::{UserRole, UserStatus};
use serde_json::{Value, json};

use crate::support::{Agent, Client, Repository, Server};

struct Rig {
    server: Server,
    owner: Client,
    repository: Repository,
    project: Value,
    pipeline: Value,
}

impl Rig {
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        Self { server, owner, repository, project, pipeline }
    }

    fn builds_path(&self) -> String {
        format!("/v1/projects/{}/builds", self.project["id"].as_str().unwrap())
    }

    async fn trigger(&self, more: Value) -> crate::support::Answer {
        let mut body = json!({"pipeline_id": self.pipeline["id"]});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        self.owner.post(&self.builds_path(), body).await
    }

    async fn set_pipeline(&self, change: Value) {
        let path = format!("/v1/pipelines/{}", self.pipeline["id"].as_str().unwrap());
        self.owner.patch(&path, change).await.ok();
    }

    /// Ends the oldest queued build through a runner.
    async fn finish(&self, runner: &Agent, status: &str) -> Value {
        let job = runner.begin().await;
        runner.report(&job, json!({ "status": status })).await.ok()["build"].clone()
    }
}

fn path_of(build: &Value, rest: &str) -> String {
    format!("/v1/builds/{}{rest}", build["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_build_pins_the_commit_and_the_pipelines_settings() {
    let rig = Rig::start().await;
    let config = json!({"platforms": ["android"], "env": [{"key": "TOKEN", "value": "s3cret"}]});
    rig.set_pipeline(json!({ "execution_config": config })).await;
    let sha = rig.repository.git(&["rev-parse", "HEAD"]);
    let build = rig.trigger(json!({"changelog": "news"})).await.created()["build"].clone();
    assert_eq!((build["build_number"].as_i64(), build["status"].as_str()), (Some(1), Some("queued")));
    assert_eq!(
        (build["trigger_type"].as_str(), build["trigger_actor"].as_str()),
        (Some("manual"), Some("owner@local"))
    );
    assert_eq!((build["branch"].as_str(), build["trigger_ref"].as_str()), (Some("main"), Some("main")));
    assert_eq!(
        (build["commit_sha"].as_str(), build["commit_subject"].as_str()),
        (Some(sha.as_str()), Some("first commit"))
    );
    assert_eq!((build["commit_author"].as_str(), build["changelog"].as_str()), (Some("Ana"), Some("news")));
    let snapshot = &build["config_snapshot"];
    assert_eq!(
        (snapshot["snapshot_version"].as_i64(), snapshot["repo_url"].as_str()),
        (Some(2), Some("(local)"))
    );
    assert_eq!(snapshot["config_resolution_policy"], "file_first_ui_fallback");
    assert_eq!(snapshot["ui_execution_config"]["env"][0], json!({"key": "TOKEN", "value": "[REDACTED]"}));
    assert_eq!(build["context"]["project_name"], "App");
    assert_eq!(build["context"]["repository_provider"], "local_git");
    rig.repository.commit("second", &[]);
    let second = rig.trigger(json!({})).await.created()["build"].clone();
    assert_eq!(
        (second["build_number"].as_i64(), second["commit_subject"].as_str()),
        (Some(2), Some("second"))
    );
    let pinned = rig.trigger(json!({ "commit_sha": sha })).await.created()["build"].clone();
    assert_eq!(pinned["commit_sha"], sha.as_str());
    let runner = Agent::register(&rig.owner, "r", 5).await;
    let job = runner.claim().await;
    assert_eq!(job["config_snapshot"]["repo_url"], rig.repository.path());
    assert_eq!(
        job["config_snapshot"]["ui_execution_config"]["env"][0]["value"], "s3cret",
        "runners need the values"
    );
}

#[tokio::test]
async fn the_history_of_a_build_is_told_oldest_first() {
    let rig = Rig::start().await;
    let build = rig.trigger(json!({})).await.created()["build"].clone();
    let runner = Agent::register(&rig.owner, "r", 4).await;
    rig.finish(&runner, "succeeded").await;
    let detail = rig.owner.get(&path_of(&build, "")).await.ok();
    let moves: Vec<_> =
        detail["events"].as_array().unwrap().iter().map(|e| e["to_status"].as_str().unwrap()).collect();
    assert_eq!(moves, ["queued", "scheduled", "assigned", "running", "succeeded"]);
    assert_eq!(detail["events"][0]["reason"], "build created");
    assert_eq!(detail["events"][1]["actor"], format!("runner:{}", runner.id));
    assert!(detail["build"].get("runner_id").is_none());
    assert!(detail["build"]["run_ms"].is_i64() && detail["build"]["finished_at"].is_i64());
}

#[tokio::test]
async fn what_cannot_be_built_is_refused_with_the_contracts_codes() {
    let rig = Rig::start().await;
    rig.trigger(json!({"changelog": "x".repeat(4001)})).await.error(400, "invalid_input");
    rig.trigger(json!({"platforms": ["ios"]})).await.error(400, "invalid_input");
    rig.trigger(json!({"platforms": []})).await.error(400, "invalid_input");
    rig.trigger(json!({"platforms": ["android", "android"]})).await.error(400, "invalid_input");
    for branch in ["nope", "--upload-pack=touch p", "a..b", "x\ny"] {
        rig.trigger(json!({ "branch": branch })).await.error(400, "invalid_ref");
    }
    rig.trigger(json!({"commit_sha": "0123456789012345678901234567890123456789"}))
        .await
        .error(400, "invalid_ref");
    rig.trigger(json!({"pipeline_id": "nonsense"})).await.error(404, "not_found");
    rig.trigger(json!({"pipeline_id": UserId::new()})).await.error(404, "not_found");
    rig.trigger(json!({"platforms": "android"})).await.error(400, "invalid_request");
    let other = format!("/v1/projects/{}/builds", UserId::new());
    rig.owner.post(&other, json!({"pipeline_id": rig.pipeline["id"]})).await.error(404, "not_found");
    let list = rig.owner.get("/v1/builds").await.ok();
    assert_eq!(list["total"], 0, "nothing of this made a build");
    let sourceless = rig.owner.post("/v1/projects", json!({"name": "Empty"})).await;
    if sourceless.status == 201 {
        let project = sourceless.json()["project"].clone();
        let pipeline = rig.owner.pipeline(&project, "P").await;
        let path = format!("/v1/projects/{}/builds", project["id"].as_str().unwrap());
        let answer = rig.owner.post(&path, json!({"pipeline_id": pipeline["id"]})).await;
        answer.error(409, "source_not_configured");
    }
}

#[tokio::test]
async fn lists_filter_sort_search_and_page() {
    let rig = Rig::start().await;
    for n in 0..5 {
        rig.repository.commit(&format!("commit {n}"), &[]);
        rig.trigger(json!({})).await.created();
    }
    rig.repository.git(&["branch", "feature/login"]);
    rig.trigger(json!({"branch": "feature/login"})).await.created();
    let runner = Agent::register(&rig.owner, "r", 4).await;
    rig.finish(&runner, "failed").await;
    let list = async |query: &str| rig.owner.get(&format!("/v1/builds?{query}")).await.ok();
    let numbers = |list: &Value| -> Vec<i64> {
        list["builds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|build| build["build_number"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&list("").await), [6, 5, 4, 3, 2, 1]);
    let page = list("limit=2&offset=1&direction=asc").await;
    assert_eq!((numbers(&page), page["total"].as_i64()), (vec![2, 3], Some(6)));
    let failed = list("status=failed,succeeded").await;
    assert_eq!((numbers(&failed), failed["total"].as_i64()), (vec![1], Some(1)));
    assert_eq!(numbers(&list("branch=feature/login").await), [6]);
    assert_eq!(numbers(&list("q=LOGIN").await), [6]);
    assert_eq!(numbers(&list("q=%234").await), [4]);
    assert_eq!(numbers(&list("q=commit%203").await), [4]);
    assert_eq!(numbers(&list("q=100%25").await), Vec::<i64>::new());
    assert_eq!(list("trigger_type=webhook").await["total"], 0);
    assert_eq!(numbers(&list("author=AN").await), [6, 5, 4, 3, 2, 1], "Ana committed");
    assert_eq!(list("author=nobody").await["total"], 0);
    assert_eq!(numbers(&list("author=owner&branch=feature/login").await), [6], "the owner started it");
    assert_eq!(list("author=me").await["total"], 6);
    assert_eq!(
        rig.server.person("b@x.de", UserRole::Admin).await.get("/v1/builds?author=me").await.ok()["total"],
        0
    );
    assert_eq!(
        (list("platform=android").await["total"].as_i64(), list("platform=ios").await["total"].as_i64()),
        (Some(6), Some(0))
    );
    let made = list("").await["builds"][0]["created_at"].as_i64().unwrap();
    assert_eq!(list(&format!("from_ts={made}&to_ts={made}")).await["total"], 6);
    assert_eq!(list(&format!("from_ts={}", made + 1)).await["total"], 0);
    assert_eq!(list(&format!("to_ts={}", made - 1)).await["total"], 0);
    let project = format!("project_id={}", rig.project["id"].as_str().unwrap());
    assert_eq!(list(&project).await["total"], 6);
    assert_eq!(list("project_id=nonsense").await["total"], 0);
    assert_eq!(numbers(&list("sort=branch&direction=asc").await)[0], 6);
    for query in [
        "sort=nope",
        "status=nope",
        "direction=up",
        "limit=0",
        "limit=-1",
        "cursor=%21",
        "trigger_type=x",
        "platform=x",
    ] {
        rig.owner.get(&format!("/v1/builds?{query}")).await.error(400, "invalid_input");
    }
    rig.owner.get("/v1/builds?limit=abc").await.error(400, "invalid_request");
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = list(&format!("limit=4&cursor={cursor}")).await;
        assert!(page.get("total").is_none());
        seen.extend(numbers(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn cancel_acts_at_once_in_every_state_but_the_last() {
    let rig = Rig::start().await;
    let queued = rig.trigger(json!({})).await.created()["build"].clone();
    let canceled = rig.owner.post(&path_of(&queued, "/cancel"), json!({})).await.ok();
    assert_eq!(canceled["build"]["status"], "canceled");
    rig.owner.post(&path_of(&queued, "/cancel"), json!({})).await.error(409, "invalid_transition");
    let runner = Agent::register(&rig.owner, "r", 5).await;
    for begin in [false, true] {
        rig.trigger(json!({})).await.created();
        let job = if begin { runner.begin().await } else { runner.claim().await };
        let path = format!("/v1/builds/{}/cancel", job["build_id"].as_str().unwrap());
        rig.owner.post(&path, json!({})).await.ok();
        assert_eq!(runner.status(&job).await.ok()["status"], "canceled");
        runner.report(&job, json!({"status": "succeeded"})).await.error(403, "runner_mismatch");
        let reference = Agent { protocol: 4, ..runner.clone() };
        reference.status(&job).await.error(403, "runner_mismatch");
        reference.lines(&job, 0, &["late"]).await.error(403, "runner_mismatch");
    }
    assert_eq!(runner.try_claim(0).await.ok(), json!({}));
}

#[tokio::test]
async fn a_rerun_is_a_new_build_of_the_same_commit() {
    let rig = Rig::start().await;
    let first = rig.trigger(json!({"changelog": "c"})).await.created()["build"].clone();
    rig.owner.post(&path_of(&first, "/rerun"), json!({})).await.error(409, "build_not_terminal");
    rig.owner.post(&path_of(&first, "/cancel"), json!({})).await.ok();
    rig.repository.commit("newer", &[]);
    let again = rig.owner.post(&path_of(&first, "/rerun"), json!({})).await.created()["build"].clone();
    assert_eq!(
        (&again["commit_sha"], &again["config_snapshot"]),
        (&first["commit_sha"], &first["config_snapshot"])
    );
    assert_eq!((&again["source_build_id"], &again["trigger_event"]), (&first["id"], &json!("rerun")));
    assert_eq!((again["build_number"].as_i64(), again["status"].as_str()), (Some(2), Some("queued")));
    let other = Repository::running(&["true"]);
    let connected =
        rig.owner.post("/v1/integrations/local-git", json!({"repository_path": other.path()})).await.ok();
    let path = format!("/v1/projects/{}", rig.project["id"].as_str().unwrap());
    rig.owner.patch(&path, json!({"repository_id": connected["repository"]["id"]})).await.ok();
    rig.owner.post(&path_of(&first, "/rerun"), json!({})).await.error(409, "source_changed");
    let waiting = rig.owner.get(&path_of(&again, "")).await.ok();
    assert_eq!(waiting["build"]["status"], "canceled", "what waited for the old source is canceled");
}

#[tokio::test]
async fn a_new_build_supersedes_older_ones_when_the_pipeline_says_so() {
    let rig = Rig::start().await;
    rig.set_pipeline(json!({"concurrency": {"cancel_previous": true, "max_concurrent": null}})).await;
    rig.repository.git(&["branch", "other"]);
    let old = rig.trigger(json!({})).await.created()["build"].clone();
    let elsewhere = rig.trigger(json!({"branch": "other"})).await.created()["build"].clone();
    rig.trigger(json!({})).await.created();
    let detail = rig.owner.get(&path_of(&old, "")).await.ok();
    assert_eq!(detail["build"]["status"], "canceled");
    assert_eq!(detail["events"][1]["reason"], "superseded by new build");
    assert_eq!(rig.owner.get(&path_of(&elsewhere, "")).await.ok()["build"]["status"], "queued");
}

#[tokio::test]
async fn a_queued_build_says_what_it_waits_for() {
    let rig = Rig::start().await;
    let first = rig.trigger(json!({})).await.created()["build"].clone();
    let reason = async |build: &Value| {
        let build = rig.owner.get(&path_of(build, "")).await.ok()["build"].clone();
        (
            build["waiting_reason"].as_str().unwrap_or_default().to_owned(),
            build["runner_policy_block_reason"].clone(),
        )
    };
    assert_eq!(reason(&first).await.0, "No runner is registered.");
    let runner = Agent::register(&rig.owner, "r", 5).await;
    assert_eq!(reason(&first).await.0, "A runner is about to take it.");
    rig.server.advance(15);
    assert_eq!(reason(&first).await.0, "No runner is online.");
    let preferences = rig.owner.get("/v1/settings/preferences").await.ok()["preferences"].clone();
    let mut paused = preferences.clone();
    paused["direct_macos_runner_paused"] = true.into();
    rig.owner.put("/v1/settings/preferences", paused).await.ok();
    assert_eq!(
        reason(&first).await,
        ("Building is paused on this instance.".to_owned(), json!("instance_paused"))
    );
    assert_eq!(runner.try_claim(0).await.ok(), json!({}));
    rig.owner.put("/v1/settings/preferences", preferences).await.ok();
    rig.set_pipeline(json!({"concurrency": {"cancel_previous": false, "max_concurrent": 1}})).await;
    let second = rig.trigger(json!({})).await.created()["build"].clone();
    runner.begin().await;
    assert_eq!(reason(&first).await.0, "", "a running build waits for nothing");
    assert!(reason(&second).await.0.starts_with("The pipeline may run 1 at a time"));
    rig.set_pipeline(json!({"concurrency": {"cancel_previous": false, "max_concurrent": null}})).await;
    assert_eq!(reason(&second).await.0, "The runner is busy with another build.");
}

#[tokio::test]
async fn who_is_no_member_sees_no_build() {
    let rig = Rig::start().await;
    let build = rig.trigger(json!({})).await.created()["build"].clone();
    let user = db::entity::users::Model {
        id: UserId::new(),
        email: "dev@example.com".to_owned(),
        display_name: None,
        role: UserRole::Developer,
        status: UserStatus::Active,
        subject: "local::dev@example.com".to_owned(),
        avatar_url: None,
        created_at: 0,
        updated_at: 0,
    };
    rig.server.app.db.write(async |tx| db::users::insert(tx, user).await).await.unwrap();
    let developer = rig.server.anonymous().sign_in(Some("dev@example.com")).await;
    assert_eq!(developer.get("/v1/builds").await.ok(), json!({"builds": [], "total": 0}));
    developer.get(&path_of(&build, "")).await.error(404, "not_found");
    developer.get(&path_of(&build, "/logs")).await.error(404, "not_found");
    developer.get(&path_of(&build, "/artifacts")).await.error(404, "not_found");
    developer.post(&path_of(&build, "/cancel"), json!({})).await.error(404, "not_found");
    developer
        .post(&rig.builds_path(), json!({"pipeline_id": rig.pipeline["id"]}))
        .await
        .error(404, "not_found");
}
