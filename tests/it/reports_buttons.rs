//! The buttons that GitHub shows at checks: they run builds again, of their own repository only.

use serde_json::{Value, json};

use crate::support::Repository;
use crate::support::shop::Shop;

#[tokio::test]
async fn the_button_of_a_check_runs_its_build_again() {
    let shop = Shop::open().await;
    let build = shop.build().await;
    let payload = |id: &Value, n: i64| {
        json!({"action": "rerequested", "check_run": {"id": n, "external_id": id, "head_sha": build["commit_sha"]},
            "repository": {"id": 1000, "full_name": "acme/shop"}, "sender": {"login": "octo"}})
    };
    let early = shop.hear("check_run", "d1", payload(&build["id"], 1)).await;
    assert_eq!(early["verdicts"][0]["outcome"], "already_built", "{early}");
    shop.end(json!({"status": "failed"})).await;
    let told = shop.hear("check_run", "d2", payload(&build["id"], 2)).await;
    assert_eq!(told["verdicts"][0]["reason"], "built #1 again as #2", "{told}");
    assert_eq!(told["outcome"], "built");
    let again = shop.site.owner.get("/v1/builds?limit=1").await.ok()["builds"][0].clone();
    assert_eq!((&again["source_build_id"], &again["trigger_actor"]), (&build["id"], &json!("octo")));
    assert_eq!(again["commit_sha"], build["commit_sha"]);
    for (id, delivery) in [(json!("none"), "d3"), (json!("0190a0a0-0000-7000-8000-000000000000"), "d4")] {
        let told = shop.hear("check_run", delivery, payload(&id, 3)).await;
        assert_eq!(
            (&told["outcome"], &told["reason"]),
            (&json!("ignored"), &json!("there is no build of it in this repository"))
        );
    }
    let mut created = payload(&build["id"], 4);
    created["action"] = json!("created");
    let told = shop.hear("check_run", "d5", created).await;
    assert_eq!(told["reason"], "a check that is created starts no builds");
    assert_eq!(shop.site.owner.get("/v1/builds").await.ok()["total"], 2);
}

#[tokio::test]
async fn a_button_reaches_no_build_of_another_repository() {
    let shop = Shop::open().await;
    let other = Repository::running(&["true"]);
    shop.site.github.host("acme/other", &other, true);
    shop.site.sync().await.ok();
    let build = shop.build().await;
    shop.end(json!({"status": "failed"})).await;
    let payload = json!({"action": "rerequested", "check_run": {"id": 1, "external_id": build["id"]},
        "repository": {"id": 1001, "full_name": "acme/other"}, "sender": {"login": "octo"}});
    let told = shop.hear("check_run", "d1", payload).await;
    assert_eq!(told["outcome"], "ignored", "{told}");
    assert_eq!(shop.site.owner.get("/v1/builds").await.ok()["total"], 1);
}

#[tokio::test]
async fn the_button_of_all_checks_runs_the_newest_of_each_pipeline_again() {
    let shop = Shop::open().await;
    let other = shop.site.owner.pipeline(&shop.project, "Other").await;
    shop.build().await;
    shop.end(json!({"status": "failed"})).await;
    let newest = shop.build().await;
    shop.end(json!({"status": "succeeded"})).await;
    shop.site.owner.build(&other).await;
    shop.end(json!({"status": "failed"})).await;
    let payload = json!({"action": "rerequested", "check_suite": {"id": 1, "head_sha": newest["commit_sha"], "head_branch": "main"},
        "repository": {"id": 1000, "full_name": "acme/shop"}, "sender": {"login": "octo"}});
    let told = shop.hear("check_suite", "d1", payload.clone()).await;
    let mut reasons: Vec<&str> =
        told["verdicts"].as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["built #2 again as #4", "built #3 again as #5"]);
    // Worked off once more, it makes no more of them.
    let replay = format!("/v1/webhook-deliveries/{}/replay", told["id"].as_str().unwrap());
    shop.site.owner.post(&replay, json!({})).await.ok();
    oored::builds::deliveries::work(shop.app()).await.unwrap();
    assert_eq!(shop.site.owner.get("/v1/builds").await.ok()["total"], 5);
}
