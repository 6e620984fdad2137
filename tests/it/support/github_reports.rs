//! What the model of GitHub keeps of how builds go: check runs with their annotations, commit statuses and comments, each
//! checked as GitHub does, and everything it was told in the order it came.

use axum::body::Bytes;
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use super::github::{APP_ID, SLUG};
use super::host_http::said;

/// Everything of all repositories.
#[derive(Default)]
pub struct Reports {
    pub checks: Vec<Value>,
    pub statuses: Vec<Value>,
    pub comments: Vec<Value>,
    /// Each thing that was told: method and path behind the repository, and the body.
    pub told: Vec<(String, Value)>,
    /// What apps may not do: `checks`, `statuses`, `pull_requests`.
    pub forbidden: Vec<String>,
    made: u64,
}

/// What of a repository's address belongs here.
pub fn is_report(method: &Method, rest: &[&str], accept: &str) -> bool {
    match rest {
        ["check-runs", ..] | ["statuses", _] | ["issues", ..] => true,
        ["commits", _, "check-runs"] => *method == Method::GET && accept == "application/vnd.github+json",
        _ => false,
    }
}

fn missing() -> Response {
    said(404, json!({"message": "Not Found"}))
}

fn wrong(why: &str) -> Response {
    said(422, json!({"message": format!("Invalid request.\n\n{why}")}))
}

impl Reports {
    /// Answers; a list comes as the page that is asked for makes it.
    pub fn respond(
        &mut self,
        repository: &str,
        method: &Method,
        rest: &[&str],
        query: &std::collections::HashMap<String, String>,
        body: &Bytes,
        exists: impl Fn(&str) -> bool,
    ) -> Result<Response, Vec<Value>> {
        let what = match rest {
            ["statuses", _] => "statuses",
            ["issues", ..] => "pull_requests",
            _ => "checks",
        };
        if self.forbidden.iter().any(|forbidden| forbidden == what) {
            return Ok(said(403, json!({"message": "Resource not accessible by integration"})));
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        if *method != Method::GET {
            self.told.push((format!("{method} {}", rest.join("/")), body.clone()));
        }
        Ok(match (method.as_str(), rest) {
            ("POST", ["check-runs"]) if exists(body["head_sha"].as_str().unwrap()) => {
                self.create(repository, body)
            }
            ("POST", ["check-runs"]) => wrong("No commit found for SHA"),
            ("PATCH", ["check-runs", id]) => self.update(id, body),
            ("GET", ["check-runs", id]) => match self.check(id) {
                Some(found) => said(200, found.clone()),
                None => missing(),
            },
            ("GET", ["commits", sha, "check-runs"]) => {
                let named = |run: &&Value| run["head_sha"] == *sha && run["name"] == query["check_name"];
                return Err(self.checks.iter().filter(named).cloned().collect());
            }
            ("POST", ["statuses", sha]) if exists(sha) => self.set_status(sha, body),
            ("POST", ["statuses", sha]) => wrong(&format!("No commit found for SHA: {sha}")),
            ("GET", ["issues", number, "comments"]) => {
                let of =
                    |comment: &&Value| comment["issue"] == *number && comment["repository"] == repository;
                return Err(self.comments.iter().filter(of).cloned().collect());
            }
            ("POST", ["issues", number, "comments"]) => {
                let id =
                    self.comment(repository, number, &format!("{SLUG}[bot]"), body["body"].as_str().unwrap());
                said(201, self.comments.iter().find(|comment| comment["id"] == id).unwrap().clone())
            }
            ("PATCH", ["issues", "comments", id]) => {
                let found =
                    self.comments.iter_mut().find(|comment| comment["id"].as_u64() == id.parse().ok());
                match found {
                    Some(found) => {
                        found["body"] = body["body"].clone();
                        said(200, found.clone())
                    }
                    None => missing(),
                }
            }
            (method, rest) => panic!("nothing is known of {method} {rest:?} in a repository"),
        })
    }

    fn check(&mut self, id: &str) -> Option<&mut Value> {
        self.checks.iter_mut().find(|run| run["id"].as_u64() == id.parse().ok())
    }

    fn create(&mut self, repository: &str, body: Value) -> Response {
        if let Some(why) = wrong_check(&body) {
            return wrong(why);
        }
        self.made += 1;
        let run = json!({"id": self.made, "app": {"id": APP_ID}, "repository": repository, "annotations": [],
            "head_sha": body["head_sha"], "output": {"annotations_count": 0}});
        self.checks.push(run);
        let run = self.checks.last_mut().unwrap();
        merge(run, &body);
        said(201, run.clone())
    }

    fn update(&mut self, id: &str, body: Value) -> Response {
        if let Some(why) = wrong_check(&body) {
            return wrong(why);
        }
        match self.check(id) {
            Some(run) => {
                merge(run, &body);
                said(200, run.clone())
            }
            None => missing(),
        }
    }

    fn set_status(&mut self, sha: &str, body: Value) -> Response {
        assert!(
            ["error", "failure", "pending", "success"].contains(&body["state"].as_str().unwrap()),
            "{body}"
        );
        assert!(body["description"].as_str().unwrap().chars().count() <= 140, "{body}");
        let mut status = body;
        status["sha"] = json!(sha);
        self.statuses.push(status.clone());
        said(201, status)
    }

    /// Somebody writes a comment; answers its number.
    pub fn comment(&mut self, repository: &str, number: &str, login: &str, body: &str) -> u64 {
        self.made += 1;
        let app = (login == format!("{SLUG}[bot]")).then(|| json!({"id": APP_ID}));
        self.comments.push(json!({"id": self.made, "repository": repository, "issue": number, "body": body,
            "user": {"login": login}, "performed_via_github_app": app}));
        self.made
    }
}

/// What GitHub would refuse.
fn wrong_check(body: &Value) -> Option<&'static str> {
    let empty = Vec::new();
    let annotations = body["output"]["annotations"].as_array().unwrap_or(&empty);
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let is_place = |one: &Value| {
        let path = one["path"].as_str().unwrap_or_default();
        !path.is_empty() && !path.starts_with('/') && one["start_line"].as_u64() > Some(0)
    };
    let level =
        |one: &Value| ["notice", "warning", "failure"].contains(&one["annotation_level"].as_str().unwrap());
    let (status, conclusion) = (body["status"].as_str(), &body["conclusion"]);
    if !text(&body["name"]) || !text(&body["output"]["title"]) || !text(&body["output"]["summary"]) {
        return Some("name, title and summary are required");
    }
    if annotations.len() > 50 {
        return Some("no more than 50 annotations at once");
    }
    if !annotations.iter().all(|one| is_place(one) && level(one) && text(&one["message"])) {
        return Some("an annotation is not valid");
    }
    match status {
        Some("queued" | "in_progress") if conclusion.is_null() => None,
        Some("completed") if text(conclusion) => None,
        _ => Some("status and conclusion don't fit"),
    }
}

fn merge(run: &mut Value, body: &Value) {
    for field in ["name", "external_id", "details_url", "status", "conclusion", "started_at", "completed_at"]
    {
        if !body[field].is_null() {
            run[field] = body[field].clone();
        }
    }
    for field in ["title", "summary"] {
        run["output"][field] = body["output"][field].clone();
    }
    let more = body["output"]["annotations"].as_array().cloned().unwrap_or_default();
    let all = run["annotations"].as_array_mut().unwrap();
    all.extend(more);
    run["output"]["annotations_count"] = json!(all.len());
}
