//! An instance that others reach, with GitHub connected to it as a person does that in a browser.

use oored::builds::deliveries;
use serde_json::{Value, json};

use super::github::{GitHub, WEBHOOK_SECRET};
use super::setting_up::behind_proxy;
use super::sources::deliver;
use super::{Answer, Client, Repository, Server};

/// The instance, its owner and GitHub.
pub struct Connected {
    pub server: Server,
    pub owner: Client,
    pub github: GitHub,
    /// The integration's id.
    pub id: String,
}

impl Connected {
    /// With these repositories of `acme`, all of them private.
    pub async fn with(repositories: &[(&str, &Repository)]) -> Self {
        let server = Server::start().await;
        let owner = behind_proxy(&server, "ana@example.com").await;
        let github = GitHub::start().await;
        github.follow(&server.app.clock);
        let installation = github.account("acme");
        for (name, repository) in repositories {
            github.host(name, repository, true);
        }
        let id = connect(&server, &owner, &github, installation).await;
        Self { server, owner, github, id }
    }

    /// The integration as it is now.
    pub async fn integration(&self) -> Value {
        self.owner.get(&format!("/v1/integrations/{}", self.id)).await.ok()["integration"].clone()
    }

    /// Reads accounts and repositories again.
    pub async fn sync(&self) -> Answer {
        self.owner.post(&format!("/v1/integrations/{}/installations", self.id), json!({})).await
    }

    /// The full names of the repositories.
    pub async fn names(&self) -> Vec<String> {
        let list = self.owner.get(&format!("/v1/integrations/{}/repositories?limit=100", self.id)).await.ok();
        let list = list["repositories"].as_array().unwrap();
        list.iter().map(|one| one["full_name"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn repository(&self, name: &str) -> Value {
        let list = self.owner.get(&format!("/v1/integration-repositories?q={name}")).await.ok();
        list["repositories"][0].clone()
    }

    /// A project made of a repository.
    pub async fn project(&self, name: &str) -> Value {
        let repository = self.repository(name).await["id"].clone();
        let body = json!({"name": name.replace('/', " "), "repository_id": repository});
        self.owner.post("/v1/projects", body).await.created()["project"].clone()
    }

    /// GitHub tells of something; answers what came of it.
    pub async fn hear(&self, event: &str, id: &str, payload: &Value) -> Value {
        hear(&self.server, &self.owner, event, id, payload).await
    }
}

/// GitHub tells an instance of something; answers what came of it.
pub async fn hear(server: &Server, owner: &Client, event: &str, id: &str, payload: &Value) -> Value {
    deliver(&server.anonymous(), WEBHOOK_SECRET, event, id, &payload.to_string()).await.ok();
    deliveries::work(&server.app).await.unwrap();
    owner.get("/v1/webhook-deliveries?limit=1").await.ok()["deliveries"][0].clone()
}

/// Asks to connect; answers where the browser goes.
pub async fn start(server: &Server, owner: &Client, github: &GitHub) -> String {
    let body = json!({
        "webhook_url": "https://ci.example.com/v1/webhooks/github", "host_url": github.base,
        "redirect_url": format!("{}/settings/integrations", server.base),
    });
    let started = owner.post("/v1/integrations/github/start", body).await.ok();
    started["create_url"].as_str().unwrap().to_owned()
}

/// Opens a page as a browser does.
pub async fn open(server: &Server, url: &str) -> Answer {
    server.browser.open(&server.anonymous(), url).await
}

/// The form of a page: its address and its manifest.
pub fn form(page: &Answer) -> (String, String) {
    let between = |from: &str| page.text.split(from).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let plain = |text: String| {
        text.replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    (plain(between("action=\"")), plain(between("value=\"")))
}

/// Where a person is after they have agreed to the new app.
pub async fn agreed(server: &Server, owner: &Client, github: &GitHub) -> String {
    let page = open(server, &start(server, owner, github).await).await;
    let (action, manifest) = form(&page);
    github.agree(&action, &manifest)
}

/// The whole way; answers the integration's id.
pub async fn connect(server: &Server, owner: &Client, github: &GitHub, installation: u64) -> String {
    let back = open(server, &agreed(server, owner, github).await).await;
    back.expect_status(303);
    let cookie = back.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let client = server.anonymous();
    let url = format!(
        "{}/v1/integrations/github/installed?installation_id={installation}&setup_action=install",
        server.base
    );
    let page = client.send(client.http.get(url).header("cookie", cookie)).await;
    page.expect_status(200);
    assert!(
        page.text.contains("GitHub is connected") && page.text.contains("are there now"),
        "{}",
        page.text
    );
    let list = owner.get("/v1/integrations?provider=github&sort=updated_at&direction=desc").await.ok();
    list["integrations"][0]["id"].as_str().unwrap().to_owned()
}
