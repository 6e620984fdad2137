//! What GitLab shows: a commit status of each build, and a note on the merge request. Both need a credential with the
//! scope `api`.

use serde_json::json;

use crate::db;
use crate::db::entity::{builds, projects};
use crate::db::reports::Shown;
use crate::domain::build::BuildStatus;
use crate::domain::report::ReportChannel;
use crate::error::Error;
use crate::forge::gitlab::Api;
use crate::forge::host::Trouble;
use crate::sources::gitlab::check;

use super::case::{Case, Subject, digest};
use super::comment::marker;
use super::text::plain;
use super::{Done, Stop, Told};

/// Longest description, and longest name of a branch, that a status takes.
const MAX_TEXT: usize = 255;

pub async fn show(case: &Case<'_>) -> Told<Done> {
    let told = match &case.subject {
        Subject::Build(build) => show_build(case, build).await,
        Subject::Request { number, project, sha } => show_request(case, *number, project, sha).await,
    };
    match told {
        Err(Refusal::Credential) => {
            // It may have been renewed meanwhile; what counts is what GitLab says of the one there is.
            check::check(case.app, case.integration).await?;
            Err(Trouble::Unauthorized.into())
        }
        Err(Refusal::Other(stop)) => Err(stop),
        Ok(done) => Ok(done),
    }
}

/// Why GitLab did not do it.
enum Refusal {
    /// It does not take the credential at all.
    Credential,
    Other(Stop),
}

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        Refusal::Other(stop)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Other(error.into())
    }
}

async fn show_build(case: &Case<'_>, build: &builds::Model) -> Result<Done, Refusal> {
    let view = case.view(build).await?;
    let state = match view.status {
        BuildStatus::Queued | BuildStatus::Scheduled | BuildStatus::Assigned => "pending",
        BuildStatus::Running => "running",
        BuildStatus::Succeeded => "success",
        BuildStatus::Failed | BuildStatus::TimedOut | BuildStatus::Expired => "failed",
        BuildStatus::Canceled => "canceled",
    };
    let mut status = json!({
        "state": state, "name": format!("oore/{}", view.label), "description": plain(&view.title, MAX_TEXT),
    });
    if let Some(url) = &view.url {
        status["target_url"] = json!(url);
    }
    if let Some(place) = place(build) {
        status["ref"] = json!(place);
    }
    let told = digest(&status.to_string());
    if case.report.shown.as_ref() == Some(&told) || !case.is_newest(build).await? {
        return Ok(Done::Nothing);
    }
    let api = case.gitlab().await?;
    let set = api.set_status(&case.repository.external_id, &case.report.commit_sha, &status).await;
    set.map_err(|trouble| refusal(trouble, ReportChannel::Statuses))?;
    case.keep(&Shown { digest: Some(told), ..case.shown() }).await?;
    Ok(Done::Told)
}

/// The branch or tag whose pipeline the status belongs to; of a merge request its source branch.
fn place(build: &builds::Model) -> Option<&str> {
    let tag = build.trigger_ref.as_deref().and_then(|name| name.strip_prefix("refs/tags/"));
    tag.or(build.branch.as_deref()).filter(|name| name.len() <= MAX_TEXT)
}

async fn show_request(
    case: &Case<'_>,
    number: i64,
    project: &projects::Model,
    sha: &str,
) -> Result<Done, Refusal> {
    let body = case.comment(project, sha).await?.markdown();
    let told = digest(&body);
    if case.report.external_id.is_some() && case.report.shown.as_ref() == Some(&told) {
        return Ok(Done::Nothing);
    }
    let api = case.gitlab().await?;
    let id = put_note(case, &api, number, project, &body).await;
    let id = id.map_err(|trouble| refusal(trouble, ReportChannel::Comments))?;
    let shown = Shown { external_id: Some(id.to_string()), digest: Some(told), annotations: 0 };
    case.keep(&shown).await?;
    Ok(Done::Told)
}

/// Edits the note that is there, or writes one; answers its number.
async fn put_note(
    case: &Case<'_>,
    api: &Api,
    number: i64,
    project: &projects::Model,
    body: &str,
) -> Result<u64, Trouble> {
    let place = &case.repository.external_id;
    if let Some(id) = &case.report.external_id {
        match api.edit_note(place, number, id, body).await {
            Ok(note) => return Ok(note.id),
            // Somebody has deleted it.
            Err(Trouble::Missing) => {}
            Err(trouble) => return Err(trouble),
        }
    }
    match own_note(case, api, number, project).await? {
        Some(id) => Ok(api.edit_note(place, number, &id, body).await?.id),
        None => Ok(api.write_note(place, number, body).await?.id),
    }
}

/// The note of the project on a merge request, if it is of the integration's own account.
async fn own_note(
    case: &Case<'_>,
    api: &Api,
    number: i64,
    project: &projects::Model,
) -> Result<Option<String>, Trouble> {
    let account = db::integrations::find_installation(case.app.db.read(), case.repository.installation_id);
    let Some(account) = account.await.map_err(|error| Trouble::Away(error.to_string()))? else {
        return Ok(None);
    };
    let mark = marker(project.id);
    let all = api.notes(&case.repository.external_id, number).await?;
    let own = all.into_iter().find(|note| note.is_of(&account.external_id) && note.body.starts_with(&mark));
    Ok(own.map(|note| note.id.to_string()))
}

/// What trouble with a way means.
fn refusal(trouble: Trouble, channel: ReportChannel) -> Refusal {
    match &trouble {
        Trouble::Unauthorized => Refusal::Credential,
        Trouble::Forbidden(why) if why.contains("higher privileges") => {
            let why = format!("the credential of GitLab may read only; it needs the scope api ({why})");
            Refusal::Other(Stop::Refused(channel, why))
        }
        Trouble::Away(_)
        | Trouble::Forbidden(_)
        | Trouble::RateLimited(_)
        | Trouble::Missing
        | Trouble::Refused(..)
        | Trouble::TooLarge
        | Trouble::Unreadable(_) => Refusal::Other(trouble.into()),
    }
}
