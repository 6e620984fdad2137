//! Running a build again, from the start or from a step on, and the chain that comes of it.

use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::{Agent, Answer, Client, Repository, Server, build_in};

async fn rerun(owner: &Client, build: &Value, body: Value) -> Answer {
    owner.post(&format!("/v1/builds/{}/rerun", build["id"].as_str().unwrap()), body).await
}

async fn detail(owner: &Client, build: &Value) -> Value {
    owner.get(&format!("/v1/builds/{}", build["id"].as_str().unwrap())).await.ok()
}

/// Number, source's number, status and first step of every build of the chain.
async fn chain(owner: &Client, build: &Value) -> Vec<(i64, Option<i64>, String, Option<String>)> {
    let path = format!("/v1/builds/{}/related", build["id"].as_str().unwrap());
    let found = owner.get(&path).await.ok()["chain"].clone();
    let all = found.as_array().unwrap();
    let number = |id: &Value| {
        all.iter().find(|build| &build["id"] == id).map(|build| build["build_number"].as_i64().unwrap())
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    all.iter()
        .map(|build| {
            let source = number(&build["source_build_id"]);
            let status = text(&build["status"]).unwrap();
            (build["build_number"].as_i64().unwrap(), source, status, text(&build["from_step"]))
        })
        .collect()
}

fn statuses(build: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let steps = build["step_results"].as_array().unwrap();
    steps.iter().map(|step| (text(&step["name"]), text(&step["status"]))).collect()
}

fn expected(steps: &[(&str, &str)]) -> Vec<(String, String)> {
    steps.iter().map(|(name, status)| ((*name).to_owned(), (*status).to_owned())).collect()
}

#[tokio::test]
async fn a_build_goes_on_from_the_step_that_failed() {
    let rig = Rig::start(&[]).await;
    let outside = tempfile::tempdir().unwrap();
    let flag = outside.path().join("flag");
    let file = format!(
        "version: 2\nplatforms: [android]\nartifacts: {{patterns: []}}\nsteps:\n  - {{name: Prepare, run: echo preparing}}\n  \
         - {{name: Lint, run: exit 3, continue_on_error: true}}\n  - {{name: Deploy, run: test -e {}}}\n  \
         - {{name: Report, run: echo reporting, if: failure()}}\n  - {{name: Last, run: echo at the end, if: success()}}\n",
        flag.display()
    );
    let repository = Repository::with(&[(".oore.yaml", &file)]);
    let (first, _) = rig.built(&repository, "failed").await;
    assert_eq!(detail(&rig.owner, &first).await["rerun"], json!({"failed_step": "Deploy"}));
    std::fs::write(&flag, "").unwrap();
    let second = rerun(&rig.owner, &first, json!({"from": "failed_step"})).await.created()["build"].clone();
    assert_eq!(second["config_snapshot"]["from_step"], "Deploy");
    let second = build_in(&rig.owner, &second, "succeeded").await;
    let all = [
        ("checkout", "succeeded"),
        ("Prepare", "skipped"),
        ("Lint", "skipped"),
        ("Deploy", "succeeded"),
        ("Report", "skipped"),
        ("Last", "succeeded"),
    ];
    assert_eq!(statuses(&second), expected(&all));
    let log = String::from_utf8(rig.owner.raw_log(&second).await).unwrap();
    assert!(log.contains("[oore] skipped: not run again (rerun from step Deploy)\n"), "{log}");
    assert!(!log.lines().any(|line| line == "preparing" || line == "reporting"), "{log}");
    assert_eq!(detail(&rig.owner, &second).await["rerun"], json!({}));
    rerun(&rig.owner, &second, json!({"from": "failed_step"})).await.error(409, "no_failed_step");
    let third = rerun(&rig.owner, &second, json!({})).await.created()["build"].clone();
    assert_eq!(third["config_snapshot"].get("from_step"), None, "from the start is from the very start");
    let third = build_in(&rig.owner, &third, "succeeded").await;
    assert_eq!(statuses(&third)[1..3], expected(&[("Prepare", "succeeded"), ("Lint", "failed")]));
    let ways = [
        (1, None, "failed".to_owned(), None),
        (2, Some(1), "succeeded".to_owned(), Some("Deploy".to_owned())),
        (3, Some(2), "succeeded".to_owned(), None),
    ];
    for build in [&first, &second, &third] {
        assert_eq!(chain(&rig.owner, build).await, ways);
    }
}

#[tokio::test]
async fn version_1_and_settings_can_begin_with_any_step_too() {
    let rig = Rig::start(&[]).await;
    let repository = Repository::running(&["echo one", "exit 4", "echo three"]);
    let (first, _) = rig.built(&repository, "failed").await;
    assert_eq!(detail(&rig.owner, &first).await["rerun"]["failed_step"], "build-2");
    let again = rerun(&rig.owner, &first, json!({"from_step": "build-3"})).await.created()["build"].clone();
    let again = build_in(&rig.owner, &again, "failed").await;
    let all =
        [("checkout", "succeeded"), ("build-1", "skipped"), ("build-2", "skipped"), ("build-3", "succeeded")];
    assert_eq!(statuses(&again)[..4], expected(&all));
    assert_eq!(again["failure_reason"], "no_artifacts", "what the skipped steps would have made is missing");
    assert_eq!(detail(&rig.owner, &again).await["rerun"], json!({}), "no step of the pipeline failed");
}

#[tokio::test]
async fn only_a_step_that_the_commit_has_can_come_first() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true", "false"]);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let first = owner.build(&pipeline).await;
    let old = Agent::register(&owner, "old", 4).await;
    let job = old.begin().await;
    let step = |name: &str, status: &str| json!({"name": name, "status": status, "started_at": 1, "finished_at": 2, "duration_ms": 1});
    let steps = [step("checkout", "succeeded"), step("build-1", "succeeded"), step("build-2", "failed")];
    old.report(&job, json!({"status": "failed", "steps": steps})).await.ok();
    repository.commit(
        "rename",
        &[(".oore.yaml", "version: 2\nplatforms: [ios]\nsteps: [{name: New, run: make}]\n")],
    );
    let refused = rerun(&owner, &first, json!({"from_step": "New"})).await.error(400, "invalid_input");
    assert_eq!(refused["fields"][0]["field"], "from_step");
    let why = refused["fields"][0]["message"].as_str().unwrap();
    assert_eq!(why, "there is no step 'New'; the steps are: build-1, build-2");
    let both = json!({"from": "failed_step", "from_step": "build-1"});
    rerun(&owner, &first, both).await.error(400, "invalid_input");
    rerun(&owner, &first, json!({"from": "middle"})).await.error(400, "invalid_request");
    rerun(&owner, &first, json!({"from_stp": "build-2"})).await.error(400, "invalid_request");
    let again = rerun(&owner, &first, json!({"from": "failed_step"})).await.created()["build"].clone();
    let entries = owner.get("/v1/audit-logs?action=build_rerun").await.ok()["entries"].clone();
    let details: Value = serde_json::from_str(entries[0]["details"].as_str().unwrap()).unwrap();
    assert_eq!((&details["from_step"], &details["source_build_id"]), (&json!("build-2"), &first["id"]));
    assert_eq!(again["requirements"], json!(["protocol:5"]), "older runners know nothing of it");
    assert_eq!(old.try_claim(0).await.ok(), json!({}));
    let new = Agent::register(&owner, "new", 5).await;
    let job = new.begin().await;
    assert_eq!(job["build_id"], again["id"]);
    new.report(&job, json!({"status": "succeeded"})).await.ok();
    let path = format!("/v1/builds/{}/rerun", again["id"].as_str().unwrap());
    let empty = owner.send(owner.request(reqwest::Method::POST, &path)).await;
    let from_start = empty.created()["build"].clone();
    assert_eq!(from_start["requirements"], json!([]), "the whole build is what it was");
    assert_eq!(old.begin().await["build_id"], from_start["id"]);
    let same = rerun(&owner, &again, Value::Null).await.created()["build"].clone();
    assert_eq!(same["config_snapshot"].get("from_step"), None);
}
