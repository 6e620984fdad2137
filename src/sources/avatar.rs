//! The picture of a repository, fetched from where its host says it is: a picture that browsers show, and small.

use reqwest::Method;

use crate::app::App;
use crate::db;
use crate::db::entity::integrations;
use crate::domain::id::RepositoryId;
use crate::domain::source::ScmProvider;
use crate::error::{Error, Kind, Result};
use crate::forge::host::{Trouble, named};
use crate::outgoing::Failure;
use crate::sources::gitlab;

/// Largest picture, in bytes.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Pictures without script.
const KINDS: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// A picture.
#[derive(Debug)]
pub struct Picture {
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

/// What is wrong with a picture.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Invalid,
    TooLarge,
    Unavailable,
}

/// The picture of a repository.
///
/// Errors: `not_found` without one, 409 `unsupported_provider`, 400 `invalid_input`, 409 `missing_credentials`, 409
/// `gitlab_reconnect_required`, 502 `github_avatar_…`, `gitlab_avatar_…`.
pub async fn of(app: &App, repository: RepositoryId) -> Result<Picture> {
    let row = db::repositories::find(app.db.read(), repository).await?;
    let row = row.ok_or_else(|| Error::not_found("repository"))?;
    let integration = db::integrations::get(app.db.read(), row.integration_id).await?;
    let provider = integration.provider;
    if provider == ScmProvider::LocalGit {
        return Err(Error::conflict("unsupported_provider", "a local repository has no picture"));
    }
    let url = row.avatar_url.ok_or_else(|| Error::not_found("picture"))?;
    if provider == ScmProvider::Gitlab && url.starts_with(&format!("{}/", integration.host_url)) {
        return of_gitlab(app, &integration, &row.external_id).await;
    }
    let outgoing = &app.forge.outgoing;
    // People have named the host, and nobody the addresses that it tells.
    let is_of_host = url.starts_with(&format!("{}/", integration.host_url));
    let request = match is_of_host {
        true => outgoing.request(Method::GET, &url),
        false => outgoing.request_in_public(Method::GET, &url),
    };
    let request = request.map_err(|why| {
        Error::invalid("invalid_input", format!("the picture's address can't be used: {why}"))
    })?;
    let answer = outgoing.send(request.header("accept", "image/*"), MAX_BYTES).await;
    let answer = answer.map_err(|failure| match failure {
        Failure::TooLarge => fault(provider, Fault::TooLarge),
        Failure::Away(_) | Failure::Unusable(_) => fault(provider, Fault::Unavailable),
    })?;
    if !answer.status.is_success() {
        return Err(fault(provider, Fault::Unavailable));
    }
    let said = answer.headers.get("content-type").and_then(|value| value.to_str().ok());
    shown(provider, said, answer.body)
}

/// Pictures of private projects are for those who see the project.
async fn of_gitlab(app: &App, integration: &integrations::Model, project: &str) -> Result<Picture> {
    let api = gitlab::access::api(app, integration).await?;
    let reply = api.avatar(project, MAX_BYTES).await.map_err(|trouble| match trouble {
        Trouble::TooLarge => fault(ScmProvider::Gitlab, Fault::TooLarge),
        Trouble::Away(_)
        | Trouble::Unauthorized
        | Trouble::Forbidden(_)
        | Trouble::RateLimited(_)
        | Trouble::Missing
        | Trouble::Refused(..)
        | Trouble::Unreadable(_) => fault(ScmProvider::Gitlab, Fault::Unavailable),
    })?;
    shown(ScmProvider::Gitlab, reply.header("content-type"), reply.body.clone())
}

fn shown(provider: ScmProvider, said: Option<&str>, bytes: Vec<u8>) -> Result<Picture> {
    let said = said.unwrap_or_default();
    let said = said.split(';').next().unwrap_or_default().trim();
    let media_type = KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(said));
    let media_type = media_type.ok_or_else(|| fault(provider, Fault::Invalid))?;
    Ok(Picture { media_type, bytes })
}

fn fault(provider: ScmProvider, fault: Fault) -> Error {
    let (is_gitlab, host) = (provider == ScmProvider::Gitlab, named(provider));
    let (code, why) = match (fault, is_gitlab) {
        (Fault::Invalid, true) => ("gitlab_avatar_invalid", "is none that is shown"),
        (Fault::Invalid, false) => ("github_avatar_invalid", "is none that is shown"),
        (Fault::TooLarge, true) => ("gitlab_avatar_too_large", "is larger than 2 MiB"),
        (Fault::TooLarge, false) => ("github_avatar_too_large", "is larger than 2 MiB"),
        (Fault::Unavailable, true) => ("gitlab_avatar_unavailable", "could not be fetched"),
        (Fault::Unavailable, false) => ("github_avatar_unavailable", "could not be fetched"),
    };
    Error::new(Kind::Upstream, code, format!("the picture at {host} {why}"))
}
