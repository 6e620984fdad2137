//! GitHub as far as we use it, over real HTTP: the page that makes an app of a manifest, the API of apps and
//! repositories, and git itself (`git http-backend`) with tokens. It checks every signature, answers from real
//! repositories, keeps a record of calls, and fails the test that asks for something it doesn't know.

mod answers;
mod app;
mod repositories;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use oored::clock::Clock;
use parking_lot::{Mutex, MutexGuard};
use rsa::pkcs1::EncodeRsaPrivateKey;
use serde_json::Value;
use tokio::task::JoinHandle;

use super::Repository;
use super::fault::Fault;
use super::gate::Gate;
use super::github_reports::Reports;

/// What the App is called.
pub const SLUG: &str = "oore-ci-test";
pub const WEBHOOK_SECRET: &str = "hook-s3cret-of-the-app";
pub const CLIENT_SECRET: &str = "client-s3cret-of-the-app";
pub const APP_ID: u64 = 4711;

/// A call that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub method: String,
    /// With its query.
    pub path: String,
    /// Whom it proved to be: `app`, `installation 1`, `nobody`.
    pub by: String,
}

/// What a token may do.
#[derive(Debug, Clone)]
struct Grant {
    installation: u64,
    expires_at: i64,
    permissions: Value,
    /// Only these repositories, if it is not all of the account.
    repositories: Option<Vec<u64>>,
}

struct Account {
    id: u64,
    login: String,
    suspended: bool,
}

struct Hosted {
    id: u64,
    full_name: String,
    folder: PathBuf,
    private: bool,
    /// Listed for the installation of its owner.
    listed: bool,
    requests: Vec<Request>,
}

/// An open pull request.
#[derive(Debug, Clone)]
struct Request {
    number: u64,
    source: String,
    target: String,
    fork: Option<String>,
}

/// A try to deliver a webhook.
#[derive(Debug, Clone)]
struct Tried {
    id: i64,
    guid: String,
    event: String,
    status: &'static str,
    at: i64,
    payload: Value,
}

#[derive(Default)]
struct Inner {
    base: String,
    key: Option<rsa::RsaPrivateKey>,
    has_app: bool,
    codes: HashMap<String, Value>,
    tokens: HashMap<String, Grant>,
    accounts: Vec<Account>,
    repositories: Vec<Hosted>,
    renamed: HashMap<String, String>,
    faults: Vec<(String, Fault)>,
    calls: Vec<Call>,
    unknown: Vec<String>,
    clock: Option<Clock>,
    page_size: Option<usize>,
    minted: usize,
    tried: Vec<Tried>,
    /// Answers that were known already.
    unchanged: usize,
    reports: Arc<Mutex<Reports>>,
    /// Done, but not answered: method, path, and where the answer waits.
    held: Option<(Method, String, Arc<Gate>)>,
}

/// The host.
pub struct GitHub {
    pub base: String,
    inner: Arc<Mutex<Inner>>,
    reports: Arc<Mutex<Reports>>,
    serving: JoinHandle<()>,
}

impl GitHub {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
        let inner = Inner { base: base.clone(), key: Some(key), ..Inner::default() };
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

    /// An account that has installed the app; answers the installation's number.
    pub fn account(&self, login: &str) -> u64 {
        let mut inner = self.lock();
        let id = inner.accounts.len() as u64 + 1;
        inner.accounts.push(Account { id, login: login.to_owned(), suspended: false });
        id
    }

    /// Takes the installation of an account away.
    pub fn uninstall(&self, login: &str) {
        let mut inner = self.lock();
        let gone: Vec<u64> =
            inner.accounts.iter().filter(|one| one.login == login).map(|one| one.id).collect();
        inner.accounts.retain(|one| one.login != login);
        inner.tokens.retain(|_, grant| !gone.contains(&grant.installation));
    }

    pub fn suspend(&self, login: &str, suspended: bool) {
        let mut inner = self.lock();
        inner.accounts.iter_mut().filter(|one| one.login == login).for_each(|one| one.suspended = suspended);
    }

    /// Hosts a repository.
    pub fn host(&self, full_name: &str, repository: &Repository, private: bool) {
        let mut inner = self.lock();
        let id = 1000 + inner.repositories.len() as u64;
        let folder = repository.folder().to_owned();
        inner.repositories.push(Hosted {
            id,
            full_name: full_name.to_owned(),
            folder,
            private,
            listed: true,
            requests: Vec::new(),
        });
    }

    /// Many repositories with nothing in them.
    pub fn host_many(&self, owner: &str, count: u64) {
        let mut inner = self.lock();
        for n in 0..count {
            let full_name = format!("{owner}/many-{n:04}");
            let folder = PathBuf::from("/nowhere");
            inner.repositories.push(Hosted {
                id: 100_000 + n,
                full_name,
                folder,
                private: true,
                listed: true,
                requests: Vec::new(),
            });
        }
    }

    /// Whether an installation may see a repository.
    pub fn list(&self, full_name: &str, listed: bool) {
        let mut inner = self.lock();
        inner
            .repositories
            .iter_mut()
            .filter(|one| one.full_name == full_name)
            .for_each(|one| one.listed = listed);
    }

    /// Somebody opens a pull request, maybe from a fork.
    pub fn open_request(
        &self,
        full_name: &str,
        number: u64,
        (source, target): (&str, &str),
        fork: Option<&str>,
    ) {
        let (source, target, fork) = (source.to_owned(), target.to_owned(), fork.map(str::to_owned));
        let mut inner = self.lock();
        let found = inner.repositories.iter_mut().find(|one| one.full_name == full_name).unwrap();
        found.requests.push(Request { number, source, target, fork });
    }

    /// Tries to deliver a webhook, with this outcome (`OK`, or what went wrong).
    pub fn try_to_deliver(&self, guid: &str, event: &str, status: &'static str, payload: Value) {
        let mut inner = self.lock();
        let (id, at) = (9_000_000_000 + inner.tried.len() as i64, inner.now());
        let (guid, event) = (guid.to_owned(), event.to_owned());
        inner.tried.push(Tried { id, guid, event, status, at, payload });
    }

    /// The number of a repository.
    pub fn number(&self, full_name: &str) -> u64 {
        self.lock().repositories.iter().find(|one| one.full_name == full_name).unwrap().id
    }

    /// How often something that begins with `path` was asked.
    pub fn asked(&self, path: &str) -> usize {
        self.lock().calls.iter().filter(|call| call.path.starts_with(path)).count()
    }

    /// Renames a repository; the old name redirects.
    pub fn rename(&self, from: &str, to: &str) {
        let mut inner = self.lock();
        inner.renamed.insert(from.to_owned(), to.to_owned());
        inner
            .repositories
            .iter_mut()
            .filter(|one| one.full_name == from)
            .for_each(|one| to.clone_into(&mut one.full_name));
    }

    /// How many repositories a page of a list holds, if not as many as are asked for.
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

    /// What begins with `path` is done, and its answer waits for the test.
    pub fn hold_answers(&self, method: Method, path: &str) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        self.lock().held = Some((method, path.to_owned(), gate.clone()));
        gate
    }

    pub fn let_go(&self) {
        self.lock().held = None;
    }

    /// What it was told of how builds go.
    pub fn reports(&self) -> MutexGuard<'_, Reports> {
        self.reports.lock()
    }

    /// The app is deleted at GitHub.
    pub fn delete_app(&self) {
        let mut inner = self.lock();
        inner.has_app = false;
        inner.tokens.clear();
    }

    pub fn restore_app(&self) {
        self.lock().has_app = true;
    }

    /// The calls that came, but for those of git.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// How many answers were known already and not sent again.
    pub fn unchanged(&self) -> usize {
        self.lock().unchanged
    }

    pub fn forget_calls(&self) {
        self.lock().calls.clear();
    }

    /// Every token that was ever given out.
    pub fn tokens(&self) -> Vec<String> {
        self.lock().tokens.keys().cloned().collect()
    }

    /// The repositories that tokens were narrowed to, by their full names.
    pub fn narrowed(&self) -> Vec<Vec<String>> {
        let inner = self.lock();
        let name = |id: &u64| inner.repositories.iter().find(|one| one.id == *id).unwrap().full_name.clone();
        let lists = inner.tokens.values().filter_map(|grant| grant.repositories.as_ref());
        lists.map(|ids| ids.iter().map(name).collect()).collect()
    }

    /// What the tokens for cloning may do.
    pub fn permissions(&self) -> Vec<Value> {
        self.lock().tokens.values().map(|grant| grant.permissions.clone()).collect()
    }

    /// The private key that the daemon was given.
    pub fn pem(&self) -> String {
        let key = self.lock().key.clone().unwrap();
        key.to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).unwrap().to_string()
    }

    /// A person at GitHub agrees to a manifest; answers where they are sent back to.
    pub fn agree(&self, action: &str, manifest: &str) -> String {
        let mut inner = self.lock();
        let url = reqwest::Url::parse(action).unwrap();
        assert!(action.starts_with(&format!("{}/", inner.base)), "{action}");
        assert!(url.path().ends_with("/settings/apps/new"), "{action}");
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let manifest: Value = serde_json::from_str(manifest).unwrap();
        assert!(manifest["name"].as_str().is_some_and(|name| (1..=34).contains(&name.len())), "{manifest}");
        for field in ["url", "redirect_url", "setup_url"] {
            reqwest::Url::parse(manifest[field].as_str().unwrap()).unwrap();
        }
        reqwest::Url::parse(manifest["hook_attributes"]["url"].as_str().unwrap()).unwrap();
        let code = format!("code{}", inner.codes.len());
        let back = format!("{}?code={code}&state={state}", manifest["redirect_url"].as_str().unwrap());
        inner.codes.insert(code, manifest);
        back
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        self.serving.abort();
        let unknown = self.lock().unknown.clone();
        if !std::thread::panicking() {
            assert!(unknown.is_empty(), "GitHub was asked for what it does not know: {unknown:?}");
        }
    }
}

impl Inner {
    fn now(&self) -> i64 {
        self.clock.as_ref().map_or_else(|| Clock::system().now(), Clock::now)
    }
}

impl Hosted {
    fn owner(&self) -> &str {
        self.full_name.split('/').next().unwrap()
    }
}
