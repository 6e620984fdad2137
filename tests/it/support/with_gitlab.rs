//! An instance that others reach, with GitLab connected to it.

use oored::builds::deliveries;
use reqwest::Method;
use serde_json::{Value, json};

use super::gitlab::{CLIENT_ID, CLIENT_SECRET, GitLab};
use super::setting_up::{behind_proxy, proxy_sign_in};
use super::{Answer, Client, Repository, Server};

const OWNER: &str = "ana@example.com";
/// Whose credential it is.
pub const ANA: u64 = 7;
/// What a token has to be allowed.
pub const SCOPES: [&str; 2] = ["read_api", "read_repository"];

/// The instance, its owner and GitLab.
pub struct Site {
    pub server: Server,
    pub owner: Client,
    pub gitlab: GitLab,
    /// The integration's id.
    pub id: String,
    /// The token it was connected with; empty for an application.
    pub token: String,
}

/// An instance that others reach, and a GitLab that is not connected to it.
pub async fn apart() -> (Server, Client, GitLab) {
    let server = Server::start().await;
    let owner = behind_proxy(&server, OWNER).await;
    let gitlab = GitLab::start().await;
    gitlab.follow(&server.app.clock);
    (server, owner, gitlab)
}

/// Connects with a token.
pub async fn start_with(owner: &Client, gitlab: &GitLab, token: &str) -> Answer {
    let body = json!({"host_url": gitlab.base, "auth_mode": "personal_token", "access_token": token});
    owner.post("/v1/integrations/gitlab/start", body).await
}

/// Begins to connect with an application; answers the integration's id.
pub async fn start_application(owner: &Client, gitlab: &GitLab) -> String {
    let body = json!({"host_url": gitlab.base, "auth_mode": "oauth_app", "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET});
    let started = owner.post("/v1/integrations/gitlab/start", body).await.ok();
    started["integration"]["id"].as_str().unwrap().to_owned()
}

/// Where a person goes to agree.
pub async fn authorize_url(server: &Server, owner: &Client, id: &str) -> String {
    let redirect = format!("{}/settings/integrations", server.base);
    let body = json!({"integration_id": id, "redirect_url": redirect});
    let begun = owner.post("/v1/integrations/gitlab/authorize", body).await.ok();
    begun["authorize_url"].as_str().unwrap().to_owned()
}

/// Opens a page as a browser does.
pub async fn open(server: &Server, url: &str) -> Answer {
    server.browser.open(&server.anonymous(), url).await
}

impl Site {
    /// Connected with a token that ends in so many days, with these projects.
    pub async fn with_token(days: Option<i64>, projects: &[(&str, &Repository)]) -> Self {
        let (server, owner, gitlab) = apart().await;
        for (path, repository) in projects {
            gitlab.host(path, repository);
        }
        let token = gitlab.token(ANA, &SCOPES, days);
        let started = start_with(&owner, &gitlab, &token).await.ok();
        let id = started["integration"]["id"].as_str().unwrap().to_owned();
        Self { server, owner, gitlab, id, token }
    }

    /// Connected with an application that somebody authorised.
    pub async fn with_application(projects: &[(&str, &Repository)]) -> Self {
        let (server, owner, gitlab) = apart().await;
        for (path, repository) in projects {
            gitlab.host(path, repository);
        }
        let id = start_application(&owner, &gitlab).await;
        let site = Self { server, owner, gitlab, id, token: String::new() };
        let back = site.authorize(ANA).await;
        assert_eq!(back.status, 303, "{}", back.text);
        site
    }

    /// Somebody authorises the application; answers what the browser gets.
    pub async fn authorize(&self, user: u64) -> Answer {
        let url = authorize_url(&self.server, &self.owner, &self.id).await;
        open(&self.server, &self.gitlab.agree(&url, user)).await
    }

    /// Lets days pass, after which nobody is signed in any more; the owner signs in again.
    pub async fn days_later(&mut self, days: u64) {
        self.server.advance(days * 86_400);
        self.owner = proxy_sign_in(&self.server, OWNER).await;
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/v1/integrations/{}{rest}", self.id)
    }

    /// The integration as it is now.
    pub async fn integration(&self) -> Value {
        self.owner.get(&self.path("")).await.ok()["integration"].clone()
    }

    /// Reads account and projects again.
    pub async fn sync(&self) -> Answer {
        self.owner.post(&self.path("/installations"), json!({})).await
    }

    /// Looks at the credential; answers how it was found.
    pub async fn check(&self) -> Value {
        self.owner.post(&self.path("/gitlab-token/check"), json!({})).await.ok()
    }

    pub async fn replace(&self, token: &str) -> Answer {
        self.owner.put(&self.path("/gitlab-token"), json!({ "access_token": token })).await
    }

    /// The full names of the repositories.
    pub async fn names(&self) -> Vec<String> {
        let list = self.owner.get(&self.path("/repositories?limit=100")).await.ok();
        let list = list["repositories"].as_array().unwrap();
        list.iter().map(|one| one["full_name"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn repository(&self, name: &str) -> Value {
        let list = self.owner.get(&format!("/v1/integration-repositories?q={name}")).await.ok();
        list["repositories"][0].clone()
    }

    /// A new webhook secret of a repository.
    pub async fn webhook_secret(&self, name: &str) -> String {
        let id = self.repository(name).await["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/integration-repositories/{id}/gitlab-webhook-secret");
        let made = self.owner.post(&path, json!({})).await.ok();
        assert_eq!(made["repository_id"], json!(id));
        assert!(made["rotated_at"].is_i64());
        made["webhook_secret"].as_str().unwrap().to_owned()
    }

    /// GitLab tells of something; answers what came of it.
    pub async fn hear(&self, event: &str, secret: &str, payload: &Value) -> Value {
        let client = self.server.anonymous();
        let request = client.request(Method::POST, "/v1/webhooks/gitlab").json(payload);
        let request = request.header("x-gitlab-event", event).header("x-gitlab-token", secret);
        client.send(request).await.ok();
        deliveries::work(&self.server.app).await.unwrap();
        self.owner.get("/v1/webhook-deliveries?limit=1").await.ok()["deliveries"][0].clone()
    }

    /// A pipeline of a project made of a repository.
    pub async fn pipeline(&self, name: &str) -> Value {
        let repository = self.repository(name).await["id"].clone();
        let body = json!({"name": name.replace('/', " "), "repository_id": repository});
        let project = self.owner.post("/v1/projects", body).await.created()["project"].clone();
        self.owner.pipeline(&project, "Main").await
    }

    /// The incidents that are listed.
    pub async fn incidents(&self, query: &str) -> Vec<Value> {
        let list = self.owner.get(&format!("/v1/operator-incidents{query}")).await.ok();
        list["incidents"].as_array().unwrap().clone()
    }
}
