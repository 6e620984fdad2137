//! The badge of a project: there only if the project wants it, and without any name.

use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::{Client, Repository, Server};

struct Gallery {
    server: Server,
    owner: Client,
    project: Value,
    agent: Agent,
    _repository: Repository,
}

impl Gallery {
    async fn open() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("Secret project", &repository).await;
        let agent = Agent::register(&owner, "by hand", 5).await;
        Self { server, owner, project, agent, _repository: repository }
    }

    fn path(&self, query: &str) -> String {
        format!("/v1/projects/{}/badge.svg{query}", self.project["id"].as_str().unwrap())
    }

    async fn publish(&self, public: bool) {
        let path = format!("/v1/projects/{}", self.project["id"].as_str().unwrap());
        let shown = self.owner.patch(&path, json!({ "public_badge": public })).await.ok();
        assert_eq!(shown["project"]["public_badge"], public);
    }

    /// What the badge says.
    async fn says(&self, query: &str) -> String {
        let answer = self.server.anonymous().get(&self.path(query)).await;
        answer.expect_status(200);
        assert_eq!(answer.header("content-type"), Some("image/svg+xml"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert!(!answer.text.contains("Secret") && !answer.text.contains("main"), "{}", answer.text);
        let title = answer.text.split("<title>build: ").nth(1).unwrap().split("</title>").next().unwrap();
        title.to_owned()
    }

    async fn end(&self, status: &str) {
        let job = self.agent.begin().await;
        self.agent.report(&job, json!({"status": status, "log_frames": 0})).await.ok();
    }
}

#[tokio::test]
async fn a_badge_is_not_there_unless_the_project_wants_it() {
    let gallery = Gallery::open().await;
    let anybody = gallery.server.anonymous();
    let off = anybody.get(&gallery.path("")).await.error(404, "not_found");
    let unknown = "/v1/projects/0190a0a0-0000-7000-8000-000000000000/badge.svg";
    let none = anybody.get(unknown).await.error(404, "not_found");
    assert_eq!(off["error"], none["error"], "nobody learns which projects there are");
    gallery.owner.get(&gallery.path("")).await.error(404, "not_found");
    gallery.publish(true).await;
    assert_eq!(gallery.says("").await, "unknown");
    gallery.publish(false).await;
    anybody.get(&gallery.path("")).await.error(404, "not_found");
}

#[tokio::test]
async fn a_badge_says_whether_the_newest_builds_of_a_branch_are_good() {
    let gallery = Gallery::open().await;
    gallery.publish(true).await;
    let first = gallery.owner.pipeline(&gallery.project, "First").await;
    let second = gallery.owner.pipeline(&gallery.project, "Second").await;
    gallery.owner.build(&first).await;
    assert_eq!(gallery.says("").await, "unknown", "it has not ended");
    gallery.end("succeeded").await;
    assert_eq!(gallery.says("").await, "passing");
    gallery.owner.build(&second).await;
    gallery.end("failed").await;
    assert_eq!(gallery.says("").await, "failing");
    let of = |pipeline: &Value| format!("?pipeline={}", pipeline["id"].as_str().unwrap());
    assert_eq!(gallery.says(&of(&first)).await, "passing");
    assert_eq!(gallery.says(&of(&second)).await, "failing");
    for elsewhere in ["?branch=none", "?pipeline=none", "?branch=%3Csvg%3E"] {
        assert_eq!(gallery.says(elsewhere).await, "unknown");
    }
    // Who cancels a build says nothing about the branch.
    let build = gallery.owner.build(&first).await;
    gallery.owner.post(&format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap()), json!({})).await.ok();
    assert_eq!(gallery.says(&of(&first)).await, "passing");
    gallery
        .owner
        .patch(&format!("/v1/pipelines/{}", second["id"].as_str().unwrap()), json!({"enabled": false}))
        .await
        .ok();
    assert_eq!(gallery.says("").await, "passing");
}

#[tokio::test]
async fn a_badge_that_is_known_is_not_sent_again() {
    let gallery = Gallery::open().await;
    gallery.publish(true).await;
    let client = gallery.server.anonymous();
    let first = client.get(&gallery.path("")).await;
    let tag = first.header("etag").unwrap();
    let request = client.request(reqwest::Method::GET, &gallery.path("")).header("if-none-match", tag);
    let again = client.send(request).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    let pipeline = gallery.owner.pipeline(&gallery.project, "Main").await;
    gallery.owner.build(&pipeline).await;
    gallery.end("succeeded").await;
    let request = client.request(reqwest::Method::GET, &gallery.path("")).header("if-none-match", tag);
    client.send(request).await.expect_status(200);
}

#[tokio::test]
async fn only_who_may_change_a_project_publishes_its_badge() {
    let gallery = Gallery::open().await;
    let person = gallery.server.person("dev@example.com", oored::domain::role::UserRole::Developer).await;
    let project = gallery.project["id"].as_str().unwrap();
    let member = json!({"user_id": person.id().await, "role": "developer"});
    gallery.owner.post(&format!("/v1/projects/{project}/members"), member).await.created();
    let change = json!({"public_badge": true});
    person.patch(&format!("/v1/projects/{project}"), change).await.error(403, "permission_denied");
}
