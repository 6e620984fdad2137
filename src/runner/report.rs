//! What the runner tells the daemon about a build: that it runs, and how it ended, once every frame of
//! its log has arrived.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::Serialize;
use tokio::sync::watch;

use super::halt::{Failure, Halt};
use super::job::JobClient;
use super::protocol::UpdateJobStatusRequest;
use super::replicate::{replicate, whole_frames};
use super::stop::{Stop, StopReason};
use crate::domain::build::BuildStatus;
use crate::domain::failure::FailureReason;
use crate::domain::step::StepResult;
use crate::domain::test_report::TestReport;
use crate::error::codes;
use crate::files::replace_private;

/// How long what the tests found is tried to be sent, and how often, before a daemon that answers all other
/// questions is taken not to get it.
const FINDINGS_PAUSE: Duration = Duration::from_secs(10);
const FINDINGS_PAUSES: u32 = 3;

/// The first report.
pub fn running() -> UpdateJobStatusRequest {
    UpdateJobStatusRequest {
        status: BuildStatus::Running.to_string(),
        exit_code: None,
        error_message: None,
        steps: Vec::new(),
        failure_reason: None,
        log_frames: None,
        caches: Vec::new(),
    }
}

/// The last report.
pub fn status(
    result: Result<(), &Halt>,
    steps: Vec<StepResult>,
    log_frames: Option<i64>,
) -> UpdateJobStatusRequest {
    let (status, failure) = match result {
        Ok(()) => (BuildStatus::Succeeded, None),
        Err(Halt::Failed(failure)) => (BuildStatus::Failed, Some(failure.clone())),
        Err(Halt::Stopped(reason)) => {
            let (status, failure) = stopped(*reason);
            (status, Some(failure))
        }
    };
    UpdateJobStatusRequest {
        status: status.to_string(),
        exit_code: failure.as_ref().map_or(Some(0), |failure| failure.exit_code),
        failure_reason: failure.as_ref().map(|failure| failure.reason),
        error_message: failure.map(|failure| failure.message),
        steps,
        log_frames,
        caches: Vec::new(),
    }
}

fn stopped(reason: StopReason) -> (BuildStatus, Failure) {
    let failure = |word| Failure::new(word, reason.sentence());
    match reason {
        StopReason::TimedOut => (BuildStatus::TimedOut, failure(FailureReason::TimedOut)),
        StopReason::NoOutput => (BuildStatus::TimedOut, failure(FailureReason::NoOutput)),
        StopReason::DiskFull => (BuildStatus::Failed, Failure::disk_full()),
        StopReason::OverLimit(_) => (BuildStatus::Failed, failure(FailureReason::ResourceLimit)),
        StopReason::Canceled | StopReason::Lost | StopReason::Shutdown => {
            (BuildStatus::Failed, failure(FailureReason::RunnerLost))
        }
    }
}

/// What is said about a build that was found interrupted at the start of a runner.
pub fn interrupted(log_frames: i64) -> UpdateJobStatusRequest {
    let message = "the runner was ended in the middle of the build";
    let halt = Failure::new(FailureReason::RunnerLost, message).into();
    status(Err(&halt), Vec::new(), Some(log_frames))
}

/// Keeps the last report beside the log until it is acknowledged, so that it outlives the runner.
pub fn keep(log: &Path, status: &UpdateJobStatusRequest) {
    if let Err(error) = write(&end_of(log), status) {
        tracing::warn!("the end of a build can't be kept on the disk: {error}");
    }
}

/// Whole or not at all: half a report would be read as none by the next start.
fn write(file: &Path, what: &impl Serialize) -> anyhow::Result<()> {
    Ok(replace_private(file, &serde_json::to_vec(what)?)?)
}

/// The report that was kept, if a build got that far.
pub fn kept(log: &Path) -> Option<UpdateJobStatusRequest> {
    serde_json::from_slice(&fs::read(end_of(log)).ok()?).ok()
}

/// Keeps what the tests found in the same way, if they found anything.
pub fn keep_findings(log: &Path, found: &TestReport) {
    if *found == TestReport::default() {
        return;
    }
    if let Err(error) = write(&findings_of(log), found) {
        tracing::warn!("what the tests found can't be kept on the disk: {error}");
    }
}

/// What was kept of it; nothing if there is nothing, or nothing to make sense of.
pub fn kept_findings(log: &Path) -> TestReport {
    let bytes = fs::read(findings_of(log)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Sends what the tests found. A daemon that doesn't want it, or doesn't get it because of something in between,
/// still hears how the build ended.
pub async fn send_findings(client: &JobClient, found: &TestReport) {
    send_findings_every(client, found, FINDINGS_PAUSE).await;
}

async fn send_findings_every(client: &JobClient, found: &TestReport, pause: Duration) {
    if *found == TestReport::default() {
        return;
    }
    tokio::select! {
        sent = client.tests(found) => if let Err(refusal) = sent {
            tracing::warn!("the daemon does not take what the tests found: {refusal}");
        },
        () = answers_otherwise(client, pause) => {
            tracing::warn!("what the tests found does not get through to the daemon, though it answers");
        }
    }
}

/// Waits until the daemon has been seen to answer several times in a row. One that is away is waited for.
async fn answers_otherwise(client: &JobClient, pause: Duration) {
    let mut answers = 0;
    while answers < FINDINGS_PAUSES {
        tokio::time::sleep(pause).await;
        answers = if client.is_answered().await { answers + 1 } else { 0 };
    }
}

/// Removes a log and the reports beside it.
pub fn forget(log: &Path) {
    let _absent = fs::remove_file(end_of(log));
    let _absent = fs::remove_file(findings_of(log));
    if let Err(error) = fs::remove_file(log) {
        tracing::warn!(file = %log.display(), "a log can't be removed: {error}");
    }
}

fn findings_of(log: &Path) -> PathBuf {
    log.with_extension("tests.json")
}

fn end_of(log: &Path) -> PathBuf {
    log.with_extension("end.json")
}

/// Reports a build that never got as far as a log: first that it runs, for only then it can end.
pub async fn send(client: &JobClient, status: &UpdateJobStatusRequest, stop: &Stop) -> anyhow::Result<()> {
    let both = async {
        client.report(&running()).await?;
        client.report(status).await
    };
    tokio::select! {
        told = both => Ok(told?),
        _ = stop.triggered() => anyhow::bail!("stopped before the daemon was told"),
    }
}

/// Reports the end. A daemon that lacks frames, for instance after a restore, gets them again first.
pub async fn complete(client: &JobClient, status: &UpdateJobStatusRequest, log: &Path) -> anyhow::Result<()> {
    loop {
        let Err(refusal) = client.report(status).await else { return Ok(()) };
        match refusal.expected_sequence {
            Some(expected) if refusal.code == codes::LOG_INCOMPLETE => {
                let whole = whole_frames(log).context("the log can't be read again")?;
                // The sender is gone at once: nothing more will come.
                let (_, progress) = watch::channel(whole);
                replicate(client, log, progress, expected).await?;
            }
            Some(_) | None => return Err(refusal.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::client::Client;
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn every_end_has_a_status_and_a_reason() {
        let of = |halt: Halt| {
            let status = status(Err(&halt), Vec::new(), Some(3));
            (status.status, status.failure_reason, status.exit_code)
        };
        let failed = Failure::new(FailureReason::StepFailed, "x").with_exit_code(Some(9));
        assert_eq!(of(failed.into()), ("failed".to_owned(), Some(FailureReason::StepFailed), Some(9)));
        let too_long = StopReason::TimedOut.into();
        assert_eq!(of(too_long), ("timed_out".to_owned(), Some(FailureReason::TimedOut), None));
        let silent = StopReason::NoOutput.into();
        assert_eq!(of(silent), ("timed_out".to_owned(), Some(FailureReason::NoOutput), None));
        let good = status(Ok(()), Vec::new(), Some(3));
        assert_eq!((good.status.as_str(), good.exit_code, good.log_frames), ("succeeded", Some(0), Some(3)));
    }

    /// A daemon behind something that lets no large body through.
    async fn behind_a_proxy() -> (String, tokio::task::JoinHandle<()>) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut request = vec![0; 64 * 1024];
                let length = connection.read(&mut request).await.unwrap_or(0);
                let is_asked = request[..length].starts_with(b"GET ");
                let (status, kind, body) = match is_asked {
                    true => ("200 OK", "application/json", "{}"),
                    false => ("413 Too Large", "text/html", "<html>too large</html>"),
                };
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _gone = connection.write_all(answer.as_bytes()).await;
            }
        });
        (url, serving)
    }

    #[tokio::test]
    async fn findings_that_never_get_through_do_not_keep_a_build_from_being_reported() {
        crate::tls::install();
        let (url, serving) = behind_a_proxy().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("runner.json");
        let text = format!(r#"{{"runner_id":"r","runner_token":"t","daemon_url":"{url}"}}"#);
        fs::write(&file, text).unwrap();
        let client = Client::open(&file, None, Clock::system()).unwrap();
        let job = JobClient::of_attempt(Arc::new(client), "b".to_owned(), 1);
        let found = TestReport { analysis: Some(Default::default()), ..TestReport::default() };
        let sending = send_findings_every(&job, &found, Duration::from_millis(10));
        let sent = tokio::time::timeout(Duration::from_secs(20), sending).await;
        serving.abort();
        assert!(sent.is_ok(), "it is given up");
    }

    #[test]
    fn a_report_outlives_the_runner_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("b-1.frames");
        fs::write(&log, "").unwrap();
        assert!(kept(&log).is_none());
        keep(&log, &status(Ok(()), Vec::new(), Some(3)));
        assert_eq!(kept(&log).unwrap().log_frames, Some(3));
        keep_findings(&log, &TestReport::default());
        assert!(!findings_of(&log).exists());
        let found = TestReport { analysis: Some(Default::default()), ..TestReport::default() };
        keep_findings(&log, &found);
        assert_eq!(kept_findings(&log), found);
        forget(&log);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
