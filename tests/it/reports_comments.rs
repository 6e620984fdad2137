//! The one comment on a pull request: it goes with the newest commit, touches nobody else's, and shows hostile names as text.

use oored::reports;
use reqwest::Method;
use serde_json::json;

use crate::support::shop::Shop;

#[tokio::test]
async fn one_comment_on_a_pull_request_goes_with_its_newest_commit() {
    let shop = Shop::open().await;
    shop.publish().await;
    shop.repository.git(&["checkout", "--quiet", "-b", "feature"]);
    let first = shop.repository.commit("one", &[("a", "1")]);
    let build = shop.request(7, "feature", &first).await;
    shop.work().await;
    let comment = shop.comment();
    let link = format!("[1](https://ci.example.com/builds/{})", build["id"].as_str().unwrap());
    assert!(comment.contains(&format!("| `Main` | ⏳ waiting |  | {link} |")), "{comment}");
    assert!(comment.contains(&format!("at `{}`", &first[..7])), "{comment}");
    let job = shop.agent.begin().await;
    shop.agent.store(&job, "app.apk", &[0; 12_345]).await;
    shop.finish(&job, json!({"status": "succeeded"})).await;
    shop.work().await;
    let comment = shop.comment();
    assert!(comment.contains("| `Main` | ✅ succeeded | "), "{comment}");
    assert!(comment.contains("- `app.apk` (12.3 kB) of `Main`\n"), "{comment}");
    let second = shop.repository.commit("two", &[("a", "2")]);
    shop.request(7, "feature", &second).await;
    let step = json!({"name": "build-1", "status": "failed", "exit_code": 1, "started_at": 1, "finished_at": 2, "duration_ms": 1});
    shop.end(json!({"status": "failed", "steps": [step]})).await;
    shop.work().await;
    // What is run again of an older commit does not bring that back.
    let rerun = format!("/v1/builds/{}/rerun", build["id"].as_str().unwrap());
    shop.site.owner.post(&rerun, json!({})).await.created();
    shop.work().await;
    let comment = shop.comment();
    assert!(comment.contains(&format!("at `{}`", &second[..7])), "{comment}");
    assert!(comment.contains("| ❌ failed in `build-1` |"), "{comment}");
    assert!(!comment.contains("app.apk"), "{comment}");
}

#[tokio::test]
async fn a_deleted_comment_comes_again_and_nobody_elses_is_touched() {
    let shop = Shop::open().await;
    shop.repository.git(&["checkout", "--quiet", "-b", "feature"]);
    let sha = shop.repository.commit("one", &[("a", "1")]);
    let marker = format!("<!-- oore-ci report {} -->\n", shop.project["id"].as_str().unwrap());
    let theirs = format!("{marker}not yours");
    shop.site.github.reports().comment("acme/shop", "7", "mallory", &theirs);
    shop.request(7, "feature", &sha).await;
    shop.work().await;
    assert_eq!((shop.comments().len(), &shop.comments()[0]), (2, &theirs));
    shop.site.github.reports().comments.pop();
    shop.end(json!({"status": "succeeded"})).await;
    shop.work().await;
    assert_eq!((shop.comments().len(), &shop.comments()[0]), (2, &theirs));
    assert!(shop.comments()[1].contains("succeeded"), "{:?}", shop.comments());
}

#[tokio::test]
async fn a_comment_that_was_written_when_the_daemon_died_is_found_again() {
    let shop = Shop::open().await;
    shop.set(json!({"report_statuses": false})).await;
    shop.repository.git(&["checkout", "--quiet", "-b", "feature"]);
    let sha = shop.repository.commit("one", &[("a", "1")]);
    shop.request(7, "feature", &sha).await;
    let gate = shop.site.github.hold_answers(Method::POST, "/api/v3/repos/acme/shop/issues");
    tokio::select! {
        _ = reports::work(shop.app()) => panic!("it can't have heard the answer"),
        () = gate.arrival() => {}
    }
    gate.open();
    shop.site.github.let_go();
    shop.end(json!({"status": "succeeded"})).await;
    shop.site.server.advance(60);
    shop.work().await;
    let comment = shop.comment();
    assert!(comment.contains("succeeded"), "{comment}");
}

#[tokio::test]
async fn hostile_names_stay_text_in_what_github_shows() {
    let shop = Shop::open().await;
    let hostile = "x` | @octo/team <img src=x> **b** [l](http://evil.example) #1";
    shop.set(json!({"name": hostile})).await;
    let path = format!("/v1/pipelines/{}", shop.pipeline["id"].as_str().unwrap());
    shop.site.owner.patch(&path, json!({"name": format!("{hostile} --> \\")})).await.ok();
    shop.repository.git(&["checkout", "--quiet", "-b", "feature"]);
    let sha = shop.repository.commit("one", &[("a", "1")]);
    shop.request(7, "feature", &sha).await;
    let job = shop.agent.begin().await;
    shop.agent.store(&job, "a`b @all | <script>.apk", b"x").await;
    let step = json!({"name": hostile, "status": "failed", "exit_code": 1, "started_at": 1, "finished_at": 2, "duration_ms": 1});
    shop.finish(
        &job,
        json!({"status": "failed", "steps": [step], "error_message": format!("{hostile}\n\n# heading")}),
    )
    .await;
    shop.work().await;
    let comment = shop.comment();
    let summary = shop.check()["output"]["summary"].as_str().unwrap().to_owned();
    for (shown, what) in [(comment.as_str(), "the comment"), (summary.as_str(), "the summary")] {
        // Whatever is not code is ours.
        let outside: String = shown.split('`').step_by(2).collect();
        assert_eq!(shown.matches('`').count() % 2, 0, "{what}: {shown}");
        for trace in ["@", "<img", "<script", "**b**", "evil", "#1", "# heading"] {
            assert!(!outside.contains(trace), "{what}: {trace} in {shown}");
        }
        assert!(shown.contains("@octo/team"), "{what}: {shown}");
    }
    let rows: Vec<&str> = comment.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() == 3 && rows.iter().all(|row| row.matches('|').count() == 5), "{comment}");
}
