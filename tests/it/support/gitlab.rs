//! GitLab as far as we use it, over real HTTP: its OAuth, its API and git itself (`git http-backend`), each with tokens
//! and their scopes. It answers from real repositories, ends refresh tokens as GitLab does, keeps a record of calls, and
//! fails the test that asks for something it doesn't know.

mod answers;
mod projects;
mod tokens;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use oored::clock::Clock;
use parking_lot::{Mutex, MutexGuard};
use tokio::task::JoinHandle;

use super::Repository;
use super::fault::Fault;
use super::gate::Gate;
use super::gitlab_reports::Reports;

pub const CLIENT_ID: &str = "oore-application";
pub const CLIENT_SECRET: &str = "gloas-client-s3cret";
/// How long an access token of an application lives.
pub const LIVES: i64 = 7200;

/// A call that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub method: String,
    /// With its query.
    pub path: String,
    /// The token it came with.
    pub token: Option<String>,
}

#[derive(Clone)]
struct Token {
    user: u64,
    scopes: Vec<String>,
    /// Unix seconds.
    ends_at: Option<i64>,
    /// A personal, group or project token: it can be asked about itself.
    personal: bool,
    revoked: bool,
}

struct Agreed {
    user: u64,
    challenge: String,
    redirect_uri: String,
}

struct Hosted {
    id: u64,
    path: String,
    folder: PathBuf,
    visibility: &'static str,
    requests: Vec<Request>,
}

/// An open merge request.
#[derive(Debug, Clone)]
struct Request {
    iid: u64,
    source: String,
    target: String,
    is_fork: bool,
}

#[derive(Default)]
struct Inner {
    base: String,
    /// How it calls itself in links.
    external: String,
    tokens: HashMap<String, Token>,
    refresh_tokens: HashMap<String, u64>,
    agreed: HashMap<String, Agreed>,
    projects: Vec<Hosted>,
    faults: Vec<(String, Fault)>,
    held: Option<(String, Arc<Gate>)>,
    calls: Vec<Call>,
    unknown: Vec<String>,
    clock: Option<Clock>,
    page_size: Option<usize>,
    made: usize,
    unchanged: usize,
    /// Before 15.5 tokens could not be asked about themselves.
    is_old: bool,
    reports: Arc<Mutex<Reports>>,
    /// What is asked of people who agree; reading unless a test says otherwise.
    scope: Option<String>,
}

/// The host.
pub struct GitLab {
    pub base: String,
    inner: Arc<Mutex<Inner>>,
    reports: Arc<Mutex<Reports>>,
    serving: JoinHandle<()>,
}

impl GitLab {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner { base: base.clone(), external: base.clone(), ..Inner::default() };
        let reports = inner.reports.clone();
        let inner = Arc::new(Mutex::new(inner));
        let router = Router::new().fallback(answers::answer).with_state(inner.clone());
        let router = router.layer(axum::extract::DefaultBodyLimit::disable());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, inner, reports, serving }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock()
    }

    /// Goes by this clock from now on.
    pub fn follow(&self, clock: &Clock) {
        self.lock().clock = Some(clock.clone());
    }

    /// Calls itself otherwise in the links of its lists.
    pub fn call_itself(&self, external: &str) {
        external.clone_into(&mut self.lock().external);
    }

    /// A token of a person; it ends in so many days.
    pub fn token(&self, user: u64, scopes: &[&str], days: Option<i64>) -> String {
        let mut inner = self.lock();
        let midnight = inner.now() / 86_400 * 86_400;
        let token = Token {
            user,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ends_at: days.map(|days| midnight + days * 86_400),
            personal: true,
            revoked: false,
        };
        inner.made += 1;
        let name = format!("glpat-{:020}", inner.made);
        inner.tokens.insert(name.clone(), token);
        name
    }

    pub fn revoke(&self, token: &str) {
        self.lock().tokens.get_mut(token).unwrap().revoked = true;
    }

    /// Ends every token of the application, and what they could be renewed with.
    pub fn revoke_application(&self) {
        let mut inner = self.lock();
        inner.tokens.retain(|_, token| token.personal);
        inner.refresh_tokens.clear();
    }

    /// Every token that was ever given out.
    pub fn tokens(&self) -> Vec<String> {
        let inner = self.lock();
        inner.tokens.keys().chain(inner.refresh_tokens.keys()).cloned().collect()
    }

    /// The tokens that renew others, of which at most one is good.
    pub fn refresh_tokens(&self) -> Vec<String> {
        self.lock().refresh_tokens.keys().cloned().collect()
    }

    /// Behaves as a version that can't be asked about tokens.
    pub fn grow_old(&self) {
        self.lock().is_old = true;
    }

    /// Hosts a project; answers its number.
    pub fn host(&self, path: &str, repository: &Repository) -> u64 {
        self.add(path, repository.folder().to_owned(), "private")
    }

    /// Many projects with nothing in them.
    pub fn host_many(&self, group: &str, count: usize) {
        for n in 0..count {
            self.add(&format!("{group}/many-{n:04}"), PathBuf::from("/nowhere"), "internal");
        }
    }

    fn add(&self, path: &str, folder: PathBuf, visibility: &'static str) -> u64 {
        let mut inner = self.lock();
        let id = 1000 + inner.projects.len() as u64;
        inner.projects.push(Hosted { id, path: path.to_owned(), folder, visibility, requests: Vec::new() });
        id
    }

    /// Somebody opens a merge request, maybe from a fork.
    pub fn open_request(&self, path: &str, iid: u64, (source, target): (&str, &str), is_fork: bool) {
        let (source, target) = (source.to_owned(), target.to_owned());
        let mut inner = self.lock();
        let project = inner.projects.iter_mut().find(|project| project.path == path).unwrap();
        project.requests.push(Request { iid, source, target, is_fork });
    }

    /// How many answers were known already and not sent again.
    pub fn unchanged(&self) -> usize {
        self.lock().unchanged
    }

    /// The project is no longer one the account takes part in.
    pub fn take_away(&self, path: &str) {
        self.lock().projects.retain(|project| project.path != path);
    }

    /// How many projects a page of a list holds, if not as many as are asked for.
    pub fn pages_of(&self, size: usize) {
        self.lock().page_size = Some(size);
    }

    /// What begins with `path` goes wrong until `recover`.
    pub fn break_down(&self, path: &str, fault: Fault) {
        self.lock().faults.insert(0, (path.to_owned(), fault));
    }

    pub fn recover(&self) {
        self.lock().faults.clear();
    }

    /// What begins with `path` waits for the test.
    pub fn hold(&self, path: &str) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        self.lock().held = Some((path.to_owned(), gate.clone()));
        gate
    }

    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// How often something that begins with `path` was asked.
    pub fn asked(&self, path: &str) -> usize {
        self.lock().calls.iter().filter(|call| call.path.starts_with(path)).count()
    }

    /// What it was told of how builds go.
    pub fn reports(&self) -> MutexGuard<'_, Reports> {
        self.reports.lock()
    }

    /// A person agrees in their browser; answers where they are sent back to.
    pub fn agree(&self, authorize_url: &str, user: u64) -> String {
        let mut inner = self.lock();
        assert!(authorize_url.starts_with(&format!("{}/oauth/authorize?", inner.base)), "{authorize_url}");
        let url = reqwest::Url::parse(authorize_url).unwrap();
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["client_id"], CLIENT_ID);
        assert!(
            ["read_api read_repository", "api read_repository"].contains(&query["scope"].as_str()),
            "{url}"
        );
        inner.scope = Some(query["scope"].clone());
        assert_eq!(query["code_challenge_method"], "S256");
        inner.made += 1;
        let code = format!("code{}", inner.made);
        let redirect_uri = query["redirect_uri"].clone();
        let back = format!("{redirect_uri}?code={code}&state={}", query["state"]);
        inner.agreed.insert(code, Agreed { user, challenge: query["code_challenge"].clone(), redirect_uri });
        back
    }
}

impl Drop for GitLab {
    fn drop(&mut self) {
        self.serving.abort();
        let unknown = self.lock().unknown.clone();
        if !std::thread::panicking() {
            assert!(unknown.is_empty(), "GitLab was asked for what it does not know: {unknown:?}");
        }
    }
}

impl Inner {
    fn now(&self) -> i64 {
        self.clock.as_ref().map_or_else(|| Clock::system().now(), Clock::now)
    }
}
