//! An instance in remote mode with a repository of a code host, a project and a pipeline, and the code host's part:
//! deliveries as it sends them.

use oored::builds::deliveries;
use oored::db::entity::users;
use oored::db::integration_secrets::Holder;
use oored::domain::id::UserId;
use oored::domain::role::{UserRole, UserStatus};
use oored::domain::source::IntegrationSecretKind;
use oored::domain::subject;
use oored::sources::secrets;
use reqwest::Method;
use serde_json::{Value, json};

use super::code_host::{CodeHost, Connected, connect_github};
use super::payloads::github_signature;
use super::setting_up::{behind_proxy, proxy_sign_in};
use super::{Answer, Client, Repository, Server};

pub const SECRET: &str = "It's a Secret to Everybody";

/// What proves deliveries of its neighbour.
pub const NEIGHBOURS_SECRET: &str = "another secret";

pub struct Source {
    pub server: Server,
    pub owner: Client,
    pub host: CodeHost,
    pub repository: Repository,
    pub connected: Connected,
    pub project: Value,
    pub pipeline: Value,
}

/// What `Source::neighbour` makes.
pub struct Neighbour {
    pub repository: Repository,
    pub pipeline: Value,
    /// The path of its builds.
    pub builds: String,
    _host: CodeHost,
}

impl Source {
    pub async fn start() -> Self {
        Self::with(Repository::running(&["true"])).await
    }

    pub async fn with(repository: Repository) -> Self {
        let server = Server::start().await;
        let owner = behind_proxy(&server, "ana@example.com").await;
        let host = CodeHost::start(&repository).await;
        let connected = connect_github(&server, &host, SECRET).await;
        let body = json!({"name": "App", "repository_id": connected.repository});
        let project = owner.post("/v1/projects", body).await.created()["project"].clone();
        let pipeline = owner.pipeline(&project, "Main").await;
        Self { server, owner, host, repository, connected, project, pipeline }
    }

    /// Another code host of the same instance, with a repository and a project of its own.
    pub async fn neighbour(&self) -> Neighbour {
        let repository = Repository::running(&["true"]);
        let host = CodeHost::start(&repository).await;
        let connected = connect_github(&self.server, &host, NEIGHBOURS_SECRET).await;
        let body = json!({"name": "Other", "repository_id": connected.repository});
        let project = self.owner.post("/v1/projects", body).await.created()["project"].clone();
        let pipeline = self.owner.pipeline(&project, "Main").await;
        let builds = format!("/v1/builds?project_id={}", project["id"].as_str().unwrap());
        Neighbour { repository, pipeline, builds, _host: host }
    }

    /// Gives the app a key, so that another process can prove itself to the code host.
    pub async fn keep_app_key(&self) {
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
        let pem = rsa::pkcs1::EncodeRsaPrivateKey::to_pkcs1_pem(&key, rsa::pkcs1::LineEnding::LF).unwrap();
        let (app, holder) = (&self.server.app, Holder::Integration(self.connected.integration));
        let kind = IntegrationSecretKind::PrivateKey;
        app.db.write(async |tx| secrets::keep(tx, app, holder, kind, &pem).await).await.unwrap();
    }

    pub fn head(&self) -> String {
        self.repository.git(&["rev-parse", "HEAD"])
    }

    /// Sets what of a pipeline.
    pub async fn set(&self, change: Value) {
        let path = format!("/v1/pipelines/{}", self.pipeline["id"].as_str().unwrap());
        self.owner.patch(&path, change).await.ok();
    }

    pub async fn deliver(&self, event: &str, id: &str, payload: &Value) -> Answer {
        deliver(&self.server.anonymous(), SECRET, event, id, &payload.to_string()).await
    }

    /// Works off what is due.
    pub async fn work(&self) {
        deliveries::work(&self.server.app).await.unwrap();
    }

    /// Delivers, works off and answers what came of it, as the API shows it.
    pub async fn told(&self, event: &str, id: &str, payload: &Value) -> Value {
        self.deliver(event, id, payload).await.ok();
        self.work().await;
        self.newest().await
    }

    pub async fn newest(&self) -> Value {
        self.owner.get("/v1/webhook-deliveries?limit=1").await.ok()["deliveries"][0].clone()
    }

    /// The only verdict: its outcome and its reason.
    pub fn verdict(delivery: &Value) -> (String, String) {
        let verdicts = delivery["verdicts"].as_array().unwrap();
        assert_eq!(verdicts.len(), 1, "{delivery}");
        let text = |key: &str| verdicts[0][key].as_str().unwrap().to_owned();
        (text("outcome"), text("reason"))
    }

    /// Every build, the first one first.
    pub async fn builds(&self) -> Vec<Value> {
        let mut builds = Vec::new();
        loop {
            let path = format!("/v1/builds?limit=200&offset={}", builds.len());
            let page = self.owner.get(&path).await.ok();
            let found = page["builds"].as_array().unwrap();
            if found.is_empty() {
                break;
            }
            builds.extend(found.iter().cloned());
        }
        builds.sort_by_key(|build| build["build_number"].as_i64());
        builds
    }
}

/// The commits of a page of builds, sorted.
pub fn commits(page: &Value) -> Vec<String> {
    let builds = page["builds"].as_array().unwrap().iter();
    let mut shas: Vec<String> =
        builds.map(|build| build["commit_sha"].as_str().unwrap().to_owned()).collect();
    shas.sort();
    shas
}

/// Sends a delivery as GitHub does.
pub async fn deliver(client: &Client, secret: &str, event: &str, id: &str, body: &str) -> Answer {
    let request = client.request(Method::POST, "/v1/webhooks/github").body(body.to_owned());
    let request = request
        .header("content-type", "application/json")
        .header("x-github-event", event)
        .header("x-github-delivery", id)
        .header("x-hub-signature-256", github_signature(secret, body.as_bytes()));
    client.send(request).await
}

/// Somebody with a role, signed in through the proxy.
pub async fn person(server: &Server, email: &str, role: UserRole) -> Client {
    let (id, now) = (UserId::new(), server.app.clock.now());
    let row = users::Model {
        id,
        email: email.to_owned(),
        display_name: None,
        role,
        status: UserStatus::Active,
        subject: subject::trusted_proxy(email),
        avatar_url: None,
        created_at: now,
        updated_at: now,
    };
    server.app.db.write(async |tx| oored::db::users::insert(tx, row).await).await.unwrap();
    proxy_sign_in(server, email).await
}
