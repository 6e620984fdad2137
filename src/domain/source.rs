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

/// The `host_url` of local git integrations.
pub const LOCAL_HOST_URL: &str = "local://filesystem";
