//! `oore run`: the pipeline of the current folder, run in that folder by the executor of builds, without a
//! daemon. It looks at the files as they are, also at those that are not committed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anstyle::Style;
use clap::Args;

use super::failure::{Exit, Failure};
use super::pipeline::{invalid, list, read};
use super::screen::Screen;
use crate::config::FvmSettings;
use crate::domain::matrix::Combination;
use crate::domain::spec::BuildPlatform;
use crate::pipeline::matrix::{self, Picked};
use crate::pipeline::parse::DEFAULT_FILES;
use crate::pipeline::plan::{self, Choice, Plan, plan_file};
use crate::runner::local::{self, End, Told, Wanted};

#[derive(Debug, Args)]
pub struct Run {
    /// The pipeline's file [default: .oore.yaml or .oore.yml]
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Only this platform; can be repeated.
    #[arg(long = "platform", value_name = "PLATFORM")]
    platforms: Vec<BuildPlatform>,
    /// The value of an input; can be repeated.
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = pair)]
    inputs: Vec<(String, String)>,
    /// Only combinations of the matrix with this value; can be repeated.
    #[arg(long = "matrix", value_name = "AXIS=VALUE", value_parser = pair)]
    matrix: Vec<(String, String)>,
    /// Only this step, whatever its condition; can be repeated. No artifacts are looked for.
    #[arg(long = "step", value_name = "NAME")]
    steps: Vec<String>,
    /// Begin with this step; those before it are skipped.
    #[arg(long, value_name = "NAME", conflicts_with = "steps")]
    from: Option<String>,
    #[command(flatten)]
    fvm: FvmSettings,
}

pub fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub async fn run(run: Run) -> anyhow::Result<()> {
    let fvm = run.fvm.clone();
    let plans = run.plans()?;
    let folder = std::fs::canonicalize(".")?;
    let branch = git(&folder, &["symbolic-ref", "--quiet", "--short", "HEAD"]);
    let commit = git(&folder, &["rev-parse", "--verify", "--quiet", "HEAD"]);
    let mut failures = Vec::new();
    for plan in plans {
        let mut screen = Screen::default();
        let name = combination(&plan.matrix);
        if let Some(name) = &name {
            screen.heading(Style::new(), name, "");
        }
        let wanted = Wanted {
            folder: folder.clone(),
            plan,
            branch: branch.clone(),
            commit: commit.clone(),
            fvm: fvm.clone(),
        };
        match local::run(wanted, move |told| show(&mut screen, told)).await? {
            End::Succeeded => {}
            End::Failed(why) => failures.push(name.map_or(why.clone(), |name| format!("{name}: {why}"))),
            End::Interrupted => return Err(Failure::new(Exit::Interrupted, "interrupted").into()),
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::failed(failures.join("\n")).into()) }
}

/// What a combination of a matrix is called: `flavor=prod platform=ios`.
fn combination(matrix: &Combination) -> Option<String> {
    let each: Vec<String> = matrix.iter().map(|(axis, value)| format!("{axis}={value}")).collect();
    (!each.is_empty()).then(|| each.join(" "))
}

impl Run {
    /// One plan, or one for each combination of the matrix.
    fn plans(self) -> anyhow::Result<Vec<Plan>> {
        let present = || DEFAULT_FILES.map(Path::new).into_iter().find(|path| path.exists());
        let Some(path) = self.file.or_else(|| present().map(Path::to_owned)) else {
            let missing = Failure::usage(format!("there is no {} here", DEFAULT_FILES[0]));
            return Err(missing
                .hint("Change to the folder of the pipeline, or name its file with --file.")
                .into());
        };
        let file = read(&path)?.map_err(|found| {
            list(&path, &found);
            invalid(Exit::Usage, &path, &found)
        })?;
        let inputs: BTreeMap<String, String> = self.inputs.into_iter().collect();
        let mut picked = Picked::new();
        for (axis, value) in self.matrix {
            picked.entry(axis).or_default().push(value);
        }
        let combinations = matrix::pick(file.matrix(), &picked, &self.platforms)
            .map_err(|wrong| Failure::usage(plan::sentence(&wrong)))?;
        let plan = |matrix: &Combination| {
            let choice = Choice { platforms: &self.platforms, inputs: &inputs, matrix };
            let plan = plan_file(&file, choice).map_err(Failure::usage)?;
            match &self.from {
                _ if !self.steps.is_empty() => only(plan, &self.steps),
                Some(step) => Ok(plan.beginning_with(step).map_err(Failure::usage)?),
                None => Ok(plan),
            }
        };
        combinations.iter().map(plan).collect()
    }
}

/// The plan with nothing but some of its steps.
fn only(mut plan: Plan, names: &[String]) -> anyhow::Result<Plan> {
    let known: Vec<String> = plan.steps.iter().map(|step| step.name.clone()).collect();
    if let Some(missing) = names.iter().find(|name| !known.contains(name)) {
        let missing = Failure::usage(format!("there is no step '{missing}'"));
        return Err(missing.hint(format!("The steps are: {}", known.join(", "))).into());
    }
    plan.steps.retain(|step| names.contains(&step.name));
    plan.steps.iter_mut().for_each(|step| step.condition = None);
    plan.artifact_patterns.clear();
    Ok(plan)
}

/// What git says about the folder, if it is a repository.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let done = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
    let said = String::from_utf8(done.stdout).ok()?.trim().to_owned();
    (done.status.success() && !said.is_empty()).then_some(said)
}

fn show(screen: &mut Screen, told: Told<'_>) {
    match told {
        Told::Output { content, newline } => screen.text(content, newline),
        Told::Begins { name } => screen.heading(Style::new(), &name, ""),
        Told::Ends { name, status, exit_code } => screen.end(&name, status, exit_code),
    }
}
