//! The daemon's routes of one claimed job. Every write carries the attempt, so that a runner which was
//! given up can't change anything.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::RequestBuilder;

use super::client::{ANSWER_LIMIT, Backoff, CallError, Client, Refusal, Registration, parsed};
use super::protocol::{
    ATTEMPT_HEADER, AnnouncedArtifact, AppendFramesResponse, ArtifactPart, ArtifactPartsResponse, ClaimedJob,
    CompleteArtifactRequest, CreateArtifactRequest, JobStatusResponse, UpdateJobStatusRequest,
};
use crate::domain::test_report::TestReport;
use crate::error::codes;

/// How long the daemon is asked to hold the question where the job stands.
const HOLD_SECONDS: u64 = 30;
/// The slowest connection over which a log or a report still gets through.
const SLOWEST_BYTES_PER_MS: u64 = 8;

/// How long the daemon may take that has to ask a store.
const STORE_LIMIT: Duration = Duration::from_secs(120);

/// How long an answer to so many bytes may take.
pub fn limit_for(bytes: u64) -> Duration {
    ANSWER_LIMIT + Duration::from_millis(bytes / SLOWEST_BYTES_PER_MS)
}

/// What the daemon holds of the log after a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// The frame it wants next.
    Next(i64),
    /// It has a gap: it must be sent from here on.
    Gap(i64),
}

/// One claimed job.
#[derive(Clone)]
pub struct JobClient {
    client: Arc<Client>,
    build: String,
    attempt: i32,
}

impl JobClient {
    pub fn new(client: Arc<Client>, job: &ClaimedJob) -> Self {
        Self { client, build: job.build_id.clone(), attempt: job.attempt }
    }

    /// The same job after a restart of the runner.
    pub fn of_attempt(client: Arc<Client>, build: String, attempt: i32) -> Self {
        Self { client, build, attempt }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Reports a status until it is acknowledged or refused.
    pub async fn report(&self, status: &UpdateJobStatusRequest) -> Result<(), Refusal> {
        self.client.persist(|runner| self.post(runner, "/status").json(status)).await.map(|_| ())
    }

    /// Waits until the daemon says that the build is over or not ours.
    pub async fn over(&self) -> Result<JobStatusResponse, Refusal> {
        let limit = Duration::from_secs(HOLD_SECONDS) + ANSWER_LIMIT;
        let path = format!("{}?wait_seconds={HOLD_SECONDS}", self.path(""));
        let mut backoff = Backoff::default();
        loop {
            let asked = |runner: &Registration| {
                let request = runner.get(&self.client.http, &path).timeout(limit);
                request.header(ATTEMPT_HEADER, self.attempt)
            };
            let answer = match self.client.call_in_build(asked).await {
                Ok(answer) => parsed::<JobStatusResponse>(answer).await,
                Err(error) => Err(error),
            };
            match answer {
                Ok(job) if !matches!(job.status.as_str(), "assigned" | "running") => return Ok(job),
                Ok(_) => backoff = Backoff::default(),
                Err(CallError::Refused(refusal)) => return Err(refusal),
                Err(CallError::Unreachable(_)) => {}
            }
            // Also after an answer: a daemon that doesn't hold requests must not be asked in a loop.
            backoff.pause().await;
        }
    }

    /// Sends frames until they are acknowledged or refused.
    pub async fn append(&self, from: i64, frames: Bytes) -> Result<Appended, Refusal> {
        let path = format!("/log-frames?from={from}");
        let mut backoff = Backoff::default();
        loop {
            let sent = self.client.persist(|runner| {
                let request =
                    self.post(runner, &path).timeout(limit_for(frames.len() as u64)).body(frames.clone());
                request.header("content-type", "application/octet-stream")
            });
            match sent.await {
                Ok(answer) => match parsed::<AppendFramesResponse>(answer).await {
                    Ok(appended) => return Ok(Appended::Next(appended.next_sequence)),
                    Err(_) => backoff.pause().await,
                },
                Err(refusal) => {
                    return match refusal.expected_sequence {
                        Some(expected) if refusal.code == codes::LOG_GAP => Ok(Appended::Gap(expected)),
                        Some(_) | None => Err(refusal),
                    };
                }
            }
        }
    }

    /// Sends what the tests found until it is acknowledged or refused.
    pub async fn tests(&self, found: &TestReport) -> Result<(), Refusal> {
        let path = self.path("/tests");
        let body = Bytes::from(serde_json::to_vec(found).unwrap_or_default());
        let sent = self.client.persist(|runner| {
            let request =
                runner.put(&self.client.http, &path).timeout(limit_for(body.len() as u64)).body(body.clone());
            request.header(ATTEMPT_HEADER, self.attempt).header("content-type", "application/json")
        });
        sent.await.map(|_| ())
    }

    /// Whether the daemon answers at all. One try.
    pub async fn is_answered(&self) -> bool {
        let path = self.path("");
        let asked =
            |runner: &Registration| runner.get(&self.client.http, &path).header(ATTEMPT_HEADER, self.attempt);
        match self.client.call(asked).await {
            Ok(_) | Err(CallError::Refused(_)) => true,
            Err(CallError::Unreachable(_)) => false,
        }
    }

    /// Announces an artifact.
    pub async fn announce(&self, artifact: &CreateArtifactRequest) -> Result<AnnouncedArtifact, CallError> {
        // The daemon may have to begin an upload in parts.
        let announced =
            |runner: &Registration| self.post(runner, "/artifacts").timeout(STORE_LIMIT).json(artifact);
        let answer = self.client.persist(announced).await?;
        parsed(answer).await
    }

    /// The parts of an artifact that the store lacks: the first ones, if they are many.
    pub async fn missing_parts(&self, artifact: &str) -> Result<Vec<ArtifactPart>, CallError> {
        let path = format!("/artifacts/{artifact}/parts");
        let mut backoff = Backoff::default();
        loop {
            let answer = self.client.persist(|runner| self.post(runner, &path).timeout(STORE_LIMIT)).await?;
            match parsed::<ArtifactPartsResponse>(answer).await {
                Ok(parts) => return Ok(parts.missing),
                Err(_) => backoff.pause().await,
            }
        }
    }

    /// Says that an artifact of so many bytes has been sent. The daemon may have to read it back from a store.
    pub async fn complete(&self, artifact: &str, size: u64) -> Result<(), Refusal> {
        let limit = STORE_LIMIT + Duration::from_millis(size / SLOWEST_BYTES_PER_MS);
        self.finish(artifact, "complete", &CompleteArtifactRequest::default(), limit).await
    }

    pub async fn abort(&self, artifact: &str, why: &str) -> Result<(), Refusal> {
        let request = CompleteArtifactRequest { error_message: Some(why.to_owned()) };
        self.finish(artifact, "abort", &request, ANSWER_LIMIT).await
    }

    async fn finish(
        &self,
        artifact: &str,
        verb: &str,
        body: &CompleteArtifactRequest,
        limit: Duration,
    ) -> Result<(), Refusal> {
        let path = format!("/artifacts/{artifact}/{verb}");
        self.client.persist(|runner| self.post(runner, &path).timeout(limit).json(body)).await.map(|_| ())
    }

    fn post(&self, runner: &Registration, path: &str) -> RequestBuilder {
        runner.post(&self.client.http, &self.path(path)).header(ATTEMPT_HEADER, self.attempt)
    }

    fn path(&self, rest: &str) -> String {
        format!("/jobs/{}{rest}", self.build)
    }
}
