//! Why a build that failed did so, in one word a program can branch on and one a person can read.

use crate::words;

words! {
    /// The reason of a failed or timed-out build.
    FailureReason {
        StepFailed = "step_failed",
        InvalidConfig = "invalid_config",
        CheckoutFailed = "checkout_failed",
        ToolMissing = "tool_missing",
        NoArtifacts = "no_artifacts",
        DiskFull = "disk_full",
        /// It used more processes, memory or open files than it may.
        ResourceLimit = "resource_limit",
        TimedOut = "timed_out",
        NoOutput = "no_output",
        RunnerLost = "runner_lost",
        UploadFailed = "upload_failed",
        /// No job can be made of it: its source is gone or its row unreadable.
        NotRunnable = "not_runnable",
        Internal = "internal",
    }
}
