//! Finding the builds that a runner executed: a build forgets its runner when it ends, its history doesn't.

statements!(
    "CREATE INDEX build_events_runner ON build_events (actor, build_id) WHERE to_status = 'assigned'",
);
