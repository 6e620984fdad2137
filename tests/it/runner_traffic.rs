//! What a runner of protocol 4 sent in the wild, request by request, and that this daemon answers each of
//! them as it was answered then: the same statuses, at least the same keys.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::Digest;

use crate::support::{Answer, Client, Repository, Server};

const CAPABILITIES: &str = r#"{"arch":"x86_64","os":"macos","os_version":"","protocol_version":4,"version":"0.1.45","xcode_version":""}"#;

#[track_caller]
fn has_keys(value: &Value, keys: &[&str]) {
    for key in keys {
        assert!(value.get(key).is_some(), "{key} is not in {value}");
    }
}

struct Wire {
    client: Client,
    base: String,
}

impl Wire {
    /// Sends the very bytes.
    async fn send(&self, method: Method, path: &str, body: &str) -> Answer {
        let url = format!("{}{path}", self.base);
        let request = self.client.request(method, &url).header("accept", "*/*");
        self.client.send(request.header("content-type", "application/json").body(body.to_owned())).await
    }

    async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(Method::POST, path, body).await
    }
}

#[tokio::test]
async fn a_runner_of_protocol_4_is_served_as_it_was() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let body = format!(r#"{{"capabilities":{CAPABILITIES},"name":"linux-runner"}}"#);
    let request = owner.request(Method::POST, "/v1/runners/register");
    let registered = owner.send(request.header("content-type", "application/json").body(body)).await.ok();
    has_keys(&registered, &["runner", "token"]);
    let keys = ["id", "name", "status", "capabilities", "registered_by", "created_at", "updated_at"];
    has_keys(&registered["runner"], &keys);
    assert_eq!(registered["runner"]["status"], "offline");
    let said: Value = serde_json::from_str(CAPABILITIES).unwrap();
    assert_eq!(registered["runner"]["capabilities"], said);

    let base = format!("/v1/runners/{}", registered["runner"]["id"].as_str().unwrap());
    let runner = Wire { client: owner.with_token(registered["token"].as_str().unwrap()), base };
    let beat = format!(r#"{{"capabilities":{CAPABILITIES},"status":"online"}}"#);
    let answer = runner.post("/heartbeat", &beat).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
    for _ in 0..3 {
        let nothing = runner.post("/claim", r#"{"protocol_version":4}"#).await;
        assert_eq!(nothing.ok(), json!({}), "an empty queue is an empty object, at once");
    }

    let repository = Repository::running(&["true"]);
    let project = owner.project("Shop", &repository).await;
    let build = owner.build(&owner.pipeline(&project, "Android").await).await;
    let job = runner.post("/claim", r#"{"protocol_version":4}"#).await.ok()["job"].clone();
    let keys = [
        "build_id",
        "project_id",
        "pipeline_id",
        "build_number",
        "config_snapshot",
        "commit_sha",
        "branch",
        "lease_expires_at",
        "signing_token",
    ];
    has_keys(&job, &keys);
    assert_eq!(job["build_id"], build["id"]);
    let runner = Wire { base: format!("{}/jobs/{}", runner.base, build["id"].as_str().unwrap()), ..runner };

    let begun = r#"{"error_message":null,"exit_code":null,"status":"running","steps":[]}"#;
    let begun = runner.post("/status", begun).await.ok();
    has_keys(&begun, &["build", "events"]);
    assert_eq!(
        (&begun["build"]["status"], &begun["build"]["runner_id"]),
        (&json!("running"), &registered["runner"]["id"])
    );
    let moves: Vec<&str> =
        begun["events"].as_array().unwrap().iter().filter_map(|event| event["to_status"].as_str()).collect();
    assert_eq!(moves, ["queued", "scheduled", "assigned", "running"]);

    // That GET carries a body.
    let still = runner.send(Method::GET, "", r#"{"protocol_version":4}"#).await.ok();
    assert_eq!(still["status"], "running");
    let line = r#"{"chunks":[{"content":"[oore-step] {\"command\":\"git fetch --depth 1 <repo> e3f4 && git checkout FETCH_HEAD\",\"event\":\"start\",\"name\":\"checkout\"}","sequence":0,"stream":"stdout"}]}"#;
    assert_eq!(runner.post("/logs", line).await.ok(), json!({"appended": 1}));
    assert_eq!(
        runner.post("/logs", line).await.ok(),
        json!({"appended": 0}),
        "sent again after a lost answer"
    );
    let signing = runner.client.request(Method::GET, &format!("{}/android-signing", runner.base));
    let signing = signing.header("x-oore-signing-token", job["signing_token"].as_str().unwrap());
    assert_eq!(runner.client.send(signing).await.ok(), json!({}));

    let bytes = vec![7_u8; 262_144];
    let checksum = format!("{:x}", sha2::Sha256::digest(&bytes));
    let artifact = format!(
        r#"{{"artifact_type":"apk","checksum":"{checksum}","file_size":262144,"metadata":{{}},"name":"app-debug.apk"}}"#
    );
    let announced = runner.post("/artifacts", &artifact).await.ok();
    assert_eq!(
        (&announced["artifact"]["state"], &announced["artifact"]["checksum"]),
        (&json!("pending"), &json!(checksum))
    );
    let url = announced["upload_url"].as_str().unwrap();
    assert_eq!(runner.client.send(runner.client.http.put(url).body(bytes)).await.status, 200);
    let path = format!("/artifacts/{}/complete", announced["artifact"]["id"].as_str().unwrap());
    assert_eq!(runner.post(&path, "{}").await.ok()["artifact"]["state"], "available");

    let steps = r#"[{"duration_ms":900,"exit_code":0,"finished_at":2,"name":"build-1","started_at":1,"status":"succeeded"}]"#;
    let over = format!(r#"{{"error_message":null,"exit_code":0,"status":"succeeded","steps":{steps}}}"#);
    let over = runner.post("/status", &over).await.ok();
    assert_eq!((&over["build"]["status"], &over["build"]["exit_code"]), (&json!("succeeded"), &json!(0)));
    runner.send(Method::GET, "", r#"{"protocol_version":4}"#).await.error(403, "runner_mismatch");
}
