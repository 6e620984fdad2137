//! Figures for monitoring: true, in the format of Prometheus, bounded in number, and naming nobody.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::agent::frame;
use crate::support::payloads::{ZERO, push};
use crate::support::prometheus::Exposition;
use crate::support::sources::Source;
use crate::support::{Agent, Client, Repository, Server};

async fn figures(client: &Client) -> Exposition {
    let answer = client.get("/metrics").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, Some(TEXT)));
    Exposition::read(&answer.text)
}

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[tokio::test]
async fn requests_are_counted_by_route_and_what_somebody_makes_up_makes_no_label() {
    let server = Server::start().await;
    let (owner, anybody) = (server.owner().await, server.anonymous());
    for id in ["a", "b", "c"] {
        owner.get(&format!("/v1/projects/{id}")).await.error(404, "not_found");
        anybody.get(&format!("/made/up/{id}")).await;
    }
    for method in ["BREW", "STIR"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        anybody.send(anybody.request(method, "/v1/projects")).await;
    }
    let found = figures(&anybody).await;
    assert_eq!(found.families["http_requests_total"], "counter");
    assert_eq!(found.families["http_request_duration_seconds"], "histogram");
    let labels = [("method", "GET"), ("path", "/v1/projects/{project_id}"), ("status", "404")];
    assert_eq!(found.value("http_requests_total", &labels), 3.0);
    assert_eq!(found.value("http_request_duration_seconds_count", &labels), 3.0);
    let unmatched = [("method", "GET"), ("path", "__unmatched__"), ("status", "404")];
    assert_eq!(found.value("http_requests_total", &unmatched), 3.0);
    let of = |name: &str| -> BTreeSet<String> {
        found.samples.iter().filter_map(|sample| sample.labels.get(name).cloned()).collect()
    };
    assert!(
        of("method").iter().all(|method| ["GET", "POST", "OTHER"].contains(&method.as_str())),
        "{:?}",
        of("method")
    );
    assert!(of("path").iter().all(|path| path == "__unmatched__" || path.starts_with('/')));
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(found.value("oore_build_info", &version), 1.0);
}

#[tokio::test]
async fn whoever_watches_needs_no_sign_in_and_no_name_and_pages_may_not_read_it() {
    let server = Server::start_with(&["--cors-origins", "https://ui.example.com"]).await;
    let anybody = server.anonymous();
    let with = |path: &str| {
        anybody
            .request(Method::GET, path)
            .header("host", "monitoring.lan")
            .header("origin", "https://ui.example.com")
    };
    let answer = anybody.send(with("/metrics")).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, None));
    let health = anybody.send(with("/healthz")).await;
    assert_eq!(health.header("access-control-allow-origin"), Some("https://ui.example.com"));
    assert_eq!(anybody.send(with("/v1/projects")).await.status.as_u16(), 421);
}

#[tokio::test]
async fn builds_steps_runners_and_what_is_stored_have_figures_without_names() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("Secret Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Nightly Pipeline").await;
    let runner = Agent::register(&owner, "Studio Mac", 5).await;
    owner.build(&pipeline).await;
    owner.build(&pipeline).await;
    server.advance(20);
    runner.beat("online").await.expect(204);
    let waiting = figures(&owner).await;
    assert_eq!(waiting.value("oore_queue_builds", &[]), 2.0);
    assert!(waiting.value("oore_queue_oldest_seconds", &[]) >= 20.0);
    assert_eq!(waiting.value("oore_builds_finished_total", &[("status", "succeeded")]), 0.0);
    assert_eq!(waiting.value("oore_runners", &[("state", "online")]), 1.0);

    let job = runner.begin().await;
    runner.frames(&job, 0, &[frame(0, "line")]).await.ok();
    runner.store(&job, "app.apk", b"0123456789").await;
    server.advance(2);
    let busy = figures(&owner).await;
    assert_eq!(busy.value("oore_runners", &[("state", "busy")]), 1.0);
    assert_eq!(busy.value("oore_runners", &[("state", "online")]), 0.0);
    assert_eq!(busy.value("oore_builds", &[("status", "running")]), 1.0);
    assert_eq!(busy.value("oore_artifact_bytes", &[]), 10.0);
    assert_eq!(busy.value("oore_log_lag_seconds_count", &[]), 1.0);
    for stored in ["oore_log_bytes", "oore_database_bytes", "oore_disk_free_bytes"] {
        server.advance(61);
        assert!(figures(&owner).await.value(stored, &[]) > 0.0, "{stored}");
    }

    let step = |name: &str, status: &str, duration_ms: i64| {
        let now = server.app.clock.now();
        json!({"name": name, "status": status, "exit_code": 0, "started_at": now, "finished_at": now,
            "duration_ms": duration_ms})
    };
    let steps = json!([step("checkout", "succeeded", 1500), step("my secret step", "failed", 61_000)]);
    runner.report(&job, json!({"status": "failed", "steps": steps})).await.ok();
    server.advance(2);
    let ended = figures(&owner).await;
    assert_eq!(ended.value("oore_builds_finished_total", &[("status", "failed")]), 1.0);
    assert!(ended.value("oore_build_wait_seconds_sum", &[]) >= 20.0);
    assert!(ended.value("oore_build_run_seconds_sum", &[("status", "failed")]) >= 180.0);
    let checkout = [("part", "checkout"), ("status", "succeeded")];
    assert_eq!(ended.value("oore_step_seconds_sum", &checkout), 1.5);
    assert_eq!(ended.value("oore_step_seconds_count", &[("part", "step"), ("status", "failed")]), 1.0);
    // A build that is looked at again is not counted again.
    owner.post(&format!("/v1/builds/{}/pin", job["build_id"].as_str().unwrap()), json!({})).await.ok();
    let again = figures(&owner).await;
    assert_eq!(again.value("oore_builds_finished_total", &[("status", "failed")]), 1.0);
    let text = owner.get("/metrics").await.text;
    for name in ["Secret", "Nightly", "Studio", "secret step", "owner@", "app.apk"] {
        assert!(!text.contains(name), "{name}");
    }
}

#[tokio::test]
async fn projects_are_named_only_if_the_operator_says_so() {
    let server = Server::start_with(&["--metrics-projects", "true"]).await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    for name in ["Shop \"one\"\\", "Other"] {
        let project = owner.project(name, &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        owner.build(&pipeline).await;
    }
    let found = figures(&owner).await;
    let of =
        |project: &str| found.value("oore_project_builds", &[("project", project), ("status", "queued")]);
    assert_eq!((of("Shop \"one\"\\"), of("Other")), (1.0, 1.0));
}

#[tokio::test]
async fn deliveries_of_webhooks_are_counted_by_what_came_of_them() {
    let source = Source::start().await;
    let anybody = source.server.anonymous();
    let payload = push("refs/heads/main", ZERO, &source.head());
    source.deliver("push", "d1", &payload).await.ok();
    source.server.advance(30);
    let waiting = figures(&anybody).await;
    assert_eq!(waiting.value("oore_webhooks_waiting", &[]), 1.0);
    assert!(waiting.value("oore_webhooks_oldest_seconds", &[]) >= 30.0);
    source.work().await;
    source.deliver("push", "d1", &payload).await.ok();
    source.server.advance(2);
    let done = figures(&anybody).await;
    assert_eq!(done.value("oore_webhooks_waiting", &[]), 0.0);
    for (outcome, times) in [("built", 1.0), ("duplicate", 1.0), ("failed", 0.0)] {
        assert_eq!(done.value("oore_webhook_deliveries_total", &[("outcome", outcome)]), times, "{outcome}");
    }
}

/// The names of figures in an expression.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words
        .filter(|word| word.starts_with("oore_") || word.starts_with("http_") || word.starts_with("process_"))
}

#[tokio::test]
async fn the_dashboard_and_the_rules_ask_for_figures_that_there_are() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let runner = Agent::register(&owner, "r", 5).await;
    owner.build(&pipeline).await;
    let job = runner.begin().await;
    let step = json!({"name": "build-1", "status": "succeeded", "started_at": 1, "finished_at": 2, "duration_ms": 5});
    runner.report(&job, json!({"status": "succeeded", "steps": [step]})).await.ok();
    let found = figures(&owner).await;
    let known: BTreeSet<&str> = found.samples.iter().map(|sample| sample.name.as_str()).collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/observability");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let dashboard: Value = serde_json::from_str(&read("dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let shown: Vec<String> = targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
    let rules: Value = serde_saphyr::from_str(&read("alerts.yml")).unwrap();
    let rules = rules["groups"][0]["rules"].as_array().unwrap().clone();
    for rule in &rules {
        assert!(
            rule["annotations"]["summary"].is_string() && rule["annotations"]["description"].is_string(),
            "{rule}"
        );
    }
    let told: Vec<String> = rules.iter().map(|rule| rule["expr"].as_str().unwrap().to_owned()).collect();
    assert!(shown.len() >= 10 && told.len() >= 6);
    let mut used = BTreeSet::new();
    for expression in shown.iter().chain(&told) {
        let mut count = 0;
        for name in names(expression) {
            assert!(known.contains(name), "{name} in {expression}");
            used.insert(name);
            count += 1;
        }
        assert!(count > 0 || expression.contains("up{"), "{expression}");
    }
    assert!(used.len() >= 12, "{used:?}");
}
