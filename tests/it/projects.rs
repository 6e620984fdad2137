//! Projects.

use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::{Agent, Repository, Server};

#[tokio::test]
async fn a_project_is_created_from_a_folder_changed_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let body =
        json!({"name": " Shop ", "description": "The shop", "local_repository_path": repository.path()});
    let project = owner.post("/v1/projects", body).await.created()["project"].clone();
    assert_eq!(project["name"], "Shop");
    assert_eq!(project["default_branch"], "main");
    assert_eq!(project["repository_provider"], "local_git");
    assert_eq!(project["current_user_role"], "maintainer");
    assert!(project["capabilities"].as_array().unwrap().contains(&json!("trigger_build")));
    let path = format!("/v1/projects/{}", project["id"].as_str().unwrap());
    let changed =
        owner.patch(&path, json!({"name": "Store", "description": "", "default_branch": "dev"})).await.ok();
    assert_eq!(changed["project"]["name"], "Store");
    assert_eq!(changed["project"]["default_branch"], "dev");
    assert!(changed["project"].get("description").is_none());
    let detail = owner.get(&path).await.ok();
    assert_eq!((detail["pipeline_count"].as_u64(), detail["build_count"].as_u64()), (Some(0), Some(0)));
    assert_eq!(owner.delete(&path).await.ok()["ok"], true);
    owner.get(&path).await.error(404, "not_found");
}

#[tokio::test]
async fn two_projects_can_use_one_folder() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let (one, two) = (owner.project("One", &repository).await, owner.project("Two", &repository).await);
    assert_eq!(one["repository_id"], two["repository_id"]);
    let by_id = json!({"name": "Three", "repository_id": one["repository_id"]});
    owner.post("/v1/projects", by_id).await.created();
}

#[tokio::test]
async fn what_is_wrong_with_a_new_project_is_said() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let path = Repository::with(&[("a", "b")]).path();
    for (body, code) in [
        (json!({"name": "", "local_repository_path": path}), "invalid_input"),
        (json!({"name": "x".repeat(201), "local_repository_path": path}), "invalid_input"),
        (json!({"name": "a\u{7}", "local_repository_path": path}), "invalid_input"),
        (json!({"name": "a"}), "invalid_input"),
        (json!({"name": "a", "local_repository_path": path, "repository_id": "x"}), "invalid_input"),
        (json!({"name": "a", "repository_id": "x"}), "invalid_repository"),
        (json!({"name": "a", "local_repository_path": "/does/not/exist"}), "invalid_repository"),
        (json!({"local_repository_path": path}), "invalid_request"),
    ] {
        owner.post("/v1/projects", body).await.error(400, code);
    }
    assert_eq!(owner.get("/v1/projects").await.ok()["total"], 0);
}

#[tokio::test]
async fn projects_are_listed_newest_first_with_search_sort_and_paging() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    for name in ["Alpha", "bravo", "Charlie_1"] {
        owner.project(name, &repository).await;
        server.advance(2);
    }
    let list = async |query: &str| -> Vec<String> {
        let answer: Value = owner.get(&format!("/v1/projects?{query}")).await.ok();
        let rows = answer["projects"].as_array().unwrap().clone();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(list("").await, ["Charlie_1", "bravo", "Alpha"]);
    assert_eq!(list("sort=name&direction=asc").await, ["Alpha", "bravo", "Charlie_1"]);
    assert_eq!(list("limit=1&offset=1").await, ["bravo"]);
    assert_eq!(list("search=e_1").await, ["Charlie_1"]);
    assert_eq!(list("search=BRAVO").await, ["bravo"]);
    let integration = owner.get("/v1/integrations").await.ok()["integrations"][0]["id"].clone();
    assert_eq!(list(&format!("integration_id={}", integration.as_str().unwrap())).await.len(), 3);
    assert_eq!(list("integration_id=00000000-0000-7000-8000-000000000000").await.len(), 0);
    assert_eq!((list("integration_id=nope").await.len(), list("integration_id=").await.len()), (0, 3));
}

#[tokio::test]
async fn how_projects_go_is_told_of_those_that_are_seen_in_the_order_asked_for() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let (shop, idle) = (owner.project("Shop", &repository).await, owner.project("Idle", &repository).await);
    let pipeline = owner.pipeline(&shop, "Android").await;
    let runner = Agent::register(&owner, "r", 4).await;
    for status in ["succeeded", "failed", "succeeded"] {
        owner.build(&pipeline).await;
        runner.report(&runner.begin().await, json!({ "status": status })).await.ok();
    }
    let id = |project: &Value| project["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/projects/health?ids={},nonsense,{}", id(&idle), id(&shop));
    let found = owner.get(&path).await.ok()["projects"].clone();
    let ids = (&found[0]["project_id"], &found[1]["project_id"], found.as_array().unwrap().len());
    assert_eq!(ids, (&idle["id"], &shop["id"], 2));
    let statuses: Vec<&str> =
        found[1]["builds"].as_array().unwrap().iter().map(|bar| bar["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["succeeded", "failed", "succeeded"]);
    let rate = found[1]["success_rate"].as_f64().unwrap();
    assert!((rate - 66.7).abs() < 0.1, "{rate}");
    assert_eq!((found[0].get("success_rate"), &found[0]["builds"]), (None, &json!([])));
    let stranger = server.person("s@example.com", UserRole::Developer).await;
    assert_eq!(stranger.get(&path).await.ok()["projects"], json!([]));
    let many = vec!["x"; 51].join(",");
    owner.get(&format!("/v1/projects/health?ids={many}")).await.error(400, "invalid_input");
    owner.get("/v1/projects/health").await.error(400, "invalid_request");
}
