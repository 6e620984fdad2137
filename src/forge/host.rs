//! The HTTP of code hosts: a request to an API with a credential, and everything that can go wrong with it. It
//! knows neither GitHub nor GitLab.

use std::fmt;
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::domain::source::ScmProvider;
use crate::error::{Error, Kind, codes};
use crate::outgoing::{Answer, Failure, MAX_BODY, Outgoing};

use super::Forge;
use super::known::{Known, Question};

/// Redirects inside the same API that are followed: a renamed repository answers with one.
const MAX_HOPS: usize = 3;
/// Pages of a list that are read.
const MAX_PAGES: usize = 200;
/// Largest list, or page of one, that is read, in bytes.
pub(super) const MAX_LIST: usize = 8 * 1024 * 1024;
/// The shape of an answer that is kept as it came.
const WHOLE: &str = "";
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An API with a credential.
#[derive(Clone)]
pub struct Host {
    outgoing: Outgoing,
    clock: Clock,
    known: Arc<Known>,
    base: String,
    headers: Vec<(&'static str, Zeroizing<String>)>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Host({})", self.base)
    }
}

/// What an API answered when it did what it was asked.
#[derive(Debug)]
pub struct Reply {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// Why an API didn't do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nothing came back, or word of a fault over there.
    #[error("{0}")]
    Away(String),
    #[error("it does not accept the credential")]
    Unauthorized,
    #[error("it forbids this ({0})")]
    Forbidden(String),
    /// Too many requests; after so many seconds there may be more.
    #[error("it allows no more requests for {0} s")]
    RateLimited(u64),
    #[error("there is nothing at this address")]
    Missing,
    #[error("it refused the request with status {0} ({1})")]
    Refused(u16, String),
    #[error("its answer is too large")]
    TooLarge,
    #[error("its answer is not understood ({0})")]
    Unreadable(String),
}

impl Host {
    /// `base` has no slash at its end; `headers` are what every request carries, such as what proves who asks.
    pub fn new(
        forge: &Forge,
        base: impl Into<String>,
        headers: Vec<(&'static str, Zeroizing<String>)>,
    ) -> Self {
        Self {
            outgoing: forge.outgoing.clone(),
            clock: forge.clock.clone(),
            known: Arc::clone(&forge.known),
            base: base.into(),
            headers,
        }
    }

    /// `GET base/path`; `accept` is the media type.
    pub async fn get(&self, path: &str, accept: &str) -> Result<Reply, Trouble> {
        self.get_limited(path, accept, MAX_BODY).await
    }

    /// The same with another limit of the answer's size, in bytes.
    pub async fn get_limited(&self, path: &str, accept: &str, limit: usize) -> Result<Reply, Trouble> {
        self.get_as(path, accept, limit, WHOLE, &Ok).await
    }

    /// What is kept of an answer, and answered, is what `shape` makes of it; `name` tells shapes apart.
    async fn get_as(
        &self,
        path: &str,
        accept: &str,
        limit: usize,
        name: &str,
        shape: &impl Fn(Answer) -> Result<Answer, Trouble>,
    ) -> Result<Reply, Trouble> {
        let mut url = format!("{}{path}", self.base);
        for _ in 0..MAX_HOPS {
            let request = self.request(Method::GET, &url, accept)?;
            let answer = self.ask(request, self.question(&url, accept, name), limit, shape).await?;
            match self.moved(&answer) {
                Some(target) => url = target,
                None => return self.judged(answer),
            }
        }
        Err(Trouble::Unreadable("it redirects in circles".to_owned()))
    }

    /// Every page of a list, as the `next` links go; at most `MAX_PAGES`.
    pub async fn pages<T, P: DeserializeOwned>(
        &self,
        path: &str,
        accept: &str,
        items: impl Fn(P) -> Vec<T>,
    ) -> Result<Vec<T>, Trouble> {
        let (found, is_whole) = self.first_pages(path, accept, MAX_PAGES, items).await?;
        if !is_whole {
            tracing::warn!("a code host lists more than {MAX_PAGES} pages at {path}; the rest is left out");
        }
        Ok(found)
    }

    /// At most `most` pages of a list, and whether that is all of it.
    pub async fn first_pages<T, P: DeserializeOwned>(
        &self,
        path: &str,
        accept: &str,
        most: usize,
        items: impl Fn(P) -> Vec<T>,
    ) -> Result<(Vec<T>, bool), Trouble> {
        let (mut found, mut walk) = (Vec::new(), Walk::along(path));
        for _ in 0..most {
            let Some(path) = walk.next_path() else { break };
            let reply = self.get_limited(&path, accept, MAX_LIST).await?;
            found.extend(items(reply.json()?));
            walk.follow(&reply);
        }
        Ok((found, walk.is_over()))
    }

    /// The same, for lists that are asked for again and again: of each page only what `small` makes of its items is
    /// remembered.
    pub async fn small_pages<T, P>(
        &self,
        path: &str,
        accept: &str,
        small: impl Fn(P) -> Option<T>,
    ) -> Result<Vec<T>, Trouble>
    where
        T: Serialize + DeserializeOwned,
        P: DeserializeOwned,
    {
        let shape = |answer: Answer| smaller(answer, &small);
        let (mut found, mut walk) = (Vec::new(), Walk::along(path));
        while let Some(path) = walk.next_path() {
            let reply = self.get_as(&path, accept, MAX_LIST, std::any::type_name::<P>(), &shape).await?;
            found.extend(reply.json::<Vec<T>>()?);
            walk.follow(&reply);
        }
        Ok(found)
    }

    pub async fn post(&self, path: &str, accept: &str, body: &Value) -> Result<Reply, Trouble> {
        self.send(Method::POST, path, accept, body).await
    }

    /// Sends JSON. Only redirects that ask for the same again elsewhere are followed.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        accept: &str,
        body: &Value,
    ) -> Result<Reply, Trouble> {
        let mut url = format!("{}{path}", self.base);
        for _ in 0..MAX_HOPS {
            let request = self.request(method.clone(), &url, accept)?.json(body);
            let answer = self.outgoing.send(request, MAX_BODY).await?;
            let is_same_again = matches!(answer.status.as_u16(), 307 | 308);
            match self.moved(&answer).filter(|_| is_same_again) {
                Some(target) => url = target,
                None => return self.judged(answer),
            }
        }
        Err(Trouble::Unreadable("it redirects in circles".to_owned()))
    }

    /// An answer that is the same as before counts as the one that came then.
    async fn ask(
        &self,
        request: RequestBuilder,
        question: Question,
        limit: usize,
        shape: &impl Fn(Answer) -> Result<Answer, Trouble>,
    ) -> Result<Answer, Trouble> {
        let tag = self.known.tag(&question);
        let request = match &tag {
            Some(tag) => request.header("if-none-match", tag),
            None => request,
        };
        let answer = self.outgoing.send(request, limit).await?;
        if answer.status == StatusCode::NOT_MODIFIED {
            let known = tag.and_then(|tag| self.known.recall(&question, &tag));
            // It made room meanwhile.
            return known.ok_or_else(|| Trouble::Away("its answer has to be asked for again".to_owned()));
        }
        let answer = if answer.status.is_success() { shape(answer)? } else { answer };
        self.known.keep(question, &answer);
        Ok(answer)
    }

    fn request(&self, method: Method, url: &str, accept: &str) -> Result<RequestBuilder, Trouble> {
        let request = self.outgoing.request(method, url)?.header("accept", accept);
        Ok(self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value.as_str())))
    }

    /// What is asked, as whom, and what is made of it.
    fn question(&self, url: &str, accept: &str, shape: &str) -> Question {
        let mut hash = Sha256::new();
        let headers = self.headers.iter().flat_map(|(name, value)| [*name, value.as_str()]);
        for part in [url, accept, shape].into_iter().chain(headers) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    /// Where the answer points to, if that is inside this API: nobody else gets the credential.
    fn moved(&self, answer: &Answer) -> Option<String> {
        let target = answer.headers.get("location")?.to_str().ok()?;
        let inside = target.strip_prefix(&self.base).is_some_and(|rest| rest.starts_with('/'));
        (matches!(answer.status.as_u16(), 301 | 302 | 307 | 308) && inside).then(|| target.to_owned())
    }

    fn judged(&self, answer: Answer) -> Result<Reply, Trouble> {
        let Answer { status, headers, body } = answer;
        if status.is_success() {
            return Ok(Reply { headers, body });
        }
        let reason = || message(&body);
        Err(match status.as_u16() {
            401 => Trouble::Unauthorized,
            403 | 429 => match self.wait(status, &headers) {
                Some(wait) => Trouble::RateLimited(wait),
                // GitHub does not always say how long its secondary limits last.
                None if speaks_of_limits(&reason()) => Trouble::RateLimited(60),
                None => Trouble::Forbidden(reason()),
            },
            404 | 410 => Trouble::Missing,
            500.. => Trouble::Away(format!("it answered {}", status.as_u16())),
            code => Trouble::Refused(code, reason()),
        })
    }

    /// After how many seconds there may be more requests, if that is what the answer is about.
    fn wait(&self, status: StatusCode, headers: &HeaderMap) -> Option<u64> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        let is_used_up = number("x-ratelimit-remaining").or_else(|| number("ratelimit-remaining")) == Some(0);
        let reset = number("x-ratelimit-reset").or_else(|| number("ratelimit-reset"));
        let until_reset = reset.filter(|_| is_used_up).map(|at| at - self.clock.now());
        let wait = number("retry-after").or(until_reset);
        let wait = wait.or_else(|| (status == StatusCode::TOO_MANY_REQUESTS || is_used_up).then_some(60))?;
        Some(wait.clamp(1, 3600).unsigned_abs())
    }
}

/// The way from page to page of a list.
#[derive(Debug)]
pub struct Walk {
    next: Option<String>,
    path: String,
    pages: usize,
}

impl Walk {
    pub fn along(path: &str) -> Self {
        Self { next: Some(path.to_owned()), path: without_query(path).to_owned(), pages: 0 }
    }

    /// The path of the next page, if there is one and it is one of the first `MAX_PAGES`.
    pub fn next_path(&mut self) -> Option<String> {
        let next = self.next.take()?;
        self.pages += 1;
        if self.pages > MAX_PAGES {
            tracing::warn!(
                "a code host lists more than {MAX_PAGES} pages at {}; the rest is left out",
                self.path
            );
            return None;
        }
        Some(next)
    }

    /// Whether the last page has been seen.
    pub fn is_over(&self) -> bool {
        self.next.is_none()
    }

    /// Goes on where a page says that the next one is. The host may know itself by another address than we do: only the
    /// query is taken of it.
    pub fn follow(&mut self, page: &Reply) {
        let query = page.header("link").and_then(next_of).and_then(|url| url.split_once('?'));
        self.next = query.map(|(_, query)| format!("{}?{query}", self.path));
    }
}

fn speaks_of_limits(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["rate limit", "abuse detection"].iter().any(|words| message.contains(words))
}

impl Reply {
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        serde_json::from_slice(&self.body).map_err(|error| Trouble::Unreadable(error.to_string()))
    }

    /// A header, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Away(why) => Trouble::Away(why),
            Failure::Unusable(why) => Trouble::Unreadable(why),
            Failure::TooLarge => Trouble::TooLarge,
        }
    }
}

impl Trouble {
    /// What reading a repository says about it.
    pub fn of_repository(self, provider: ScmProvider, full_name: &str) -> Error {
        let name = named(provider);
        match self {
            Trouble::Unauthorized | Trouble::Forbidden(_) | Trouble::Missing => Error::conflict(
                codes::SOURCE_UNRESOLVABLE,
                format!("{name} does not show {full_name} to this instance: {self}"),
            )
            .hint("See the integration's page: the repository may be gone, or access to it was taken away."),
            Trouble::Away(_)
            | Trouble::RateLimited(_)
            | Trouble::Refused(..)
            | Trouble::TooLarge
            | Trouble::Unreadable(_) => self.of_api(provider),
        }
    }

    /// What a call of a provider's API says about it.
    pub fn of_api(self, provider: ScmProvider) -> Error {
        let code = match provider {
            ScmProvider::Github => "github_api_error",
            ScmProvider::Gitlab => "gitlab_api_error",
            ScmProvider::LocalGit => "git_error",
        };
        let error =
            Error::new(Kind::Upstream, code, format!("{} could not be asked: {self}", named(provider)));
        match self {
            Trouble::RateLimited(seconds) => error
                .details(serde_json::json!({ "retry_after_seconds": seconds }))
                .hint(format!("Try again in {seconds} s.")),
            Trouble::Away(_) => error.hint("It may be back in a while. Try again then."),
            Trouble::Unauthorized | Trouble::Forbidden(_) | Trouble::Missing => {
                error.hint("Access may have been taken away. Connect the integration again.")
            }
            Trouble::Refused(..) | Trouble::TooLarge | Trouble::Unreadable(_) => error,
        }
    }
}

/// How people call a code host.
pub fn named(provider: ScmProvider) -> &'static str {
    match provider {
        ScmProvider::Github => "GitHub",
        ScmProvider::Gitlab => "GitLab",
        ScmProvider::LocalGit => "git",
    }
}

/// A page of a list with its items made small; of its headers only what is needed to know it again and go on.
fn smaller<T: Serialize, P: DeserializeOwned>(
    answer: Answer,
    small: impl Fn(P) -> Option<T>,
) -> Result<Answer, Trouble> {
    let unreadable = |error: serde_json::Error| Trouble::Unreadable(error.to_string());
    let items: Vec<P> = serde_json::from_slice(&answer.body).map_err(unreadable)?;
    let items: Vec<T> = items.into_iter().filter_map(small).collect();
    let body = serde_json::to_vec(&items).map_err(unreadable)?;
    let kept = ["etag", "link"].map(HeaderName::from_static);
    let headers =
        kept.into_iter().filter_map(|name| Some((name.clone(), answer.headers.get(&name)?.clone())));
    Ok(Answer { status: answer.status, headers: headers.collect(), body })
}

/// The address of the next page in a `Link` header (RFC 8288).
fn next_of(link: &str) -> Option<&str> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    next.split_once('<')?.1.split_once('>').map(|(url, _)| url)
}

fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

/// What an API says went wrong; short, in case it is a page.
pub(super) fn message(body: &[u8]) -> String {
    let said = serde_json::from_slice::<Value>(body).ok();
    let said = said.as_ref().and_then(|body| {
        ["message", "error_description", "error"].iter().find_map(|name| body[*name].as_str())
    });
    said.unwrap_or("no reason given").chars().filter(|c| !c.is_control()).take(200).collect()
}

/// A path for a URL, its slashes kept.
pub fn encoded_path(path: &str) -> String {
    let segments: Vec<String> = path.split('/').map(encoded).collect();
    segments.join("/")
}

/// One segment of a path, or a value of a query.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}
