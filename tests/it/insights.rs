//! How builds went, in figures: what counts, of which days, and for whom.

use oored::domain::role::UserRole;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::{Agent, Client, Repository, Server};

struct Mill {
    server: Server,
    owner: Client,
    agent: Agent,
    project: Value,
    pipeline: Value,
    _repository: Repository,
}

impl Mill {
    async fn open() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("Shop", &repository).await;
        let pipeline = owner.pipeline(&project, "Android").await;
        let agent = Agent::register(&owner, "by hand", 5).await;
        Self { server, owner, agent, project, pipeline, _repository: repository }
    }

    /// A build that waits, runs for so many seconds, and ends with one step that ended likewise.
    async fn build(&self, wait: u64, run: u64, status: &str) {
        self.owner.build(&self.pipeline).await;
        self.server.advance(wait);
        let job = self.agent.begin().await;
        self.server.advance(run);
        let step = json!({"name": "test", "status": status, "exit_code": 0, "started_at": 1, "finished_at": 2,
            "duration_ms": run * 1000});
        let mut report = json!({"status": status, "log_frames": 0, "steps": [step]});
        if status == "failed" {
            report["failure_reason"] = "step_failed".into();
        }
        self.agent.report(&job, report).await.ok();
    }

    async fn insights(&self, query: &str) -> Value {
        self.owner.get(&format!("/v1/insights{query}")).await.ok()
    }
}

fn near(value: &Value, seconds: i64) -> bool {
    value.as_i64().is_some_and(|ms| (seconds * 1000..(seconds + 20) * 1000).contains(&ms))
}

#[tokio::test]
async fn figures_tell_of_success_of_time_of_waits_and_of_steps() {
    let mill = Mill::open().await;
    mill.build(30, 100, "succeeded").await;
    mill.build(60, 200, "failed").await;
    mill.build(90, 300, "succeeded").await;
    let waiting = mill.owner.build(&mill.pipeline).await;
    mill.owner.post(&format!("/v1/builds/{}/cancel", waiting["id"].as_str().unwrap()), json!({})).await.ok();
    let found = mill.insights("").await;
    assert_eq!((&found["builds"], &found["truncated"]), (&json!(4), &json!(false)));
    let total = &found["total"];
    assert_eq!(
        (&total["succeeded"], &total["failed"], &total["canceled"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(total["success_rate"], 66.7);
    assert!(near(&total["run"]["p50_ms"], 100) && near(&total["run"]["p95_ms"], 300), "{total}");
    assert!(near(&total["wait"]["p50_ms"], 60) && near(&total["wait"]["p95_ms"], 90), "{total}");
    assert_eq!(found["recovery"]["times"], 1);
    assert!(near(&found["recovery"]["time"]["p50_ms"], 390), "{}", found["recovery"]);
    assert_eq!(found["days"].as_array().unwrap().len(), 30);
    let pipeline = &found["pipelines"][0];
    assert_eq!((&pipeline["pipeline_name"], &pipeline["project_name"]), (&json!("Android"), &json!("Shop")));
    assert_eq!(pipeline["figures"], *total);
    let step = &found["steps"][0];
    assert_eq!((&step["name"], &step["runs"], &step["failed"]), (&json!("test"), &json!(3), &json!(1)));
    assert_eq!(step["flaky"], 1, "one commit failed and passed");
    assert_eq!(found["failures"], json!([{"reason": "step_failed", "builds": 1}]));
}

#[tokio::test]
async fn runners_are_as_busy_as_their_builds_kept_them_for_who_may_see_runners() {
    let mill = Mill::open().await;
    mill.build(100, 100, "succeeded").await;
    mill.build(100, 200, "failed").await;
    let found = mill.insights("").await;
    let runner = &found["runners"][0];
    assert_eq!((&runner["runner_name"], &runner["builds"]), (&json!("by hand"), &json!(2)));
    assert!(near(&runner["busy_ms"], 300), "{runner}");
    let days = runner["days"].as_array().unwrap();
    assert_eq!(days.len(), 30);
    assert_eq!(days.iter().map(|day| day.as_i64().unwrap()).sum::<i64>(), runner["busy_ms"]);
    let share = runner["utilisation"].as_f64().unwrap();
    assert!((50.0..=61.0).contains(&share), "300 of 500 seconds: {share}");
    assert_eq!(mill.insights("?branch=other").await["runners"], json!([]));
}

#[tokio::test]
async fn apps_are_as_large_as_the_last_build_of_a_day_left_them() {
    let mill = Mill::open().await;
    for size in [10, 25] {
        mill.owner.build(&mill.pipeline).await;
        let job = mill.agent.begin().await;
        mill.agent.store(&job, "app.apk", &vec![b'x'; size]).await;
        mill.agent.store(&job, "notes.txt", b"no app").await;
        mill.agent.report(&job, json!({"status": "succeeded", "log_frames": 0})).await.ok();
    }
    let found = mill.insights("?days=1").await;
    let expected = json!([{"pipeline_id": mill.pipeline["id"], "pipeline_name": "Android", "name": "app.apk",
        "days": [25]}]);
    assert_eq!(found["sizes"], expected);
}

#[tokio::test]
async fn builds_count_on_the_day_they_ended() {
    let mill = Mill::open().await;
    mill.build(0, 10, "succeeded").await;
    mill.server.advance(3 * 86_400);
    // The session has ended meanwhile.
    let mill = Mill { owner: mill.server.owner().await, ..mill };
    mill.agent.beat("online").await.expect(204);
    mill.build(0, 10, "failed").await;
    let of = |found: &Value| {
        let days = found["days"].as_array().unwrap().iter();
        let sums = days.map(|day| &day["figures"]);
        sums.map(|day| day["succeeded"].as_i64().unwrap() + day["failed"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    let week = mill.insights("?days=7").await;
    assert_eq!(of(&week).iter().sum::<i64>(), 2);
    let days = of(&week);
    let first = days.iter().position(|count| *count == 1).unwrap();
    assert_eq!(days[first + 3], 1, "{days:?}");
    let today = mill.insights("?days=1").await;
    assert_eq!((&today["builds"], of(&today)), (&json!(1), vec![1]));
    let offset = mill.insights("?days=2&utc_offset=330").await;
    assert_eq!(offset["from"].as_i64().unwrap().rem_euclid(86_400), 86_400 - 330 * 60);
}

#[tokio::test]
async fn figures_can_be_of_a_project_a_pipeline_or_a_branch() {
    let mill = Mill::open().await;
    mill.build(0, 10, "succeeded").await;
    let project = mill.project["id"].as_str().unwrap();
    let pipeline = mill.pipeline["id"].as_str().unwrap();
    for (query, builds) in [
        (format!("?project_id={project}"), 1),
        (format!("?pipeline_id={pipeline}&branch=main"), 1),
        ("?branch=other".to_owned(), 0),
        ("?project_id=nonsense".to_owned(), 0),
        ("?pipeline_id=nonsense".to_owned(), 0),
    ] {
        assert_eq!(mill.insights(&query).await["builds"], builds, "{query}");
    }
    for query in ["?days=0", "?days=91", "?utc_offset=900"] {
        mill.owner.get(&format!("/v1/insights{query}")).await.error(400, "invalid_input");
    }
}

#[tokio::test]
async fn figures_are_of_the_projects_that_somebody_sees() {
    let mill = Mill::open().await;
    mill.build(0, 10, "succeeded").await;
    let stranger = mill.server.person("dev@x", UserRole::Developer).await;
    let project = format!("/v1/insights?project_id={}", mill.project["id"].as_str().unwrap());
    for path in ["/v1/insights", &project] {
        let theirs = stranger.get(path).await.ok();
        assert_eq!((&theirs["builds"], &theirs["pipelines"]), (&json!(0), &json!([])));
    }
    let tester = mill.server.person("qa@x", UserRole::QaViewer).await;
    tester.get("/v1/insights").await.error(403, "permission_denied");
}

/// What the index holds is all that is read: builds have large rows.
#[tokio::test]
async fn figures_are_read_from_an_index_alone() {
    let server = Server::start().await;
    let sql = "EXPLAIN QUERY PLAN SELECT project_id, pipeline_id, status, failure_reason, branch, request_number, \
        queued_at_ms, started_at_ms, finished_at_ms FROM builds WHERE finished_at_ms IS NOT NULL \
        AND finished_at_ms >= 1 AND +builds.project_id IN (SELECT value FROM json_each('[\"p\"]')) \
        AND +builds.pipeline_id = 'q' AND +builds.branch = 'main' ORDER BY finished_at_ms DESC LIMIT 10";
    let plan =
        server.app.db.read().query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect();
    assert!(plan[0].contains("USING COVERING INDEX builds_finished"), "{plan:?}");
    assert!(plan.iter().all(|line| !line.contains("TEMP B-TREE")), "nothing is sorted: {plan:?}");
}
