//! Payloads of GitHub.

use serde::Deserialize;
use serde_json::Value;

use super::{Commit, is_zero, parsed, paths, seconds};
use crate::domain::delivery::{Again, Notice, Place, RemoteRepository, Report, Revision};
use crate::error::Result;

/// A push lists this many commits at most; if it has as many there may be more.
const LISTED_COMMITS: usize = 2048;

/// What most events have in common.
#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(default)]
    action: Option<Value>,
    #[serde(default)]
    repository: Option<Repository>,
    #[serde(default)]
    sender: Option<Sender>,
}

#[derive(Debug, Deserialize)]
struct Repository {
    id: Value,
    #[serde(default)]
    full_name: String,
    /// A number in pushes, a text elsewhere.
    #[serde(default)]
    pushed_at: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Sender {
    login: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Push {
    r#ref: String,
    before: Option<String>,
    after: String,
    #[serde(default)]
    created: bool,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    forced: bool,
    #[serde(default)]
    head_commit: Option<Head>,
    #[serde(default)]
    commits: Vec<Commit>,
}

/// The commit that a push leads to.
#[derive(Debug, Deserialize)]
struct Head {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OfPullRequest {
    action: String,
    #[serde(default)]
    before: Option<String>,
    pull_request: PullRequest,
}

#[derive(Debug, Deserialize)]
struct PullRequest {
    number: i64,
    head: End,
    base: End,
    #[serde(default)]
    updated_at: Option<String>,
}

#[derive(Debug, Deserialize)]
struct End {
    r#ref: String,
    sha: String,
    /// None if the fork is gone.
    repo: Option<Repository>,
    #[serde(default)]
    label: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OfCheckRun {
    action: String,
    check_run: CheckRun,
}

#[derive(Debug, Deserialize)]
struct CheckRun {
    #[serde(default)]
    external_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OfCheckSuite {
    action: String,
    check_suite: CheckSuite,
}

#[derive(Debug, Deserialize)]
struct CheckSuite {
    head_sha: String,
}

pub fn read(event: &str, body: &[u8]) -> Result<Notice> {
    let envelope: Envelope = parsed(body)?;
    let pushed_at =
        envelope.repository.as_ref().and_then(|found| found.pushed_at.as_ref()).and_then(Value::as_i64);
    let report = match event {
        "push" => push(parsed(body)?, pushed_at),
        "pull_request" => pull_request(parsed(body)?),
        "check_run" => check_run(parsed(body)?),
        "check_suite" => check_suite(parsed(body)?),
        "ping" => {
            Report::Nothing("the code host tried out whether it reaches this instance: it does".to_owned())
        }
        "" => Report::Nothing("the delivery does not say what event it is".to_owned()),
        other => Report::Nothing(format!("the event {other} starts no builds")),
    };
    Ok(Notice {
        action: envelope.action.as_ref().and_then(Value::as_str).map(str::to_owned),
        repository: envelope
            .repository
            .map(|found| RemoteRepository { id: id(&found.id), full_name: found.full_name }),
        sender: envelope.sender.and_then(|sender| sender.login),
        report,
    })
}

/// GitHub tells an app only of requests for its own checks.
fn check_run(event: OfCheckRun) -> Report {
    match event.check_run.external_id.filter(|id| !id.is_empty()) {
        Some(id) if event.action == "rerequested" => Report::Again(Again::Build(id)),
        Some(_) | None => Report::Nothing(format!("a check that is {} starts no builds", event.action)),
    }
}

fn check_suite(event: OfCheckSuite) -> Report {
    match event.action.as_str() {
        "rerequested" => Report::Again(Again::Commit(event.check_suite.head_sha)),
        other => Report::Nothing(format!("checks that are {other} start no builds")),
    }
}

fn id(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn push(push: Push, pushed_at: Option<i64>) -> Report {
    let Some(place) = Place::of_ref(&push.r#ref) else {
        return Report::Nothing(format!("{} is neither a branch nor a tag", push.r#ref));
    };
    if push.deleted || is_zero(&push.after) {
        return Report::Nothing(format!("{} was deleted", push.r#ref));
    }
    // A branch that is new, or was moved to elsewhere, has more that is new than its commits say.
    let is_told =
        !push.created && !push.forced && !push.commits.is_empty() && push.commits.len() < LISTED_COMMITS;
    let (head, message) = push.head_commit.map_or((None, None), |head| (head.id, head.message));
    // `after` of an annotated tag is the tag, which is no commit.
    let sha = match &place {
        Place::Tag(_) => head.unwrap_or(push.after),
        Place::Branch(_) | Place::Request { .. } => push.after,
    };
    Report::Revision(Revision {
        place,
        sha,
        before: push.before.filter(|sha| !is_zero(sha)),
        message,
        pushed_at,
        changed: is_told.then(|| paths(push.commits)).flatten(),
        fork: None,
    })
}

fn pull_request(event: OfPullRequest) -> Report {
    if !matches!(event.action.as_str(), "opened" | "reopened" | "synchronize") {
        return Report::Nothing(format!("a pull request that is {} brings no new code", event.action));
    }
    let PullRequest { number, head, base, updated_at } = event.pull_request;
    let repository = |end: &End| end.repo.as_ref().map(|found| id(&found.id));
    let is_own = repository(&head).is_some() && repository(&head) == repository(&base);
    let fork = (!is_own).then(|| {
        let name = head.repo.map(|found| found.full_name).filter(|name| !name.is_empty());
        name.or(head.label).unwrap_or_else(|| "a repository that is gone".to_owned())
    });
    Report::Revision(Revision {
        place: Place::Request { number, source: head.r#ref, target: base.r#ref },
        sha: head.sha,
        before: event.before.filter(|sha| !is_zero(sha)),
        message: None,
        pushed_at: updated_at.as_deref().and_then(seconds),
        changed: None,
        fork,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotated_tag_is_built_at_its_commit() {
        let (tag, commit) = ("a".repeat(40), "c".repeat(40));
        let told = |r#ref: &str| {
            let body = format!(
                r#"{{"ref":"{ref}","before":null,"after":"{tag}","head_commit":{{"id":"{commit}","message":"m"}}}}"#,
                r#ref = r#ref
            );
            match read("push", body.as_bytes()).unwrap().report {
                Report::Revision(revision) => revision.sha,
                Report::Nothing(why) => why,
                Report::Again(_) => unreachable!(),
            }
        };
        assert_eq!(told("refs/tags/v1"), commit);
        assert_eq!(told("refs/heads/main"), tag);
    }
}
