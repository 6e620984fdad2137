//! The archive for whoever helps: it tells how the instance is, and no secret is in it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::program::{Daemon, free_port};
use crate::support::{Agent, Client, Repository, Server};

async fn bundle(client: &Client) -> BTreeMap<String, String> {
    let response = client.request(reqwest::Method::GET, "/v1/system/support-bundle").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/gzip");
    assert!(response.headers()["content-disposition"].to_str().unwrap().contains(".tar.gz"));
    let bytes = response.bytes().await.unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().strip_prefix("oore-support").unwrap().display().to_string();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        files.insert(name, text);
    }
    files
}

fn document(files: &BTreeMap<String, String>, name: &str) -> Value {
    serde_json::from_str(&files[name]).unwrap()
}

/// What must never leave: as it is, and as it is written in hex and base64.
fn assert_absent(files: &BTreeMap<String, String>, secret: &str) {
    use base64::Engine;
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    for (name, text) in files {
        for form in [secret, &base64, &hex] {
            assert!(!text.contains(form), "{secret} is in {name}");
        }
    }
}

#[tokio::test]
async fn it_tells_how_the_instance_is_and_holds_no_secret_and_no_name() {
    let flags = ["--public-url", "https://secret-host.example.com", "--allowed-hosts", "inner-host.lan"];
    let server = Server::start_with(&flags).await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("Secret Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Nightly").await;
    owner.build(&pipeline).await;
    let runner = Agent::register(&owner, "Studio Mac", 5).await;
    let job = runner.begin().await;
    let variable = format!("/v1/projects/{}/variables/A", project["id"].as_str().unwrap());
    owner.put(&variable, json!({"value": "planted-variable-value"})).await.ok();
    let token = owner.post("/v1/api-tokens", json!({"name": "ci", "role": "admin"})).await.ok();
    let files = bundle(&owner).await;
    let key = std::fs::read(server.data().join("encryption.key")).unwrap();
    let key = String::from_utf8_lossy(&key).trim().to_owned();
    let secrets = [
        "planted-variable-value",
        token["token"].as_str().unwrap(),
        owner.token.as_deref().unwrap(),
        runner.client.token.as_deref().unwrap(),
        &key,
    ];
    secrets.iter().for_each(|secret| assert_absent(&files, secret));
    let names = ["Secret Shop", "Nightly", "Studio Mac", "owner@local", "secret-host", "inner-host"];
    names.iter().for_each(|name| assert_absent(&files, name));
    assert_absent(&files, &server.data().display().to_string());
    assert_absent(&files, &repository.path());

    let expected = [
        "README.txt",
        "about.json",
        "checks.json",
        "configuration.json",
        "messages.jsonl",
        "metrics.txt",
        "migrations.json",
        "runners.json",
        "tables.json",
    ];
    assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), expected);
    assert_eq!(document(&files, "about.json")["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document(&files, "about.json")["setup_state"], "ready");
    let configuration = document(&files, "configuration.json");
    assert_eq!(
        (&configuration["public_url_set"], &configuration["allowed_hosts"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(configuration["runner_mode"], "external");
    let tables = document(&files, "tables.json");
    assert_eq!(
        (&tables["builds"], &tables["projects"], &tables["variables"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let runners = document(&files, "runners.json");
    assert_eq!((&runners[0]["status"], &runners[0]["builds"]), (&json!("busy"), &json!(1)));
    assert!(document(&files, "checks.json").as_array().unwrap().iter().any(|check| check["name"] == "disk"));
    assert!(document(&files, "migrations.json").as_array().unwrap().len() > 30);
    assert!(files["metrics.txt"].contains("oore_queue_builds"));
    assert_eq!(job["build_id"].as_str().map(str::len), Some(36));
    let entries = owner.get("/v1/audit-logs?action=support_bundle_downloaded").await.ok();
    assert_eq!(entries["total"], 1);
}

#[tokio::test]
async fn only_the_owner_gets_it() {
    let server = Server::start().await;
    server.owner().await;
    let admin = server.person("admin@x", UserRole::Admin).await;
    admin.get("/v1/system/support-bundle").await.error(403, "insufficient_role");
    server.anonymous().get("/v1/system/support-bundle").await.error(401, "missing_auth");
}

#[tokio::test]
async fn the_last_messages_of_the_daemon_are_in_it_and_json_is_one_object_a_line() {
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let flags = ["--runner-mode", "external"];
    let daemon = Daemon::start(data.path(), port, &flags).await;
    let owner = daemon.client().sign_in(None).await;
    let files = bundle(&owner).await;
    let messages: Vec<Value> =
        files["messages.jsonl"].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(messages.iter().any(|message| message["message"].as_str().unwrap().contains("listens on")));
    let path = "/v1/system/messages";
    let told = owner.get(&format!("{path}?q=LISTENS")).await.ok()["messages"].clone();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["level"]), (1, &json!("info")), "{told}");
    assert!(told[0]["at"].as_i64().unwrap() > 1_700_000_000_000);
    assert_eq!(owner.get(&format!("{path}?level=error")).await.ok()["messages"], json!([]));
    assert_eq!(owner.get(&format!("{path}?limit=1")).await.ok()["messages"].as_array().unwrap().len(), 1);
    for wrong in ["level=loud", "limit=0"] {
        owner.get(&format!("{path}?{wrong}")).await.error(400, "invalid_input");
    }
    drop(daemon);
    let json = said(data.path(), port, &["--runner-mode", "external", "--log-format", "json"]).await;
    for line in json.lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(message["level"].is_string() && message["timestamp"].is_string(), "{line}");
    }
    assert!(json.lines().count() > 0);
    let text = said(data.path(), port, &["--runner-mode", "external"]).await;
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).is_err()));
}

async fn said(data: &Path, port: u16, flags: &[&str]) -> String {
    Daemon::said_at_start(data, port, flags).await
}
