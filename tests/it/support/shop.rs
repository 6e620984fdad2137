//! GitHub with one project whose builds it is told of, and a runner worked by hand.

use oored::app::App;
use oored::reports;
use serde_json::{Value, json};

use super::Repository;
use super::agent::Agent;
use super::connected::Connected;

pub const CHECKS: &str = "/api/v3/repos/acme/shop/check-runs";
const NETWORK: &str = "/v1/settings/external-access/network";
pub const DAY: u64 = 86_400;

/// GitHub with `acme/shop`, a project of it with the pipeline Main, and a runner worked by hand.
pub struct Shop {
    pub site: Connected,
    pub repository: Repository,
    pub project: Value,
    pub pipeline: Value,
    pub agent: Agent,
}

impl Shop {
    pub async fn open() -> Self {
        let repository = Repository::running(&["true"]);
        let site = Connected::with(&[("acme/shop", &repository)]).await;
        let project = site.project("acme/shop").await;
        let pipeline = site.owner.pipeline(&project, "Main").await;
        let agent = Agent::register(&site.owner, "by hand", 5).await;
        Self { site, repository, project, pipeline, agent }
    }

    pub fn app(&self) -> &App {
        &self.site.server.app
    }

    pub async fn work(&self) {
        reports::work(self.app()).await.unwrap();
    }

    pub async fn build(&self) -> Value {
        self.site.owner.build(&self.pipeline).await
    }

    pub async fn set(&self, change: Value) {
        let path = format!("/v1/projects/{}", self.project["id"].as_str().unwrap());
        self.site.owner.patch(&path, change).await.ok();
    }

    /// Others reach the instance at this address.
    pub async fn publish(&self) {
        let url = "https://ci.example.com";
        let body = json!({"public_url": url, "allowed_origins": [url]});
        self.site.owner.put(NETWORK, body).await.ok();
    }

    /// The next build runs and ends so.
    pub async fn end(&self, end: Value) -> Value {
        let job = self.agent.begin().await;
        self.finish(&job, end).await;
        job
    }

    pub async fn finish(&self, job: &Value, mut end: Value) {
        end["log_frames"] = json!(0);
        self.agent.report(job, end).await.ok();
    }

    /// GitHub tells of something.
    pub async fn hear(&self, event: &str, id: &str, payload: Value) -> Value {
        self.site.hear(event, id, &payload).await
    }

    /// A pull request of the branch is opened or goes on; answers its newest build.
    pub async fn request(&self, number: i64, branch: &str, sha: &str) -> Value {
        let end = |name: &str, sha: &str| json!({"ref": name, "sha": sha, "repo": {"id": 1000, "full_name": "acme/shop"}});
        let payload = json!({
            "action": "synchronize", "repository": {"id": 1000, "full_name": "acme/shop"}, "sender": {"login": "octo"},
            "pull_request": {"number": number, "head": end(branch, sha), "base": end("main", sha)},
        });
        let told = self.hear("pull_request", &format!("{branch}-{sha}"), payload).await;
        assert_eq!(told["outcome"], "built", "{told}");
        self.site.owner.get("/v1/builds?limit=1").await.ok()["builds"][0].clone()
    }

    pub fn checks(&self) -> Vec<Value> {
        self.site.github.reports().checks.clone()
    }

    pub fn check(&self) -> Value {
        let checks = self.checks();
        assert_eq!(checks.len(), 1, "{checks:?}");
        checks[0].clone()
    }

    /// What GitHub was told of states, in order.
    pub fn states(&self) -> Vec<String> {
        let reports = self.site.github.reports();
        let state = |(_, body): &(String, Value)| {
            let state = body["conclusion"].as_str().or(body["status"].as_str()).or(body["state"].as_str());
            state.unwrap_or("comment").to_owned()
        };
        reports.told.iter().map(state).collect()
    }

    pub fn comments(&self) -> Vec<String> {
        let reports = self.site.github.reports();
        reports.comments.iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }

    /// The only one.
    pub fn comment(&self) -> String {
        let mut comments = self.comments();
        assert_eq!(comments.len(), 1, "{comments:?}");
        comments.remove(0)
    }

    pub async fn source(&self) -> Value {
        self.site.owner.get(&format!("/v1/integrations/{}", self.site.id)).await.ok()
    }

    pub async fn incidents(&self, query: &str) -> Vec<Value> {
        let list = self.site.owner.get(&format!("/v1/operator-incidents{query}")).await.ok();
        list["incidents"].as_array().unwrap().clone()
    }
}
