//! What GitHub shows: a check run of each build, or a commit status where the app may not write checks; and a comment on
//! the pull request.

use serde_json::{Value, json};

use crate::db::entity::{builds, projects};
use crate::db::reports::{self, Shown};
use crate::domain::build::BuildStatus;
use crate::domain::report::ReportChannel;
use crate::error::Error;
use crate::forge::github::Api;
use crate::forge::github::reports::{ANNOTATIONS_AT_ONCE, CheckRun};
use crate::forge::host::Trouble;

use super::case::{Case, Subject, digest};
use super::comment::marker;
use super::text::plain;
use super::view::View;
use super::{Done, Stop, Told};

/// Longest description of a commit status.
const MAX_DESCRIPTION: usize = 140;

pub async fn show(case: &Case<'_>) -> Told<Done> {
    match &case.subject {
        Subject::Build(build) => show_build(case, build).await,
        Subject::Request { number, project, sha } => show_request(case, *number, project, sha).await,
    }
}

async fn show_build(case: &Case<'_>, build: &builds::Model) -> Told<Done> {
    let view = case.view(build).await?;
    let api = case.github().await?;
    let (db, installation) = (case.app.db.read(), case.repository.installation_id);
    if !reports::is_refused(db, installation, ReportChannel::Checks).await? {
        match show_check(case, &api, &view).await {
            Err(Stop::Refused(ReportChannel::Checks, _)) => note_refusal(case).await?,
            other => return other,
        }
    }
    show_status(case, &api, build, &view).await
}

/// From now on statuses take the place of checks.
async fn note_refusal(case: &Case<'_>) -> Result<(), Error> {
    let (installation, now) = (case.repository.installation_id, case.app.clock.now());
    let channel = ReportChannel::Checks;
    case.app.db.write(async |tx| reports::refuse(tx, installation, channel, now).await).await
}

async fn show_check(case: &Case<'_>, api: &Api, view: &View) -> Told<Done> {
    let (name, check) = (name_of(view), check_of(view));
    let (repository, sha) = (&case.repository.full_name, &case.report.commit_sha);
    let failed = |trouble| stop(case, trouble, ReportChannel::Checks);
    let state = digest(&check.to_string());
    let mut shown = case.shown();
    if case.was_tried() {
        let app_id = case.integration.app_id.as_deref();
        let found = match &shown.external_id {
            Some(id) => found(api.check(repository, id).await),
            None => api.find_check(repository, sha, &name, &view.build.to_string(), app_id).await,
        };
        shown = known(found.map_err(failed)?);
    }
    let (mut is_new, mut done) = (false, Done::Nothing);
    loop {
        let sent = usize::try_from(shown.annotations).unwrap_or(0).min(view.annotations.len());
        let next = &view.annotations[sent..(sent + ANNOTATIONS_AT_ONCE).min(view.annotations.len())];
        if shown.digest.as_ref() == Some(&state) && next.is_empty() {
            return Ok(done);
        }
        let mut body = check.clone();
        if !next.is_empty() {
            body["output"]["annotations"] = json!(next);
        }
        let answer = match &shown.external_id {
            Some(id) => api.update_check(repository, id, &body).await,
            None => {
                body["head_sha"] = json!(sha);
                is_new = true;
                api.create_check(repository, &body).await
            }
        };
        match answer {
            Ok(run) => {
                shown.external_id = Some(run.id.to_string());
                shown.annotations = i64::try_from(sent + next.len()).unwrap_or(i64::MAX);
                shown.digest = Some(state.clone());
                done = Done::Told;
            }
            // It is gone at GitHub.
            Err(Trouble::Missing) if shown.external_id.is_some() && !is_new => {
                shown = Shown { external_id: None, digest: None, annotations: 0 };
            }
            // The state of a build matters more than its remarks.
            Err(Trouble::Refused(422, _)) if !next.is_empty() => {
                shown.annotations = i64::try_from(view.annotations.len()).unwrap_or(i64::MAX);
            }
            Err(trouble) => return Err(failed(trouble)),
        }
        case.keep(&shown).await?;
    }
}

fn found<T>(answer: Result<T, Trouble>) -> Result<Option<T>, Trouble> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Trouble::Missing) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// What is known of a check run that was looked up; its state is told again.
fn known(run: Option<CheckRun>) -> Shown {
    Shown {
        annotations: run.as_ref().map_or(0, CheckRun::annotations),
        external_id: run.map(|run| run.id.to_string()),
        digest: None,
    }
}

fn name_of(view: &View) -> String {
    format!("Oore / {}", view.label)
}

fn check_of(view: &View) -> Value {
    let mut check = json!({
        "name": name_of(view), "external_id": view.build, "output": {"title": view.title, "summary": view.summary},
    });
    if let Some(url) = &view.url {
        check["details_url"] = json!(url);
    }
    if let Some(at) = view.started_at_ms.and_then(time) {
        check["started_at"] = json!(at);
    }
    let conclusion = match view.status {
        BuildStatus::Queued | BuildStatus::Scheduled | BuildStatus::Assigned => {
            check["status"] = json!("queued");
            return check;
        }
        BuildStatus::Running => {
            check["status"] = json!("in_progress");
            return check;
        }
        BuildStatus::Succeeded => "success",
        BuildStatus::Failed => "failure",
        BuildStatus::Canceled => "cancelled",
        BuildStatus::TimedOut | BuildStatus::Expired => "timed_out",
    };
    check["status"] = json!("completed");
    check["conclusion"] = json!(conclusion);
    if let Some(at) = view.finished_at_ms.and_then(time) {
        check["completed_at"] = json!(at);
    }
    check
}

fn time(ms: i64) -> Option<String> {
    let at = chrono::DateTime::from_timestamp_millis(ms)?;
    Some(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

async fn show_status(case: &Case<'_>, api: &Api, build: &builds::Model, view: &View) -> Told<Done> {
    let state = match view.status {
        BuildStatus::Queued | BuildStatus::Scheduled | BuildStatus::Assigned | BuildStatus::Running => {
            "pending"
        }
        BuildStatus::Succeeded => "success",
        BuildStatus::Failed => "failure",
        BuildStatus::Canceled | BuildStatus::TimedOut | BuildStatus::Expired => "error",
    };
    let mut status = json!({
        "state": state, "context": name_of(view), "description": plain(&view.title, MAX_DESCRIPTION),
    });
    if let Some(url) = &view.url {
        status["target_url"] = json!(url);
    }
    let told = digest(&status.to_string());
    if case.report.shown.as_ref() == Some(&told) || !case.is_newest(build).await? {
        return Ok(Done::Nothing);
    }
    let set = api.set_status(&case.repository.full_name, &case.report.commit_sha, &status).await;
    set.map_err(|trouble| stop(case, trouble, ReportChannel::Statuses))?;
    case.keep(&Shown { digest: Some(told), ..case.shown() }).await?;
    Ok(Done::Told)
}

async fn show_request(case: &Case<'_>, number: i64, project: &projects::Model, sha: &str) -> Told<Done> {
    let body = case.comment(project, sha).await?.markdown();
    let told = digest(&body);
    if case.report.external_id.is_some() && case.report.shown.as_ref() == Some(&told) {
        return Ok(Done::Nothing);
    }
    let api = case.github().await?;
    let repository = &case.repository.full_name;
    let failed = |trouble| stop(case, trouble, ReportChannel::Comments);
    let edited = match &case.report.external_id {
        Some(id) => found(api.edit_comment(repository, id, &body).await.map(|comment| comment.id)),
        None => Ok(None),
    };
    let id = match edited.map_err(failed)? {
        Some(id) => id,
        // It was never there, or somebody has deleted it.
        None => match own_comment(case, &api, number, project).await.map_err(failed)? {
            Some(id) => api.edit_comment(repository, &id, &body).await.map_err(failed)?.id,
            None => api.comment(repository, number, &body).await.map_err(failed)?.id,
        },
    };
    let shown = Shown { external_id: Some(id.to_string()), digest: Some(told), annotations: 0 };
    case.keep(&shown).await?;
    Ok(Done::Told)
}

/// The comment of the project on a pull request, if the app itself has written it.
async fn own_comment(
    case: &Case<'_>,
    api: &Api,
    number: i64,
    project: &projects::Model,
) -> Result<Option<String>, Trouble> {
    let (app_id, slug) = (case.integration.app_id.as_deref(), case.integration.app_slug.as_deref());
    let mark = marker(project.id);
    let all = api.comments(&case.repository.full_name, number).await?;
    let own = all.into_iter().find(|comment| {
        comment.is_of(app_id, slug) && comment.body.as_deref().is_some_and(|body| body.starts_with(&mark))
    });
    Ok(own.map(|comment| comment.id.to_string()))
}

/// What trouble with a way means.
fn stop(case: &Case<'_>, trouble: Trouble, channel: ReportChannel) -> Stop {
    match &trouble {
        Trouble::Forbidden(why) if why.contains("not accessible by integration") => {
            let what = match channel {
                ReportChannel::Checks => "checks",
                ReportChannel::Statuses => "checks nor commit statuses",
                ReportChannel::Comments => "comments on pull requests",
            };
            Stop::Refused(channel, format!("GitHub does not let the app write {what} ({why})"))
        }
        Trouble::Unauthorized => {
            // It was taken back before its time: the next attempt asks for another one.
            case.app.forge.github_tokens.forget(case.integration.id);
            trouble.into()
        }
        Trouble::Away(_)
        | Trouble::Forbidden(_)
        | Trouble::RateLimited(_)
        | Trouble::Missing
        | Trouble::Refused(..)
        | Trouble::TooLarge
        | Trouble::Unreadable(_) => trouble.into(),
    }
}
