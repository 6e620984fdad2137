//! What the model of GitLab keeps of how builds go: statuses of commits, each of which can only go on from where it is, and
//! notes on merge requests, with everything it was told in the order it came.

use axum::body::Bytes;
use axum::http::Method;
use axum::response::Response;
use serde_json::{Value, json};

use super::host_http::said;

/// Everything of all projects.
#[derive(Default)]
pub struct Reports {
    pub statuses: Vec<Value>,
    pub notes: Vec<Value>,
    /// Each thing that was told: method and path behind the project, and the body.
    pub told: Vec<(String, Value)>,
    made: u64,
}

impl Reports {
    /// None if it is not asked about this.
    pub fn respond(
        &mut self,
        user: u64,
        project: &str,
        method: &Method,
        rest: &[&str],
        body: &Bytes,
        exists: impl Fn(&str) -> bool,
    ) -> Option<Response> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        if *method != Method::GET {
            self.told.push((format!("{method} {}", rest.join("/")), body.clone()));
        }
        Some(match (method.as_str(), rest) {
            ("POST", ["statuses", sha]) if exists(sha) => self.set(project, sha, body),
            ("POST", ["statuses", _]) => said(404, json!({"message": "404 Commit Not Found"})),
            ("GET", ["merge_requests", number, "notes"]) => {
                let of = |note: &&Value| note["project"] == project && note["number"] == *number;
                said(200, self.notes.iter().filter(of).cloned().collect())
            }
            ("POST", ["merge_requests", number, "notes"]) => {
                let id = self.note(project, number, user, body["body"].as_str().unwrap());
                said(201, self.notes.iter().find(|note| note["id"] == id).unwrap().clone())
            }
            ("PUT", ["merge_requests", _, "notes", id]) => {
                match self.notes.iter_mut().find(|note| note["id"].as_u64() == id.parse().ok()) {
                    Some(note) => {
                        note["body"] = body["body"].clone();
                        said(200, note.clone())
                    }
                    None => said(404, json!({"message": "404 Not found"})),
                }
            }
            _ => return None,
        })
    }

    /// Somebody writes a note; answers its number.
    pub fn note(&mut self, project: &str, number: &str, user: u64, body: &str) -> u64 {
        self.made += 1;
        let author = json!({"id": user, "username": format!("user{user}")});
        self.notes.push(
            json!({"id": self.made, "project": project, "number": number, "body": body, "author": author}),
        );
        self.made
    }

    /// What is over stays; the same again begins anew.
    fn set(&mut self, project: &str, sha: &str, body: Value) -> Response {
        let state = body["state"].as_str().unwrap().to_owned();
        let order = ["pending", "running", "success", "failed", "canceled"];
        assert!(order.contains(&state.as_str()), "{body}");
        assert!(body["description"].as_str().unwrap().len() <= 255 * 4, "{body}");
        let same = |status: &&mut Value| {
            status["sha"] == sha && status["name"] == body["name"] && status["ref"] == body["ref"]
        };
        let open = self.statuses.iter_mut().rev().find(same);
        let open = open.filter(|status| ["pending", "running"].contains(&status["state"].as_str().unwrap()));
        match open {
            Some(status) if status["state"] == *state || state == "pending" => {
                let why = format!(
                    "Cannot transition status via :enqueue from :{}",
                    status["state"].as_str().unwrap()
                );
                said(400, json!({ "message": why }))
            }
            Some(status) => {
                status["state"] = json!(state);
                status["description"] = body["description"].clone();
                said(201, status.clone())
            }
            None => {
                self.made += 1;
                let mut status = body;
                status["id"] = json!(self.made);
                status["sha"] = json!(sha);
                status["project"] = json!(project);
                self.statuses.push(status.clone());
                said(201, status)
            }
        }
    }
}
