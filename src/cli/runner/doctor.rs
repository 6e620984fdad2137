//! `oore runner doctor`: what this machine has and lacks to build apps, with what to do about it. It asks no
//! daemon and changes nothing.

use clap::Args;
use serde_json::json;

use super::File;
use crate::cli::doctor::{count, end, show};
use crate::cli::profile::ProfileSettings;
use crate::cli::terminal::say;
use crate::domain::doctor::{self as report, CheckStatus};
use crate::runner::capabilities::{self, Capabilities};

#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    file: File,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(doctor: Doctor, profile: &ProfileSettings) -> anyhow::Result<()> {
    let path = doctor.file.path(profile)?;
    // The disk of the folder in which the runner would work, which need not be there yet.
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(&path).to_owned();
    let (found, figures) = tokio::join!(Capabilities::detect(), capabilities::figures(folder));
    let capabilities = found.to_json();
    let checks = report::examine(&capabilities, figures);
    let missing = count(&checks, CheckStatus::Missing);
    if doctor.json {
        say(json!({
            "checks": checks,
            "missing_count": missing,
            "warning_count": count(&checks, CheckStatus::Warning),
            "capabilities": capabilities,
        }));
    } else {
        checks.iter().for_each(show);
    }
    end(missing)
}
