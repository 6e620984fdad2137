//! What a repository holds for pipelines.

use serde_json::{Value, json};

use crate::support::{Agent, Repository, Server};

#[tokio::test]
async fn pipeline_files_are_found_and_checked() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let good = "version: 1\nplatforms: [ios]\nenv:\n  - key: TOKEN\n    value: hidden-value\n";
    let repository = Repository::with(&[
        (".oore.yaml", good),
        (".oore/bad.yml", "version: 1\nplatforms: [windows]\n"),
        ("other.yaml", "a: 1\n"),
    ]);
    let project = owner.project("Shop", &repository).await;
    let path = format!("/v1/projects/{}/repository-workflows", project["id"].as_str().unwrap());
    let answer = owner.get(&path).await;
    let found = answer.ok();
    assert_eq!(found["reference"], repository.git(&["rev-parse", "HEAD"]));
    let workflows = found["workflows"].as_array().unwrap();
    assert_eq!(workflows.len(), 2);
    assert_eq!(
        (workflows[0]["path"].as_str(), workflows[0]["valid"].as_bool()),
        (Some(".oore.yaml"), Some(true))
    );
    assert_eq!(workflows[0]["execution"]["env_keys"][0], "TOKEN");
    assert!(!answer.text.contains("hidden-value"));
    assert_eq!(
        (workflows[1]["path"].as_str(), workflows[1]["valid"].as_bool()),
        (Some(".oore/bad.yml"), Some(false))
    );
    assert!(workflows[1]["errors"][0].as_str().unwrap().contains("windows"));
}

#[tokio::test]
async fn hostile_refs_and_paths_are_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let project = owner.project("Shop", &repository).await;
    let path = format!("/v1/projects/{}/repository-workflows", project["id"].as_str().unwrap());
    for name in ["--upload-pack=touch%20p", "-h", "a..b", "missing", "main%0A"] {
        owner.get(&format!("{path}?ref={name}")).await.error(400, "invalid_ref");
    }
    for file in ["../x.yaml", "/etc/passwd", "a.txt", "-x.yaml"] {
        owner.get(&format!("{path}?path={file}")).await.error(400, "invalid_config_path");
    }
    owner.get(&format!("{path}?path=missing.yaml")).await.error(404, "source_not_found");
}

#[tokio::test]
async fn a_repository_that_vanished_is_named() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let project = owner.project("Shop", &repository).await;
    drop(repository);
    let path = format!("/v1/projects/{}/repository-workflows", project["id"].as_str().unwrap());
    let error = owner.get(&path).await.error(409, "source_unresolvable");
    assert!(error["hint"].is_string());
}

#[tokio::test]
async fn changes_are_listed_newest_first() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let sha = repository.commit("Add the cart", &[("cart.dart", "x")]);
    let project = owner.project("Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Android").await;
    let (project, pipeline) = (project["id"].as_str().unwrap(), pipeline["id"].as_str().unwrap());
    let path = format!("/v1/projects/{project}/builds/changelog-preview?pipeline_id={pipeline}");
    let preview = owner.get(&path).await.ok();
    assert_eq!(preview["target_commit"], sha);
    let expected = format!("- Add the cart ({}, Ana)\n- first commit", &sha[..7]);
    assert!(preview["markdown"].as_str().unwrap().starts_with(&expected), "{preview}");
}

#[tokio::test]
async fn a_build_says_since_when_its_like_fail_and_what_came_since_the_last_that_passed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let pipeline = owner.pipeline(&owner.project("Shop", &repository).await, "Android").await;
    let runner = Agent::register(&owner, "r", 4).await;
    let build = async |message: &str, branch: &str, status: &str| {
        repository.commit(message, &[]);
        let path = format!("/v1/projects/{}/builds", pipeline["project_id"].as_str().unwrap());
        let body = json!({"pipeline_id": pipeline["id"], "branch": branch});
        let build = owner.post(&path, body).await.created()["build"].clone();
        runner.report(&runner.begin().await, json!({ "status": status })).await.ok();
        build
    };
    let first = build("one", "main", "succeeded").await;
    let broken = build("two", "main", "failed").await;
    repository.git(&["branch", "other"]);
    build("three", "other", "succeeded").await;
    let last = build("four", "main", "failed").await;
    let get = async |build: &Value, what: &str| {
        owner.get(&format!("/v1/builds/{}/{what}", build["id"].as_str().unwrap())).await.ok()
    };
    let failure = get(&last, "failure").await;
    assert_eq!(failure["failures_before"], 1);
    let numbers = (&failure["first_failed"]["build_number"], &failure["last_passed"]["build_number"]);
    assert_eq!(numbers, (&broken["build_number"], &first["build_number"]), "{failure}");
    let subjects = |changes: &Value| -> Vec<String> {
        let commits = changes["commits"].as_array().unwrap().iter();
        commits.map(|commit| commit["subject"].as_str().unwrap().to_owned()).collect()
    };
    let changes = get(&last, "changes").await;
    assert_eq!(changes["since"]["id"], first["id"]);
    assert_eq!(
        (subjects(&changes), &changes["truncated"]),
        (vec!["four".into(), "three".into(), "two".into()], &json!(false))
    );
    assert_eq!(changes["commits"][0]["author"], "Ana");
    let of_first = get(&first, "changes").await;
    assert!(of_first.get("since").is_none());
    assert_eq!(subjects(&of_first)[0], "one");
    drop(repository);
    let path = format!("/v1/builds/{}/changes", last["id"].as_str().unwrap());
    owner.get(&path).await.error(409, "source_unresolvable");
}
