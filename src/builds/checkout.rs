//! Handing a repository to the runner that builds it: the two requests of a fetch, passed on with the daemon's
//! credential, for as long as the build runs. So every runner fetches from GitLab, and runners of protocol 4 what is
//! private at GitHub. The runner never sees the credential, and reaches no other repository.

use bytes::Bytes;
use tokio::sync::broadcast;

use crate::app::App;
use crate::builds::job::Speaker;
use crate::db::{self, entity};
use crate::domain::build::BuildStatus;
use crate::domain::id::BuildId;
use crate::domain::source::ScmProvider;
use crate::error::{Error, Kind, Result, codes};
use crate::forge::git_http::{self, Answer, Ask, Proof, Unanswered};
use crate::forge::host::named;
use crate::sources::gitlab::{access, check};
use crate::sources::{self, Modules};

/// Where a fetch begins, and where it goes on.
pub const DISCOVERY: &str = "/info/refs";
pub const UPLOAD_PACK: &str = "/git-upload-pack";

/// What git asks for.
#[derive(Debug)]
pub struct Fetch<'a> {
    /// The repository's full name, with `.git`.
    pub repository: &'a str,
    /// The version of git's protocol, if it names one.
    pub protocol: Option<&'a str>,
    pub ask: Ask,
}

/// An answer on its way, which ends when the build does.
#[derive(Debug)]
pub struct Passing {
    build: BuildId,
    answer: Answer,
    released: broadcast::Receiver<BuildId>,
}

/// Where a runner fetches the repository of a job from, below the daemon's address.
pub fn path(runner: impl std::fmt::Display, build: BuildId, full_name: &str) -> String {
    format!("/v1/runners/{runner}/jobs/{build}/gitlab/{full_name}.git")
}

/// Asks the code host on behalf of the runner that holds the build.
///
/// Errors: 404 `checkout_not_found`, 403 `runner_mismatch`, 409 `attempt_superseded`, 403 `checkout_path_forbidden`, 409
/// `missing_credentials`, 409 `gitlab_reconnect_required`, 502 `gitlab_checkout_failed`, `gitlab_redirect_rejected`,
/// `github_checkout_failed`, `github_redirect_rejected`.
pub async fn begin(app: &App, speaker: &Speaker, build: BuildId, fetch: Fetch<'_>) -> Result<Passing> {
    // Before looking at the build, so that its end is not missed.
    let mut released = app.events.released();
    let (repository, integration) = linked(app, speaker, build).await?;
    if fetch.repository.strip_suffix(".git") != Some(repository.full_name.as_str()) {
        return Err(Error::forbidden("checkout_path_forbidden", "the build is of another repository"));
    }
    let proof = proof(app, &repository, &integration).await?;
    let asked = git_http::ask(&app.forge, &repository.clone_url, &proof, fetch.protocol, fetch.ask);
    let answer = tokio::select! {
        answer = asked => answer,
        () = is_over(app, &mut released, build) => return Err(not_found()),
    };
    match answer {
        Ok(answer) => Ok(Passing { build, answer, released }),
        Err(why) => {
            if why == Unanswered::Refused(401) && integration.provider == ScmProvider::Gitlab {
                // It may be this project only, or a token that was renewed meanwhile: GitLab itself is asked.
                check::check(app, &integration).await?;
            }
            Err(failed(integration.provider, &why))
        }
    }
}

/// The repository of a build that this runner has under way.
async fn linked(
    app: &App,
    speaker: &Speaker,
    build: BuildId,
) -> Result<(entity::repositories::Model, entity::integrations::Model)> {
    let row = speaker.job(app.db.read(), build).await;
    let row = row.map_err(|error| if error.kind == Kind::NotFound { not_found() } else { error })?;
    app.leases.mentions(build);
    let repository =
        row.repository_id.filter(|_| row.status == BuildStatus::Running).ok_or_else(not_found)?;
    let (repository, integration) = db::repositories::with_integration(app.db.read(), repository)
        .await
        .map_err(|error| if error.code == codes::SOURCE_NOT_CONFIGURED { not_found() } else { error })?;
    if integration.provider == ScmProvider::LocalGit {
        return Err(not_found());
    }
    Ok((repository, integration))
}

async fn proof(
    app: &App,
    repository: &entity::repositories::Model,
    integration: &entity::integrations::Model,
) -> Result<Proof> {
    match integration.provider {
        // Any name does; this is the one GitLab documents for tokens of OAuth applications.
        ScmProvider::Gitlab => {
            Ok(Proof { username: "oauth2", password: access::token(app, integration).await? })
        }
        ScmProvider::Github | ScmProvider::LocalGit => {
            let found = sources::clone_credential(app, repository.id, Modules::None).await?;
            let found = found.ok_or_else(not_found)?;
            Ok(Proof { username: found.username, password: found.password })
        }
    }
}

impl Passing {
    /// The next piece for the runner; `None` at the end. An error cuts the answer off.
    pub async fn next(&mut self, app: &App) -> Option<std::io::Result<Bytes>> {
        let cut = |why: &str| Some(Err(std::io::Error::other(why.to_owned())));
        tokio::select! {
            piece = self.answer.next() => match piece {
                Ok(piece) => {
                    app.leases.mentions(self.build);
                    piece.map(Ok)
                }
                Err(why) => {
                    tracing::warn!(build = %self.build, "a checkout was cut off: {why:?}");
                    cut("the code host did not answer to the end")
                }
            },
            () = is_over(app, &mut self.released, self.build) => cut("the build is over"),
        }
    }
}

/// Waits until the runner is no longer to go on with the build, or the daemon stops.
async fn is_over(app: &App, released: &mut broadcast::Receiver<BuildId>, build: BuildId) {
    let over = async {
        loop {
            match released.recv().await {
                Ok(other) if other != build => {}
                Ok(_) | Err(broadcast::error::RecvError::Closed) => return,
                Err(broadcast::error::RecvError::Lagged(_)) if still_runs(app, build).await => {}
                Err(broadcast::error::RecvError::Lagged(_)) => return,
            }
        }
    };
    tokio::select! {
        () = over => {}
        () = app.stopping.cancelled() => {}
    }
}

async fn still_runs(app: &App, build: BuildId) -> bool {
    let row = db::builds::find(app.db.read(), build).await;
    row.is_ok_and(|row| row.is_some_and(|row| row.status == BuildStatus::Running))
}

fn not_found() -> Error {
    Error::new(Kind::NotFound, "checkout_not_found", "there is no running build of such a repository here")
}

fn failed(provider: ScmProvider, why: &Unanswered) -> Error {
    let name = named(provider);
    let (refused, redirected) = match provider {
        ScmProvider::Gitlab => ("gitlab_checkout_failed", "gitlab_redirect_rejected"),
        ScmProvider::Github | ScmProvider::LocalGit => ("github_checkout_failed", "github_redirect_rejected"),
    };
    let (code, message, hint) = match why {
        Unanswered::Redirected => (
            redirected,
            format!("{name} points git to another address"),
            "The repository may have been renamed. Synchronise the integration.",
        ),
        Unanswered::Refused(status) => (
            refused,
            format!("{name} does not hand out the repository; it answers {status}"),
            "Check the integration's credential; it needs to read repositories.",
        ),
        Unanswered::Failed(why) => (
            refused,
            format!("{name} answered git with {why}"),
            "It may be back in a while. Build again then.",
        ),
    };
    Error::new(Kind::Upstream, code, message).hint(hint)
}
