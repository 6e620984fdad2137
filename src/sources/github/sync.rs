//! Reading from GitHub which accounts have installed the app and which repositories it may see there.

use crate::app::App;
use crate::audit;
use crate::db;
use crate::db::entity::integrations;
use crate::db::integrations::Account;
use crate::db::repositories::Found;
use crate::domain::audit::Entry;
use crate::domain::source::{IntegrationStatus, ScmProvider, is_path_part};
use crate::error::{Error, Kind, Result, codes};
use crate::forge::github::Api;
use crate::forge::github::app::{Installation, Listed, Purpose};
use crate::forge::host::Trouble;
use crate::sources::{health, require_remote};

use super::access;

/// Longest name of an account or a repository.
const MAX_PART: usize = 100;

/// Reads accounts and repositories; of one account only if GitHub's number of its installation is given. `entry` is recorded
/// with what was read, if it was for somebody.
///
/// Errors: 403 `mode_restricted`, 409 `integration_inactive`, 409 `missing_credentials`, 500 `key_error`,
/// `jwt_error`, 502 `github_api_error`, `github_parse_error`.
pub async fn sync(
    app: &App,
    integration: &integrations::Model,
    only: Option<&str>,
    entry: Option<Entry>,
) -> Result<()> {
    require_remote(app).await?;
    if integration.status == IntegrationStatus::Inactive {
        return Err(Error::conflict("integration_inactive", "the integration is not active"));
    }
    let api = access::of_app(app, integration).await?;
    app.forge.github_tokens.forget(integration.id);
    let listed = api.installations().await;
    let installations = match listed {
        Ok(installations) => installations,
        Err(trouble) => return Err(refused(app, integration, trouble).await?),
    };
    let wanted = |one: &&Installation| only.is_none_or(|number| one.id.to_string() == number);
    let mut found = Vec::new();
    for installation in installations.iter().filter(wanted) {
        if let Some(repositories) = repositories(app, integration, installation).await? {
            found.push((installation.id.to_string(), repositories));
        }
    }
    let accounts: Vec<Account> = installations.into_iter().map(account).collect();
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let known = db::integrations::put_installations(tx, integration.id, &accounts, now).await?;
            for (number, repositories) in &found {
                let row = known.iter().find(|row| row.external_id == *number);
                let Some(row) = row else { continue };
                db::repositories::put_of_installation(tx, row, repositories, now).await?;
            }
            if only.is_none() {
                let gone = |number: &String| accounts.iter().all(|account| account.external_id != *number);
                db::integrations::drop_installations(tx, integration.id, gone).await?;
            }
            health::mend(tx, app, integration.id).await?;
            if only.is_none() || found.len() == accounts.len() {
                db::integrations::set_synced(tx, integration.id, now).await?;
            }
            match entry {
                Some(entry) => audit::record(tx, app, entry).await,
                None => Ok(()),
            }
        })
        .await
}

/// The repositories of an account; none if it lets nobody see them at the moment.
async fn repositories(
    app: &App,
    integration: &integrations::Model,
    installation: &Installation,
) -> Result<Option<Vec<Found>>> {
    if installation.suspended_at.is_some() {
        return Ok(None);
    }
    let number = installation.id.to_string();
    let token = match access::token(app, integration, &number, Purpose::Api).await {
        Ok(token) => token,
        // Taken away since the accounts were listed.
        Err(error) if error.code == codes::SOURCE_UNRESOLVABLE => return Ok(None),
        Err(error) => return Err(error),
    };
    let listed = Api::new(&app.forge, &integration.host_url, &token.value).repositories().await;
    let listed = listed.map_err(failed)?;
    Ok(Some(listed.into_iter().filter_map(|one| found(one, &integration.host_url)).collect()))
}

/// The integration itself is refused, or GitHub is away.
async fn refused(app: &App, integration: &integrations::Model, trouble: Trouble) -> Result<Error> {
    if access::is_refusal(&trouble) {
        health::broken(app, integration, &access::refusal(&trouble)).await?;
    }
    Ok(failed(trouble))
}

fn failed(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Unreadable(_) | Trouble::TooLarge => {
            Error::new(Kind::Upstream, "github_parse_error", format!("GitHub is not understood: {trouble}"))
        }
        Trouble::Away(_)
        | Trouble::Unauthorized
        | Trouble::Forbidden(_)
        | Trouble::RateLimited(_)
        | Trouble::Missing
        | Trouble::Refused(..) => trouble.of_api(ScmProvider::Github),
    }
}

fn account(installation: Installation) -> Account {
    Account {
        external_id: installation.id.to_string(),
        name: installation.account.login,
        kind: installation.account.kind,
    }
}

/// The address to clone from is made here: what a host says is not what git is told.
fn found(listed: Listed, host_url: &str) -> Option<Found> {
    let is_part = |part: &str| part.len() <= MAX_PART && is_path_part(part);
    let (owner, name) = listed.full_name.split_once('/')?;
    (is_part(owner) && is_part(name)).then(|| Found {
        external_id: listed.id.to_string(),
        clone_url: format!("{host_url}/{}.git", listed.full_name),
        full_name: listed.full_name,
        default_branch: listed.default_branch,
        is_private: listed.private,
        avatar_url: listed.owner.avatar_url,
    })
}
