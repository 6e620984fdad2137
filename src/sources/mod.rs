//! The code hosts that are connected: their secrets, what access they give, and whether they work. It brings
//! together what `db` and `seal` keep and what `forge` does with it; it knows no build and no HTTP edge.

pub mod avatar;
pub mod disconnect;
pub mod github;
pub mod gitlab;
pub mod health;
pub mod incidents;
pub mod secrets;
pub mod state;
pub mod webhook;

use zeroize::Zeroizing;

use crate::app::App;
use crate::db;
use crate::db::entity::{integrations, repositories, users};
use crate::domain::id::{IntegrationId, RepositoryId, UserId};
use crate::domain::permission::{Action, Resource, instance_allows};
use crate::domain::role::UserStatus;
use crate::domain::setup::RuntimeMode;
use crate::domain::source::ScmProvider;
use crate::error::{Error, Result, codes};
use crate::forge::{self, Access};

/// A repository, ready to be read.
///
/// Errors: 409 `source_not_configured` if it is no longer connected, 409 `missing_credentials`, and what the
/// code host answers.
pub async fn open(app: &App, repository: RepositoryId) -> Result<forge::Repository> {
    let (row, integration) = db::repositories::with_integration(app.db.read(), repository).await?;
    let access = access(app, &row, &integration).await?;
    Ok(forge::Repository { source: db::repositories::source_of(row, integration), access })
}

/// What git proves itself with to a code host.
#[derive(Debug)]
pub struct Credential {
    /// Scheme and host that it is good for.
    pub url: String,
    pub username: &'static str,
    pub password: Zeroizing<String>,
    pub expires_at: i64,
}

/// Of which submodules a repository is fetched with.
#[derive(Debug, Clone, Copy)]
pub enum Modules<'a> {
    None,
    /// Those that it has at this commit.
    At(&'a str),
}

/// What a runner needs to fetch the code of a repository; nothing for a folder, nor for what everybody may see when
/// its host gives none.
///
/// Errors: as `open`.
pub async fn clone_credential(
    app: &App,
    repository: RepositoryId,
    modules: Modules<'_>,
) -> Result<Option<Credential>> {
    let (row, integration) = db::repositories::with_integration(app.db.read(), repository).await?;
    let found = match integration.provider {
        // GitLab's are fetched through the daemon.
        ScmProvider::LocalGit | ScmProvider::Gitlab => return Ok(None),
        ScmProvider::Github => github::access::clone_credential(app, &integration, &row, modules).await,
    };
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if row.is_private => Err(error),
        Err(error) => {
            tracing::warn!(repository = %row.id, "a public repository is fetched without a credential: {error}");
            Ok(None)
        }
    }
}

async fn access(
    app: &App,
    repository: &repositories::Model,
    integration: &integrations::Model,
) -> Result<Access> {
    match integration.provider {
        ScmProvider::LocalGit => Ok(Access::Folder),
        ScmProvider::Github => {
            let api = github::access::of_installation(app, integration, repository.installation_id).await?;
            Ok(Access::Github(api))
        }
        ScmProvider::Gitlab => Ok(Access::Gitlab(gitlab::access::api(app, integration).await?)),
    }
}

/// Code hosts can be connected to an instance that others reach: they have to reach it themselves.
///
/// Errors: 403 `mode_restricted`.
pub async fn require_remote(app: &App) -> Result<()> {
    if is_remote(app).await? {
        return Ok(());
    }
    Err(Error::forbidden(codes::MODE_RESTRICTED, "an instance in local mode has local repositories only")
        .hint("Let other machines in first, under Settings, Access."))
}

/// Whether the instance is one that code hosts are connected to.
pub async fn is_remote(app: &App) -> Result<bool> {
    Ok(db::instance::get(app.db.read()).await?.runtime_mode == RuntimeMode::Remote)
}

/// Who began to connect a code host and comes back; they may have lost the right meanwhile.
///
/// Errors: 403 `permission_denied`.
pub async fn still_allowed(app: &App, person: UserId) -> Result<users::Model> {
    let person = db::users::find(app.db.read(), person).await?;
    let may = |person: &users::Model| {
        person.status == UserStatus::Active
            && instance_allows(person.role, Resource::Integrations, Action::Write)
    };
    person
        .filter(may)
        .ok_or_else(|| Error::forbidden("permission_denied", "who began this may no longer do it"))
}

/// The page that somebody began to connect a code host at, told that it is connected.
pub fn told_back(redirect_url: &str, provider: ScmProvider, integration: IntegrationId) -> String {
    let separator = if redirect_url.contains('?') { '&' } else { '?' };
    format!("{redirect_url}{separator}{provider}=success&integration_id={integration}")
}
