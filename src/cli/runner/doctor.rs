//! `oore runner doctor`: what this machine has and lacks to build apps, with what to do about it. It asks no
//! daemon and changes nothing.

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::json;

use super::File;
use crate::cli::profile::ProfileSettings;
use crate::cli::terminal::{plain, say};
use crate::domain::doctor::{self as report, CheckStatus, DoctorCheck};
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
    if doctor.json {
        let count = |status| checks.iter().filter(|check| check.status == status).count();
        say(json!({
            "checks": checks,
            "missing_count": count(CheckStatus::Missing),
            "warning_count": count(CheckStatus::Warning),
            "capabilities": capabilities,
        }));
        return Ok(());
    }
    checks.iter().for_each(show);
    Ok(())
}

fn show(check: &DoctorCheck) {
    let (mark, color) = match check.status {
        CheckStatus::Ok => ("ok", AnsiColor::Green),
        CheckStatus::Warning => ("warning", AnsiColor::Yellow),
        CheckStatus::Missing => ("missing", AnsiColor::Red),
    };
    let style = Style::new().fg_color(Some(color.into())).bold();
    say(format_args!("{style}{mark:<8}{style:#} {}", plain(&check.what)));
    if let Some(fix) = &check.fix {
        say(format_args!("         {}", plain(fix)));
    }
}
