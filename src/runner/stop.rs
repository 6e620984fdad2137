//! Why a build must end early. The first reason counts; whoever works on the build watches for it.

use tokio::sync::watch;

use super::limits::Exceeded;
use super::tree::Manner;

/// Why a build is stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The daemon says that the build is over: canceled, or ended by a time-out of its own.
    Canceled,
    /// The daemon says that the build is no longer ours.
    Lost,
    /// The whole build took too long.
    TimedOut,
    /// A step printed nothing for too long.
    NoOutput,
    /// There is no room for the log.
    DiskFull,
    /// It used more of the machine than it may.
    OverLimit(Exceeded),
    /// The runner itself is to end.
    Shutdown,
}

impl StopReason {
    /// What people read.
    pub fn sentence(self) -> &'static str {
        match self {
            StopReason::Canceled => "the build was stopped",
            StopReason::Lost => "the daemon took the build away from this runner",
            StopReason::TimedOut => "the build ran longer than it may and was stopped",
            StopReason::NoOutput => "the step printed nothing for longer than it may and was stopped",
            StopReason::DiskFull => "the disk of the runner is full; the build was stopped",
            StopReason::OverLimit(exceeded) => exceeded.sentence(),
            StopReason::Shutdown => "the runner was shut down",
        }
    }

    /// How gently the build's processes are ended. When another runner may have the build, they must not
    /// have any more effects.
    pub fn manner(self) -> Manner {
        match self {
            // What multiplies must not get the time to do so.
            StopReason::Lost | StopReason::OverLimit(_) => Manner::Kill,
            StopReason::Canceled
            | StopReason::TimedOut
            | StopReason::NoOutput
            | StopReason::DiskFull
            | StopReason::Shutdown => Manner::Stop,
        }
    }

    /// Whether the daemon wants to know how a build went that ended so.
    pub fn is_told(self) -> bool {
        match self {
            StopReason::Canceled | StopReason::Lost | StopReason::Shutdown => false,
            StopReason::TimedOut | StopReason::NoOutput | StopReason::DiskFull | StopReason::OverLimit(_) => {
                true
            }
        }
    }

    /// Whether people will ask what the build was doing all the time.
    pub fn is_time_out(self) -> bool {
        match self {
            StopReason::TimedOut | StopReason::NoOutput => true,
            StopReason::Canceled
            | StopReason::Lost
            | StopReason::DiskFull
            | StopReason::OverLimit(_)
            | StopReason::Shutdown => false,
        }
    }
}

/// The one switch of a build.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    reason: watch::Sender<Option<StopReason>>,
}

impl Stop {
    /// Stops the build, unless that has happened already.
    pub fn trigger(&self, reason: StopReason) {
        self.reason.send_if_modified(|present| {
            let first = present.is_none();
            if first {
                *present = Some(reason);
            }
            first
        });
    }

    pub fn reason(&self) -> Option<StopReason> {
        *self.reason.borrow()
    }

    /// Waits for the build to be stopped.
    pub async fn triggered(&self) -> StopReason {
        let mut reason = self.reason.subscribe();
        loop {
            if let Some(reason) = *reason.borrow_and_update() {
                return reason;
            }
            if reason.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_counts() {
        let stop = Stop::default();
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.triggered().await }
        });
        stop.trigger(StopReason::TimedOut);
        stop.trigger(StopReason::Canceled);
        assert_eq!(waiting.await.unwrap(), StopReason::TimedOut);
        assert_eq!(stop.reason(), Some(StopReason::TimedOut));
    }
}
