//! Builds are measured as they end, and spans of traces go to the collector that the operator named.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::builds::measures;
use crate::events::{Change, Heard};
use crate::telemetry::otlp::Collector;
use crate::telemetry::traces::Span;

/// How long spans are gathered before they are sent.
const GATHER: Duration = Duration::from_secs(1);
/// After a collector did not take spans, and how often they are offered.
const PAUSE: Duration = Duration::from_secs(5);
const OFFERS: u32 = 3;

/// Measures builds as they end.
pub async fn measure_builds(app: Arc<App>) {
    let mut feed = app.events.feed(None);
    loop {
        tokio::select! {
            heard = feed.next(&app.events) => match heard {
                Heard::Change(_, Change::Build { status, .. }) if status.is_terminal() => {}
                Heard::Change(..) => continue,
                Heard::Resync(_) => {}
            },
            () = app.stopping.cancelled() => return,
        }
        if let Err(error) = measures::look(&app).await {
            tracing::error!(task = "measures", "{error}");
        }
    }
}

/// Sends spans to the collector, if there is one. What is left when the daemon stops is offered once.
pub async fn export_traces(app: Arc<App>) {
    let Some(endpoint) = &app.config.otlp_endpoint else { return };
    let collector = match Collector::new(endpoint) {
        Ok(collector) => collector,
        Err(error) => return tracing::error!(task = "traces", "the collector can't be used: {error}"),
    };
    while !app.stopping.is_cancelled() {
        tokio::select! {
            () = app.traces.recorded() => {}
            () = app.stopping.cancelled() => break,
        }
        let _gathered = app.stopping.run_until_cancelled(tokio::time::sleep(GATHER)).await;
        hand_over(&app, &collector).await;
    }
    hand_over(&app, &collector).await;
}

async fn hand_over(app: &App, collector: &Collector) {
    loop {
        let spans = app.traces.take();
        if spans.is_empty() {
            return;
        }
        if let Err(why) = offered(app, collector, &spans).await {
            app.metrics.spans_dropped.inc_by(spans.len() as u64);
            tracing::warn!(spans = spans.len(), "the collector of traces did not take spans: {why}");
        }
    }
}

async fn offered(app: &App, collector: &Collector, spans: &[Span]) -> Result<(), String> {
    let mut refused = Ok(());
    for _ in 0..OFFERS {
        refused = collector.export(spans).await;
        if refused.is_ok() || app.stopping.is_cancelled() {
            break;
        }
        let _paused = app.stopping.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
    }
    refused
}
