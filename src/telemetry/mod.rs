//! What the daemon says about itself: messages on standard error, figures for monitoring, traces. Never a secret, never the
//! text of a build, and no name of a project, branch or person where strangers may read.

pub mod metrics;
pub mod otlp;
pub mod recent;
pub mod traces;

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::LogFormat;

/// Installs the subscriber, filtered by `RUST_LOG`; call it once, in a program's `main`. What is said is also kept for a
/// while, for support.
pub fn install(format: LogFormat) {
    let filter = EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy()
        .add_directive(quiet("sqlx=warn"))
        .add_directive(quiet("sea_orm_migration=warn"));
    let (json, text) = match format {
        LogFormat::Json => (Some(layer().json().flatten_event(true).with_writer(std::io::stderr)), None),
        LogFormat::Text => {
            let colours = std::io::stderr().is_terminal();
            (None, Some(layer().with_ansi(colours).with_writer(std::io::stderr)))
        }
    };
    let kept = layer().json().flatten_event(true).with_writer(recent::Writer);
    tracing_subscriber::registry().with(filter).with(json).with(text).with(kept).init();
}

fn layer<S: Subscriber + for<'a> LookupSpan<'a>>() -> fmt::Layer<S> {
    fmt::layer().with_target(false)
}

fn quiet(directive: &str) -> tracing_subscriber::filter::Directive {
    directive.parse().unwrap_or_else(|_| tracing::Level::WARN.into())
}
