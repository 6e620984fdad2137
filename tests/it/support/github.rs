//! GitHub as far as we use it, over real HTTP: the page that makes an app of a manifest, the API of apps and
//! repositories, and git itself (`git http-backend`) with tokens. It checks every signature, answers from real
//! repositories, keeps a record of calls, and fails the test that asks for something it doesn't know.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use oored::clock::Clock;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;
use serde_json::{Value, json};
use sha2::Digest;
use tokio::task::JoinHandle;

use super::Repository;
use super::fault::Fault;
use super::gate::Gate;
use super::git_http;
use super::github_reports::{Reports, is_report};

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
    reports: Reports,
    /// Done, but not answered: method, path, and where the answer waits.
    held: Option<(Method, String, Arc<Gate>)>,
}

/// The host.
pub struct GitHub {
    pub base: String,
    inner: Arc<Mutex<Inner>>,
    serving: JoinHandle<()>,
}

impl GitHub {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
        let inner = Inner { base: base.clone(), key: Some(key), ..Inner::default() };
        let inner = Arc::new(Mutex::new(inner));
        let router = Router::new().fallback(answer).with_state(inner.clone());
        let router = router.layer(axum::extract::DefaultBodyLimit::disable());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, inner, serving }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
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
    pub fn reports(&self) -> MappedReports<'_> {
        MappedReports(self.lock())
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

/// What it was told, while nothing else is told.
pub struct MappedReports<'a>(MutexGuard<'a, Inner>);

impl std::ops::Deref for MappedReports<'_> {
    type Target = Reports;
    fn deref(&self) -> &Reports {
        &self.0.reports
    }
}

impl std::ops::DerefMut for MappedReports<'_> {
    fn deref_mut(&mut self) -> &mut Reports {
        &mut self.0.reports
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

type Shared = State<Arc<Mutex<Inner>>>;

async fn answer(State(inner): Shared, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path().to_owned();
    let asked = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let fault = {
        let inner = inner.lock().unwrap();
        inner.faults.iter().find(|(prefix, _)| path.starts_with(prefix)).map(|(_, fault)| fault.clone())
    };
    let by = inner.lock().unwrap().who(&headers);
    if path.starts_with("/api/v3/") {
        let call = Call { method: method.to_string(), path: asked, by: name(&by) };
        inner.lock().unwrap().calls.push(call);
    }
    if let Some(fault) = fault {
        return fault.respond().await;
    }
    if path.contains(".git/") {
        return git(inner, method, uri, headers, body).await;
    }
    let Some(rest) = path.strip_prefix("/api/v3/") else {
        return page(&inner, &path);
    };
    let parts: Vec<String> = rest.split('/').map(decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let query = query(&uri);
    let accept = headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(headers.get("x-github-api-version").unwrap(), "2022-11-28", "{path}");
    assert!(headers.get("user-agent").is_some(), "GitHub refuses calls without");
    let known = headers.get("if-none-match").cloned();
    let response = inner.lock().unwrap().api(&method, &parts, &by, &query, accept, &body);
    let held = inner.lock().unwrap().held.clone();
    if let Some((_, _, gate)) = held.filter(|(asked, prefix, _)| *asked == method && path.starts_with(prefix))
    {
        gate.pass().await;
    }
    conditional(&inner, known, response).await
}

/// Answers of the API have a tag; who has seen one is told so.
async fn conditional(
    inner: &Mutex<Inner>,
    known: Option<axum::http::HeaderValue>,
    response: Response,
) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let tag: axum::http::HeaderValue = format!("W/\"{:x}\"", sha2::Sha256::digest(&body)).parse().unwrap();
    if known.as_ref() == Some(&tag) {
        inner.lock().unwrap().unchanged += 1;
        return StatusCode::NOT_MODIFIED.into_response();
    }
    parts.headers.insert("etag", tag);
    Response::from_parts(parts, Body::from(body))
}

impl Inner {
    fn api(
        &mut self,
        method: &Method,
        parts: &[&str],
        by: &By,
        query: &HashMap<String, String>,
        accept: &str,
        body: &Bytes,
    ) -> Response {
        match (method.as_str(), parts) {
            ("POST", ["app-manifests", code, "conversions"]) => self.convert(code),
            ("GET", ["app", "installations"]) => self.installations(by, query),
            ("POST", ["app", "installations", id, "access_tokens"]) => self.mint(by, id, body),
            ("GET", ["app", "hook", "deliveries"]) => self.deliveries(by, query),
            ("GET", ["app", "hook", "deliveries", id]) => self.delivery(by, id),
            ("GET", ["installation", "repositories"]) => self.listed(by, query),
            (_, ["repos", owner, name, rest @ ..]) if is_report(method, rest, accept) => {
                self.report(by, method, &format!("{owner}/{name}"), rest, query, body)
            }
            ("GET", ["repos", owner, name, rest @ ..]) => {
                self.repository(by, &format!("{owner}/{name}"), rest, query, accept)
            }
            (method, parts) => {
                self.unknown.push(format!("{method} {}", parts.join("/")));
                missing()
            }
        }
    }
}

/// Who proves to be calling.
#[derive(Debug, Clone, PartialEq, Eq)]
enum By {
    Nobody,
    App,
    Installation(u64),
    /// The same, for some repositories only.
    Narrowed(u64, Vec<u64>),
    Wrong,
}

fn name(by: &By) -> String {
    match by {
        By::Nobody => "nobody".to_owned(),
        By::App => "app".to_owned(),
        By::Installation(id) => format!("installation {id}"),
        By::Narrowed(id, _) => format!("installation {id}, narrowed"),
        By::Wrong => "somebody with a wrong credential".to_owned(),
    }
}

fn missing() -> Response {
    said(404, json!({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}))
}

fn said(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

fn query(uri: &Uri) -> HashMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://x/?{}", uri.query().unwrap_or_default())).unwrap();
    url.query_pairs().into_owned().collect()
}

/// Pictures, and nothing else.
fn page(inner: &Mutex<Inner>, path: &str) -> Response {
    match path {
        "/avatars/acme.png" => {
            ([("content-type", "image/png")], b"\x89PNG not really".to_vec()).into_response()
        }
        "/avatars/vector.svg" => ([("content-type", "image/svg+xml")], "<svg/>").into_response(),
        other => {
            inner.lock().unwrap().unknown.push(other.to_owned());
            missing()
        }
    }
}

impl Inner {
    fn now(&self) -> i64 {
        self.clock.as_ref().map_or_else(|| Clock::system().now(), Clock::now)
    }

    fn who(&self, headers: &HeaderMap) -> By {
        let Some(proof) = headers.get("authorization") else { return By::Nobody };
        let proof = proof.to_str().unwrap();
        let token = match proof.split_once(' ') {
            Some(("Bearer", token)) => token.to_owned(),
            Some(("Basic", pair)) => {
                let pair = String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap();
                pair.strip_prefix("x-access-token:").unwrap_or_default().to_owned()
            }
            _ => return By::Wrong,
        };
        if let Some(grant) = self.tokens.get(&token) {
            return if grant.expires_at > self.now() {
                match &grant.repositories {
                    None => By::Installation(grant.installation),
                    Some(only) => By::Narrowed(grant.installation, only.clone()),
                }
            } else {
                By::Wrong
            };
        }
        if self.is_jwt(&token) { By::App } else { By::Wrong }
    }

    /// Checks a token of the app as GitHub does (RS256, not longer than ten minutes).
    fn is_jwt(&self, token: &str) -> bool {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return false };
        let json = |part: &str| -> Option<Value> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        let (Some(head), Some(body)) = (json(header), json(claims)) else { return false };
        let key = VerifyingKey::<sha2::Sha256>::new(self.key.as_ref().unwrap().to_public_key());
        let Ok(signature) = Signature::try_from(&URL_SAFE_NO_PAD.decode(signature).unwrap_or_default()[..])
        else {
            return false;
        };
        let number = |name: &str| body[name].as_i64().unwrap_or_default();
        let (iat, exp, now) = (number("iat"), number("exp"), self.now());
        let in_time = iat <= now && exp > now && exp <= now + 600;
        let signed = key.verify(format!("{header}.{claims}").as_bytes(), &signature).is_ok();
        self.has_app
            && head["alg"] == "RS256"
            && body["iss"].as_str() == Some(APP_ID.to_string().as_str())
            && in_time
            && signed
    }

    fn convert(&mut self, code: &str) -> Response {
        let Some(manifest) = self.codes.remove(code) else { return missing() };
        self.has_app = true;
        let pem = self.key.as_ref().unwrap().to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).unwrap();
        let app = json!({
            "id": APP_ID, "slug": SLUG, "node_id": "A", "name": manifest["name"], "client_id": "Iv1.8a61f9b3a7aba766",
            "html_url": format!("{}/apps/{SLUG}", self.base), "client_secret": CLIENT_SECRET,
            "webhook_secret": WEBHOOK_SECRET, "pem": pem.as_str(),
            "permissions": manifest["default_permissions"], "events": manifest["default_events"],
        });
        said(201, app)
    }

    fn installations(&self, by: &By, query: &HashMap<String, String>) -> Response {
        if *by != By::App {
            return said(401, json!({"message": "A JSON web token could not be decoded"}));
        }
        let list = self.accounts.iter().map(|account| {
            json!({
                "id": account.id, "account": {"login": account.login, "id": account.id * 7, "type": "Organization"},
                "suspended_at": account.suspended.then_some("2026-01-01T00:00:00Z"),
            })
        });
        self.paged(list.collect(), query, "app/installations", Value::Array)
    }

    /// Newest first, with a cursor.
    fn deliveries(&self, by: &By, query: &HashMap<String, String>) -> Response {
        if *by != By::App {
            return said(401, json!({"message": "A JSON web token could not be decoded"}));
        }
        let before: i64 = query.get("cursor").map_or(i64::MAX, |cursor| cursor.parse().unwrap());
        let size: usize = self.page_size.unwrap_or_else(|| query["per_page"].parse().unwrap());
        let left: Vec<&Tried> = self.tried.iter().rev().filter(|tried| tried.id < before).collect();
        let page: Vec<Value> = left.iter().take(size).map(|tried| shown_try(tried)).collect();
        let mut response = said(200, Value::Array(page));
        if left.len() > size {
            let cursor = left[size - 1].id;
            let next = format!("<{}/api/v3/app/hook/deliveries?per_page={size}&cursor={cursor}>", self.base);
            response.headers_mut().insert("link", format!("{next}; rel=\"next\"").parse().unwrap());
        }
        response
    }

    fn delivery(&self, by: &By, id: &str) -> Response {
        if *by != By::App {
            return said(401, json!({"message": "A JSON web token could not be decoded"}));
        }
        let Some(tried) = self.tried.iter().find(|tried| tried.id.to_string() == id) else {
            return missing();
        };
        let mut whole = shown_try(tried);
        let headers = json!({"X-GitHub-Delivery": tried.guid, "X-GitHub-Event": tried.event});
        whole["request"] = json!({"headers": headers, "payload": tried.payload});
        whole["response"] = json!({"headers": {}, "payload": ""});
        said(200, whole)
    }

    fn paged(
        &self,
        all: Vec<Value>,
        query: &HashMap<String, String>,
        path: &str,
        wrap: impl Fn(Vec<Value>) -> Value,
    ) -> Response {
        let number = |name: &str, default| query.get(name).map_or(default, |text| text.parse().unwrap());
        let size = self.page_size.unwrap_or_else(|| number("per_page", 30).min(100));
        let page = number("page", 1);
        let begin = ((page - 1) * size).min(all.len());
        let end = (begin + size).min(all.len());
        let is_last = end == all.len();
        let mut response = said(200, wrap(all[begin..end].to_vec()));
        if !is_last {
            let next = format!("{}/api/v3/{path}?per_page={size}&page={}", self.base, page + 1);
            let link = format!("<{next}>; rel=\"next\", <{next}>; rel=\"last\"");
            response.headers_mut().insert("link", link.parse().unwrap());
        }
        response
    }

    fn mint(&mut self, by: &By, id: &str, body: &Bytes) -> Response {
        if *by != By::App {
            return said(401, json!({"message": "A JSON web token could not be decoded"}));
        }
        let account = self.accounts.iter().find(|account| account.id.to_string() == id);
        let Some(account) = account else { return missing() };
        if account.suspended {
            return said(403, json!({"message": "This installation has been suspended"}));
        }
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let everything = json!({"contents": "read", "metadata": "read", "checks": "write",
            "statuses": "write", "pull_requests": "write"});
        let permissions =
            if asked["permissions"].is_object() { asked["permissions"].clone() } else { everything };
        let repositories: Option<Vec<u64>> =
            asked.get("repository_ids").map(|ids| serde_json::from_value(ids.clone()).unwrap());
        let may = |id: &u64| {
            self.repositories.iter().any(|one| one.id == *id && one.listed && one.owner() == account.login)
        };
        if !repositories.iter().flatten().all(may) {
            let message = "There is at least one repository that does not exist or is not accessible to the parent installation.";
            return said(422, json!({ "message": message }));
        }
        self.minted += 1;
        let token = format!("ghs_{:036}", self.minted);
        let expires_at = self.now() + 3600;
        let grant =
            Grant { installation: account.id, expires_at, permissions: permissions.clone(), repositories };
        self.tokens.insert(token.clone(), grant);
        let at = chrono::DateTime::from_timestamp(expires_at, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ");
        said(201, json!({"token": token, "expires_at": at.to_string(), "permissions": permissions}))
    }

    fn listed(&self, by: &By, query: &HashMap<String, String>) -> Response {
        let By::Installation(id) = by else {
            return said(401, json!({"message": "Bad credentials"}));
        };
        let login = &self.accounts.iter().find(|account| account.id == *id).unwrap().login;
        let own = self.repositories.iter().filter(|one| one.listed && one.owner() == login);
        let all: Vec<Value> = own.map(|one| self.shown(one)).collect();
        let total = all.len();
        let wrap = |page| json!({"total_count": total, "repositories": Value::Array(page)});
        self.paged(all, query, "installation/repositories", wrap)
    }

    fn shown(&self, one: &Hosted) -> Value {
        json!({
            "id": one.id, "full_name": one.full_name, "private": one.private, "default_branch": "main",
            "clone_url": format!("{}/{}.git", self.base, one.full_name),
            "owner": {"login": one.owner(), "avatar_url": format!("{}/avatars/{}.png", self.base, one.owner())},
        })
    }

    fn report(
        &mut self,
        by: &By,
        method: &Method,
        full_name: &str,
        rest: &[&str],
        query: &HashMap<String, String>,
        body: &Bytes,
    ) -> Response {
        if *by == By::Wrong {
            return said(401, json!({"message": "Bad credentials"}));
        }
        if let Some(to) = self.renamed.get(full_name) {
            let location = format!("{}/api/v3/repos/{to}/{}", self.base, rest.join("/"));
            return (StatusCode::TEMPORARY_REDIRECT, [("location", location)]).into_response();
        }
        let found = self.repositories.iter().find(|one| one.full_name == full_name);
        let Some(one) = found.filter(|one| self.may_see(by, one)) else { return missing() };
        let folder = one.folder.clone();
        let exists = |sha: &str| git_in(&folder, &["cat-file", "-e", &format!("{sha}^{{commit}}")]).is_some();
        match self.reports.respond(full_name, method, rest, query, body, exists) {
            Ok(response) => response,
            Err(list) => {
                let is_checks = rest.last() == Some(&"check-runs");
                let wrap = |page| if is_checks { json!({"check_runs": page}) } else { Value::Array(page) };
                self.paged(list, query, &format!("repos/{full_name}/{}", rest.join("/")), wrap)
            }
        }
    }

    fn may_see(&self, by: &By, one: &Hosted) -> bool {
        match by {
            By::Narrowed(id, only) => {
                (!one.private || only.contains(&one.id)) && self.may_see(&By::Installation(*id), one)
            }
            By::Installation(id) => {
                let account = self.accounts.iter().find(|account| account.id == *id);
                !one.private || one.listed && account.is_some_and(|account| account.login == one.owner())
            }
            By::Nobody | By::App | By::Wrong => !one.private && *by == By::Nobody,
        }
    }

    fn repository(
        &self,
        by: &By,
        full_name: &str,
        rest: &[&str],
        query: &HashMap<String, String>,
        accept: &str,
    ) -> Response {
        if *by == By::Wrong {
            return said(401, json!({"message": "Bad credentials"}));
        }
        if let Some(to) = self.renamed.get(full_name) {
            let query: String = query.iter().map(|(name, value)| format!("&{name}={value}")).collect();
            let location = format!(
                "{}/api/v3/repos/{to}/{}?{}",
                self.base,
                rest.join("/"),
                query.trim_start_matches('&')
            );
            return (StatusCode::MOVED_PERMANENTLY, [("location", location)]).into_response();
        }
        let found = self.repositories.iter().find(|one| one.full_name == full_name);
        let Some(one) = found.filter(|one| self.may_see(by, one)) else { return missing() };
        let git = |arguments: &[&str]| git_in(&one.folder, arguments);
        match rest {
            [] | [""] => said(200, self.shown(one)),
            ["commits", name @ ..] => {
                assert_eq!(accept, "application/vnd.github.sha");
                let name = name.join("/");
                match git(&[
                    "rev-parse",
                    "--verify",
                    "--quiet",
                    "--end-of-options",
                    &format!("{name}^{{commit}}"),
                ]) {
                    Some(sha) => ([("content-type", "application/vnd.github.sha")], sha.trim().to_owned())
                        .into_response(),
                    None => said(422, json!({"message": format!("No commit found for SHA: {name}")})),
                }
            }
            ["git", "commits", sha] => match git(&["log", "-1", "--format=%H%x1f%B%x1f%an", sha]) {
                Some(shown) => {
                    let parts: Vec<&str> = shown.trim_end().split('\u{1f}').collect();
                    said(200, json!({"sha": parts[0], "message": parts[1], "author": {"name": parts[2]}}))
                }
                None => missing(),
            },
            ["git", "trees", sha] => {
                let deep = query.contains_key("recursive");
                let arguments = [&["ls-tree", "-z"][..], if deep { &["-r", "-t"] } else { &[] }, &[*sha]];
                match git(&arguments.concat()) {
                    Some(listed) => said(200, json!({"sha": sha, "tree": tree(&listed), "truncated": false})),
                    None => missing(),
                }
            }
            ["contents", path @ ..] => content(&one.folder, &path.join("/"), &query["ref"], accept),
            ["compare", range] => {
                let Some(listed) =
                    git(&["log", "--reverse", "--format=%H%x1f%s%x1f%an", &range.replace("...", "..")])
                else {
                    return missing();
                };
                let names = git(&["diff", "--name-only", range]).unwrap_or_default();
                let files: Vec<Value> = names.lines().map(|name| json!({ "filename": name })).collect();
                let (base, target) = range.split_once("...").unwrap();
                let is_ahead = git(&["merge-base", "--is-ancestor", base, target]).is_some();
                let status = if is_ahead { "ahead" } else { "diverged" };
                let commits = commits(&listed);
                said(200, json!({"status": status, "total_commits": 1, "commits": commits, "files": files}))
            }
            ["branches"] => self.refs(one, "refs/heads", query, "branches"),
            ["tags"] => self.refs(one, "refs/tags", query, "tags"),
            ["pulls"] => {
                assert_eq!(query["state"], "open");
                let all = one.requests.iter().map(|request| shown_request(one, request)).collect();
                self.paged(all, query, &format!("repos/{full_name}/pulls"), Value::Array)
            }
            other => panic!("nothing is known of {other:?} in a repository"),
        }
    }
}

impl Inner {
    /// Branches or tags, each with the commit that it leads to.
    fn refs(&self, one: &Hosted, prefix: &str, query: &HashMap<String, String>, name: &str) -> Response {
        let format = "--format=%(objectname) %(*objectname) %(refname)";
        let listed = git_in(&one.folder, &["for-each-ref", format, prefix]).unwrap_or_default();
        let each = listed.lines().map(|line| {
            let fields: Vec<&str> = line.splitn(3, ' ').collect();
            let sha = if fields[1].is_empty() { fields[0] } else { fields[1] };
            json!({"name": fields[2][prefix.len() + 1..], "commit": {"sha": sha, "url": ""}, "protected": false})
        });
        self.paged(each.collect(), query, &format!("repos/{}/{name}", one.full_name), Value::Array)
    }
}

fn shown_try(tried: &Tried) -> Value {
    let at = chrono::DateTime::from_timestamp(tried.at, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ");
    json!({
        "id": tried.id, "guid": tried.guid, "delivered_at": at.to_string(), "redelivery": false, "duration": 0.1,
        "status": tried.status, "status_code": if tried.status == "OK" { 200 } else { 502 },
        "event": tried.event, "action": null, "installation_id": 1, "repository_id": 1000,
    })
}

fn shown_request(one: &Hosted, request: &Request) -> Value {
    let sha = git_in(&one.folder, &["rev-parse", &request.source]).unwrap().trim().to_owned();
    let own = json!({"id": one.id, "full_name": one.full_name});
    let head = match &request.fork {
        Some(fork) => json!({"id": 77, "full_name": fork}),
        None => own.clone(),
    };
    json!({
        "number": request.number, "state": "open", "user": {"login": "octocat"},
        "head": {"ref": request.source, "sha": sha, "repo": head, "label": "x"},
        "base": {"ref": request.target, "sha": sha, "repo": own},
    })
}

impl Hosted {
    fn owner(&self) -> &str {
        self.full_name.split('/').next().unwrap()
    }
}

fn git_in(folder: &std::path::Path, arguments: &[&str]) -> Option<String> {
    let done = std::process::Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap();
    done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
}

fn tree(listed: &str) -> Vec<Value> {
    let entries = listed.split('\0').filter(|entry| !entry.is_empty());
    let entry = |line: &str| {
        let (meta, path) = line.split_once('\t').unwrap();
        let meta: Vec<&str> = meta.split(' ').collect();
        json!({"path": path, "mode": meta[0], "type": meta[1], "sha": meta[2]})
    };
    entries.map(entry).collect()
}

fn commits(listed: &str) -> Vec<Value> {
    let commit = |line: &str| {
        let parts: Vec<&str> = line.split('\u{1f}').collect();
        json!({"sha": parts[0], "commit": {"message": parts[1], "author": {"name": parts[2]}}})
    };
    listed.lines().map(commit).collect()
}

fn content(folder: &std::path::Path, path: &str, sha: &str, accept: &str) -> Response {
    assert_eq!(accept, "application/vnd.github.object+json");
    let object = format!("{sha}:{path}");
    match git_in(folder, &["cat-file", "-t", &object]).as_deref().map(str::trim) {
        Some("tree") => said(200, json!({"type": "dir", "path": path, "entries": []})),
        Some("blob") => {
            let text = git_in(folder, &["cat-file", "blob", &object]).unwrap();
            // In lines, as GitHub sends it.
            let encoded = STANDARD.encode(&text);
            let lines: Vec<&str> =
                encoded.as_bytes().chunks(60).map(|line| std::str::from_utf8(line).unwrap()).collect();
            let body = json!({
                "type": "file", "path": path, "size": text.len(), "encoding": "base64",
                "content": format!("{}\n", lines.join("\n")),
            });
            said(200, body)
        }
        _ => missing(),
    }
}

/// Git's own program for serving over HTTP.
async fn git(
    inner: Arc<Mutex<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let found = {
        let inner = inner.lock().unwrap();
        let by = inner.who(&headers);
        let (name, rest) = uri.path().trim_start_matches('/').split_once(".git/").unwrap();
        let hosted = inner.repositories.iter().find(|one| one.full_name == name);
        let hosted = hosted.filter(|one| inner.may_see(&by, one));
        hosted.map(|one| (one.folder.clone(), rest.to_owned()))
    };
    let Some((folder, rest)) = found else {
        return (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic realm=\"GitHub\"")], "")
            .into_response();
    };
    git_http::serve(&folder, &rest, &uri, &method, &headers, body).await
}
