//! The figures of one instance, in the text format of Prometheus. Labels are words of closed sets and patterns of routes, so
//! that their number is bounded and they name nobody. It only holds figures: who knows one sets it.

use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
    TextEncoder,
};

use crate::domain::build::BuildStatus;
use crate::domain::delivery::Outcome;

/// What a request took.
const REQUEST_SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// What builds and their steps take.
const BUILD_SECONDS: &[f64] =
    &[1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0];
/// What lines of logs take from a step to the daemon's disk.
const LAG_SECONDS: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0];

/// All figures.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    /// Builds that ended, by how.
    pub builds_finished: IntCounterVec,
    pub build_wait_seconds: Histogram,
    /// By how they ended.
    pub build_run_seconds: HistogramVec,
    /// By part and by how they ended; steps that a file names are one part.
    pub step_seconds: HistogramVec,
    pub log_lag_seconds: Histogram,
    /// Deliveries that were worked off, by what came of them.
    pub webhooks: IntCounterVec,
    /// Spans that nobody took in time.
    pub spans_dropped: IntCounter,
    /// What is at the moment, set when somebody asks.
    pub now: Now,
}

/// Figures of the moment.
#[derive(Debug)]
pub struct Now {
    pub queue_builds: Gauge,
    pub queue_oldest_seconds: Gauge,
    /// By status.
    pub builds: GaugeVec,
    /// By project and status; empty unless the owner wants it.
    pub project_builds: GaugeVec,
    /// By state.
    pub runners: GaugeVec,
    pub webhooks_waiting: Gauge,
    pub webhooks_oldest_seconds: Gauge,
    pub artifacts: Gauge,
    pub artifact_bytes: Gauge,
    pub log_bytes: Gauge,
    pub database_bytes: Gauge,
    pub disk_free_bytes: Gauge,
}

impl Metrics {
    /// `started_at` is in Unix seconds.
    pub fn new(started_at: i64) -> Result<Self, prometheus::Error> {
        let kept = Kept(Registry::new());
        let info = kept.gauges("oore_build_info", "The running version; always 1.", &["version"])?;
        info.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1.0);
        kept.gauge("process_start_time_seconds", "When the daemon started, in Unix seconds.")?
            .set(started_at as f64);
        let of_route = &["method", "path", "status"];
        let metrics = Self {
            requests: kept.counters("http_requests_total", "Requests, by route.", of_route)?,
            request_seconds: kept.histograms(
                "http_request_duration_seconds",
                "Seconds until an answer began, by route.",
                REQUEST_SECONDS,
                of_route,
            )?,
            builds_finished: kept.counters(
                "oore_builds_finished_total",
                "Builds that ended, by how.",
                &["status"],
            )?,
            build_wait_seconds: kept.histogram(
                "oore_build_wait_seconds",
                "Seconds that builds waited before they ran.",
                BUILD_SECONDS,
            )?,
            build_run_seconds: kept.histograms(
                "oore_build_run_seconds",
                "Seconds that builds ran, by how they ended.",
                BUILD_SECONDS,
                &["status"],
            )?,
            step_seconds: kept.histograms(
                "oore_step_seconds",
                "Seconds that steps took, by part and by how they ended; all steps of files are one part.",
                BUILD_SECONDS,
                &["part", "status"],
            )?,
            log_lag_seconds: kept.histogram(
                "oore_log_lag_seconds",
                "Seconds from a line of a step to the daemon's disk, by the clocks of both machines.",
                LAG_SECONDS,
            )?,
            webhooks: kept.counters(
                "oore_webhook_deliveries_total",
                "Deliveries of webhooks that were worked off, by what came of them.",
                &["outcome"],
            )?,
            spans_dropped: kept.counter(
                "oore_trace_spans_dropped_total",
                "Spans of traces that no collector took in time.",
            )?,
            now: Now::new(&kept)?,
            registry: kept.0,
        };
        metrics.begin_at_zero();
        Ok(metrics)
    }

    /// What has not happened yet is 0, and not absent: rules can tell the first time from none.
    fn begin_at_zero(&self) {
        for status in BuildStatus::ALL {
            self.now.builds.with_label_values(&[status.as_str()]).set(0.0);
            if status.is_terminal() {
                self.builds_finished.with_label_values(&[status.as_str()]);
                self.build_run_seconds.with_label_values(&[status.as_str()]);
            }
        }
        for outcome in Outcome::ALL {
            self.webhooks.with_label_values(&[outcome.as_str()]);
        }
    }

    /// Counts a request. `path` is the pattern of its route.
    pub fn request(&self, method: &str, path: &str, status: u16, took: Duration) {
        let status = status.to_string();
        let labels = [method, path, status.as_str()];
        self.requests.with_label_values(&labels).inc();
        self.request_seconds.with_label_values(&labels).observe(took.as_secs_f64());
    }

    /// Everything as text.
    pub fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

impl Now {
    fn new(kept: &Kept) -> Result<Self, prometheus::Error> {
        Ok(Self {
            queue_builds: kept.gauge("oore_queue_builds", "Builds that wait for a runner.")?,
            queue_oldest_seconds: kept
                .gauge("oore_queue_oldest_seconds", "How long the oldest waiting build has waited.")?,
            builds: kept.gauges("oore_builds", "Builds there are, by status.", &["status"])?,
            project_builds: kept.gauges(
                "oore_project_builds",
                "Builds there are, by project and status.",
                &["project", "status"],
            )?,
            runners: kept.gauges(
                "oore_runners",
                "Runners, by what they can do at the moment.",
                &["state"],
            )?,
            webhooks_waiting: kept.gauge("oore_webhooks_waiting", "Deliveries that are to be worked off.")?,
            webhooks_oldest_seconds: kept
                .gauge("oore_webhooks_oldest_seconds", "How long the oldest of them has waited.")?,
            artifacts: kept.gauge("oore_artifacts", "Artifacts that can be downloaded.")?,
            artifact_bytes: kept
                .gauge("oore_artifact_bytes", "Bytes of artifacts that can be downloaded.")?,
            log_bytes: kept.gauge("oore_log_bytes", "Bytes of logs on the disk.")?,
            database_bytes: kept.gauge("oore_database_bytes", "Bytes of the database on the disk.")?,
            disk_free_bytes: kept
                .gauge("oore_disk_free_bytes", "Free bytes on the disk of the data folder.")?,
        })
    }
}

/// Makes figures that the registry knows.
struct Kept(Registry);

impl Kept {
    fn known<T: Collector + Clone + 'static>(&self, figure: T) -> Result<T, prometheus::Error> {
        self.0.register(Box::new(figure.clone()))?;
        Ok(figure)
    }

    fn gauge(&self, name: &str, help: &str) -> Result<Gauge, prometheus::Error> {
        self.known(Gauge::new(name, help)?)
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> Result<GaugeVec, prometheus::Error> {
        self.known(GaugeVec::new(Opts::new(name, help), labels)?)
    }

    fn counter(&self, name: &str, help: &str) -> Result<IntCounter, prometheus::Error> {
        self.known(IntCounter::new(name, help)?)
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
        self.known(IntCounterVec::new(Opts::new(name, help), labels)?)
    }

    fn histogram(&self, name: &str, help: &str, buckets: &[f64]) -> Result<Histogram, prometheus::Error> {
        self.known(Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?)
    }

    fn histograms(
        &self,
        name: &str,
        help: &str,
        buckets: &[f64],
        labels: &[&str],
    ) -> Result<HistogramVec, prometheus::Error> {
        self.known(HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels)?)
    }
}
