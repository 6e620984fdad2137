//! The webhook payloads that GitHub publishes, and signatures as code hosts make them.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::code_host::{EXTERNAL_ID, FULL_NAME};

pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/payloads");

/// Every published payload with the name of its event.
pub fn published() -> Vec<(String, Value)> {
    let file = Path::new(FOLDER).join("node_modules/@octokit/webhooks-examples/api.github.com/index.json");
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|_| panic!("{} is missing: make payloads", file.display()));
    let events: Value = serde_json::from_str(&text).unwrap();
    let each = events.as_array().unwrap().iter().flat_map(|event| {
        let examples = event["examples"].as_array().unwrap().iter();
        examples.map(|example| (event["name"].as_str().unwrap().to_owned(), example.clone()))
    });
    each.collect()
}

/// The published payload of an event for which `fits`.
pub fn example(event: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let found = published().into_iter().find(|(name, payload)| name == event && fits(payload));
    found.unwrap_or_else(|| panic!("no published payload of {event} fits")).1
}

/// The published push, of other commits.
pub fn push(git_ref: &str, before: &str, after: &str) -> Value {
    let mut push = example("push", |push| push["ref"] == "refs/heads/master");
    push["ref"] = json!(git_ref);
    push["before"] = json!(before);
    push["after"] = json!(after);
    push["created"] = json!(before == ZERO);
    push["head_commit"]["id"] = json!(after);
    push["head_commit"]["message"] = json!("Update README.md");
    push["commits"] = json!([{"id": after, "message": "Update README.md", "added": [], "modified": ["README.md"], "removed": []}]);
    push
}

/// The published pull request, of other commits.
pub fn pull_request(action: &str, branch: &str, sha: &str) -> Value {
    let mut event = example("pull_request", |event| event["action"] == "synchronize");
    event["action"] = json!(action);
    event["pull_request"]["head"]["ref"] = json!(branch);
    event["pull_request"]["head"]["sha"] = json!(sha);
    event["pull_request"]["base"]["ref"] = json!("main");
    event
}

/// A push as GitLab tells of it.
pub fn gitlab_push(project: i64, branch: &str, sha: &str) -> Value {
    json!({
        "object_kind": "push", "event_name": "push", "before": ZERO, "after": sha, "checkout_sha": sha,
        "ref": format!("refs/heads/{branch}"), "user_username": "jsmith", "project_id": project,
        "project": {"id": project, "path_with_namespace": FULL_NAME},
        "commits": [{"id": sha, "message": "Update", "added": [], "modified": ["README.md"], "removed": []}],
        "total_commits_count": 1,
    })
}

pub const ZERO: &str = "0000000000000000000000000000000000000000";

/// Whether a payload is about the repository that tests connect.
pub fn is_ours(payload: &Value) -> bool {
    payload["repository"]["id"].as_u64() == EXTERNAL_ID.parse().ok()
}

/// `X-Hub-Signature-256`.
pub fn github_signature(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", hex::encode(mac(secret.as_bytes(), &[body])))
}

/// `webhook-signature` after Standard Webhooks.
pub fn standard_signature(key: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    let parts = [id.as_bytes(), b".", timestamp.to_string().as_bytes(), b".", body].concat();
    format!("v1,{}", STANDARD.encode(mac(key, &[&parts])))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}
