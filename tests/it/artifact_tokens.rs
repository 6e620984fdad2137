//! Links to artifacts that people hand on: how long and how often they work, who sees and revokes them.

use oored::domain::role::UserRole;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Agent, Answer, Client, Repository, Server};

struct Rig {
    server: Server,
    owner: Client,
    artifact: String,
    project: String,
    _repository: Repository,
}

impl Rig {
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        owner.build(&pipeline).await;
        let runner = Agent::register(&owner, "r", 5).await;
        let job = runner.begin().await;
        let stored = runner.store(&job, "app.apk", b"bytes").await;
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        Self { server, owner, artifact: id(&stored), project: id(&project), _repository: repository }
    }

    async fn make(&self, client: &Client, body: Value) -> Answer {
        client.post(&format!("/v1/artifacts/{}/scoped-token", self.artifact), body).await
    }

    async fn listed(&self) -> Vec<Value> {
        let path = format!("/v1/artifacts/{}/scoped-tokens", self.artifact);
        self.owner.get(&path).await.ok()["tokens"].as_array().unwrap().clone()
    }

    /// Opens a link as a browser does, without following it.
    async fn open(&self, made: &Value) -> Answer {
        let url = made["download_url"].as_str().unwrap();
        self.server.anonymous().get(url.strip_prefix(&self.server.base).unwrap()).await
    }

    async fn member(&self, email: &str, role: &str) -> Client {
        let person = self.server.person(email, UserRole::Developer).await;
        let body = json!({"user_id": person.id().await, "role": role});
        self.owner.post(&format!("/v1/projects/{}/members", self.project), body).await.created();
        person
    }
}

#[tokio::test]
async fn a_link_leads_to_the_bytes_until_it_expires() {
    let rig = Rig::start().await;
    let made = rig.make(&rig.owner, json!({"ttl_secs": 60})).await.ok();
    let token = made["token"].as_str().unwrap();
    assert_eq!(made["download_url"], format!("{}/install/artifact/{token}", rig.server.base));
    assert_eq!(made["single_use"], false);
    assert_eq!(made["expires_at"].as_i64().unwrap() - rig.server.app.clock.now(), 60);
    for path in [format!("/install/artifact/{token}"), format!("/v1/artifacts/dl/{token}")] {
        let answer = rig.server.anonymous().get(&path).await;
        answer.expect_status(307);
        let leads = answer.header("location").unwrap().strip_prefix(&rig.server.base).unwrap();
        assert_eq!(rig.server.anonymous().get(leads).await.text, "bytes");
    }
    rig.server.assert_not_stored(token);
    let listed = rig.listed().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["prefix"], made["prefix"]);
    assert_eq!(listed[0]["created_by_email"], "owner@local");
    assert!(listed[0]["used_at"].is_i64() && listed[0].get("revoked_at").is_none());
    assert_eq!((&listed[0]["is_expired"], &listed[0]["is_used"]), (&json!(false), &json!(false)));
    rig.server.advance(60);
    rig.open(&made).await.error(401, "invalid_token");
    assert_eq!(rig.listed().await[0]["is_expired"], true);
    rig.server.anonymous().get("/install/artifact/nonsense").await.error(401, "invalid_token");
}

#[tokio::test]
async fn a_link_for_a_single_use_is_used_by_one_of_many_and_by_no_glance_at_its_head() {
    let rig = Rig::start().await;
    let made = rig.make(&rig.owner, json!({"single_use": true})).await.ok();
    let path = format!("/install/artifact/{}", made["token"].as_str().unwrap());
    let anonymous = rig.server.anonymous();
    let head = anonymous.send(anonymous.request(Method::HEAD, &path)).await;
    assert_eq!((head.status.as_u16(), head.header("location")), (200, None));
    let opened = futures_util::future::join_all((0..10).map(|_| rig.open(&made))).await;
    let (led, refused): (Vec<_>, Vec<_>) = opened.into_iter().partition(|answer| answer.status == 307);
    assert_eq!((led.len(), refused.len()), (1, 9));
    refused.into_iter().for_each(|answer| {
        answer.error(401, "invalid_token");
    });
    assert_eq!(rig.listed().await[0]["is_used"], true);
    let leads = led[0].header("location").unwrap().strip_prefix(&rig.server.base).unwrap();
    assert_eq!(anonymous.get(leads).await.text, "bytes", "what it led to can be resumed for a while");
}

#[tokio::test]
async fn a_revoked_link_ends_at_once_and_only_operators_revoke_those_of_others() {
    let rig = Rig::start().await;
    let (ana, ben) = (rig.member("ana@x", "developer").await, rig.member("ben@x", "developer").await);
    let viewer = rig.member("vera@x", "viewer").await;
    rig.make(&viewer, json!({})).await.error(403, "permission_denied");
    let stranger = rig.server.person("sam@x", UserRole::Developer).await;
    rig.make(&stranger, json!({})).await.error(404, "not_found");
    let made = rig.make(&ana, json!({})).await.ok();
    let path = format!("/v1/artifact-tokens/{}", made["id"].as_str().unwrap());
    ben.delete(&path).await.error(403, "permission_denied");
    stranger.delete(&path).await.error(404, "not_found");
    rig.open(&made).await.expect_status(307);
    assert_eq!(ana.delete(&path).await.ok(), json!({"revoked": true}));
    assert_eq!(ana.delete(&path).await.ok(), json!({"revoked": false}));
    rig.open(&made).await.error(401, "invalid_token");
    let second = rig.make(&ana, json!({})).await.ok();
    let path = format!("/v1/artifact-tokens/{}", second["id"].as_str().unwrap());
    assert_eq!(rig.owner.delete(&path).await.ok(), json!({"revoked": true}));
    assert!(rig.listed().await.iter().all(|token| token["is_revoked"] == true));
    let acts = rig.owner.get("/v1/audit-logs?limit=100").await.ok().to_string();
    for act in ["scoped_download_token_created", "scoped_download_token_revoked"] {
        assert!(acts.contains(act), "{act}");
    }
    assert!(!acts.contains(made["token"].as_str().unwrap()));
}

#[tokio::test]
async fn a_link_lives_a_minute_to_a_week() {
    let rig = Rig::start().await;
    for wrong in [59, 604_801, -1, 0] {
        rig.make(&rig.owner, json!({"ttl_secs": wrong})).await.error(400, "validation_error");
    }
    rig.make(&rig.owner, json!({"ttl_secs": "x"})).await.error(400, "invalid_request");
    let made = rig.make(&rig.owner, json!({})).await.ok();
    assert_eq!(made["expires_at"].as_i64().unwrap() - rig.server.app.clock.now(), 86_400);
    rig.make(&rig.owner, json!({"ttl_secs": 604_800})).await.ok();
    let unknown = "/v1/artifacts/00000000-0000-7000-8000-000000000000/scoped-token";
    rig.owner.post(unknown, json!({})).await.error(404, "not_found");
}

#[tokio::test]
async fn links_survive_a_restart_and_not_their_artifact() {
    let mut rig = Rig::start().await;
    let made = rig.make(&rig.owner, json!({})).await.ok();
    let path = format!("/install/artifact/{}", made["token"].as_str().unwrap());
    rig.server = rig.server.restart().await;
    rig.server.anonymous().get(&path).await.expect_status(307);
    rig.owner = rig.server.owner().await;
    rig.owner.put("/v1/settings/artifact-storage", json!({"provider": "disabled"})).await.ok();
    rig.server.anonymous().get(&path).await.error(503, "storage_not_configured");
    rig.owner.put("/v1/settings/artifact-storage", json!({"provider": "local"})).await.ok();
    rig.server.anonymous().get(&path).await.expect_status(307);
}
