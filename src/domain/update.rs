//! How the replacing of the program by a newer one stands.

use crate::words;

words! {
    /// What an update is doing.
    UpdatePhase {
        /// Nothing: there was none, or the last one went well.
        Idle = "idle",
        /// The new version is fetched, checked and put in its place.
        Updating = "updating",
        /// The daemon is ended, and its manager starts the new version.
        Restarting = "restarting",
        /// The last one did not work; the version before runs on.
        Failed = "failed",
    }
}
