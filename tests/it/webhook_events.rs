//! What webhooks tell, taken for what it is: requests, deletions, tags, repeats at once, pushes out of order, and bursts.

use serde_json::{Value, json};

use crate::support::payloads::{ZERO, pull_request, push};
use crate::support::sources::{SECRET, Source, deliver};

/// N51.
#[tokio::test]
async fn pull_requests_build_the_commits_of_the_repository_itself_only() {
    let source = Source::start().await;
    source.repository.git(&["checkout", "--quiet", "-b", "topic"]);
    let sha = source.repository.commit("a change", &[("lib/a", "b")]);
    let told = source.told("pull_request", "p1", &pull_request("opened", "topic", &sha)).await;
    assert_eq!(Source::verdict(&told).1, "built #1");
    assert_eq!(told["number"], 2);
    let builds = source.builds().await;
    assert_eq!(
        (&builds[0]["branch"], &builds[0]["trigger_event"]),
        (&json!("topic"), &json!("pull_request"))
    );

    let mut fork = pull_request("opened", "topic", &sha);
    fork["pull_request"]["head"]["repo"]["id"] = json!(42);
    fork["pull_request"]["head"]["repo"]["full_name"] = json!("evil/Hello-World");
    let (outcome, reason) = Source::verdict(&source.told("pull_request", "p2", &fork).await);
    assert!(outcome == "blocked" && reason.contains("evil/Hello-World"), "{outcome}: {reason}");
    fork["pull_request"]["head"]["repo"] = Value::Null;
    assert_eq!(Source::verdict(&source.told("pull_request", "p3", &fork).await).0, "blocked");
    let nowhere = pull_request("synchronize", "topic", &"1".repeat(40));
    let (outcome, reason) = Source::verdict(&source.told("pull_request", "p4", &nowhere).await);
    assert!(outcome == "ignored" && reason.contains("there is no commit"), "{outcome}: {reason}");
    for (number, action) in ["closed", "labeled", "edited", "ready_for_review"].iter().enumerate() {
        let told =
            source.told("pull_request", &format!("q{number}"), &pull_request(action, "topic", &sha)).await;
        assert_eq!((&told["outcome"], told["verdicts"].as_array().unwrap().len()), (&json!("ignored"), 0));
    }
    assert_eq!(source.builds().await.len(), 1);
}

/// N52.
#[tokio::test]
async fn deletions_tags_empty_pushes_and_long_names_are_taken_for_what_they_are() {
    let source = Source::start().await;
    let sha = source.head();
    let mut gone = push("refs/heads/main", &sha, ZERO);
    (gone["deleted"], gone["head_commit"]) = (json!(true), Value::Null);
    let told = source.told("push", "d1", &gone).await;
    assert_eq!(told["reason"], "refs/heads/main was deleted");
    gone["deleted"] = json!(false);
    gone["pusher"] = json!({"name": "another body"});
    assert_eq!(source.told("push", "d2", &gone).await["outcome"], "ignored");

    let mut empty = push("refs/heads/main", &sha, &sha);
    empty["commits"] = json!([]);
    assert_eq!(Source::verdict(&source.told("push", "d3", &empty).await).1, "built #1");
    let tag = push("refs/tags/v1.0", ZERO, &sha);
    assert_eq!(Source::verdict(&source.told("push", "d4", &tag).await).1, "built #2");
    let build = source.builds().await[1].clone();
    assert_eq!(
        (&build["trigger_ref"], build.get("branch").unwrap_or(&Value::Null)),
        (&json!("refs/tags/v1.0"), &Value::Null)
    );
    let long = push(&format!("refs/heads/{}", "b".repeat(1000)), ZERO, &sha);
    assert_eq!(Source::verdict(&source.told("push", "d5", &long).await).1, "built #3");
    let other = push("refs/pull/7/head", ZERO, &sha);
    assert_eq!(source.told("push", "d6", &other).await["outcome"], "ignored");
    let mut elsewhere = push("refs/heads/main", ZERO, &sha);
    elsewhere["repository"]["id"] = json!(5);
    let told = source.told("push", "d7", &elsewhere).await;
    assert_eq!(told["reason"], "unknown repository Codertocat/Hello-World");
}

/// F16.
#[tokio::test]
async fn the_same_delivery_ten_times_at_once_is_one_build() {
    let source = Source::start().await;
    for round in 0..10 {
        let sha = source.repository.commit(&format!("commit {round}"), &[]);
        let body = push("refs/heads/main", ZERO, &sha).to_string();
        let client = source.server.anonymous();
        let sending = (0..10).map(|_| {
            let (client, body, id) = (client.clone(), body.clone(), format!("d{round}"));
            tokio::spawn(async move { deliver(&client, SECRET, "push", &id, &body).await.ok() })
        });
        let sending: Vec<_> = sending.collect();
        let mut first = 0;
        for sent in sending {
            first += usize::from(sent.await.unwrap() == json!({"ok": true}));
        }
        assert_eq!(first, 1, "the other nine are told that it is known");
        let (one, other) = tokio::join!(
            oored::builds::deliveries::work(&source.server.app),
            oored::builds::deliveries::work(&source.server.app)
        );
        one.and(other).unwrap();
        assert_eq!(source.builds().await.len(), round + 1);
    }
}

/// F17.
#[tokio::test]
async fn pushes_out_of_order_build_each_commit_once_and_an_old_one_is_never_the_latest() {
    let source = Source::start().await;
    let mut shas = vec![source.head()];
    for number in 1..6 {
        shas.push(source.repository.commit(&format!("commit {number}"), &[]));
    }
    for (number, at) in [5_usize, 2, 4, 1, 3].into_iter().enumerate() {
        let mut payload = push("refs/heads/main", &shas[at - 1], &shas[at]);
        payload["repository"]["pushed_at"] = json!(1_700_000_000 + at);
        let told = source.told("push", &format!("d{number}"), &payload).await;
        assert_eq!(Source::verdict(&told).0, "built");
    }
    let builds = source.builds().await;
    let mut built: Vec<_> =
        builds.iter().map(|build| build["commit_sha"].as_str().unwrap().to_owned()).collect();
    assert_eq!(built[0], shas[5]);
    built.sort();
    let mut pushed = shas[1..].to_vec();
    pushed.sort();
    assert_eq!(built, pushed);
    let sql = "UPDATE builds SET status = 'succeeded'";
    source
        .server
        .app
        .db
        .write(async |tx| {
            use sea_orm::ConnectionTrait;
            Ok(tx.execute_unprepared(sql).await?)
        })
        .await
        .unwrap();
    let pipeline = source.pipeline["id"].as_str().unwrap().parse().unwrap();
    let latest = oored::db::builds::last_green_commit(source.server.app.db.read(), pipeline).await.unwrap();
    assert_eq!(latest.as_ref(), Some(&shas[5]));
}

#[tokio::test]
async fn a_pipeline_that_builds_the_newest_only_does_not_go_back_to_an_older_push() {
    let source = Source::start().await;
    source.set(json!({"concurrency": {"cancel_previous": true}})).await;
    let first = source.head();
    let second = source.repository.commit("second", &[]);
    let third = source.repository.commit("third", &[]);
    source.told("push", "d1", &push("refs/heads/main", &second, &third)).await;
    let told = source.told("push", "d2", &push("refs/heads/main", &first, &second)).await;
    assert_eq!(Source::verdict(&told).0, "superseded");
    let fourth = source.repository.commit("fourth", &[]);
    source.told("push", "d3", &push("refs/heads/main", &third, &fourth)).await;
    let builds = source.builds().await;
    let statuses: Vec<_> = builds.iter().map(|build| build["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["canceled", "queued"]);
}

/// F18, in short.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_from_64_clients_loses_nothing() {
    let source = Source::start().await;
    let sha = source.head();
    let before = source.server.app.db.writes();
    let sending: Vec<_> = (0..64)
        .map(|lane| {
            let (client, sha) = (source.server.anonymous(), sha.clone());
            tokio::spawn(async move {
                for number in 0..5 {
                    let name = format!("b{lane}-{number}");
                    let body = push(&format!("refs/heads/{name}"), ZERO, &sha).to_string();
                    let answer = deliver(&client, SECRET, "push", &name, &body).await;
                    assert_eq!(answer.ok(), json!({"ok": true}));
                }
            })
        })
        .collect();
    for lane in sending {
        lane.await.unwrap();
    }
    let writes = source.server.app.db.writes() - before;
    assert!(writes <= 320 + 64, "{writes}: what arrives together is written together");
    source.work().await;
    let builds = source.builds().await;
    let built: std::collections::BTreeSet<_> =
        builds.iter().map(|build| build["branch"].to_string()).collect();
    assert_eq!((builds.len(), built.len()), (320, 320));
}
