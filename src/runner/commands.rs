//! The steps that a plan names, in order: which of them run, which are skipped and why, and what the
//! failure of one means for the others. Where the plan came from and what is kept is not its business.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::defines::Defines;
use super::environment::Environment;
use super::halt::{Failure, Halt};
use super::limits::{Exceeded, ran_out_of_files};
use super::process::{Script, Stage};
use super::protocol::ClaimedJob;
use super::steps::{Steps, verdict};
use super::variables::Variables;
use crate::domain::failure::FailureReason;
use crate::pipeline::expression::Facts;
use crate::pipeline::plan::{Plan, PlannedStep};

/// Where the steps run and what they are told.
pub struct Commands<'a> {
    pub stage: &'a Stage,
    /// The checkout.
    pub source: &'a Path,
    /// Where steps leave reports of their tests.
    pub reports: &'a Path,
    pub job: &'a ClaimedJob,
    /// What started the build, for conditions.
    pub trigger: &'a str,
    /// Programs that hide others of the same name.
    pub programs: Option<&'a Path>,
    /// The variables that the daemon keeps; they replace those of the file.
    pub kept: &'a Variables,
    pub defines: &'a Defines,
    /// Variables that say where restored caches are.
    pub caches: &'a [(&'static str, PathBuf)],
}

/// What a step finds around it.
struct Surroundings {
    command: String,
    variables: Variables,
    environment: Environment,
}

impl Commands<'_> {
    /// Runs the steps. A failure that no step tolerates is the end of the build, when those that run all
    /// the same have done so; a stop is the end at once.
    pub async fn run(&self, steps: &mut Steps, plan: &Plan) -> Result<(), Halt> {
        let mut failure: Option<Halt> = None;
        for (index, step) in plan.steps.iter().enumerate() {
            if failure.is_some() && !plan.tells_skipped {
                break;
            }
            let around = self.surroundings(plan, step);
            let left_out = plan.reason_to_leave_out(index);
            if let Some(why) =
                left_out.or_else(|| self.reason_to_skip(plan, step, &around, failure.is_some()))
            {
                steps.skip(&step.name, &around.command, &why)?;
                continue;
            }
            match steps.tell(&step.name, &around.command, self.step(step, &around)).await {
                Ok(()) => {}
                Err(Halt::Failed(_)) if step.continue_on_error => {
                    self.stage.spool.say("[oore] the build goes on: this step may fail")?;
                    steps.tolerate_last();
                }
                Err(halt @ Halt::Failed(_)) => {
                    failure.get_or_insert(halt);
                }
                Err(halt @ Halt::Stopped(_)) => return Err(halt),
            }
        }
        failure.map_or(Ok(()), Err)
    }

    fn surroundings(&self, plan: &Plan, step: &PlannedStep) -> Surroundings {
        let variables = self.kept.beside(&[&plan.env[..], &step.env[..]].concat());
        let tag = self.stage.tree.tag();
        let mut environment = Environment::of_steps(tag, &variables, self.job, self.source, self.programs);
        environment.set("OORE_STEP", &step.name);
        environment.set("OORE_REPORTS", self.reports);
        for (name, folder) in self.caches {
            environment.set(name, folder);
        }
        for (name, value) in &plan.inputs {
            environment.set(format!("OORE_INPUT_{}", name.to_ascii_uppercase()), value);
        }
        for (axis, value) in &plan.matrix {
            environment.set(format!("OORE_MATRIX_{}", axis.to_ascii_uppercase()), value);
        }
        let platforms: Vec<&str> = plan.platforms.iter().map(|platform| platform.as_str()).collect();
        environment.set("OORE_PLATFORMS", platforms.join(" "));
        Surroundings { command: self.defines.command(step), variables, environment }
    }

    fn reason_to_skip(
        &self,
        plan: &Plan,
        step: &PlannedStep,
        around: &Surroundings,
        failed: bool,
    ) -> Option<String> {
        let too_late = failed.then(|| "an earlier step failed".to_owned());
        let Some(condition) = &step.condition else { return too_late };
        let lossy = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
        let variables: BTreeMap<String, String> =
            around.environment.iter().map(|(name, value)| (lossy(name), lossy(value))).collect();
        let facts = Facts {
            failed,
            branch: self.job.branch.as_deref().unwrap_or_default(),
            trigger: self.trigger,
            platforms: &plan.platforms,
            inputs: &plan.inputs,
            matrix: &plan.matrix,
            variables: &variables,
        };
        if condition.holds(&facts) {
            return None;
        }
        let unmet = || format!("its condition is not met: {}", condition.text());
        Some(too_late.filter(|_| !condition.asks_for_status()).unwrap_or_else(unmet))
    }

    async fn step(&self, step: &PlannedStep, around: &Surroundings) -> Result<(), Halt> {
        let mut lines = vec![format!("$ {}", around.command.trim_end())];
        lines.extend(around.variables.shown());
        self.stage.spool.say(&lines.join("\n"))?;
        let folder = self.folder(step)?;
        let script = Script {
            text: &around.command,
            stops_at_first_error: step.stops_at_first_error,
            limit: step.timeout,
        };
        let begin = self.stage.spool.watch().borrow().bytes;
        let ended = self.stage.script(script, &folder, &around.environment).await?;
        verdict(&step.name, ended)
            .map_err(|halt| self.for_want_of_files(halt, begin).for_want_of_room(self.source))
    }

    /// A program that can't open another file fails with an error of its own.
    fn for_want_of_files(&self, halt: Halt, begin: u64) -> Halt {
        let is_limited = self.stage.tree.limits().open_files.is_some();
        match halt {
            Halt::Failed(failure)
                if is_limited
                    && failure.reason == FailureReason::StepFailed
                    && ran_out_of_files(self.stage.spool.path(), begin) =>
            {
                let message = format!("{}: {}", failure.message, Exceeded::OpenFiles.sentence());
                Failure { reason: FailureReason::ResourceLimit, message, ..failure }.into()
            }
            Halt::Failed(_) | Halt::Stopped(_) => halt,
        }
    }

    /// Where the step runs. Steps before it can have put anything there, also a link to elsewhere.
    fn folder(&self, step: &PlannedStep) -> Result<PathBuf, Halt> {
        let Some(wanted) = &step.working_directory else { return Ok(self.source.to_owned()) };
        let refused = |why: &str| -> Halt {
            let message = format!("the working_directory '{wanted}' of step {} {why}", step.name);
            Failure::new(FailureReason::InvalidConfig, message).into()
        };
        let root = self.source.canonicalize()?;
        let folder = root.join(wanted).canonicalize().map_err(|_| refused("does not exist"))?;
        match folder {
            folder if !folder.starts_with(&root) => Err(refused("leads out of the repository")),
            folder if !folder.is_dir() => Err(refused("is not a folder")),
            folder => Ok(folder),
        }
    }
}
