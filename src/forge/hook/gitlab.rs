//! Payloads of GitLab.

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{is_zero, parsed, seconds};
use crate::domain::delivery::{Notice, Place, RemoteRepository, Report, Revision};
use crate::error::Result;

/// What says whose it is.
#[derive(Debug, Deserialize)]
struct Belonging {
    #[serde(default)]
    project: Option<Project>,
    #[serde(default)]
    project_id: Id,
}

/// The number of a project. Whatever else stands in its place takes no room: this is read before anything is proved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Id(Option<i64>);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Number;
        impl<'de> Visitor<'de> for Number {
            type Value = Id;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number")
            }
            fn visit_i64<E>(self, number: i64) -> std::result::Result<Id, E> {
                Ok(Id(Some(number)))
            }
            fn visit_u64<E>(self, number: u64) -> std::result::Result<Id, E> {
                Ok(Id(i64::try_from(number).ok()))
            }
            fn visit_f64<E>(self, _: f64) -> std::result::Result<Id, E> {
                Ok(Id(None))
            }
            fn visit_bool<E>(self, _: bool) -> std::result::Result<Id, E> {
                Ok(Id(None))
            }
            fn visit_str<E>(self, _: &str) -> std::result::Result<Id, E> {
                Ok(Id(None))
            }
            fn visit_unit<E>(self) -> std::result::Result<Id, E> {
                Ok(Id(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<Id, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Id(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Id, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Id(None))
            }
        }
        from.deserialize_any(Number)
    }
}

#[derive(Debug, Deserialize)]
struct Project {
    #[serde(default)]
    id: Id,
    #[serde(default)]
    path_with_namespace: String,
}

#[derive(Debug, Deserialize)]
struct Dated {
    #[serde(default)]
    created_at: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(default)]
    object_kind: Option<Value>,
    #[serde(default)]
    project: Option<Project>,
    #[serde(default)]
    project_id: Id,
    #[serde(default)]
    user_username: Option<String>,
    #[serde(default)]
    user: Option<User>,
}

#[derive(Debug, Deserialize)]
struct User {
    #[serde(default)]
    username: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Push {
    r#ref: String,
    #[serde(default)]
    before: Option<String>,
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    checkout_sha: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    commits: Vec<NamedCommit>,
}

#[derive(Debug, Deserialize)]
struct NamedCommit {
    #[serde(default)]
    id: String,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OfMergeRequest {
    object_attributes: MergeRequest,
}

#[derive(Debug, Deserialize)]
struct MergeRequest {
    iid: i64,
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    oldrev: Option<String>,
    source_branch: String,
    target_branch: String,
    source_project_id: Id,
    target_project_id: Id,
    #[serde(default)]
    source: Option<Project>,
    #[serde(default)]
    updated_at: Option<Value>,
    /// None of a request without commits, or whose branch is gone.
    #[serde(default)]
    last_commit: Option<NamedCommit>,
}

pub fn project(body: &[u8]) -> Result<Option<String>> {
    let found: Belonging = parsed(body)?;
    Ok(project_id(found.project.as_ref(), found.project_id))
}

pub fn created_at(body: &[u8]) -> Result<Option<String>> {
    let found: Dated = parsed(body)?;
    Ok(found.created_at.as_ref().and_then(Value::as_str).map(str::to_owned))
}

fn project_id(project: Option<&Project>, id: Id) -> Option<String> {
    let Id(id) = project.map(|project| project.id).filter(|id| id.0.is_some()).unwrap_or(id);
    id.map(|id| id.to_string())
}

/// What the payload says it is, in the words of GitLab's header: no signature covers the header itself.
pub fn event(body: &[u8]) -> Result<Option<&'static str>> {
    let envelope: Envelope = parsed(body)?;
    Ok(match envelope.object_kind.as_ref().and_then(Value::as_str) {
        Some("push") => Some("Push Hook"),
        Some("tag_push") => Some("Tag Push Hook"),
        Some("merge_request") => Some("Merge Request Hook"),
        Some(_) | None => None,
    })
}

pub fn read(body: &[u8]) -> Result<Notice> {
    let envelope: Envelope = parsed(body)?;
    let kind = envelope.object_kind.as_ref().and_then(Value::as_str).unwrap_or_default();
    let (action, report) = match kind {
        "push" | "tag_push" => (None, push(parsed(body)?)),
        "merge_request" => {
            let event: OfMergeRequest = parsed(body)?;
            (event.object_attributes.action.clone(), merge_request(event.object_attributes))
        }
        "" => (None, Report::Nothing("the delivery does not say what event it is".to_owned())),
        other => (None, Report::Nothing(format!("the event {other} starts no builds"))),
    };
    let id = project_id(envelope.project.as_ref(), envelope.project_id);
    let full_name = envelope.project.map(|project| project.path_with_namespace).unwrap_or_default();
    let sender = envelope.user_username.or_else(|| envelope.user.and_then(|user| user.username));
    Ok(Notice { action, repository: id.map(|id| RemoteRepository { id, full_name }), sender, report })
}

fn push(push: Push) -> Report {
    let Some(place) = Place::of_ref(&push.r#ref) else {
        return Report::Nothing(format!("{} is neither a branch nor a tag", push.r#ref));
    };
    let is_deleted = push.after.as_deref().is_some_and(is_zero);
    let Some(sha) = push.checkout_sha.filter(|sha| !is_deleted && !is_zero(sha)) else {
        return Report::Nothing(format!("{} was deleted", push.r#ref));
    };
    let before = push.before.filter(|sha| !is_zero(sha));
    let head = push.commits.iter().find(|commit| commit.id == sha).or(push.commits.last());
    let message = head.and_then(|head| head.message.clone()).or(push.message);
    // GitLab does not say whether the branch was moved to elsewhere, and then lists not all that changed.
    Report::Revision(Revision { place, sha, before, message, pushed_at: None, changed: None, fork: None })
}

fn merge_request(request: MergeRequest) -> Report {
    let brings_code = match request.action.as_deref() {
        Some("open" | "reopen") => true,
        Some("update") => request.oldrev.is_some(),
        Some(_) | None => false,
    };
    if !brings_code {
        let action = request.action.unwrap_or_else(|| "action that is not named".to_owned());
        return Report::Nothing(format!("the {action} of a merge request brings no new commit"));
    }
    let Some(last_commit) = request.last_commit else {
        return Report::Nothing("the merge request has no commit".to_owned());
    };
    let fork = (request.source_project_id != request.target_project_id).then(|| {
        let name = request.source.map(|project| project.path_with_namespace).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| "another project".to_owned())
    });
    Report::Revision(Revision {
        place: Place::Request {
            number: request.iid,
            source: request.source_branch,
            target: request.target_branch,
        },
        sha: last_commit.id,
        before: request.oldrev,
        message: last_commit.message,
        pushed_at: request.updated_at.as_ref().and_then(Value::as_str).and_then(seconds),
        changed: None,
        fork,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_place_of_a_projects_number_names_none() {
        for odd in
            ["[1,[2],{\"a\":3}]", "{\"a\":[1]}", "\"7\"", "true", "null", "1.5", "18446744073709551615"]
        {
            let body = format!("{{\"project_id\":{odd}}}");
            assert_eq!(project(body.as_bytes()).unwrap(), None, "{odd}");
        }
        assert_eq!(project(br#"{"project":{"id":null},"project_id":7}"#).unwrap().as_deref(), Some("7"));
        assert_eq!(project(br#"{"project":{"id":8},"project_id":7}"#).unwrap().as_deref(), Some("8"));
        assert!(project(b"{").is_err());
    }

    #[test]
    fn a_merge_request_without_commits_starts_nothing() {
        let body = br#"{"object_kind":"merge_request","object_attributes":{"iid":1,"action":"open","source_branch":"a",
            "target_branch":"b","source_project_id":1,"target_project_id":1,"last_commit":null}}"#;
        assert!(matches!(read(body).unwrap().report, Report::Nothing(_)));
    }
}
