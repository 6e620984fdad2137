//! Running a build again: a new build with the same snapshot and commit, linked to the first one. It can begin
//! with any step of the pipeline; the workspace is a new one all the same.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::file::{self, Found};
use super::trigger::about;
use crate::app::App;
use crate::audit;
use crate::db::builds::{Cell, NewBuild, related};
use crate::db::entity::{builds, projects};
use crate::db::{self, Tx};
use crate::domain::audit::Entry;
use crate::domain::id::RepositoryId;
use crate::domain::label;
use crate::domain::source::RefSpec;
use crate::domain::step;
use crate::domain::trigger::TriggerType;
use crate::error::{Error, Result};
use crate::pipeline::snapshot::{self, Snapshot};
use crate::sources;

/// What requests and the audit log call the step that a build begins with.
const FROM_STEP: &str = "from_step";
const INPUTS: &str = "inputs";

/// Where a build begins that is run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    Start,
    FailedStep,
    Step(String),
}

/// What is different from the build that is run again.
#[derive(Debug, Clone)]
pub struct Again {
    pub begin: Begin,
    /// Values of inputs that replace those of the build; the others stay.
    pub inputs: BTreeMap<String, Value>,
}

/// Puts a copy of `source` into the queue; `entry` is what the audit log will say.
///
/// Errors: 400 `invalid_input` for a step or an input there isn't, 409 `build_not_terminal`, 409 `no_failed_step`, 409
/// `source_changed`.
pub async fn rerun(
    app: &App,
    source: builds::Model,
    again: Again,
    kind: TriggerType,
    entry: Entry,
) -> Result<builds::Model> {
    require_over(&source)?;
    let from_step = match again.begin {
        Begin::Start => None,
        Begin::FailedStep => Some(failed_step(&source).ok_or_else(no_failed_step)?.to_owned()),
        Begin::Step(name) => Some(name),
    };
    let mut snapshot = snapshot::beginning_with(source.config_snapshot.0.clone(), from_step.as_deref());
    if from_step.is_some() || !again.inputs.is_empty() {
        let project = db::projects::find(app.db.read(), source.project_id).await?;
        let repository = unchanged(project.as_ref(), &source)?;
        snapshot = checked(app, repository, &source, snapshot, again.inputs).await?;
    }
    let now_ms = app.clock.now_ms();
    app.db.write(async |tx| copy(tx, app, source, snapshot, kind, entry, now_ms).await).await
}

/// Puts a copy of `source` from its start on into the queue, as part of a transaction.
///
/// Errors: 409 `build_not_terminal`, 409 `source_changed`.
pub async fn queue(
    tx: &Tx,
    app: &App,
    source: builds::Model,
    kind: TriggerType,
    entry: Entry,
    now_ms: i64,
) -> Result<builds::Model> {
    require_over(&source)?;
    let snapshot = snapshot::beginning_with(source.config_snapshot.0.clone(), None);
    copy(tx, app, source, snapshot, kind, entry, now_ms).await
}

fn require_over(source: &builds::Model) -> Result<()> {
    if source.status.is_terminal() {
        return Ok(());
    }
    Err(Error::conflict("build_not_terminal", "the build is not over yet")
        .hint("Wait for its end, or cancel it first."))
}

async fn copy(
    tx: &Tx,
    app: &App,
    source: builds::Model,
    snapshot: Value,
    kind: TriggerType,
    entry: Entry,
    now_ms: i64,
) -> Result<builds::Model> {
    let from_step = snapshot::from_step(&snapshot).map(str::to_owned);
    let project = db::projects::find(tx, source.project_id).await?;
    let repository_id = unchanged(project.as_ref(), &source)?;
    // What a step asked for in between is no demand of the whole.
    let mut labels = related::first(tx, source.id).await?.requirements.0;
    labels.extend(from_step.is_some().then(label::own_protocol));
    let new = NewBuild {
        project_id: source.project_id,
        pipeline_id: source.pipeline_id,
        repository_id,
        trigger_type: kind,
        trigger_actor: entry.actor.name().map(str::to_owned),
        trigger_event: Some("rerun".to_owned()),
        trigger_ref: source.trigger_ref,
        commit_sha: source.commit_sha,
        commit_subject: source.commit_subject,
        commit_author: source.commit_author,
        branch: source.branch,
        changelog: source.changelog,
        source_build_id: Some(source.id),
        config_snapshot: snapshot,
        requirements: label::requirements(&[], &labels),
        platforms: source.platforms.0,
        max_concurrent: source.max_concurrent,
        is_outdated: source.is_outdated,
        request_number: source.request_number,
        matrix: source.matrix_group.zip(source.matrix).map(Cell::from),
    };
    let build = db::builds::insert(tx, new, now_ms).await?;
    let details = details(&build, from_step.as_deref());
    audit::record(tx, app, entry.id(build.id).details(details)).await?;
    Ok(build)
}

/// What the audit log says of a rerun.
fn details(build: &builds::Model, from_step: Option<&str>) -> Value {
    let mut details = about(build);
    details["source_build_id"] = json!(build.source_build_id);
    if let Some(step) = from_step {
        details[FROM_STEP] = step.into();
    }
    details
}

/// The step from which a build that failed can go on.
pub fn failed_step(build: &builds::Model) -> Option<&str> {
    let results = build.step_results.as_ref()?;
    step::failed(&results.0).map(|step| step.name.as_str())
}

fn no_failed_step() -> Error {
    Error::conflict("no_failed_step", "no step of the pipeline failed in this build")
        .hint("Run it again from the start.")
}

/// The repository that the project still has.
fn unchanged(project: Option<&projects::Model>, source: &builds::Model) -> Result<RepositoryId> {
    let repository = project.and_then(|project| project.repository_id);
    repository.filter(|_| repository == source.repository_id).ok_or_else(|| {
        Error::conflict(
            "source_changed",
            "the project is linked to another repository than when this build was made",
        )
        .hint("Start a new build instead.")
    })
}

/// The snapshot with other values of some inputs, once the pipeline's file at the commit agrees to all of it.
async fn checked(
    app: &App,
    repository: RepositoryId,
    build: &builds::Model,
    snapshot: Value,
    inputs: BTreeMap<String, Value>,
) -> Result<Value> {
    let field = if inputs.is_empty() { FROM_STEP } else { INPUTS };
    let refused = |why: String| Error::invalid_field(field, why);
    let mut snapshot: Snapshot = serde_json::from_value(snapshot)
        .map_err(|error| refused(format!("the build's snapshot can't be read: {error}")))?;
    let sha = build.commit_sha.as_deref().ok_or_else(|| refused("the build names no commit".to_owned()))?;
    let repository = sources::open(app, repository).await?;
    // A repository that is gone has no file either; it must not look like one without.
    let commit = repository.resolve(&RefSpec::Commit(sha.to_owned())).await?;
    let found = file::read_first(&repository, &commit.sha, &snapshot.candidates()).await?;
    let file = match &found {
        Found::File(file) => Some(&**file),
        Found::Nothing => None,
        Found::Invalid { path, .. } => return Err(refused(format!("{path} is not valid at this commit"))),
    };
    if !inputs.is_empty() {
        let before = snapshot.inputs.iter().map(|(name, value)| (name.clone(), json!(value)));
        let wanted = before.chain(inputs).collect();
        let resolved = found.inputs(&wanted);
        snapshot.inputs = resolved.map_err(|wrong| Error::invalid_fields("invalid_input", wrong))?;
    }
    snapshot.plan(file).map(|_| ()).map_err(refused)?;
    Ok(json!(snapshot))
}
