//! GitLab as far as we use it, over real HTTP: its OAuth, its API and git itself (`git http-backend`), each with tokens
//! and their scopes. It answers from real repositories, ends refresh tokens as GitLab does, keeps a record of calls, and
//! fails the test that asks for something it doesn't know.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use oored::clock::Clock;
use serde_json::{Value, json};
use sha2::Digest;
use tokio::task::JoinHandle;

use super::Repository;
use super::fault::Fault;
use super::gate::Gate;
use super::git_http;
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
    has_avatar: bool,
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
    reports: Reports,
    /// What is asked of people who agree; reading unless a test says otherwise.
    scope: Option<String>,
}

/// The host.
pub struct GitLab {
    pub base: String,
    inner: Arc<Mutex<Inner>>,
    serving: JoinHandle<()>,
}

impl GitLab {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner { base: base.clone(), external: base.clone(), ..Inner::default() };
        let inner = Arc::new(Mutex::new(inner));
        let router = Router::new().fallback(answer).with_state(inner.clone());
        let router = router.layer(axum::extract::DefaultBodyLimit::disable());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, inner, serving }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
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
        inner.projects.push(Hosted {
            id,
            path: path.to_owned(),
            folder,
            visibility,
            has_avatar: true,
            requests: Vec::new(),
        });
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
    pub fn reports(&self) -> MappedReports<'_> {
        MappedReports(self.lock())
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

impl Drop for GitLab {
    fn drop(&mut self) {
        self.serving.abort();
        let unknown = self.lock().unknown.clone();
        if !std::thread::panicking() {
            assert!(unknown.is_empty(), "GitLab was asked for what it does not know: {unknown:?}");
        }
    }
}

type Shared = State<Arc<Mutex<Inner>>>;

async fn answer(State(inner): Shared, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path().to_owned();
    let asked = uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let token = shown_token(&headers);
    let (fault, held) = {
        let mut inner = inner.lock().unwrap();
        inner.calls.push(Call { method: method.to_string(), path: asked, token: token.clone() });
        let fault = inner.faults.iter().find(|(prefix, _)| path.starts_with(prefix));
        let held = inner.held.as_ref().filter(|(prefix, _)| path.starts_with(prefix));
        (fault.map(|(_, fault)| fault.clone()), held.map(|(_, gate)| gate.clone()))
    };
    if let Some(gate) = held {
        gate.pass().await;
    }
    if let Some(fault) = fault {
        return fault.respond().await;
    }
    if let Some((project, rest)) = path.trim_start_matches('/').split_once(".git/") {
        let folder = inner.lock().unwrap().git(project, token.as_deref());
        return match folder {
            Ok(folder) => git_http::serve(&folder, rest, &uri, &method, &headers, body).await,
            Err(refused) => *refused,
        };
    }
    let known = headers.get("if-none-match").cloned();
    let response = inner.lock().unwrap().respond(&method, &uri, token.as_deref(), &body);
    conditional(&inner, known, response).await
}

/// Answers have a tag; who has seen one is told so.
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
    Response::from_parts(parts, axum::body::Body::from(body))
}

/// `Bearer` for the API, `Basic` for git.
fn shown_token(headers: &HeaderMap) -> Option<String> {
    let proof = headers.get("authorization")?.to_str().unwrap();
    match proof.split_once(' ').unwrap() {
        ("Bearer", token) => Some(token.to_owned()),
        ("Basic", pair) => {
            let pair = String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap();
            Some(pair.strip_prefix("oauth2:").unwrap().to_owned())
        }
        _ => panic!("{proof}"),
    }
}

fn said(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

fn missing() -> Response {
    said(404, json!({"message": "404 Not found"}))
}

fn query(uri: &Uri) -> HashMap<String, String> {
    let url = reqwest::Url::parse(&format!("http://x/?{}", uri.query().unwrap_or_default())).unwrap();
    url.query_pairs().into_owned().collect()
}

impl Inner {
    fn now(&self) -> i64 {
        self.clock.as_ref().map_or_else(|| Clock::system().now(), Clock::now)
    }

    /// The token, if it is good for any of these scopes.
    fn allowed(&self, token: Option<&str>, scopes: &[&str]) -> Result<Token, Box<Response>> {
        let refused = || Box::new(said(401, json!({"message": "401 Unauthorized"})));
        let token = self.tokens.get(token.ok_or_else(refused)?).ok_or_else(refused)?;
        if token.revoked || token.ends_at.is_some_and(|end| end <= self.now()) {
            return Err(refused());
        }
        if !scopes.iter().any(|scope| token.scopes.iter().any(|own| own == scope)) {
            let body = json!({"error": "insufficient_scope", "error_description": "The request requires higher privileges"});
            return Err(Box::new(said(403, body)));
        }
        Ok(token.clone())
    }

    fn git(&self, path: &str, token: Option<&str>) -> Result<PathBuf, Box<Response>> {
        self.allowed(token, &["read_repository", "write_repository", "api"])?;
        let found = self.projects.iter().find(|project| project.path == path);
        found.map(|project| project.folder.clone()).ok_or_else(|| Box::new(missing()))
    }

    fn respond(&mut self, method: &Method, uri: &Uri, token: Option<&str>, body: &Bytes) -> Response {
        let parts: Vec<String> = uri
            .path()
            .trim_start_matches('/')
            .split('/')
            .map(|part| percent_encoding::percent_decode_str(part).decode_utf8().unwrap().into_owned())
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        if (method, &parts[..]) == (&Method::POST, &["oauth", "token"]) {
            return self.exchange(body);
        }
        if let ["api", "v4", "projects", id, rest @ ..] = &parts[..]
            && matches!(rest, ["statuses", _] | ["merge_requests", _, ..])
        {
            return self.report(method, uri, token, id, rest, body);
        }
        let ("GET", ["api", "v4", rest @ ..]) = (method.as_str(), &parts[..]) else {
            return self.not_known(method, uri);
        };
        match rest {
            ["user"] => match self.allowed(token, &["api", "read_api", "read_user"]) {
                Ok(token) => said(
                    200,
                    json!({"id": token.user, "username": format!("user{}", token.user), "bot": false}),
                ),
                Err(refused) => *refused,
            },
            ["personal_access_tokens", "self"] => self.about_itself(token),
            ["projects", rest @ ..] => match self.allowed(token, &["api", "read_api"]) {
                Err(refused) => *refused,
                Ok(_) => match rest {
                    [] => self.list(&query(uri)),
                    [id, rest @ ..] => match self.project(id, rest, &query(uri)) {
                        Some(answer) => answer,
                        None => self.not_known(method, uri),
                    },
                },
            },
            _ => self.not_known(method, uri),
        }
    }

    /// To write, a token has to be allowed everything.
    fn report(
        &mut self,
        method: &Method,
        uri: &Uri,
        token: Option<&str>,
        id: &str,
        rest: &[&str],
        body: &Bytes,
    ) -> Response {
        let scopes: &[&str] = if *method == Method::GET { &["api", "read_api"] } else { &["api"] };
        let user = match self.allowed(token, scopes) {
            Ok(token) => token.user,
            Err(refused) => return *refused,
        };
        let Some(project) = self.projects.iter().find(|project| project.id.to_string() == id) else {
            return said(404, json!({"message": "404 Project Not Found"}));
        };
        let folder = project.folder.clone();
        let exists = |sha: &str| git_in(&folder, &["cat-file", "-e", &format!("{sha}^{{commit}}")]).is_some();
        match self.reports.respond(user, id, method, rest, body, exists) {
            Some(answer) => answer,
            None => self.not_known(method, uri),
        }
    }

    fn not_known(&mut self, method: &Method, uri: &Uri) -> Response {
        self.unknown.push(format!("{method} {uri}"));
        missing()
    }

    fn about_itself(&self, token: Option<&str>) -> Response {
        if self.is_old {
            return missing();
        }
        match self.allowed(token, &["api", "read_api", "read_user"]) {
            Ok(token) if token.personal => {
                let day =
                    token.ends_at.map(|end| chrono::DateTime::from_timestamp(end, 0).unwrap().date_naive());
                said(
                    200,
                    json!({"id": 1, "name": "oore", "revoked": false, "active": true, "scopes": token.scopes,
                        "user_id": token.user, "expires_at": day.map(|day| day.to_string())}),
                )
            }
            Ok(_) => said(400, json!({"message": "400 Bad request"})),
            Err(refused) => *refused,
        }
    }

    fn exchange(&mut self, body: &Bytes) -> Response {
        let url = reqwest::Url::parse(&format!("http://x/?{}", std::str::from_utf8(body).unwrap())).unwrap();
        let form: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let refused = |error: &str| {
            said(
                400,
                json!({"error": error, "error_description": "The provided authorization grant is invalid"}),
            )
        };
        if form["client_id"] != CLIENT_ID || form["client_secret"] != CLIENT_SECRET {
            return said(
                401,
                json!({"error": "invalid_client", "error_description": "Client authentication failed"}),
            );
        }
        let user = match form["grant_type"].as_str() {
            "authorization_code" => {
                let Some(agreed) = self.agreed.remove(&form["code"]) else { return refused("invalid_grant") };
                let challenge = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(&form["code_verifier"]));
                if agreed.challenge != challenge || agreed.redirect_uri != form["redirect_uri"] {
                    return refused("invalid_grant");
                }
                agreed.user
            }
            "refresh_token" => match self.refresh_tokens.remove(&form["refresh_token"]) {
                Some(user) => {
                    self.tokens.retain(|_, token| token.personal || token.user != user);
                    user
                }
                None => return refused("invalid_grant"),
            },
            other => panic!("{other}"),
        };
        self.made += 1;
        let (access, refresh) = (format!("access-{:020}", self.made), format!("refresh-{:020}", self.made));
        let agreed = self.scope.clone().unwrap_or_else(|| "read_api read_repository".to_owned());
        let scopes = agreed.split(' ').map(str::to_owned).collect();
        let ends_at = Some(self.now() + LIVES);
        self.tokens.insert(access.clone(), Token { user, scopes, ends_at, personal: false, revoked: false });
        self.refresh_tokens.insert(refresh.clone(), user);
        said(
            200,
            json!({"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": LIVES,
                "scope": agreed, "created_at": self.now()}),
        )
    }

    /// By the number of the last one, as GitLab does for long lists.
    fn list(&self, query: &HashMap<String, String>) -> Response {
        assert_eq!((query["pagination"].as_str(), query["order_by"].as_str()), ("keyset", "id"));
        assert_eq!(query["membership"], "true");
        let after: u64 = query.get("id_after").map_or(0, |id| id.parse().unwrap());
        let size = self.page_size.unwrap_or_else(|| query["per_page"].parse().unwrap());
        let rest: Vec<&Hosted> = self.projects.iter().filter(|project| project.id > after).collect();
        let page: Vec<Value> = rest.iter().take(size).map(|project| self.shown(project)).collect();
        let mut response = axum::Json(page).into_response();
        if rest.len() > size {
            let next = format!(
                "<{}/api/v4/projects?id_after={}&membership=true&archived=false&order_by=id&pagination=keyset&\
                 per_page={}&sort=asc>; rel=\"next\"",
                self.external,
                rest[size - 1].id,
                query["per_page"],
            );
            response.headers_mut().insert("link", next.parse().unwrap());
        }
        response
    }

    fn shown(&self, project: &Hosted) -> Value {
        let avatar = format!("{}/uploads/-/system/project/avatar/{}/logo.png", self.base, project.id);
        json!({
            "id": project.id, "path_with_namespace": project.path, "default_branch": "main",
            "visibility": project.visibility, "avatar_url": project.has_avatar.then_some(avatar),
            "http_url_to_repo": format!("{}/{}.git", self.external, project.path),
        })
    }

    /// A page of a whole repository's files, with the address of the next one.
    fn tree_page(&self, listed: &str, project: u64, query: &HashMap<String, String>) -> Response {
        let Value::Array(all) = tree(listed) else { unreachable!() };
        let begin: usize = query.get("page_token").map_or(0, |at| at.parse().unwrap());
        let size = self.page_size.unwrap_or_else(|| query["per_page"].parse().unwrap());
        let end = (begin + size).min(all.len());
        let mut response = axum::Json(&all[begin..end]).into_response();
        if end < all.len() {
            let next = format!(
                "<{}/api/v4/projects/{project}/repository/tree?ref={}&recursive=true&pagination=keyset&per_page={size}&\
                 page_token={end}>; rel=\"next\"",
                self.external, query["ref"]
            );
            response.headers_mut().insert("link", next.parse().unwrap());
        }
        response
    }

    fn project(&self, id: &str, rest: &[&str], query: &HashMap<String, String>) -> Option<Response> {
        let Some(project) = self.projects.iter().find(|project| project.id.to_string() == id) else {
            return Some(said(404, json!({"message": "404 Project Not Found"})));
        };
        let git = |arguments: &[&str]| git_in(&project.folder, arguments);
        Some(match rest {
            [] => said(200, self.shown(project)),
            ["avatar"] => ([("content-type", "image/png")], b"\x89PNG not really".to_vec()).into_response(),
            ["repository", "branches"] => self.refs(project, "refs/heads", query),
            ["repository", "tags"] => self.refs(project, "refs/tags", query),
            ["repository", "compare"] => {
                let dots = if query["straight"] == "true" { ".." } else { "..." };
                match git(&["diff", "--name-only", &format!("{}{dots}{}", query["from"], query["to"])]) {
                    Some(names) => {
                        let diff = |name: &str| json!({"old_path": name, "new_path": name, "diff": "@@"});
                        let diffs: Vec<Value> = names.lines().map(diff).collect();
                        said(200, json!({"commits": [], "diffs": diffs, "compare_timeout": false}))
                    }
                    None => said(404, json!({"message": "404 Ref Not Found"})),
                }
            }
            ["merge_requests"] => {
                assert_eq!(query["state"], "opened");
                let shown = |request: &Request| {
                    let sha = git(&["rev-parse", &request.source]).unwrap().trim().to_owned();
                    json!({
                        "iid": request.iid, "state": "opened", "sha": sha, "author": {"username": "jsmith"},
                        "source_branch": request.source, "target_branch": request.target,
                        "source_project_id": project.id + u64::from(request.is_fork), "target_project_id": project.id,
                    })
                };
                said(200, project.requests.iter().map(shown).collect())
            }
            ["repository", "branches", name] => pointer(&git, &format!("refs/heads/{name}")),
            ["repository", "tags", name] => pointer(&git, &format!("refs/tags/{name}^{{commit}}")),
            ["repository", "commits", name] => match commits(&git, &["-1", &format!("{name}^{{commit}}")]) {
                Some(found) => said(200, found[0].clone()),
                None => said(404, json!({"message": "404 Commit Not Found"})),
            },
            ["repository", "commits"] => {
                match commits(&git, &[&format!("-{}", query["per_page"]), query["ref_name"].as_str()]) {
                    Some(found) => said(200, json!(found)),
                    None => said(404, json!({"message": "404 Repository Not Found"})),
                }
            }
            ["repository", "files", path, "raw"] => match git(&["show", &format!("{}:{path}", query["ref"])])
            {
                Some(content) => content.into_response(),
                None => said(404, json!({"message": "404 File Not Found"})),
            },
            ["repository", "tree"] if query.contains_key("recursive") => {
                assert_eq!(query["recursive"], "true");
                match git(&["ls-tree", "-r", "-t", &query["ref"]]) {
                    Some(listed) => self.tree_page(&listed, project.id, query),
                    None => said(404, json!({"message": "404 Tree Not Found"})),
                }
            }
            ["repository", "tree"] => {
                let folder = query.get("path").map(|path| format!("{path}/")).unwrap_or_default();
                match git(
                    &["ls-tree", &query["ref"], &folder].as_slice()[..if folder.is_empty() { 2 } else { 3 }]
                ) {
                    Some(listed) => said(200, tree(&listed)),
                    None => said(404, json!({"message": "404 Tree Not Found"})),
                }
            }
            _ => return None,
        })
    }
}

impl Inner {
    /// Branches or tags, each with the commit that it leads to, in pages.
    fn refs(&self, project: &Hosted, prefix: &str, query: &HashMap<String, String>) -> Response {
        let format = "--format=%(objectname) %(*objectname) %(refname)";
        let listed = git_in(&project.folder, &["for-each-ref", format, prefix]).unwrap_or_default();
        let all: Vec<Value> = listed
            .lines()
            .map(|line| {
                let fields: Vec<&str> = line.splitn(3, ' ').collect();
                let sha = if fields[1].is_empty() { fields[0] } else { fields[1] };
                json!({"name": fields[2][prefix.len() + 1..], "commit": {"id": sha, "title": "t"}})
            })
            .collect();
        let size = self.page_size.unwrap_or_else(|| query["per_page"].parse().unwrap());
        let page: usize = query.get("page").map_or(1, |page| page.parse().unwrap());
        let (begin, end) = (((page - 1) * size).min(all.len()), (page * size).min(all.len()));
        let mut response = said(200, Value::Array(all[begin..end].to_vec()));
        if end < all.len() {
            let next = format!("<{}/x?per_page={size}&page={}>; rel=\"next\"", self.external, page + 1);
            response.headers_mut().insert("link", next.parse().unwrap());
        }
        response
    }
}

fn git_in(folder: &std::path::Path, arguments: &[&str]) -> Option<String> {
    let done = Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap();
    done.status.success().then(|| String::from_utf8_lossy(&done.stdout).into_owned())
}

fn commits(git: &impl Fn(&[&str]) -> Option<String>, range: &[&str]) -> Option<Vec<Value>> {
    let listed = git(&[&["log", "--format=%H%x09%an%x09%s"], range].concat())?;
    let commit = |line: &str| {
        let fields: Vec<&str> = line.splitn(3, '\t').collect();
        let message = git(&["log", "-1", "--format=%B", fields[0]]).unwrap();
        json!({"id": fields[0], "author_name": fields[1], "title": fields[2], "message": message})
    };
    Some(listed.lines().map(commit).collect())
}

/// A branch or a tag.
fn pointer(git: &impl Fn(&[&str]) -> Option<String>, name: &str) -> Response {
    match commits(git, &["-1", name]) {
        Some(found) => said(200, json!({ "commit": found[0] })),
        None => said(404, json!({"message": "404 Branch Not Found"})),
    }
}

fn tree(listed: &str) -> Value {
    let entry = |line: &str| {
        let (about, path) = line.split_once('\t').unwrap();
        let about: Vec<&str> = about.split(' ').collect();
        json!({"type": about[1], "path": path, "mode": about[0]})
    };
    listed.lines().map(entry).collect()
}
