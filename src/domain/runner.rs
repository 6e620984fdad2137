//! What a runner says of itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id::RunnerId;
use crate::words;

words! {
    /// What a runner can do at the moment.
    RunnerStatus {
        Online = "online",
        Offline = "offline",
        Busy = "busy",
        Draining = "draining",
    }
}

/// The runner protocol of existing external runners.
pub const PROTOCOL_REFERENCE: i64 = 4;
/// The runner protocol of this daemon's own runner.
pub const PROTOCOL_OWN: i64 = 5;

/// The most builds a runner may execute at a time.
pub const MAX_SLOTS: u32 = 64;

/// What a runner has at the moment. Kept in memory only: it changes all the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunnerFigures {
    /// Free bytes on the disk where it builds, and all of them.
    pub disk_free_bytes: u64,
    pub disk_total_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_available_bytes: Option<u64>,
}

/// How a runner is named in the histories of builds.
pub fn actor_of(runner: RunnerId) -> String {
    format!("runner:{runner}")
}

/// The runner that a history names; `None` if that was somebody else.
pub fn runner_of(actor: &str) -> Option<RunnerId> {
    actor.strip_prefix("runner:")?.parse().ok()
}
