//! The loop of a runner: while a slot is free, ask for work, and have it done beside what is being done. It ends
//! when the runner is to drain, or when the daemon is gone for good.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Runner;
use super::client::{Backoff, CallError};
use super::execute::execute;
use super::hands::{Grip, Hands};
use super::protocol::ClaimedJob;
use super::stop::{Stop, StopReason};

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
    /// End the builds as well.
    pub abandon: CancellationToken,
}

/// A job, and what it takes up as long as it is worked on.
struct Work {
    job: ClaimedJob,
    _slot: OwnedSemaphorePermit,
    _grip: Grip,
}

/// Works until the runner is to end, and everything that was begun is over.
pub async fn work(runner: &Arc<Runner>, hands: &Hands, wishes: &Wishes) {
    let slots = Arc::new(Semaphore::new(runner.slots as usize));
    let mut builds = JoinSet::new();
    while let Some(work) = next_work(runner, &slots, hands, &wishes.drain).await {
        builds.spawn(one_build(Arc::clone(runner), work, wishes.clone()));
        // What has ended is let go of; it holds a slot no longer.
        while builds.try_join_next().is_some() {}
    }
    hands.drain();
    while builds.join_next().await.is_some() {}
}

/// The next job, or nothing when there is no reason to wait for one.
async fn next_work(
    runner: &Runner,
    slots: &Arc<Semaphore>,
    hands: &Hands,
    drain: &CancellationToken,
) -> Option<Work> {
    let absent = async {
        hands.empty().await;
        runner.client.gone(runner.patience).await;
    };
    let work = async {
        let slot = Arc::clone(slots).acquire_owned().await.ok()?;
        let job = claim(runner, hands).await;
        Some(Work { _grip: hands.take(&job), _slot: slot, job })
    };
    tokio::select! {
        work = work => work,
        () = drain.cancelled() => None,
        () = absent => {
            tracing::info!("the daemon has been away for too long; the runner ends");
            None
        }
    }
}

async fn claim(runner: &Runner, hands: &Hands) -> ClaimedJob {
    let clock = &runner.client.clock;
    let mut backoff = Backoff::default();
    loop {
        let asked = clock.moment();
        match runner.client.claim(hands.held()).await {
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

async fn one_build(runner: Arc<Runner>, work: Work, wishes: Wishes) {
    let (job, stop) = (&work.job, Stop::default());
    let wished = async {
        wishes.abandon.cancelled().await;
        stop.trigger(StopReason::Shutdown);
        tokio::time::sleep(LAST_MOMENTS).await;
    };
    tokio::select! {
        () = execute(&runner, job, &stop) => {}
        // The warden ends what is left.
        () = wished => tracing::warn!(build = %job.build_id, "the build did not end in time"),
    }
}
