//! What GitHub is told of builds when something is in the way: it is away, limits, refuses or does not know, or the daemon
//! dies in between.

use std::time::Duration;

use oored::reports;
use oored::tasks::outbox::{Reports, tell_all};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::fault::Fault;
use crate::support::setting_up::proxy_sign_in;
use crate::support::shop::{CHECKS, DAY, Shop};

#[tokio::test]
async fn what_happens_while_github_is_away_is_told_once_and_as_it_is_then() {
    let shop = Shop::open().await;
    let first = shop.build().await;
    for fault in [Fault::status(500), Fault::html(502), Fault::Endless, Fault::html(200)] {
        shop.site.github.break_down(CHECKS, fault);
        shop.work().await;
        shop.site.server.advance(600);
    }
    shop.end(json!({"status": "succeeded"})).await;
    shop.work().await;
    let second = shop.build().await;
    shop.work().await;
    assert!(shop.checks().is_empty());
    assert_eq!(shop.source().await["reports_waiting"], 2);
    shop.site.github.recover();
    shop.work().await;
    assert!(shop.checks().is_empty(), "it is not tried again at once");
    shop.site.server.advance(3600);
    shop.work().await;
    let ids: Vec<Value> = shop.checks().iter().map(|check| check["external_id"].clone()).collect();
    assert_eq!(
        ids,
        [first["id"].clone(), second["id"].clone()],
        "of a commit, what came first is told first"
    );
    assert_eq!(shop.states(), ["success", "queued"]);
    let source = shop.source().await;
    assert_eq!((&source["reports_waiting"], &source["reports_failed"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn a_check_that_was_made_when_the_daemon_died_is_not_made_again() {
    let mut shop = Shop::open().await;
    let gate = shop.site.github.hold_answers(Method::POST, CHECKS);
    shop.build().await;
    tokio::select! {
        _ = reports::work(shop.app()) => panic!("it can't have heard the answer"),
        () = gate.arrival() => {}
    }
    gate.open();
    assert_eq!(shop.checks().len(), 1);
    shop.site.github.let_go();
    shop.site.server = shop.site.server.restart().await;
    shop.site.owner.base = shop.site.server.base.clone();
    shop.agent.client.base = shop.site.server.base.clone();
    shop.end(json!({"status": "succeeded"})).await;
    reports::resume(shop.app()).await.unwrap();
    shop.work().await;
    assert_eq!((shop.check()["conclusion"].as_str(), shop.states().len()), (Some("success"), 2));
}

#[tokio::test]
async fn github_is_given_the_patience_it_asks_for() {
    let shop = Shop::open().await;
    let now = shop.app().clock.now();
    let retry_after = Fault::Answers(429, vec![("retry-after", "900".to_owned())], "{}".to_owned());
    for (fault, seconds) in [(Fault::rate_limited(now + 900), 900), (retry_after, 900)] {
        shop.site.github.break_down(CHECKS, fault);
        shop.build().await;
        shop.build().await;
        shop.site.github.forget_calls();
        shop.work().await;
        let asked = shop.site.github.calls().iter().filter(|call| call.path == CHECKS).count();
        assert_eq!(asked, 1, "the second one is not tried");
        shop.site.github.recover();
        shop.site.server.advance(seconds - 60);
        shop.site.github.forget_calls();
        shop.work().await;
        assert!(shop.site.github.calls().iter().all(|call| call.path != CHECKS), "it is too early");
        shop.site.server.advance(61);
        shop.work().await;
    }
    assert_eq!(shop.checks().len(), 4);
}

#[tokio::test]
async fn an_app_that_may_write_no_checks_writes_statuses_and_checks_once_it_may() {
    let shop = Shop::open().await;
    shop.site.github.reports().forbidden = vec!["checks".to_owned()];
    shop.build().await;
    shop.work().await;
    shop.end(json!({"status": "failed"})).await;
    shop.work().await;
    assert!(shop.checks().is_empty());
    assert_eq!(shop.states(), ["pending", "failure"]);
    let status = shop.site.github.reports().statuses[1].clone();
    assert_eq!(status["context"], "Oore / Main");
    assert!(shop.incidents("").await.is_empty(), "GitHub shows how builds go");
    shop.site.github.reports().forbidden.clear();
    shop.site.sync().await.ok();
    shop.build().await;
    shop.work().await;
    assert_eq!(shop.check()["status"], "queued");
}

#[tokio::test]
async fn an_app_that_may_write_nothing_is_an_incident_and_no_storm() {
    let shop = Shop::open().await;
    shop.site.github.reports().forbidden = vec!["checks".to_owned(), "statuses".to_owned()];
    shop.build().await;
    shop.work().await;
    let open = shop.incidents("").await;
    assert_eq!((open.len(), &open[0]["reason"]), (1, &json!("reports_refused")));
    assert!(open[0]["repair_action"].as_str().unwrap().contains("Let the app write checks"), "{open:?}");
    assert_eq!(shop.site.integration().await["status"], "active", "builds go on");
    shop.end(json!({"status": "succeeded"})).await;
    shop.build().await;
    shop.site.github.forget_calls();
    shop.site.server.advance(3600);
    shop.work().await;
    assert!(shop.site.github.calls().is_empty(), "{:?}", shop.site.github.calls());
    // It is read anew, and nothing has changed.
    shop.site.sync().await.ok();
    shop.work().await;
    let again = shop.incidents("?status=all").await;
    assert_eq!((again.len(), &again[0]["occurrence_count"]), (1, &json!(2)));
    shop.site.github.reports().forbidden.clear();
    shop.site.sync().await.ok();
    shop.site.server.advance(60);
    shop.work().await;
    assert_eq!(shop.check()["status"], "queued", "what was owed is told");
    assert!(shop.incidents("").await.is_empty());
}

#[tokio::test]
async fn what_can_not_be_told_for_a_day_is_given_up_with_an_incident() {
    let shop = Shop::open().await;
    shop.site.github.break_down(CHECKS, Fault::status(500));
    shop.build().await;
    shop.work().await;
    reports::give_up(shop.app()).await.unwrap();
    assert_eq!(shop.source().await["reports_waiting"], 1);
    shop.site.server.advance(DAY + 60);
    reports::give_up(shop.app()).await.unwrap();
    let owner = proxy_sign_in(&shop.site.server, "ana@example.com").await;
    let source = owner.get(&format!("/v1/integrations/{}", shop.site.id)).await.ok();
    assert_eq!((&source["reports_waiting"], &source["reports_failed"]), (&json!(0), &json!(1)));
    let open = owner.get("/v1/operator-incidents").await.ok();
    assert_eq!(open["incidents"][0]["reason"], "reports_undelivered");
    shop.site.github.recover();
    shop.work().await;
    assert!(shop.checks().is_empty());
    owner.build(&shop.pipeline).await;
    shop.work().await;
    assert_eq!(shop.checks().len(), 1);
    assert_eq!(owner.get("/v1/operator-incidents").await.ok()["incidents"], json!([]));
}

#[tokio::test]
async fn what_github_does_not_know_is_soon_given_up() {
    let shop = Shop::open().await;
    shop.site.github.break_down(CHECKS, Fault::status(404));
    shop.build().await;
    for _ in 0..6 {
        shop.work().await;
        shop.site.server.advance(3600);
    }
    let source = shop.source().await;
    assert_eq!((&source["reports_waiting"], &source["reports_failed"]), (&json!(0), &json!(1)));
    assert!(shop.incidents("").await.is_empty());
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_replaced() {
    let shop = Shop::open().await;
    shop.build().await;
    shop.work().await;
    shop.site.github.uninstall("acme");
    shop.site.github.account("acme");
    shop.end(json!({"status": "succeeded"})).await;
    shop.work().await;
    assert_eq!(shop.check()["status"], "queued");
    shop.site.server.advance(60);
    shop.work().await;
    assert_eq!(shop.check()["conclusion"], "success");
}

#[tokio::test]
async fn a_disconnected_source_is_owed_nothing() {
    let shop = Shop::open().await;
    shop.build().await;
    shop.site.owner.delete(&format!("/v1/integrations/{}", shop.site.id)).await.ok();
    shop.work().await;
    assert!(shop.site.github.reports().told.is_empty());
    assert!(reports::hosts(shop.app()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_host_that_does_not_answer_holds_up_no_other() {
    let shop = Shop::open().await;
    let gate = shop.site.github.hold_answers(Method::POST, CHECKS);
    shop.site.server.advance(5);
    let other = crate::support::github::GitHub::start().await;
    other.follow(&shop.app().clock);
    let installation = other.account("zeta");
    other.host("zeta/lib", &shop.repository, true);
    let id =
        crate::support::connected::connect(&shop.site.server, &shop.site.owner, &other, installation).await;
    assert_ne!(id, shop.site.id);
    let lib = shop.site.project("zeta/lib").await;
    let pipeline = shop.site.owner.pipeline(&lib, "Lib").await;
    let telling = tokio::spawn(tell_all::<Reports>(shop.site.server.app.clone()));
    shop.build().await;
    gate.arrival().await;
    let heard = other.hold_answers(Method::POST, "/api/v3/repos/zeta/lib/check-runs");
    shop.site.owner.build(&pipeline).await;
    tokio::time::timeout(Duration::from_secs(20), heard.arrival()).await.unwrap();
    heard.open();
    gate.open();
    shop.site.server.app.stopping.cancel();
    tokio::time::timeout(Duration::from_secs(20), telling).await.unwrap().unwrap();
}
