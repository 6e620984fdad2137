//! The committed document is the code's, and complete.

use serde_json::Value;

use crate::support::Server;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");

fn current() -> Value {
    serde_json::from_str(&oored::api::document().to_pretty_json().unwrap()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let methods = ["get", "post", "put", "patch", "delete"];
        methods
            .into_iter()
            .filter_map(move |method| Some((format!("{method} {path}"), item.get(method)?.clone())))
    });
    each.collect()
}

#[test]
fn the_committed_document_is_current() {
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(PATH).unwrap()).unwrap();
    assert!(committed == current(), "openapi/openapi.json is stale: run make openapi");
}

#[test]
fn every_operation_has_summary_id_and_described_errors() {
    let mut ids = std::collections::HashSet::new();
    for (name, operation) in operations(&current()) {
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name} has no summary");
        let id = operation["operationId"].as_str().unwrap().to_owned();
        assert!(ids.insert(id), "{name}: its id is used twice");
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(!response["description"].as_str().unwrap_or_default().is_empty(), "{name} {status}");
        }
        if operation.get("security").is_some() {
            for status in ["401", "429"] {
                let listed = operation["responses"].get(status).is_some();
                assert!(listed, "{name} needs a sign-in but lists no {status}");
            }
        }
    }
}

/// Nothing is open by accident: this list is the whole of what answers without a credential.
#[tokio::test]
async fn only_the_listed_operations_are_open_to_anybody() {
    const OPEN: [&str; 25] = [
        "get /healthz",
        "get /readyz",
        "get /schema/oore-pipeline.json",
        "get /v1/public/setup-status",
        "post /v1/auth/local/login",
        "post /v1/auth/trusted-proxy/login",
        "get /v1/auth/oidc/start",
        "post /v1/auth/oidc/callback",
        "post /v1/frontend/pair",
        "post /v1/runners/enrolments/redeem",
        "post /v1/setup/owner/verify-oidc",
        "post /v1/setup/bootstrap-token/verify",
        "get /v1/artifacts/download/{token}",
        "get /v1/artifacts/local-download/{token}",
        "put /v1/artifacts/local-upload/{token}",
        "get /install/artifact/{token}",
        "get /v1/artifacts/dl/{token}",
        "get /v1/builds/{build_id}/logs/stream",
        "post /v1/webhooks/github",
        "post /v1/webhooks/gitlab",
        "get /v1/integrations/github/create",
        "get /v1/integrations/github/callback",
        "get /v1/integrations/github/installed",
        "get /v1/integrations/gitlab/callback",
        "get /v1/projects/{project_id}/badge.svg",
    ];
    let server = Server::start().await;
    server.owner().await;
    let client = server.anonymous();
    for (name, _) in operations(&current()) {
        if OPEN.contains(&name.as_str()) {
            continue;
        }
        let (method, path) = name.split_once(' ').unwrap();
        let path = path.replace(['{', '}'], "");
        let method = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let mut request = client.request(method.clone(), &path);
        if method != reqwest::Method::GET {
            request = request.json(&serde_json::json!({}));
        }
        let answer = client.send(request).await;
        answer.error(401, "missing_auth");
    }
}

#[tokio::test]
async fn the_document_and_its_page_are_served_without_the_network() {
    let server = Server::start().await;
    let client = server.anonymous();
    assert_eq!(client.get("/openapi.json").await.ok()["info"]["title"], "Oore CI");
    let page = client.get("/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    for path in page.text.split(['"', '\'']).filter(|part| part.ends_with(".js") || part.ends_with(".css")) {
        assert!(!path.contains("//"), "{path} is fetched from elsewhere");
        let asset = client.get(&format!("/docs/{}", path.trim_start_matches("./"))).await;
        assert_eq!(asset.status, 200, "{path}");
    }
}
