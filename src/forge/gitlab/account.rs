//! Whose credential it is, what it may do and how long, and which projects it sees.

use serde::Deserialize;

use super::{ANY, Api, JSON};
use crate::forge::host::{Reply, Trouble, encoded};

/// What a token must be allowed to do, unless it may do everything (`api`).
const SCOPES: [(&str, &[&str]); 2] =
    [("read_api", &["read_api"]), ("read_repository", &["read_repository", "write_repository"])];

/// The person or bot that a credential acts for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    pub id: u64,
    pub username: String,
    #[serde(default)]
    pub bot: bool,
}

/// What GitLab says of a personal, group or project access token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TokenInfo {
    pub scopes: Vec<String>,
    #[serde(default)]
    pub revoked: bool,
    #[serde(default = "yes")]
    pub active: bool,
    /// A day, at whose beginning in UTC it ends.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// A project as GitLab lists it.
#[derive(Debug, Deserialize)]
pub struct Project {
    pub id: u64,
    pub path_with_namespace: String,
    pub default_branch: Option<String>,
    /// Not told by every version to everybody.
    pub visibility: Option<String>,
    pub avatar_url: Option<String>,
}

fn yes() -> bool {
    true
}

impl TokenInfo {
    /// When it ends, in Unix seconds.
    pub fn ends_at(&self) -> Option<i64> {
        let day: chrono::NaiveDate = self.expires_at.as_deref()?.parse().ok()?;
        Some(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp())
    }

    /// The scopes it lacks for what this instance does.
    pub fn missing_scopes(&self) -> Vec<&'static str> {
        let has = |scope: &str| self.scopes.iter().any(|own| own == scope);
        if has("api") {
            return Vec::new();
        }
        let lacking = SCOPES.iter().filter(|(_, any)| !any.iter().any(|scope| has(scope)));
        lacking.map(|(name, _)| *name).collect()
    }
}

impl Api {
    pub async fn user(&self) -> Result<User, Trouble> {
        self.get("/user").await?.json()
    }

    /// What GitLab says of the token itself; tokens of OAuth applications have no such thing, nor has GitLab before 15.5.
    pub async fn token(&self) -> Result<TokenInfo, Trouble> {
        self.get("/personal_access_tokens/self").await?.json()
    }

    /// The picture of a project.
    pub async fn avatar(&self, project: &str, max_bytes: usize) -> Result<Reply, Trouble> {
        self.host.get_limited(&format!("/projects/{}/avatar", encoded(project)), ANY, max_bytes).await
    }

    /// Every project that whose credential it is takes part in.
    pub async fn projects(&self) -> Result<Vec<Project>, Trouble> {
        let path =
            "/projects?membership=true&archived=false&pagination=keyset&order_by=id&sort=asc&per_page=100";
        self.host.pages(path, JSON, |page: Vec<Project>| page).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(scopes: &[&str], expires_at: Option<&str>) -> TokenInfo {
        TokenInfo {
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            revoked: false,
            active: true,
            expires_at: expires_at.map(str::to_owned),
        }
    }

    #[test]
    fn a_token_needs_to_read_the_api_and_repositories() {
        assert!(token(&["api"], None).missing_scopes().is_empty());
        assert!(token(&["read_api", "read_repository"], None).missing_scopes().is_empty());
        assert!(token(&["read_api", "write_repository"], None).missing_scopes().is_empty());
        assert_eq!(token(&["read_api"], None).missing_scopes(), ["read_repository"]);
        assert_eq!(token(&["read_user"], None).missing_scopes(), ["read_api", "read_repository"]);
    }

    #[test]
    fn a_token_ends_at_the_beginning_of_its_last_day_in_utc() {
        assert_eq!(token(&[], Some("2026-12-01")).ends_at(), Some(1_796_083_200));
        assert_eq!(token(&[], Some("soon")).ends_at(), None);
        assert_eq!(token(&[], None).ends_at(), None);
    }
}
