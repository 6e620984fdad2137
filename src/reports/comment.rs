//! The comment on a pull or merge request: how the builds of its newest commit go, as Markdown. What people and programs
//! have named is code in it.

use crate::domain::build::BuildStatus;
use crate::domain::id::ProjectId;

use super::text::{code, duration, size};

/// Most builds and most files that it lists.
pub const MOST_BUILDS: usize = 50;
const MOST_FILES: usize = 30;
const MAX_NAME: usize = 120;

/// What it is about.
#[derive(Debug)]
pub struct Comment {
    pub project: ProjectId,
    pub project_name: String,
    pub sha: String,
    pub lines: Vec<Line>,
    /// Whether there are more builds than it lists.
    pub is_cut: bool,
    pub files: Vec<File>,
}

/// One build.
#[derive(Debug)]
pub struct Line {
    pub label: String,
    pub number: i64,
    pub status: BuildStatus,
    pub failed_step: Option<String>,
    pub run_ms: Option<i64>,
    pub url: Option<String>,
}

/// A file that a build made.
#[derive(Debug)]
pub struct File {
    pub name: String,
    pub bytes: Option<i64>,
    /// Of the build that made it.
    pub label: String,
}

/// What the comment of a project is found by.
pub fn marker(project: ProjectId) -> String {
    format!("<!-- oore-ci report {project} -->")
}

impl Comment {
    pub fn markdown(&self) -> String {
        let short: String = self.sha.chars().filter(char::is_ascii_hexdigit).take(7).collect();
        let mut text = format!("{}\n", marker(self.project));
        text.push_str(&format!("**Oore CI** for {} at `{short}`\n\n", code(&self.project_name, MAX_NAME)));
        text.push_str("| Pipeline | Result | Duration | Build |\n|---|---|---|---|\n");
        self.lines.iter().for_each(|line| text.push_str(&line.markdown()));
        if self.is_cut {
            text.push_str("\nThere are more builds than these.\n");
        }
        if !self.files.is_empty() {
            text.push_str("\n**Artifacts**\n\n");
            self.files.iter().take(MOST_FILES).for_each(|file| text.push_str(&file.markdown()));
        }
        if let Some(more) = self.files.len().checked_sub(MOST_FILES).filter(|more| *more > 0) {
            text.push_str(&format!("- and {more} more\n"));
        }
        text
    }
}

impl Line {
    fn markdown(&self) -> String {
        let (label, result) = (code(&self.label, MAX_NAME), self.result());
        let took = self.run_ms.map(duration).unwrap_or_default();
        let number = self.number;
        let build = match &self.url {
            Some(url) => format!("[{number}]({url})"),
            // With a mark in front of it, hosts would link it to one of their own things.
            None => number.to_string(),
        };
        format!("| {label} | {result} | {took} | {build} |\n")
    }

    fn result(&self) -> String {
        let at = self.failed_step.as_deref().map(|step| format!(" in {}", code(step, MAX_NAME)));
        let at = at.unwrap_or_default();
        match self.status {
            BuildStatus::Queued | BuildStatus::Scheduled | BuildStatus::Assigned => "⏳ waiting".to_owned(),
            BuildStatus::Running => "⏳ running".to_owned(),
            BuildStatus::Succeeded => "✅ succeeded".to_owned(),
            BuildStatus::Failed => format!("❌ failed{at}"),
            BuildStatus::Canceled => "⚪ canceled".to_owned(),
            BuildStatus::TimedOut => format!("❌ timed out{at}"),
            BuildStatus::Expired => "❌ waited too long for a runner".to_owned(),
        }
    }
}

impl File {
    fn markdown(&self) -> String {
        let of = code(&self.label, MAX_NAME);
        let bytes = self.bytes.map(|bytes| format!(" ({})", size(bytes))).unwrap_or_default();
        format!("- {}{bytes} of {of}\n", code(&self.name, MAX_NAME))
    }
}
