//! What happens inside one build, in order: checkout, configuration, Flutter, commands, artifacts. It
//! ends with success or a `Halt`; telling the daemon and cleaning up is `execute`'s.

use std::path::{Path, PathBuf};

use super::checkout::{self, CheckoutError, Remote, Wanted};
use super::collect::{Collection, collect};
use super::defines::Defines;
use super::environment::Environment;
use super::flutter::{self, FlutterError, Machine, Version};
use super::folder::Workspace;
use super::fvm::{self, FvmError};
use super::halt::{Failure, Halt};
use super::job::JobClient;
use super::platform;
use super::process::Stage;
use super::protocol::ClaimedJob;
use super::recipe::{Recipe, Snapshot};
use super::steps::{Steps, verdict};
use super::tree::Manner;
use super::upload::upload;
use super::variables::Variables;
use crate::domain::failure::FailureReason;

/// Free bytes below which a failed step is taken to have failed for want of room.
const NO_ROOM: u64 = 1024 * 1024;

/// What the commands of a build get besides the checkout.
struct Given<'a> {
    variables: Variables,
    defines: &'a Defines,
    /// The folder that goes first on the PATH.
    programs: Option<PathBuf>,
}

/// One build under way.
pub struct Build<'a> {
    pub job: &'a ClaimedJob,
    pub client: &'a JobClient,
    pub stage: &'a Stage,
    pub workspace: &'a Workspace,
    pub fvm: &'a fvm::Release,
}

impl Build<'_> {
    /// Does everything. What the steps were is in `steps`, whatever the end is.
    pub async fn run(&self, steps: &mut Steps) -> Result<(), Halt> {
        self.told(readable(self.job))?;
        let recipe = self.prepare(steps).await?;
        let programs = self.flutter(steps, &recipe).await?;
        let variables = Variables::of(&recipe.config.env, &self.job.variables, &self.workspace.files())?;
        let defines = Defines::write(self.workspace, &variables)?;
        for line in defines.remarks() {
            self.stage.spool.say(line)?;
        }
        self.commands(steps, &recipe, &Given { variables, defines: &defines, programs }).await?;
        // What still runs could write to what is about to be collected.
        let left = self.stage.tree.end(Manner::Leftover).await;
        if left > 0 {
            self.stage.spool.say(&format!("[oore] ended {left} processes that outlived their step"))?;
        }
        self.artifacts(steps, &recipe.plan.artifact_patterns, defines.in_source()).await
    }

    async fn prepare(&self, steps: &mut Steps) -> Result<Recipe, Halt> {
        let snapshot = self.told(Snapshot::of(self.job))?;
        let remote = self.told(Remote::parse(&snapshot.repo_url).map_err(checkout_halt))?;
        let wanted = Wanted::parse(self.job.commit_sha.as_deref(), self.job.branch.as_deref());
        let wanted = self.told(wanted.map_err(checkout_halt))?;
        let source = self.workspace.source();
        let work = async {
            let done = checkout::checkout(self.stage, &source, &remote, &wanted).await;
            done.map_err(|error| self.for_want_of_room(checkout_halt(error)))
        };
        steps.tell("checkout", &checkout::shown(&wanted), work).await?;
        let recipe = self.told(snapshot.resolve(&source))?;
        self.stage.spool.say(&format!("[oore] the build follows {}", recipe.source))?;
        Ok(recipe)
    }

    async fn flutter(&self, steps: &mut Steps, recipe: &Recipe) -> Result<Option<PathBuf>, Halt> {
        let source = self.workspace.source();
        let version = Version::of(&source, recipe.config.flutter_version.as_deref());
        let version = self.told(version.map_err(flutter_halt))?;
        // Commands may reach Flutter through other programs; whoever names a version wants it there.
        if version == Version::Default && !recipe.plan.needs_flutter {
            return Ok(None);
        }
        let command = format!("fvm use {} --force --skip-pub-get", version.name());
        let work = async {
            let programs = self.workspace.programs();
            let environment = Environment::of_build(self.stage.tree.tag());
            let machine = Machine { stage: self.stage, environment: &environment, fvm: self.fvm };
            flutter::select(&machine, &source, &programs, &version).await.map_err(flutter_halt)
        };
        steps.tell("flutter", &command, work).await
    }

    async fn commands(&self, steps: &mut Steps, recipe: &Recipe, given: &Given<'_>) -> Result<(), Halt> {
        let (tag, source) = (self.stage.tree.tag(), self.workspace.source());
        let programs = given.programs.as_deref();
        let mut environment = Environment::of_steps(tag, &given.variables, self.job, &source, programs);
        for step in &recipe.plan.steps {
            environment.set("OORE_STEP", &step.name);
            let command = given.defines.command(step);
            let work = async {
                let mut lines = vec![format!("$ {command}")];
                lines.extend(given.variables.shown());
                self.stage.spool.say(&lines.join("\n"))?;
                let ended = self.stage.shell(&command, &source, &environment).await?;
                verdict(&step.name, ended).map_err(|halt| self.for_want_of_room(halt))
            };
            steps.tell(&step.name, &command, work).await?;
        }
        Ok(())
    }

    async fn artifacts(
        &self,
        steps: &mut Steps,
        patterns: &[String],
        except: Option<&'static Path>,
    ) -> Result<(), Halt> {
        if patterns.is_empty() {
            return Ok(());
        }
        let command = format!("collect {}", patterns.join(" "));
        let work = async {
            let (source, wanted) = (self.workspace.source(), patterns.to_vec());
            let masks = self.stage.spool.masks().clone();
            let collected = tokio::task::spawn_blocking(move || collect(&source, &wanted, except, &masks));
            let Collection { found, skipped } = collected.await.map_err(std::io::Error::other)??;
            for one in skipped {
                self.stage.spool.say(&format!("[oore] left out: {one}"))?;
            }
            if found.is_empty() {
                let message = format!("no file matches the artifact patterns {}", patterns.join(", "));
                return Err(Failure::new(FailureReason::NoArtifacts, message).into());
            }
            upload(self.client, self.stage, self.workspace, &found).await
        };
        steps.tell("artifacts", &command, work).await
    }

    /// Puts a failure outside of any step into the log.
    fn told<T>(&self, result: Result<T, Halt>) -> Result<T, Halt> {
        if let Err(Halt::Failed(failure)) = &result {
            for line in failure.message.lines() {
                self.stage.spool.say(&format!("[oore] {line}"))?;
            }
        }
        result
    }

    /// A program that fails on a full disk failed because of the disk.
    fn for_want_of_room(&self, halt: Halt) -> Halt {
        let full = platform::free_disk(&self.workspace.source()).is_ok_and(|free| free < NO_ROOM);
        match halt {
            Halt::Failed(failure) if full => Failure::disk_full().with_exit_code(failure.exit_code).into(),
            Halt::Failed(_) | Halt::Stopped(_) => halt,
        }
    }
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
