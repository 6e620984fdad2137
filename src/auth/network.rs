//! Under which addresses the instance is reached, and which web pages may call it. Settings in the
//! database win over flags; a change acts at once, without a restart.

use std::sync::Arc;

use parking_lot::RwLock;
use reqwest::Url;

use crate::config::{Config, bare_url};
use crate::db::entity::network_settings;
use crate::domain::setup::RuntimeMode;
use crate::error::{Error, FieldError, Result, codes};
use crate::words;

words! {
    /// Where the addresses come from.
    NetworkSource {
        Database = "database",
        Environment = "environment",
        Default = "default",
    }
}

/// Why a public URL is worth having.
pub const NO_PUBLIC_URL: &str = "no public URL is set, so links and the way back from an identity provider lead to this \
    machine only; set it under Settings, Access, or with OORE_PUBLIC_URL";

/// The addresses in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub public_url: Option<String>,
    /// Where artifacts are downloaded from, if not from the public URL.
    pub artifact_delivery_url: Option<String>,
    /// Exact origins of pages that may call the API.
    pub allowed_origins: Vec<String>,
    pub source: NetworkSource,
    pub updated_at: Option<i64>,
}

/// Holds the addresses in force for every request; cheap to clone.
#[derive(Debug, Clone)]
pub struct Network {
    current: Arc<RwLock<Arc<Reach>>>,
}

impl Network {
    pub fn new(config: &Config, stored: Option<network_settings::Model>) -> Self {
        Self { current: Arc::new(RwLock::new(Arc::new(Reach::new(config, stored)))) }
    }

    pub fn reach(&self) -> Arc<Reach> {
        self.current.read().clone()
    }

    /// Only `Tx::after_commit` calls it, so that what is in force is what was committed last.
    pub fn replace(&self, reach: Reach) {
        *self.current.write() = Arc::new(reach);
    }
}

impl Reach {
    /// The addresses as they are stored, or else configured.
    pub fn new(config: &Config, stored: Option<network_settings::Model>) -> Self {
        stored.map_or_else(|| Self::of_config(config), Self::from)
    }

    fn of_config(config: &Config) -> Self {
        let Config { public_url, artifact_delivery_url, cors_origins, .. } = config;
        let given = public_url.is_some() || artifact_delivery_url.is_some() || !cors_origins.is_empty();
        Self {
            public_url: public_url.clone(),
            artifact_delivery_url: artifact_delivery_url.clone(),
            allowed_origins: cors_origins.clone(),
            source: if given { NetworkSource::Environment } else { NetworkSource::Default },
            updated_at: None,
        }
    }

    /// Whether a page of this origin may call the API.
    pub fn allows(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|allowed| allowed == origin)
    }

    /// Whether `host` is a name of the instance.
    pub fn names(&self, host: &str) -> bool {
        let urls = [&self.public_url, &self.artifact_delivery_url];
        urls.into_iter().flatten().filter_map(|url| host_of(url)).any(|name| name == host)
    }

    /// What people who are let in from elsewhere would miss.
    pub fn warnings(&self, mode: RuntimeMode) -> Vec<String> {
        let missing = mode == RuntimeMode::Remote && self.public_url.is_none();
        missing.then(|| NO_PUBLIC_URL.to_owned()).into_iter().collect()
    }

    /// The same with another public URL, whose pages may call the API.
    pub fn moved_to(&self, public_url: &str, mode: RuntimeMode, now: i64) -> Result<Self> {
        let public_url = public(public_url.trim())?;
        let mut allowed_origins = self.allowed_origins.clone();
        allowed_origins.extend(origin_of(&public_url).filter(|origin| !self.allows(origin)));
        let artifact_delivery_url = self.artifact_delivery_url.clone();
        checked(Entered { public_url: Some(public_url), artifact_delivery_url, allowed_origins }, mode, now)
    }

    /// What is missing before other machines may be let in with these addresses.
    ///
    /// Errors: 400 `external_access_public_url_missing`, `external_access_https_required`,
    /// `external_access_origin_not_allowed`.
    pub fn check_remote(&self) -> Result<()> {
        let url = self.public_url.as_deref().ok_or_else(|| {
            Error::invalid("external_access_public_url_missing", "external access needs a public URL")
                .hint("Enter the https address that people will use.")
        })?;
        if !url.starts_with("https://") {
            return Err(Error::invalid(
                "external_access_https_required",
                "the public URL must begin with https://",
            )
            .hint("Put a proxy with a certificate in front of the daemon."));
        }
        let origin = origin_of(url);
        if !origin.is_some_and(|origin| self.allows(&origin)) {
            let why = "the origin of the public URL is not among the allowed origins";
            return Err(Error::invalid(codes::EXTERNAL_ACCESS_ORIGIN_NOT_ALLOWED, why)
                .hint("Add it, or the web UI at that address could not sign in."));
        }
        Ok(())
    }
}

impl From<network_settings::Model> for Reach {
    fn from(row: network_settings::Model) -> Self {
        Self {
            public_url: row.public_url,
            artifact_delivery_url: row.artifact_delivery_url,
            allowed_origins: row.allowed_origins.0,
            source: NetworkSource::Database,
            updated_at: Some(row.updated_at),
        }
    }
}

/// Addresses as somebody enters them, before they are checked.
#[derive(Debug, Clone, Default)]
pub struct Entered {
    pub public_url: Option<String>,
    pub artifact_delivery_url: Option<String>,
    pub allowed_origins: Vec<String>,
}

/// Checks what was entered, for the mode the instance is in.
pub fn checked(entered: Entered, mode: RuntimeMode, now: i64) -> Result<Reach> {
    let given =
        |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let public_url = given(entered.public_url).map(|url| public(&url)).transpose()?;
    let artifact_delivery_url = given(entered.artifact_delivery_url)
        .map(|url| delivery_url(&url, public_url.as_deref()))
        .transpose()?;
    let mut allowed_origins = Vec::new();
    for origin in entered.allowed_origins.iter().map(|origin| origin.trim()) {
        // A wildcard would match nothing, but look as if it did.
        let exact = origin_of(origin).filter(|exact| exact == origin && !exact.contains('*'));
        let exact = exact.ok_or_else(|| {
            let why = format!("'{origin}' is not an origin");
            Error::invalid("invalid_input", why)
                .hint("An origin looks like https://ci.example.com, without a path.")
        })?;
        if !allowed_origins.contains(&exact) {
            allowed_origins.push(exact);
        }
    }
    let source = NetworkSource::Database;
    let reach = Reach { public_url, artifact_delivery_url, allowed_origins, source, updated_at: Some(now) };
    if mode == RuntimeMode::Remote {
        reach.check_remote()?;
        if reach.public_url.as_deref().and_then(host_of).is_none_or(|host| is_loopback_name(&host)) {
            let why = "is a loopback address, which other machines cannot reach";
            return Err(Error::invalid_fields("invalid_input", vec![FieldError::new("public_url", why)]));
        }
    }
    Ok(reach)
}

/// It is not repeated in what is said about it: it may hold a password.
fn public(url: &str) -> Result<String> {
    bare_url(url)
        .map_err(|why| Error::invalid_fields("invalid_input", vec![FieldError::new("public_url", why)]))
}

fn delivery_url(text: &str, public_url: Option<&str>) -> Result<String> {
    if public_url.is_none() {
        let why = "a delivery URL is of use only beside a public URL";
        return Err(Error::invalid("artifact_delivery_public_url_required", why));
    }
    let invalid = || {
        Error::invalid(
            "artifact_delivery_url_invalid",
            "the delivery URL must be an origin other machines reach",
        )
    };
    let origin = origin_of(text.trim_end_matches('/')).ok_or_else(invalid)?;
    if origin != text.trim_end_matches('/') || host_of(&origin).is_none_or(|host| is_loopback_name(&host)) {
        return Err(invalid());
    }
    if !origin.starts_with("https://") {
        return Err(Error::invalid(
            "artifact_delivery_https_required",
            "the delivery URL must begin with https://",
        ));
    }
    Ok(origin)
}

/// Scheme, host and port of an http or https URL, as browsers write them.
pub fn origin_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let plain =
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    plain.then(|| url.origin().ascii_serialization())
}

pub fn host_of(url: &str) -> Option<String> {
    Url::parse(url).ok()?.host_str().map(str::to_ascii_lowercase)
}

/// Whether a host as it stands in a URL can only be this machine.
pub fn is_loopback_name(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse();
    host == "localhost" || host.ends_with(".localhost") || ip.is_ok_and(super::peer::is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remote(url: &str, origins: &[&str]) -> Result<Reach> {
        let allowed_origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        let entered =
            Entered { public_url: Some(url.to_owned()), artifact_delivery_url: None, allowed_origins };
        checked(entered, RuntimeMode::Remote, 1)
    }

    #[test]
    fn an_origin_is_exact() {
        for origin in [
            "https://ci.example.com/",
            "ci.example.com",
            "https://ci.example.com/x",
            "https://CI.example.com",
            "https://u@ci.example.com",
            "https://ci.example.com:443",
            "ftp://ci.example.com",
            "*",
            "null",
            "",
        ] {
            let entered = Entered { allowed_origins: vec![origin.to_owned()], ..Entered::default() };
            assert!(checked(entered, RuntimeMode::Local, 1).is_err(), "{origin}");
        }
    }

    #[test]
    fn external_access_needs_https_and_its_own_origin() {
        let code = |result: Result<Reach>| result.map(|_| "ok").unwrap_or_else(|error| error.code);
        assert_eq!(code(remote("https://ci.example.com/", &["https://ci.example.com"])), "ok");
        assert_eq!(
            code(remote("http://ci.example.com", &["http://ci.example.com"])),
            "external_access_https_required"
        );
        assert_eq!(code(remote("https://ci.example.com", &[])), "external_access_origin_not_allowed");
        assert_eq!(code(remote("https://localhost", &["https://localhost"])), "invalid_input");
        assert_eq!(code(remote("", &[])), "external_access_public_url_missing");
    }

    #[test]
    fn a_public_url_is_the_root_of_a_host_and_never_repeated() {
        for url in [
            "https://ci.example.com/ci",
            "https://ci.example.com/?a",
            "https://ci.example.com/#a",
            "https://u:s3cret@ci.example.com",
        ] {
            let refused = remote(url, &["https://ci.example.com"]).unwrap_err();
            assert_eq!(
                (refused.code, refused.fields[0].field.as_str()),
                ("invalid_input", "public_url"),
                "{url}"
            );
            assert!(!format!("{refused:?}").contains("s3cret"));
        }
    }
}
