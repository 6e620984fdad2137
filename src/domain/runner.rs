//! What a runner says of itself.

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
