//! The health of credentials: how they are found, what that makes of incidents, of the source and of its builds.

use oored::sources::gitlab::check;
use serde_json::{Value, json};

use crate::support::fault::Fault;
use crate::support::with_gitlab::{ANA, SCOPES, Site};
use crate::support::{Agent, Repository, Stream};

const DAY: u64 = 86_400;

fn seen(incident: &Value) -> (&str, &str, &str, i64) {
    let text = |key: &str| incident[key].as_str().unwrap();
    (text("status"), text("reason"), text("severity"), incident["occurrence_count"].as_i64().unwrap())
}

#[tokio::test]
async fn a_token_near_its_end_is_an_incident_that_grows_with_time() {
    let mut site = Site::with_token(Some(60), &[]).await;
    let checked = site.check().await;
    assert_eq!(checked["status"], "valid");
    let end = checked["expires_at"].as_i64().unwrap();
    assert_eq!(end % DAY as i64, 0, "a day in UTC");
    assert!(site.incidents("?status=all").await.is_empty());
    site.days_later(35).await;
    assert_eq!(site.check().await["status"], "expiring");
    let detail = site.owner.get(&site.path("")).await.ok();
    assert_eq!(
        (&detail["credential"]["status"], &detail["credential"]["expires_at"]),
        (&json!("expiring"), &json!(end))
    );
    let first = site.incidents("").await;
    assert_eq!(seen(&first[0]), ("open", "expiring", "info", 1));
    let id = first[0]["id"].as_str().unwrap();
    let read = site.owner.post(&format!("/v1/operator-incidents/{id}/read"), json!({})).await.ok();
    assert!(read["read_at"].is_i64());
    site.days_later(1).await;
    site.check().await;
    let again = site.incidents("").await;
    assert_eq!((seen(&again[0]), &again[0]["read_at"]), (("open", "expiring", "info", 2), &read["read_at"]));
    site.days_later(18).await;
    site.check().await;
    let worse = site.incidents("").await;
    assert_eq!(seen(&worse[0]), ("open", "expiring", "warning", 3));
    assert!(worse[0].get("read_at").is_none(), "it is news again");
    assert_eq!(worse[0]["first_occurrence_at"], first[0]["first_occurrence_at"]);
    assert_eq!(site.integration().await["status"], "active");
    site.days_later(10).await;
    assert_eq!(site.check().await["status"], "expired");
    let over = site.incidents("").await;
    assert_eq!((over.len(), seen(&over[0])), (1, ("open", "expired", "critical", 4)));
    assert_eq!(over[0]["id"], first[0]["id"], "a source has one open incident");
    assert_eq!(
        (&over[0]["resource_kind"], &over[0]["resource_id"]),
        (&json!("integration"), &json!(site.id))
    );
    assert_eq!(over[0]["repair_url"], format!("/settings/integrations/{}", site.id));
    assert!(over[0]["resource_name"].as_str().unwrap().contains("user7"), "{over:?}");
    let status = site.integration().await;
    assert_eq!(status["status"], "error");
    site.replace(&site.gitlab.token(ANA, &SCOPES, Some(100))).await.ok();
    assert!(site.incidents("").await.is_empty());
    let resolved = site.incidents("?status=resolved").await;
    assert_eq!(seen(&resolved[0]), ("resolved", "expired", "critical", 4));
    assert!(resolved[0]["resolved_at"].is_i64());
    assert_eq!(site.integration().await["status"], "active");
}

#[tokio::test]
async fn what_gitlab_answers_decides_how_a_token_is_found() {
    let site = Site::with_token(Some(90), &[]).await;
    for fault in [Fault::status(500), Fault::status(429), Fault::html(200), Fault::Endless] {
        site.gitlab.break_down("/api/v4", fault.clone());
        assert_eq!(site.check().await["status"], "unknown", "{fault:?}");
        site.gitlab.recover();
    }
    assert!(site.incidents("").await.is_empty(), "nobody knows, so nothing is said");
    site.gitlab.break_down("/api/v4", Fault::status(403));
    assert_eq!(site.check().await["status"], "rejected");
    site.gitlab.recover();
    assert_eq!(seen(&site.incidents("").await[0]), ("open", "rejected", "critical", 1));
    assert_eq!(site.check().await["status"], "valid");
    assert!(site.incidents("").await.is_empty());
    site.gitlab.revoke(&site.token);
    assert_eq!(site.check().await["status"], "rejected");
    assert_eq!(seen(&site.incidents("").await[0]), ("open", "rejected", "critical", 1));
    assert_eq!(site.incidents("?status=all").await.len(), 2);
}

#[tokio::test]
async fn read_marks_are_each_persons_own_and_lists_can_be_narrowed() {
    let site = Site::with_token(Some(3), &[]).await;
    let path = "/v1/operator-incidents";
    let incident = site.incidents("").await[0].clone();
    let id = incident["id"].as_str().unwrap();
    assert!(incident.get("read_at").is_none() && incident.get("resolved_at").is_none(), "{incident}");
    site.owner.post("/v1/users/invite", json!({"email": "bo@example.com", "role": "admin"})).await.created();
    let other = crate::support::setting_up::proxy_sign_in(&site.server, "bo@example.com").await;
    site.owner.post(&format!("{path}/{id}/read"), json!({})).await.ok();
    site.owner.post(&format!("{path}/{id}/read"), json!({})).await.ok();
    assert!(site.incidents("").await[0]["read_at"].is_i64());
    assert!(other.get(path).await.ok()["incidents"][0].get("read_at").is_none());
    let narrowed = async |query: &str| site.incidents(query).await.len();
    assert_eq!(narrowed(&format!("?resource_id={}", site.id)).await, 1);
    assert_eq!(narrowed("?resource_id=00000000-0000-7000-8000-000000000000").await, 0);
    assert_eq!(narrowed("?resource_id=x").await, 0);
    assert_eq!((narrowed("?status=resolved").await, narrowed("?status=all").await), (0, 1));
    site.owner.get(&format!("{path}?status=closed")).await.error(400, "invalid_status");
    site.owner.post(&format!("{path}/x/read"), json!({})).await.error(404, "not_found");
    site.owner.delete(&site.path("")).await.ok();
    assert_eq!(narrowed("?status=all").await, 0, "what is gone needs no repair");
}

#[tokio::test]
async fn all_credentials_are_looked_at_and_each_again_after_a_day() {
    let mut site = Site::with_token(Some(90), &[]).await;
    let app = site.server.app.clone();
    let app = &*app;
    let looks = |site: &Site| site.gitlab.asked("/api/v4/personal_access_tokens/self");
    let before = looks(&site);
    check::due(app).await.unwrap();
    assert_eq!(looks(&site), before, "it was looked at when it was connected");
    check::all(app).await.unwrap();
    assert_eq!(looks(&site), before + 1);
    site.server.advance(DAY - 60);
    check::due(app).await.unwrap();
    assert_eq!(looks(&site), before + 1);
    site.server.advance(60);
    site.gitlab.break_down("/api/v4", Fault::status(500));
    check::due(app).await.unwrap();
    check::due(app).await.unwrap();
    assert_eq!(looks(&site), before + 2);
    site.gitlab.recover();
    site.gitlab.revoke(&site.token);
    site.days_later(1).await;
    let mut stream = Stream::open(&site.owner, None).await;
    check::due(app).await.unwrap();
    while stream.next().await.unwrap().name != "sources" {}
    assert_eq!(site.incidents("").await[0]["reason"], "rejected");
}

#[tokio::test]
async fn who_reads_sources_may_check_them_and_not_change_them() {
    let site = Site::with_token(Some(90), &[]).await;
    site.owner
        .post("/v1/users/invite", json!({"email": "dev@example.com", "role": "developer"}))
        .await
        .created();
    let developer = crate::support::setting_up::proxy_sign_in(&site.server, "dev@example.com").await;
    developer.get("/v1/operator-incidents").await.error(403, "permission_denied");
    assert_eq!(developer.post(&site.path("/gitlab-token/check"), json!({})).await.ok()["status"], "valid");
    developer
        .put(&site.path("/gitlab-token"), json!({"access_token": "x"}))
        .await
        .error(403, "permission_denied");
}

#[tokio::test]
async fn builds_of_a_source_that_breaks_fail_with_the_reason_and_new_ones_wait_for_nothing() {
    let repository = Repository::running(&["true"]);
    let site = Site::with_token(Some(90), &[("group/app", &repository)]).await;
    let pipeline = site.pipeline("group/app").await;
    let build = site.owner.build(&pipeline).await;
    // While it is claimed it works on; what waits does not.
    let agent = Agent::register(&site.owner, "mac", 4).await;
    let job = agent.begin().await;
    let waiting = site.owner.build(&pipeline).await;
    let late = site.owner.build(&pipeline).await;
    site.gitlab.revoke(&site.token);
    assert_eq!(site.check().await["status"], "rejected");
    let now = async |build: &Value| {
        let path = format!("/v1/builds/{}", build["id"].as_str().unwrap());
        site.owner.get(&path).await.ok()["build"].clone()
    };
    for failed in [&waiting, &late] {
        let failed = now(failed).await;
        assert_eq!(
            (&failed["status"], &failed["failure_reason"]),
            (&json!("failed"), &json!("not_runnable"))
        );
        assert!(failed["error_message"].as_str().unwrap().contains("Replace it"), "{failed}");
    }
    assert_eq!(now(&build).await["status"], "running");
    agent.report(&job, json!({"status": "succeeded", "exit_code": 0})).await.ok();
    // A build that was queued beside the check is rejected when it is claimed.
    site.replace(&site.gitlab.token(ANA, &SCOPES, None)).await.ok();
    let queued = site.owner.build(&pipeline).await;
    let integration = site.id.parse().unwrap();
    let app = &site.server.app;
    let status = oored::domain::source::IntegrationStatus::Error;
    let broken = app.db.write(async |tx| {
        oored::db::integrations::set_status(tx, integration, status, Some("it broke."), 1).await
    });
    broken.await.unwrap();
    assert!(agent.try_claim(0).await.ok().get("job").is_none());
    let failed = now(&queued).await;
    assert_eq!(
        (&failed["status"], &failed["error_message"]),
        (&json!("failed"), &json!("Its code can't be fetched: it broke."))
    );
}
