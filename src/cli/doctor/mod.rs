//! `oore doctor`: looks at the instance, at its data folder if that is on this machine, and at what this machine
//! has to build apps. Each finding says what is wrong and what to do about it. It changes nothing.

mod access;
mod files;
mod host;
mod instance;

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::{Value, json};

use super::failure::Failure;
use super::http::Connection;
use super::profile::ProfileSettings;
use super::terminal::{plain, say};
use crate::config::FolderSettings;
use crate::domain::doctor::{CheckStatus, DoctorCheck};
use crate::domain::spec::BuildPlatform;

#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    folder: FolderSettings,

    /// Demand that this machine can build for this platform; can be repeated.
    #[arg(long = "platform", value_name = "PLATFORM", conflicts_with = "all")]
    platforms: Vec<BuildPlatform>,

    /// Demand that it can build for all platforms.
    #[arg(long)]
    all: bool,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

/// What a group of checks is about.
struct Area {
    name: &'static str,
    heading: &'static str,
    checks: Vec<DoctorCheck>,
}

pub async fn run(doctor: Doctor, settings: &ProfileSettings) -> anyhow::Result<()> {
    let platforms = if doctor.all { BuildPlatform::ALL.to_vec() } else { doctor.platforms };
    let daemon = doctor.connection.open(&settings.open()?)?;
    let folder = doctor.folder.resolve()?;
    let instance = instance::look(&daemon).await;
    let files = files::look(&folder, instance.is_here).await;
    let host = host::look(settings.root()?, &platforms).await;
    let areas = [
        Area { name: "instance", heading: "Instance", checks: instance.checks },
        Area { name: "data", heading: "Data folder", checks: files },
        Area { name: "host", heading: "This machine", checks: host },
    ];
    let missing = count(areas.iter().flat_map(|area| &area.checks), CheckStatus::Missing);
    let warnings = count(areas.iter().flat_map(|area| &area.checks), CheckStatus::Warning);
    if doctor.json {
        let checks: Vec<Value> = areas.iter().flat_map(Area::as_json).collect();
        say(json!({ "checks": checks, "missing_count": missing, "warning_count": warnings }));
    } else {
        areas.iter().for_each(Area::show);
    }
    end(missing)
}

/// How a doctor ends that found so many things missing.
pub fn end(missing: usize) -> anyhow::Result<()> {
    match missing {
        0 => Ok(()),
        1 => Err(Failure::failed("one thing does not work").into()),
        several => Err(Failure::failed(format!("{several} things do not work")).into()),
    }
}

impl Area {
    fn as_json(&self) -> impl Iterator<Item = Value> {
        self.checks.iter().map(|check| {
            let mut shown = json!(check);
            shown["area"] = self.name.into();
            shown
        })
    }

    fn show(&self) {
        if self.checks.is_empty() {
            return;
        }
        let bold = Style::new().bold();
        say(format_args!("{bold}{}{bold:#}", self.heading));
        self.checks.iter().for_each(show);
    }
}

/// How many checks ended so.
pub fn count<'a>(checks: impl IntoIterator<Item = &'a DoctorCheck>, status: CheckStatus) -> usize {
    checks.into_iter().filter(|check| check.status == status).count()
}

/// Prints a check, and what to do about it.
pub fn show(check: &DoctorCheck) {
    let (mark, color) = match check.status {
        CheckStatus::Ok => ("ok", AnsiColor::Green),
        CheckStatus::Warning => ("warning", AnsiColor::Yellow),
        CheckStatus::Missing => ("missing", AnsiColor::Red),
    };
    let style = color.on_default().bold();
    say(format_args!("{style}{mark:<8}{style:#} {}", plain(&check.what)));
    if let Some(fix) = &check.fix {
        say(format_args!("         {}", plain(fix)));
    }
}
