//! The keys of `version: 2`: the file as a whole, variables, and rules for builds that run at the same time.
//! What people enter for a build is in `inputs`, what it does in `steps`.

mod caches;
mod inputs;
mod matrix;
mod steps;
mod triggers;

pub use self::caches::{Cache, CacheKind};
pub use self::steps::Step;
use self::steps::Steps;
use super::parse::patterns;
use super::reader::{Field, Reader, joined};
use super::validate;
use super::yaml::{Node, Position, Value};
use crate::domain::input::Input;
use crate::domain::matrix::Matrix;
use crate::domain::spec::{BuildPlatform, ConcurrencyPolicy, PipelineEnvVar};
use crate::domain::trigger::TriggerRules;

const MAX_NAME_CHARS: usize = 64;

const TOP_KEYS: &[&str] = &[
    "version",
    "platforms",
    "flutter_version",
    "env",
    "inputs",
    "matrix",
    "triggers",
    "concurrency",
    "caches",
    "steps",
    "artifacts",
];

/// What a file of version 2 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    pub platforms: Vec<BuildPlatform>,
    pub flutter_version: Option<String>,
    pub env: Vec<PipelineEnvVar>,
    pub inputs: Vec<Input>,
    /// With it one trigger makes several builds.
    pub matrix: Option<Matrix>,
    /// Replaces the pipeline's settings as a whole.
    pub triggers: Option<TriggerRules>,
    /// Replaces the pipeline's settings as a whole.
    pub concurrency: Option<ConcurrencyPolicy>,
    pub caches: Vec<Cache>,
    pub steps: Vec<Step>,
    pub artifact_patterns: Vec<String>,
}

/// Reads the tree of a file; `source` is its text.
pub(super) fn read(reader: &mut Reader, root: &Node, source: &str) -> Workflow {
    let keys = reader.map(&Field::root(root), TOP_KEYS);
    let platforms = reader.platforms(keys.get("platforms"));
    let flutter_version = keys.get("flutter_version").and_then(|field| reader.text(&field));
    let env = env(reader, keys.get("env"));
    let inputs = inputs::read(reader, keys.get("inputs"));
    let matrix = keys.get("matrix").and_then(|field| matrix::read(reader, &field, &platforms));
    let triggers = keys.get("triggers").map(|field| triggers::read(reader, &field));
    let concurrency = keys.get("concurrency").map(|field| concurrency(reader, &field));
    let caches = caches::read(reader, keys.get("caches"));
    let steps = match keys.get("steps") {
        Some(field) => Steps { source, inputs: &inputs, matrix: matrix.as_ref() }.read(reader, field),
        None => {
            let top = Position { line: 1, column: 1 };
            reader.suggest(top, "steps is missing", "list at least one step with name and run");
            Vec::new()
        }
    };
    let artifact_patterns = patterns(reader, &keys, &platforms);
    let mut broken = Vec::new();
    validate::platforms(&platforms, &mut broken);
    broken.extend(flutter_version.as_deref().and_then(validate::flutter_version));
    broken.extend(concurrency.as_ref().map(validate::concurrency).unwrap_or_default());
    validate::patterns(&artifact_patterns, &mut broken);
    broken.into_iter().for_each(|rule| reader.broken_rule(rule));
    Workflow {
        platforms,
        flutter_version,
        env,
        inputs,
        matrix,
        triggers,
        concurrency,
        caches,
        steps,
        artifact_patterns,
    }
}

/// Variables as a mapping of names to values.
fn env(reader: &mut Reader, field: Option<Field<'_>>) -> Vec<PipelineEnvVar> {
    let Some(field) = field else { return Vec::new() };
    let entries = reader.entries(&field);
    if entries.len() > validate::MAX_VARIABLES {
        let message = format!("{}: at most {} variables", field.path, validate::MAX_VARIABLES);
        reader.say(field.node.at, message);
    }
    let mut variables = Vec::new();
    for (key, node) in entries {
        let path = joined(&field.path, &key.name);
        if let Err(why) = validate::variable_name(&key.name) {
            reader.say(key.at, format!("{path}: {why}"));
        }
        let value = reader.read(Some(Field { node, path: path.clone() }), |text| {
            validate::variable_value(text).map(|()| text.to_owned())
        });
        if node.value == Value::Null {
            reader.suggest(node.at, format!("{path}: has no value"), "write '' for an empty text");
        }
        variables.push(PipelineEnvVar { key: key.name.clone(), value: value.unwrap_or_default() });
    }
    variables
}

fn concurrency(reader: &mut Reader, field: &Field<'_>) -> ConcurrencyPolicy {
    let keys = reader.map(field, &["cancel_previous", "max_concurrent"]);
    ConcurrencyPolicy {
        cancel_previous: reader.read(keys.get("cancel_previous"), boolean).unwrap_or(false),
        max_concurrent: reader.read(keys.get("max_concurrent"), |text| {
            text.parse().map_err(|_| "must be a whole number".to_owned())
        }),
    }
}

/// What conditions and steps call by its name.
fn lower_name(text: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let fits = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain);
    if fits && text.len() <= MAX_NAME_CHARS {
        return Ok(());
    }
    Err(format!("must match [a-z][a-z0-9_]* with at most {MAX_NAME_CHARS} characters"))
}

fn boolean(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::parse::{PipelineFile, parse};
    use super::*;
    use crate::domain::input::InputType;
    use crate::domain::trigger::{Schedule, TriggerEvent};

    const FULL: &str = "\
version: 2
platforms: [android, ios]
flutter_version: 3.35.1
env:
  CHANNEL: beta
  RETRIES: 3
inputs:
  - name: flavor
    type: choice
    options: [dev, prod]
    default: dev
    description: Which app
  - {name: notes, type: string, required: true}
matrix:
  flavor: [dev, prod]
  platform: [android, ios]
  exclude: [{flavor: dev, platform: ios}]
  include:
    - {flavor: beta, platform: android}
triggers:
  events: [push, tag_push]
  branches: [main, 'release/*']
  tags: ['v*']
  paths_ignore: ['docs/**']
  schedule:
    - cron: 30 3 * * MON-FRI
      timezone: Europe/Rome
  skip_ci: false
concurrency:
  cancel_previous: true
  max_concurrent: 2
steps:
  - name: Unit tests
    run: |
      flutter test
      echo done
    timeout: 15m
    env: {LEVEL: 2}
  - name: Report
    run: ./report.sh
    if: always() && inputs.flavor == 'prod' && matrix.flavor != 'dev'
    continue_on_error: true
    working_directory: tools/report
artifacts:
  patterns: [out/*]
";

    fn workflow(text: &str) -> Workflow {
        match parse(text).unwrap() {
            PipelineFile::V2(workflow) => workflow,
            PipelineFile::V1(config) => panic!("{config:?}"),
        }
    }

    fn complaints(text: &str) -> Vec<String> {
        parse(text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    /// The complaints about a file with this step, from line 5 on.
    fn about_step(step: &str) -> Vec<String> {
        complaints(&format!("version: 2\nplatforms: [android]\nsteps:\n  - name: A\n    {step}\n"))
    }

    #[test]
    fn a_complete_file_is_read() {
        let read = workflow(FULL);
        assert_eq!(read.env[1], PipelineEnvVar { key: "RETRIES".into(), value: "3".into() });
        assert_eq!(
            read.concurrency,
            Some(ConcurrencyPolicy { cancel_previous: true, max_concurrent: Some(2) })
        );
        let combinations = read.matrix.unwrap().combinations;
        let shown: Vec<String> =
            combinations.iter().map(|one| format!("{} {}", one["flavor"], one["platform"])).collect();
        assert_eq!(shown, ["dev android", "prod android", "prod ios", "beta android"]);
        let triggers = read.triggers.unwrap();
        assert_eq!(triggers.events, [TriggerEvent::Push, TriggerEvent::TagPush]);
        assert_eq!((triggers.branches.len(), triggers.tags.len(), triggers.skip_ci), (2, 1, false));
        assert_eq!((triggers.paths.len(), triggers.paths_ignore.len()), (0, 1));
        let zone = Some("Europe/Rome".to_owned());
        assert_eq!(
            triggers.schedule,
            [Schedule { cron: "30 3 * * MON-FRI".into(), timezone: zone, branch: None }]
        );
        assert_eq!(read.inputs[0].default.as_deref(), Some("dev"));
        assert!(read.inputs[1].required && read.inputs[1].kind == InputType::String);
        assert_eq!(read.steps[0].run, "flutter test\necho done\n");
        assert_eq!(read.steps[0].timeout, Some(Duration::from_secs(900)));
        assert_eq!(read.steps[0].env[0].value, "2");
        assert!(read.steps[1].continue_on_error && read.steps[1].condition.is_some());
        assert_eq!(read.steps[1].working_directory.as_deref(), Some("tools/report"));
    }

    #[test]
    fn a_minimal_file_has_the_patterns_of_its_platforms() {
        let read = workflow("version: 2\nplatforms: [ios]\nsteps:\n  - {name: A, run: make}\n");
        assert_eq!(read.artifact_patterns, ["build/ios/ipa/*.ipa"]);
        assert_eq!((read.concurrency, read.triggers, read.steps[0].timeout), (None, None, None));
    }

    #[test]
    fn unknown_keys_and_missing_ones_are_named_with_their_place() {
        let text = "version: 2\nplatform: [android]\nbuilds: {}\nsteps:\n  - nmae: A\n    run: make\ninputs:\n  \
                    - {name: a, typ: string}\nconcurrency: {max: 2}\n";
        assert_eq!(
            complaints(text),
            [
                "line 2, column 1: platform: unknown key; did you mean 'platforms'?",
                "line 3, column 1: builds: unknown key; known here: version, platforms, flutter_version, env, \
                 inputs, matrix, triggers, concurrency, caches, steps, artifacts",
                "line 8, column 15: inputs[0].typ: unknown key; did you mean 'type'?",
                "line 8, column 5: inputs[0].type is missing",
                "line 9, column 15: concurrency.max: unknown key; known here: cancel_previous, max_concurrent",
                "line 5, column 5: steps[0].nmae: unknown key; did you mean 'name'?",
                "line 5, column 5: steps[0].name is missing",
                "line 1, column 1: platforms: name at least one platform",
            ]
        );
        assert!(complaints("version: 2\nplatforms: [ios]\n")[0].contains("steps is missing"));
        assert!(complaints("version: 2\nplatforms: [ios]\nsteps: []\n")[0].contains("steps: there are none"));
    }

    #[test]
    fn version_1_keys_are_not_those_of_version_2() {
        let text = "version: 2\nplatforms: [ios]\ncommands: {build: [make]}\nsteps: [{name: A, run: make}]\n";
        assert!(complaints(text)[0].starts_with("line 3, column 1: commands: unknown key"));
        let text = "version: 1\nplatforms: [ios]\nsteps: [{name: A, run: make}]\n";
        assert!(complaints(text)[0].starts_with("line 3, column 1: steps: unknown key"));
    }

    #[test]
    fn a_condition_is_wrong_at_its_own_column() {
        for (step, expected) in [
            (
                "if: branch = 'main'",
                "line 5, column 16: steps[0].if: '=' is not expected here; compare with ==",
            ),
            ("if: \"(branch == 'x'\"", "line 5, column 24: steps[0].if: ')' is missing"),
            (
                "if: inputs.flavor == 'prod'",
                "line 5, column 9: steps[0].if: there is no input 'flavor'; declare it under 'inputs'",
            ),
            ("if: ''", "line 5, column 9: steps[0].if: the condition is not complete"),
        ] {
            let found = about_step(&format!("{step}\n    run: make"));
            assert_eq!(found, [expected], "{step}");
        }
    }

    #[test]
    fn every_value_has_its_bounds() {
        for (step, why) in [
            ("run: ''", "steps[0].run: must not be blank"),
            ("run: make\n    timeout: 90", "steps[0].timeout: must be a time"),
            ("run: make\n    timeout: 0s", "steps[0].timeout: must be a time"),
            ("run: make\n    timeout: 25h", "steps[0].timeout: must be a time"),
            ("run: make\n    timeout: +5m", "steps[0].timeout: must be a time"),
            ("run: make\n    timeout: 5ü", "steps[0].timeout: must be a time"),
            ("run: make\n    continue_on_error: maybe", "steps[0].continue_on_error: must be true or false"),
            ("run: make\n    working_directory: ../x", "steps[0].working_directory: must be a folder inside"),
            ("run: make\n    working_directory: /tmp", "steps[0].working_directory: must be a folder inside"),
            ("run: make\n    env: {OORE_X: a}", "steps[0].env.OORE_X: names that begin with OORE_"),
            ("run: make\n    env: {A: }", "steps[0].env.A: has no value"),
            ("run: make\n    env: [A]", "steps[0].env: must be a mapping"),
            ("run: [make]", "steps[0].run: must be a text"),
            ("run: make\n  - {name: A, run: make}", "steps[1].name: 'A' is used twice"),
            ("run: make\n  - {name: checkout, run: make}", "steps[1].name: 'checkout' is a part of every"),
        ] {
            let found = about_step(step);
            assert!(found.len() == 1 && found[0].contains(why), "{step}: {found:?}");
        }
    }

    #[test]
    fn inputs_are_complete_and_fit_their_type() {
        for (input, why) in [
            ("{name: A, type: string}", "inputs[0].name: must match [a-z]"),
            ("{name: a, type: text}", "'text' is no type of input"),
            ("{name: a, type: choice}", "inputs[0].options: a choice needs its options"),
            ("{name: a, type: choice, options: [x, x]}", "inputs[0].options: an option is named twice"),
            ("{name: a, type: string, options: [x]}", "inputs[0].options: only a choice has options"),
            ("{name: a, type: choice, options: [x], default: y}", "inputs[0].default: must be one of x"),
            ("{name: a, type: boolean, default: 1}", "inputs[0].default: must be true or false"),
            ("{name: a, type: number, default: x}", "inputs[0].default: must be a number"),
            ("{name: a, type: string, required: true, default: x}", "inputs[0].default: an input that is"),
        ] {
            let text = format!(
                "version: 2\nplatforms: [ios]\ninputs:\n  - {input}\nsteps: [{{name: A, run: make}}]\n"
            );
            let found = complaints(&text);
            assert!(found.len() == 1 && found[0].contains(why), "{input}: {found:?}");
        }
    }

    #[test]
    fn a_matrix_names_values_that_can_be_built() {
        let many = (0..17).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
        for (matrix, why) in [
            ("{A: [x]}", "matrix.A: an axis must match [a-z]"),
            ("{a: []}", "matrix.a: has no values"),
            ("{a: x}", "matrix.a: must be a list"),
            ("{a: [x, x]}", "matrix.a[1]: 'x' is listed twice"),
            ("{platform: [android]}", "matrix.platform[0]: 'android' is not under platforms"),
            ("{flutter_version: [--help]}", "matrix.flutter_version[0]: is no Flutter version"),
            (&format!("{{a: [{many}], b: [{many}]}}"), "matrix: at most 256 combinations"),
            ("{include: [{a: x}]}", "matrix: names no axis"),
            (
                "{flavor: [x], exclude: [{flavour: x}]}",
                "matrix.exclude[0].flavour: is no axis; did you mean 'flavor'?",
            ),
            ("{a: [one, two], exclude: [{a: tow}]}", "matrix.exclude[0].a: 'tow' is no value of the axis"),
            ("{a: [x], exclude: [{a: x}]}", "matrix: no combination is left"),
            ("{a: [x], b: [y], include: [{a: z}]}", "matrix.include[0].b: is missing"),
            ("{a: [x], include: [{a: x}]}", "matrix.include[0]: is a combination already"),
            ("{a: [x], exclude: [{}]}", "matrix.exclude[0]: names no axis"),
        ] {
            let text =
                format!("version: 2\nplatforms: [ios]\nmatrix: {matrix}\nsteps: [{{name: A, run: make}}]\n");
            let found = complaints(&text);
            assert!(found.len() == 1 && found[0].contains(why), "{matrix}: {found:?}");
        }
        let found = about_step("if: matrix.flavor == 'x'\n    run: make");
        assert!(found[0].contains("there is no axis 'flavor'; declare it under 'matrix'"), "{found:?}");
    }

    #[test]
    fn triggers_name_events_and_times_there_are() {
        for (triggers, why) in [
            ("{events: [merge]}", "triggers.events[0]: 'merge' is no event; known here: push,"),
            ("{events: [pul_request]}", "did you mean 'pull_request'?"),
            ("{events: [push, push]}", "triggers.events[1]: 'push' is listed twice"),
            ("{events: [push], branches: ['']}", "triggers.branches[0]: must not be blank"),
            ("{events: [push], paths: ['[']}", "triggers.paths[0]: is not a valid pattern"),
            ("{events: [push], paths: ['!docs/**']}", "triggers.paths[0]: a pattern can't be negated"),
            ("{branches: [main]}", "triggers.branches: filters no event that is listed"),
            ("{events: [push], tags: ['v*']}", "list tag_push under triggers.events"),
            ("{schedule: [{timezone: UTC}]}", "triggers.schedule[0].cron is missing"),
            ("{schedule: [{cron: '@daily'}]}", "triggers.schedule[0].cron: must have five fields"),
            ("{schedule: [{cron: 0 0 30 2 *}]}", "triggers.schedule[0].cron: never comes"),
            (
                "{schedule: [{cron: 0 0 * * *, timezone: Rome}]}",
                "schedule[0].timezone: 'Rome' is no time zone",
            ),
            ("{skip_ci: maybe}", "triggers.skip_ci: must be true or false"),
        ] {
            let text = format!(
                "version: 2\nplatforms: [ios]\ntriggers: {triggers}\nsteps: [{{name: A, run: make}}]\n"
            );
            let found = complaints(&text);
            assert!(found.len() == 1 && found[0].contains(why), "{triggers}: {found:?}");
        }
    }

    proptest! {
        #[test]
        fn changed_files_never_panic(cut in 0..FULL.len(), insert in "[ \\-:a-z\\[\\]{}&*'\"()=!|ü\n]{0,6}") {
            let mut text = FULL.to_owned();
            text.insert_str(cut, &insert);
            if let Err(found) = parse(&text) {
                prop_assert!(!found.is_empty());
            }
        }
    }
}
