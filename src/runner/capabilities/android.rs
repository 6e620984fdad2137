//! The Android SDK: where it is, what is installed of it, whether its licences were accepted. Read from its
//! folders; `sdkmanager` is never started.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::runner::environment::Environment;
use crate::runner::platform;

/// An Android SDK.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Android {
    pub sdk: PathBuf,
    /// API levels as their folders are called, such as `android-35`, newest first.
    pub platforms: Vec<String>,
    pub build_tools: Vec<String>,
    pub licenses_accepted: bool,
}

/// The SDK of this machine.
pub fn find() -> Option<Android> {
    describe(&place()?)
}

/// Files that change with the SDK.
pub fn files() -> Vec<PathBuf> {
    let Some(sdk) = place() else { return Vec::new() };
    ["platforms", "build-tools", "licenses"].iter().map(|folder| sdk.join(folder)).collect()
}

/// Where the variables say it is, else where Android Studio puts it.
fn place() -> Option<PathBuf> {
    let environment = Environment::of_tools();
    let named = ["ANDROID_HOME", "ANDROID_SDK_ROOT"].iter().filter_map(|name| environment.get(name));
    let home = environment.get("HOME").map(Path::new);
    let usual = home.map(|home| home.join(platform::usual_android_sdk()));
    named.filter(|path| !path.is_empty()).map(PathBuf::from).chain(usual).find(|sdk| sdk.is_dir())
}

fn describe(sdk: &Path) -> Option<Android> {
    sdk.is_dir().then(|| Android {
        platforms: newest_first(&sdk.join("platforms")),
        build_tools: newest_first(&sdk.join("build-tools")),
        licenses_accepted: is_accepted(&sdk.join("licenses/android-sdk-license")),
        sdk: sdk.to_owned(),
    })
}

/// Accepting a licence writes the hashes of its text into a file.
fn is_accepted(license: &Path) -> bool {
    fs::read_to_string(license).is_ok_and(|text| !text.trim().is_empty())
}

fn newest_first(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name());
    let mut names: Vec<String> = folders.filter_map(|name| OsStr::to_str(&name).map(str::to_owned)).collect();
    names.sort_by_key(|name| std::cmp::Reverse(numbers(name)));
    names
}

/// `36.0.0` is newer than `9.0.0`.
fn numbers(name: &str) -> Vec<u32> {
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sdk_is_described_by_its_folders() {
        let sdk = tempfile::tempdir().unwrap();
        for folder in ["platforms/android-9", "platforms/android-35", "build-tools/35.0.1", "licenses"] {
            fs::create_dir_all(sdk.path().join(folder)).unwrap();
        }
        let found = describe(sdk.path()).unwrap();
        assert_eq!(found.platforms, ["android-35", "android-9"]);
        assert_eq!((found.build_tools, found.licenses_accepted), (vec!["35.0.1".to_owned()], false));
        fs::write(sdk.path().join("licenses/android-sdk-license"), "\n24333f8a\n").unwrap();
        assert!(describe(sdk.path()).unwrap().licenses_accepted);
        assert_eq!(describe(&sdk.path().join("nothing")), None);
    }
}
