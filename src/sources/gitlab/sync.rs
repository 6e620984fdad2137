//! Reading from GitLab which projects the account of an integration takes part in.

use crate::app::App;
use crate::audit;
use crate::db;
use crate::db::entity::integrations;
use crate::db::repositories::Found;
use crate::domain::audit::Entry;
use crate::domain::source::{IntegrationStatus, is_path_part};
use crate::error::{Error, Result};
use crate::forge::gitlab::account::Project;
use crate::forge::gitlab::failed_call;
use crate::forge::host::Trouble;
use crate::sources::{health, require_remote};

use super::check::check;
use super::{access, connect};

/// Longest path of a project with all its groups.
const MAX_PATH: usize = 1024;

/// Reads the account and its projects. `entry` is recorded with what was read, if it was for somebody.
///
/// Errors: 403 `mode_restricted`, 409 `integration_inactive`, 409 `missing_credentials`, 409
/// `gitlab_reconnect_required`, 502 `gitlab_api_error`, `gitlab_parse_error`.
pub async fn sync(app: &App, integration: &integrations::Model, entry: Option<Entry>) -> Result<()> {
    require_remote(app).await?;
    if integration.status == IntegrationStatus::Inactive {
        return Err(Error::conflict("integration_inactive", "the integration is not active")
            .hint("Authorise its OAuth application first."));
    }
    let api = access::api(app, integration).await?;
    let asked = async { Ok((api.user().await?, api.projects().await?)) };
    let (user, projects) = match asked.await {
        Ok(found) => found,
        Err(trouble) => {
            if trouble == Trouble::Unauthorized {
                // The token may have been renewed meanwhile; what counts is what GitLab says of the one there is.
                check(app, integration).await?;
            }
            return Err(failed_call(trouble));
        }
    };
    let found: Vec<Found> =
        projects.into_iter().filter_map(|project| found(project, &integration.host_url)).collect();
    let (id, now) = (integration.id, app.clock.now());
    app.db
        .write(async |tx| {
            let known = db::integrations::list_installations(tx, id).await?;
            connect::require_same(&known, &user)?;
            let account = connect::account(&user);
            let rows = db::integrations::put_installations(tx, id, &[account], now).await?;
            if let Some(row) = rows.first() {
                db::repositories::put_of_installation(tx, row, &found, now).await?;
            }
            db::integrations::set_synced(tx, id, now).await?;
            health::mend(tx, app, id).await?;
            match entry {
                Some(entry) => audit::record(tx, app, entry).await,
                None => Ok(()),
            }
        })
        .await
}

/// The address to clone from is made here: what a host says is not what git is told.
fn found(project: Project, host_url: &str) -> Option<Found> {
    let path = project.path_with_namespace.clone();
    let is_path = path.len() <= MAX_PATH && path.contains('/') && path.split('/').all(is_path_part);
    is_path.then(|| Found {
        external_id: project.id.to_string(),
        clone_url: format!("{host_url}/{path}.git"),
        is_private: project.visibility.as_deref() != Some("public"),
        default_branch: project.default_branch,
        avatar_url: project.avatar_url,
        full_name: path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_are_paths_become_addresses() {
        let of = |path: &str| {
            let project = Project {
                id: 1,
                path_with_namespace: path.to_owned(),
                default_branch: None,
                visibility: None,
                avatar_url: None,
            };
            found(project, "https://gitlab.example.com").map(|found| found.clone_url)
        };
        let url = "https://gitlab.example.com/a/b.c/d_e-f.git".to_owned();
        assert_eq!(of("a/b.c/d_e-f"), Some(url));
        for path in
            ["", "a", "a/", "/a", "a/../b", "a/.", "a//b", "a/b?c", "a/b#c", "a/ b", "a/b@c", "a\\b/c"]
        {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
