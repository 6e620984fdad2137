//! Xcode on macOS: every one that is installed, which one is chosen, whether its licence was accepted.

use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::task::JoinSet;

use super::{said, tool};
use crate::runner::platform;

/// What there is of Xcode.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Xcodes {
    /// The folder that `xcode-select -p` names, which may be that of the command line tools.
    pub selected: Option<PathBuf>,
    pub installed: Vec<Xcode>,
    pub license_accepted: bool,
}

/// One installed Xcode.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Xcode {
    pub path: PathBuf,
    pub version: String,
    pub build: String,
}

/// Programs of the system that tell about Xcode.
struct System<'a> {
    applications: &'a Path,
    xcodebuild: &'a Path,
    xcode_select: &'a Path,
}

impl Xcodes {
    /// The one that builds use.
    pub fn chosen(&self) -> Option<&Xcode> {
        let selected = self.selected.as_ref()?;
        self.installed.iter().find(|xcode| selected.starts_with(&xcode.path))
    }
}

/// `None` where there can't be any.
pub async fn find() -> Option<Xcodes> {
    let system = System {
        applications: Path::new("/Applications"),
        xcodebuild: Path::new("/usr/bin/xcodebuild"),
        xcode_select: Path::new("/usr/bin/xcode-select"),
    };
    match platform::has_xcode() {
        true => Some(system.look().await),
        false => None,
    }
}

/// Files that change with Xcode.
pub fn files() -> Vec<PathBuf> {
    if !platform::has_xcode() {
        return Vec::new();
    }
    ["/Applications", "/var/db/xcode_select_link"].map(PathBuf::from).into()
}

impl System<'_> {
    async fn look(&self) -> Xcodes {
        let (selected, license_accepted, installed) =
            tokio::join!(self.selected(), self.license_accepted(), self.installed());
        Xcodes { selected, installed, license_accepted }
    }

    async fn selected(&self) -> Option<PathBuf> {
        let path = said(&mut tool(self.xcode_select, &["-p"])).await?;
        Some(PathBuf::from(path.trim()))
    }

    async fn license_accepted(&self) -> bool {
        said(&mut tool(self.xcodebuild, &["-license", "check"])).await.is_some()
    }

    async fn installed(&self) -> Vec<Xcode> {
        let entries = std::fs::read_dir(self.applications).into_iter().flatten().flatten();
        let places = entries.map(|entry| entry.path()).filter(|path| is_xcode(path));
        let mut asked: JoinSet<_> = places.map(|path| version(self.xcodebuild.to_owned(), path)).collect();
        let mut installed = Vec::new();
        while let Some(answer) = asked.join_next().await {
            installed.extend(answer.ok().flatten());
        }
        installed.sort();
        installed
    }
}

fn is_xcode(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with("Xcode") && name.ends_with(".app")
}

/// Each Xcode speaks for itself when it is the developer folder.
async fn version(xcodebuild: PathBuf, path: PathBuf) -> Option<Xcode> {
    let mut command = tool(&xcodebuild, &["-version"]);
    let text = said(command.env("DEVELOPER_DIR", path.join("Contents/Developer"))).await?;
    let line = |start: &str| text.lines().find_map(|line| Some(line.strip_prefix(start)?.trim().to_owned()));
    Some(Xcode { version: line("Xcode ")?, build: line("Build version ").unwrap_or_default(), path })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn script(path: &Path, text: &str) {
        std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[tokio::test]
    async fn every_xcode_is_found_and_the_chosen_one_known() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        for app in ["Xcode.app", "Xcode-16.app", "Xcode-broken.app", "Xcodes.txt", "Safari.app"] {
            std::fs::create_dir_all(at("apps").join(app)).unwrap();
        }
        script(
            &at("xcodebuild"),
            "[ \"$1\" = -license ] && exit 1\ncase $DEVELOPER_DIR in\n\
             */Xcode.app/*) printf 'Xcode 26.1\\nBuild version 17B55\\n';;\n\
             */Xcode-16.app/*) printf 'Xcode 16.4\\nBuild version 16F6\\n';;\n*) exit 1;; esac",
        );
        let chosen = at("apps").join("Xcode-16.app/Contents/Developer");
        script(&at("xcode-select"), &format!("echo {}", chosen.display()));
        let (applications, xcodebuild, xcode_select) = (at("apps"), at("xcodebuild"), at("xcode-select"));
        let system =
            System { applications: &applications, xcodebuild: &xcodebuild, xcode_select: &xcode_select };
        let found = system.look().await;
        let versions: Vec<&str> = found.installed.iter().map(|xcode| xcode.version.as_str()).collect();
        assert_eq!(versions, ["16.4", "26.1"]);
        assert_eq!(found.chosen().map(|xcode| xcode.build.as_str()), Some("16F6"));
        assert!(!found.license_accepted);
    }

    #[test]
    fn the_command_line_tools_are_no_xcode() {
        let tools = Xcodes {
            selected: Some("/Library/Developer/CommandLineTools".into()),
            installed: vec![Xcode { path: "/Applications/Xcode.app".into(), ..of("26.1") }],
            license_accepted: true,
        };
        assert_eq!(tools.chosen(), None);
    }

    fn of(version: &str) -> Xcode {
        Xcode { path: PathBuf::new(), version: version.to_owned(), build: String::new() }
    }
}
