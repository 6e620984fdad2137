//! Text of a repository's pipeline file to what it says. Strict: what isn't known is refused, with line,
//! column and the path of the key. Here are the versions and the keys of version 1. It reads no files.

use super::diagnostic::Diagnostic;
use super::plan::default_patterns;
use super::reader::{Field, Keys, Reader};
use super::validate;
use super::version2::{self, Workflow};
use super::yaml::{self, Node, Position, Value};
use crate::domain::input::Input;
use crate::domain::matrix::Matrix;
use crate::domain::spec::{
    BuildPlatform, ConcurrencyPolicy, PipelineCommandStages, PipelineEnvVar, PipelineExecutionConfig,
    PlatformBuildArgs, PlatformBuildCommands,
};
use crate::domain::trigger::TriggerRules;

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 128 * 1024;
/// Where a file is looked for unless a pipeline names its own.
pub const DEFAULT_FILES: [&str; 2] = [".oore.yaml", ".oore.yml"];

const TOP_KEYS: &[&str] = &[
    "version",
    "platforms",
    "flutter_version",
    "commands",
    "platform_build_args",
    "platform_commands",
    "env",
    "artifacts",
];

/// A file that follows the rules of its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PipelineFile {
    V1(PipelineExecutionConfig),
    V2(Workflow),
}

impl PipelineFile {
    pub fn inputs(&self) -> &[Input] {
        match self {
            PipelineFile::V1(_) => &[],
            PipelineFile::V2(workflow) => &workflow.inputs,
        }
    }

    pub fn concurrency(&self) -> Option<&ConcurrencyPolicy> {
        match self {
            PipelineFile::V1(_) => None,
            PipelineFile::V2(workflow) => workflow.concurrency.as_ref(),
        }
    }

    pub fn matrix(&self) -> Option<&Matrix> {
        match self {
            PipelineFile::V1(_) => None,
            PipelineFile::V2(workflow) => workflow.matrix.as_ref(),
        }
    }

    pub fn triggers(&self) -> Option<&TriggerRules> {
        match self {
            PipelineFile::V1(_) => None,
            PipelineFile::V2(workflow) => workflow.triggers.as_ref(),
        }
    }
}

/// Where to look for a pipeline's file, in this order; the first that exists is it.
pub fn candidates(config_path: Option<&str>, explicit: bool) -> Vec<&str> {
    match config_path.filter(|_| explicit) {
        Some(path) => vec![path],
        None => DEFAULT_FILES.to_vec(),
    }
}

/// Reads a file. Patterns that it leaves out are the defaults of its platforms.
pub fn parse(text: &str) -> Result<PipelineFile, Vec<Diagnostic>> {
    let root = tree(text).map_err(|wrong| vec![wrong])?;
    let mut reader = Reader::default();
    let file = match version_of(&root) {
        Ok(Some(Version::One)) => PipelineFile::V1(version1(&mut reader, &root)),
        Ok(Some(Version::Two)) => PipelineFile::V2(version2::read(&mut reader, &root, text)),
        // Such a file is read as one of version 1, so that what else is wrong is said too.
        Ok(None) => {
            let top = Position { line: 1, column: 1 };
            reader.suggest(top, "version is missing", "write 'version: 1' or 'version: 2'");
            PipelineFile::V1(version1(&mut reader, &root))
        }
        Err(wrong) => return Err(vec![wrong]),
    };
    if reader.found.is_empty() { Ok(file) } else { Err(reader.found) }
}

/// Reads bytes that should be a file.
pub fn parse_bytes(bytes: &[u8]) -> Result<PipelineFile, Vec<Diagnostic>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(text),
        Err(_) => Err(vec![Diagnostic::of_file("the file is not UTF-8 text")]),
    }
}

/// Whether a file says that it needs more than version 1, right or wrong as it may be otherwise.
pub fn is_beyond_version_1(bytes: &[u8]) -> bool {
    let root = std::str::from_utf8(bytes).ok().and_then(|text| tree(text).ok());
    root.is_some_and(|root| matches!(version_of(&root), Ok(Some(Version::Two))))
}

fn tree(text: &str) -> Result<Node, Diagnostic> {
    if text.len() > MAX_BYTES {
        return Err(Diagnostic::of_file(format!("the file is larger than {} KiB", MAX_BYTES / 1024)));
    }
    yaml::read(text).map_err(|malformed| Diagnostic::at(malformed.at, malformed.message))
}

enum Version {
    One,
    Two,
}

/// The version a file says it has, if it says so.
fn version_of(root: &Node) -> Result<Option<Version>, Diagnostic> {
    let entries = match &root.value {
        Value::Map(entries) => &entries[..],
        Value::Null => &[],
        Value::Text(_) | Value::List(_) => {
            return Err(Diagnostic::at(root.at, "the file must be a mapping of keys to values"));
        }
    };
    let Some((_, node)) = entries.iter().find(|(key, _)| key.name == "version") else { return Ok(None) };
    match &node.value {
        Value::Text(text) if text == "1" => Ok(Some(Version::One)),
        Value::Text(text) if text == "2" => Ok(Some(Version::Two)),
        Value::Text(text) => {
            Err(Diagnostic::at(node.at, format!("version: {text} is not known")).hint("known here: 1, 2"))
        }
        Value::Null | Value::List(_) | Value::Map(_) => {
            Err(Diagnostic::at(node.at, "version: must be a number").hint("known here: 1, 2"))
        }
    }
}

fn version1(reader: &mut Reader, root: &Node) -> PipelineExecutionConfig {
    let keys = reader.map(&Field::root(root), TOP_KEYS);
    let platforms = reader.platforms(keys.get("platforms"));
    let config = PipelineExecutionConfig {
        flutter_version: keys.get("flutter_version").and_then(|field| reader.text(&field)),
        commands: reader.commands(keys.get("commands")),
        platform_build_args: reader.platform_args(keys.get("platform_build_args")),
        platform_commands: reader.platform_commands(keys.get("platform_commands")),
        env: reader.env(keys.get("env")),
        artifact_patterns: patterns(reader, &keys, &platforms),
        platforms,
    };
    for field in validate::execution_config(&config) {
        reader.broken_rule(field);
    }
    config
}

/// The patterns under `artifacts`, which both versions have.
pub(super) fn patterns(reader: &mut Reader, keys: &Keys<'_>, platforms: &[BuildPlatform]) -> Vec<String> {
    let below = keys.get("artifacts").map(|field| reader.map(&field, &["patterns"]));
    match below.and_then(|below| below.get("patterns")) {
        Some(field) => reader.strings(Some(field)),
        None => default_patterns(platforms),
    }
}

impl Reader {
    fn commands(&mut self, field: Option<Field<'_>>) -> PipelineCommandStages {
        let Some(field) = field else { return PipelineCommandStages::default() };
        let keys = self.map(&field, &["pre_build", "build", "post_build"]);
        PipelineCommandStages {
            pre_build: self.strings(keys.get("pre_build")),
            build: self.strings(keys.get("build")),
            post_build: self.strings(keys.get("post_build")),
        }
    }

    fn platform_args(&mut self, field: Option<Field<'_>>) -> PlatformBuildArgs {
        let Some(field) = field else { return PlatformBuildArgs::default() };
        let keys = self.map(&field, &["android", "ios", "macos"]);
        PlatformBuildArgs {
            android: self.strings(keys.get("android")),
            ios: self.strings(keys.get("ios")),
            macos: self.strings(keys.get("macos")),
        }
    }

    fn platform_commands(&mut self, field: Option<Field<'_>>) -> PlatformBuildCommands {
        let Some(field) = field else { return PlatformBuildCommands::default() };
        let keys = self.map(&field, &["android", "ios", "macos"]);
        let mut command = |name| keys.get(name).and_then(|field| self.text(&field));
        PlatformBuildCommands { android: command("android"), ios: command("ios"), macos: command("macos") }
    }

    fn env(&mut self, field: Option<Field<'_>>) -> Vec<PipelineEnvVar> {
        let mut variables = Vec::new();
        for item in self.items(field) {
            let keys = self.map(&item, &["key", "value"]);
            let mut required = |name: &str| match keys.get(name) {
                Some(field) => self.text(&field).unwrap_or_default(),
                None => {
                    self.say(item.node.at, format!("{}.{name} is missing", item.path));
                    String::new()
                }
            };
            variables.push(PipelineEnvVar { key: required("key"), value: required("value") });
        }
        variables
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FULL: &str = "\
version: 1
platforms: [android, ios]
flutter_version: 3.10
commands:
  pre_build:
    - flutter pub get
  build: []
  post_build: [\"echo done\"]
platform_build_args:
  android: [--flavor, prod]
platform_commands:
  ios: flutter build ipa
env:
  - key: API
    value: \"https://x\"
  - {key: LEVEL, value: 3}
artifacts:
  patterns:
    - out/*
";

    fn version1(text: &str) -> PipelineExecutionConfig {
        match parse(text).unwrap() {
            PipelineFile::V1(config) => config,
            PipelineFile::V2(workflow) => panic!("{workflow:?}"),
        }
    }

    fn complaints(text: &str) -> Vec<String> {
        parse(text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_complete_file_is_read() {
        let config = version1(FULL);
        assert_eq!(config.platforms, [BuildPlatform::Android, BuildPlatform::Ios]);
        assert_eq!(config.flutter_version.as_deref(), Some("3.10"));
        assert_eq!(config.commands.post_build, ["echo done"]);
        assert_eq!(config.platform_build_args.android, ["--flavor", "prod"]);
        assert_eq!(config.platform_commands.ios.as_deref(), Some("flutter build ipa"));
        assert_eq!(config.env[1].value, "3");
        assert_eq!(config.artifact_patterns, ["out/*"]);
    }

    #[test]
    fn a_minimal_file_gets_the_patterns_of_its_platforms() {
        let config = version1("version: 1\nplatforms: [macos]\n");
        assert_eq!(config.artifact_patterns, ["build/macos/Build/Products/Release/*.app"]);
        let config = version1("version: 1\nplatforms: [macos]\nartifacts:\n  patterns: []\n");
        assert!(config.artifact_patterns.is_empty());
    }

    #[test]
    fn unknown_keys_are_refused_at_every_level_with_their_place() {
        let text = "version: 1\nplatforms: [android]\nextra: 1\ncommands:\n  biuld: [a]\nplatform_build_args:\n  \
                    linux: [a]\nplatform_commands: {web: a}\nenv:\n  - {key: A, value: b, secret: true}\n\
                    artifacts: {paths: []}\n";
        assert_eq!(
            complaints(text),
            [
                "line 3, column 1: extra: unknown key; known here: version, platforms, flutter_version, \
                 commands, platform_build_args, platform_commands, env, artifacts",
                "line 5, column 3: commands.biuld: unknown key; did you mean 'build'?",
                "line 7, column 3: platform_build_args.linux: unknown key; known here: android, ios, macos",
                "line 8, column 21: platform_commands.web: unknown key; known here: android, ios, macos",
                "line 10, column 24: env[0].secret: unknown key; known here: key, value",
                "line 11, column 13: artifacts.paths: unknown key; known here: patterns",
            ]
        );
    }

    #[test]
    fn broken_rules_name_their_line() {
        let text = "version: 1\nplatforms: [android]\ncommands:\n  build:\n    - ok\n    - ''\n\
                    env:\n  - key: OORE_X\n    value: a\nartifacts:\n  patterns:\n    - ../*\n";
        assert_eq!(
            complaints(text),
            [
                "line 6, column 7: commands.build[1]: must not be blank",
                "line 8, column 10: env[0].key: names that begin with OORE_ are reserved",
                "line 12, column 7: artifacts.patterns[0]: must not leave the repository: no . or .. parts",
            ]
        );
    }

    #[test]
    fn missing_and_wrong_parts_are_named() {
        assert_eq!(
            complaints("{}"),
            [
                "line 1, column 1: version is missing; write 'version: 1' or 'version: 2'",
                "line 1, column 1: platforms: name at least one platform",
            ]
        );
        assert!(complaints("- a\n")[0].contains("the file must be a mapping"));
        assert_eq!(
            complaints("version: 3\nplatforms: [android]\n"),
            ["line 1, column 10: version: 3 is not known; known here: 1, 2"]
        );
        assert!(complaints("version: 1\nplatforms: android\n")[0].contains("platforms: must be a list"));
        assert!(
            complaints("version: 1\nplatforms: [web]\n")[0].contains("platforms[0]: 'web' is no platform")
        );
        assert!(
            complaints("version: 1\nplatforms: [android]\nenv:\n  - key: A\n")[0]
                .contains("env[0].value is missing")
        );
        let text = "version: 1\nplatforms: [android]\ncommands:\n  build:\n    - echo a: b\n";
        assert!(complaints(text)[0].contains("commands.build[0]: must be a text; put it in quotes"));
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_unread() {
        assert!(complaints(&"#".repeat(MAX_BYTES + 1))[0].contains("larger than 128 KiB"));
    }

    #[test]
    fn equal_keys_of_a_list_are_told_apart() {
        let env = "env:\n  - {key: GOOD, value: a}\n  - key: OORE_BAD\n    value: b\n";
        let found = complaints(&format!("version: 1\nplatforms: [android]\n{env}"));
        assert!(found[0].starts_with("line 5, column 10: env[1].key: "), "{found:?}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,400}") {
            let _ = parse(&text);
        }

        #[test]
        fn changed_files_never_panic(cut in 0..FULL.len(), insert in "[ \\-:a-z\\[\\]{}&*'\"\n]{0,6}") {
            let mut text = FULL.to_owned();
            text.insert_str(cut, &insert);
            if let Err(found) = parse(&text) {
                prop_assert!(!found.is_empty());
            }
        }
    }
}
