//! What the daemon says about itself, and to whom.

use clap::{ArgAction, Args, ValueEnum};

/// What the daemon says about itself, and to whom.
#[derive(Debug, Clone, Args)]
pub struct TelemetrySettings {
    /// How messages are written: text for people, json for programs.
    #[arg(long, env = "OORED_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,

    /// Whether figures at /metrics may name projects, for everybody who can reach the daemon.
    #[arg(long, env = "OORED_METRICS_PROJECTS", default_value_t = false, action = ArgAction::Set)]
    pub metrics_projects: bool,

    /// The address of a collector of traces that speaks OTLP over gRPC.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
}

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}
