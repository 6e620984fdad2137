//! What a code host shows of one build: its name, its state, what failed, and remarks on lines of the code. Lines of the
//! log are not in it: more people may read at the host than here.

use crate::app::App;
use crate::builds::failure::{self, Failure};
use crate::builds::test_reports;
use crate::db;
use crate::db::entity::builds;
use crate::domain::build::BuildStatus;
use crate::domain::failure::FailureReason;
use crate::domain::id::BuildId;
use crate::domain::test_report::{FindingSeverity, TestReport};
use crate::error::Result;
use crate::forge::github::reports::Annotation;

use super::text::{code, duration, plain};

/// Most annotations of a build; the build's own page has all.
const MAX_ANNOTATIONS: usize = 500;
/// Failed tests that are named.
const NAMED_TESTS: usize = 10;
const MAX_NAME: usize = 120;
const MAX_TITLE: usize = 140;
const MAX_MESSAGE: usize = 1000;

/// How one build goes.
#[derive(Debug)]
pub struct View {
    pub build: BuildId,
    /// The pipeline with the combination of its matrix.
    pub label: String,
    pub status: BuildStatus,
    /// One line.
    pub title: String,
    /// Markdown.
    pub summary: String,
    /// The build's page, if others reach it.
    pub url: Option<String>,
    pub started_at_ms: Option<i64>,
    pub finished_at_ms: Option<i64>,
    pub annotations: Vec<Annotation>,
}

/// What tests and analysis found, as far as it is told.
#[derive(Debug, Default)]
struct Findings {
    lines: Vec<String>,
    annotations: Vec<Annotation>,
}

pub async fn of(app: &App, build: &builds::Model) -> Result<View> {
    let failure = match build.status.is_failure() {
        true => failure::of(app, build).await?,
        false => Failure::default(),
    };
    let findings = match build.status.is_terminal() {
        true => test_reports::of_build(app, build, findings).await?,
        false => Findings::default(),
    };
    let title = title(build, failure.step.as_deref());
    Ok(View {
        build: build.id,
        label: label(app, build).await?,
        status: build.status,
        summary: summary(build, &title, &failure, findings.lines),
        title,
        url: page(app, build.id),
        started_at_ms: build.started_at_ms,
        finished_at_ms: build.finished_at_ms,
        annotations: findings.annotations,
    })
}

/// The address of a build's page.
pub fn page(app: &App, build: BuildId) -> Option<String> {
    app.network.reach().public_url.as_ref().map(|url| format!("{url}/builds/{build}"))
}

/// How a build is called: its pipeline, and the values of its matrix.
pub async fn label(app: &App, build: &builds::Model) -> Result<String> {
    let pipeline = db::pipelines::find(app.db.read(), build.pipeline_id).await?;
    let name = pipeline.map(|pipeline| pipeline.name).unwrap_or_default();
    let values =
        build.matrix.as_ref().map(|matrix| matrix.0.values().cloned().collect::<Vec<_>>().join(", "));
    let whole = match values {
        Some(values) if !values.is_empty() => format!("{name} ({values})"),
        Some(_) | None => name,
    };
    Ok(plain(&whole, MAX_NAME))
}

/// The state of a build in some words.
pub fn title(build: &builds::Model, step: Option<&str>) -> String {
    let in_step = step.map(|step| format!(" in step {}", plain(step, MAX_NAME))).unwrap_or_default();
    let line = match build.status {
        BuildStatus::Queued | BuildStatus::Scheduled | BuildStatus::Assigned => {
            "Waiting for a runner".to_owned()
        }
        BuildStatus::Running => "Running".to_owned(),
        BuildStatus::Succeeded => match run_ms(build) {
            Some(ms) => format!("Succeeded in {}", duration(ms)),
            None => "Succeeded".to_owned(),
        },
        BuildStatus::Failed if step.is_some() => format!("Failed{in_step}"),
        BuildStatus::Failed => format!("Failed: {}", because(build.failure_reason)),
        BuildStatus::Canceled => "Canceled".to_owned(),
        BuildStatus::TimedOut => format!("Timed out{in_step}"),
        BuildStatus::Expired => "Waited too long for a runner".to_owned(),
    };
    plain(&line, MAX_TITLE)
}

/// How long it ran.
pub fn run_ms(build: &builds::Model) -> Option<i64> {
    Some(build.finished_at_ms? - build.started_at_ms?)
}

/// Why a build failed.
pub fn because(reason: Option<FailureReason>) -> &'static str {
    match reason {
        Some(FailureReason::StepFailed) => "a step failed",
        Some(FailureReason::InvalidConfig) => "its pipeline file is not valid",
        Some(FailureReason::CheckoutFailed) => "the code could not be checked out",
        Some(FailureReason::ToolMissing) => "the runner lacks a tool",
        Some(FailureReason::NoArtifacts) => "no file matches the artifact patterns",
        Some(FailureReason::DiskFull) => "the disk is full",
        Some(FailureReason::ResourceLimit) => "it used more than it may",
        Some(FailureReason::TimedOut) => "it took too long",
        Some(FailureReason::NoOutput) => "it printed nothing for too long",
        Some(FailureReason::RunnerLost) => "the runner was lost",
        Some(FailureReason::UploadFailed) => "its files could not be uploaded",
        Some(FailureReason::NotRunnable) => "it can't be run",
        Some(FailureReason::Internal) => "something went wrong on the runner",
        None => "the reason is not known",
    }
}

fn summary(build: &builds::Model, title: &str, failure: &Failure, findings: Vec<String>) -> String {
    let mut lines = Vec::new();
    if let Some(step) = &failure.step {
        let with = failure.exit_code.map(|code| format!(" with exit code {code}")).unwrap_or_default();
        lines.push(format!("Step {} failed{with}.", code(step, MAX_NAME)));
    }
    if let Some(cause) = &failure.excerpt.cause {
        lines.push(format!("**{}.** {}", cause.title, cause.hint));
    }
    if let Some(message) = build.error_message.as_deref().filter(|message| !message.trim().is_empty()) {
        lines.push(code(message, MAX_MESSAGE));
    }
    lines.extend(findings);
    if lines.is_empty() { format!("{}.", code(title, MAX_TITLE)) } else { lines.join("\n\n") }
}

fn findings(report: TestReport) -> Findings {
    let mut found = Findings::default();
    if let Some(tests) = &report.tests {
        let counts = tests.counts;
        let bad = counts.bad();
        found
            .lines
            .push(format!("Tests: {} passed, {bad} failed, {} skipped.", counts.passed, counts.skipped));
        let failed: Vec<_> = tests.cases.iter().filter(|case| case.outcome.is_bad()).collect();
        let mut named: Vec<String> = failed
            .iter()
            .take(NAMED_TESTS)
            .map(|case| format!("- {}", code(&case.name, MAX_MESSAGE)))
            .collect();
        let bad = usize::try_from(bad).unwrap_or(usize::MAX);
        if bad > named.len() && !named.is_empty() {
            named.push(format!("- and {} more", bad - named.len()));
        }
        if !named.is_empty() {
            found.lines.push(named.join("\n"));
        }
        for case in failed {
            let message = case.failure.as_ref().map(|failure| failure.message.as_str()).unwrap_or_default();
            let remark = remark(case.file.as_deref(), case.line, "failure", &case.name, message);
            found.annotations.extend(remark);
        }
    }
    if let Some(analysis) = &report.analysis {
        let counts = analysis.counts;
        found.lines.push(format!(
            "Analysis: {} errors, {} warnings, {} notes.",
            counts.errors, counts.warnings, counts.infos
        ));
        for finding in &analysis.findings {
            let level = match finding.severity {
                FindingSeverity::Error => "failure",
                FindingSeverity::Warning => "warning",
                FindingSeverity::Info => "notice",
            };
            let remark =
                remark(Some(&finding.file), Some(finding.line), level, &finding.code, &finding.message);
            found.annotations.extend(remark);
        }
    }
    found.annotations.truncate(MAX_ANNOTATIONS);
    found
}

/// A remark on a line of a file of the repository; none on what is elsewhere.
fn remark(
    file: Option<&str>,
    line: Option<u32>,
    annotation_level: &'static str,
    title: &str,
    message: &str,
) -> Option<Annotation> {
    let path = file.filter(|path| is_inside(path))?.to_owned();
    let line = line.filter(|line| *line > 0)?;
    let (title, message) = (plain(title, 200), visible(message));
    // None of both may be empty.
    let message = if message.trim().is_empty() { title.clone() } else { message };
    let message = if message.is_empty() { annotation_level.to_owned() } else { message };
    Some(Annotation { path, start_line: line, end_line: line, annotation_level, title, message })
}

fn is_inside(path: &str) -> bool {
    let is_plain = !path.is_empty()
        && path.len() <= 1024
        && !path.contains(['\\', ':'])
        && !path.contains(char::is_control);
    is_plain && !path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// The message with its lines, cut where it is too long.
fn visible(message: &str) -> String {
    let kept = message.chars().filter(|c| !c.is_control() || *c == '\n').take(4 * MAX_MESSAGE);
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_report::{Analysis, Finding};

    fn finding(file: &str, line: u32) -> Finding {
        Finding {
            severity: FindingSeverity::Warning,
            file: file.to_owned(),
            line,
            column: 1,
            message: "unused\u{7}".to_owned(),
            code: "unused_import".to_owned(),
        }
    }

    #[test]
    fn only_lines_of_files_in_the_repository_are_remarked_on() {
        let places = ["lib/a.dart", "/home/x/a.dart", "../a", "a/../../b", "C:\\a", "", "a//b", "./a"];
        let all = places.map(|file| finding(file, 3)).to_vec();
        let analysis =
            Analysis { findings: [all, vec![finding("lib/b.dart", 0)]].concat(), ..Analysis::default() };
        let found = findings(TestReport { tests: None, analysis: Some(analysis) });
        let paths: Vec<_> =
            found.annotations.iter().map(|one| (one.path.as_str(), one.message.as_str())).collect();
        assert_eq!(paths, [("lib/a.dart", "unused")]);
    }

    #[test]
    fn there_is_an_end_to_the_remarks() {
        let all = (1..1000).map(|line| finding("lib/a.dart", line)).collect();
        let analysis = Analysis { findings: all, ..Analysis::default() };
        let found = findings(TestReport { tests: None, analysis: Some(analysis) });
        assert_eq!(found.annotations.len(), MAX_ANNOTATIONS);
    }
}
