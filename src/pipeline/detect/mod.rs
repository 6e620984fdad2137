//! What a repository builds, judged by its files: where its Flutter applications and packages are, for which platforms
//! and flavors, and which pipelines fit them. It is told paths and texts, which may be anything; it reads nothing itself.

pub mod gradle;
mod propose;
pub mod pubspec;

use std::collections::BTreeMap;

use serde::Deserialize;

use self::pubspec::Pubspec;
use super::validate;
use crate::words;

pub use propose::{Proposal, ProposalKind, Setting, propose};

/// Deepest folder that is looked at.
const MAX_DEPTH: usize = 6;
/// Folders that hold what is made or fetched, besides those that are hidden.
const GENERATED: [&str; 5] = ["build", "Pods", "node_modules", "DerivedData", "ephemeral"];
const EXAMPLES: [&str; 4] = ["example", "examples", "sample", "samples"];
const MAX_FLAVORS: usize = 16;
const PUBSPEC: &str = "pubspec.yaml";

words! {
    /// A platform that a Flutter application has a folder for.
    RootPlatform {
        Android = "android",
        Ios = "ios",
        Macos = "macos",
        Web = "web",
        Linux = "linux",
        Windows = "windows",
    }
}

/// A folder with a Flutter application or package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Below the repository; empty for its top.
    pub path: String,
    pub name: String,
    pub platforms: Vec<RootPlatform>,
    pub flavors: Vec<Flavor>,
    /// What FVM is told here, if it is told something.
    pub flutter_version: Option<String>,
    /// Whether that is only said in this folder, where a build does not look.
    pub is_version_of_folder: bool,
    /// The pipeline file in this folder.
    pub workflow: Option<String>,
    pub has_tests: bool,
    pub has_integration_tests: bool,
    pub is_example: bool,
}

/// A variant of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flavor {
    pub name: String,
    pub platforms: Vec<RootPlatform>,
}

/// Files of a root that say more about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clues {
    pub gradle: Option<String>,
    pub fvm: Option<String>,
}

/// What those files say, as far as they could be read.
#[derive(Debug, Clone, Default)]
pub struct Told {
    pub gradle: Option<Vec<u8>>,
    pub fvm: Option<Vec<u8>>,
}

impl Root {
    /// Whether something can be built of it.
    pub fn is_app(&self) -> bool {
        !self.platforms.is_empty()
    }
}

/// Every folder that could be a root, the likeliest first: those near the top, examples last.
pub fn folders(files: &[String]) -> Vec<String> {
    let folder = |file: &String| match file.strip_suffix(PUBSPEC)? {
        "" => Some(String::new()),
        path => path.strip_suffix('/').map(str::to_owned),
    };
    let mut found: Vec<String> = files.iter().filter_map(folder).filter(|path| is_of_people(path)).collect();
    found.sort_by_cached_key(|path| (is_example(path), depth(path), path.clone()));
    found.dedup();
    found
}

/// The path of a root's own description.
pub fn pubspec_of(folder: &str) -> String {
    join(folder, PUBSPEC)
}

/// Whether a path can stand in the commands and patterns of a pipeline.
pub fn is_usable(folder: &str) -> bool {
    folder.chars().count() <= 256 && !folder.chars().any(char::is_control) && !folder.contains('\u{fffd}')
}

fn is_of_people(path: &str) -> bool {
    let is_made = |part: &str| part.starts_with('.') || is_generated(part);
    depth(path) <= MAX_DEPTH && !path.split('/').any(is_made)
}

/// Whether a folder of this name holds what tools make or fetch.
pub fn is_generated(name: &str) -> bool {
    GENERATED.contains(&name)
}

/// Whether a path says of itself that it is an example of something else.
pub fn is_example(path: &str) -> bool {
    path.split('/').any(|part| EXAMPLES.contains(&part))
}

fn depth(path: &str) -> usize {
    if path.is_empty() { 0 } else { path.split('/').count() }
}

fn join(folder: &str, rest: &str) -> String {
    if folder.is_empty() { rest.to_owned() } else { format!("{folder}/{rest}") }
}

/// Which files are worth reading to know more about a root.
pub fn clues(files: &[String], folder: &str) -> Clues {
    let first = |names: &[&str]| {
        let mut paths = names.iter().map(|name| join(folder, name));
        paths.find(|path| files.contains(path))
    };
    Clues {
        gradle: first(&["android/app/build.gradle", "android/app/build.gradle.kts"]),
        fvm: first(&[".fvmrc", ".fvm/fvm_config.json"]),
    }
}

/// A root as its files show it.
pub fn root(files: &[String], folder: &str, pubspec: Pubspec, clues: &Clues, told: &Told) -> Root {
    let prefix = join(folder, "");
    let below: Vec<&str> = files.iter().filter_map(|file| file.strip_prefix(&prefix)).collect();
    let has = |start: &str| below.iter().any(|file| file.starts_with(start));
    let platforms: Vec<RootPlatform> = RootPlatform::ALL
        .iter()
        .copied()
        .filter(|platform| has(&format!("{platform}/")) && !pubspec.is_plugin())
        .collect();
    let tests_in =
        |start: &str| below.iter().any(|file| file.starts_with(start) && file.ends_with("_test.dart"));
    let flutter_version = told.fvm.as_deref().and_then(fvm_version);
    Root {
        flavors: flavors(&below, told, &platforms),
        is_version_of_folder: clues.fvm.as_deref().is_some_and(|file| file != ".fvmrc"),
        flutter_version,
        workflow: [".oore.yaml", ".oore.yml"]
            .into_iter()
            .find(|name| below.contains(name))
            .map(|name| join(folder, name)),
        has_tests: tests_in("test/"),
        has_integration_tests: tests_in("integration_test/"),
        is_example: is_example(folder),
        name: pubspec.name.unwrap_or_else(|| folder.rsplit('/').next().unwrap_or_default().to_owned()),
        path: folder.to_owned(),
        platforms,
    }
}

fn flavors(below: &[&str], told: &Told, platforms: &[RootPlatform]) -> Vec<Flavor> {
    let gradle = told.gradle.as_deref().map(|text| gradle::flavors(&String::from_utf8_lossy(text)));
    let android = gradle.unwrap_or_default().into_iter().map(|name| (name, RootPlatform::Android));
    let apple = below.iter().filter_map(|file| scheme(file));
    // Flutter compares names of schemes and flavors without regard to case.
    let mut found: BTreeMap<String, Flavor> = BTreeMap::new();
    for (name, platform) in android.chain(apple).filter(|(_, platform)| platforms.contains(platform)) {
        let key = name.to_ascii_lowercase();
        let flavor = found.entry(key).or_insert_with(|| Flavor { name, platforms: Vec::new() });
        if !flavor.platforms.contains(&platform) {
            flavor.platforms.push(platform);
        }
    }
    found.into_values().take(MAX_FLAVORS).collect()
}

/// The flavor that a shared scheme of Xcode stands for; the one that every application has stands for none.
fn scheme(file: &str) -> Option<(String, RootPlatform)> {
    let (folder, name) = file.rsplit_once('/')?;
    let name = name.strip_suffix(".xcscheme")?;
    let platform = match folder.split('/').next()? {
        "ios" => RootPlatform::Ios,
        "macos" => RootPlatform::Macos,
        _ => return None,
    };
    let is_flavor = folder.ends_with("/xcshareddata/xcschemes")
        && !folder.contains("/Pods")
        && name != "Runner"
        && gradle::is_name(name);
    is_flavor.then(|| (name.to_owned(), platform))
}

/// The version in `.fvmrc`, or in the file that FVM had before.
fn fvm_version(text: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Fvm {
        #[serde(alias = "flutterSdkVersion")]
        flutter: String,
    }
    let version = serde_json::from_slice::<Fvm>(text).ok()?.flutter;
    validate::flutter_version(&version).is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    fn flutter(name: &str) -> Pubspec {
        let text = format!("name: {name}\ndependencies:\n  flutter:\n    sdk: flutter\n");
        Pubspec::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn roots_near_the_top_come_first_and_examples_last_and_what_is_made_is_none() {
        let listed = files(&[
            "packages/ui/example/pubspec.yaml",
            "packages/ui/pubspec.yaml",
            "pubspec.yaml",
            "build/x/pubspec.yaml",
            "app/.dart_tool/pubspec.yaml",
            "app/ios/.symlinks/plugins/a/pubspec.yaml",
            "app/pubspec.yaml",
            "a/b/c/d/e/f/g/pubspec.yaml",
            "app/not_pubspec.yaml",
            "app/pubspec.yaml.orig",
        ]);
        assert_eq!(folders(&listed), ["", "app", "packages/ui", "packages/ui/example"]);
    }

    #[test]
    fn a_root_is_described_by_its_files() {
        let listed = files(&[
            "apps/shop/pubspec.yaml",
            "apps/shop/android/app/build.gradle.kts",
            "apps/shop/ios/Runner.xcodeproj/xcshareddata/xcschemes/Runner.xcscheme",
            "apps/shop/ios/Runner.xcodeproj/xcshareddata/xcschemes/Dev.xcscheme",
            "apps/shop/ios/Pods/Pods.xcodeproj/xcshareddata/xcschemes/Other.xcscheme",
            "apps/shop/test/a_test.dart",
            "apps/shop/.oore.yml",
            "apps/shop/.fvm/fvm_config.json",
            "apps/shop2/web/index.html",
        ]);
        let clues = clues(&listed, "apps/shop");
        assert_eq!(clues.gradle.as_deref(), Some("apps/shop/android/app/build.gradle.kts"));
        let told = Told {
            gradle: Some(b"android { productFlavors { create(\"dev\") {}\n create(\"prod\") {} } }".to_vec()),
            fvm: Some(b"{\"flutterSdkVersion\": \"3.35.1\"}".to_vec()),
        };
        let root = root(&listed, "apps/shop", flutter("shop"), &clues, &told);
        assert_eq!(root.platforms, [RootPlatform::Android, RootPlatform::Ios]);
        let both = vec![RootPlatform::Android, RootPlatform::Ios];
        let dev = Flavor { name: "dev".to_owned(), platforms: both };
        let prod = Flavor { name: "prod".to_owned(), platforms: vec![RootPlatform::Android] };
        assert_eq!(root.flavors, [dev, prod]);
        assert_eq!(root.flutter_version.as_deref(), Some("3.35.1"));
        assert!(root.has_tests && root.is_version_of_folder && !root.has_integration_tests);
        assert_eq!(root.workflow.as_deref(), Some("apps/shop/.oore.yml"));
    }

    #[test]
    fn a_version_that_is_none_is_not_taken() {
        assert_eq!(fvm_version(b"{\"flutter\": \"stable\"}").as_deref(), Some("stable"));
        for text in ["{\"flutter\": \"--help\"}", "{\"flutter\": 3}", "{}", "3.1", "{\"flutter\": \"a b\"}"] {
            assert_eq!(fvm_version(text.as_bytes()), None, "{text}");
        }
    }
}
