//! Requests of forks: code of somebody who may not push. Where a project lets them be built at all, each commit waits for
//! a person who says so, and its build is not trusted: it gets no secrets and leaves nothing behind for later builds.

use super::{Case, No};
use crate::app::App;
use crate::audit;
use crate::builds::trigger::{self, Cause, Fork, Pinned, Request, Standing};
use crate::db::deliveries::Told;
use crate::db::entity::{builds, pipelines, projects, webhook_verdicts};
use crate::db::{self, Tx};
use crate::domain::audit::Entry;
use crate::domain::delivery::{ForkBuilds, Outcome, Place};
use crate::domain::source::ScmProvider;
use crate::domain::trigger::TriggerType;
use crate::error::{Error, Result};

/// The commit of a fork's request, as a build is made of it. It is on no branch of the repository: the name of its place
/// stands for one, so that it is taken for none and replaces none of the builds of one.
fn request(provider: ScmProvider, number: i64, sha: &str) -> Request {
    let kept_at = match provider {
        ScmProvider::Gitlab => format!("refs/merge-requests/{number}/head"),
        ScmProvider::Github | ScmProvider::LocalGit => format!("refs/pull/{number}/head"),
    };
    Request {
        branch: kept_at.strip_prefix("refs/").map(str::to_owned),
        trigger_ref: Some(kept_at.clone()),
        commit_sha: Some(sha.to_owned()),
        fork: Some(Fork { kept_at }),
        request_number: Some(number),
        ..Request::default()
    }
}

/// The same of a delivery, if it is about a fork.
pub(super) fn request_of(case: &Case<'_>) -> Option<Request> {
    match (&case.revision.fork, &case.revision.place) {
        (Some(_), Place::Request { number, .. }) => Some(request(case.provider, *number, &case.revision.sha)),
        _ => None,
    }
}

/// Says no before anything of the fork is read, unless the project lets its builds be approved.
pub(super) fn admit(project: &projects::Model, fork: &str) -> std::result::Result<(), No> {
    match project.fork_builds {
        ForkBuilds::Approval => Ok(()),
        ForkBuilds::Blocked => {
            let why = format!("it comes from the fork {fork}, and forks are not built");
            Err(No::Because(Outcome::Blocked, why))
        }
    }
}

/// What holds a commit of a fork that a pipeline would build.
pub(super) async fn hold(app: &App, case: &Case<'_>, fork: &str, pinned: &Pinned<'_>) -> Result<No> {
    let (pipeline, sha) = (pinned.pipeline().id, &pinned.commit().sha);
    let place = pinned.trigger_ref();
    let made =
        db::builds::triggered::made_by_event(app.db.read(), pipeline, sha, &case.delivery.event, place)
            .await?;
    Ok(match made {
        Some(build) => {
            let why = format!("the commit was approved and built already, as #{}", build.build_number);
            No::Because(Outcome::AlreadyBuilt, why)
        }
        None => No::Because(
            Outcome::AwaitsApproval,
            format!(
                "it comes from the fork {fork} and waits until somebody who may start builds approves it"
            ),
        ),
    })
}

/// Somebody lets one commit of a fork be built for one pipeline.
#[derive(Debug)]
pub struct Approval<'a> {
    pub delivery: &'a Told,
    pub project: &'a projects::Model,
    pub pipeline: pipelines::Model,
    /// Who, for people.
    pub by: &'a str,
    /// What the audit log says of the approval, and of the build.
    pub approved: Entry,
    pub created: Entry,
}

/// Builds exactly the commit that the delivery told of.
///
/// Errors: 409 `not_awaiting_approval`, `fork_builds_blocked`, `pipeline_disabled`, `source_changed`, and those of
/// `trigger`.
pub async fn approve(app: &App, approval: Approval<'_>) -> Result<()> {
    let Approval { delivery, project, pipeline, by, approved, created } = approval;
    let id = pipeline.id;
    waiting(app.db.read(), delivery, &pipeline, project).await?;
    let (Some(sha), Some(number)) = (&delivery.commit_sha, delivery.number) else {
        return Err(not_waiting());
    };
    let integration = db::integrations::get(app.db.read(), delivery.integration_id).await?;
    let pinned = trigger::pin(app, project, pipeline, request(integration.provider, number, sha)).await?;
    if delivery.repository_id != Some(pinned.repository_id()) {
        return Err(Error::conflict("source_changed", "the project has another repository by now"));
    }
    let now_ms = app.clock.now_ms();
    app.db
        .write(async |tx| {
            // Somebody else may have been faster, or have closed the door.
            let project = db::projects::find(tx, project.id).await?.ok_or_else(not_waiting)?;
            let verdict = waiting(tx, delivery, pinned.pipeline(), &project).await?;
            let cause = Cause {
                kind: TriggerType::Webhook,
                event: Some(&delivery.event),
                standing: Standing::Newest,
                entry: &created,
            };
            let builds = trigger::queue(tx, app, pinned, cause, now_ms).await?;
            let build_id = builds.first().map(|build| build.id);
            let reason = format!("{}, approved by {by}", built(&builds));
            let details = serde_json::json!({"project_id": project.id, "pipeline_id": id, "commit_sha": sha,
                "number": number, "build_id": build_id});
            audit::record(tx, app, approved.id(delivery.id).details(details)).await?;
            let row = webhook_verdicts::Model { outcome: Outcome::Built, reason, build_id, ..verdict };
            db::deliveries::judge(tx, row).await?;
            db::deliveries::sum_up(tx, delivery.id).await
        })
        .await
}

/// The verdict, if it still waits and may be approved.
async fn waiting(
    db: &impl sea_orm::ConnectionTrait,
    delivery: &Told,
    pipeline: &pipelines::Model,
    project: &projects::Model,
) -> Result<webhook_verdicts::Model> {
    let verdict = db::deliveries::verdict(db, delivery.id, pipeline.id).await?;
    let verdict = verdict.filter(|verdict| verdict.outcome == Outcome::AwaitsApproval);
    let verdict = verdict.ok_or_else(not_waiting)?;
    if project.fork_builds == ForkBuilds::Blocked {
        return Err(Error::conflict(
            "fork_builds_blocked",
            "the project does not let forks be built any more",
        )
        .hint("A maintainer can change that in the project's settings."));
    }
    if !pipeline.enabled {
        return Err(Error::conflict("pipeline_disabled", "the pipeline is disabled"));
    }
    Ok(verdict)
}

/// There is nothing to approve.
pub fn not_waiting() -> Error {
    Error::conflict("not_awaiting_approval", "nothing of this delivery waits for approval here")
        .hint("It was built, replaced by a newer commit, or never had to be approved.")
}

/// What waited for approval of the same request gives way to a newer commit.
pub(super) async fn replace_older(tx: &Tx, delivery: &Told, row: &webhook_verdicts::Model) -> Result<()> {
    for older in db::deliveries::older_waiting(tx, delivery, row.pipeline_id).await? {
        let reason = "there is a newer commit of the request".to_owned();
        let id = older.delivery_id;
        let row = webhook_verdicts::Model { outcome: Outcome::Superseded, reason, ..older };
        db::deliveries::judge(tx, row).await?;
        db::deliveries::sum_up(tx, id).await?;
    }
    Ok(())
}

/// Which builds were made, for people.
pub(super) fn built(builds: &[builds::Model]) -> String {
    match builds {
        [first, .., last] => format!(
            "built #{} to #{}, one for each combination of the matrix",
            first.build_number, last.build_number
        ),
        one => format!(
            "built {}",
            one.iter().map(|build| format!("#{}", build.build_number)).collect::<String>()
        ),
    }
}
