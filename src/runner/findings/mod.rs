//! Finds out what the tests and the analysis of a build found: in the files that steps left in
//! `$OORE_REPORTS`, and in what they printed. Everything is whatever a build wrote: sizes and counts are
//! bounded, links are not followed, and a report that can't be read costs a line in the log, never the build.

mod analysis;
mod dart;
mod fit;
mod gathering;
mod junit;
mod kept;
mod lines;
mod tidy;

use std::path::Path;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use self::gathering::{Gathered, Gathering, gather};
use self::tidy::Tidy;
use super::folder::Workspace;
use super::process::Stage;
use super::stop::Stop;
use crate::domain::test_report::TestReport;

/// How long all of it may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// What the steps of a build found, also told in its log. Nothing here is a reason for a build to fail.
/// `folders` are those below the checkout in which steps ran.
pub async fn find(stage: &Stage, workspace: &Workspace, source: &Path, folders: &[String]) -> TestReport {
    let tidy = Tidy::new(stage.spool.masks().clone(), source, folders);
    let (reports, log) = (workspace.reports(), stage.spool.path().to_owned());
    let enough = CancellationToken::new();
    let gathering = Gathering::new(tidy, enough.clone());
    let mut looking = tokio::task::spawn_blocking(move || gather(gathering, &reports, &log));
    let looked = tokio::select! {
        looked = &mut looking => looked,
        () = enough_of(&stage.stop) => {
            enough.cancel();
            looking.await
        }
    };
    let Ok(Gathered { report, remarks }) = looked else {
        tracing::error!("looking for reports of tests was interrupted");
        return TestReport::default();
    };
    for line in remarks.into_iter().chain(summary(&report)) {
        if let Err(error) = stage.spool.say(&format!("[oore] {line}")) {
            tracing::warn!("the log can't tell of the tests: {error}");
        }
    }
    report
}

/// Waits until it has taken too long, or nobody wants to know any more.
async fn enough_of(stop: &Stop) {
    let unwanted = async {
        if stop.triggered().await.is_told() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = unwanted => {}
        () = tokio::time::sleep(TIME_LIMIT) => {}
    }
}

/// What a person reads at the end of the log; nothing if nothing was found.
fn summary(report: &TestReport) -> Option<String> {
    let words = |counts: &[(u32, &str)]| {
        let some: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if some.is_empty() { "none".to_owned() } else { some.join(", ") }
    };
    let tests = report.tests.as_ref().map(|tests| {
        let counts = tests.counts;
        let counts = [
            (counts.passed, "passed"),
            (counts.failed, "failed"),
            (counts.errors, "with errors"),
            (counts.skipped, "skipped"),
        ];
        let cut_off = if tests.is_cut_off { "; a report ends before its tests did" } else { "" };
        format!("tests: {}{cut_off}", words(&counts))
    });
    let analysis = report.analysis.as_ref().map(|analysis| {
        let counts = analysis.counts;
        let counts = [(counts.errors, "errors"), (counts.warnings, "warnings"), (counts.infos, "infos")];
        format!("analysis: {}", words(&counts))
    });
    let parts: Vec<String> = tests.into_iter().chain(analysis).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}
