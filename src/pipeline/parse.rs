//! Text of a repository's pipeline file to settings. Strict: what isn't known is refused, with line,
//! column and the path of the key. It reads no files.

use std::collections::HashMap;
use std::fmt;

use super::plan::default_patterns;
use super::validate;
use super::yaml::{self, Key, Node, Position, Value};
use crate::domain::spec::{
    BuildPlatform, PipelineCommandStages, PipelineEnvVar, PipelineExecutionConfig, PlatformBuildArgs,
    PlatformBuildCommands,
};
use crate::error::FieldError;

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 128 * 1024;

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

impl Diagnostic {
    fn at(at: Position, message: impl Into<String>) -> Self {
        let known = |count: u64| (count > 0).then_some(count);
        Self { message: message.into(), line: known(at.line), column: known(at.column) }
    }
}

/// Reads a version 1 file. Patterns that the file leaves out are the defaults of its platforms.
pub fn parse(text: &str) -> Result<PipelineExecutionConfig, Vec<Diagnostic>> {
    if text.len() > MAX_BYTES {
        let message = format!("the file is larger than {} KiB", MAX_BYTES / 1024);
        return Err(vec![Diagnostic::at(Position::default(), message)]);
    }
    let root = yaml::read(text).map_err(|malformed| vec![Diagnostic::at(malformed.at, malformed.message)])?;
    let mut reader = Reader::default();
    let config = reader.file(&root);
    for field in validate::execution_config(&config) {
        reader.broken_rule(field);
    }
    if reader.found.is_empty() { Ok(config) } else { Err(reader.found) }
}

/// Walks the tree, remembers where each field stands and collects what is wrong.
#[derive(Default)]
struct Reader {
    found: Vec<Diagnostic>,
    places: HashMap<String, Position>,
}

/// A node and the path of keys that leads to it.
struct Field<'a> {
    node: &'a Node,
    path: String,
}

impl Reader {
    fn file(&mut self, root: &Node) -> PipelineExecutionConfig {
        let root = Field { node: root, path: String::new() };
        let keys = self.map(&root, TOP_KEYS);
        self.version(keys.get("version"));
        let platforms = self.platforms(keys.get("platforms"));
        let flutter_version = keys.get("flutter_version").and_then(|field| self.text(&field));
        let commands = self.commands(keys.get("commands"));
        let platform_build_args = self.platform_args(keys.get("platform_build_args"));
        let platform_commands = self.platform_commands(keys.get("platform_commands"));
        let env = self.env(keys.get("env"));
        let artifact_patterns = self.patterns(keys.get("artifacts"), &platforms);
        PipelineExecutionConfig {
            platforms,
            flutter_version,
            commands,
            platform_build_args,
            platform_commands,
            env,
            artifact_patterns,
        }
    }

    fn version(&mut self, field: Option<Field<'_>>) {
        let Some(field) = field else {
            return self.say(Position { line: 1, column: 1 }, "version is missing: write 'version: 1'");
        };
        match &field.node.value {
            Value::Text(text) if text == "1" => {}
            Value::Text(text) => self.say(field.node.at, format!("version: only 1 is known, not {text}")),
            Value::Null | Value::List(_) | Value::Map(_) => {
                self.say(field.node.at, "version: only 1 is known");
            }
        }
    }

    fn platforms(&mut self, field: Option<Field<'_>>) -> Vec<BuildPlatform> {
        let mut platforms = Vec::new();
        for (field, text) in self.texts(field) {
            match text.parse() {
                Ok(platform) => platforms.push(platform),
                Err(_) => {
                    self.say(
                        field.node.at,
                        format!("{}: '{text}' is no platform; known are android, ios, macos", field.path),
                    );
                }
            }
        }
        platforms
    }

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

    fn patterns(&mut self, field: Option<Field<'_>>, platforms: &[BuildPlatform]) -> Vec<String> {
        let keys = field.map(|field| self.map(&field, &["patterns"]));
        match keys.and_then(|keys| keys.get("patterns")) {
            Some(field) => self.strings(Some(field)),
            None => default_patterns(platforms),
        }
    }

    /// The entries of a mapping, all of them known. Nothing at all counts as an empty mapping.
    fn map<'a>(&mut self, field: &Field<'a>, known: &'static [&'static str]) -> Keys<'a> {
        let entries: &[(Key, Node)] = match &field.node.value {
            Value::Map(entries) => entries,
            Value::Null => &[],
            Value::Text(_) | Value::List(_) => {
                self.say(field.node.at, labelled(&field.path, "must be a mapping of keys to values"));
                &[]
            }
        };
        for (key, node) in entries {
            let path = joined(&field.path, &key.name);
            if known.contains(&key.name.as_str()) {
                self.places.insert(path, node.at);
                continue;
            }
            let hint = match closest(&key.name, known) {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("known here: {}", known.join(", ")),
            };
            self.say(key.at, format!("{path}: unknown key; {hint}"));
        }
        Keys { entries, path: field.path.clone() }
    }

    /// The items of a list.
    fn items<'a>(&mut self, field: Option<Field<'a>>) -> Vec<Field<'a>> {
        let Some(field) = field else { return Vec::new() };
        let items: &[Node] = match &field.node.value {
            Value::List(items) => items,
            Value::Null => &[],
            Value::Text(_) | Value::Map(_) => {
                self.say(field.node.at, labelled(&field.path, "must be a list"));
                &[]
            }
        };
        let numbered = items.iter().enumerate();
        numbered.map(|(index, node)| Field { node, path: format!("{}[{index}]", field.path) }).collect()
    }

    fn texts<'a>(&mut self, field: Option<Field<'a>>) -> Vec<(Field<'a>, String)> {
        let mut texts = Vec::new();
        for item in self.items(field) {
            self.places.insert(item.path.clone(), item.node.at);
            match &item.node.value {
                Value::Text(text) => texts.push((item, text.clone())),
                Value::Null | Value::List(_) | Value::Map(_) => {
                    self.say(item.node.at, labelled(&item.path, "must be a text; put it in quotes"));
                }
            }
        }
        texts
    }

    fn strings(&mut self, field: Option<Field<'_>>) -> Vec<String> {
        self.texts(field).into_iter().map(|(_, text)| text).collect()
    }

    /// A text, or nothing.
    fn text(&mut self, field: &Field<'_>) -> Option<String> {
        match &field.node.value {
            Value::Text(text) => Some(text.clone()),
            Value::Null => None,
            Value::List(_) | Value::Map(_) => {
                self.say(field.node.at, labelled(&field.path, "must be a text"));
                None
            }
        }
    }

    fn broken_rule(&mut self, error: FieldError) {
        let path = error.field.replacen("artifact_patterns", "artifacts.patterns", 1);
        let place = self.places.get(&path).or_else(|| {
            let parent = path.rsplit_once(['.', '[']).map_or("", |(parent, _)| parent);
            self.places.get(parent)
        });
        let at = place.copied().unwrap_or(Position { line: 1, column: 1 });
        self.say(at, format!("{path}: {}", error.message));
    }

    fn say(&mut self, at: Position, message: impl Into<String>) {
        self.found.push(Diagnostic::at(at, message));
    }
}

/// The entries of one mapping.
struct Keys<'a> {
    entries: &'a [(Key, Node)],
    path: String,
}

impl<'a> Keys<'a> {
    fn get(&self, name: &str) -> Option<Field<'a>> {
        let (_, node) = self.entries.iter().find(|(key, _)| key.name == name)?;
        Some(Field { node, path: joined(&self.path, name) })
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn labelled(path: &str, message: &str) -> String {
    if path.is_empty() { format!("the file {message}") } else { format!("{path}: {message}") }
}

/// The known key that differs from `name` by at most two letters.
fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known.iter().map(|key| (distance(name, key), *key)).min()?;
    (near.0 <= 2).then_some(near.1)
}

/// How many letters must be added, removed or changed to make one word the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
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

    fn complaints(text: &str) -> Vec<String> {
        parse(text).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_complete_file_is_read() {
        let config = parse(FULL).unwrap();
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
        let config = parse("version: 1\nplatforms: [macos]\n").unwrap();
        assert_eq!(config.artifact_patterns, ["build/macos/Build/Products/Release/*.app"]);
        let config = parse("version: 1\nplatforms: [macos]\nartifacts:\n  patterns: []\n").unwrap();
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
                "line 1, column 1: version is missing: write 'version: 1'",
                "line 1, column 1: platforms: name at least one platform",
            ]
        );
        assert!(complaints("- a\n")[0].contains("the file must be a mapping"));
        assert!(
            complaints("version: 2\nplatforms: [android]\n")[0].contains("version: only 1 is known, not 2")
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
