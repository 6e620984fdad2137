//! Payloads of webhooks, read into words that are the same for every code host. Whoever calls has verified
//! them before. It fetches nothing.

mod github;
mod gitlab;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::delivery::{Notice, Place};
use crate::domain::source::ScmProvider;
use crate::domain::trigger::{MERGE_REQUEST_EVENT, PULL_REQUEST_EVENT};
use crate::error::{Error, Result};

/// Reads a payload; `event` is what the host calls it in its header.
///
/// Errors: 400 `invalid_payload`.
pub fn read(provider: ScmProvider, event: &str, body: &[u8]) -> Result<Notice> {
    match provider {
        ScmProvider::Github => github::read(event, body),
        ScmProvider::Gitlab => gitlab::read(body),
        ScmProvider::LocalGit => Err(invalid("local repositories send no webhooks")),
    }
}

/// The id of the project that a payload of GitLab says it is about; nothing else of it is looked at.
///
/// Errors: 400 `invalid_payload`.
pub fn gitlab_project(body: &[u8]) -> Result<Option<String>> {
    gitlab::project(body)
}

/// What a payload of GitLab says it is, in the words of its header; `None` of what starts no builds.
///
/// Errors: 400 `invalid_payload`.
pub fn gitlab_event(body: &[u8]) -> Result<Option<&'static str>> {
    gitlab::event(body)
}

/// When the event happened, where a payload of GitLab says so as a text.
pub fn gitlab_created_at(body: &[u8]) -> Result<Option<String>> {
    gitlab::created_at(body)
}

/// What the host calls it when something moves, in the words that its webhooks have for it.
pub fn event_of(provider: ScmProvider, place: &Place) -> &'static str {
    match (provider, place) {
        (ScmProvider::Github | ScmProvider::LocalGit, Place::Branch(_) | Place::Tag(_)) => "push",
        (ScmProvider::Github | ScmProvider::LocalGit, Place::Request { .. }) => PULL_REQUEST_EVENT,
        (ScmProvider::Gitlab, Place::Branch(_)) => "Push Hook",
        (ScmProvider::Gitlab, Place::Tag(_)) => "Tag Push Hook",
        (ScmProvider::Gitlab, Place::Request { .. }) => MERGE_REQUEST_EVENT,
    }
}

/// One commit of a push.
#[derive(Debug, Deserialize)]
struct Commit {
    #[serde(default)]
    added: Option<Vec<String>>,
    #[serde(default)]
    modified: Option<Vec<String>>,
    #[serde(default)]
    removed: Option<Vec<String>>,
}

/// Every path that these commits touch; `None` if one of them names none: of very large commits hosts leave them out.
fn paths(commits: Vec<Commit>) -> Option<Vec<String>> {
    let mut paths = Vec::new();
    for commit in commits {
        let before = paths.len();
        paths.extend([commit.added, commit.modified, commit.removed].into_iter().flatten().flatten());
        if paths.len() == before {
            return None;
        }
    }
    paths.sort_unstable();
    paths.dedup();
    Some(paths)
}

/// A time as hosts write it, in Unix seconds.
fn seconds(text: &str) -> Option<i64> {
    let exact = chrono::DateTime::parse_from_rfc3339(text).map(|at| at.timestamp());
    let plain = || chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S UTC");
    exact.or_else(|_| plain().map(|at| at.and_utc().timestamp())).ok()
}

/// What git calls no commit.
fn is_zero(sha: &str) -> bool {
    sha.bytes().all(|byte| byte == b'0')
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(invalid("the body is no JSON object"));
    }
    serde_json::from_slice(body)
        .map_err(|error| invalid(format!("the body is not the JSON that was expected: {error}")))
}

fn invalid(why: impl Into<String>) -> Error {
    Error::invalid("invalid_payload", why).hint("Choose application/json as the content type of the webhook.")
}
