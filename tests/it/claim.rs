//! Handing out builds: who gets what, when, and only once.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{Agent, Client, Repository, Server};

async fn rig(flags: &[&str]) -> (Server, Client, Value, Repository) {
    let server = Server::start_with(flags).await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    (server, owner, pipeline, repository)
}

#[tokio::test]
async fn builds_are_handed_out_oldest_first() {
    let (_server, owner, pipeline, _repository) = rig(&[]).await;
    let runner = Agent::register(&owner, "r", 4).await;
    assert_eq!(runner.try_claim(0).await.ok(), json!({}), "an empty queue answers an empty object");
    let wanted: Vec<_> =
        [owner.build(&pipeline).await, owner.build(&pipeline).await].map(|b| b["id"].clone()).into();
    let mut got = Vec::new();
    for _ in 0..2 {
        let job = runner.begin().await;
        got.push(job["build_id"].clone());
        assert_eq!(runner.try_claim(0).await.ok(), json!({}), "one build at a time");
        runner.report(&job, json!({"status": "succeeded"})).await.ok();
    }
    assert_eq!(got, wanted);
}

#[tokio::test]
async fn a_held_request_is_woken_by_a_new_build() {
    let (_server, owner, pipeline, _repository) = rig(&[]).await;
    let runner = Agent::register(&owner, "r", 5).await;
    let held = tokio::spawn({
        let runner = runner.clone();
        async move { runner.try_claim(60).await.ok() }
    });
    let build = owner.build(&pipeline).await;
    let job = held.await.unwrap()["job"].clone();
    assert_eq!((&job["build_id"], job["attempt"].as_i64()), (&build["id"], Some(1)));
    assert_eq!(job["timeouts"], json!({"build_seconds": 3600, "no_output_seconds": 1800}));
}

#[tokio::test]
async fn a_runner_whose_answer_was_lost_gets_the_same_build_again() {
    let (_server, owner, pipeline, _repository) = rig(&[]).await;
    owner.build(&pipeline).await;
    owner.build(&pipeline).await;
    let runner = Agent::register(&owner, "r", 5).await;
    let lost = runner.claim().await;
    let again = runner.claim().await;
    assert_eq!((&again["build_id"], &again["attempt"]), (&lost["build_id"], &lost["attempt"]));
    let grant = |job: &Value| job["signing_token"].as_str().unwrap().to_owned();
    assert_ne!(grant(&lost), grant(&again));
    let signing = async |token: Option<String>| {
        let mut request = runner.about(reqwest::Method::GET, &again, "/android-signing");
        if let Some(token) = token {
            request = request.header("x-oore-signing-token", token);
        }
        runner.client.send(request).await
    };
    signing(None).await.error(401, "signing_grant_required");
    signing(Some(grant(&lost))).await.error(401, "invalid_signing_grant");
    assert_eq!(signing(Some(grant(&again))).await.ok(), json!({}));
}

#[tokio::test]
async fn a_pipeline_never_runs_more_builds_than_it_may() {
    let (_server, owner, pipeline, _repository) = rig(&[]).await;
    let path = format!("/v1/pipelines/{}", pipeline["id"].as_str().unwrap());
    owner.patch(&path, json!({"concurrency": {"cancel_previous": false, "max_concurrent": 2}})).await.ok();
    for _ in 0..4 {
        owner.build(&pipeline).await;
    }
    let mut held = Vec::new();
    for n in 0..4 {
        let runner = Agent::register(&owner, &format!("r{n}"), 5).await;
        let answer = runner.try_claim(0).await.ok();
        if let Some(job) = answer.get("job") {
            runner.report(job, json!({"status": "running"})).await.ok();
            held.push((runner, job.clone()));
        }
    }
    assert_eq!(held.len(), 2);
    let (runner, job) = &held[0];
    runner.report(job, json!({"status": "succeeded"})).await.ok();
    runner.claim().await;
    let numbers: HashSet<_> = held.iter().map(|(_, job)| job["build_number"].as_i64()).collect();
    assert_eq!(numbers, HashSet::from([Some(1), Some(2)]));
}

#[tokio::test]
async fn wrong_callers_and_protocols_are_refused() {
    let (_server, owner, pipeline, _repository) = rig(&[]).await;
    owner.build(&pipeline).await;
    let (a, b) = (Agent::register(&owner, "a", 5).await, Agent::register(&owner, "b", 5).await);
    let old = Agent { protocol: 3, ..a.clone() };
    old.try_claim(0).await.error(409, "runner_protocol_mismatch");
    let stranger = Agent { id: b.id.clone(), ..a.clone() };
    stranger.try_claim(0).await.error(403, "runner_mismatch");
    let nobody = Agent { client: owner.with_token("oore_runner_nonsense"), ..a.clone() };
    nobody.try_claim(0).await.error(401, "invalid_token");
    let person = Agent { client: owner.clone(), ..a.clone() };
    person.try_claim(0).await.error(401, "invalid_token");
    let job = a.begin().await;
    b.status(&job).await.error(403, "runner_mismatch");
    b.report(&job, json!({"status": "succeeded"})).await.error(403, "runner_mismatch");
    let stale = json!({"build_id": job["build_id"], "attempt": 7});
    a.report(&stale, json!({"status": "succeeded"})).await.error(409, "attempt_superseded");
    a.frames(&stale, 0, &[]).await.error(409, "attempt_superseded");
    a.status(&json!({"build_id": a.id, "attempt": 1})).await.error(404, "not_found");
    assert_eq!(a.status(&job).await.ok(), json!({"status": "running"}));
}

#[tokio::test]
async fn no_build_starts_while_the_disk_is_low() {
    let (_server, owner, pipeline, _repository) = rig(&["--min-free-disk-bytes", "1000000000000000"]).await;
    let build = owner.build(&pipeline).await;
    let runner = Agent::register(&owner, "r", 5).await;
    assert_eq!(runner.try_claim(0).await.ok(), json!({}));
    let found = owner.get(&format!("/v1/builds/{}", build["id"].as_str().unwrap())).await.ok();
    assert!(found["build"]["waiting_reason"].as_str().unwrap().contains("disk"), "{found}");
}
