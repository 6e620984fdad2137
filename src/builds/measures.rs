//! How long builds and their steps took, for figures and traces: read from the database once a build has ended, so that what
//! is told is what happened.

use tokio::sync::Mutex;

use crate::app::App;
use crate::db;
use crate::db::entity::builds;
use crate::domain::build::BuildStatus;
use crate::domain::id::BuildEventId;
use crate::domain::step::{PARTS, StepResult, StepStatus};
use crate::error::Result;
use crate::telemetry::traces::{Span, SpanId, SpanKind, Value, nanoseconds};

const BATCH: u64 = 100;
/// What steps that files name are called in figures.
const OF_FILE: &str = "step";

/// The last end of a build that was measured.
#[derive(Debug)]
pub struct Measured(Mutex<Option<BuildEventId>>);

impl Measured {
    /// What ended before is not measured: an earlier daemon has told it.
    pub fn since(last: Option<BuildEventId>) -> Self {
        Self(Mutex::new(last))
    }
}

/// Measures the builds that have ended since it was last done.
pub async fn look(app: &App) -> Result<()> {
    let mut last = app.measured.0.lock().await;
    loop {
        let ended = db::builds::ended::after(app.db.read(), *last, BATCH).await?;
        let Some((newest, _)) = ended.last() else { return Ok(()) };
        let newest = *newest;
        for (_, id) in ended {
            if let Some(build) = db::builds::find(app.db.read(), id).await? {
                measure(app, &build);
            }
        }
        *last = Some(newest);
    }
}

fn measure(app: &App, build: &builds::Model) {
    let figures = &app.metrics;
    let status = [build.status.as_str()];
    figures.builds_finished.with_label_values(&status).inc();
    if let (Some(started), Some(finished)) = (build.started_at_ms, build.finished_at_ms) {
        figures.build_wait_seconds.observe(seconds(started - build.queued_at_ms));
        figures.build_run_seconds.with_label_values(&status).observe(seconds(finished - started));
    }
    for step in steps(build) {
        let part = PARTS.into_iter().find(|part| *part == step.name).unwrap_or(OF_FILE);
        let labels = [part, step.status.as_str()];
        figures.step_seconds.with_label_values(&labels).observe(seconds(step.duration_ms));
    }
    if app.traces.is_on() {
        figures.spans_dropped.inc_by(app.traces.record(spans(build)));
    }
}

fn steps(build: &builds::Model) -> &[StepResult] {
    build.step_results.as_ref().map_or(&[], |steps| steps.0.as_slice())
}

/// Clocks of machines differ: nothing takes less than no time.
fn seconds(ms: i64) -> f64 {
    ms.max(0) as f64 / 1000.0
}

/// The trace of a build is named as the build is. In it one span for the whole, one for its wait, one for each step.
fn spans(build: &builds::Model) -> Vec<Span> {
    let trace = build.id.into_bytes();
    let began = build.queued_at_ms;
    let ended = build.finished_at_ms.unwrap_or(began);
    let whole = Span {
        trace,
        id: span_id(trace, 0),
        parent: None,
        name: "build".to_owned(),
        kind: SpanKind::Internal,
        began_ns: nanoseconds(began),
        ended_ns: nanoseconds(ended.max(began)),
        failure: failure(build),
        attributes: vec![
            ("oore.build.id", build.id.to_string().into()),
            ("oore.build.number", build.build_number.into()),
            ("oore.build.status", build.status.to_string().into()),
            ("oore.build.attempt", i64::from(build.attempt).into()),
            ("oore.build.trigger", build.trigger_type.to_string().into()),
            ("oore.project.id", build.project_id.to_string().into()),
            ("oore.pipeline.id", build.pipeline_id.to_string().into()),
        ],
    };
    let inside =
        |number: usize, name: &str, from: i64, to: i64, failure, attributes: Vec<(&'static str, Value)>| {
            Span {
                id: span_id(trace, number),
                parent: Some(whole.id),
                name: name.to_owned(),
                began_ns: nanoseconds(from),
                ended_ns: nanoseconds(to.max(from)),
                failure,
                attributes,
                ..whole.clone()
            }
        };
    let mut spans: Vec<Span> = (2..)
        .zip(steps(build))
        .map(|(number, step)| {
            let from = step.started_at.saturating_mul(1000);
            let failed = step.status == StepStatus::Failed;
            let attributes = vec![("oore.step.status", step.status.to_string().into())];
            let failure = failed.then(|| format!("the step {} failed", step.name));
            inside(number, &step.name, from, from.saturating_add(step.duration_ms), failure, attributes)
        })
        .collect();
    let waited = build.started_at_ms.unwrap_or(ended);
    spans.push(inside(1, "wait", began, waited, None, Vec::new()));
    spans.push(whole);
    spans
}

fn failure(build: &builds::Model) -> Option<String> {
    match build.status {
        BuildStatus::Failed | BuildStatus::TimedOut | BuildStatus::Expired => {
            Some(build.failure_reason.map_or(build.status.to_string(), |reason| reason.to_string()))
        }
        BuildStatus::Queued
        | BuildStatus::Scheduled
        | BuildStatus::Assigned
        | BuildStatus::Running
        | BuildStatus::Succeeded
        | BuildStatus::Canceled => None,
    }
}

/// The random half of a build's id, and a number.
fn span_id(trace: [u8; 16], number: usize) -> SpanId {
    let [.., a, b, c, d, e, f, g, h] = trace;
    (u64::from_be_bytes([a, b, c, d, e, f, g, h]).wrapping_add(number as u64)).max(1).to_be_bytes()
}
