//! The loop of a runner: ask for work, do it, ask again. It ends when the runner is to drain, or when
//! the daemon is gone for good.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Runner;
use super::client::{Backoff, CallError};
use super::execute::execute;
use super::protocol::ClaimedJob;
use super::stop::{Stop, StopReason};
use crate::domain::runner::RunnerStatus;

/// Pause after the daemon has said that we may not work for it.
const REFUSED_PAUSE: Duration = Duration::from_secs(5);
/// An answer without work that comes sooner was not held: the daemon is stopping.
const HELD: Duration = Duration::from_secs(1);
/// How long a build may take to end when the runner is told to end at once.
const LAST_MOMENTS: Duration = Duration::from_secs(20);

/// What people and supervisors want of the runner.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Take no more work; end when there is none.
    pub drain: CancellationToken,
    /// End the build as well.
    pub abandon: CancellationToken,
}

/// Works until the runner is to end.
pub async fn work(runner: &Runner, status: &watch::Sender<RunnerStatus>, wishes: &Wishes) {
    while let Some(job) = next_job(runner, &wishes.drain).await {
        status.send_replace(RunnerStatus::Busy);
        one_build(runner, &job, status, wishes).await;
        if wishes.drain.is_cancelled() {
            return;
        }
        status.send_replace(RunnerStatus::Online);
    }
}

/// The next job, or nothing when there is no reason to wait for one.
async fn next_job(runner: &Runner, drain: &CancellationToken) -> Option<ClaimedJob> {
    tokio::select! {
        job = claim(runner) => Some(job),
        () = drain.cancelled() => None,
        () = runner.client.gone(runner.patience) => {
            tracing::info!("the daemon has been away for too long; the runner ends");
            None
        }
    }
}

async fn claim(runner: &Runner) -> ClaimedJob {
    let clock = &runner.client.clock;
    let mut backoff = Backoff::default();
    loop {
        let asked = clock.moment();
        match runner.client.claim().await {
            Ok(answer) => match answer.job {
                Some(job) => return job,
                None if clock.moment().saturating_sub(asked) >= HELD => backoff = Backoff::default(),
                None => backoff.pause().await,
            },
            Err(CallError::Unreachable(why)) => {
                tracing::debug!("no answer to a claim: {why}");
                backoff.pause().await;
            }
            Err(CallError::Refused(refusal)) => {
                tracing::warn!("the daemon gives no work to this runner: {refusal}");
                tokio::time::sleep(REFUSED_PAUSE).await;
            }
        }
    }
}

async fn one_build(runner: &Runner, job: &ClaimedJob, status: &watch::Sender<RunnerStatus>, wishes: &Wishes) {
    let stop = Stop::default();
    let wished = async {
        wishes.drain.cancelled().await;
        status.send_replace(RunnerStatus::Draining);
        wishes.abandon.cancelled().await;
        stop.trigger(StopReason::Shutdown);
        tokio::time::sleep(LAST_MOMENTS).await;
    };
    tokio::select! {
        () = execute(runner, job, &stop) => {}
        // The warden ends what is left.
        () = wished => tracing::warn!(build = %job.build_id, "the build did not end in time"),
    }
}
