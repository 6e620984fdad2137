//! Reads a repository's pipeline file, version 1. Strict: an unknown key at any level is an error,
//! and errors say where. Values are checked by `validate`.

use std::fmt;

use serde::Deserialize;
use serde_saphyr::{Budget, Options};

use super::plan::default_patterns;
use super::validate;
use crate::domain::spec::{
    BuildPlatform, PipelineCommandStages, PipelineEnvVar, PipelineExecutionConfig, PlatformBuildArgs,
    PlatformBuildCommands,
};

/// Largest pipeline file, in bytes.
pub const MAX_BYTES: usize = 128 * 1024;

/// The only version there is.
const VERSION: i64 = 1;

/// What is wrong with a file, and where (from 1) if that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub message: String,
    pub line: Option<u64>,
    pub column: Option<u64>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "line {line}, column {column}: {}", self.message),
            (Some(line), None) => write!(f, "line {line}: {}", self.message),
            (None, _) => f.write_str(&self.message),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: i64,
    platforms: Vec<BuildPlatform>,
    #[serde(default)]
    flutter_version: Option<String>,
    #[serde(default)]
    commands: Commands,
    #[serde(default)]
    platform_build_args: BuildArgs,
    #[serde(default)]
    platform_commands: BuildCommands,
    #[serde(default)]
    env: Vec<Variable>,
    #[serde(default)]
    artifacts: Artifacts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Commands {
    pre_build: Vec<String>,
    build: Vec<String>,
    post_build: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct BuildArgs {
    android: Vec<String>,
    ios: Vec<String>,
    macos: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct BuildCommands {
    android: Option<String>,
    ios: Option<String>,
    macos: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    key: String,
    value: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Artifacts {
    patterns: Option<Vec<String>>,
}

/// Reads the text of a pipeline file.
pub fn parse(text: &str) -> Result<PipelineExecutionConfig, Vec<Diagnostic>> {
    if text.len() > MAX_BYTES {
        return Err(vec![unplaced(format!("the file is larger than {} KiB", MAX_BYTES / 1024))]);
    }
    let file: File =
        serde_saphyr::from_str_with_options(text, options()).map_err(|error| vec![placed(text, &error)])?;
    if file.version != VERSION {
        let message = format!("version: only {VERSION} is known, not {}", file.version);
        return Err(vec![at_key(text, "version", message)]);
    }
    if file.platforms.is_empty() {
        return Err(vec![at_key(text, "platforms", "platforms: name at least one platform".to_owned())]);
    }
    let config = config_of(file);
    let refused = validate::execution_config(&config);
    if refused.is_empty() {
        return Ok(config);
    }
    let say = |field: crate::error::FieldError| {
        let key = key_in_file(&field.field);
        at_key(text, leaf(&key), format!("{key}: {}", field.message))
    };
    Err(refused.into_iter().map(say).collect())
}

fn config_of(file: File) -> PipelineExecutionConfig {
    let patterns = file.artifacts.patterns.unwrap_or_else(|| default_patterns(&file.platforms));
    PipelineExecutionConfig {
        flutter_version: file.flutter_version,
        commands: PipelineCommandStages {
            pre_build: file.commands.pre_build,
            build: file.commands.build,
            post_build: file.commands.post_build,
        },
        platform_build_args: PlatformBuildArgs {
            android: file.platform_build_args.android,
            ios: file.platform_build_args.ios,
            macos: file.platform_build_args.macos,
        },
        platform_commands: PlatformBuildCommands {
            android: file.platform_commands.android,
            ios: file.platform_commands.ios,
            macos: file.platform_commands.macos,
        },
        env: file.env.into_iter().map(|one| PipelineEnvVar { key: one.key, value: one.value }).collect(),
        artifact_patterns: patterns,
        platforms: file.platforms,
    }
}

/// A file of 128 KiB needs far less than these; what needs more is hostile.
fn options() -> Options {
    let budget = Budget {
        max_events: 50_000,
        max_aliases: 100,
        max_anchors: 100,
        max_depth: 20,
        max_documents: 1,
        max_nodes: 50_000,
        max_total_scalar_bytes: 4 * MAX_BYTES,
        ..Budget::default()
    };
    Options { budget: Some(budget), strict_booleans: true, with_snippet: false, ..Options::default() }
}

fn placed(text: &str, error: &serde_saphyr::Error) -> Diagnostic {
    let said = error.to_string();
    // The library repeats the place at the end of its text.
    let message = said.split(" at line ").next().unwrap_or_default().trim().to_owned();
    let Some(place) = error.location() else {
        let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        return match unknown.map(str::to_owned) {
            Some(key) => at_key(text, &key, message),
            None => unplaced(message),
        };
    };
    Diagnostic { message, line: Some(place.line()), column: Some(place.column()) }
}

fn unplaced(message: String) -> Diagnostic {
    Diagnostic { message, line: None, column: None }
}

/// Places a rule's message at the first line that has the key.
fn at_key(text: &str, key: &str, message: String) -> Diagnostic {
    let has_key = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ").trim_start();
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    let found = text.lines().enumerate().find(|(_, line)| has_key(line));
    let column = found.and_then(|(_, line)| line.find(key)).map(|byte| byte as u64 + 1);
    Diagnostic { message, line: found.map(|(index, _)| index as u64 + 1), column }
}

/// Files group patterns under `artifacts`; forms call them `artifact_patterns`.
fn key_in_file(field: &str) -> String {
    field.replacen("artifact_patterns", "artifacts.patterns", 1)
}

/// `commands.build[3]` → `build`.
fn leaf(key: &str) -> &str {
    let last = key.rsplit('.').next().unwrap_or(key);
    last.split('[').next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn problem(text: &str) -> Diagnostic {
        parse(text).unwrap_err().remove(0)
    }

    #[test]
    fn a_whole_file_is_read() {
        let config = parse(
            "version: 1\nplatforms: [android, ios]\nflutter_version: 3.47.1\ncommands:\n  pre_build:\n    - echo a\n  \
             post_build: [echo b]\nplatform_build_args:\n  android: [--debug]\nplatform_commands:\n  ios: make ios\n\
             env:\n  - key: FLAVOR\n    value: dev\nartifacts:\n  patterns: [\"out/**/*.apk\"]\n",
        )
        .unwrap();
        assert_eq!(config.platforms, [BuildPlatform::Android, BuildPlatform::Ios]);
        assert_eq!(config.flutter_version.as_deref(), Some("3.47.1"));
        assert_eq!(config.commands.post_build, ["echo b"]);
        assert_eq!(config.platform_build_args.android, ["--debug"]);
        assert_eq!(config.platform_commands.ios.as_deref(), Some("make ios"));
        assert_eq!(config.env[0].value, "dev");
        assert_eq!(config.artifact_patterns, ["out/**/*.apk"]);
    }

    #[test]
    fn patterns_default_to_what_the_platforms_produce() {
        let config = parse("version: 1\nplatforms: [macos]\n").unwrap();
        assert_eq!(config.artifact_patterns, ["build/macos/Build/Products/Release/*.app"]);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_at_every_level() {
        for (text, key, line) in [
            ("version: 1\nplatforms: [android]\ntriggers: []\n", "triggers", 3),
            ("version: 1\nplatforms: [android]\ncommands:\n  test: []\n", "test", 4),
            (
                "version: 1\nplatforms: [android]\nenv:\n  - key: A\n    value: b\n    secret: yes\n",
                "secret",
                6,
            ),
            ("version: 1\nplatforms: [android]\nartifacts:\n  paths: []\n", "paths", 4),
        ] {
            let found = problem(text);
            assert!(found.message.contains(key), "{found}");
            assert_eq!(found.line, Some(line), "{found}");
        }
    }

    #[test]
    fn another_version_and_no_platform_are_refused_in_plain_words() {
        assert_eq!(
            problem("version: 2\nplatforms: [android]\n").to_string(),
            "line 1, column 1: version: only 1 is known, not 2"
        );
        assert_eq!(problem("version: 1\nplatforms: []\n").line, Some(2));
        assert!(problem("platforms: [android]\n").message.contains("version"));
    }

    #[test]
    fn a_rule_is_placed_at_its_key() {
        let found = problem("version: 1\nplatforms: [android]\nartifacts:\n  patterns: [\"../*.apk\"]\n");
        assert_eq!(found.line, Some(4));
        assert!(found.message.starts_with("artifacts.patterns[0]:"), "{found}");
    }

    #[test]
    fn alias_bombs_and_huge_files_are_refused() {
        let mut bomb = String::from("version: 1\nplatforms: [android]\nenv: &a0 [x]\n");
        for level in 1..40 {
            bomb.push_str(&format!("k{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1));
        }
        assert!(parse(&bomb).is_err());
        assert!(problem(&"#".repeat(MAX_BYTES + 1)).message.contains("128 KiB"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,400}") {
            let _ = parse(&text);
        }

        #[test]
        fn any_yaml_like_text_is_read_without_a_panic(text in "(version|platforms|env|commands|[ \\-:\\[\\]{}&*!|>\n'\"]|[a-z0-9]){0,80}") {
            let _ = parse(&text);
        }
    }
}
