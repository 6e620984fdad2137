//! Requests of forks: held until somebody approves one commit, and built without anything that is not theirs to see.

use oored::domain::role::UserRole;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::agent::Agent;
use crate::support::connected::{Connected, hear};
use crate::support::operator::{Operator, said};
use crate::support::payloads::{ZERO, pull_request, push};
use crate::support::sources::{Source, person};
use crate::support::with_gitlab::Site;
use crate::support::{Client, Repository, build_in};

/// A commit that is on no branch, kept as a code host keeps those of requests.
fn offered(repository: &Repository, kept_at: &str, files: &[(&str, &str)]) -> String {
    repository.git(&["checkout", "--quiet", "--detach", "main"]);
    let sha = repository.commit("from outside", files);
    repository.git(&["update-ref", kept_at, &sha]);
    repository.git(&["checkout", "--quiet", "main"]);
    sha
}

/// What GitHub tells of a fork's pull request number 2.
fn told_of(sha: &str, action: &str) -> Value {
    let mut event = pull_request(action, "main", sha);
    event["pull_request"]["head"]["repo"]["id"] = json!(42);
    event["pull_request"]["head"]["repo"]["full_name"] = json!("mallory/Hello-World");
    event
}

async fn allow(owner: &Client, project: &Value) {
    let path = format!("/v1/projects/{}", project["id"].as_str().unwrap());
    owner.patch(&path, json!({"fork_builds": "approval"})).await.ok();
}

fn approval(delivery: &Value) -> String {
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let pipeline = id(&delivery["verdicts"][0]["pipeline_id"]);
    format!("/v1/webhook-deliveries/{}/verdicts/{pipeline}/approve", id(&delivery["id"]))
}

async fn approve(client: &Client, delivery: &Value) -> crate::support::Answer {
    client.post(&approval(delivery), json!({})).await
}

#[tokio::test]
async fn a_commit_of_a_fork_waits_for_somebody_who_may_start_builds_and_is_built_once() {
    let source = Source::start().await;
    let project =
        source.owner.get(&format!("/v1/projects/{}", source.project["id"].as_str().unwrap())).await.ok();
    assert_eq!(project["project"]["fork_builds"], "blocked");
    let first = offered(&source.repository, "refs/pull/2/head", &[("a", "1")]);
    let blocked = source.told("pull_request", "p0", &told_of(&first, "opened")).await;
    assert_eq!(Source::verdict(&blocked).0, "blocked");
    approve(&source.owner, &blocked).await.error(409, "not_awaiting_approval");

    allow(&source.owner, &source.project).await;
    let waiting = source.told("pull_request", "p1", &told_of(&first, "reopened")).await;
    let (outcome, reason) = Source::verdict(&waiting);
    assert!(outcome == "awaits_approval" && reason.contains("mallory/Hello-World"), "{outcome}: {reason}");
    assert_eq!(
        (&waiting["outcome"], &waiting["verdicts"][0]["can_approve"]),
        (&json!("awaits_approval"), &json!(true))
    );
    assert!(source.builds().await.is_empty());

    let viewer = person(&source.server, "vi@example.com", UserRole::QaViewer).await;
    let developer = person(&source.server, "bo@example.com", UserRole::Developer).await;
    approve(&developer, &waiting).await.error(404, "not_found");
    let members = format!("/v1/projects/{}/members", source.project["id"].as_str().unwrap());
    for (client, role) in [(&viewer, "maintainer"), (&developer, "developer")] {
        source.owner.post(&members, json!({"user_id": client.id().await, "role": role})).await.created();
    }
    approve(&viewer, &waiting).await.error(403, "permission_denied");
    let seen = viewer.get("/v1/webhook-deliveries?limit=1").await.ok();
    assert_eq!(seen["deliveries"][0]["verdicts"][0]["can_approve"], false);
    let built = approve(&developer, &waiting).await.ok()["delivery"].clone();
    let (outcome, reason) = Source::verdict(&built);
    assert_eq!((outcome.as_str(), reason.as_str()), ("built", "built #1, approved by bo@example.com"));
    assert_eq!((&built["outcome"], &built["verdicts"][0]["can_approve"]), (&json!("built"), &json!(false)));
    approve(&developer, &waiting).await.error(409, "not_awaiting_approval");

    let builds = source.builds().await;
    assert_eq!((builds.len(), &builds[0]["commit_sha"]), (1, &json!(first)));
    assert_eq!(
        (&builds[0]["branch"], &builds[0]["trigger_type"]),
        (&json!("pull/2/head"), &json!("webhook")),
        "it is on none of our branches, whatever the fork calls its own"
    );
    let log = source.owner.get("/v1/audit-logs?action=fork_build_approved").await.ok();
    let entry = &log["entries"][0];
    assert_eq!((&entry["actor_email"], &entry["resource_id"]), (&json!("bo@example.com"), &waiting["id"]));
    assert!(entry["details"].as_str().unwrap().contains(&first), "{entry}");
    // The same commit again needs nobody.
    let again = source.told("pull_request", "p2", &told_of(&first, "synchronize")).await;
    assert_eq!(Source::verdict(&again).0, "already_built");
}

#[tokio::test]
async fn a_new_commit_of_the_request_needs_an_approval_of_its_own_and_replaces_what_waited() {
    let source = Source::start().await;
    allow(&source.owner, &source.project).await;
    let first = offered(&source.repository, "refs/pull/2/head", &[("a", "1")]);
    let one = source.told("pull_request", "p1", &told_of(&first, "opened")).await;
    let second = offered(&source.repository, "refs/pull/2/head", &[("a", "2")]);
    let two = source.told("pull_request", "p2", &told_of(&second, "synchronize")).await;
    assert_eq!(Source::verdict(&two).0, "awaits_approval");
    let one_now =
        source.owner.get(&format!("/v1/webhook-deliveries/{}", one["id"].as_str().unwrap())).await.ok();
    assert_eq!(
        (&one_now["delivery"]["outcome"], Source::verdict(&one_now["delivery"]).0),
        (&json!("superseded"), "superseded".to_owned())
    );
    approve(&source.owner, &one).await.error(409, "not_awaiting_approval");
    // A maintainer's own branch of the same name is left alone.
    let main = source.told("push", "d1", &push("refs/heads/main", ZERO, &source.head())).await;
    assert_eq!(Source::verdict(&main).1, "built #1");
    source.set(json!({"concurrency": {"cancel_previous": true}})).await;
    approve(&source.owner, &two).await.ok();
    let builds = source.builds().await;
    assert_eq!((&builds[0]["status"], &builds[1]["commit_sha"]), (&json!("queued"), &json!(second)));

    let third = offered(&source.repository, "refs/pull/2/head", &[("a", "3")]);
    let three = source.told("pull_request", "p3", &told_of(&third, "synchronize")).await;
    source.set(json!({"enabled": false})).await;
    approve(&source.owner, &three).await.error(409, "pipeline_disabled");
    source.set(json!({"enabled": true})).await;
    let path = format!("/v1/projects/{}", source.project["id"].as_str().unwrap());
    source.owner.patch(&path, json!({"fork_builds": "blocked"})).await.ok();
    approve(&source.owner, &three).await.error(409, "fork_builds_blocked");
    source.owner.patch(&path, json!({"fork_builds": "sometimes"})).await.error(400, "invalid_request");
    assert_eq!(source.builds().await.len(), 2);
    // The pipeline's own rules still count.
    source.owner.patch(&path, json!({"fork_builds": "approval"})).await.ok();
    source.set(json!({"trigger_config": {"events": ["push"], "branches": []}})).await;
    let fourth = offered(&source.repository, "refs/pull/2/head", &[("a", "4")]);
    let four = source.told("pull_request", "p4", &told_of(&fourth, "synchronize")).await;
    assert_eq!(Source::verdict(&four).0, "filtered");
}

#[tokio::test]
async fn a_runner_is_told_that_the_code_is_not_trusted_and_given_nothing_to_keep_from_it() {
    let source = Source::start().await;
    allow(&source.owner, &source.project).await;
    let pipeline = source.pipeline["id"].as_str().unwrap();
    source
        .set(json!({"execution_config": {"platforms": ["android"], "env": [{"key": "URL", "value": "kept-from-strangers"}]}}))
        .await;
    for path in [
        format!("/v1/pipelines/{pipeline}"),
        format!("/v1/projects/{}", source.project["id"].as_str().unwrap()),
    ] {
        let secret = json!({"value": "s3cret-value", "kind": "secret"});
        source.owner.put(&format!("{path}/variables/TOKEN"), secret).await.ok();
    }
    let sha = offered(&source.repository, "refs/pull/2/head", &[("a", "1")]);
    let waiting = source.told("pull_request", "p1", &told_of(&sha, "opened")).await;
    approve(&source.owner, &waiting).await.ok();
    let old = Agent::register(&source.owner, "old", 4).await;
    assert!(old.try_claim(0).await.ok().get("job").is_none(), "it knows of no such code");
    source.keep_app_key().await;
    let agent = Agent::register(&source.owner, "mac", 5).await;
    let job = agent.begin().await;
    let snapshot = &job["config_snapshot"];
    assert_eq!(
        (&snapshot["untrusted"], &snapshot["checkout_ref"]),
        (&json!(true), &json!("refs/pull/2/head"))
    );
    assert_eq!(job["commit_sha"], sha);
    assert!(!job.to_string().contains("kept-from-strangers") && !job.to_string().contains("s3cret"), "{job}");
    for kind in ["android-signing", "ios-signing"] {
        let asked = agent.about(reqwest::Method::GET, &job, &format!("/{kind}"));
        let asked = asked.header("x-oore-signing-token", job["signing_token"].as_str().unwrap());
        agent.client.send(asked).await.error(403, "untrusted_build");
    }
    agent.report(&job, json!({"status": "succeeded", "log_frames": 0})).await.ok();
    // Run again it is what it was.
    let build = source.builds().await[0].clone();
    let rerun = format!("/v1/builds/{}/rerun", build["id"].as_str().unwrap());
    source.owner.post(&rerun, json!({})).await.created();
    let again = agent.claim().await;
    assert_eq!(again["config_snapshot"]["untrusted"], true);
    assert!(!again.to_string().contains("s3cret"), "{again}");
}

#[tokio::test]
async fn an_approved_commit_is_fetched_from_where_the_repository_keeps_it_and_leaves_no_caches() {
    let steps = "version: 2\nplatforms: [android]\ncaches: [{name: own, paths: [deps], key: [a]}]\n\
        artifacts: {patterns: []}\nsteps:\n  - {name: Look, run: 'cat a; mkdir -p deps; touch deps/x; echo \"[$TOKEN]\"'}\n";
    let repository = Repository::with(&[(".oore.yaml", steps), ("a", "trusted\n")]);
    let library = Repository::with(&[("lib.txt", "x")]);
    let mut site = Connected::with(&[("acme/shop", &repository), ("acme/secret", &library)]).await;
    let server = std::mem::replace(&mut site.server, crate::support::Server::start().await);
    let rig = Rig::of(server, site.owner.clone()).await.with_runner(&[]);
    let project = site.project("acme/shop").await;
    site.owner.pipeline(&project, "Main").await;
    allow(&site.owner, &project).await;
    let variable = format!("/v1/projects/{}/variables/TOKEN", project["id"].as_str().unwrap());
    site.owner.put(&variable, json!({"value": "s3cret-value", "kind": "secret"})).await.ok();
    // What a stranger names as a submodule is not handed out.
    let module = format!("[submodule \"s\"]\n\tpath = s\n\turl = {}/acme/secret.git\n", site.github.base);
    let sha = offered(&repository, "refs/pull/2/head", &[("a", "from outside\n"), (".gitmodules", &module)]);
    let mut event = told_of(&sha, "opened");
    event["repository"]["id"] = json!(1000);
    event["pull_request"]["base"]["repo"]["id"] = json!(1000);
    let waiting = hear(&rig.server, &site.owner, "pull_request", "p1", &event).await;
    assert_eq!(Source::verdict(&waiting).0, "awaits_approval", "{waiting}");
    let built = approve(&site.owner, &waiting).await.ok();
    let build = json!({"id": built["delivery"]["verdicts"][0]["build_id"]});
    let build = build_in(&site.owner, &build, "succeeded").await;
    let log = String::from_utf8_lossy(&site.owner.raw_log(&build).await).into_owned();
    assert!(log.contains("\nfrom outside\n") && log.contains("\n[]\n"), "{log}");
    assert!(log.contains("its code is not trusted"), "{log}");
    assert!(build["caches"][0].get("saved_bytes").is_none(), "{build}");
    assert_eq!(site.github.narrowed(), [["acme/shop"]]);
    rig.tidy().await;
}

#[tokio::test]
async fn merge_requests_of_gitlab_wait_too() {
    let repository = Repository::running(&["true"]);
    let site = Site::with_token(None, &[("group/app", &repository)]).await;
    site.pipeline("group/app").await;
    let project = site.owner.get("/v1/projects").await.ok()["projects"][0].clone();
    allow(&site.owner, &project).await;
    let secret = site.webhook_secret("group/app").await;
    let sha = offered(&repository, "refs/merge-requests/3/head", &[("a", "1")]);
    let body = json!({"object_kind": "merge_request", "user": {"username": "mallory"},
        "project": {"id": 1000, "path_with_namespace": "group/app"},
        "object_attributes": {"iid": 3, "action": "open", "source_branch": "main", "target_branch": "main",
            "source_project_id": 7, "target_project_id": 1000, "source": {"path_with_namespace": "mallory/app"},
            "last_commit": {"id": sha, "message": "from outside"}}});
    let waiting = site.hear("Merge Request Hook", &secret, &body).await;
    let (outcome, reason) = Source::verdict(&waiting);
    assert!(outcome == "awaits_approval" && reason.contains("mallory/app"), "{outcome}: {reason}");
    approve(&site.owner, &waiting).await.ok();
    let build = site.owner.get("/v1/builds").await.ok()["builds"][0].clone();
    assert_eq!((&build["commit_sha"], &build["branch"]), (&json!(sha), &json!("merge-requests/3/head")));
    let agent = Agent::register(&site.owner, "mac", 5).await;
    let job = agent.claim().await;
    assert_eq!(job["config_snapshot"]["checkout_ref"], "refs/merge-requests/3/head");
}

#[tokio::test]
async fn why_there_is_no_build_is_told_with_the_way_to_one() {
    let source = Source::start().await;
    allow(&source.owner, &source.project).await;
    let sha = offered(&source.repository, "refs/pull/2/head", &[("a", "1")]);
    source.told("pull_request", "p1", &told_of(&sha, "opened")).await;
    let operator = Operator::new();
    let (url, token) = (&source.server.base, source.owner.token.clone().unwrap());
    let told = said(&operator.run(&["why", &sha[..9], "--daemon-url", url, "--token", &token]).await);
    assert!(told.contains("waits until somebody who may start builds approves it"), "{told}");
    assert!(told.contains("/settings/deliveries/"), "{told}");
}

#[tokio::test]
async fn what_waits_gives_way_to_a_newer_commit_even_if_that_starts_nothing() {
    let source = Source::start().await;
    allow(&source.owner, &source.project).await;
    let first = offered(&source.repository, "refs/pull/2/head", &[("a", "1")]);
    let one = source.told("pull_request", "p1", &told_of(&first, "opened")).await;
    assert_eq!(Source::verdict(&one).0, "awaits_approval");
    source.set(json!({"trigger_config": {"events": ["pull_request"], "branches": ["release/*"]}})).await;
    let second = offered(&source.repository, "refs/pull/2/head", &[("a", "2")]);
    let two = source.told("pull_request", "p2", &told_of(&second, "synchronize")).await;
    assert_ne!(Source::verdict(&two).0, "awaits_approval");
    let path = format!("/v1/webhook-deliveries/{}", one["id"].as_str().unwrap());
    assert_eq!(Source::verdict(&source.owner.get(&path).await.ok()["delivery"]).0, "superseded");
}

#[tokio::test]
async fn nobody_is_offered_an_approval_that_would_be_refused() {
    let source = Source::start().await;
    allow(&source.owner, &source.project).await;
    let sha = offered(&source.repository, "refs/pull/2/head", &[("a", "1")]);
    let waiting = source.told("pull_request", "p1", &told_of(&sha, "opened")).await;
    let path = format!("/v1/webhook-deliveries/{}", waiting["id"].as_str().unwrap());
    let offers = async || {
        source.owner.get(&path).await.ok()["delivery"]["verdicts"][0]["can_approve"].as_bool().unwrap()
    };
    assert!(offers().await);
    source.set(json!({"enabled": false})).await;
    assert!(!offers().await);
    source.set(json!({"enabled": true})).await;
    let project = format!("/v1/projects/{}", source.project["id"].as_str().unwrap());
    source.owner.patch(&project, json!({"fork_builds": "blocked"})).await.ok();
    assert!(!offers().await);
}

#[tokio::test]
async fn a_build_of_a_fork_does_not_reach_the_keys_of_the_runners_user() {
    let rig = Rig::without_runner(&[]).await;
    let repository = Repository::running(&["echo agent: ${SSH_AUTH_SOCK-none}; mkdir out; touch out/a"]);
    let pipeline = rig.pipeline(&repository).await;
    let (own, forks) = (rig.owner.build(&pipeline).await, rig.owner.build(&pipeline).await);
    let sql = format!(
        "UPDATE builds SET config_snapshot = json_set(config_snapshot, '$.untrusted', json('true')) WHERE id = '{}'",
        forks["id"].as_str().unwrap()
    );
    let changed = rig.server.app.db.write(async |tx| Ok(tx.execute_unprepared(&sql).await?)).await;
    assert_eq!(changed.unwrap().rows_affected(), 1);
    let rig = rig.with_runner(&[("SSH_AUTH_SOCK", "/the/agent")]);
    for (build, said) in [(&own, "\nagent: /the/agent\n"), (&forks, "\nagent: none\n")] {
        build_in(&rig.owner, build, "succeeded").await;
        let log = String::from_utf8(rig.owner.raw_log(build).await).unwrap();
        assert!(log.contains(said), "{log}");
    }
}
