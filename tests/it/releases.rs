//! Releases: which builds are some, what is new in each, for whom, and what is under way.

use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::{Agent, Client, Repository, Server};

struct Shop {
    server: Server,
    owner: Client,
    agent: Agent,
    project: Value,
    pipeline: Value,
    repository: Repository,
}

impl Shop {
    async fn open() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("Shop", &repository).await;
        let pipeline = owner.pipeline(&project, "Android").await;
        let agent = Agent::register(&owner, "by hand", 5).await;
        Self { server, owner, agent, project, pipeline, repository }
    }

    /// A build that leaves these files and ends so.
    async fn build(&self, files: &[&str], status: &str) -> Value {
        let build = self.owner.build(&self.pipeline).await;
        let job = self.agent.begin().await;
        for file in files {
            self.agent.store(&job, file, b"bytes").await;
        }
        self.server.advance(60);
        self.agent.report(&job, json!({"status": status, "log_frames": 0})).await.ok();
        build
    }

    async fn releases(&self, query: &str) -> Value {
        self.owner.get(&format!("/v1/projects/{}/releases{query}", self.id())).await.ok()
    }

    fn id(&self) -> &str {
        self.project["id"].as_str().unwrap()
    }
}

fn numbers(list: &Value) -> Vec<i64> {
    let releases = list["releases"].as_array().unwrap().iter();
    releases.map(|release| release["build"]["build_number"].as_i64().unwrap()).collect()
}

fn subjects(release: &Value) -> Vec<&str> {
    let changes = release["changes"].as_array().unwrap().iter();
    changes.map(|change| change["commit_subject"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn releases_are_builds_that_passed_and_left_something_to_install() {
    let shop = Shop::open().await;
    shop.build(&["app-release.apk", "app-release.aab", "report.txt"], "succeeded").await;
    shop.build(&["app-release.apk"], "failed").await;
    shop.build(&["app-release.aab", "report.txt"], "succeeded").await;
    shop.build(&["Shop.ipa", "Shop.dmg"], "succeeded").await;
    shop.build(&[], "succeeded").await;
    let found = shop.releases("").await;
    assert_eq!(numbers(&found), [4, 1]);
    assert_eq!((&found["coming"], found.get("next_cursor")), (&json!([]), None));
    let installable = |release: &Value| {
        let files = release["artifacts"].as_array().unwrap().iter();
        files.map(|file| (file["name"].clone(), file["installs_on"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(
        installable(&found["releases"][0]),
        [(json!("Shop.ipa"), json!("ios")), (json!("Shop.dmg"), json!("macos"))]
    );
    assert_eq!(
        installable(&found["releases"][1]),
        [
            (json!("app-release.apk"), json!("android")),
            (json!("app-release.aab"), Value::Null),
            (json!("report.txt"), Value::Null)
        ]
    );
    let newest = shop.owner.get("/v1/releases").await.ok();
    assert_eq!(numbers(&newest), [4]);
    assert_eq!(newest["releases"][0]["build"]["context"]["project_name"], "Shop");
}

#[tokio::test]
async fn a_release_says_what_was_built_since_the_one_before() {
    let shop = Shop::open().await;
    shop.build(&["a.apk"], "succeeded").await;
    shop.repository.commit("Fix checkout", &[("a", "1")]);
    shop.build(&[], "failed").await;
    shop.build(&[], "failed").await;
    shop.repository.commit("Add dark mode", &[("a", "2")]);
    shop.build(&["a.apk"], "succeeded").await;
    let again = shop.build(&["a.apk"], "succeeded").await;
    let found = shop.releases("").await;
    assert_eq!(numbers(&found), [5, 4, 1]);
    assert_eq!(subjects(&found["releases"][0]), Vec::<&str>::new(), "the same commit: {again}");
    assert_eq!(subjects(&found["releases"][1]), ["Add dark mode", "Fix checkout"]);
    assert_eq!(subjects(&found["releases"][2]), ["first commit"], "there is none before");
    assert_eq!(found["releases"][1]["changes"][0]["commit_author"], "Ana");
}

#[tokio::test]
async fn releases_come_in_pages_and_what_is_under_way_on_the_first() {
    let shop = Shop::open().await;
    for _ in 0..3 {
        shop.build(&["a.apk"], "succeeded").await;
    }
    let running = shop.owner.build(&shop.pipeline).await;
    shop.agent.begin().await;
    let first = shop.releases("?limit=2").await;
    assert_eq!(numbers(&first), [3, 2]);
    assert_eq!(first["coming"][0]["build"]["id"], running["id"]);
    let usual = first["coming"][0]["usual_ms"].as_i64().unwrap();
    assert!((60_000..120_000).contains(&usual), "{usual}");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = shop.releases(&format!("?limit=2&cursor={cursor}")).await;
    assert_eq!((numbers(&second), second.get("next_cursor")), (vec![1], None));
    assert_eq!(second["coming"], json!([]));
    let path = format!("/v1/projects/{}/releases", shop.id());
    shop.owner.get(&format!("{path}?cursor=x")).await.error(400, "invalid_input");
    shop.owner.get(&format!("{path}?limit=0")).await.error(400, "invalid_input");
}

#[tokio::test]
async fn testers_see_the_releases_of_their_projects_and_of_no_other() {
    let shop = Shop::open().await;
    shop.build(&["a.apk"], "succeeded").await;
    let tester = shop.server.person("tess@example.com", UserRole::QaViewer).await;
    let path = format!("/v1/projects/{}/releases", shop.id());
    tester.get(&path).await.error(404, "not_found");
    assert_eq!(numbers(&tester.get("/v1/releases").await.ok()), Vec::<i64>::new());
    let member = json!({"user_id": tester.id().await, "role": "viewer"});
    shop.owner.post(&format!("/v1/projects/{}/members", shop.id()), member).await;
    assert_eq!(numbers(&tester.get("/v1/releases").await.ok()), [1]);
    let found = tester.get(&path).await.ok();
    let file = &found["releases"][0]["artifacts"][0]["id"];
    let link = format!("/v1/artifacts/{}/download-link", file.as_str().unwrap());
    assert!(tester.post(&link, json!({})).await.ok()["download_url"].is_string());
    let handed_on = format!("/v1/artifacts/{}/scoped-token", file.as_str().unwrap());
    tester.post(&handed_on, json!({})).await.error(403, "permission_denied");
}

#[tokio::test]
async fn files_of_a_release_that_nothing_removes_have_no_end() {
    let shop = Shop::open().await;
    let policy = json!({"enabled": true, "cleanup_target": "artifacts_only", "artifact_ttl_days": 7});
    shop.owner.put("/v1/settings/retention", policy).await.ok();
    let build = shop.build(&["a.apk"], "succeeded").await;
    let end = async || shop.releases("").await["releases"][0]["artifacts"][0]["expires_at"].clone();
    assert!(end().await.is_i64());
    shop.owner.post(&format!("/v1/builds/{}/pin", build["id"].as_str().unwrap()), json!({})).await.ok();
    assert_eq!(end().await, Value::Null);
    assert_eq!(
        shop.owner.get("/v1/releases").await.ok()["releases"][0]["artifacts"][0].get("expires_at"),
        None
    );
}
