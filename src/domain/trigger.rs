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

impl TriggerType {
    /// The higher, the sooner: somebody who waits comes before a push, and a push before the clock.
    pub fn priority(self) -> i32 {
        match self {
            TriggerType::Manual | TriggerType::Api => 2,
            TriggerType::Webhook => 1,
            TriggerType::Schedule => 0,
        }
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
