//! The TLS of the process: ring, for every client. Must not hold anything else.

/// Makes ring the provider of whatever speaks TLS from here on. To do it again changes nothing.
pub fn install() {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
}
