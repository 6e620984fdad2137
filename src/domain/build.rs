//! The states of a build and every allowed move between them. The table in `docs/build-states.md`
//! is generated from this file. Nothing here stores or sends anything.

use crate::words;

words! {
    /// Where a build stands.
    BuildStatus {
        Queued = "queued",
        Scheduled = "scheduled",
        Assigned = "assigned",
        Running = "running",
        Succeeded = "succeeded",
        Failed = "failed",
        Canceled = "canceled",
        TimedOut = "timed_out",
        Expired = "expired",
    }
}

words! {
    /// What happens to a build; together with its status this decides the next status.
    BuildMove {
        /// A runner asks for it.
        Schedule = "schedule",
        /// It is handed to that runner.
        Assign = "assign",
        /// The runner has begun.
        Start = "start",
        /// The runner never began; it goes back to the queue.
        Requeue = "requeue",
        Succeed = "succeed",
        Fail = "fail",
        Cancel = "cancel",
        TimeOut = "time_out",
        /// No job can be made of it.
        Reject = "reject",
        /// It waited too long in the queue.
        Expire = "expire",
    }
}

/// The move is not allowed from the status the build has.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a build that is {from} cannot {by}")]
pub struct InvalidMove {
    pub from: BuildStatus,
    pub by: BuildMove,
}

impl BuildStatus {
    /// The status after `by`, or why it is refused. Terminal states accept nothing.
    pub fn apply(self, by: BuildMove) -> Result<BuildStatus, InvalidMove> {
        use BuildMove as Move;
        use BuildStatus::{
            Assigned, Canceled, Expired, Failed, Queued, Running, Scheduled, Succeeded, TimedOut,
        };
        let refused = Err(InvalidMove { from: self, by });
        match (self, by) {
            (Queued, Move::Schedule) => Ok(Scheduled),
            (Scheduled, Move::Assign) => Ok(Assigned),
            (Assigned, Move::Start) => Ok(Running),
            (Scheduled | Assigned, Move::Requeue) => Ok(Queued),
            (Running, Move::Succeed) => Ok(Succeeded),
            (Running, Move::Fail) | (Queued, Move::Reject) => Ok(Failed),
            (Queued | Scheduled | Assigned | Running, Move::Cancel) => Ok(Canceled),
            (Assigned | Running, Move::TimeOut) => Ok(TimedOut),
            (Queued | Scheduled, Move::Expire) => Ok(Expired),
            (
                Queued | Scheduled | Assigned | Running | Succeeded | Failed | Canceled | TimedOut | Expired,
                Move::Schedule
                | Move::Assign
                | Move::Start
                | Move::Requeue
                | Move::Succeed
                | Move::Fail
                | Move::Cancel
                | Move::TimeOut
                | Move::Reject
                | Move::Expire,
            ) => refused,
        }
    }

    /// Nothing more will happen to the build.
    pub fn is_terminal(self) -> bool {
        match self {
            BuildStatus::Queued | BuildStatus::Scheduled | BuildStatus::Assigned | BuildStatus::Running => {
                false
            }
            BuildStatus::Succeeded
            | BuildStatus::Failed
            | BuildStatus::Canceled
            | BuildStatus::TimedOut
            | BuildStatus::Expired => true,
        }
    }

    /// A runner holds it.
    pub fn is_held(self) -> bool {
        matches!(self, BuildStatus::Assigned | BuildStatus::Running)
    }

    /// Whether it says that the code, or what builds it, is broken.
    pub fn is_failure(self) -> bool {
        matches!(self, BuildStatus::Failed | BuildStatus::TimedOut)
    }

    /// The statuses that are not terminal.
    pub fn active() -> impl Iterator<Item = BuildStatus> {
        Self::ALL.iter().copied().filter(|status| !status.is_terminal())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::{BuildMove, BuildStatus};

    fn any_move() -> impl Strategy<Value = BuildMove> {
        proptest::sample::select(BuildMove::ALL)
    }

    proptest! {
        #[test]
        fn a_terminal_state_never_changes(moves in proptest::collection::vec(any_move(), 0..40)) {
            let mut status = BuildStatus::Queued;
            for by in moves {
                let next = status.apply(by);
                if status.is_terminal() {
                    prop_assert!(next.is_err(), "{status} accepted {by}");
                }
                status = next.unwrap_or(status);
            }
        }

        #[test]
        fn only_a_build_that_ran_can_succeed_and_fail_unless_rejected(moves in proptest::collection::vec(any_move(), 0..40)) {
            let mut status = BuildStatus::Queued;
            let mut ran = false;
            for by in moves {
                let next = status.apply(by).unwrap_or(status);
                ran |= next == BuildStatus::Running;
                if next != status && matches!(next, BuildStatus::Succeeded | BuildStatus::Failed) {
                    prop_assert!(ran || by == BuildMove::Reject);
                }
                status = next;
            }
        }
    }

    #[test]
    fn a_running_build_is_never_queued_again() {
        assert!(BuildStatus::Running.apply(BuildMove::Requeue).is_err());
    }

    #[test]
    fn every_active_state_can_be_canceled_and_no_other() {
        for status in BuildStatus::ALL {
            let canceled = status.apply(BuildMove::Cancel);
            assert_eq!(canceled.is_ok(), !status.is_terminal(), "{status}");
        }
    }

    /// Renders states × moves; `make docs` writes the file.
    #[test]
    fn the_document_of_states_is_current() {
        let mut text = String::from(
            "# Build states\n\nGenerated from `src/domain/build.rs` by its tests; do not edit.\n\n| from |",
        );
        for by in BuildMove::ALL {
            let _ = write!(text, " {by} |");
        }
        text.push_str("\n|---|");
        text.push_str(&"---|".repeat(BuildMove::ALL.len()));
        for status in BuildStatus::ALL {
            let _ = write!(text, "\n| **{status}** |");
            for by in BuildMove::ALL {
                let _ = match status.apply(*by) {
                    Ok(next) => write!(text, " {next} |"),
                    Err(_) => write!(text, " – |"),
                };
            }
        }
        text.push('\n');
        crate::domain::tests::is_current("build-states.md", &text);
    }
}
