//! Making a build: the commit is pinned, the pipeline's settings are copied, the next number is
//! taken, and what the pipeline says about older builds is done. Whoever triggers comes through here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{file, tell_released};
use crate::app::App;
use crate::audit;
use crate::db::builds::triggered::{For, list_replaceable};
use crate::db::builds::{Cell, NewBuild, Transition, With};
use crate::db::entity::{builds, pipelines, projects};
use crate::db::{self, Tx};
use crate::domain::audit::Entry;
use crate::domain::build::BuildMove;
use crate::domain::id::{MatrixGroupId, PipelineId, RepositoryId};
use crate::domain::label;
use crate::domain::matrix::{Combination, PLATFORM};
use crate::domain::source::{Commit, RefSpec, ScmProvider, Source};
use crate::domain::spec::{BuildPlatform, ConcurrencyPolicy};
use crate::domain::text::given;
use crate::domain::trigger::TriggerType;
use crate::error::{Error, FieldError, Result, codes};
use crate::forge;
use crate::pipeline::matrix::Picked;
use crate::pipeline::snapshot::Snapshot;
use crate::sources;

const MAX_CHANGELOG_BYTES: usize = 4000;
const SNAPSHOT_VERSION: i64 = 2;

/// What somebody wants to be built.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub platforms: Option<Vec<BuildPlatform>>,
    pub branch: Option<String>,
    pub commit_sha: Option<String>,
    pub trigger_ref: Option<String>,
    /// The pull or merge request that asks for it.
    pub request_number: Option<i64>,
    pub changelog: Option<String>,
    /// Values of the inputs that the pipeline's file declares.
    pub inputs: BTreeMap<String, Value>,
    /// The values that are wanted of some axes of the matrix.
    pub matrix: Picked,
    /// Its code is that of a fork, and not to be trusted.
    pub fork: Option<Fork>,
}

/// A commit that only a fork has on a branch.
#[derive(Debug, Clone)]
pub struct Fork {
    /// The full name of the ref by which the repository itself keeps it.
    pub kept_at: String,
}

/// Who triggers, and how.
#[derive(Debug, Clone, Copy)]
pub struct Cause<'a> {
    pub kind: TriggerType,
    /// What a code host calls the event that it is.
    pub event: Option<&'a str>,
    pub standing: Standing,
    /// What the audit log will say about it.
    pub entry: &'a Entry,
}

/// Whether it is about the newest there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Newest,
    /// A newer push of the branch was built already: older builds stay, and this is never the latest.
    Outdated,
}

/// Makes the builds of a pipeline and puts them into the queue: one, or one for each combination of its matrix. Never
/// none, and all of them or none at all.
///
/// Errors: `not_found` for a pipeline of another project, 400 `invalid_input`, 400 `invalid_ref`,
/// 409 `source_not_configured`, 409 `source_unresolvable`, 409 `source_changed`.
pub async fn trigger(
    app: &App,
    project: &projects::Model,
    pipeline: PipelineId,
    request: Request,
    cause: Cause<'_>,
) -> Result<Vec<builds::Model>> {
    let pipeline = db::pipelines::find(app.db.read(), pipeline).await?;
    let pipeline = pipeline.filter(|pipeline| pipeline.project_id == project.id);
    let pipeline = pipeline.ok_or_else(|| Error::not_found("pipeline"))?;
    let pinned = pin(app, project, pipeline, request).await?;
    let now_ms = app.clock.now_ms();
    app.db.write(async |tx| queue(tx, app, pinned, cause, now_ms).await).await
}

/// Finds out everything about a build that has to be asked for elsewhere.
///
/// Errors: those of `trigger`.
pub async fn pin<'a>(
    app: &App,
    project: &'a projects::Model,
    pipeline: pipelines::Model,
    request: Request,
) -> Result<Pinned<'a>> {
    check(&request)?;
    let repository_id = project.repository_id.ok_or_else(|| {
        Error::conflict(codes::SOURCE_NOT_CONFIGURED, "the project has no repository")
            .hint("Link a repository first.")
    })?;
    let repository = sources::open(app, repository_id).await?;
    let place = Place::of(&request, project, &repository.source)?;
    let commit = repository.resolve(&place.wanted).await?;
    let found = file::read(&repository, &commit.sha, &pipeline).await?;
    Ok(Pinned { project, pipeline, repository_id, repository, place, commit, request, found })
}

fn check(request: &Request) -> Result<()> {
    if request.changelog.as_ref().is_some_and(|text| text.len() > MAX_CHANGELOG_BYTES) {
        let why = format!("must have at most {MAX_CHANGELOG_BYTES} bytes");
        return Err(Error::invalid_field("changelog", why));
    }
    Ok(())
}

fn check_platforms(request: &Request, allowed: &[BuildPlatform]) -> Result<()> {
    let Some(platforms) = &request.platforms else { return Ok(()) };
    let unique = (1..platforms.len()).all(|n| !platforms[..n].contains(&platforms[n]));
    if platforms.is_empty() || !unique || !platforms.iter().all(|platform| allowed.contains(platform)) {
        let why = "must be some of the pipeline's platforms, each once";
        return Err(Error::invalid_field("platforms", why));
    }
    Ok(())
}

fn invalid_input(wrong: Vec<FieldError>) -> Error {
    Error::invalid_fields("invalid_input", wrong)
}

/// Where in the repository a build is made of.
struct Place {
    wanted: RefSpec,
    branch: Option<String>,
    trigger_ref: Option<String>,
}

impl Place {
    fn of(request: &Request, project: &projects::Model, source: &Source) -> Result<Self> {
        let given = |text: &Option<String>| given(text.as_deref()).map(str::to_owned);
        let trigger_ref = given(&request.trigger_ref);
        let named =
            trigger_ref.as_deref().and_then(|name| name.strip_prefix("refs/heads/")).map(str::to_owned);
        let default = || given(&project.default_branch).or_else(|| given(&source.default_branch));
        // A tag is on no branch.
        let is_tag = trigger_ref.as_deref().is_some_and(|name| name.starts_with("refs/tags/"));
        let branch = given(&request.branch).or(named).or_else(|| default().filter(|_| !is_tag));
        let wanted = match (given(&request.commit_sha), &trigger_ref, &branch) {
            (Some(sha), _, _) => RefSpec::Commit(sha),
            (None, Some(name), _) => RefSpec::Ref(name.clone()),
            (None, None, Some(branch)) => RefSpec::Branch(branch.clone()),
            (None, None, None) => {
                return Err(Error::invalid(
                    codes::INVALID_REF,
                    "neither a branch is given nor does the project have one",
                )
                .hint("Give a branch, or set the project's default branch."));
            }
        };
        let trigger_ref = trigger_ref.or_else(|| branch.clone());
        Ok(Self { wanted, branch, trigger_ref })
    }
}

/// A build that can be queued: its commit and what its file says are known.
pub struct Pinned<'a> {
    project: &'a projects::Model,
    pipeline: pipelines::Model,
    repository_id: RepositoryId,
    repository: forge::Repository,
    place: Place,
    commit: Commit,
    request: Request,
    found: file::Found,
}

impl Pinned<'_> {
    pub fn pipeline(&self) -> &pipelines::Model {
        &self.pipeline
    }

    pub fn repository(&self) -> &forge::Repository {
        &self.repository
    }

    pub fn repository_id(&self) -> RepositoryId {
        self.repository_id
    }

    /// The ref that it is of; empty without one.
    pub fn trigger_ref(&self) -> &str {
        self.place.trigger_ref.as_deref().unwrap_or_default()
    }

    pub fn commit(&self) -> &Commit {
        &self.commit
    }

    pub fn found(&self) -> &file::Found {
        &self.found
    }

    /// The file wins over the settings.
    pub fn concurrency(&self) -> &ConcurrencyPolicy {
        self.found.concurrency().unwrap_or(&self.pipeline.concurrency.0)
    }

    /// The platforms of one build, if they were chosen.
    fn platforms(&self, combination: &Combination) -> Option<Vec<BuildPlatform>> {
        let on = combination.get(PLATFORM).and_then(|name| name.parse().ok());
        on.map(|platform| vec![platform]).or_else(|| self.request.platforms.clone())
    }
}

/// What was chosen of what the file offers.
struct Chosen {
    inputs: BTreeMap<String, String>,
    combinations: Vec<Combination>,
}

impl Chosen {
    fn of(pinned: &Pinned<'_>) -> Result<Self> {
        let Pinned { found, request, .. } = pinned;
        let inputs = found.inputs(&request.inputs).map_err(invalid_input)?;
        let platforms = request.platforms.as_deref().unwrap_or_default();
        let combinations = found.combinations(&request.matrix, platforms).map_err(invalid_input)?;
        Ok(Self { inputs, combinations })
    }

    /// The combinations, if they are not all of a matrix.
    fn narrowed(&self, found: &file::Found) -> Option<&[Combination]> {
        let all = found.matrix()?.combinations.len();
        (self.combinations.len() < all).then_some(&self.combinations)
    }
}

/// Puts it into the queue, or all builds of its matrix.
///
/// Errors: 400 `invalid_input`, 409 `source_changed`.
pub async fn queue(
    tx: &Tx,
    app: &App,
    pinned: Pinned<'_>,
    cause: Cause<'_>,
    now_ms: i64,
) -> Result<Vec<builds::Model>> {
    check_platforms(&pinned.request, pinned.found.platforms(&pinned.pipeline))?;
    let chosen = Chosen::of(&pinned)?;
    let project = db::projects::find(tx, pinned.project.id).await?;
    if project.is_none_or(|project| project.repository_id != Some(pinned.repository_id)) {
        return Err(Error::conflict("source_changed", "the project's repository has just been changed"));
    }
    if pinned.concurrency().cancel_previous && cause.standing == Standing::Newest {
        cancel_previous(tx, app, &pinned, &chosen, cause, now_ms).await?;
    }
    let group = pinned.found.matrix().map(|_| MatrixGroupId::new());
    let mut builds = Vec::new();
    for combination in &chosen.combinations {
        let cell = group.map(|group| Cell { group, combination: combination.clone() });
        let new = new_build(&pinned, &chosen, cell, cause, now_ms);
        let build = db::builds::insert(tx, new, now_ms).await?;
        audit::record(tx, app, cause.entry.clone().id(build.id).details(about(&build))).await?;
        builds.push(build);
    }
    Ok(builds)
}

fn new_build(
    pinned: &Pinned<'_>,
    chosen: &Chosen,
    matrix: Option<Cell>,
    cause: Cause<'_>,
    now_ms: i64,
) -> NewBuild {
    let Pinned { project, pipeline, place, commit, request, found, .. } = pinned;
    let selected = match &matrix {
        Some(one) => pinned.platforms(&one.combination),
        None => request.platforms.clone(),
    };
    let platforms = selected.clone().unwrap_or_else(|| found.platforms(pipeline).to_vec());
    let recorded = Snapshot {
        inputs: chosen.inputs.clone(),
        selected_platforms: selected.unwrap_or_default(),
        matrix: matrix.as_ref().map(|one| one.combination.clone()).unwrap_or_default(),
        ..snapshot(pinned, cause.kind, now_ms.div_euclid(1000))
    };
    NewBuild {
        project_id: project.id,
        pipeline_id: pipeline.id,
        repository_id: pinned.repository_id,
        trigger_type: cause.kind,
        trigger_actor: cause.entry.actor.name().map(str::to_owned),
        trigger_event: cause.event.map(str::to_owned),
        trigger_ref: place.trigger_ref.clone(),
        commit_sha: Some(commit.sha.clone()),
        commit_subject: Some(commit.subject.clone()),
        commit_author: Some(commit.author.clone()),
        branch: place.branch.clone(),
        changelog: request.changelog.clone(),
        source_build_id: None,
        config_snapshot: json!(recorded),
        requirements: requirements(pinned, &platforms),
        platforms,
        max_concurrent: pinned.found.concurrency().map(ConcurrencyPolicy::limit),
        matrix,
        is_outdated: cause.standing == Standing::Outdated,
        request_number: request.request_number,
    }
}

/// The labels that a runner must offer.
fn requirements(pinned: &Pinned<'_>, platforms: &[BuildPlatform]) -> Vec<String> {
    let Pinned { pipeline, found, request, .. } = pinned;
    let mut labels = pipeline.runner_labels.0.clone();
    // Older runners know of no code that is not trusted.
    let needs_ours = found.needs_own_protocol() || request.fork.is_some();
    labels.extend(needs_ours.then(label::own_protocol));
    label::requirements(platforms, &labels)
}

/// What the audit log says of a build.
pub fn about(build: &builds::Model) -> Value {
    json!({"project_id": build.project_id, "pipeline_id": build.pipeline_id, "build_number": build.build_number})
}

async fn cancel_previous(
    tx: &Tx,
    app: &App,
    pinned: &Pinned<'_>,
    chosen: &Chosen,
    cause: Cause<'_>,
    now_ms: i64,
) -> Result<()> {
    let Some(branch) = &pinned.place.branch else { return Ok(()) };
    let (pipeline, repository) = (pinned.pipeline.id, pinned.repository_id);
    // What was picked of a matrix replaces its like only.
    let narrowed = chosen.narrowed(&pinned.found);
    // The push of a branch and its request build the same commit, each for itself.
    let purpose = pinned.request.request_number.map_or(For::Branch, |_| For::Request);
    let older = list_replaceable(tx, pipeline, branch, repository, purpose, narrowed).await?;
    for build in older {
        let cancel = Transition {
            by: BuildMove::Cancel,
            actor: cause.entry.actor.name(),
            reason: "superseded by new build",
            now_ms,
            with: With::Nothing,
        };
        db::builds::shift(tx, build.id, &cancel).await?;
        tell_released(tx, app, build.runner_id).await?;
    }
    Ok(())
}

fn snapshot(pinned: &Pinned<'_>, trigger: TriggerType, captured_at: i64) -> Snapshot {
    let pipeline = &pinned.pipeline;
    let fork = pinned.request.fork.as_ref();
    let mut execution = pipeline.execution_config.0.clone();
    if fork.is_some() {
        // Who may not change a pipeline does not see the values of its variables; code of a fork does neither.
        execution.env.clear();
    }
    let repo_url = match pinned.repository.source.provider {
        ScmProvider::LocalGit => "(local)",
        ScmProvider::Github | ScmProvider::Gitlab => &pinned.repository.source.clone_url,
    };
    Snapshot {
        snapshot_version: SNAPSHOT_VERSION,
        config_resolution_policy: "file_first_ui_fallback".to_owned(),
        config_path: Some(pipeline.config_path.clone()),
        config_path_explicit: pipeline.config_path_explicit,
        artifact_patterns: execution.artifact_patterns.clone(),
        ui_execution_config: execution,
        trigger_type: trigger.as_str().to_owned(),
        commit_sha: pinned.commit.sha.clone(),
        branch: pinned.place.branch.clone(),
        repo_url: repo_url.to_owned(),
        repository_id: Some(pinned.repository_id),
        captured_at,
        untrusted: fork.is_some(),
        checkout_ref: fork.map(|fork| fork.kept_at.clone()),
        ..Snapshot::default()
    }
}
