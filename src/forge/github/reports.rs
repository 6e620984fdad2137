//! Telling GitHub how builds go: check runs, commit statuses where an app may not write those, and comments on pull
//! requests. What they say is made elsewhere.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Api, JSON};
use crate::forge::host::{Trouble, encoded, encoded_path};

/// Most annotations that GitHub takes at once.
pub const ANNOTATIONS_AT_ONCE: usize = 50;

/// A remark on a line of the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Annotation {
    /// Below the repository.
    pub path: String,
    pub start_line: u32,
    pub end_line: u32,
    /// `notice`, `warning` or `failure`.
    pub annotation_level: &'static str,
    pub title: String,
    pub message: String,
}

/// A check run as GitHub knows it.
#[derive(Debug, Deserialize)]
pub struct CheckRun {
    pub id: u64,
    #[serde(default)]
    external_id: Option<String>,
    #[serde(default)]
    output: Option<Output>,
    #[serde(default)]
    app: Option<App>,
}

#[derive(Debug, Deserialize)]
struct Output {
    #[serde(default)]
    annotations_count: i64,
}

#[derive(Deserialize)]
struct CheckRuns {
    check_runs: Vec<CheckRun>,
}

/// A comment as GitHub knows it.
#[derive(Debug, Deserialize)]
pub struct Comment {
    pub id: u64,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    performed_via_github_app: Option<App>,
}

#[derive(Debug, Deserialize)]
struct User {
    login: String,
}

#[derive(Debug, Deserialize)]
struct App {
    id: u64,
}

impl CheckRun {
    /// How many annotations it has.
    pub fn annotations(&self) -> i64 {
        self.output.as_ref().map_or(0, |output| output.annotations_count)
    }
}

impl Comment {
    /// Whether the app wrote it, and nobody else.
    pub fn is_of(&self, app_id: Option<&str>, app_slug: Option<&str>) -> bool {
        let by = self.performed_via_github_app.as_ref().map(|app| app.id.to_string());
        let login = self.user.as_ref().map(|user| user.login.as_str());
        let bot = app_slug.map(|slug| format!("{slug}[bot]"));
        (by.is_some() && by.as_deref() == app_id) || (bot.is_some() && login == bot.as_deref())
    }
}

impl Api {
    /// Makes a check run; `check` has all of its fields.
    pub async fn create_check(&self, repository: &str, check: &Value) -> Result<CheckRun, Trouble> {
        self.host.post(&format!("{}/check-runs", of(repository)), JSON, check).await?.json()
    }

    pub async fn update_check(&self, repository: &str, id: &str, check: &Value) -> Result<CheckRun, Trouble> {
        let path = format!("{}/check-runs/{}", of(repository), encoded(id));
        self.host.send(Method::PATCH, &path, JSON, check).await?.json()
    }

    pub async fn check(&self, repository: &str, id: &str) -> Result<CheckRun, Trouble> {
        self.get(&format!("{}/check-runs/{}", of(repository), encoded(id))).await?.json()
    }

    /// The check run of this name at a commit that the app made with `external_id`.
    pub async fn find_check(
        &self,
        repository: &str,
        sha: &str,
        name: &str,
        external_id: &str,
        app_id: Option<&str>,
    ) -> Result<Option<CheckRun>, Trouble> {
        let path = format!(
            "{}/commits/{}/check-runs?check_name={}&filter=all&per_page=100",
            of(repository),
            encoded(sha),
            encoded(name)
        );
        let listed = self.host.pages(&path, JSON, |page: CheckRuns| page.check_runs).await?;
        let is_ours = |run: &CheckRun| {
            let app = run.app.as_ref().map(|app| app.id.to_string());
            run.external_id.as_deref() == Some(external_id) && app.as_deref() == app_id
        };
        Ok(listed.into_iter().find(is_ours))
    }

    /// Sets a commit status; of several with the same context the last one counts.
    pub async fn set_status(&self, repository: &str, sha: &str, status: &Value) -> Result<(), Trouble> {
        let path = format!("{}/statuses/{}", of(repository), encoded(sha));
        self.host.post(&path, JSON, status).await?.json::<Value>().map(|_| ())
    }

    /// All comments on a pull request.
    pub async fn comments(&self, repository: &str, number: i64) -> Result<Vec<Comment>, Trouble> {
        let path = format!("{}/issues/{number}/comments?per_page=100", of(repository));
        self.host.pages(&path, JSON, |page: Vec<Comment>| page).await
    }

    pub async fn comment(&self, repository: &str, number: i64, body: &str) -> Result<Comment, Trouble> {
        let path = format!("{}/issues/{number}/comments", of(repository));
        self.host.post(&path, JSON, &json!({ "body": body })).await?.json()
    }

    pub async fn edit_comment(&self, repository: &str, id: &str, body: &str) -> Result<Comment, Trouble> {
        let path = format!("{}/issues/comments/{}", of(repository), encoded(id));
        self.host.send(Method::PATCH, &path, JSON, &json!({ "body": body })).await?.json()
    }
}

/// The part of an address that names a repository.
fn of(full_name: &str) -> String {
    format!("/repos/{}", encoded_path(full_name))
}
