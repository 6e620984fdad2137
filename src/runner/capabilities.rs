//! What a runner is and has: system, architecture, tools. Tools are looked up on the PATH; their
//! versions come from files beside them or from cheap calls, never from starting Flutter.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use super::environment::Environment;
use super::platform;
use crate::domain::runner::PROTOCOL_OWN;

const TOOLS: [&str; 6] = ["git", "fvm", "flutter", "dart", "java", "xcodebuild"];
/// How long a tool may take to say its version.
const LIMIT: Duration = Duration::from_secs(10);
/// A tool that is there but doesn't say its version.
const UNKNOWN: &str = "unknown";

/// What was found.
#[derive(Debug, Clone)]
pub struct Capabilities {
    os_version: String,
    places: BTreeMap<&'static str, PathBuf>,
    versions: BTreeMap<&'static str, String>,
}

impl Capabilities {
    pub async fn detect() -> Self {
        let os_version = match platform::version_program() {
            Some([program, arguments @ ..]) => said(Path::new(program), arguments).await.unwrap_or_default(),
            Some([]) | None => platform::release_version().unwrap_or_default(),
        };
        let places = places();
        let versions = versions(&places).await;
        Self { os_version: os_version.trim().to_owned(), places, versions }
    }

    /// Looks again; versions only if tools have come or gone.
    pub async fn refresh(&mut self) {
        let places = places();
        if places != self.places {
            self.versions = versions(&places).await;
            self.places = places;
        }
    }

    pub fn to_json(&self) -> Value {
        let tool = |name: &&'static str| ((*name).to_owned(), json!(self.versions.get(name)));
        let tools: serde_json::Map<String, Value> = TOOLS.iter().map(tool).collect();
        json!({
            "os": platform::name(),
            "os_version": self.os_version,
            "arch": platform::architecture(),
            "xcode_version": self.versions.get("xcodebuild").map_or("", String::as_str),
            "version": env!("CARGO_PKG_VERSION"),
            "protocol_version": PROTOCOL_OWN,
            "embedded": true,
            "tools": tools,
        })
    }
}

fn places() -> BTreeMap<&'static str, PathBuf> {
    let environment = Environment::of_tools();
    TOOLS.iter().filter_map(|tool| Some((*tool, environment.find(tool)?))).collect()
}

async fn versions(places: &BTreeMap<&'static str, PathBuf>) -> BTreeMap<&'static str, String> {
    let mut versions = BTreeMap::new();
    for (tool, place) in places {
        let version = match *tool {
            "git" => number(said(place, &["--version"]).await),
            "fvm" => number(said(place, &["--version"]).await),
            "xcodebuild" => number(said(place, &["-version"]).await),
            "java" => java_release(place),
            _ => version_file(place),
        };
        versions.insert(*tool, version.unwrap_or_else(|| UNKNOWN.to_owned()));
    }
    versions
}

/// What a tool prints.
async fn said(program: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).env_clear().envs(Environment::of_tools().iter()).current_dir("/");
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(LIMIT, command.output()).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first word that begins with a digit.
fn number(text: Option<String>) -> Option<String> {
    let text = text?;
    let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(word.to_owned())
}

/// `flutter` and `dart` have their version in a file of their SDK.
fn version_file(program: &Path) -> Option<String> {
    let program = program.canonicalize().ok()?;
    let bin = program.parent()?;
    let files = match program.file_name()?.to_str()? {
        // A Flutter SDK has its own copy of Dart, whose version is another one.
        "dart" => [bin.join("cache/dart-sdk/version"), bin.join("../version")],
        _ => [bin.join("../version"), bin.join("cache/flutter.version.json")],
    };
    let text = files.iter().find_map(|file| fs::read_to_string(file).ok())?;
    if let Ok(described) = serde_json::from_str::<Value>(&text) {
        return described.get("frameworkVersion").and_then(Value::as_str).map(str::to_owned);
    }
    number(Some(text))
}

/// A JDK describes itself in its `release` file.
fn java_release(program: &Path) -> Option<String> {
    let program = program.canonicalize().ok()?;
    let release = fs::read_to_string(program.parent()?.join("../release")).ok()?;
    let value = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    Some(value.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_runner_says_what_it_has_and_what_it_lacks() {
        let said = Capabilities::detect().await.to_json();
        assert_eq!(said["protocol_version"], 5);
        let git = said["tools"]["git"].as_str().unwrap();
        assert!(git.starts_with(|c: char| c.is_ascii_digit()), "{git}");
        assert!(said["tools"].as_object().unwrap().contains_key("xcodebuild"));
    }

    #[test]
    fn versions_are_read_from_the_files_of_an_sdk() {
        let sdk = tempfile::tempdir().unwrap();
        let bin = sdk.path().join("bin");
        fs::create_dir_all(bin.join("cache/dart-sdk")).unwrap();
        for tool in ["flutter", "dart", "java"] {
            fs::write(bin.join(tool), "").unwrap();
        }
        assert_eq!(version_file(&bin.join("flutter")), None);
        fs::write(bin.join("cache/flutter.version.json"), r#"{"frameworkVersion": "3.35.1"}"#).unwrap();
        fs::write(bin.join("cache/dart-sdk/version"), "3.9.0\n").unwrap();
        fs::write(sdk.path().join("release"), "X=1\nJAVA_VERSION=\"17.0.1\"\n").unwrap();
        assert_eq!(version_file(&bin.join("flutter")).as_deref(), Some("3.35.1"));
        assert_eq!(version_file(&bin.join("dart")).as_deref(), Some("3.9.0"));
        assert_eq!(java_release(&bin.join("java")).as_deref(), Some("17.0.1"));
    }
}
