//! What a build of a configuration does, for somebody who writes it: its wire types, and how they are made of a plan.

use serde::Serialize;
use utoipa::ToSchema;

use crate::builds::fit::Fit;
use crate::domain::label;
use crate::domain::matrix::PLATFORM;
use crate::domain::runner::RunnerStatus;
use crate::domain::spec::{BuildPlatform, PipelineExecutionConfig};
use crate::domain::step::PARTS;
use crate::pipeline::parse::PipelineFile;
use crate::pipeline::plan::{self, Origin, Plan};

/// What a build does, as far as nobody has chosen from what the configuration offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct PipelinePlan {
    pub platforms: Vec<BuildPlatform>,
    /// In their order and by their names in the log; with those that every build has by itself.
    pub steps: Vec<PlanStep>,
    /// Labels that a runner must offer. A matrix over platforms asks for more in some of its builds.
    pub requirements: Vec<String>,
    /// How many builds one trigger makes: as many as the matrix has combinations.
    pub builds: usize,
    /// How long builds of the pipeline usually run; absent if too few passed, and with a matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_ms: Option<i64>,
    /// Who could take such a build, first those that would; only for those who may see runners, and 50 at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runners: Option<Vec<PlanRunner>>,
}

/// A runner, and what it lacks for a build.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanRunner {
    pub id: String,
    pub name: String,
    pub status: RunnerStatus,
    /// The labels it does not offer; empty if it fits.
    pub missing: Vec<String>,
}

impl From<Fit> for PlanRunner {
    fn from(fit: Fit) -> Self {
        Self { id: fit.id.to_string(), name: fit.name, status: fit.status, missing: fit.missing }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PlanStep {
    pub name: String,
    /// Absent of what every build does by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Without one it runs while nothing has failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

impl PlanStep {
    fn own(name: &str) -> Self {
        Self { name: name.to_owned(), command: None, condition: None }
    }
}

impl PipelinePlan {
    /// Of a repository's file; `labels` are those that the pipeline asks for.
    pub fn of_file(file: &PipelineFile, labels: &[String]) -> Option<Self> {
        let mut labels = labels.to_vec();
        let needs_ours = match file {
            PipelineFile::V1(_) => false,
            PipelineFile::V2(_) => true,
        };
        labels.extend(needs_ours.then(label::own_protocol));
        let plan = plan::outline(file).ok()?;
        let matrix = file.matrix();
        let differs =
            matrix.is_some_and(|matrix| matrix.combinations.iter().any(|one| one.contains_key(PLATFORM)));
        let common = if differs { &[][..] } else { &plan.platforms };
        let requirements = label::requirements(common, &labels);
        Some(Self::new(&plan, requirements, matrix.map_or(1, |matrix| matrix.combinations.len())))
    }

    /// Of settings that are kept with the pipeline.
    pub fn of_settings(config: &PipelineExecutionConfig, labels: &[String]) -> Option<Self> {
        let plan = plan::plan(config, Origin::Ui, &[]).ok()?;
        let requirements = label::requirements(&plan.platforms, labels);
        Some(Self::new(&plan, requirements, 1))
    }

    fn new(plan: &Plan, requirements: Vec<String>, builds: usize) -> Self {
        let [checkout, restore, flutter, artifacts, save] = PARTS;
        let own = |name: &str, is_there: bool| is_there.then(|| PlanStep::own(name));
        let mut steps = vec![PlanStep::own(checkout)];
        steps.extend(own(restore, !plan.caches.is_empty()));
        steps.extend(own(flutter, plan.needs_flutter()));
        steps.extend(plan.steps.iter().map(|step| PlanStep {
            name: step.name.clone(),
            command: Some(step.command.clone()),
            condition: step.condition.as_ref().map(|condition| condition.text().to_owned()),
        }));
        steps.extend(own(artifacts, !plan.artifact_patterns.is_empty()));
        steps.extend(own(save, !plan.caches.is_empty()));
        let platforms = plan.platforms.clone();
        Self { platforms, steps, requirements, builds, usual_ms: None, runners: None }
    }
}
