//! Structured logs of the daemon on standard error, filtered by `RUST_LOG`. Never a secret, never
//! the text of a build.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Installs the subscriber; call it once, in a program's `main`.
pub fn install() {
    let filter = EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy()
        .add_directive(quiet("sqlx=warn"))
        .add_directive(quiet("sea_orm_migration=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}

fn quiet(directive: &str) -> tracing_subscriber::filter::Directive {
    directive.parse().unwrap_or_else(|_| tracing::Level::WARN.into())
}
