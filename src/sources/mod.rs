//! The code hosts that are connected: their secrets, what access they give, and whether they work. It brings
//! together what `db` and `seal` keep and what `forge` does with it; it knows no build and no HTTP edge.

pub mod github;
pub mod secrets;
pub mod webhook;

use crate::app::App;
use crate::db;
use crate::db::entity::{integrations, repositories};
use crate::domain::id::RepositoryId;
use crate::domain::source::ScmProvider;
use crate::error::Result;
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
        ScmProvider::Gitlab => Err(forge::gitlab::unsupported()),
    }
}
