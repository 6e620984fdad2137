//! Connected sources.

use serde_json::json;

use crate::support::{Repository, Server, Stream};

#[tokio::test]
async fn a_folder_is_connected_once_and_listed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let body = json!({"repository_path": repository.path(), "display_name": "Shop"});
    let connected = owner.post("/v1/integrations/local-git", body.clone()).await.ok();
    assert_eq!(connected["integration"]["provider"], "local_git");
    assert_eq!(connected["integration"]["host_url"], "local://filesystem");
    assert_eq!(connected["repository"]["default_branch"], "main");
    owner.post("/v1/integrations/local-git", body).await.error(409, "already_exists");
    let id = connected["integration"]["id"].as_str().unwrap();
    let list = owner.get("/v1/integrations?q=sho").await.ok();
    assert_eq!((list["total"].as_u64(), list["active_total"].as_u64()), (Some(1), Some(1)));
    assert_eq!(owner.get("/v1/integrations?q=100%25").await.ok()["total"], 0);
    assert_eq!(owner.get("/v1/integrations?provider=github").await.ok()["total"], 0);
    assert_eq!(owner.get("/v1/integrations/local-git").await.ok()["total"], 1);
    let detail = owner.get(&format!("/v1/integrations/{id}")).await.ok();
    assert_eq!(
        (detail["installation_count"].as_u64(), detail["repository_count"].as_u64()),
        (Some(1), Some(1))
    );
    let repositories = owner.get(&format!("/v1/integrations/{id}/repositories")).await.ok();
    assert_eq!(repositories["repositories"][0]["full_name"], "Shop");
    let all = owner.get("/v1/integration-repositories?q=shop").await.ok();
    assert_eq!(all["repositories"][0]["integration_id"], id);
    assert_eq!(all["repositories"][0]["full_name"], "Shop", "the repository's fields are its own");
}

#[tokio::test]
async fn a_path_that_is_no_repository_is_refused_with_the_reason() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let plain = tempfile::tempdir().unwrap();
    let repository = Repository::with(&[("sub/file", "x")]);
    let inside = repository.folder().join("sub");
    for path in ["relative", "/does/not/exist", plain.path().to_str().unwrap(), inside.to_str().unwrap()] {
        let body = json!({"repository_path": path});
        owner.post("/v1/integrations/local-git", body).await.error(400, "invalid_repository");
    }
    assert_eq!(owner.get("/v1/integrations").await.ok()["total"], 0);
}

#[tokio::test]
async fn disconnecting_leaves_the_project_without_source() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let project = owner.project("Shop", &Repository::with(&[("a", "b")])).await;
    let integration = owner.get("/v1/integrations").await.ok()["integrations"][0]["id"].clone();
    let path = format!("/v1/integrations/{}", integration.as_str().unwrap());
    owner.delete(&path).await.ok();
    owner.get(&path).await.error(404, "not_found");
    owner.delete(&path).await.error(404, "not_found");
    assert_eq!(owner.get("/v1/audit-logs?action=integration_deleted").await.ok()["total"], 1);
    let project = owner.get(&format!("/v1/projects/{}", project["id"].as_str().unwrap())).await.ok();
    assert!(project["project"].get("repository_id").is_none());
}

#[tokio::test]
async fn a_source_that_comes_or_goes_is_told() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("a", "b")]);
    let mut stream = Stream::open(&owner, None).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    let body = json!({"repository_path": repository.folder()});
    let made = owner.post("/v1/integrations/local-git", body).await.ok();
    assert_eq!(stream.next().await.unwrap().name, "sources");
    let path = format!("/v1/integrations/{}", made["integration"]["id"].as_str().unwrap());
    owner.delete(&path).await.ok();
    assert_eq!(stream.next().await.unwrap().name, "sources");
}
