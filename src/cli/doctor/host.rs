//! What this machine has and lacks to build apps: the findings that runners report as well, held against the
//! platforms that are demanded of it.

use std::path::PathBuf;

use crate::domain::doctor::{self, CheckStatus, DoctorCheck};
use crate::domain::spec::BuildPlatform;
use crate::runner::capabilities::{self, Capabilities};

/// `folder` is where a runner of this machine keeps its things.
pub async fn look(folder: PathBuf, platforms: &[BuildPlatform]) -> Vec<DoctorCheck> {
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(&folder).to_owned();
    let (found, figures) = tokio::join!(Capabilities::detect(), capabilities::figures(there));
    let capabilities = found.to_json();
    let mut checks = doctor::examine(&capabilities, figures);
    checks.iter_mut().for_each(|check| relieve(check, platforms));
    if capabilities["os"] != "macos" {
        let apple = platforms.iter().filter(|platform| **platform != BuildPlatform::Android);
        checks.extend(apple.map(|platform| needs_mac(*platform)));
    }
    checks
}

/// What only a platform needs that nobody has asked for is worth a word and no more.
fn relieve(check: &mut DoctorCheck, wanted: &[BuildPlatform]) {
    let needed_for = doctor::needed_for(&check.name);
    let is_spare = !needed_for.is_empty() && !needed_for.iter().any(|platform| wanted.contains(platform));
    if check.status == CheckStatus::Missing && is_spare {
        check.status = CheckStatus::Warning;
    }
}

fn needs_mac(platform: BuildPlatform) -> DoctorCheck {
    let what = format!("apps for {platform} are built on macOS only");
    let fix = "Make a Mac a runner of the instance: `oore runner register` on that machine.";
    doctor::missing(platform.as_str(), &what, fix)
}
