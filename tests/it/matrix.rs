//! Pipelines with a matrix: one trigger, a build for each combination, from the queue to the last step.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::{Agent, Answer, Client, Repository, Server, build_in};

const FILE: &str = "\
version: 2
platforms: [android, ios]
matrix:
  flavor: [dev, prod]
  platform: [android, ios]
  exclude: [{flavor: dev, platform: ios}]
concurrency: {cancel_previous: true}
artifacts: {patterns: []}
steps:
  - {name: Show, run: 'echo building $OORE_MATRIX_FLAVOR for $OORE_PLATFORMS'}
  - {name: Publish, run: echo publishing, if: matrix.flavor == 'prod'}
";

fn of(text: &str) -> Repository {
    Repository::with(&[(".oore.yaml", text)])
}

async fn trigger(owner: &Client, pipeline: &Value, more: Value) -> Answer {
    let mut body = json!({"pipeline_id": pipeline["id"]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let path = format!("/v1/projects/{}/builds", pipeline["project_id"].as_str().unwrap());
    owner.post(&path, body).await
}

async fn get(owner: &Client, build: &Value, rest: &str) -> Value {
    owner.get(&format!("/v1/builds/{}{rest}", build["id"].as_str().unwrap())).await.ok()
}

/// `#2 prod android`, as a list says it.
fn shown(build: &Value) -> String {
    let matrix = &build["matrix"];
    let text = |axis: &str| matrix[axis].as_str().unwrap().to_owned();
    format!("#{} {} {}", build["build_number"], text("flavor"), text("platform"))
}

fn all(builds: &Value) -> Vec<String> {
    builds.as_array().unwrap().iter().map(shown).collect()
}

#[tokio::test]
async fn one_trigger_makes_a_build_for_each_combination() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = of(FILE);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let made = trigger(&owner, &pipeline, json!({})).await.created();
    assert_eq!(all(&made["builds"]), ["#1 dev android", "#2 prod android", "#3 prod ios"]);
    assert_eq!(made["build"]["id"], made["builds"][0]["id"]);
    let group = &made["build"]["matrix_group"];
    let of_group =
        format!("/v1/builds?sort=created_at&direction=asc&matrix_group={}", group.as_str().unwrap());
    let listed = owner.get(&of_group).await.ok();
    assert_eq!((all(&listed["builds"]).len(), &listed["total"]), (3, &json!(3)));
    assert_eq!(owner.get("/v1/builds?matrix_group=none").await.ok()["total"], 0);
    assert!(group.is_string());
    let demands = [json!(["protocol:5"]), json!(["protocol:5"]), json!(["os:macos", "protocol:5"])];
    for (build, demand) in made["builds"].as_array().unwrap().iter().zip(demands) {
        let build = get(&owner, build, "").await["build"].clone();
        assert_eq!((&build["matrix_group"], &build["requirements"]), (group, &demand));
        assert_eq!(build["config_snapshot"]["matrix"], build["matrix"]);
        let platform = &build["matrix"]["platform"];
        assert_eq!(&build["config_snapshot"]["selected_platforms"], &json!([platform]));
    }
    let path = format!("/v1/pipelines/{}/inputs", pipeline["id"].as_str().unwrap());
    let offered = owner.get(&path).await.ok()["matrix"].clone();
    assert_eq!(offered["axes"][0], json!({"name": "flavor", "values": ["dev", "prod"]}));
    assert_eq!(offered["combinations"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_is_picked_is_built_and_replaces_its_like_only() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = of(FILE);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let first = trigger(&owner, &pipeline, json!({})).await.created()["builds"].clone();
    for (more, field, why) in [
        (json!({"matrix": {"flavor": ["prdo"]}}), "matrix.flavor", "did you mean 'prod'?"),
        (json!({"matrix": {"size": ["s"]}}), "matrix.size", "is no axis of the matrix"),
        (json!({"matrix": {"flavor": ["dev"]}, "platforms": ["ios"]}), "matrix", "no combination"),
    ] {
        let refused = trigger(&owner, &pipeline, more).await.error(400, "invalid_input");
        assert_eq!(refused["fields"][0]["field"], field, "{refused}");
        assert!(refused["fields"][0]["message"].as_str().unwrap().contains(why), "{refused}");
    }
    let status = async |index: usize| get(&owner, &first[index], "").await["build"]["status"].clone();
    assert_eq!(status(0).await, "queued", "siblings don't cancel each other, nor does what was refused");
    let part = json!({"matrix": {"flavor": ["prod"]}, "platforms": ["android"]});
    let part = trigger(&owner, &pipeline, part).await.created();
    assert_eq!(all(&part["builds"]), ["#4 prod android"]);
    assert_eq!([status(0).await, status(1).await, status(2).await], ["queued", "canceled", "queued"]);
    let whole = trigger(&owner, &pipeline, json!({})).await.created();
    assert_eq!(all(&whole["builds"]), ["#5 dev android", "#6 prod android", "#7 prod ios"]);
    assert_eq!([status(0).await, status(2).await], ["canceled", "canceled"]);
    assert_eq!(get(&owner, &part["build"], "").await["build"]["status"], "canceled");
    for build in whole["builds"].as_array().unwrap() {
        assert_eq!(get(&owner, build, "").await["build"]["status"], "queued");
    }
}

#[tokio::test]
async fn nothing_can_be_picked_of_a_file_with_mistakes() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = of("version: 2\nplatforms: [ios]\nmatrix: {a: []}\nsteps: [{name: A, run: make}]\n");
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let refused =
        trigger(&owner, &pipeline, json!({"matrix": {"a": ["b"]}})).await.error(400, "invalid_input");
    let why = refused["fields"][0]["message"].as_str().unwrap();
    assert!(why.contains("is not valid: line 3, column 13: matrix.a: has no values"), "{why}");
    let made = trigger(&owner, &pipeline, json!({})).await.created();
    assert_eq!(made.get("builds"), None, "the runner reports what is wrong");
}

#[tokio::test]
async fn each_build_runs_its_combination_and_a_rerun_the_same_one() {
    let rig = Rig::start(&[]).await;
    let repository = of(FILE);
    let pipeline = rig.pipeline(&repository).await;
    let made =
        trigger(&rig.owner, &pipeline, json!({"platforms": ["android"]})).await.created()["builds"].clone();
    for (build, line, published) in [
        (&made[0], "building dev for android", "skipped"),
        (&made[1], "building prod for android", "succeeded"),
    ] {
        let done = build_in(&rig.owner, build, "succeeded").await;
        let log = String::from_utf8(rig.owner.raw_log(build).await).unwrap();
        assert!(log.lines().any(|text| text == line), "{log}");
        assert_eq!(done["step_results"][2]["status"], published);
    }
    let path = format!("/v1/builds/{}/rerun", made[0]["id"].as_str().unwrap());
    let again = rig.owner.post(&path, json!({})).await.created()["build"].clone();
    assert_eq!(shown(&again), "#3 dev android");
    build_in(&rig.owner, &again, "succeeded").await;
    let related = get(&rig.owner, &made[1], "/related").await;
    assert_eq!(all(&related["matrix"]), ["#3 dev android", "#2 prod android"], "the newest of each");
    assert_eq!(related["chain"].as_array().unwrap().len(), 1);
    let related = get(&rig.owner, &again, "/related").await;
    assert_eq!(all(&related["chain"]), ["#1 dev android", "#3 dev android"]);
    let plain = of("version: 2\nplatforms: [ios]\nsteps: [{name: A, run: make}]\n");
    let without = rig.owner.pipeline(&rig.owner.project("Other", &plain).await, "Main").await;
    let refused =
        trigger(&rig.owner, &without, json!({"matrix": {"a": ["b"]}})).await.error(400, "invalid_input");
    assert_eq!(refused["fields"][0]["message"], "the pipeline's file has no matrix");
    rig.tidy().await;
}

#[tokio::test]
async fn sixty_runners_drain_a_matrix_of_a_hundred_builds() {
    const RUNNERS: usize = 60;
    const PATIENCE: Duration = Duration::from_secs(60);
    let server = Server::start().await;
    let owner = server.owner().await;
    let list = |range: std::ops::Range<u8>| range.map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let file = format!(
        "version: 2\nplatforms: [android]\nmatrix: {{a: [{}], b: [{}]}}\nsteps: [{{name: A, run: make}}]\n",
        list(0..10),
        list(0..10)
    );
    let repository = of(&file);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let late = Agent::register(&owner, "late", 5).await;
    let mut runners = Vec::new();
    for n in 0..RUNNERS {
        runners.push(Agent::register(&owner, &format!("runner {n}"), 5).await);
    }
    let (sender, mut ended) = tokio::sync::mpsc::channel(200);
    let mut at_work = tokio::task::JoinSet::new();
    for runner in runners {
        let sender = sender.clone();
        at_work.spawn(async move {
            loop {
                let job = runner.try_claim(20).await.ok()["job"].clone();
                if job.is_null() {
                    continue;
                }
                runner.report(&job, json!({"status": "running"})).await.ok();
                runner.report(&job, json!({"status": "succeeded"})).await.ok();
                sender.send(job["build_id"].as_str().unwrap().to_owned()).await.unwrap();
            }
        });
    }
    // From here on the channel ends with the last runner, and does not keep the test waiting.
    drop(sender);
    let made = trigger(&owner, &pipeline, json!({})).await.created()["builds"].clone();
    let id = |build: &Value| build["id"].as_str().unwrap().to_owned();
    let made: HashSet<String> = made.as_array().unwrap().iter().map(id).collect();
    let mut done = HashSet::new();
    for _ in 0..100 {
        let next = tokio::time::timeout(PATIENCE, ended.recv()).await.expect("a build is handed out in time");
        assert!(done.insert(next.unwrap()), "a build was handed out twice");
    }
    assert_eq!(done, made);
    assert_eq!(late.try_claim(0).await.ok(), json!({}), "nothing is left for another runner");
    at_work.shutdown().await;
    assert_eq!(ended.recv().await, None, "a build was handed out twice");
    let path =
        format!("/v1/builds?status=succeeded&limit=1&pipeline_id={}", pipeline["id"].as_str().unwrap());
    assert_eq!(owner.get(&path).await.ok()["total"], 100);
}

#[tokio::test]
async fn a_commit_is_green_when_every_combination_is_from_its_first_step() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = of(FILE);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let runner = Agent::with(&owner, "mac", json!({"os": "macos", "protocol_version": 5}), &[]).await;
    let id = pipeline["id"].as_str().unwrap().parse().unwrap();
    let green = async || oored::db::builds::last_green_commit(server.app.db.read(), id).await.unwrap();
    let end = async |status: &str| {
        let steps =
            json!([{"name": "Show", "status": status, "started_at": 1, "finished_at": 2, "duration_ms": 1}]);
        let job = runner.begin().await;
        runner.report(&job, json!({"status": status, "steps": steps})).await.ok();
    };
    let sha = repository.git(&["rev-parse", "HEAD"]);
    let made = trigger(&owner, &pipeline, json!({})).await.created()["builds"].clone();
    end("succeeded").await;
    assert_eq!(green().await, None, "two combinations are not over");
    end("failed").await;
    end("succeeded").await;
    assert_eq!(green().await, None, "one combination failed");
    let rerun = format!("/v1/builds/{}/rerun", made[1]["id"].as_str().unwrap());
    owner.post(&rerun, json!({"from": "failed_step"})).await.created();
    end("succeeded").await;
    assert_eq!(green().await, None, "what was run from a step on proves nothing of the steps before");
    owner.post(&rerun, json!({})).await.created();
    end("succeeded").await;
    assert_eq!(green().await, Some(sha));
}
