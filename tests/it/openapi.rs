//! The committed document is the code's, and complete.

use serde_json::{Value, json};

use crate::support::Server;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");

pub fn current() -> Value {
    serde_json::from_str(&oored::api::document().to_pretty_json().unwrap()).unwrap()
}

pub fn operations(document: &Value) -> Vec<(String, Value)> {
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
            assert_eq!(operation["security"][0], json!({"bearer": []}), "{name}");
            for status in ["401", "429"] {
                let listed = operation["responses"].get(status).is_some();
                assert!(listed, "{name} needs a sign-in but lists no {status}");
            }
        }
    }
}

/// What any operation of its kind can answer, and the words by which programs know it.
#[test]
fn every_operation_lists_the_errors_of_its_kind_with_their_codes() {
    let code = regex::Regex::new("[a-z0-9]+_[a-z0-9_]+").unwrap();
    let mut wrong = Vec::new();
    for (name, operation) in operations(&current()) {
        let answers = operation["responses"].as_object().unwrap();
        let signed_in = operation.get("security").is_some();
        let changes = !name.starts_with("get ");
        let has_body = operation.get("requestBody").is_some();
        let needs = [("400", has_body), ("413", has_body), ("403", signed_in && changes), ("500", signed_in)];
        let missing = needs.iter().filter(|(status, needed)| *needed && !answers.contains_key(*status));
        wrong.extend(missing.map(|(status, _)| format!("{name} lists no {status}")));
        for (status, answer) in answers.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
            // A probe says by its body what does not work.
            if name == "get /readyz" {
                continue;
            }
            if !code.is_match(answer["description"].as_str().unwrap()) {
                wrong.push(format!("{name} {status} has no code"));
            }
            if answer["content"]["application/json"]["schema"]["$ref"] != "#/components/schemas/ApiError" {
                wrong.push(format!("{name} {status} is no ApiError"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_document_says_how_to_sign_in_page_through_lists_and_be_limited() {
    let document = current();
    let text = document["info"]["description"].as_str().unwrap();
    for word in
        ["Authorization: Bearer", "`limit`", "`cursor`", "Retry-After", "too_many_attempts", "`request_id`"]
    {
        assert!(text.contains(word), "{word}");
    }
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
}

#[test]
fn every_list_says_how_many_rows_a_page_has() {
    let said = regex::Regex::new("[0-9]+ (rows )?at most").unwrap();
    for (name, operation) in operations(&current()) {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        for limit in parameters.filter(|parameter| parameter["name"] == "limit") {
            let texts = [&operation["description"], &limit["description"]];
            let told = texts.iter().any(|text| text.as_str().is_some_and(|text| said.is_match(text)));
            assert!(told, "{name} does not say how many rows a page has");
        }
    }
}

/// Nothing is open by accident: this list is the whole of what answers without a credential.
#[tokio::test]
async fn only_the_listed_operations_are_open_to_anybody() {
    const OPEN: [&str; 26] = [
        "get /healthz",
        "get /readyz",
        "get /metrics",
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
            request = request.json(&json!({}));
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
