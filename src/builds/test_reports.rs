//! What the tests of a build found: taken from its runner while the build runs, packed, and unpacked for who
//! asks. The same report again changes nothing; that of an older attempt is refused, and not shown.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use tokio::sync::Semaphore;

use super::job::Speaker;
use crate::app::App;
use crate::db;
use crate::db::builds::Standing;
use crate::db::entity::{builds, test_reports::Model};
use crate::domain::id::BuildId;
use crate::domain::test_report::{MAX_CASES, MAX_FINDINGS, MAX_REPORT_BYTES, TestCounts, TestReport, Tests};
use crate::error::{Error, Result};

/// Reports that are unpacked at a time: each takes some megabytes.
static UNPACKING: Semaphore = Semaphore::const_new(4);

/// Takes a report.
///
/// Errors: 400 `invalid_request`, and those of a job; nobody holds one that is over.
pub async fn take(app: &App, speaker: &Speaker, build: BuildId, report: TestReport) -> Result<()> {
    if speaker.attempt.is_none() {
        return Err(Error::invalid("invalid_request", "the attempt must be named"));
    }
    check(&report)?;
    let counts = report.tests.as_ref().map(|tests| tests.counts).unwrap_or_default();
    let has_tests = report.tests.is_some();
    let content =
        tokio::task::spawn_blocking(move || pack(&report)).await.map_err(std::io::Error::other)??;
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let row = speaker.job(tx, build).await?;
            tx.signal(Standing::from(&row).changed());
            let row = Model {
                build_id: row.id,
                attempt: row.attempt,
                has_tests,
                passed: counts.passed.into(),
                failed: counts.bad().into(),
                skipped: counts.skipped.into(),
                created_at: now,
                content,
            };
            db::test_reports::replace(tx, row).await
        })
        .await?;
    app.leases.mentions(build);
    Ok(())
}

fn check(report: &TestReport) -> Result<()> {
    let cases = report.tests.as_ref().map_or(0, |tests| tests.cases.len());
    let findings = report.analysis.as_ref().map_or(0, |analysis| analysis.findings.len());
    if cases > MAX_CASES || findings > MAX_FINDINGS {
        let most = format!("a report has at most {MAX_CASES} tests and {MAX_FINDINGS} findings");
        return Err(Error::invalid("invalid_request", most));
    }
    Ok(())
}

/// What `view` makes of what the present attempt at a build found; nothing if it told nothing, and the counts alone if it
/// was kept long enough.
pub async fn of_build<T: Send + 'static>(
    app: &App,
    build: &builds::Model,
    view: impl FnOnce(TestReport) -> T + Send + 'static,
) -> Result<T> {
    let Some(row) = db::test_reports::find(app.db.read(), build.id, build.attempt).await? else {
        return Ok(view(TestReport::default()));
    };
    if row.content.is_empty() {
        return Ok(view(left_of(&row)));
    }
    let turn = UNPACKING.acquire().await.map_err(std::io::Error::other)?;
    let viewing = tokio::task::spawn_blocking(move || {
        // Who asked may have gone; the work goes on all the same, and counts until it is done.
        let _turn = turn;
        unpack(&row.content).map(view)
    });
    viewing.await.map_err(std::io::Error::other)?
}

/// What is known of a report whose content is gone. Its errors count as failures there.
fn left_of(row: &Model) -> TestReport {
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let [passed, failed, skipped] = [row.passed, row.failed, row.skipped].map(count);
    let counts = TestCounts { passed, failed, errors: 0, skipped };
    let left_out = passed.saturating_add(failed).saturating_add(skipped);
    let tests = row.has_tests.then(|| Tests { counts, left_out, ..Tests::default() });
    TestReport { tests, analysis: None }
}

/// As text: the only bytes in the database are sealed ones.
fn pack(report: &TestReport) -> Result<String> {
    let json = serde_json::to_vec(report).map_err(std::io::Error::other)?;
    let mut packed = Vec::new();
    DeflateEncoder::new(&json[..], Compression::default()).read_to_end(&mut packed)?;
    Ok(STANDARD_NO_PAD.encode(packed))
}

fn unpack(content: &str) -> Result<TestReport> {
    let packed = STANDARD_NO_PAD.decode(content).map_err(std::io::Error::other)?;
    let mut json = Vec::new();
    // A runner may have written its numbers in fewer characters than we do, but not by much.
    let most = 2 * MAX_REPORT_BYTES as u64;
    DeflateDecoder::new(&packed[..]).take(most).read_to_end(&mut json)?;
    Ok(serde_json::from_slice(&json).map_err(std::io::Error::other)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::test_report::{TestCase, TestOutcome};

    #[test]
    fn a_report_comes_back_as_it_was_and_takes_little_room() {
        let case = |number| TestCase {
            name: format!("a group of tests shows the {number}th thing"),
            file: Some("test/widgets/things_test.dart".to_owned()),
            line: Some(number),
            outcome: TestOutcome::Passed,
            duration_ms: 12,
            failure: None,
        };
        let cases: Vec<TestCase> = (0..5000).map(case).collect();
        let report = TestReport { tests: Some(Tests { cases, ..Tests::default() }), analysis: None };
        let packed = pack(&report).unwrap();
        assert!(packed.len() < 200_000, "{}", packed.len());
        assert_eq!(unpack(&packed).unwrap(), report);
        assert!(unpack("@").is_err());
    }
}
