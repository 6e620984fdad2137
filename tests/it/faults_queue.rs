//! The queue under many runners that race and die: one winner for each build, none lost, none stuck, none run
//! twice, and first come first served within a project. `make faults` runs the long form.

use std::collections::{HashMap, HashSet};

use oored::builds::lost;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::{Agent, Client, Repository, Server, fault_points};

#[tokio::test]
async fn fifty_runners_claim_one_build_and_one_gets_it() {
    let rounds = fault_points().map_or(5, |points| points * 5);
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let mut agents = Vec::new();
    for n in 0..50 {
        agents.push(Agent::register(&owner, &format!("r{n}"), 5).await);
    }
    for round in 0..rounds {
        // Half of them wait already, half come when the build is there.
        let ask = |agents: &[Agent]| -> Vec<_> {
            let ask = |agent: Agent| async move { (agent.clone(), agent.try_claim(1).await.ok()) };
            agents.iter().cloned().map(|agent| tokio::spawn(ask(agent))).collect()
        };
        let mut claims = ask(&agents[..25]);
        owner.build(&pipeline).await;
        claims.extend(ask(&agents[25..]));
        let mut winners = Vec::new();
        for claim in claims {
            let (agent, answer) = claim.await.unwrap();
            if answer.get("job").is_some() {
                winners.push((agent, answer["job"].clone()));
            }
        }
        assert_eq!(winners.len(), 1, "round {round}");
        let (winner, job) = &winners[0];
        assert_eq!(job["attempt"], 1, "round {round}");
        winner.report(job, json!({"status": "running"})).await.ok();
        winner.report(job, json!({"status": "failed"})).await.ok();
    }
    eprintln!("F34: {rounds} rounds");
}

/// A sequence of numbers that looks random and is the same in every run.
struct Dice(u64);

impl Dice {
    /// Whether an event with a chance of `one_in` happens.
    fn falls(&mut self, one_in: u64) -> bool {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).is_multiple_of(one_in)
    }
}

/// What runners did, written down by themselves.
#[derive(Default)]
struct Ledger {
    begun: HashMap<String, u32>,
    ended: HashSet<String>,
}

const RUNNERS: usize = 20;

struct Fleet {
    server: Server,
    owner: Client,
    alive: Vec<Agent>,
    /// Every runner that there has been; names are not used twice.
    registered: usize,
}

impl Fleet {
    async fn reinforce(&mut self) {
        while self.alive.len() < RUNNERS {
            self.registered += 1;
            self.alive.push(Agent::register(&self.owner, &format!("r{}", self.registered), 5).await);
        }
    }

    /// Everybody who is idle asks at the same time; who gets a build does it, or dies over it.
    async fn round(&mut self, dice: &mut Dice, ledger: &mut Ledger) {
        let ask = |agent: Agent| async move { (agent.clone(), agent.try_claim(0).await.ok()) };
        let claims: Vec<_> = self.alive.drain(..).map(|agent| tokio::spawn(ask(agent))).collect();
        for claim in claims {
            let (agent, answer) = claim.await.unwrap();
            let Some(job) = answer.get("job") else {
                self.alive.push(agent);
                continue;
            };
            if self.works(&agent, job, dice, ledger).await {
                self.alive.push(agent);
            }
        }
    }

    /// Whether the runner lives on.
    async fn works(&self, agent: &Agent, job: &Value, dice: &mut Dice, ledger: &mut Ledger) -> bool {
        if dice.falls(10) {
            return false;
        }
        let id = job["build_id"].as_str().unwrap().to_owned();
        agent.report(job, json!({"status": "running"})).await.ok();
        *ledger.begun.entry(id.clone()).or_default() += 1;
        if dice.falls(10) {
            return false;
        }
        agent.report(job, json!({"status": "succeeded"})).await.ok();
        ledger.ended.insert(id);
        true
    }

    /// Lets time pass in which those who live say so.
    async fn pass(&self, seconds: u64) {
        for _ in 0..seconds / 10 {
            self.server.advance(10);
            for agent in &self.alive {
                agent.beat("online").await.expect(204);
            }
            lost::run_once(&self.server.app).await.unwrap();
        }
    }

    async fn rows<T: sea_orm::TryGetableMany>(&self, sql: &str, columns: &[&str]) -> Vec<T> {
        let rows =
            self.server.app.db.read().query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await;
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        rows.unwrap().iter().map(|row| T::try_get_many(row, "", &columns).unwrap()).collect()
    }
}

#[tokio::test]
async fn runners_that_die_at_random_lose_no_build_and_run_none_twice() {
    let builds = fault_points().map_or(60, |points| points * 25);
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let mut pipelines = Vec::new();
    for name in ["A", "B", "C"] {
        let project = owner.project(name, &repository).await;
        pipelines.push(owner.pipeline(&project, "Main").await);
    }
    for n in 0..builds {
        owner.build(&pipelines[n % 3]).await;
    }
    let mut fleet = Fleet { server, owner, alive: Vec::new(), registered: 0 };
    let (mut dice, mut ledger) = (Dice(7), Ledger::default());
    let unfinished = "SELECT COUNT(*) AS n FROM builds WHERE finished_at_ms IS NULL";
    let mut rounds = 0;
    while fleet.rows::<(i64,)>(unfinished, &["n"]).await != [(0,)] {
        fleet.reinforce().await;
        fleet.round(&mut dice, &mut ledger).await;
        fleet.pass(if rounds % 5 == 4 { 130 } else { 10 }).await;
        rounds += 1;
        assert!(rounds < 100 + builds, "the queue is stuck");
    }
    assert!(ledger.begun.values().all(|times| *times == 1), "a build was run twice");
    let ends: Vec<(String, String, Option<String>)> = fleet
        .rows("SELECT id, status, failure_reason FROM builds", &["id", "status", "failure_reason"])
        .await;
    assert_eq!(ends.len(), builds);
    for (id, status, reason) in &ends {
        match ledger.ended.contains(id) {
            true => assert_eq!(status, "succeeded", "{id}"),
            false => {
                assert_eq!((status.as_str(), reason.as_deref()), ("failed", Some("runner_lost")), "{id}")
            }
        }
    }
    let first_come =
        "SELECT b.project_id, b.build_number FROM build_events e JOIN builds b ON b.id = e.build_id
        WHERE e.to_status = 'assigned' GROUP BY b.id ORDER BY MIN(e.rowid)";
    let mut newest: HashMap<String, i64> = HashMap::new();
    for (project, number) in fleet.rows::<(String, i64)>(first_come, &["project_id", "build_number"]).await {
        let before = newest.insert(project, number).unwrap_or(0);
        assert_eq!(number, before + 1, "first come, first served");
    }
    assert_eq!(newest.values().sum::<i64>(), i64::try_from(builds).unwrap(), "every build was handed out");
    let dead = fleet.registered - fleet.alive.len();
    assert!(dead > 0);
    eprintln!("F35: {builds} builds, {dead} runners died");
}
