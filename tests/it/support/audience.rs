//! Somebody who is told of builds and runners, and the builds they are told of.

use oored::app::App;
use oored::notify;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{Agent, Client, Repository, Server};
use crate::notification_channels::{make, path};

/// Tells through every channel everything that is due, one channel after the other.
pub async fn tell_everybody(app: &App) {
    for channel in notify::due(app).await.unwrap() {
        notify::tell(app, channel).await.unwrap();
    }
}

/// An instance with a project, a runner worked by hand, and somebody who is told things.
pub struct Audience {
    pub server: Server,
    pub owner: Client,
    pub repository: Repository,
    pub project: Value,
    pub pipeline: Value,
    pub agent: Agent,
    pub receiver: Receiver,
}

impl Audience {
    pub async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("Shop", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        let agent = Agent::register(&owner, "by hand", 5).await;
        Self { server, owner, repository, project, pipeline, agent, receiver: Receiver::start().await }
    }

    /// The daemon ends in order and starts again, on another port.
    pub async fn restarted(self) -> Self {
        let server = self.server.restart().await;
        let owner = Client { base: server.base.clone(), ..self.owner };
        Self { server, owner, ..self }
    }

    pub async fn channel(&self, change: Value) -> Value {
        let mut body = json!({"name": "Hook", "channel_type": "webhook", "url": self.receiver.url("/hook")});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        make(&self.owner, body).await
    }

    pub async fn work(&self) {
        tell_everybody(&self.server.app).await;
    }

    pub async fn deliveries(&self, channel: &Value) -> Vec<Value> {
        let list = self.owner.get(&path(channel, "/deliveries")).await.ok();
        list["deliveries"].as_array().unwrap().clone()
    }

    /// The only one.
    pub async fn delivery(&self, channel: &Value) -> Value {
        let mut all = self.deliveries(channel).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    pub async fn build(&self) -> Value {
        self.owner.build(&self.pipeline).await
    }

    pub async fn cancel(&self, build: &Value) {
        self.owner
            .post(&format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap()), json!({}))
            .await
            .ok();
    }

    /// A build that ends at once.
    pub async fn ended(&self) -> Value {
        let build = self.build().await;
        self.cancel(&build).await;
        build
    }

    /// The next build runs and ends so.
    pub async fn end(&self, status: &str) {
        let job = self.agent.begin().await;
        self.agent.report(&job, json!({"status": status, "log_frames": 0})).await.ok();
    }

    /// Somebody's build on a branch that ends so.
    pub async fn run(&self, who: &Client, branch: &str, status: &str) {
        let path = format!("/v1/projects/{}/builds", self.project["id"].as_str().unwrap());
        who.post(&path, json!({"pipeline_id": self.pipeline["id"], "branch": branch})).await.created();
        self.end(status).await;
    }

    /// What was posted to this path since the last look, by event.
    pub async fn told(&self, path: &str) -> Vec<String> {
        self.work().await;
        let posted = self.receiver.posted().into_iter().filter(|posted| posted.path == path);
        posted.map(|posted| posted.json()["event"].as_str().unwrap().to_owned()).collect()
    }
}
