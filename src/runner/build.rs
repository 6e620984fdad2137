//! What happens inside one build, in order: checkout, configuration, Flutter, commands, artifacts. It
//! ends with success or a `Halt`; telling the daemon and cleaning up is `execute`'s.

use std::path::{Path, PathBuf};

use super::cache::{Caches, Store};
use super::checkout::{self, CheckoutError, Remote, Wanted};
use super::collect::{Collection, Found, collect};
use super::commands::Commands;
use super::defines::Defines;
use super::environment::Environment;
use super::flutter::{self, FlutterError, Machine, Version};
use super::folder::Workspace;
use super::fvm::{self, FvmError};
use super::halt::{Failure, Halt};
use super::job::JobClient;
use super::process::Stage;
use super::protocol::{ATTEMPT_HEADER, ClaimedJob};
use super::recipe::{self, Recipe};
use super::steps::Steps;
use super::tree::Manner;
use super::upload::upload;
use super::variables::Variables;
use crate::domain::failure::FailureReason;
use crate::domain::matrix::FLUTTER_VERSION;
use crate::pipeline::plan::Plan;
use crate::pipeline::snapshot::Snapshot;

/// One build under way.
pub struct Build<'a> {
    pub job: &'a ClaimedJob,
    pub client: &'a JobClient,
    pub stage: &'a Stage,
    pub workspace: &'a Workspace,
    pub fvm: &'a fvm::Release,
    pub caches: &'a Store,
}

impl Build<'_> {
    /// Does everything. What the steps were is in `steps`, whatever the end is.
    pub async fn run(&self, steps: &mut Steps) -> Result<(), Halt> {
        told(self.stage, readable(self.job))?;
        let snapshot = told(self.stage, recipe::recorded(self.job))?;
        let recipe = self.prepare(steps, &snapshot).await?;
        steps.outcome.folders = recipe.plan.folders();
        let (source, programs) = (self.workspace.source(), self.workspace.programs());
        let caches = Caches {
            stage: self.stage,
            workspace: self.workspace,
            store: self.caches,
            clock: &self.client.client().clock,
            job: self.job,
            unsaved: reason_not_to_save(&snapshot, &recipe.plan),
        };
        let restored = caches.restore(steps, &recipe.plan.caches).await?;
        let place = Place { stage: self.stage, source: &source, programs: &programs, fvm: self.fvm };
        let programs = place.flutter(steps, &recipe.plan).await?;
        let kept = Variables::of(&[], &self.job.variables, &self.workspace.files())?;
        let defines = Defines::write(self.workspace, &kept.beside(&recipe.plan.env))?;
        for line in defines.remarks() {
            self.stage.spool.say(line)?;
        }
        let commands = Commands {
            stage: self.stage,
            source: &source,
            reports: &self.workspace.reports(),
            job: self.job,
            trigger: &snapshot.trigger_type,
            programs: programs.as_deref(),
            kept: &kept,
            defines: &defines,
            caches: &restored.variables(),
        };
        commands.run(steps, &recipe.plan).await?;
        // What still runs could write to what is about to be collected.
        let left = self.stage.tree.end(Manner::Leftover).await;
        if left > 0 {
            self.stage.spool.say(&format!("[oore] ended {left} processes that outlived their step"))?;
        }
        let wanted = Patterns { list: &recipe.plan.artifact_patterns, except: defines.in_source() };
        let keep = async |found: Vec<Found>| upload(self.client, self.stage, self.workspace, &found).await;
        place.artifacts(steps, wanted, keep).await?;
        caches.save(steps, restored).await
    }

    async fn prepare(&self, steps: &mut Steps, snapshot: &Snapshot) -> Result<Recipe, Halt> {
        let remote = told(self.stage, self.remote(snapshot))?;
        let wanted = Wanted::parse(self.job.commit_sha.as_deref(), self.job.branch.as_deref());
        let wanted = wanted.and_then(|wanted| wanted.kept_at(snapshot.checkout_ref.as_deref()));
        let wanted = told(self.stage, wanted.map_err(checkout_halt))?;
        let (source, credential) = (self.workspace.source(), self.job.clone_credential.as_ref());
        let work = async {
            let done = checkout::checkout(self.stage, &source, &remote, &wanted, credential).await;
            done.map_err(|error| checkout_halt(error).for_want_of_room(&source))
        };
        steps.tell("checkout", &checkout::shown(&wanted), work).await?;
        let recipe = told(self.stage, recipe::resolve(snapshot, &source))?;
        self.stage.spool.say(&format!("[oore] the build follows {}", recipe.source))?;
        Ok(recipe)
    }
}

impl Build<'_> {
    /// Where the code is, if the daemon lets this runner have it.
    fn remote(&self, snapshot: &Snapshot) -> Result<Remote, Halt> {
        if let Some(why) = &self.job.clone_refused {
            return Err(Failure::new(FailureReason::CheckoutFailed, why.clone()).into());
        }
        let remote = match &snapshot.checkout_proxy_path {
            Some(path) => self.through_daemon(path),
            None => Remote::parse(&snapshot.repo_url, self.job.clone_credential.as_ref()),
        };
        remote.map_err(checkout_halt)
    }

    fn through_daemon(&self, path: &str) -> Result<Remote, CheckoutError> {
        let registration = self.client.client().registration();
        let headers = vec![
            format!("Authorization: Bearer {}", registration.runner_token),
            format!("{ATTEMPT_HEADER}: {}", self.job.attempt),
        ];
        Remote::through_daemon(&registration.daemon_url, path, headers)
    }
}

/// Where steps run, whoever wants them to: a build, or a person in their own working copy.
pub struct Place<'a> {
    pub stage: &'a Stage,
    /// The files of the repository.
    pub source: &'a Path,
    /// For programs that go first on the PATH of the steps.
    pub programs: &'a Path,
    pub fvm: &'a fvm::Release,
}

/// Which files are artifacts.
pub struct Patterns<'a> {
    pub list: &'a [String],
    /// A file of ours, which is none.
    pub except: Option<&'static Path>,
}

impl Place<'_> {
    /// Makes the Flutter version of a plan available. Answers what goes first on the PATH.
    pub async fn flutter(&self, steps: &mut Steps, plan: &Plan) -> Result<Option<PathBuf>, Halt> {
        let version = match plan.matrix.get(FLUTTER_VERSION) {
            Some(version) => Version::Pinned(version.clone()),
            None => {
                let version = Version::of(self.source, plan.flutter_version.as_deref());
                told(self.stage, version.map_err(flutter_halt))?
            }
        };
        // Commands may reach Flutter through other programs; whoever names a version wants it there.
        if version == Version::Default && !plan.needs_flutter() {
            return Ok(None);
        }
        let command = format!("fvm use {} --force --skip-pub-get", version.name());
        let work = async {
            let environment = Environment::of_build(self.stage.tree.tag());
            let machine = Machine { stage: self.stage, environment: &environment, fvm: self.fvm };
            flutter::select(&machine, self.source, self.programs, &version).await.map_err(flutter_halt)
        };
        steps.tell("flutter", &command, work).await
    }

    /// Finds the files that match the patterns and hands them to `keep`.
    pub async fn artifacts(
        &self,
        steps: &mut Steps,
        wanted: Patterns<'_>,
        keep: impl AsyncFnOnce(Vec<Found>) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let Patterns { list, except } = wanted;
        if list.is_empty() {
            return Ok(());
        }
        let command = format!("collect {}", list.join(" "));
        let work = async {
            let (source, patterns) = (self.source.to_owned(), list.to_vec());
            let masks = self.stage.spool.masks().clone();
            let collected = tokio::task::spawn_blocking(move || collect(&source, &patterns, except, &masks));
            let Collection { found, skipped } = collected.await.map_err(std::io::Error::other)??;
            for one in skipped {
                self.stage.spool.say(&format!("[oore] left out: {one}"))?;
            }
            if found.is_empty() {
                let message = format!("no file matches the artifact patterns {}", list.join(", "));
                return Err(Failure::new(FailureReason::NoArtifacts, message).into());
            }
            keep(found).await
        };
        steps.tell("artifacts", &command, work).await
    }
}

/// Why later builds must not find what this one leaves in its caches, as the rest of a sentence.
fn reason_not_to_save(snapshot: &Snapshot, plan: &Plan) -> Option<&'static str> {
    if snapshot.untrusted {
        return Some("its code is not trusted");
    }
    (plan.begins_with > 0).then_some("it does not run all of its steps")
}

/// Puts a failure outside of any step into the log.
fn told<T>(stage: &Stage, result: Result<T, Halt>) -> Result<T, Halt> {
    if let Err(Halt::Failed(failure)) = &result {
        for line in failure.message.lines() {
            stage.spool.say(&format!("[oore] {line}"))?;
        }
    }
    result
}

/// A build that lacks a secret would fail somewhere in the middle, or publish something wrong.
fn readable(job: &ClaimedJob) -> Result<(), Halt> {
    if job.unreadable_variables.is_empty() {
        return Ok(());
    }
    let names = job.unreadable_variables.join(", ");
    let message = format!("the daemon can't decrypt {names}; set them again and build again");
    Err(Failure::new(FailureReason::InvalidConfig, message).into())
}

fn checkout_halt(error: CheckoutError) -> Halt {
    let message = error.to_string();
    match error {
        CheckoutError::Stopped(reason) => reason.into(),
        CheckoutError::NoGit => Failure::new(FailureReason::ToolMissing, message).into(),
        CheckoutError::NotStarted(error) if crate::error::is_disk_full(&error) => Failure::disk_full().into(),
        CheckoutError::Failed(_, code) => {
            Failure::new(FailureReason::CheckoutFailed, message).with_exit_code(Some(code)).into()
        }
        CheckoutError::Refused(_) | CheckoutError::Killed(..) | CheckoutError::NotStarted(_) => {
            Failure::new(FailureReason::CheckoutFailed, message).into()
        }
    }
}

fn flutter_halt(error: FlutterError) -> Halt {
    let message = error.to_string();
    match error {
        FlutterError::Stopped(reason) => reason.into(),
        FlutterError::InvalidFile(_) => Failure::new(FailureReason::InvalidConfig, message).into(),
        FlutterError::Failed(_, code) => {
            Failure::new(FailureReason::StepFailed, message).with_exit_code(code).into()
        }
        FlutterError::Fvm(FvmError::Stopped(reason)) => reason.into(),
        FlutterError::Fvm(FvmError::Unobtainable(_)) => {
            Failure::new(FailureReason::ToolMissing, message).into()
        }
        FlutterError::Fvm(FvmError::File(error)) | FlutterError::NotStarted(error) => error.into(),
    }
}
