//! Malformed input of every kind gets the contract's error and changes nothing.

use serde_json::json;

use crate::support::{Repository, Server};

#[tokio::test]
async fn broken_json_and_wrong_types_are_400_invalid_request() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for body in ["{", "[]", "\"text\"", "{\"name\": 1}", "{\"name\": null}", "null", ""] {
        let request =
            owner.request(reqwest::Method::POST, "/v1/projects").header("content-type", "application/json");
        owner.send(request.body(body)).await.error(400, "invalid_request");
    }
    assert_eq!(owner.get("/v1/projects").await.ok()["total"], 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_body_or_a_query_is_said_without_names_of_the_code() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for (path, body) in [
        ("/v1/auth/oidc/callback", "[]"),
        ("/v1/auth/oidc/callback", "null"),
        ("/v1/auth/oidc/callback", "{\"code\": {}}"),
        ("/v1/auth/local/login", "7"),
        ("/v1/auth/local/login", "[null, null]"),
        ("/v1/setup/bootstrap-token/verify", "[1, 2, 3]"),
        ("/v1/users/invite", "{\"email\": \"a@b\", \"role\": {}}"),
        ("/v1/projects", "[]"),
        ("/v1/projects", "{"),
    ] {
        let request = owner.request(reqwest::Method::POST, path).header("content-type", "application/json");
        let told = owner.send(request.body(body)).await.error(400, "invalid_request")["error"].clone();
        let told = told.as_str().unwrap().to_owned();
        assert!(told.starts_with("the body "), "{told}");
        for name in ["struct", "enum ", "Request", "Role", "elements", "target type"] {
            assert!(!told.contains(name), "{path} {body}: {told}");
        }
    }
    let told = owner.get("/v1/projects?limit=many").await.error(400, "invalid_request");
    assert!(told["error"].as_str().unwrap().starts_with("the query does not fit: "), "{told}");
    let long = json!({"key_storage_mode": "file", "runtime_mode": "x".repeat(100_000)});
    let told = owner.put("/v1/settings/preferences", long).await.error(400, "invalid_request");
    assert!(told["error"].as_str().unwrap().len() < 1000);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let body = json!({"name": "x".repeat(3 * 1024 * 1024)});
    owner.post("/v1/projects", body).await.error(413, "payload_too_large");
}

#[tokio::test]
async fn ids_that_are_no_ids_and_ids_that_name_nothing_are_404() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for id in ["nonsense", "00000000-0000-7000-8000-000000000000", "..%2f..%2fetc", "%00"] {
        for kind in ["projects", "pipelines", "integrations"] {
            owner.get(&format!("/v1/{kind}/{id}")).await.error(404, "not_found");
        }
    }
}

#[tokio::test]
async fn queries_that_make_no_sense_are_400() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for query in ["sort=secret", "direction=up", "limit=0", "limit=-5"] {
        owner.get(&format!("/v1/projects?{query}")).await.error(400, "invalid_input");
    }
    owner.get("/v1/projects?limit=many").await.error(400, "invalid_request");
    owner.get("/v1/projects?limit=100000").await.ok();
}

#[tokio::test]
async fn a_search_for_more_than_anybody_types_is_400() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let project = owner.project("App", &Repository::running(&["true"])).await;
    let pipelines = format!("projects/{}/pipelines?search", project["id"].as_str().unwrap());
    let integration = owner.get("/v1/integrations").await.ok()["integrations"][0]["id"].clone();
    let repositories = format!("integrations/{}/repositories?q", integration.as_str().unwrap());
    for list in [
        "builds?q",
        "projects?search",
        &pipelines,
        "runners?q",
        "users?q",
        "api-tokens?q",
        "integrations?q",
        &repositories,
        "integration-repositories?q",
        "webhook-deliveries?search",
        "webhook-deliveries?commit",
        "settings/notification-channels?q",
    ] {
        // More than the database takes for a pattern, the second because of what is put before each letter.
        for text in ["a".repeat(55_000), "_".repeat(26_000)] {
            let refused = owner.get(&format!("/v1/{list}={text}")).await;
            refused.error(400, "invalid_input");
        }
        owner.get(&format!("/v1/{list}={}", "a".repeat(40))).await.ok();
    }
}

#[tokio::test]
async fn unknown_paths_are_an_empty_404_and_wrong_methods_an_empty_405() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for path in ["/v1/nothing", "/v1", "/v1/projects/x/y/z", "/assets/missing.js", "/wp-login.php"] {
        let answer = owner.get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (404, ""), "{path}");
    }
    let answer = owner.delete("/v1/projects").await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (405, ""));
}
