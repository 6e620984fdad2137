//! Traces of builds and requests, as a collector gets them over gRPC.

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::collector::{Collector, attribute};
use crate::support::{Agent, Client, Repository, Server};

async fn traced(collector: &Collector) -> Server {
    Server::start_with(&["--otlp-endpoint", &collector.endpoint]).await
}

async fn failed_build(server: &Server, owner: &Client) -> Value {
    let repository = Repository::running(&["true"]);
    let project = owner.project("Secret Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Nightly").await;
    let build = owner.build(&pipeline).await;
    let runner = Agent::register(owner, "Studio Mac", 5).await;
    server.advance(7);
    let job = runner.begin().await;
    let now = server.app.clock.now();
    let step = |name: &str, status: &str, duration_ms: i64| json!({"name": name, "status": status, "started_at": now, "finished_at": now, "duration_ms": duration_ms});
    server.advance(60);
    let steps = json!([step("checkout", "succeeded", 1500), step("build-1", "failed", 30_000)]);
    runner.report(&job, json!({"status": "failed", "steps": steps})).await.ok();
    build
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name} in {spans:?}"))
}

fn milliseconds(span: &Span) -> u64 {
    (span.end_time_unix_nano - span.start_time_unix_nano) / 1_000_000
}

#[tokio::test]
async fn a_build_is_a_trace_of_its_own_name_with_a_span_for_each_step() {
    let mut collector = Collector::start().await;
    let server = traced(&collector).await;
    let build = failed_build(&server, &server.owner().await).await;
    let id: uuid::Uuid = build["id"].as_str().unwrap().parse().unwrap();
    let of_build = |spans: &[Span]| -> Vec<Span> {
        spans.iter().filter(|span| span.trace_id == id.as_bytes()).cloned().collect()
    };
    let spans = of_build(collector.until(|spans| of_build(spans).len() == 4).await);
    let whole = named(&spans, "build");
    assert_eq!(whole.parent_span_id, Vec::<u8>::new());
    assert_eq!(whole.kind, SpanKind::Internal as i32);
    assert_eq!(whole.status.as_ref().unwrap().code, StatusCode::Error as i32);
    assert_eq!(attribute(whole, "oore.build.id"), build["id"].as_str().unwrap());
    assert_eq!(attribute(whole, "oore.build.number"), "1");
    assert_eq!(attribute(whole, "oore.build.status"), "failed");
    assert!(milliseconds(whole) >= 67_000);
    assert!(milliseconds(named(&spans, "wait")) >= 7000);
    assert_eq!(milliseconds(named(&spans, "checkout")), 1500);
    assert_eq!(milliseconds(named(&spans, "build-1")), 30_000);
    assert_eq!(named(&spans, "checkout").status, None);
    assert_eq!(named(&spans, "build-1").status.as_ref().unwrap().code, StatusCode::Error as i32);
    let mut ids: Vec<&[u8]> = spans.iter().map(|span| span.span_id.as_slice()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each span has an id of its own");
    assert!(spans.iter().all(|span| span.name == "build" || span.parent_span_id == whole.span_id));
    let said = format!("{spans:?}");
    for name in ["Secret", "Nightly", "Studio", "owner@"] {
        assert!(!said.contains(name), "{name}");
    }
    assert!(collector.service.contains(&("service.name".to_owned(), "oored".to_owned())));
}

#[tokio::test]
async fn a_request_belongs_to_the_trace_of_whoever_asks() {
    let mut collector = Collector::start().await;
    let server = traced(&collector).await;
    let owner = server.owner().await;
    let cause = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = owner.request(Method::GET, "/v1/projects/nonsense").header("traceparent", cause);
    let answer = owner.send(request).await;
    answer.error(404, "not_found");
    for watched in ["/healthz", "/readyz", "/metrics", "/no/route"] {
        owner.get(watched).await;
    }
    owner.get("/v1/users/me").await.ok();
    let spans = collector.until(|spans| spans.iter().any(|span| span.name == "GET /v1/users/me")).await;
    let span = named(spans, "GET /v1/projects/{project_id}");
    assert_eq!(span.trace_id[..3], [0x0a, 0xf7, 0x65]);
    assert_eq!(span.parent_span_id[..3], [0xb7, 0xad, 0x6b]);
    assert_eq!(span.kind, SpanKind::Server as i32);
    assert_eq!(attribute(span, "http.route"), "/v1/projects/{project_id}");
    assert_eq!(attribute(span, "http.response.status_code"), "404");
    assert_eq!(attribute(span, "oore.request_id"), answer.header("x-request-id").unwrap());
    assert_eq!(span.status, None, "a refusal is no fault of ours");
    let alone = named(spans, "GET /v1/users/me");
    assert_eq!((alone.trace_id.len(), alone.parent_span_id.len()), (16, 0));
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    for left_out in ["GET /healthz", "GET /readyz", "GET /metrics", "GET __unmatched__"] {
        assert!(!names.contains(&left_out), "{left_out}");
    }
}

#[tokio::test]
async fn a_collector_that_refuses_is_offered_the_same_again_and_keeps_nobody_waiting() {
    let mut collector = Collector::start().await;
    collector.refuse(1);
    let server = traced(&collector).await;
    let owner = server.owner().await;
    owner.get("/v1/users/me").await.ok();
    collector.until(|spans| spans.iter().any(|span| span.name == "GET /v1/users/me")).await;
    assert_eq!(collector.refusals_left(), 0);
    let dropped = owner.get("/metrics").await.text;
    assert!(dropped.lines().any(|line| line == "oore_trace_spans_dropped_total 0"), "{dropped}");
}
