//! A model of GitHub's API over one real repository, as far as reading code goes. It keeps a record of what it was
//! asked, can be told to fail, and an address it does not know fails the test.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oored::db;
use oored::db::entity::{installations, integrations, repositories};
use oored::db::integration_secrets::Holder;
use oored::domain::id::{InstallationId, IntegrationId, RepositoryId};
use oored::domain::source::{IntegrationAuthMode, IntegrationSecretKind, IntegrationStatus, ScmProvider};
use oored::forge::github::app::Purpose;
use oored::forge::github::tokens::{Key, Token};
use oored::sources::secrets;
use parking_lot::Mutex;
use serde_json::json;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::gate::Gate;
use super::{Repository, Server};

const REPOSITORY: &str = "/api/v3/repos/Codertocat/Hello-World";
/// How the published payloads call their repository.
pub const EXTERNAL_ID: &str = "186853002";
pub const FULL_NAME: &str = "Codertocat/Hello-World";
const INSTALLATION: &str = "7";

#[derive(Clone)]
struct Model {
    folder: PathBuf,
    /// Answered instead of anything else, unless it is 0.
    failing: Arc<AtomicU16>,
    /// What waits for the test, if something does.
    held: Arc<Mutex<Option<Arc<Gate>>>>,
    asked: Arc<Mutex<Vec<String>>>,
    unknown: Arc<Mutex<Vec<String>>>,
    known: Arc<Mutex<HashMap<String, Vec<u8>>>>,
}

/// The code host.
pub struct CodeHost {
    pub url: String,
    model: Model,
    serving: JoinHandle<()>,
}

impl CodeHost {
    pub async fn start(repository: &Repository) -> Self {
        let model = Model {
            folder: repository.folder().to_owned(),
            failing: Arc::default(),
            held: Arc::default(),
            asked: Arc::default(),
            unknown: Arc::default(),
            known: Arc::default(),
        };
        let routes = Router::new().fallback(answer).with_state(model.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, model, serving }
    }

    /// Answers every request with this status from now on; 0 ends that.
    pub fn fail(&self, status: u16) {
        self.model.failing.store(status, Ordering::SeqCst);
    }

    /// Every answer waits for the test from now on.
    pub fn hold(&self) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        *self.model.held.lock() = Some(gate.clone());
        gate
    }

    pub fn requests(&self) -> usize {
        self.model.asked.lock().len()
    }
}

impl Drop for CodeHost {
    fn drop(&mut self) {
        self.serving.abort();
        let unknown = self.model.unknown.lock();
        if !std::thread::panicking() {
            assert!(unknown.is_empty(), "the model of the code host does not know {unknown:?}");
        }
    }
}

async fn answer(State(model): State<Model>, method: Method, uri: Uri) -> Response {
    model.asked.lock().push(uri.to_string());
    let held = model.held.lock().clone();
    if let Some(gate) = held {
        gate.pass().await;
    }
    let failing = model.failing.load(Ordering::SeqCst);
    if failing != 0 {
        return (StatusCode::from_u16(failing).unwrap(), "{\"message\":\"broken\"}").into_response();
    }
    let path = percent_encoding::percent_decode_str(uri.path()).decode_utf8_lossy().into_owned();
    if path == format!("/api/v3/app/installations/{INSTALLATION}/access_tokens") {
        let token = json!({"token": "ghs_token", "expires_at": "2099-01-01T00:00:00Z"});
        return (StatusCode::CREATED, axum::Json(token)).into_response();
    }
    // A daemon that starts looks whether it still works, and what it missed.
    if path == "/api/v3/app/installations" || path == "/api/v3/app/hook/deliveries" {
        return axum::Json(json!([])).into_response();
    }
    let Some(rest) = path.strip_prefix(REPOSITORY) else { return unknown(&model, &path) };
    let parts: Vec<&str> = rest.trim_start_matches('/').splitn(2, '/').collect();
    // How builds go is not what this model is for.
    if matches!(parts[0], "check-runs" | "issues") || rest.ends_with("/check-runs") {
        let answer = if method == Method::GET { json!({"check_runs": []}) } else { json!({"id": 1}) };
        return axum::Json(answer).into_response();
    }
    match parts[..] {
        [""] => axum::Json(json!({})).into_response(),
        ["commits", name] => model.commit_id(name),
        ["git", object] if object.starts_with("commits/") => model.commit(&object["commits/".len()..]),
        ["contents", file] => model.content(file, uri.query().unwrap_or_default()),
        ["compare", range] => model.comparison(range),
        ["branches"] => model.branches(),
        ["tags"] | ["pulls"] => axum::Json(json!([])).into_response(),
        _ => unknown(&model, &path),
    }
}

fn unknown(model: &Model, path: &str) -> Response {
    model.unknown.lock().push(path.to_owned());
    StatusCode::NOT_FOUND.into_response()
}

impl Model {
    /// What is said of a commit never changes, so git is asked once.
    fn git(&self, arguments: &[&str]) -> Option<Vec<u8>> {
        let key = arguments.join(" ");
        if let Some(known) = self.known.lock().get(&key) {
            return Some(known.clone());
        }
        let done = Command::new("git").arg("-C").arg(&self.folder).args(arguments).output().unwrap();
        let told = done.status.success().then_some(done.stdout)?;
        let names_commit = key.as_bytes().windows(40).any(|part| part.iter().all(u8::is_ascii_hexdigit));
        if names_commit {
            self.known.lock().insert(key, told.clone());
        }
        Some(told)
    }

    fn text(&self, arguments: &[&str]) -> Option<String> {
        self.git(arguments).map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    fn commit_id(&self, name: &str) -> Response {
        match self.text(&["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")]) {
            Some(sha) => sha.into_response(),
            None => (StatusCode::UNPROCESSABLE_ENTITY, "{\"message\":\"No commit found\"}").into_response(),
        }
    }

    fn commit(&self, sha: &str) -> Response {
        let Some(message) = self.text(&["log", "-1", "--format=%B", sha]) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        axum::Json(json!({"sha": sha, "message": message, "author": {"name": "Ana"}})).into_response()
    }

    fn content(&self, file: &str, query: &str) -> Response {
        let sha = query.trim_start_matches("ref=");
        match self.git(&["cat-file", "blob", &format!("{sha}:{file}")]) {
            Some(bytes) => {
                let content = STANDARD.encode(&bytes);
                let size = bytes.len();
                axum::Json(json!({"type": "file", "size": size, "encoding": "base64", "content": content}))
                    .into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    fn comparison(&self, range: &str) -> Response {
        let Some(names) = self.text(&["diff", "--name-only", range]) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let files: Vec<_> = names.lines().map(|name| json!({ "filename": name })).collect();
        let (base, target) = range.split_once("...").unwrap();
        let is_ahead = self.git(&["merge-base", "--is-ancestor", base, target]).is_some();
        let status = if is_ahead { "ahead" } else { "diverged" };
        axum::Json(json!({"status": status, "files": files, "commits": []})).into_response()
    }

    fn branches(&self) -> Response {
        let listed = self.text(&["for-each-ref", "--format=%(objectname) %(refname:short)", "refs/heads"]);
        let listed = listed.unwrap_or_default();
        let each = listed.lines().map(|line| {
            let (sha, name) = line.split_once(' ').unwrap();
            json!({"name": name, "commit": {"sha": sha}})
        });
        axum::Json(each.collect::<Vec<_>>()).into_response()
    }
}

/// What an instance knows of a connected repository.
#[derive(Debug, Clone, Copy)]
pub struct Connected {
    pub integration: IntegrationId,
    pub repository: RepositoryId,
}

/// Connects a repository of a GitHub App whose webhooks are signed with `secret`.
pub async fn connect_github(server: &Server, host: &CodeHost, secret: &str) -> Connected {
    let connected = connect(server, ScmProvider::Github, &host.url, secret).await;
    let installation = INSTALLATION.to_owned();
    let key = Key { integration: connected.integration, installation, purpose: Purpose::Api };
    let value = Zeroizing::new("ghs_token".to_owned());
    let mint = async || Ok::<_, oored::error::Error>(Token { value, expires_at: i64::MAX });
    server.app.forge.github_tokens.get(key, 0, mint).await.unwrap();
    connected
}

/// Connects a repository of GitLab with a webhook secret of its own.
pub async fn connect_gitlab(server: &Server, external_id: &str, secret: &str) -> Connected {
    let host = format!("https://gitlab{external_id}.example.com");
    connect_as(server, ScmProvider::Gitlab, &host, external_id, secret).await
}

async fn connect(server: &Server, provider: ScmProvider, host: &str, secret: &str) -> Connected {
    connect_as(server, provider, host, EXTERNAL_ID, secret).await
}

async fn connect_as(
    server: &Server,
    provider: ScmProvider,
    host: &str,
    external_id: &str,
    secret: &str,
) -> Connected {
    let (integration, installation, repository) =
        (IntegrationId::new(), InstallationId::new(), RepositoryId::new());
    let (app, host, auth_mode) = (
        &server.app,
        host.to_owned(),
        match provider {
            ScmProvider::Github => IntegrationAuthMode::GithubApp,
            ScmProvider::Gitlab => IntegrationAuthMode::PersonalToken,
            ScmProvider::LocalGit => IntegrationAuthMode::LocalPath,
        },
    );
    let holder = match provider {
        ScmProvider::Github => Holder::Integration(integration),
        ScmProvider::Gitlab | ScmProvider::LocalGit => Holder::Repository(integration, repository),
    };
    app.db
        .write(async |tx| {
            let row = integrations::Model {
                id: integration,
                provider,
                host_url: host.clone(),
                auth_mode,
                status: IntegrationStatus::Active,
                display_name: Some("Acme".to_owned()),
                app_id: Some("1".to_owned()),
                app_slug: None,
                created_by: "ana".to_owned(),
                created_at: 0,
                updated_at: 0,
                status_reason: None,
                synced_at: None,
            };
            db::integrations::insert(tx, row).await?;
            let row = installations::Model {
                id: installation,
                integration_id: integration,
                external_id: INSTALLATION.to_owned(),
                account_name: "acme".to_owned(),
                created_at: 0,
                updated_at: 0,
                account_type: None,
            };
            db::integrations::insert_installation(tx, row).await?;
            let row = repositories::Model {
                id: repository,
                integration_id: integration,
                installation_id: installation,
                external_id: external_id.to_owned(),
                full_name: FULL_NAME.to_owned(),
                default_branch: Some("main".to_owned()),
                is_private: true,
                avatar_url: None,
                clone_url: format!("{host}/{FULL_NAME}.git"),
                created_at: 0,
                updated_at: 0,
            };
            db::repositories::insert(tx, row).await?;
            secrets::keep(tx, app, holder, IntegrationSecretKind::WebhookSecret, secret).await
        })
        .await
        .unwrap();
    Connected { integration, repository }
}
