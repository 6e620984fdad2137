//! Where a project's code comes from.

use crate::words;

words! {
    /// The kind of code host.
    ScmProvider {
        Github = "github",
        Gitlab = "gitlab",
        LocalGit = "local_git",
    }
}

words! {
    /// How an integration proves itself to its host.
    IntegrationAuthMode {
        GithubApp = "github_app",
        OauthApp = "oauth_app",
        PersonalToken = "personal_token",
        LocalPath = "local_path",
    }
}

words! {
    /// Whether an integration works.
    IntegrationStatus {
        Active = "active",
        Inactive = "inactive",
        Error = "error",
    }
}

words! {
    /// Whether a repository is asked what was pushed to it.
    Polling {
        /// While no webhooks come of it.
        Auto = "auto",
        On = "on",
        Off = "off",
    }
}

words! {
    /// What is kept sealed for an integration or one of its repositories.
    IntegrationSecretKind {
        /// Of a GitHub App: it signs what proves the app.
        PrivateKey = "private_key",
        ClientSecret = "client_secret",
        /// What deliveries of webhooks are signed or sent with.
        WebhookSecret = "webhook_secret",
        AccessToken = "access_token",
        RefreshToken = "refresh_token",
    }
}

/// The `host_url` of local git integrations.
pub const LOCAL_HOST_URL: &str = "local://filesystem";

/// A repository as far as reading code from it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub provider: ScmProvider,
    /// How the host names it for programs.
    pub external_id: String,
    /// `owner/name`; of GitLab with all its groups.
    pub full_name: String,
    /// A URL, or an absolute path for local git.
    pub clone_url: String,
    pub default_branch: Option<String>,
}

/// What of a repository is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefSpec {
    /// The newest commit of a branch.
    Branch(String),
    /// A tag, a full ref name or anything else git resolves.
    Ref(String),
    /// One commit.
    Commit(String),
}

/// A commit that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// In full: 40 hex digits, or 64 where git hashes with SHA-256.
    pub sha: String,
    pub subject: String,
    /// The whole message, where it was asked for; else the subject.
    pub message: String,
    pub author: String,
}

/// From where on it is told what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since<'a> {
    /// What a branch was: also what it lost since then has changed.
    Was(&'a str),
    /// Where the branch or commit was left.
    Left(&'a str),
}

/// Whether `name` can be a branch or tag (git-check-ref-format(1)), and can't be taken for an option.
pub fn is_valid_ref(name: &str) -> bool {
    let forbidden = |c: char| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let component = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    !name.is_empty()
        && name.len() <= 1024
        && name != "@"
        && !name.starts_with('-')
        && !name.ends_with('.')
        && !name.contains("..")
        && !name.contains("@{")
        && !name.chars().any(forbidden)
        && name.split('/').all(component)
}

/// Whether `sha` is a full or abbreviated commit id.
pub fn is_valid_sha(sha: &str) -> bool {
    (7..=64).contains(&sha.len()) && sha.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether `sha` is a full commit id.
pub fn is_full_sha(sha: &str) -> bool {
    matches!(sha.len(), 40 | 64) && is_valid_sha(sha)
}

/// Whether `part` can stand between the slashes of a repository's address.
pub fn is_path_part(part: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !matches!(part, "" | "." | "..") && part.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_branches_are_accepted() {
        for name in
            ["main", "feature/login", "release-1.2", "grün", "a;b", "$(id)", "zzz\";echo${IFS}\"x\";#"]
        {
            assert!(is_valid_ref(name), "{name}");
        }
    }

    #[test]
    fn only_a_whole_hash_is_a_full_commit_id() {
        for full in ["a".repeat(40), "0".repeat(64)] {
            assert!(is_full_sha(&full), "{full}");
        }
        for other in
            [String::new(), "a".repeat(7), "a".repeat(39), "a".repeat(41), "g".repeat(40), "a".repeat(65)]
        {
            assert!(!is_full_sha(&other), "{other}");
        }
    }

    #[test]
    fn names_git_refuses_or_takes_for_options_are_refused() {
        for name in [
            "",
            "-h",
            "--upload-pack=touch p",
            "a..b",
            "refs/heads/../x",
            "a b",
            "a\nb",
            "a~1",
            "@",
            "x.lock",
            "/a",
            "a/",
        ] {
            assert!(!is_valid_ref(name), "{name:?}");
        }
    }
}
