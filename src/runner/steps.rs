//! The steps of a build as they are told: markers in the log when one begins and ends, and the results
//! that go with the final report. What a step does is not its business.

use std::sync::Arc;

use super::halt::{Failure, Halt};
use super::process::Ended;
use super::spool::Spool;
use crate::clock::{Clock, Moment};
use crate::domain::cache::CacheResult;
use crate::domain::failure::FailureReason;
use crate::domain::step::{StepResult, StepStatus};

/// Everything that has been told so far.
pub struct Steps {
    spool: Arc<Spool>,
    clock: Clock,
    pub outcome: Outcome,
}

/// What goes on to the report of a build, whatever its end is.
#[derive(Debug, Default)]
pub struct Outcome {
    pub results: Vec<StepResult>,
    /// What was found for the caches of the build.
    pub caches: Vec<CacheResult>,
    /// The folders below the checkout in which steps may have run.
    pub folders: Vec<String>,
}

/// A step under way.
struct Begun {
    name: String,
    started_at: i64,
    since: Moment,
}

impl Steps {
    pub fn new(spool: Arc<Spool>, clock: Clock) -> Self {
        Self { spool, clock, outcome: Outcome::default() }
    }

    /// The failure of the last step is none of the build.
    pub fn tolerate_last(&mut self) {
        if let Some(last) = self.outcome.results.last_mut() {
            last.tolerated = true;
        }
    }

    /// Whether a step failed without harm to the build.
    pub fn has_tolerated(&self) -> bool {
        self.outcome.results.iter().any(|step| step.tolerated)
    }

    /// Tells of one step around its work. A failure's message becomes the last line of the step.
    pub async fn tell<T>(
        &mut self,
        name: &str,
        command: &str,
        work: impl Future<Output = Result<T, Halt>>,
    ) -> Result<T, Halt> {
        let started_at = self.clock.now();
        let begun = Begun { name: name.to_owned(), started_at, since: self.clock.moment() };
        self.spool.begin_step(name, command)?;
        let ended = work.await;
        match &ended {
            Ok(_) => self.end(begun, StepStatus::Succeeded, Some(0))?,
            Err(Halt::Failed(failure)) => {
                if failure.reason != FailureReason::StepFailed {
                    self.spool.say(&format!("[oore] {}", failure.message))?;
                }
                self.end(begun, StepStatus::Failed, failure.exit_code)?;
            }
            Err(Halt::Stopped(reason)) => {
                self.spool.say(&format!("[oore] {}", reason.sentence()))?;
                self.end(begun, StepStatus::Failed, None)?;
            }
        }
        ended
    }

    /// Tells of a step that does not run.
    pub fn skip(&mut self, name: &str, command: &str, why: &str) -> Result<(), Halt> {
        let started_at = self.clock.now();
        let begun = Begun { name: name.to_owned(), started_at, since: self.clock.moment() };
        self.spool.begin_step(name, command)?;
        self.spool.say(&format!("[oore] skipped: {why}"))?;
        self.end(begun, StepStatus::Skipped, None)
    }

    fn end(&mut self, begun: Begun, status: StepStatus, exit_code: Option<i32>) -> Result<(), Halt> {
        let took = self.clock.moment().saturating_sub(begun.since);
        let result = StepResult {
            name: begun.name,
            status,
            exit_code,
            started_at: begun.started_at,
            finished_at: self.clock.now(),
            duration_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
            tolerated: false,
        };
        self.outcome.results.push(result.clone());
        Ok(self.spool.end_step(&result)?)
    }
}

/// The result of a step that is a command.
pub fn verdict(name: &str, ended: Ended) -> Result<(), Halt> {
    let failed = |message| Failure::new(FailureReason::StepFailed, message);
    match ended {
        Ended::Exited(0) => Ok(()),
        Ended::Exited(code) => {
            let failure = failed(format!("step {name} failed with exit code {code}"));
            Err(failure.with_exit_code(Some(code)).into())
        }
        Ended::Signaled(signal) => Err(failed(format!("step {name} was ended by signal {signal}")).into()),
        Ended::Stopped(reason) => Err(reason.into()),
        Ended::TooLong => {
            let message = format!("step {name} ran longer than its time-out and was stopped");
            Err(Failure::new(FailureReason::TimedOut, message).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::protocol::decode_frame;
    use super::super::stop::StopReason;
    use super::*;

    #[tokio::test]
    async fn every_step_has_a_beginning_and_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Arc::new(Spool::create(&folder.path().join("a"), Clock::system(), 0).unwrap());
        let mut steps = Steps::new(Arc::clone(&spool), Clock::system());
        let good = steps.tell("build-1", "true", async { verdict("build-1", Ended::Exited(0)) }).await;
        let bad = steps.tell("build-2", "x", async { verdict("build-2", Ended::Exited(7)) }).await;
        let stopped = steps
            .tell("build-3", "y", async { verdict("build-3", Ended::Stopped(StopReason::Canceled)) })
            .await;
        assert!(good.is_ok() && bad.is_err() && stopped.is_err());
        let slow = steps.tell("build-4", "z", async { verdict("build-4", Ended::TooLong) }).await;
        assert!(matches!(slow, Err(Halt::Failed(failure)) if failure.reason == FailureReason::TimedOut));
        steps.skip("build-5", "a", "an earlier step failed").unwrap();
        let results = steps.outcome.results;
        let seen: Vec<_> = results.iter().map(|step| (step.status, step.exit_code)).collect();
        let failed = StepStatus::Failed;
        let skipped = StepStatus::Skipped;
        assert_eq!(
            seen,
            [
                (StepStatus::Succeeded, Some(0)),
                (failed, Some(7)),
                (failed, None),
                (failed, None),
                (skipped, None)
            ]
        );
        let bytes = std::fs::read(spool.path()).unwrap();
        let (mut rest, mut steps_of_frames) = (&bytes[..], Vec::new());
        while let Some(frame) = decode_frame(&mut rest, 0).unwrap() {
            steps_of_frames.push(frame.step);
        }
        assert_eq!(steps_of_frames, [1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]);
    }
}
