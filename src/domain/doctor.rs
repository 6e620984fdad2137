//! What a runner lacks to build apps, and what to do about it. Derived from what the runner says of itself,
//! so that daemon and command line tell the same. It looks at nothing itself.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::runner::RunnerFigures;
use super::spec::BuildPlatform;
use crate::words;

const GIB: u64 = 1024 * 1024 * 1024;
/// Free bytes below which a build is likely to fail, and below which it soon will be.
const DISK_NEEDED: u64 = 5 * GIB;
const DISK_WANTED: u64 = 20 * GIB;
/// Gradle and the Dart compiler side by side.
const MEMORY_WANTED: u64 = 7 * GIB;
/// The oldest JDK that today's Android Gradle plug-in runs on.
const JDK_WANTED: u32 = 17;

words! {
    /// How a check ended.
    CheckStatus {
        Ok = "ok",
        Warning = "warning",
        Missing = "missing",
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DoctorCheck {
    /// A stable word, such as `git` or `android_licenses`.
    pub name: String,
    pub status: CheckStatus,
    /// What was found.
    pub what: String,
    /// What to do, where something is wrong: a command where one does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

/// Looks at everything that the runner tells of; of a runner that tells of no tools at its disk alone.
pub fn examine(capabilities: &Value, figures: Option<RunnerFigures>) -> Vec<DoctorCheck> {
    let mut checks = Vec::new();
    if capabilities["tools"].is_object() {
        let host = Host { capabilities, is_mac: capabilities["os"] == "macos" };
        checks.push(host.git());
        checks.push(host.flutter());
        checks.push(host.jdk());
        checks.extend(host.android());
        if host.is_mac {
            checks.extend(host.xcode());
            checks.push(host.cocoapods());
        }
        checks.extend(host.memory());
        checks.extend(host.limits());
    }
    checks.extend(figures.map(disk));
    checks
}

/// The platforms that can't be built without what a check is about; none if it is about everything.
pub fn needed_for(check: &str) -> &'static [BuildPlatform] {
    match check {
        "jdk" => &[BuildPlatform::Android],
        check if check.starts_with("android_") => &[BuildPlatform::Android],
        "xcode" | "xcode_license" | "cocoapods" => &[BuildPlatform::Ios, BuildPlatform::Macos],
        _ => &[],
    }
}

/// What the runner says.
struct Host<'a> {
    capabilities: &'a Value,
    is_mac: bool,
}

impl Host<'_> {
    /// The version of a tool; `None` if it isn't there.
    fn tool(&self, name: &str) -> Option<&str> {
        self.capabilities["tools"][name].as_str()
    }

    /// The one of two texts that is for this system.
    fn by_system<'a>(&self, mac: &'a str, linux: &'a str) -> &'a str {
        if self.is_mac { mac } else { linux }
    }

    fn git(&self) -> DoctorCheck {
        match self.tool("git") {
            Some(version) => good("git", format!("git {version}")),
            None => missing(
                "git",
                "git is not there; no project can be checked out",
                self.by_system("xcode-select --install", "sudo apt install git"),
            ),
        }
    }

    fn flutter(&self) -> DoctorCheck {
        match self.tool("fvm") {
            Some(fvm) => good("flutter", format!("FVM {fvm} gets the Flutter that a project pins")),
            None => {
                good("flutter", "FVM is not there; the runner fetches it when a build needs it".to_owned())
            }
        }
    }

    fn jdk(&self) -> DoctorCheck {
        let install = self.by_system("brew install openjdk@17", "sudo apt install openjdk-17-jdk");
        let Some(version) = self.tool("java") else {
            return missing("jdk", "there is no JDK; Android builds need one", install);
        };
        let major = version.split(['.', '-', '+']).next().and_then(|major| major.parse::<u32>().ok());
        match major {
            Some(major) if major >= JDK_WANTED => good("jdk", format!("JDK {version}")),
            Some(_) => warning(
                "jdk",
                format!("JDK {version} is older than {JDK_WANTED}, which Android needs"),
                install,
            ),
            None => warning("jdk", "there is a Java that does not say its version".to_owned(), install),
        }
    }

    fn android(&self) -> Vec<DoctorCheck> {
        let android = &self.capabilities["android"];
        let Some(sdk) = android["sdk"].as_str() else {
            let fix = "Install the Android command line tools and set ANDROID_HOME to their folder.";
            return vec![missing("android_sdk", "there is no Android SDK", fix)];
        };
        let names = |list: &Value| -> Vec<String> {
            let names = list.as_array().into_iter().flatten().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        };
        let (platforms, tools) = (names(&android["platforms"]), names(&android["build_tools"]));
        let part = |name, what: &str, found: &[String], fix| match found.first() {
            Some(newest) => good(name, format!("{what}: {newest} and {} more", found.len() - 1)),
            None => missing(name, &format!("{what}: none installed"), fix),
        };
        vec![
            good("android_sdk", format!("Android SDK at {sdk}")),
            part("android_platforms", "Android platforms", &platforms, "sdkmanager 'platforms;android-35'"),
            part("android_build_tools", "Android build tools", &tools, "sdkmanager 'build-tools;35.0.0'"),
            match android["licenses_accepted"] == true {
                true => good("android_licenses", "the licences of the Android SDK are accepted".to_owned()),
                false => missing(
                    "android_licenses",
                    "the licences of the Android SDK are not accepted; Gradle refuses to build",
                    "yes | sdkmanager --licenses",
                ),
            },
        ]
    }

    fn xcode(&self) -> Vec<DoctorCheck> {
        let xcode = &self.capabilities["xcode"];
        let installed = xcode["installed"].as_array().map_or(0, Vec::len);
        let chosen = self.capabilities["xcode_version"].as_str().filter(|version| !version.is_empty());
        let Some(version) = chosen else {
            return vec![match installed {
                0 => missing(
                    "xcode",
                    "Xcode is not there",
                    "Install Xcode from the App Store and open it once.",
                ),
                _ => missing(
                    "xcode",
                    "Xcode is installed, and the command line tools are chosen instead of it",
                    "sudo xcode-select -s /Applications/Xcode.app",
                ),
            }];
        };
        let license = match xcode["license_accepted"] == true {
            true => good("xcode_license", "the licence of Xcode is accepted".to_owned()),
            false => missing(
                "xcode_license",
                "the licence of Xcode is not accepted",
                "sudo xcodebuild -license accept",
            ),
        };
        vec![good("xcode", format!("Xcode {version} of {installed} installed")), license]
    }

    fn cocoapods(&self) -> DoctorCheck {
        match self.tool("pod") {
            Some(version) => good("cocoapods", format!("CocoaPods {version}")),
            None => missing(
                "cocoapods",
                "CocoaPods is not there; iOS builds with plug-ins need it",
                "brew install cocoapods",
            ),
        }
    }

    fn memory(&self) -> Option<DoctorCheck> {
        let bytes = self.capabilities["memory_bytes"].as_u64()?;
        let what = format!("{} of memory", gibibytes(bytes));
        Some(match bytes >= MEMORY_WANTED {
            true => good("memory", what),
            false => warning(
                "memory",
                what,
                "Release builds may run out of it: lower org.gradle.jvmargs or use a larger machine.",
            ),
        })
    }

    /// Whether the kernel holds a build to its limits, or the runner has to look.
    fn limits(&self) -> Option<DoctorCheck> {
        let limits = self.capabilities["limits"].as_object()?;
        let lacking: Vec<&str> = ["processes", "memory"]
            .into_iter()
            .filter(|name| limits.get(*name) != Some(&true.into()))
            .collect();
        let watched = || {
            let what = lacking.join(" and ");
            format!(
                "the runner looks every few seconds how much {what} a build uses, and stops it beyond its limit"
            )
        };
        Some(match lacking.is_empty() {
            true => {
                good("limits", "the kernel holds a build to its limits of processes and memory".to_owned())
            }
            false if self.is_mac => good("limits", format!("{}; macOS has no limits for it", watched())),
            false => warning(
                "limits",
                format!("{}; the kernel does not hold it", watched()),
                "Run it as a service with Delegate=yes and DelegateSubgroup=supervisor (systemd 254): oore runner \
                 install-service",
            ),
        })
    }
}

fn disk(figures: RunnerFigures) -> DoctorCheck {
    let what =
        format!("{} of {} free", gibibytes(figures.disk_free_bytes), gibibytes(figures.disk_total_bytes));
    let fix = "Make room: remove old Flutter versions (fvm remove), Gradle caches or simulators.";
    match figures.disk_free_bytes {
        DISK_WANTED.. => good("disk", what),
        DISK_NEEDED.. => warning("disk", what, fix),
        _ => missing("disk", &what, fix),
    }
}

pub fn gibibytes(bytes: u64) -> String {
    let tenths = bytes / (GIB / 10);
    format!("{}.{} GiB", tenths / 10, tenths % 10)
}

/// Nothing is wrong.
pub fn good(name: &str, what: String) -> DoctorCheck {
    DoctorCheck { name: name.to_owned(), status: CheckStatus::Ok, what, fix: None }
}

/// It works, and a careful operator would change it.
pub fn warning(name: &str, what: String, fix: &str) -> DoctorCheck {
    DoctorCheck { name: name.to_owned(), status: CheckStatus::Warning, what, fix: Some(fix.to_owned()) }
}

/// It does not work.
pub fn missing(name: &str, what: &str, fix: &str) -> DoctorCheck {
    let (what, fix) = (what.to_owned(), Some(fix.to_owned()));
    DoctorCheck { name: name.to_owned(), status: CheckStatus::Missing, what, fix }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn statuses(capabilities: &Value, free: u64) -> Vec<(String, CheckStatus)> {
        let figures = RunnerFigures {
            disk_free_bytes: free,
            disk_total_bytes: 500 * GIB,
            memory_available_bytes: None,
        };
        let checks = examine(capabilities, Some(figures));
        for check in &checks {
            assert_eq!(check.fix.is_some(), check.status != CheckStatus::Ok, "{check:?}");
        }
        checks.into_iter().map(|check| (check.name, check.status)).collect()
    }

    #[test]
    fn a_bare_machine_is_told_everything_it_lacks() {
        let bare = json!({"os": "linux", "tools": {"git": null}, "android": null, "memory_bytes": GIB});
        let found = statuses(&bare, GIB);
        let lacks = found.iter().filter(|(_, status)| *status != CheckStatus::Ok);
        let names: Vec<&str> = lacks.map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["git", "jdk", "android_sdk", "memory", "disk"],
            "the runner gets Flutter by itself"
        );
    }

    #[test]
    fn a_complete_mac_is_fine() {
        let android = json!({"sdk": "/sdk", "platforms": ["android-35"], "build_tools": ["35.0.0"], "licenses_accepted": true});
        let mac = json!({
            "os": "macos", "xcode_version": "26.1", "memory_bytes": 16 * GIB, "android": android,
            "tools": {"git": "2", "fvm": "4", "java": "17.0.1", "pod": "1"},
            "xcode": {"installed": [{}], "license_accepted": true},
        });
        let found = statuses(&mac, 100 * GIB);
        assert_eq!(found.len(), 12, "{found:?}");
        assert!(found.iter().all(|(_, status)| *status == CheckStatus::Ok), "{found:?}");
    }

    #[test]
    fn where_the_kernel_does_not_hold_builds_to_limits_it_is_said() {
        let check = |os: &str, limits: Value| {
            let said = json!({"os": os, "tools": {}, "limits": limits});
            let found = examine(&said, None).into_iter().find(|check| check.name == "limits");
            found.map(|check| (check.status, check.what))
        };
        let both = json!({"processes": true, "memory": true});
        assert_eq!(check("linux", both).unwrap().0, CheckStatus::Ok);
        let (status, what) = check("linux", json!({"processes": true, "memory": false})).unwrap();
        assert_eq!(status, CheckStatus::Warning);
        assert!(what.contains("how much memory a build uses"), "{what}");
        let (status, what) = check("macos", json!({"processes": false, "memory": false})).unwrap();
        assert!(status == CheckStatus::Ok && what.contains("macOS has no limits"), "{what}");
        assert_eq!(check("linux", Value::Null), None);
    }

    #[test]
    fn what_is_half_right_is_told_apart_from_what_is_missing() {
        let status = |capabilities: &Value, name: &str| {
            statuses(capabilities, 10 * GIB).into_iter().find(|(found, _)| found == name).unwrap().1
        };
        let half = json!({
            "os": "macos", "xcode_version": "", "xcode": {"installed": [{}]},
            "tools": {"flutter": "3.35.1", "java": "11.0.2"}, "android": {"sdk": "/sdk", "licenses_accepted": false},
        });
        assert_eq!(status(&half, "jdk"), CheckStatus::Warning);
        assert_eq!(status(&half, "disk"), CheckStatus::Warning);
        assert_eq!(status(&half, "android_licenses"), CheckStatus::Missing);
        assert_eq!(status(&half, "android_platforms"), CheckStatus::Missing);
        assert_eq!(status(&half, "xcode"), CheckStatus::Missing);
    }

    #[test]
    fn a_runner_that_tells_of_no_tools_gets_no_report() {
        assert_eq!(examine(&json!({"os": "linux", "protocol_version": 4}), None), []);
    }
}
