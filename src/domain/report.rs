//! What a code host is shown of builds, and on which ways. It sends and stores nothing.

use crate::words;

words! {
    /// What is shown.
    ReportKind {
        /// How one build goes, at its commit.
        Build = "build",
        /// How the builds of a pull or merge request go, as a comment there.
        Request = "request",
    }
}

words! {
    /// A way to show something, each of which a code host may refuse.
    ReportChannel {
        /// Check runs; GitHub only.
        Checks = "checks",
        Statuses = "statuses",
        Comments = "comments",
    }
}

impl ReportKind {
    /// The last way that is left for it: when that is refused, it can't be shown.
    pub fn last_channel(self) -> ReportChannel {
        match self {
            ReportKind::Build => ReportChannel::Statuses,
            ReportKind::Request => ReportChannel::Comments,
        }
    }
}
