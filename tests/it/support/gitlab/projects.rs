//! The projects of the model of GitLab: its lists, code, history and requests out of real repositories.

use std::collections::HashMap;
use std::path::PathBuf;

use axum::body::Bytes;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answers::missing;
use super::{Hosted, Inner, Request};
use crate::support::host_http::{git_in, said};

impl Inner {
    pub(super) fn git(&self, path: &str, token: Option<&str>) -> Result<PathBuf, Box<Response>> {
        self.allowed(token, &["read_repository", "write_repository", "api"])?;
        let found = self.projects.iter().find(|project| project.path == path);
        found.map(|project| project.folder.clone()).ok_or_else(|| Box::new(missing()))
    }

    /// To write, a token has to be allowed everything.
    pub(super) fn report(
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
        let answered = self.reports.lock().respond(user, id, method, rest, body, exists);
        match answered {
            Some(answer) => answer,
            None => self.not_known(method, uri),
        }
    }

    /// By the number of the last one, as GitLab does for long lists.
    pub(super) fn list(&self, query: &HashMap<String, String>) -> Response {
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
            "visibility": project.visibility, "avatar_url": avatar,
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

    pub(super) fn project(
        &self,
        id: &str,
        rest: &[&str],
        query: &HashMap<String, String>,
    ) -> Option<Response> {
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
