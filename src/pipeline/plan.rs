//! From a configuration to the steps of a build: which commands run, in which order, under which
//! names, and whether Flutter is needed. It decides; it runs nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use super::expression::Condition;
use super::inputs;
use super::parse::PipelineFile;
use super::version2::{Cache, Step, Workflow};
use crate::domain::matrix::{Combination, PLATFORM};
use crate::domain::spec::{BuildPlatform, PipelineEnvVar, PipelineExecutionConfig};
use crate::error::FieldError;

/// Where a configuration came from. A file's own build commands replace the platform defaults;
/// those entered in a form run before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    File,
    Ui,
}

/// What a build does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub platforms: Vec<BuildPlatform>,
    pub flutter_version: Option<String>,
    /// Variables of all steps.
    pub env: Vec<PipelineEnvVar>,
    /// The value of every input.
    pub inputs: BTreeMap<String, String>,
    pub caches: Vec<Cache>,
    /// The value of every axis; empty without a matrix.
    pub matrix: Combination,
    pub steps: Vec<PlannedStep>,
    pub artifact_patterns: Vec<String>,
    /// Whether steps that don't run are told of. What follows a failure in version 1 is not.
    pub tells_skipped: bool,
    /// Which step comes first; those before it have been done by another build.
    pub begins_with: usize,
}

impl Plan {
    /// Whether a command needs the `flutter` or `dart` tool.
    pub fn needs_flutter(&self) -> bool {
        self.steps.iter().any(|step| mentions_flutter(&step.command))
    }

    /// The folders below the checkout in which steps may run.
    pub fn folders(&self) -> Vec<String> {
        self.steps.iter().filter_map(|step| step.working_directory.clone()).collect()
    }

    /// The same plan without the steps before one.
    ///
    /// Errors with a sentence when there is no such step.
    pub fn beginning_with(self, name: &str) -> Result<Self, String> {
        let names: Vec<&str> = self.steps.iter().map(|step| step.name.as_str()).collect();
        match names.iter().position(|known| *known == name) {
            Some(begins_with) => Ok(Self { begins_with, ..self }),
            None => Err(format!("there is no step '{name}'; the steps are: {}", names.join(", "))),
        }
    }

    /// Why a step is not run whatever its condition is, if so.
    pub fn reason_to_leave_out(&self, index: usize) -> Option<String> {
        let first = self.steps.get(self.begins_with).filter(|_| index < self.begins_with)?;
        Some(format!("not run again (rerun from step {})", first.name))
    }
}

/// One command with the name it has in the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlannedStep {
    /// `pre_build-1`, `build-2`, `post_build-1` …, or the name in the file.
    pub name: String,
    pub command: String,
    /// Whether a `flutter build` in it gets the file of plain variables.
    pub takes_defines: bool,
    /// Whether a script ends at its first command that fails.
    pub stops_at_first_error: bool,
    /// Without one it runs while nothing has failed.
    pub condition: Option<Condition>,
    pub continue_on_error: bool,
    pub timeout: Option<Duration>,
    /// Below the checkout.
    pub working_directory: Option<String>,
    /// Variables of this step alone.
    pub env: Vec<PipelineEnvVar>,
}

/// What one build is of everything that a file offers.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// None selected means all of them.
    pub platforms: &'a [BuildPlatform],
    pub inputs: &'a BTreeMap<String, String>,
    /// Empty for a file without a matrix.
    pub matrix: &'a Combination,
}

/// Plans what a file says for one build.
///
/// Errors with a sentence when the choice makes no sense.
pub fn plan_file(file: &PipelineFile, choice: Choice<'_>) -> Result<Plan, String> {
    let inputs = inputs::resolve(file.inputs(), choice.inputs).map_err(|wrong| sentence(&wrong))?;
    match file {
        PipelineFile::V1(config) => plan(config, Origin::File, choice.platforms),
        PipelineFile::V2(workflow) => {
            let offered = workflow.matrix.as_ref().map(|matrix| &matrix.combinations[..]);
            if !offered.map_or(choice.matrix.is_empty(), |offered| offered.contains(choice.matrix)) {
                return Err("the pipeline's matrix has no such combination".to_owned());
            }
            let on = choice.matrix.get(PLATFORM).and_then(|name| name.parse().ok());
            let platforms = on.as_ref().map_or(choice.platforms, std::slice::from_ref);
            let plan = plan_workflow(workflow, available(&workflow.platforms, platforms)?);
            Ok(Plan { inputs, matrix: choice.matrix.clone(), ..plan })
        }
    }
}

/// Plans what a file says, as far as nobody has chosen from what it offers: all platforms, no inputs, no combination.
///
/// Errors with a sentence when nothing can be planned.
pub fn outline(file: &PipelineFile) -> Result<Plan, String> {
    match file {
        PipelineFile::V1(config) => plan(config, Origin::File, &[]),
        PipelineFile::V2(workflow) => Ok(plan_workflow(workflow, workflow.platforms.clone())),
    }
}

/// What is wrong, for a person.
pub fn sentence(wrong: &[FieldError]) -> String {
    let each = wrong.iter().map(|field| format!("{}: {}", field.field, field.message));
    each.collect::<Vec<_>>().join("\n")
}

fn plan_workflow(workflow: &Workflow, platforms: Vec<BuildPlatform>) -> Plan {
    let step = |step: &Step| PlannedStep {
        name: step.name.clone(),
        command: step.run.clone(),
        takes_defines: false,
        stops_at_first_error: true,
        condition: step.condition.clone(),
        continue_on_error: step.continue_on_error,
        timeout: step.timeout,
        working_directory: step.working_directory.clone(),
        env: step.env.clone(),
    };
    Plan {
        platforms,
        flutter_version: workflow.flutter_version.clone(),
        env: workflow.env.clone(),
        inputs: BTreeMap::new(),
        caches: workflow.caches.clone(),
        matrix: Combination::new(),
        steps: workflow.steps.iter().map(step).collect(),
        artifact_patterns: workflow.artifact_patterns.clone(),
        tells_skipped: true,
        begins_with: 0,
    }
}

/// Plans a version 1 configuration for the selected platforms; none selected means all of them.
///
/// Errors with a sentence when the selection makes no sense.
pub fn plan(
    config: &PipelineExecutionConfig,
    origin: Origin,
    selected: &[BuildPlatform],
) -> Result<Plan, String> {
    let platforms = chosen(config, origin, selected)?;
    let build = build_commands(config, origin, &platforms);
    let defaults_run = build.len() > config.commands.build.len() || config.commands.build.is_empty();
    let mut pre_build = config.commands.pre_build.clone();
    if pre_build.is_empty() && defaults_run {
        pre_build.push("flutter pub get".to_owned());
    }
    let stages =
        [("pre_build", pre_build), ("build", build), ("post_build", config.commands.post_build.clone())];
    let steps: Vec<PlannedStep> =
        stages.into_iter().flat_map(|(stage, commands)| named(stage, commands)).collect();
    Ok(Plan {
        platforms,
        flutter_version: config.flutter_version.clone(),
        env: config.env.clone(),
        inputs: BTreeMap::new(),
        caches: Vec::new(),
        matrix: Combination::new(),
        steps,
        artifact_patterns: config.artifact_patterns.clone(),
        tells_skipped: false,
        begins_with: 0,
    })
}

fn named(stage: &'static str, commands: Vec<String>) -> impl Iterator<Item = PlannedStep> {
    let name = move |(index, command)| {
        let name = format!("{stage}-{}", index + 1);
        PlannedStep { name, command, takes_defines: stage == "build", ..PlannedStep::default() }
    };
    commands.into_iter().enumerate().map(name)
}

fn chosen(
    config: &PipelineExecutionConfig,
    origin: Origin,
    selected: &[BuildPlatform],
) -> Result<Vec<BuildPlatform>, String> {
    let platforms = available(&config.platforms, selected)?;
    let partial = platforms.len() < config.platforms.len();
    if partial && origin == Origin::File && !config.commands.build.is_empty() {
        return Err("the pipeline's build commands are shared by its platforms: build all of them".to_owned());
    }
    Ok(platforms)
}

fn available(platforms: &[BuildPlatform], selected: &[BuildPlatform]) -> Result<Vec<BuildPlatform>, String> {
    if selected.is_empty() {
        return Ok(platforms.to_vec());
    }
    match selected.iter().find(|platform| !platforms.contains(platform)) {
        Some(missing) => Err(format!("the pipeline does not build for {missing}")),
        // In the file's order, each once.
        None => Ok(platforms.iter().copied().filter(|platform| selected.contains(platform)).collect()),
    }
}

fn build_commands(
    config: &PipelineExecutionConfig,
    origin: Origin,
    platforms: &[BuildPlatform],
) -> Vec<String> {
    let own = &config.commands.build;
    match origin {
        Origin::File if !own.is_empty() => own.clone(),
        Origin::File | Origin::Ui => {
            let defaults = platforms.iter().map(|platform| platform_command(config, *platform));
            own.iter().cloned().chain(defaults).collect()
        }
    }
}

fn platform_command(config: &PipelineExecutionConfig, platform: BuildPlatform) -> String {
    if let Some(command) = config.platform_commands.of(platform) {
        return command.to_owned();
    }
    let default = match platform {
        BuildPlatform::Android => "flutter build apk --release",
        BuildPlatform::Ios => "flutter build ios --release --no-codesign",
        BuildPlatform::Macos => "flutter build macos --release",
    };
    let arguments = config.platform_build_args.of(platform);
    std::iter::once(default).chain(arguments.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
}

fn mentions_flutter(command: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    command.split(|c| !word(c)).any(|part| matches!(part, "flutter" | "dart"))
}

/// What the platforms' default commands produce.
pub fn default_patterns(platforms: &[BuildPlatform]) -> Vec<String> {
    let of = |platform: &BuildPlatform| match platform {
        BuildPlatform::Android => {
            &["build/app/outputs/flutter-apk/*.apk", "build/app/outputs/bundle/**/*.aab"][..]
        }
        BuildPlatform::Ios => &["build/ios/ipa/*.ipa"][..],
        BuildPlatform::Macos => &["build/macos/Build/Products/Release/*.app"][..],
    };
    platforms.iter().flat_map(of).map(|pattern| (*pattern).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(build: &[&str]) -> PipelineExecutionConfig {
        let mut config = PipelineExecutionConfig::default();
        config.commands.build = build.iter().map(|command| (*command).to_owned()).collect();
        config
    }

    fn commands(plan: &Plan) -> Vec<(&str, &str)> {
        plan.steps.iter().map(|step| (step.name.as_str(), step.command.as_str())).collect()
    }

    #[test]
    fn without_commands_the_platform_defaults_run() {
        let plan = plan(&config(&[]), Origin::File, &[]).unwrap();
        let expected = [("pre_build-1", "flutter pub get"), ("build-1", "flutter build apk --release")];
        assert_eq!(commands(&plan), expected);
        assert!(plan.needs_flutter());
    }

    #[test]
    fn a_files_build_commands_replace_the_defaults_and_a_forms_run_before_them() {
        let file = plan(&config(&["make"]), Origin::File, &[]).unwrap();
        assert_eq!(commands(&file), [("build-1", "make")]);
        assert!(!file.needs_flutter());
        let form = plan(&config(&["make"]), Origin::Ui, &[]).unwrap();
        assert_eq!(commands(&form)[1..], [("build-1", "make"), ("build-2", "flutter build apk --release")]);
    }

    #[test]
    fn arguments_are_appended_and_commands_replace() {
        let mut config = config(&[]);
        config.platforms = vec![BuildPlatform::Android, BuildPlatform::Ios];
        config.platform_build_args.android = vec!["--debug".to_owned()];
        config.platform_commands.ios = Some("make ios".to_owned());
        let plan = plan(&config, Origin::File, &[]).unwrap();
        assert_eq!(
            commands(&plan)[1..],
            [("build-1", "flutter build apk --release --debug"), ("build-2", "make ios")]
        );
    }

    #[test]
    fn a_part_of_the_platforms_can_be_built_unless_their_commands_are_shared() {
        let mut config = config(&[]);
        config.platforms = vec![BuildPlatform::Android, BuildPlatform::Ios];
        let plan_of = |config: &PipelineExecutionConfig, selected: &[BuildPlatform]| {
            plan(config, Origin::File, selected)
        };
        assert_eq!(plan_of(&config, &[BuildPlatform::Ios]).unwrap().steps.len(), 2);
        assert!(plan_of(&config, &[BuildPlatform::Macos]).is_err());
        config.commands.build = vec!["make".to_owned()];
        assert!(plan_of(&config, &[BuildPlatform::Ios]).is_err());
    }

    #[test]
    fn the_steps_of_a_file_are_planned_as_they_are_and_its_inputs_checked() {
        let text = "version: 2\nplatforms: [android, ios]\ninputs: [{name: a, type: string, required: true}]\n\
                    steps:\n  - {name: Test, run: flutter test, timeout: 5m}\n  - {name: Pack, run: make}\n";
        let file = super::super::parse::parse(text).unwrap();
        let given = BTreeMap::from([("a".to_owned(), "x".to_owned())]);
        let nothing = BTreeMap::new();
        let choice = Choice { platforms: &[BuildPlatform::Ios], inputs: &given, matrix: &nothing };
        let plan = plan_file(&file, choice).unwrap();
        assert_eq!(commands(&plan), [("Test", "flutter test"), ("Pack", "make")]);
        assert!(plan.needs_flutter() && plan.tells_skipped);
        assert_eq!((plan.platforms, plan.inputs), (vec![BuildPlatform::Ios], given.clone()));
        let elsewhere = Choice { platforms: &[BuildPlatform::Macos], ..choice };
        assert!(plan_file(&file, elsewhere).unwrap_err().contains("macos"));
        let unsaid = Choice { inputs: &nothing, ..choice };
        assert_eq!(plan_file(&file, unsaid).unwrap_err(), "inputs.a: must be given");
        let odd = BTreeMap::from([("flavor".to_owned(), "dev".to_owned())]);
        assert!(plan_file(&file, Choice { matrix: &odd, ..choice }).unwrap_err().contains("matrix"));
    }

    #[test]
    fn a_plan_can_begin_with_any_of_its_steps() {
        let plan = plan(&config(&[]), Origin::File, &[]).unwrap().beginning_with("build-1").unwrap();
        assert_eq!(plan.reason_to_leave_out(0).unwrap(), "not run again (rerun from step build-1)");
        assert_eq!(plan.reason_to_leave_out(1), None);
        let missing = plan.beginning_with("build-2").unwrap_err();
        assert_eq!(missing, "there is no step 'build-2'; the steps are: pre_build-1, build-1");
    }

    #[test]
    fn only_the_tool_itself_counts_as_flutter() {
        for (command, expected) in [
            ("flutter test", true),
            ("cd app && flutter build", true),
            ("dart run tool.dart", true),
            ("sh tool/flutter.sh", false),
            ("echo my-flutter-app", false),
        ] {
            assert_eq!(mentions_flutter(command), expected, "{command}");
        }
    }
}
