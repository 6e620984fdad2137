//! How the runner of a job gets at its code: a credential that is good for some minutes, handed out with the job and
//! kept nowhere. Where none can be had the job says why, and its runner fails the build.

use crate::app::App;
use crate::db;
use crate::error::{Error, Result};
use crate::runner::protocol::{ClaimedJob, CloneCredential};
use crate::sources::{self, Modules};

use super::is_untrusted;

/// The job with what its code asks for. Whoever is asked for it may take seconds.
pub async fn with_credential(app: &App, job: ClaimedJob) -> ClaimedJob {
    match credential(app, &job).await {
        Ok(clone_credential) => ClaimedJob { clone_credential, ..job },
        Err(error) => {
            tracing::warn!(build = %job.build_id, "its code can't be fetched: {error}");
            ClaimedJob { clone_refused: Some(error.with_hint()), ..job }
        }
    }
}

async fn credential(app: &App, job: &ClaimedJob) -> Result<Option<CloneCredential>> {
    let id = job.build_id.parse().map_err(|_| Error::not_found("build"))?;
    let build = db::builds::get(app.db.read(), id).await?;
    let Some(repository) = build.repository_id else { return Ok(None) };
    let modules = match &build.commit_sha {
        // What a stranger writes into .gitmodules must not open other repositories.
        Some(sha) if !is_untrusted(&build) => Modules::At(sha),
        Some(_) | None => Modules::None,
    };
    let found = sources::clone_credential(app, repository, modules).await?;
    Ok(found.map(|found| CloneCredential {
        url: found.url,
        username: found.username.to_owned(),
        password: found.password.to_string(),
        expires_at: found.expires_at,
    }))
}
