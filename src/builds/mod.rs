//! The story of a build, one file a chapter: it is triggered, waits in the queue, is claimed by a
//! runner, reports progress, writes its log, stores artifacts, tells what
//! its tests found, and ends, is canceled or run again.
//! Rules live here; HTTP doesn't, and the status is written by `db::builds` alone.

pub mod artifacts;
pub mod bytes;
pub mod cancel;
pub mod checkout;
pub mod claim;
pub mod code;
pub mod file;
pub mod job;
pub mod lease;
pub mod links;
pub mod log;
pub mod log_keeping;
pub mod lost;
pub mod progress;
pub mod queue;
pub mod rerun;
pub mod test_reports;
pub mod trigger;
pub mod variables;
pub mod viewers;

use crate::db::entity::runners;
use crate::domain::runner::actor_of;

/// How a runner is named in the history of builds.
pub fn runner_actor(runner: &runners::Model) -> String {
    actor_of(runner.id)
}
