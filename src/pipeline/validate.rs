//! The rules about values of a pipeline, the same for forms, API and files. Every rule that is
//! broken is reported, with the path of the field.

use std::collections::HashSet;

use super::schedule::{self, Timetable};
use crate::domain::source::is_valid_ref;
use crate::domain::spec::{
    BuildPlatform, ConcurrencyPolicy, PipelineCommandStages, PipelineExecutionConfig, TriggerConfig,
};
use crate::domain::trigger::{Schedule, TriggerEvent};
use crate::domain::variable::{MAX_NAME_BYTES, RESERVED_PREFIX, is_name};
use crate::error::FieldError;

const MAX_COMMANDS: usize = 128;
const MAX_COMMAND_CHARS: usize = 2048;
const MAX_PATTERNS: usize = 64;
pub(super) const MAX_PATTERN_CHARS: usize = 512;
const MAX_ARGUMENTS: usize = 64;
pub(super) const MAX_VARIABLES: usize = 128;
const MAX_VALUE_CHARS: usize = 4096;
const MAX_FLUTTER_VERSION_CHARS: usize = 64;
const MAX_PATH_CHARS: usize = 512;
pub(super) const MAX_TRIGGER_PATTERNS: usize = 64;
pub(super) const MAX_SCHEDULES: usize = 16;

/// What is wrong with an execution configuration.
pub fn execution_config(config: &PipelineExecutionConfig) -> Vec<FieldError> {
    let mut found = Vec::new();
    platforms(&config.platforms, &mut found);
    if let Some(version) = &config.flutter_version {
        found.extend(flutter_version(version));
    }
    stages(&config.commands, &mut found);
    for (name, arguments) in [
        ("android", &config.platform_build_args.android),
        ("ios", &config.platform_build_args.ios),
        ("macos", &config.platform_build_args.macos),
    ] {
        texts(&format!("platform_build_args.{name}"), arguments, MAX_ARGUMENTS, &mut found);
    }
    for (name, command) in [
        ("android", &config.platform_commands.android),
        ("ios", &config.platform_commands.ios),
        ("macos", &config.platform_commands.macos),
    ] {
        let field = format!("platform_commands.{name}");
        found.extend(command.as_ref().and_then(|command| text(&field, command, MAX_COMMAND_CHARS)));
    }
    variables(config, &mut found);
    patterns(&config.artifact_patterns, &mut found);
    found
}

pub(super) fn platforms(list: &[BuildPlatform], found: &mut Vec<FieldError>) {
    if list.is_empty() {
        found.push(FieldError::new("platforms", "name at least one platform"));
    }
    if list.iter().collect::<HashSet<_>>().len() != list.len() {
        found.push(FieldError::new("platforms", "a platform is named twice"));
    }
}

fn stages(commands: &PipelineCommandStages, found: &mut Vec<FieldError>) {
    texts("commands.pre_build", &commands.pre_build, MAX_COMMANDS, found);
    texts("commands.build", &commands.build, MAX_COMMANDS, found);
    texts("commands.post_build", &commands.post_build, MAX_COMMANDS, found);
}

fn texts(field: &str, list: &[String], most: usize, found: &mut Vec<FieldError>) {
    if list.len() > most {
        found.push(FieldError::new(field, format!("at most {most} entries")));
    }
    let each = list.iter().enumerate();
    found.extend(
        each.filter_map(|(index, entry)| text(&format!("{field}[{index}]"), entry, MAX_COMMAND_CHARS)),
    );
}

fn text(field: &str, value: &str, most: usize) -> Option<FieldError> {
    bounded(value, most).err().map(|why| FieldError::new(field, why))
}

/// A text that says something and is not too long.
pub(super) fn bounded(value: &str, most: usize) -> Result<(), String> {
    match value {
        _ if value.trim().is_empty() => Err("must not be blank".to_owned()),
        _ if value.chars().count() > most => Err(format!("at most {most} characters")),
        _ if value.contains('\0') => Err("must not contain a NUL character".to_owned()),
        _ => Ok(()),
    }
}

pub(super) fn flutter_version(version: &str) -> Option<FieldError> {
    let field = "flutter_version";
    if let Some(refused) = text(field, version, MAX_FLUTTER_VERSION_CHARS) {
        return Some(refused);
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '/' | '@');
    let option = version.starts_with('-');
    let odd = option || !version.chars().all(plain);
    odd.then(|| FieldError::new(field, "is no Flutter version, channel or commit"))
}

fn variables(config: &PipelineExecutionConfig, found: &mut Vec<FieldError>) {
    if config.env.len() > MAX_VARIABLES {
        found.push(FieldError::new("env", format!("at most {MAX_VARIABLES} variables")));
    }
    let mut seen = HashSet::new();
    for (index, variable) in config.env.iter().enumerate() {
        let key = &variable.key;
        let refuse = |why: String| FieldError::new(format!("env[{index}].key"), why);
        if let Err(why) = variable_name(key) {
            found.push(refuse(why));
        } else if !seen.insert(key) {
            found.push(refuse(format!("{key} is given twice")));
        }
        if let Err(why) = variable_value(&variable.value) {
            found.push(FieldError::new(format!("env[{index}].value"), why));
        }
    }
}

/// Whether a pipeline may set a variable of this name.
pub(super) fn variable_name(key: &str) -> Result<(), String> {
    if !is_name(key) {
        return Err(format!("must match [A-Za-z_][A-Za-z0-9_]* with at most {MAX_NAME_BYTES} characters"));
    }
    if key.starts_with(RESERVED_PREFIX) {
        return Err(format!("names that begin with {RESERVED_PREFIX} are reserved"));
    }
    Ok(())
}

pub(super) fn variable_value(value: &str) -> Result<(), String> {
    if value.chars().count() > MAX_VALUE_CHARS || value.contains('\0') {
        return Err(format!("at most {MAX_VALUE_CHARS} characters, none of them NUL"));
    }
    Ok(())
}

pub(super) fn patterns(list: &[String], found: &mut Vec<FieldError>) {
    if list.len() > MAX_PATTERNS {
        found.push(FieldError::new("artifact_patterns", format!("at most {MAX_PATTERNS} patterns")));
    }
    let each = list.iter().enumerate();
    found.extend(each.filter_map(|(index, pattern)| {
        let why = artifact_pattern(pattern)?;
        Some(FieldError::new(format!("artifact_patterns[{index}]"), why))
    }));
}

/// Why a glob isn't accepted, if it isn't.
fn artifact_pattern(pattern: &str) -> Option<&'static str> {
    let stays_inside = pattern.split('/').all(|part| !matches!(part, "." | ".."));
    match pattern {
        _ if pattern.trim().is_empty() => Some("must not be blank"),
        _ if pattern.chars().count() > MAX_PATTERN_CHARS => Some("at most 512 characters"),
        _ if pattern.starts_with('/') || pattern.contains('\\') => {
            Some("must be relative to the repository, with /")
        }
        _ if pattern.chars().any(char::is_control) => Some("must not contain control characters"),
        _ if !stays_inside => Some("must not leave the repository: no . or .. parts"),
        _ if !pattern.contains(['*', '?']) => Some("must contain * or ?"),
        _ if globset::Glob::new(pattern).is_err() => Some("is not a valid pattern"),
        _ => None,
    }
}

/// What is wrong with the place of a pipeline file.
pub fn config_path(path: &str) -> Vec<FieldError> {
    let refuse = |why: &str| vec![FieldError::new("config_path", why)];
    let inside = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if path.trim().is_empty() || path.chars().count() > MAX_PATH_CHARS {
        return refuse("must have 1 to 512 characters");
    }
    if path.contains('\\') || path.chars().any(char::is_control) || path.starts_with('-') || !inside {
        return refuse("must be a path inside the repository, without . or .. parts");
    }
    if !path.ends_with(".yaml") && !path.ends_with(".yml") {
        return refuse("must end in .yaml or .yml");
    }
    Vec::new()
}

/// What is wrong with the events and branches a pipeline listens to.
pub fn trigger_config(config: &TriggerConfig) -> Vec<FieldError> {
    let mut found = Vec::new();
    for (index, event) in config.events.iter().enumerate() {
        if event.parse::<TriggerEvent>().is_err() {
            let why = "must be push, pull_request or tag_push";
            found.push(FieldError::new(format!("trigger_config.events[{index}]"), why));
        }
    }
    for (name, list) in [
        ("branches", &config.branches),
        ("tags", &config.tags),
        ("paths", &config.paths),
        ("paths_ignore", &config.paths_ignore),
    ] {
        let field = format!("trigger_config.{name}");
        if list.len() > MAX_TRIGGER_PATTERNS {
            found.push(FieldError::new(&field, format!("at most {MAX_TRIGGER_PATTERNS} patterns")));
        }
        let refused = list.iter().enumerate().filter_map(|(index, pattern)| {
            Some(FieldError::new(format!("{field}[{index}]"), trigger_pattern(pattern).err()?))
        });
        found.extend(refused);
    }
    schedules(&config.schedule, &mut found);
    found
}

fn schedules(list: &[Schedule], found: &mut Vec<FieldError>) {
    if list.len() > MAX_SCHEDULES {
        found.push(FieldError::new("trigger_config.schedule", format!("at most {MAX_SCHEDULES} schedules")));
    }
    for (index, schedule) in list.iter().enumerate().take(MAX_SCHEDULES) {
        let field = |name: &str| format!("trigger_config.schedule[{index}].{name}");
        if let Some(Err(why)) = schedule.timezone.as_deref().map(schedule::zone) {
            found.push(FieldError::new(field("timezone"), why));
        } else if let Err(why) = Timetable::parse(&schedule.cron, schedule.timezone.as_deref()) {
            found.push(FieldError::new(field("cron"), why));
        }
        if schedule.branch.as_deref().is_some_and(|branch| !is_valid_ref(branch)) {
            found.push(FieldError::new(field("branch"), "can't be the name of a branch"));
        }
    }
}

/// Whether branches, tags or paths can be matched by a glob.
pub(super) fn trigger_pattern(pattern: &str) -> Result<(), String> {
    bounded(pattern, MAX_PATTERN_CHARS)?;
    globset::Glob::new(pattern).map(|_| ()).map_err(|_| "is not a valid pattern".to_owned())
}

/// What is wrong with a concurrency policy.
pub fn concurrency(policy: &ConcurrencyPolicy) -> Vec<FieldError> {
    let outside = policy.max_concurrent.is_some_and(|most| !(1..=100).contains(&most));
    let refused = outside.then(|| FieldError::new("concurrency.max_concurrent", "must be 1 to 100"));
    refused.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spec::PipelineEnvVar;

    fn fields(change: impl FnOnce(&mut PipelineExecutionConfig)) -> Vec<String> {
        let mut config = PipelineExecutionConfig::default();
        change(&mut config);
        execution_config(&config).into_iter().map(|refused| refused.field).collect()
    }

    fn variable(key: &str, value: &str) -> PipelineEnvVar {
        PipelineEnvVar { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn the_defaults_are_valid() {
        assert!(execution_config(&PipelineExecutionConfig::default()).is_empty());
    }

    #[test]
    fn every_broken_rule_is_reported_at_its_field() {
        assert_eq!(fields(|c| c.platforms.clear()), ["platforms"]);
        assert_eq!(fields(|c| c.commands.build = vec!["ok".into(), " ".into()]), ["commands.build[1]"]);
        assert_eq!(fields(|c| c.commands.pre_build = vec!["x".repeat(2049)]), ["commands.pre_build[0]"]);
        assert_eq!(fields(|c| c.commands.post_build = vec!["x".into(); 129]), ["commands.post_build"]);
        assert_eq!(fields(|c| c.platform_commands.ios = Some(String::new())), ["platform_commands.ios"]);
        assert_eq!(
            fields(|c| c.platform_build_args.macos = vec!["a".into(); 65]),
            ["platform_build_args.macos"]
        );
        assert_eq!(fields(|c| c.flutter_version = Some("--help".into())), ["flutter_version"]);
    }

    #[test]
    fn variables_need_a_proper_unique_name_that_is_not_ours() {
        for key in ["", "1A", "A-B", "A B", "OORE_TOKEN", &"A".repeat(129)] {
            assert_eq!(fields(|c| c.env = vec![variable(key, "v")]), ["env[0].key"], "{key}");
        }
        assert_eq!(fields(|c| c.env = vec![variable("A", "1"), variable("A", "2")]), ["env[1].key"]);
        assert_eq!(fields(|c| c.env = vec![variable("A", &"v".repeat(4097))]), ["env[0].value"]);
    }

    #[test]
    fn patterns_must_be_globs_inside_the_repository() {
        for pattern in ["", "/etc/*", "../*", "a/../*", "./*", "app.apk", "a\\*", "[*"] {
            assert_eq!(
                fields(|c| c.artifact_patterns = vec![pattern.into()]),
                ["artifact_patterns[0]"],
                "{pattern}"
            );
        }
        for pattern in ["*.apk", "build/**/*.aab", "out/?.bin"] {
            assert!(fields(|c| c.artifact_patterns = vec![pattern.into()]).is_empty(), "{pattern}");
        }
    }

    #[test]
    fn the_file_must_be_yaml_inside_the_repository() {
        for path in ["", "/a.yaml", "../a.yaml", "a/./b.yaml", "a//b.yaml", "-a.yaml", "a.json", "a\\b.yaml"]
        {
            assert_eq!(config_path(path).len(), 1, "{path}");
        }
        assert!(config_path(".oore/release.yml").is_empty());
    }

    #[test]
    fn triggers_and_concurrency_are_bounded() {
        let bad = TriggerConfig {
            events: vec!["merge".into()],
            branches: vec![" ".into()],
            schedule: vec![Schedule { cron: "x".into(), timezone: None, branch: None }],
            ..Default::default()
        };
        assert_eq!(trigger_config(&bad).len(), 3);
        for most in [0, -1, 101] {
            assert_eq!(
                concurrency(&ConcurrencyPolicy { cancel_previous: false, max_concurrent: Some(most) }).len(),
                1
            );
        }
    }
}
