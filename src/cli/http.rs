//! The daemon as the command line sees it: JSON over HTTP, refusals with their code and hint. No
//! redirect is followed and no answer is endless, so that a token goes where it was meant to go.

use std::time::Duration;

use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde_json::{Value, json};

use super::failure::{Exit, Failure};
use super::profile::{Key, Profile, checked_token, checked_url};
use super::terminal::plain;
use crate::config::here;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);
/// Longest silence inside of an answer; a stream says something every 15 seconds.
const SILENCE: Duration = Duration::from_secs(45);
/// How long an answer may take that is read as it comes.
const LONG: Duration = Duration::from_secs(24 * 3600);
/// The pause before the next try, and how long it gets.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const MOST_DOUBLINGS: u32 = 6;
const MOST: usize = 16 * 1024 * 1024;
const PAGE: usize = 100;

/// Which daemon, and as whom.
#[derive(Debug, Clone, Args)]
pub struct Connection {
    /// Address of the daemon; default: the one in the settings, else http://127.0.0.1:8787.
    #[arg(long, env = "OORE_DAEMON_URL")]
    pub daemon_url: Option<String>,

    /// Token of a session or API token; default: the stored session.
    #[arg(long, env = "OORE_SESSION_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

impl Connection {
    /// The daemon that is meant, with the token that belongs to it.
    pub fn open(&self, profile: &Profile) -> anyhow::Result<Daemon> {
        let url = self.url(profile)?;
        let token = match &self.token {
            Some(token) => Some(checked_token(token)?),
            None if url == profile.daemon_url() => profile.get(Key::SessionToken).map(str::to_owned),
            None => None,
        };
        Ok(Daemon { token, ..Daemon::at(url)? })
    }

    /// The address that is meant.
    pub fn url(&self, profile: &Profile) -> Result<String, Failure> {
        checked_url(self.daemon_url.as_deref().unwrap_or(profile.daemon_url()))
    }
}

/// A daemon to talk to.
#[derive(Debug, Clone)]
pub struct Daemon {
    http: reqwest::Client,
    pub url: String,
    pub token: Option<String>,
}

impl Daemon {
    /// A daemon by its checked address, without a session.
    pub fn at(url: String) -> anyhow::Result<Self> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE)
            .timeout(TIMEOUT);
        let builder = if here(&url).is_some() { builder.no_proxy() } else { builder };
        Ok(Self { http: builder.build()?, url, token: None })
    }

    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    pub fn without_token(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// Signs in on the machine itself, as `email` or as the only one who has an account; answers the token.
    pub async fn sign_in_locally(&self, email: Option<&str>) -> Result<String, Failure> {
        let body = email.map_or(json!({}), |email| json!({ "email": email }));
        session_token(&self.post("/v1/auth/local/login", body).await?)
    }

    /// Whether what is sent can be read on the way.
    pub fn is_exposed(&self) -> bool {
        self.url.starts_with("http://") && here(&self.url).is_none()
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Value, Failure> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Result<Value, Failure> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::DELETE, path, None).await
    }

    /// All of a list that comes in pages, or as many as are wanted. `path` may have a query already.
    pub async fn list(&self, path: &str, key: &str, most: usize) -> Result<Vec<Value>, Failure> {
        let mut found = Vec::new();
        let separator = if path.contains('?') { '&' } else { '?' };
        while found.len() < most {
            let limit = PAGE.min(most - found.len());
            let page = self.get(&format!("{path}{separator}limit={limit}&offset={}", found.len())).await?;
            let rows = page[key].as_array().cloned().unwrap_or_default();
            let is_last = rows.is_empty();
            found.extend(rows);
            if is_last || page["total"].as_u64().is_some_and(|total| found.len() as u64 >= total) {
                break;
            }
        }
        Ok(found)
    }

    /// An answer that is read as it comes.
    pub async fn open(&self, path: &str, headers: HeaderMap) -> Result<Response, Failure> {
        let request = self.request(Method::GET, path).headers(headers).timeout(LONG);
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body = self.read(answer).await?;
        match self.understood(status, &body) {
            Err(failure) => Err(failure),
            Ok(_) => Err(self.stranger(&format!("({status}) is not ours"))),
        }
    }

    /// The same from an address that the daemon has named, without a token.
    pub async fn open_elsewhere(&self, url: &str, headers: HeaderMap) -> Result<Response, Failure> {
        let place = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let place = plain(&place.unwrap_or_default());
        let request = self.http.get(url).headers(headers).timeout(LONG);
        let answer = request.send().await.map_err(|error| {
            Failure::new(Exit::Unreachable, format!("{place} cannot be reached: {}", root_cause(&error)))
        })?;
        match answer.status() {
            status if status.is_success() => Ok(answer),
            status => Err(Failure::failed(format!("{place} answered {status}"))),
        }
    }

    /// The next piece of an answer that is read as it comes.
    pub async fn more(&self, answer: &mut Response) -> Result<Option<bytes::Bytes>, Failure> {
        answer.chunk().await.map_err(|error| self.unreachable(&error))
    }

    /// Status, headers and JSON of whatever answers, also if it says that something is wrong.
    pub async fn look(&self, path: &str) -> Result<(StatusCode, HeaderMap, Value), Failure> {
        let request = self.request(Method::GET, path);
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = self.read(answer).await?;
        match serde_json::from_slice(&body) {
            Ok(body) => Ok((status, headers, body)),
            Err(_) => Err(self.stranger(&format!("({status}) is not JSON"))),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Failure> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        let body = self.read(answer).await?;
        self.understood(status, &body)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn read(&self, mut answer: Response) -> Result<Vec<u8>, Failure> {
        let mut text = Vec::new();
        while let Some(chunk) = self.more(&mut answer).await? {
            if text.len() + chunk.len() > MOST {
                return Err(self.stranger("is too long"));
            }
            text.extend_from_slice(&chunk);
        }
        Ok(text)
    }

    fn understood(&self, status: StatusCode, body: &[u8]) -> Result<Value, Failure> {
        if status == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        match serde_json::from_slice(body) {
            Ok(body) if status.is_success() => Ok(body),
            Ok(body) => self.refused(status, &body),
            Err(_) => Err(self.stranger(&format!("({status}) is not JSON"))),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let why = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
        let cause = root_cause(error);
        Failure::new(Exit::Unreachable, format!("the daemon at {} {why}: {cause}", self.url))
            .hint("Start it with `oored run`, or name another one with --daemon-url.")
    }

    fn stranger(&self, what: &str) -> Failure {
        let message =
            format!("the answer from {} {what}: no Oore CI daemon, or something in between", self.url);
        Failure::new(Exit::Unreachable, message).hint("Check the address: --daemon-url, OORE_DAEMON_URL.")
    }

    fn refused(&self, status: StatusCode, body: &Value) -> Result<Value, Failure> {
        let (Some(message), Some(code)) = (body["error"].as_str(), body["code"].as_str()) else {
            return Err(self.stranger(&format!("({status}) is not ours")));
        };
        let (exit, ours) = match (status, code) {
            (StatusCode::UNAUTHORIZED, _) => (Exit::NotAllowed, Some("Sign in with `oore login`.")),
            (StatusCode::FORBIDDEN, _) => (Exit::NotAllowed, None),
            (_, "email_required") => (Exit::Usage, Some("Name one of them with --email.")),
            // What was asked for was right, only not now.
            (_, "invalid_state") => (Exit::Failed, None),
            (StatusCode::BAD_REQUEST, code) if code.starts_with("invalid_") => (Exit::Usage, None),
            // It is there and busy.
            (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, _) => (Exit::Unreachable, None),
            _ => (Exit::Failed, None),
        };
        let mut failure = Failure::new(exit, format!("{} ({code})", plain(message)));
        failure.code = Some(code.to_owned());
        Err(match body["hint"].as_str().or(ours) {
            Some(hint) => failure.hint(plain(hint)),
            None => failure,
        })
    }
}

/// Waits before the next try, longer after each of those `vain` ones that brought nothing.
pub async fn pause(vain: u32) {
    tokio::time::sleep((FIRST_PAUSE * 2_u32.pow(vain.min(MOST_DOUBLINGS))).min(LONGEST_PAUSE)).await;
}

/// What is at the bottom of an error.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// A path with a query, of those parameters that have a value.
pub fn with_query(path: &str, parameters: &[(&str, Option<String>)]) -> String {
    let given = parameters.iter().filter_map(|(name, value)| {
        let value = value.as_deref()?;
        Some(format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
    });
    let query: Vec<String> = given.collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// The token in the daemon's answer to whoever has signed in.
pub fn session_token(answer: &Value) -> Result<String, Failure> {
    let token = answer["session_token"].as_str().map(str::to_owned);
    token.ok_or_else(|| Failure::failed("the daemon answered without a session"))
}
