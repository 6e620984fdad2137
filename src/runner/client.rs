//! Talks to the daemon. A daemon that is away or has a fault of its own is waited for; only an
//! explicit answer is one. It knows addresses and retries, not what a build is.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use parking_lot::Mutex;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::protocol::{ClaimJobRequest, ClaimJobResponse, HeldJob, RunnerHeartbeatRequest};
use crate::clock::{Clock, Moment};
use crate::config::{here, is_private_way};
use crate::domain::runner::PROTOCOL_OWN;
use crate::error::{Error, with_causes};

/// First and longest pause between two tries.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
pub const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long an answer may take that isn't held on purpose.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// How long the daemon is asked to hold a request.
const HOLD_SECONDS: u64 = 30;
/// How long after its last good use a token that is refused within a build counts as replaced: whoever replaced it
/// has a minute to write the new one into the file, even if the last use was a question that was held meanwhile.
const REPLACED: Duration = Duration::from_secs(90);

/// The file that makes a machine a runner of a daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub runner_id: String,
    pub runner_token: String,
    pub daemon_url: String,
    #[serde(default)]
    pub name: String,
    /// How many builds it executes at a time, if it was registered so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<u32>,
}

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The daemon is away, or has a fault that passes. Trying again makes sense.
    #[error("the daemon can't be reached: {0}")]
    Unreachable(String),
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// The daemon's explicit no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the daemon refused ({status} {code}): {message}")]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// The sequence that the daemon's log lacks next, where that is the reason.
    pub expected_sequence: Option<i64>,
}

impl Refusal {
    /// Whether the daemon does not know the token.
    fn is_of_token(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED.as_u16()
    }
}

/// The error body of the daemon.
#[derive(Debug, Default, Deserialize)]
struct ErrorBody {
    #[serde(default)]
    error: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    details: Option<serde_json::Value>,
}

/// A connection to the daemon that the registration file names.
pub struct Client {
    pub http: reqwest::Client,
    pub clock: Clock,
    file: PathBuf,
    /// Where the daemon is, if not where the file says.
    elsewhere: Option<String>,
    registration: Mutex<Arc<Registration>>,
    last_answer: Mutex<Moment>,
    last_accepted: Mutex<Option<Moment>>,
}

impl Client {
    /// Reads the registration file.
    pub fn open(file: &Path, elsewhere: Option<String>, clock: Clock) -> anyhow::Result<Self> {
        let registration = read(file, elsewhere.as_deref())?;
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_LIMIT)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .user_agent(concat!("oore-runner/", env!("CARGO_PKG_VERSION")));
        if here(&registration.daemon_url).is_some() {
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().context("the HTTP client could not be made")?,
            last_answer: Mutex::new(clock.moment()),
            last_accepted: Mutex::new(None),
            clock,
            file: file.to_owned(),
            elsewhere,
            registration: Mutex::new(Arc::new(registration)),
        })
    }

    pub fn registration(&self) -> Arc<Registration> {
        Arc::clone(&self.registration.lock())
    }

    /// How long the daemon has not answered.
    pub fn silence(&self) -> Duration {
        let last = *self.last_answer.lock();
        self.clock.moment().saturating_sub(last)
    }

    /// Waits until the daemon has not answered for so long, from now on. Zero means for ever.
    pub async fn gone(&self, limit: Duration) {
        if limit.is_zero() {
            return std::future::pending().await;
        }
        let begun = self.clock.moment();
        loop {
            let waited = self.clock.moment().saturating_sub(begun).min(self.silence());
            match limit.checked_sub(waited) {
                None | Some(Duration::ZERO) => return,
                Some(left) => tokio::time::sleep(left).await,
            }
        }
    }

    /// Says that the runner lives. One try; the next heartbeat is soon.
    pub async fn heartbeat(&self, heartbeat: &RunnerHeartbeatRequest) -> Result<(), CallError> {
        self.call(|runner| runner.post(&self.http, "/heartbeat").json(heartbeat)).await.map(|_| ())
    }

    /// Asks for work beside what the runner holds; the request is held until there is some or its time is
    /// over. One try.
    pub async fn claim(&self, holds: Vec<HeldJob>) -> Result<ClaimJobResponse, CallError> {
        let (protocol_version, wait_seconds) = (PROTOCOL_OWN, Some(HOLD_SECONDS));
        let request = ClaimJobRequest { protocol_version, wait_seconds, holds };
        let limit = Duration::from_secs(HOLD_SECONDS) + ANSWER_LIMIT;
        let answer =
            self.call(|runner| runner.post(&self.http, "/claim").json(&request).timeout(limit)).await?;
        parsed(answer).await
    }

    /// One request and its answer.
    pub async fn call(
        &self,
        request: impl Fn(&Registration) -> RequestBuilder,
    ) -> Result<Response, CallError> {
        let registration = self.registration();
        match self.once(request(&registration)).await {
            Err(error) if self.worth_rereading(&error) && self.reread(&registration) => {
                self.once(request(&self.registration())).await
            }
            answer => answer,
        }
    }

    /// One request of a build and its answer. A token that was good a moment ago may have been replaced: a build must
    /// not end of that before the new one had the time to get into the file.
    pub async fn call_in_build(
        &self,
        request: impl Fn(&Registration) -> RequestBuilder,
    ) -> Result<Response, CallError> {
        match self.call(request).await {
            Err(CallError::Refused(refusal)) if refusal.is_of_token() && self.was_accepted_lately() => {
                Err(CallError::Unreachable(format!("the token may have been replaced: {refusal}")))
            }
            answer => answer,
        }
    }

    /// Repeats a request of a build until there is an answer, however long that takes.
    pub async fn persist(
        &self,
        request: impl Fn(&Registration) -> RequestBuilder,
    ) -> Result<Response, Refusal> {
        let mut backoff = Backoff::default();
        loop {
            match self.call_in_build(&request).await {
                Ok(answer) => return Ok(answer),
                Err(CallError::Refused(refusal)) => return Err(refusal),
                Err(CallError::Unreachable(why)) => {
                    tracing::debug!("trying again: {why}");
                    backoff.pause().await;
                }
            }
        }
    }

    async fn once(&self, request: RequestBuilder) -> Result<Response, CallError> {
        let answer = request.send().await.map_err(|error| unreachable(&error))?;
        let status = answer.status();
        if status.is_success() && !is_page(&answer) {
            self.answered();
            *self.last_accepted.lock() = Some(self.clock.moment());
            return Ok(answer);
        }
        let body = answer.text().await.unwrap_or_default();
        let Some(refusal) = refusal(status, &body) else {
            return Err(CallError::Unreachable(format!("something in between answers {status}")));
        };
        self.answered();
        if is_passing(status) {
            return Err(CallError::Unreachable(format!("it answers {status}")));
        }
        Err(CallError::Refused(refusal))
    }

    fn answered(&self) {
        *self.last_answer.lock() = self.clock.moment();
    }

    fn was_accepted_lately(&self) -> bool {
        let last = *self.last_accepted.lock();
        last.is_some_and(|last| self.clock.moment().saturating_sub(last) < REPLACED)
    }

    /// A restarted daemon may have another port and another token.
    fn worth_rereading(&self, error: &CallError) -> bool {
        match error {
            CallError::Unreachable(_) => true,
            CallError::Refused(refusal) => matches!(refusal.status, 401 | 403),
        }
    }

    /// Whether the registration file now says something else.
    fn reread(&self, known: &Registration) -> bool {
        match read(&self.file, self.elsewhere.as_deref()) {
            Ok(fresh) if fresh != *known => {
                *self.registration.lock() = Arc::new(fresh);
                true
            }
            Ok(_) | Err(_) => false,
        }
    }
}

impl Registration {
    /// The address of something of this runner, with its token.
    pub fn post(&self, http: &reqwest::Client, path: &str) -> RequestBuilder {
        self.authorized(http.post(self.url(path)))
    }

    pub fn put(&self, http: &reqwest::Client, path: &str) -> RequestBuilder {
        self.authorized(http.put(self.url(path)))
    }

    pub fn get(&self, http: &reqwest::Client, path: &str) -> RequestBuilder {
        self.authorized(http.get(self.url(path)))
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/runners/{}{path}", self.daemon_url.trim_end_matches('/'), self.runner_id)
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.runner_token).timeout(ANSWER_LIMIT)
    }
}

/// Reads a JSON answer; one that is cut off counts as none.
pub async fn parsed<T: DeserializeOwned>(answer: Response) -> Result<T, CallError> {
    answer.json().await.map_err(|error| unreachable(&error))
}

fn unreachable(error: &reqwest::Error) -> CallError {
    CallError::Unreachable(with_causes(error))
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::REQUEST_TIMEOUT
        || status == StatusCode::TOO_MANY_REQUESTS
        || status.is_redirection()
}

/// The daemon gives every refusal a code. A proxy's or a portal's is none of the daemon's: a build must
/// not end of it.
fn refusal(status: StatusCode, body: &str) -> Option<Refusal> {
    let body: ErrorBody = serde_json::from_str(body).ok()?;
    if body.code.is_empty() {
        return None;
    }
    let expected = body.details.as_ref().and_then(|details| details.get("expected_sequence")?.as_i64());
    Some(Refusal {
        status: status.as_u16(),
        code: body.code,
        message: body.error,
        expected_sequence: expected,
    })
}

/// A page for people, which the daemon never sends here.
fn is_page(answer: &Response) -> bool {
    let kind = answer.headers().get(reqwest::header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn read(file: &Path, elsewhere: Option<&str>) -> anyhow::Result<Registration> {
    let unusable = |why: String| {
        Error::invalid("invalid_registration", format!("the file {} {why}", file.display()))
            .hint("Name the file of the runner's registration with --config.")
    };
    let text = std::fs::read(file).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let mut registration: Registration = serde_json::from_slice(&text)
        .map_err(|error| unusable(format!("is no runner registration: {error}")))?;
    if let Some(url) = elsewhere {
        url.clone_into(&mut registration.daemon_url);
    }
    let url = &registration.daemon_url;
    if !is_private_way(url) {
        let why = format!("daemon_url must be https, or http to a loopback address: {url}");
        return Err(Error::invalid("invalid_registration", why).into());
    }
    Ok(registration)
}

/// Pauses that grow, with some chance in them, so that many runners don't come back at once.
pub struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST_PAUSE }
    }
}

impl Backoff {
    pub async fn pause(&mut self) {
        let mut random = [0_u8; 1];
        let chance = getrandom::fill(&mut random).map_or(0.5, |()| f64::from(random[0]) / 255.0);
        tokio::time::sleep(self.next.mul_f64(0.5 + chance / 2.0)).await;
        self.next = (self.next * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_accepted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runner.json");
        for (url, good) in [
            ("https://ci.example.com", true),
            ("http://127.0.0.1:8787", true),
            ("http://[::1]:8787", true),
            ("http://localhost:8787", false),
            ("http://10.0.0.1:8787", false),
            ("http://localhost.evil:8787", false),
            ("ftp://127.0.0.1", false),
        ] {
            let text = format!(r#"{{"runner_id":"r","runner_token":"t","daemon_url":"{url}"}}"#);
            std::fs::write(&file, text).unwrap();
            assert_eq!(read(&file, None).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn a_refusal_tells_the_expected_sequence() {
        let body = r#"{"error":"gap","code":"log_gap","details":{"expected_sequence":7}}"#;
        let refusal = refusal(StatusCode::CONFLICT, body).unwrap();
        assert_eq!((refusal.code.as_str(), refusal.expected_sequence), ("log_gap", Some(7)));
    }

    #[test]
    fn what_carries_no_code_of_the_daemon_is_no_refusal() {
        for body in ["", "<html>Forbidden</html>", "{}", r#"{"error":"Not Found"}"#, r#"{"code":""}"#, "[]"] {
            assert_eq!(refusal(StatusCode::FORBIDDEN, body), None, "{body}");
        }
    }
}
