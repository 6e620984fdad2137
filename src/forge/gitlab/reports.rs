//! Telling GitLab how builds go: statuses of commits and notes on merge requests. What they say is made elsewhere.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::User;
use super::{Api, JSON};
use crate::forge::host::{Trouble, encoded};

/// A note on a merge request.
#[derive(Debug, Deserialize)]
pub struct Note {
    pub id: u64,
    #[serde(default)]
    pub body: String,
    #[serde(default)]
    author: Option<User>,
}

impl Note {
    /// Whether the account with this number wrote it.
    pub fn is_of(&self, account: &str) -> bool {
        self.author.as_ref().is_some_and(|author| author.id.to_string() == account)
    }
}

impl Api {
    /// Sets the status of a commit; `status` has its state and name. A state that it has already is none that it can be
    /// given again: GitLab refuses it, and nothing is wrong.
    pub async fn set_status(&self, project: &str, sha: &str, status: &Value) -> Result<(), Trouble> {
        let path = format!("/projects/{}/statuses/{}", encoded(project), encoded(sha));
        match self.host.post(&path, JSON, status).await {
            Ok(reply) => reply.json::<Value>().map(|_| ()),
            Err(Trouble::Refused(400, why)) if why.contains("Cannot transition status") => Ok(()),
            Err(trouble) => Err(trouble),
        }
    }

    /// All notes on a merge request.
    pub async fn notes(&self, project: &str, number: i64) -> Result<Vec<Note>, Trouble> {
        let path = format!("{}?sort=asc&order_by=created_at&per_page=100", notes_of(project, number));
        self.host.pages(&path, JSON, |page: Vec<Note>| page).await
    }

    pub async fn write_note(&self, project: &str, number: i64, body: &str) -> Result<Note, Trouble> {
        self.host.post(&notes_of(project, number), JSON, &json!({ "body": body })).await?.json()
    }

    pub async fn edit_note(&self, project: &str, number: i64, id: &str, body: &str) -> Result<Note, Trouble> {
        let path = format!("{}/{}", notes_of(project, number), encoded(id));
        self.host.send(Method::PUT, &path, JSON, &json!({ "body": body })).await?.json()
    }
}

fn notes_of(project: &str, number: i64) -> String {
    format!("/projects/{}/merge_requests/{number}/notes", encoded(project))
}
