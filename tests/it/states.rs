//! The status of builds under any sequence of moves, compared with a naive model; and that the
//! tallies, the history and the rows never disagree.

use std::collections::HashMap;
use std::sync::Arc;

use oored::db::builds::{Transition, With};
use oored::db::entity::build_events;
use oored::db::{self, tallies};
use oored::domain::build::{BuildMove, BuildStatus};
use oored::domain::id::BuildId;
use oored::domain::trigger::TriggerType;
use proptest::prelude::*;

use crate::support::World;

async fn tally(world: &World, status: BuildStatus) -> u64 {
    let which = tallies::Which { statuses: &[status], ..tallies::Which::default() };
    tallies::total(world.db.read(), which).await.unwrap()
}

/// The contract's table, written down once more by hand; beyond it a queued build that can't be run fails.
fn allowed(from: &str, by: BuildMove) -> bool {
    if by == BuildMove::Reject {
        return from == "queued";
    }
    let to = target(by);
    let table = [
        ("queued", "scheduled canceled expired"),
        ("scheduled", "assigned queued canceled expired"),
        ("assigned", "running queued canceled timed_out"),
        ("running", "succeeded failed canceled timed_out"),
    ];
    table.iter().any(|(state, next)| *state == from && next.split(' ').any(|word| word == to))
}

fn target(by: BuildMove) -> &'static str {
    match by {
        BuildMove::Schedule => "scheduled",
        BuildMove::Assign => "assigned",
        BuildMove::Start => "running",
        BuildMove::Requeue => "queued",
        BuildMove::Succeed => "succeeded",
        BuildMove::Fail | BuildMove::Reject => "failed",
        BuildMove::Cancel => "canceled",
        BuildMove::TimeOut => "timed_out",
        BuildMove::Expire => "expired",
    }
}

fn history(events: &[build_events::Model]) -> Vec<String> {
    events.iter().map(|event| event.to_status.to_string()).collect()
}

async fn check(steps: Vec<(usize, BuildMove)>) {
    let world = World::new().await;
    let lane = world.project().await;
    let mut model: Vec<(BuildId, Vec<String>)> = Vec::new();
    for n in 0..3 {
        model.push((world.insert(lane, TriggerType::Manual, &[], n).await, vec!["queued".to_owned()]));
    }
    for (step, (which, by)) in steps.into_iter().enumerate() {
        let (id, past) = &mut model[which];
        let by_now = past.last().unwrap().clone();
        let transition =
            Transition { by, actor: None, reason: "r", now_ms: step as i64, with: With::Nothing };
        let done = world.db.write(async |tx| db::builds::transition(tx, *id, transition).await).await;
        if allowed(&by_now, by) {
            assert_eq!(done.unwrap().status.as_str(), target(by));
            past.push(target(by).to_owned());
        } else {
            assert_eq!(done.unwrap_err().code, "invalid_transition", "{by_now} by {by}");
        }
    }
    let mut counts: HashMap<String, u64> = HashMap::new();
    for (id, past) in &model {
        let row = db::builds::get(world.db.read(), *id).await.unwrap();
        assert_eq!(history(&db::builds::events(world.db.read(), *id).await.unwrap()), *past);
        assert_eq!(row.status.as_str(), past.last().unwrap());
        assert_eq!(row.finished_at_ms.is_some(), row.status.is_terminal());
        *counts.entry(row.status.to_string()).or_default() += 1;
    }
    for status in BuildStatus::ALL {
        assert_eq!(
            tally(&world, *status).await,
            counts.get(status.as_str()).copied().unwrap_or(0),
            "{status}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_sequence_of_moves_gives_what_the_contracts_table_says(
        steps in proptest::collection::vec((0..3_usize, proptest::sample::select(BuildMove::ALL)), 0..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(steps));
    }
}

#[tokio::test]
async fn numbers_count_up_within_a_project_also_under_load() {
    let world = Arc::new(World::new().await);
    let lane = world.project().await;
    let inserts: Vec<_> = (0..20)
        .map(|n| {
            let world = world.clone();
            tokio::spawn(async move { world.insert(lane, TriggerType::Manual, &[], n).await })
        })
        .collect();
    let mut numbers = Vec::new();
    for insert in inserts {
        numbers.push(db::builds::get(world.db.read(), insert.await.unwrap()).await.unwrap().build_number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
}
