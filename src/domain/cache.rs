//! What a build found in the caches of its runner, as runners report it and clients read it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words;

/// Most caches of one build.
pub const MAX_CACHES: usize = 16;
/// Longest name of a cache.
pub const MAX_CACHE_NAME: usize = 64;

words! {
    /// What was found for a cache.
    CacheOutcome {
        /// An entry with the same key.
        Hit = "hit",
        /// An older entry of the same project and name.
        Partial = "partial",
        Miss = "miss",
        /// It was not used; the log of the step says why.
        Skipped = "skipped",
    }
}

/// One cache of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CacheResult {
    /// `pub`, `gradle`, `pods`, or a name from the file.
    pub name: String,
    pub outcome: CacheOutcome,
    /// Bytes that were restored.
    pub bytes: i64,
    /// How long that took.
    pub duration_ms: i64,
    /// Bytes that were saved for later builds; absent when nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved_bytes: Option<i64>,
}
