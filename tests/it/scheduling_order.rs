//! The order of the queue, compared with a naive model that sorts everything; and what it costs to ask for the next
//! build when very many wait.

use oored::db::builds::queue::{self, Except};
use oored::db::builds::{self, Transition, With};
use oored::db::{self};
use oored::domain::build::BuildMove;
use oored::domain::id::BuildId;
use oored::domain::trigger::TriggerType;
use proptest::prelude::*;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::World;
use crate::support::world::Lane;

const DEMANDS: [&[&str]; 3] = [&[], &["os:macos"], &["big", "os:macos"]];

#[derive(Debug, Clone)]
enum Act {
    Trigger {
        lane: usize,
        trigger: TriggerType,
        demand: usize,
        at: i64,
    },
    /// A runner that meets no demands beyond these and may have none of this pipeline asks for work.
    Claim {
        full: Option<usize>,
        unmet: Vec<usize>,
    },
    /// The one that has run longest ends.
    End,
    Cancel {
        which: usize,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let trigger = (0..4_usize, proptest::sample::select(TriggerType::ALL), 0..3_usize, 0..5_i64)
        .prop_map(|(lane, trigger, demand, at)| Act::Trigger { lane, trigger, demand, at });
    let claim = (proptest::option::of(0..4_usize), proptest::collection::vec(1..3_usize, 0..3))
        .prop_map(|(full, unmet)| Act::Claim { full, unmet });
    prop_oneof![4 => trigger, 4 => claim, 2 => Just(Act::End), 1 => (0..20_usize).prop_map(|which| Act::Cancel { which })]
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    id: BuildId,
    lane: Lane,
    priority: i32,
    demand: usize,
    at: i64,
}

#[derive(Default)]
struct Model {
    queued: Vec<Waiting>,
    held: Vec<Waiting>,
}

impl Model {
    fn next(&self, full: Option<Lane>, unmet: &[usize]) -> Option<Waiting> {
        let may = |build: &&Waiting| full != Some(build.lane) && !unmet.contains(&build.demand);
        let held =
            |build: &Waiting| self.held.iter().filter(|held| held.lane.project == build.lane.project).count();
        let order = |build: &&Waiting| (-build.priority, held(build), build.at, build.id.to_string());
        self.queued.iter().filter(may).min_by_key(order).copied()
    }

    fn position(&self, build: &Waiting) -> i64 {
        let order = |build: &Waiting| (-build.priority, build.at, build.id.to_string());
        self.queued.iter().filter(|other| order(other) < order(build)).count() as i64 + 1
    }
}

async fn shift(world: &World, id: BuildId, by: BuildMove) {
    let transition = Transition { by, actor: None, reason: "r", now_ms: 9, with: With::Nothing };
    world.db.write(async |tx| builds::shift(tx, id, &transition).await).await.unwrap();
}

async fn check(acts: Vec<Act>) {
    let world = World::new().await;
    let (a, c) = (world.project().await, world.project().await);
    let lanes = [a, world.pipeline(a.project).await, c, world.project().await];
    let stored = |demand: &usize| serde_json::to_string(DEMANDS[*demand]).unwrap();
    let mut model = Model::default();
    for act in acts {
        match act {
            Act::Trigger { lane, trigger, demand, at } => {
                let lane = lanes[lane];
                let id = world.insert(lane, trigger, DEMANDS[demand], at).await;
                model.queued.push(Waiting { id, lane, priority: trigger.priority(), demand, at });
            }
            Act::Claim { full, unmet } => {
                let full = full.map(|lane| lanes[lane]);
                let except = Except {
                    pipelines: full.iter().map(|lane| lane.pipeline).collect(),
                    demands: unmet.iter().map(stored).collect(),
                };
                let found = queue::next(world.db.read(), &except).await.unwrap();
                let expected = model.next(full, &unmet);
                assert_eq!(found, expected.map(|build| build.id));
                if let Some(build) = expected {
                    shift(&world, build.id, BuildMove::Schedule).await;
                    shift(&world, build.id, BuildMove::Assign).await;
                    shift(&world, build.id, BuildMove::Start).await;
                    model.queued.retain(|queued| queued.id != build.id);
                    model.held.push(build);
                }
            }
            Act::End if model.held.is_empty() => {}
            Act::End => shift(&world, model.held.remove(0).id, BuildMove::Succeed).await,
            Act::Cancel { which } => {
                if which < model.queued.len() {
                    shift(&world, model.queued.remove(which).id, BuildMove::Cancel).await;
                }
            }
        }
        assert_eq!(queue::is_empty(world.db.read()).await.unwrap(), model.queued.is_empty());
    }
    for build in &model.queued {
        let row = db::builds::get(world.db.read(), build.id).await.unwrap();
        assert_eq!(queue::position(world.db.read(), &row).await.unwrap(), model.position(build));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_next_build_is_the_one_a_naive_model_picks(acts in proptest::collection::vec(act(), 0..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(acts));
    }
}

#[tokio::test]
async fn a_build_that_waits_behind_a_thousand_others_is_found_without_reading_them() {
    let world = World::new().await;
    let (busy, quiet) = (world.project().await, world.project().await);
    let first = world.insert(busy, TriggerType::Webhook, &[], 1).await;
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO builds (id, project_id, pipeline_id, build_number, status, attempt, trigger_type, config_snapshot,
            repository_id, queued_at_ms, created_at, updated_at, priority, requirements)
        SELECT 'row ' || i, project_id, pipeline_id, 1000 + i, status, 0, trigger_type, 'unreadable', repository_id,
            2, 2, 2, priority, requirements FROM builds, n";
    world.db.write(async |tx| Ok(tx.execute_unprepared(many).await?)).await.unwrap();
    let manual = world.insert(quiet, TriggerType::Manual, &[], 9).await;
    let db = world.db.read();
    let except = Except::default();
    assert_eq!(queue::next(db, &except).await.unwrap(), Some(manual), "a person comes first");
    shift(&world, manual, BuildMove::Cancel).await;
    assert_eq!(
        queue::next(db, &except).await.unwrap(),
        Some(first),
        "then the oldest, whatever is behind it"
    );
    let (sql, values) = queue::next_statement(&except);
    let plan = Statement::from_sql_and_values(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"), values);
    let plan: Vec<String> =
        db.query_all_raw(plan).await.unwrap().iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    let reads: Vec<_> = plan.iter().filter(|step| step.contains("build ")).collect();
    assert!(!reads.is_empty() && reads.iter().all(|step| step.contains("builds_queue")), "{plan:#?}");
    assert!(
        !plan.iter().any(|step| step.starts_with("SCAN head") || step.starts_with("SCAN build ")),
        "{plan:#?}"
    );
}
