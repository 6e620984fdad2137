//! What started a build.

use crate::words;

words! {
    /// The kind of trigger.
    TriggerType {
        Manual = "manual",
        Api = "api",
        Webhook = "webhook",
        Schedule = "schedule",
    }
}

words! {
    /// Events of a code host that a pipeline may listen to.
    TriggerEvent {
        Push = "push",
        PullRequest = "pull_request",
        TagPush = "tag_push",
    }
}
