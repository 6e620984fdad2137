//! What comes of deliveries: rules of settings and files, code hosts that fail, replays, crashes, and who sees what.

use oored::builds::deliveries;
use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::operator::{Operator, said};
use crate::support::payloads::{ZERO, push};
use crate::support::program::{Daemon, free_port};
use crate::support::sources::{SECRET, Source, commits, deliver};
use crate::support::{Repository, Stream, wait_for};

fn file(triggers: &str) -> String {
    format!("version: 2\nplatforms: [android]\ntriggers: {triggers}\nsteps:\n  - {{name: A, run: 'true'}}\n")
}

/// Pushes a commit with these files to a branch; answers outcome and reason.
async fn pushed(source: &Source, branch: &str, message: &str, files: &[(&str, &str)]) -> (String, String) {
    let before = source.head();
    let sha = source.repository.commit(message, files);
    let mut payload = push(&format!("refs/heads/{branch}"), &before, &sha);
    payload["head_commit"]["message"] = json!(message);
    let changed: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    payload["commits"] =
        json!([{"id": sha, "message": message, "added": [], "modified": changed, "removed": []}]);
    Source::verdict(&source.told("push", &sha, &payload).await)
}

#[tokio::test]
async fn settings_decide_and_the_reason_names_what_they_ask_for() {
    let source = Source::start().await;
    source.set(json!({"trigger_config": {"events": ["push"], "branches": ["main", "release/*"]}})).await;
    let (outcome, reason) = pushed(&source, "feature/x", "a", &[]).await;
    assert_eq!(
        (outcome.as_str(), reason.as_str()),
        ("filtered", "branch feature/x does not match main, release/*")
    );
    assert_eq!(pushed(&source, "release/1/2", "b", &[]).await.1, "built #1");
    let (outcome, reason) = pushed(&source, "main", "c\n\nnothing new [skip ci]", &[]).await;
    assert_eq!(
        (outcome.as_str(), reason.as_str()),
        ("skipped", "skip mark in the commit's message: [skip ci]")
    );
    source.set(json!({"trigger_config": {"events": ["push"], "branches": [], "paths": ["lib/**"]}})).await;
    assert_eq!(pushed(&source, "main", "d", &[("README.md", "x")]).await.0, "filtered");
    assert_eq!(pushed(&source, "main", "e", &[("lib/a.dart", "x")]).await.1, "built #2");
    source.set(json!({"enabled": false})).await;
    assert_eq!(pushed(&source, "main", "f", &[]).await.1, "the pipeline is disabled");
}

#[tokio::test]
async fn the_file_of_the_commit_decides_if_it_says_something() {
    let source = Source::start().await;
    source.set(json!({"trigger_config": {"events": ["pull_request"], "branches": []}})).await;
    let rules = file("{events: [push], branches: [main], paths_ignore: ['**/*.md']}");
    assert_eq!(pushed(&source, "main", "a", &[(".oore.yaml", &rules)]).await.1, "built #1");
    let (_, reason) = pushed(&source, "main", "b", &[("docs/a.md", "x")]).await;
    assert_eq!(reason, "none of 1 changed files (for instance docs/a.md) is outside of **/*.md");
    let broken = file("{events: [merge]}");
    let (outcome, reason) = pushed(&source, "main", "c", &[(".oore.yaml", &broken)]).await;
    assert!(outcome == "invalid" && reason.starts_with("file invalid: .oore.yaml: "), "{outcome}: {reason}");
    let asks = "version: 2\nplatforms: [android]\ninputs: [{name: notes, type: string, required: true}]\n\
        steps: [{name: A, run: 'true'}]\ntriggers: {events: [push]}\n";
    let (outcome, reason) = pushed(&source, "main", "d", &[(".oore.yaml", asks)]).await;
    assert!(outcome == "invalid" && reason.contains("notes"), "{outcome}: {reason}");
}

#[tokio::test]
async fn what_a_payload_does_not_say_about_paths_is_asked_of_the_code_host() {
    let source = Source::start().await;
    source.set(json!({"trigger_config": {"events": [], "branches": [], "paths": ["lib/**"]}})).await;
    let first = source.head();
    let second = source.repository.commit("docs", &[("README.md", "x")]);
    let mut forced = push("refs/heads/main", &first, &second);
    forced["forced"] = json!(true);
    let (outcome, reason) = Source::verdict(&source.told("push", "d1", &forced).await);
    assert!(outcome == "filtered" && reason.contains("README.md"), "{outcome}: {reason}");
    // A new branch has nothing to compare with: rather one build too many.
    let told = source.told("push", "d2", &push("refs/heads/new", ZERO, &second)).await;
    assert_eq!(Source::verdict(&told).1, "built #1");
}

#[tokio::test]
async fn a_code_host_that_is_away_is_asked_again_and_a_replay_makes_up_for_it() {
    let source = Source::start().await;
    let sha = source.head();
    source.host.fail(503);
    let told = source.told("push", "d1", &push("refs/heads/main", ZERO, &sha)).await;
    assert_eq!((&told["status"], &told["attempts"]), (&json!("waiting"), &json!(1)));
    let asked = source.host.requests();
    source.work().await;
    assert_eq!(source.host.requests(), asked, "not before its time");
    source.host.fail(0);
    source.server.advance(31);
    source.work().await;
    assert_eq!(Source::verdict(&source.newest().await).1, "built #1");

    source.host.fail(500);
    let second = source.repository.commit("second", &[]);
    source.deliver("push", "d2", &push("refs/heads/main", &sha, &second)).await.ok();
    for _ in 0..5 {
        source.work().await;
        source.server.advance(31);
    }
    let told = source.newest().await;
    assert_eq!((&told["status"], &told["attempts"]), (&json!("failed"), &json!(5)), "{told}");
    assert_eq!(Source::verdict(&told).0, "failed");
    source.host.fail(0);
    source.server.advance(3600);
    source.work().await;
    assert_eq!(source.newest().await["status"], "failed", "nobody asked for another try");
    let replay = format!("/v1/webhook-deliveries/{}/replay", told["id"].as_str().unwrap());
    let waiting = source.owner.post(&replay, json!({})).await.ok();
    assert_eq!(waiting["delivery"]["status"], "waiting");
    source.owner.post(&replay, json!({})).await.error(409, "delivery_waiting");
    source.work().await;
    assert_eq!(Source::verdict(&source.newest().await).1, "built #2");
    source.owner.post(&replay, json!({})).await.ok();
    source.work().await;
    assert_eq!(Source::verdict(&source.newest().await).1, "built #2", "what was built stays");
    assert_eq!(source.builds().await.len(), 2);
    let log = source.owner.get("/v1/audit-logs?action=webhook_replayed").await.ok();
    assert_eq!((&log["total"], &log["entries"][0]["resource_id"]), (&json!(2), &told["id"]));
}

#[tokio::test]
async fn what_was_said_before_and_what_is_not_kept_cannot_be_replayed() {
    let source = Source::start().await;
    let payload = push("refs/heads/main", ZERO, &source.head());
    source.told("push", "d1", &payload).await;
    let first = source.newest().await;
    let repeat = source.told("push", "d2", &payload).await;
    assert_eq!((&repeat["duplicate_of"], &repeat["can_replay"]), (&first["id"], &json!(false)));
    let replay =
        |delivery: &Value| format!("/v1/webhook-deliveries/{}/replay", delivery["id"].as_str().unwrap());
    let refused = source.owner.post(&replay(&repeat), json!({})).await.error(409, "duplicate_delivery");
    assert_eq!(refused["details"]["duplicate_of"], first["id"]);
    let sql = "UPDATE webhook_deliveries SET body = NULL";
    let db = &source.server.app.db;
    db.write(async |tx| Ok(sea_orm::ConnectionTrait::execute_unprepared(tx, sql).await?)).await.unwrap();
    source.owner.post(&replay(&first), json!({})).await.error(410, "payload_removed");
}

#[tokio::test]
async fn members_see_deliveries_of_their_projects_and_only_operators_replay() {
    let source = Source::start().await;
    source.told("push", "d1", &push("refs/heads/main", ZERO, &source.head())).await;
    let hidden = json!({"name": "Hidden", "repository_id": source.connected.repository});
    let hidden = source.owner.post("/v1/projects", hidden).await.created()["project"].clone();
    source.owner.pipeline(&hidden, "Secret").await;
    let sha = source.repository.commit("second", &[]);
    source.told("push", "d2", &push("refs/heads/main", ZERO, &sha)).await;
    let developer =
        crate::support::sources::person(&source.server, "dev@example.com", UserRole::Developer).await;
    let list = "/v1/webhook-deliveries";
    assert_eq!(developer.get(list).await.ok()["deliveries"], json!([]));
    let id = source.newest().await["id"].as_str().unwrap().to_owned();
    developer.get(&format!("{list}/{id}")).await.error(404, "not_found");
    let members = format!("/v1/projects/{}/members", source.project["id"].as_str().unwrap());
    let body = json!({"user_id": developer.id().await, "role": "developer"});
    source.owner.post(&members, body).await.created();
    let seen = developer.get(list).await.ok();
    assert_eq!(seen["deliveries"].as_array().unwrap().len(), 2);
    assert_eq!(Source::verdict(&seen["deliveries"][0]).1, "built #2", "{seen}");
    assert!(!seen.to_string().contains("Secret"), "{seen}");
    developer.post(&format!("{list}/{id}/replay"), json!({})).await.error(403, "permission_denied");
    assert_eq!(source.newest().await["verdicts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn who_listens_is_told_of_deliveries() {
    let source = Source::start().await;
    let mut stream = Stream::open(&source.owner, None).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    source.deliver("push", "d1", &push("refs/heads/main", ZERO, &source.head())).await.ok();
    assert_eq!(stream.next().await.unwrap().name, "deliveries");
    source.work().await;
    for name in ["build", "deliveries"] {
        while stream.next().await.unwrap().name != name {}
    }
}

#[tokio::test]
async fn oore_why_explains_a_commit_and_a_delivery() {
    let source = Source::start().await;
    source.set(json!({"trigger_config": {"events": [], "branches": ["release/*"]}})).await;
    let sha = source.head();
    let told = source.told("push", "d1", &push("refs/heads/main", ZERO, &sha)).await;
    let operator = Operator::new();
    let (url, token) = (source.server.base.clone(), source.owner.token.clone().unwrap());
    let why = async |subject: &str| {
        let arguments = ["why", subject, "--daemon-url", &url, "--token", &token];
        said(&operator.run(&arguments).await)
    };
    for subject in [&sha, &sha[..7], told["id"].as_str().unwrap()] {
        let answer = why(subject).await;
        assert!(answer.contains("App / Main: branch main does not match release/*"), "{subject}: {answer}");
    }
    assert!(why("abcdef0").await.contains("nothing told of commit abcdef0"));
    assert!(why("main").await.contains("neither a commit nor a delivery"));
}

#[tokio::test]
async fn old_deliveries_and_large_bodies_go_and_what_waits_stays() {
    let source = Source::start().await;
    source.told("push", "d1", &push("refs/heads/main", ZERO, &source.head())).await;
    source.server.advance(31 * 24 * 3600);
    let sha = source.repository.commit("second", &[]);
    source.deliver("push", "d2", &push("refs/heads/main", ZERO, &sha)).await.ok();
    source.server.advance(31 * 24 * 3600);
    deliveries::remove_old(&source.server.app).await.unwrap();
    source.work().await;
    let owner = crate::support::setting_up::proxy_sign_in(&source.server, "ana@example.com").await;
    let list = owner.get("/v1/webhook-deliveries").await.ok();
    let left: Vec<_> =
        list["deliveries"].as_array().unwrap().iter().map(|one| one["external_id"].clone()).collect();
    assert_eq!(left, ["d2"]);
    let keep = oored::db::deliveries::Keep { after_ms: 0, most: 10, body_bytes: 1 };
    source.server.app.db.write(async |tx| oored::db::deliveries::tidy(tx, keep).await).await.unwrap();
    assert_eq!(owner.get("/v1/webhook-deliveries").await.ok()["deliveries"][0]["can_replay"], false);
}

#[tokio::test]
async fn payloads_are_sealed_at_rest() {
    let source = Source::with(Repository::running(&["true"])).await;
    let mut payload = push("refs/heads/main", ZERO, &source.head());
    payload["commits"][0]["message"] = json!("a-message-nobody-else-may-read");
    source.told("push", "d1", &payload).await;
    source.server.assert_not_stored("a-message-nobody-else-may-read");
}

/// kill -9 between the answer and the work; the code host is away, so that there is no work before it.
#[tokio::test]
async fn what_was_acknowledged_is_built_after_a_crash() {
    let source = Source::start().await;
    source.keep_app_key().await;
    let Source { server, owner, host, repository, .. } = source;
    let folder = server.leave().await;
    let port = free_port();
    let flags = ["--runner-mode", "external"];
    let mut daemon = Daemon::start(folder.path(), port, &flags).await;
    host.fail(503);
    let shas: Vec<String> = (0..20).map(|number| repository.commit(&format!("{number}"), &[])).collect();
    let sending = shas.iter().enumerate().map(|(number, sha)| {
        let (client, body) = (daemon.client(), push(&format!("refs/heads/b{number}"), ZERO, sha).to_string());
        tokio::spawn(async move { deliver(&client, SECRET, "push", &format!("d{number}"), &body).await.ok() })
    });
    for sent in sending.collect::<Vec<_>>() {
        assert_eq!(sent.await.unwrap(), json!({"ok": true}));
    }
    daemon.kill();
    host.fail(0);
    let daemon = Daemon::start(folder.path(), port, &flags).await;
    let owner = daemon.client().with_token(owner.token.unwrap());
    let built = wait_for(&owner, "/v1/builds?limit=50", |page| page["total"] == 20).await;
    let mut pushed = shas;
    pushed.sort();
    assert_eq!(commits(&built), pushed);
}
