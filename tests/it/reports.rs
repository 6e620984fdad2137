//! What GitHub is told of builds: over real HTTP, in order, once, and never without end. A model of GitHub checks what it is
//! told and can go wrong in every way.

use std::time::Duration;

use oored::app::App;
use oored::reports;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::connected::Connected;
use crate::support::fault::Fault;
use crate::support::github::WEBHOOK_SECRET;
use crate::support::setting_up::proxy_sign_in;
use crate::support::sources::deliver;
use crate::support::{Repository, Server};

const CHECKS: &str = "/api/v3/repos/acme/shop/check-runs";
const NETWORK: &str = "/v1/settings/external-access/network";
const DAY: u64 = 86_400;

/// GitHub with `acme/shop`, a project of it with the pipeline Main, and a runner worked by hand.
pub struct Shop {
    pub site: Connected,
    pub repository: Repository,
    pub project: Value,
    pub pipeline: Value,
    pub agent: Agent,
}

impl Shop {
    pub async fn open() -> Self {
        let repository = Repository::running(&["true"]);
        let site = Connected::with(&[("acme/shop", &repository)]).await;
        let project = site.project("acme/shop").await;
        let pipeline = site.owner.pipeline(&project, "Main").await;
        let agent = Agent::register(&site.owner, "by hand", 5).await;
        Self { site, repository, project, pipeline, agent }
    }

    pub fn app(&self) -> &App {
        &self.site.server.app
    }

    pub async fn work(&self) {
        reports::work(self.app()).await.unwrap();
    }

    pub async fn build(&self) -> Value {
        self.site.owner.build(&self.pipeline).await
    }

    pub async fn set(&self, change: Value) {
        let path = format!("/v1/projects/{}", self.project["id"].as_str().unwrap());
        self.site.owner.patch(&path, change).await.ok();
    }

    /// Others reach the instance at this address.
    async fn publish(&self) {
        let url = "https://ci.example.com";
        let body = json!({"public_url": url, "allowed_origins": [url]});
        self.site.owner.put(NETWORK, body).await.ok();
    }

    /// The next build runs and ends so.
    pub async fn end(&self, end: Value) -> Value {
        let job = self.agent.begin().await;
        self.finish(&job, end).await;
        job
    }

    async fn finish(&self, job: &Value, mut end: Value) {
        end["log_frames"] = json!(0);
        self.agent.report(job, end).await.ok();
    }

    /// GitHub tells of something.
    pub async fn hear(&self, event: &str, id: &str, payload: Value) -> Value {
        let client = self.site.server.anonymous();
        deliver(&client, WEBHOOK_SECRET, event, id, &payload.to_string()).await.ok();
        oored::builds::deliveries::work(self.app()).await.unwrap();
        self.site.owner.get("/v1/webhook-deliveries?limit=1").await.ok()["deliveries"][0].clone()
    }

    /// A pull request of the branch is opened or goes on; answers its newest build.
    async fn request(&self, number: i64, branch: &str, sha: &str) -> Value {
        let end = |name: &str, sha: &str| json!({"ref": name, "sha": sha, "repo": {"id": 1000, "full_name": "acme/shop"}});
        let payload = json!({
            "action": "synchronize", "repository": {"id": 1000, "full_name": "acme/shop"}, "sender": {"login": "octo"},
            "pull_request": {"number": number, "head": end(branch, sha), "base": end("main", sha)},
        });
        let told = self.hear("pull_request", &format!("{branch}-{sha}"), payload).await;
        assert_eq!(told["outcome"], "built", "{told}");
        self.site.owner.get("/v1/builds?limit=1").await.ok()["builds"][0].clone()
    }

    fn checks(&self) -> Vec<Value> {
        self.site.github.reports().checks.clone()
    }

    fn check(&self) -> Value {
        let checks = self.checks();
        assert_eq!(checks.len(), 1, "{checks:?}");
        checks[0].clone()
    }

    /// What GitHub was told of states, in order.
    fn states(&self) -> Vec<String> {
        let reports = self.site.github.reports();
        let state = |(_, body): &(String, Value)| {
            let state = body["conclusion"].as_str().or(body["status"].as_str()).or(body["state"].as_str());
            state.unwrap_or("comment").to_owned()
        };
        reports.told.iter().map(state).collect()
    }

    fn comments(&self) -> Vec<String> {
        let reports = self.site.github.reports();
        reports.comments.iter().map(|comment| comment["body"].as_str().unwrap().to_owned()).collect()
    }

    /// The only one.
    fn comment(&self) -> String {
        let mut comments = self.comments();
        assert_eq!(comments.len(), 1, "{comments:?}");
        comments.remove(0)
    }

    async fn source(&self) -> Value {
        self.site.owner.get(&format!("/v1/integrations/{}", self.site.id)).await.ok()
    }

    async fn incidents(&self, query: &str) -> Vec<Value> {
        let list = self.site.owner.get(&format!("/v1/operator-incidents{query}")).await.ok();
        list["incidents"].as_array().unwrap().clone()
    }
}

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
    let telling = tokio::spawn(oored::tasks::reports::tell_hosts(shop.site.server.app.clone()));
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
