//! Programs that builds use and their versions. Where a file beside a program tells the version it is not
//! started: starting Flutter takes seconds and may download.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::task::JoinSet;

use super::{number, said, tool, within};
use crate::runner::environment::Environment;
use crate::runner::platform;

const TOOLS: [&str; 7] = ["git", "fvm", "flutter", "dart", "java", "xcodebuild", "pod"];
/// A tool that is there but doesn't say its version.
const UNKNOWN: &str = "unknown";

/// The version of each tool; `None` for what isn't there.
pub async fn versions() -> BTreeMap<&'static str, Option<String>> {
    let mut versions: BTreeMap<&'static str, Option<String>> =
        TOOLS.iter().map(|tool| (*tool, None)).collect();
    let places = within(places).await.unwrap_or_default();
    let mut asked: JoinSet<_> = places.into_iter().map(|(tool, place)| version(tool, place)).collect();
    while let Some(answer) = asked.join_next().await {
        if let Ok((tool, version)) = answer {
            versions.insert(tool, version);
        }
    }
    versions
}

/// Files that change with the tools.
pub fn files() -> Vec<PathBuf> {
    places().into_values().collect()
}

fn places() -> BTreeMap<&'static str, PathBuf> {
    let environment = Environment::of_tools();
    let find = |tool: &'static str| match (environment.find(tool), tool) {
        // Gradle takes the JDK of JAVA_HOME, whatever is on the PATH.
        (None, "java") => {
            let home = environment.get("JAVA_HOME").filter(|home| !home.is_empty())?;
            Some(Path::new(home).join("bin/java")).filter(|program| program.is_file())
        }
        (found, _) => found,
    };
    TOOLS.iter().filter_map(|tool| Some((*tool, find(tool)?))).collect()
}

async fn version(name: &'static str, place: PathBuf) -> (&'static str, Option<String>) {
    let version = match name {
        "git" | "fvm" | "pod" => number(said(&mut tool(&place, &["--version"])).await),
        "xcodebuild" => number(said(&mut tool(&place, &["-version"])).await),
        "java" => match java_home(&place).await {
            Some(home) => within(move || java_release(&home)).await.flatten(),
            None => return (name, None),
        },
        _ => within(move || version_file(&place)).await.flatten(),
    };
    (name, Some(version.unwrap_or_else(|| UNKNOWN.to_owned())))
}

/// The JDK of a `java`. The one of macOS itself is only a door to another, or to none.
async fn java_home(program: &Path) -> Option<PathBuf> {
    if let Some(home) = Environment::of_tools().get("JAVA_HOME").filter(|home| !home.is_empty()) {
        return Some(PathBuf::from(home));
    }
    match platform::java_home_program().filter(|_| program == Path::new("/usr/bin/java")) {
        Some(finder) => Some(PathBuf::from(said(&mut tool(Path::new(finder), &[])).await?.trim())),
        None => program.canonicalize().ok()?.parent()?.parent().map(Path::to_owned),
    }
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
fn java_release(home: &Path) -> Option<String> {
    let release = fs::read_to_string(home.join("release")).ok()?;
    let value = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    Some(value.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(java_release(sdk.path()).as_deref(), Some("17.0.1"));
    }
}
