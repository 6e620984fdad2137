//! The repositories of the model of GitHub: its lists, code, history and requests out of real ones, who may see them, and
//! git over HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::answers::missing;
use super::app::By;
use super::{Hosted, Inner, Request};
use crate::support::git_http;
use crate::support::host_http::{git_in, said};

impl Inner {
    pub(super) fn listed(&self, by: &By, query: &HashMap<String, String>) -> Response {
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

    pub(super) fn report(
        &self,
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
        let answered = self.reports.lock().respond(full_name, method, rest, query, body, exists);
        match answered {
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

    pub(super) fn repository(
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
pub(super) async fn git(
    inner: Arc<Mutex<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let found = {
        let inner = inner.lock();
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
