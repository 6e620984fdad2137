//! What GitHub is told of builds: over real HTTP, in order, once, and never without end. A model of GitHub checks what it is
//! told and can go wrong in every way.

use oored::reports;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Server;
use crate::support::shop::{CHECKS, DAY, Shop};

#[tokio::test]
async fn a_check_goes_with_its_build_from_the_queue_to_its_end() {
    let shop = Shop::open().await;
    shop.publish().await;
    let build = shop.build().await;
    shop.work().await;
    let page = format!("https://ci.example.com/builds/{}", build["id"].as_str().unwrap());
    let check = shop.check();
    assert_eq!((&check["name"], &check["status"]), (&json!("Oore / Main"), &json!("queued")));
    assert_eq!((&check["external_id"], &check["details_url"]), (&build["id"], &json!(page)));
    assert_eq!(check["head_sha"], build["commit_sha"]);
    let job = shop.agent.begin().await;
    shop.work().await;
    assert_eq!(shop.check()["status"], "in_progress");
    shop.finish(&job, json!({"status": "succeeded"})).await;
    shop.work().await;
    let check = shop.check();
    assert_eq!((&check["status"], &check["conclusion"]), (&json!("completed"), &json!("success")));
    assert!(check["output"]["title"].as_str().unwrap().starts_with("Succeeded in "), "{check}");
    assert!(check["completed_at"].as_str().unwrap().ends_with('Z'), "{check}");
    assert_eq!(shop.states(), ["queued", "in_progress", "success"]);
    shop.work().await;
    assert_eq!(shop.states().len(), 3, "what was told is not told again");
}

#[tokio::test]
async fn every_end_of_a_build_has_its_conclusion() {
    let shop = Shop::open().await;
    let step = json!({"name": "build-1", "status": "failed", "exit_code": 3, "started_at": 1, "finished_at": 2, "duration_ms": 900});
    for (end, conclusion, title) in [
        (json!({"status": "failed", "exit_code": 3, "steps": [step]}), "failure", "Failed in step build-1"),
        (json!({"status": "failed", "failure_reason": "disk_full"}), "failure", "Failed: the disk is full"),
        (json!({"status": "timed_out"}), "timed_out", "Timed out"),
    ] {
        shop.build().await;
        shop.end(end).await;
        shop.work().await;
        let check = shop.checks().pop().unwrap();
        assert_eq!((&check["conclusion"], &check["output"]["title"]), (&json!(conclusion), &json!(title)));
    }
    let failed = shop.checks()[0].clone();
    let summary = failed["output"]["summary"].as_str().unwrap();
    assert!(summary.contains("Step `build-1` failed with exit code 3."), "{summary}");
    let build = shop.build().await;
    shop.site
        .owner
        .post(&format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap()), json!({}))
        .await
        .ok();
    shop.build().await;
    shop.site.server.advance(30 * DAY);
    oored::builds::queue::expire(shop.app()).await.unwrap();
    shop.work().await;
    let ends: Vec<Value> = shop.checks().iter().skip(3).map(|check| check["conclusion"].clone()).collect();
    assert_eq!(ends, ["cancelled", "timed_out"]);
}

#[tokio::test]
async fn remarks_are_told_in_parts_and_after_a_crash_from_where_they_were() {
    let shop = Shop::open().await;
    shop.build().await;
    let job = shop.agent.begin().await;
    let finding = |n: u32| json!({"severity": "warning", "file": format!("lib/{n}.dart"), "line": n, "column": 1, "message": format!("m{n}"), "code": "c"});
    let outside = json!({"severity": "error", "file": "/home/ana/x.dart", "line": 1, "column": 1, "message": "m", "code": "c"});
    let findings: Vec<Value> = (1..=120).map(finding).chain([outside]).collect();
    let case = json!({"name": "cart <b>adds</b>\n@octo", "file": "test/cart_test.dart", "line": 8, "outcome": "failed",
        "duration_ms": 1, "failure": {"message": "Expected: 3\n  Actual: 2"}});
    let report = json!({
        "tests": {"counts": {"passed": 4, "failed": 1, "errors": 0, "skipped": 0}, "duration_ms": 1, "cases": [case]},
        "analysis": {"counts": {"errors": 1, "warnings": 120, "infos": 0}, "findings": findings},
    });
    let client = &shop.agent.client;
    client.send(shop.agent.about(Method::PUT, &job, "/tests").json(&report)).await.expect(204);
    shop.finish(&job, json!({"status": "failed"})).await;
    let gate = shop.site.github.hold_answers(Method::PATCH, CHECKS);
    tokio::select! {
        _ = reports::work(shop.app()) => panic!("it can't have heard the answer"),
        () = gate.arrival() => {}
    }
    gate.open();
    assert_eq!(shop.check()["annotations"].as_array().unwrap().len(), 100);
    shop.site.github.let_go();
    shop.site.server.advance(60);
    shop.work().await;
    let check = shop.check();
    let annotations = check["annotations"].as_array().unwrap();
    assert_eq!(annotations.len(), 121);
    assert_eq!(
        annotations[0],
        json!({"path": "test/cart_test.dart", "start_line": 8, "end_line": 8, "annotation_level": "failure",
            "title": "cart <b>adds</b> @octo", "message": "Expected: 3\n  Actual: 2"})
    );
    let places: std::collections::HashSet<&str> =
        annotations.iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(places.len(), 121, "none is there twice");
    let summary = check["output"]["summary"].as_str().unwrap();
    assert!(summary.contains("Tests: 4 passed, 1 failed, 0 skipped."), "{summary}");
    assert!(summary.contains("- `cart <b>adds</b> @octo`"), "{summary}");
    assert!(summary.contains("Analysis: 1 errors, 120 warnings, 0 notes."), "{summary}");
}

#[tokio::test]
async fn a_renamed_repository_is_told_under_its_new_name() {
    let shop = Shop::open().await;
    shop.site.github.rename("acme/shop", "acme/store");
    shop.build().await;
    shop.work().await;
    assert_eq!(shop.check()["repository"], "acme/store");
}

#[tokio::test]
async fn a_project_says_what_is_told_and_a_local_one_tells_nothing() {
    let shop = Shop::open().await;
    assert_eq!(
        (&shop.project["report_statuses"], &shop.project["report_comment"]),
        (&json!(true), &json!(true))
    );
    shop.build().await;
    shop.set(json!({"report_statuses": false, "report_comment": false})).await;
    shop.work().await;
    shop.site.owner.build(&shop.pipeline).await;
    shop.repository.git(&["checkout", "--quiet", "-b", "feature"]);
    let sha = shop.repository.commit("work", &[("a", "1")]);
    shop.request(7, "feature", &sha).await;
    shop.work().await;
    assert!(shop.site.github.reports().told.is_empty());
    assert_eq!(shop.source().await["reports_waiting"], 0);
    let server = Server::start().await;
    let owner = server.owner().await;
    let project = owner.project("local", &shop.repository).await;
    owner.build(&owner.pipeline(&project, "Main").await).await;
    let sql =
        sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, "SELECT COUNT(*) AS n FROM reports");
    let row = sea_orm::ConnectionTrait::query_one_raw(server.app.db.read(), sql).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0);
}
